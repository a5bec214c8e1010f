"""The Funnel page: spend and traffic stand beside it, where reports were imported."""

from __future__ import annotations

import pytest

from journey_app.workspace.importing import undo
from tests.ui.page_home import NOW, open_page

pytestmark = pytest.mark.xdist_group("pages")


def without_reports(space):
    for document in space.batches():
        if document.body["report"]["kept"]:
            undo(space, document.doc_id, author="test", now=NOW)


def test_spend_and_traffic_stand_beside_the_funnel_with_their_caution(monkeypatch, tmp_path):
    opened = open_page(monkeypatch, tmp_path, "funnel")
    said = opened.words()
    assert "Beside it: spend and traffic" in said and "does not show that the spend brought them" in said
    assert "customers who entered by paid search, " in said and "EUR" in said
    picture = next(each for each in opened.app.get("vega_lite_chart") if "PER WEEK" in str(each.proto))
    assert "CUSTOMERS BY WEEK OF ENTRY" in str(picture.proto)


def test_without_reports_the_page_is_as_it_was(monkeypatch, tmp_path):
    said = open_page(monkeypatch, tmp_path, "funnel", change=without_reports).words()
    assert "Beside it" not in said
