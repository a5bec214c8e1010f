"""The Findings page rests on the whole audit, rows that imports left out included."""

from __future__ import annotations

import pytest

from journey_app.ui import audit_sheet
from tests.ui.page_home import open_page

pytestmark = pytest.mark.xdist_group("pages")


def test_rows_left_out_for_want_of_a_time_are_red_data_here_too(monkeypatch, tmp_path):
    monkeypatch.setattr(audit_sheet, "untimed", lambda space: {"segment.tracks": 900_001})
    said = open_page(monkeypatch, tmp_path, "findings").words()
    assert "900,001" in said
    assert "Fix the data first." in said
