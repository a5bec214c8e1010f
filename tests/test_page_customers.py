"""The Customers page: whose ids these are and why, cutting two of them, and matchings side by side."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from journey_app.ui import identity_words as words
from journey_app.vocabulary import Cut
from journey_app.workspace import identities as deeds
from tests.ui.dialogs import open_dialog
from tests.ui.page_home import NOW, ROOT, Opened, _prepared

pytestmark = pytest.mark.xdist_group("pages")
LATER = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def page(monkeypatch, tmp_path):
    def opened(view, change=None, read_only=False):
        home = _prepared(monkeypatch, tmp_path, read_only, change)
        app = AppTest.from_file(str(ROOT / "journey_app" / "main.py"), default_timeout=120)
        app.session_state["customers.view"] = view
        app.run().switch_page(str(ROOT / "pages" / "customers.py")).run()
        assert not app.exception, [each.value for each in app.exception]
        return Opened(app, home)

    return opened


def somebody(space):
    """An address and the user id that one row names it with."""
    links = space.events().links
    both = links.filter(links.left.startswith("email:") & links.right.startswith("user_id:"))
    row = space.events().run(both.order_by("left").limit(1)).to_pylist()[0]
    return deeds.cut_of(row["left"], row["right"])


def choose_first(opened):
    opened.app.session_state["customers.people.0"] = {"selection": {"rows": [0], "columns": []}}
    opened.app.run()
    assert not opened.app.exception, [each.value for each in opened.app.exception]


def tables(opened):
    """The column names of every table on the page."""
    return [list(table.value.columns) for table in opened.app.dataframe]


def test_a_chosen_customer_shows_ids_reasons_and_events(page):
    opened = page("People")
    choose_first(opened)
    said = opened.words()
    assert "Why they are one customer" in said and "What they did" in said
    assert any("Why they are one" in columns and "First row" in columns for columns in tables(opened))
    assert any("First seen (UTC)" in columns for columns in tables(opened))


def test_matchings_stand_side_by_side_and_one_is_adopted_and_left_again(page):
    opened = page("Matching")
    assert "goal reads" in opened.words()
    assert any("Normal (in force)" in columns for columns in tables(opened))
    opened.click("Use strict matching")
    assert deeds.matching(opened.space).value == "strict"
    assert any("Strict (in force)" in columns for columns in tables(opened))
    opened.click("Use normal matching")
    assert deeds.matching(opened.space).value == "normal"


CUTTING = """
from journey_app.ui import identity_card
from journey_app.workspace import identities as deeds
from tests.test_page_customers import somebody
identity_card.cut_dialog(space, st.session_state.setdefault("cut", somebody(space)))
"""


def test_a_cut_says_first_what_it_changes_and_then_holds(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, CUTTING)
    assert deeds.cuts(opened.space) == []
    assert "becomes 2 customers" in opened.words() or "becomes one" in opened.words()
    assert "can be taken back at any time" in opened.words()
    opened.click("Keep them apart")
    assert [held.value for held in deeds.cuts(opened.space)] == [opened.app.session_state["cut"]]


def test_a_cut_can_be_taken_back_where_it_is_listed(page):
    def cut(space):
        deeds.cut_apart(space, somebody(space), author="Lena", now=LATER)

    opened = page("Matching", change=cut)
    assert "Kept apart by a person" in opened.words() and "Lena" in opened.words()
    opened.click("Take back")
    assert deeds.cuts(opened.space) == []


def test_a_reader_sees_all_of_it_and_changes_nothing(page):
    opened = page("Matching", read_only=True)
    assert not [b.label for b in opened.app.button if b.label.startswith(("Use", "Take back"))]


def test_words_for_ids():
    assert words.said("stripe_customer:cus_7") == "Stripe customer cus_7"
    assert words.said("anonymous_id:a1") == "Browser or device a1"
    assert NOW < LATER and deeds.cut_of("b", "a") == Cut("a", "b")
