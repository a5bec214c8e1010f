"""The inside of a dialog, over and over, as its fragment runs in a browser: AppTest reruns whole pages only."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.ui.page_home import NAME, Opened, _prepared

SCRIPT = """
from datetime import date
import streamlit as st
from journey_app.settings import Settings
from journey_app.analysis.customer import find_customers
from journey_app.ui import audit_sheet, choosing_places, cleaning, forgetting, grading, imports, naming, workspaces
from journey_app.plain import from_plain
from journey_app.vocabulary import ImportReport
from journey_app.workspace.home import open_workspace

space = open_workspace({name!r}, Settings.from_environment())
{call}
"""


def open_dialog(monkeypatch, folder: Path, call: str, *, change=None) -> Opened:
    """A copy of the sample with these lines run on it; `space` is its workspace."""
    home = _prepared(monkeypatch, folder, False, change)
    app = AppTest.from_string(SCRIPT.format(name=NAME, call=call), default_timeout=120).run()
    assert not app.exception, [each.value for each in app.exception]
    return Opened(app, home)
