"""The Workspaces page: there before any workspace is, and the only place where one ends."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from journey_app import sample as company
from journey_app.settings import Settings
from journey_app.ui import sample
from journey_app.workspace.home import list_workspaces, open_workspace
from tests.ui.dialogs import open_dialog
from tests.ui.page_home import NOW, open_page

pytestmark = pytest.mark.xdist_group("pages")
MAIN = Path(__file__).parents[1] / "journey_app" / "main.py"


@pytest.fixture
def home(monkeypatch, tmp_path) -> Path:
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path))
    monkeypatch.setenv("JOURNEY_WORKSPACE", "default")
    monkeypatch.setenv("JOURNEY_READ_ONLY", "")
    monkeypatch.setenv("JOURNEY_BEHIND_SIGN_IN", "1")
    st.cache_data.clear()
    st.cache_resource.clear()
    return tmp_path


def welcome() -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=120).run()
    app.switch_page(str(MAIN.parents[1] / "pages" / "welcome.py")).run()
    assert not app.exception, [each.value for each in app.exception]
    return app


def said(app: AppTest) -> str:
    shown = [*app.markdown, *app.warning, *app.get("html")]
    return " ".join(
        str(getattr(each, "value", None) or getattr(each, "body", "") or each.proto) for each in shown
    )


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception, [each.value for each in app.exception]


def make(app: AppTest, title: str, zone: str = "Europe/Berlin") -> None:
    app.text_input(key="welcome.name").set_value(title)
    app.selectbox(key="welcome.zone").set_value(zone)
    press(app, "Make this workspace")


def test_any_page_of_an_empty_home_leads_here(home):
    app = AppTest.from_file(str(MAIN), default_timeout=120).run()
    assert not app.exception
    assert "none yet" in said(app) and "Open the made-up company" in [button.label for button in app.button]


def test_a_new_workspace_keeps_its_title_clock_and_currency_and_opens_on_import(home):
    app = welcome()
    make(app, "Acme Tools")
    space = open_workspace("acme-tools", Settings(home=home))
    assert (space.title, space.timezone, space.about["currency"]) == ("Acme Tools", "Europe/Berlin", "EUR")
    assert "Drop the exports you already have." in said(app)


@pytest.mark.parametrize(("title", "sentence"), [("  ", "cannot be the name"), ("ACME tools!", "already")])
def test_a_name_that_will_not_do_is_two_sentences(home, title, sentence):
    open_workspace("acme-tools", Settings(home=home), create=True, now=NOW)
    app = welcome()
    make(app, title)
    assert sentence in said(app)
    assert list_workspaces(Settings(home=home)) == ["acme-tools"]


def test_deleting_needs_the_name_typed(monkeypatch, tmp_path):
    lines = (
        'items = st.session_state.setdefault("items", workspaces.listed())\n'
        "workspaces.delete_dialog(items[0])"
    )
    opened = open_dialog(monkeypatch, tmp_path, lines)
    settings = Settings(home=opened.home)
    assert opened.button("Delete for good").disabled
    opened.app.text_input(key="welcome.typed").set_value("acne").run()
    assert opened.button("Delete for good").disabled and "That is not its name yet" in opened.words()
    assert list_workspaces(settings) == ["acme"]
    opened.app.text_input(key="welcome.typed").set_value("acme").run()
    assert not opened.button("Delete for good").disabled
    opened.button("Delete for good").click().run()
    assert list_workspaces(settings) == []


def test_a_click_on_delete_only_asks(home):
    for name in ("keep", "lose"):
        open_workspace(name, Settings(home=home), create=True, now=NOW)
    app = welcome()
    app.button(key="welcome.delete.lose").click().run()
    assert not app.exception and list_workspaces(Settings(home=home)) == ["keep", "lose"]


def test_one_damaged_workspace_says_so_and_hides_no_other(home):
    for name in ("fine", "broken"):
        open_workspace(name, Settings(home=home), create=True, now=NOW)
    (home / "broken" / "state.sqlite").write_bytes(b"this is no database at all" * 40)
    app = welcome()
    assert app.button(key="welcome.open.broken").disabled and not app.button(key="welcome.open.fine").disabled
    assert len(app.warning) >= 1


def test_the_list_says_how_much_each_holds(monkeypatch, tmp_path):
    words = open_page(monkeypatch, tmp_path, "welcome").words()
    assert "Northwind Projects" in words and "last import" in words


def test_the_made_up_company_is_made_imported_and_opened(home, monkeypatch):
    small = company.load_sample
    monkeypatch.setattr(sample, "load_sample", lambda *a, **k: small(*a, **{**k, "customers": 2000}))
    app = welcome()
    press(app, "Open the made-up company")
    assert list_workspaces(Settings(home=home)) == ["northwind"]
    assert app.session_state["workspace"] == "northwind"


def test_stopped_half_way_nothing_of_the_made_up_company_stays(home, monkeypatch):
    def stopped(*_told):
        assert list_workspaces(Settings(home=home)) == ["northwind"]
        raise KeyboardInterrupt

    small = company.load_sample
    monkeypatch.setattr(sample, "load_sample", lambda *a, **k: small(*a, **{**k, "customers": 2000}))
    monkeypatch.setattr(company, "_set_up", stopped)
    monkeypatch.setattr(sample, "settings", lambda: Settings(home=home))
    with pytest.raises(KeyboardInterrupt):
        sample.make()
    assert list_workspaces(Settings(home=home)) == []


def test_readers_see_the_list_and_neither_make_nor_delete(monkeypatch, tmp_path):
    opened = open_page(monkeypatch, tmp_path, "welcome", read_only=True)
    labels = [button.label for button in opened.app.button]
    assert "Delete" not in labels and "Make this workspace" not in labels
    assert any(label.startswith("Open") for label in labels)
