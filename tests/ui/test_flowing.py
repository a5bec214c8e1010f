"""Adding a source in its dialog, and being told that there are new events."""

from __future__ import annotations

from datetime import timedelta

import pytest

from journey_app.workspace.sources import sources
from tests.ui.dialogs import open_dialog

pytestmark = pytest.mark.xdist_group("pages")
DIALOG = "from journey_app.ui import flowing; flowing.source_dialog.__wrapped__(space, None)"


@pytest.fixture
def quiet(monkeypatch):
    """No fetching: that has its own tests."""
    monkeypatch.setenv("JOURNEY_SOURCES", "folder,https,database")
    begun = []
    monkeypatch.setattr(
        "journey_app.workspace.sources.refresh_in_background",
        lambda _space, names, **_how: begun.append(list(names)),
    )
    return begun


def test_a_source_is_saved_and_fetched_at_once(quiet, monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, DIALOG)
    opened.app.text_input(key="flow.name").set_value("shop-orders")
    opened.app.text_input(key="flow.where.https").set_value("https://example.com/orders.csv?token=secret")
    opened.app.selectbox(key="flow.every").set_value("6 hours")
    opened.app.selectbox(key="flow.dates").set_value("dmy").run()
    opened.click("Save and fetch")
    (saved,) = sources(opened.space)
    assert (saved.name, saved.kind, saved.every) == ("shop-orders", "https", timedelta(hours=6))
    assert saved.answers.dates == "dmy" and saved.answers.timezone is None
    assert quiet == [["shop-orders"]]


def test_what_can_never_be_fetched_is_said_in_the_dialog(quiet, monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, DIALOG)
    opened.app.text_input(key="flow.name").set_value("x")
    opened.app.text_input(key="flow.where.https").set_value("http://example.com/").run()
    opened.click("Save and fetch")
    assert "begin with https" in opened.words() and sources(opened.space) == [] and quiet == []


@pytest.mark.parametrize(("seen", "told"), [("'an older version'", True), ("space.version", False)])
def test_new_events_are_offered_when_the_page_is_older_than_the_data(monkeypatch, tmp_path, seen, told):
    call = f"from journey_app.ui import flowing; flowing._news(space, {seen})"
    opened = open_dialog(monkeypatch, tmp_path, call)
    assert ("New events: show them" in [each.label for each in opened.app.button]) is told
