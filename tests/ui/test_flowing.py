"""Adding a source in its dialog, and being told that there are new events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from journey_app.vocabulary import Answers
from journey_app.workspace.sources import Source, save_source, source_named, sources
from tests.ui.dialogs import open_dialog

NOW = datetime(2026, 11, 24, tzinfo=UTC)
pytestmark = pytest.mark.xdist_group("pages")
DIALOG = (
    "from journey_app.ui import source_form; source_form.source_dialog.__wrapped__(space, {held}, {seen})"
)
NEW = DIALOG.format(held=None, seen=0)
EDIT = DIALOG.format(held="source_form.sources.source_named(space, 'shop')", seen=1)
SAVED = Source(
    "shop",
    "https",
    "https://example.com/orders.csv",
    every=timedelta(minutes=45),
    answers=Answers(read_as=("shopify.orders",), delimiter=";", decimal=",", drop_duplicates=True),
)


@pytest.fixture
def quiet(monkeypatch):
    """No fetching: that has its own tests."""
    monkeypatch.setenv("JOURNEY_SOURCES", "folder,https,database")
    begun = []
    monkeypatch.setattr(
        "journey_app.workspace.refreshing.refresh_in_background",
        lambda _space, names, **_how: begun.append(list(names)),
    )
    return begun


def test_a_source_is_saved_and_fetched_at_once(quiet, monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, NEW)
    opened.app.text_input(key="flow.name").set_value(" Shop  orders ")
    opened.app.text_input(key="flow.where.https").set_value("https://example.com/orders.csv?token=secret")
    opened.app.selectbox(key="flow.every").set_value("6 hours")
    opened.app.selectbox(key="flow.dates").set_value("dmy").run()
    opened.click("Save and fetch")
    (saved,) = sources(opened.space)
    assert (saved.name, saved.kind, saved.every) == ("Shop orders", "https", timedelta(hours=6))
    assert saved.answers.dates == "dmy" and saved.answers.timezone is None
    assert quiet == [["Shop orders"]]


def test_a_name_that_differs_in_capitals_only_is_taken(quiet, monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, NEW, change=_with_source)
    opened.app.text_input(key="flow.name").set_value(" SHOP ")
    opened.app.text_input(key="flow.where.https").set_value("https://example.com/other.csv").run()
    opened.click("Save and fetch")
    assert "There is a source called “shop” already" in opened.words() and quiet == []
    assert source_named(opened.space, "shop").where == SAVED.where


def test_what_can_never_be_fetched_is_said_in_the_dialog(quiet, monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, NEW)
    opened.app.text_input(key="flow.name").set_value("x")
    opened.app.text_input(key="flow.where.https").set_value("http://example.com/").run()
    opened.click("Save and fetch")
    assert "begin with https" in opened.words() and sources(opened.space) == [] and quiet == []


def _with_source(home):
    """What the copy of the sample begins with: one saved source, with answers the form has no field for."""
    save_source(home, SAVED, author="ana", now=NOW)


def test_an_edit_keeps_what_the_form_has_no_field_for(quiet, monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, EDIT, change=_with_source)
    opened.app.selectbox(key="flow.dates").set_value("dmy").run()
    opened.click("Save and fetch")
    assert source_named(opened.space, "shop") == replace(SAVED, answers=replace(SAVED.answers, dates="dmy"))


def test_two_who_edit_a_source_see_both_versions(quiet, monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, EDIT, change=_with_source)
    save_source(opened.space, replace(SAVED, where="https://example.com/new.csv"), author="bo", now=NOW)
    opened.app.selectbox(key="flow.dates").set_value("dmy").run()
    opened.click("Save and fetch")
    assert source_named(opened.space, "shop").where == "https://example.com/new.csv" and quiet == []
    assert "Take theirs" in [each.label for each in opened.app.button]


@pytest.mark.parametrize(("seen", "told"), [("'an older version'", True), ("space.version", False)])
def test_new_events_are_offered_when_the_page_is_older_than_the_data(monkeypatch, tmp_path, seen, told):
    call = f"from journey_app.ui import flowing; flowing._news(space, {seen})"
    opened = open_dialog(monkeypatch, tmp_path, call)
    assert ("New events: show them" in [each.label for each in opened.app.button]) is told
