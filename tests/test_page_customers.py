"""The Customers page: whose ids these are and why, cutting two of them, and matchings side by side."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from journey_app.analysis.customer import count_customers, find_customers
from journey_app.analysis.identities import Refusals
from journey_app.identity import stitch
from journey_app.ui import identity_words as words
from journey_app.vocabulary import CleanUp, Cut
from journey_app.workspace import edits, tidying
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


def test_a_search_with_one_hit_opens_it(page):
    opened = page("People")
    assert "What they did" not in opened.words()
    alone = find_customers(opened.space.events(), "")[0].raw_ids[0].partition(":")[2]
    assert count_customers(opened.space.events(), alone) == 1
    opened.field("text_input", "Search by any id").set_value(alone).run()
    assert not opened.app.exception
    assert "One customer has an id" in opened.words() and "What they did" in opened.words()


def test_a_row_chosen_in_one_search_does_not_open_somebody_in_the_next(page):
    opened = page("People")
    choose_first(opened)
    opened.field("text_input", "Search by any id").set_value("example").run()
    assert "What they did" not in opened.words()


def test_what_is_not_known_of_a_customer_is_a_dash_and_never_the_word_none(page):
    opened = page("People")
    choose_first(opened)
    assert {table.proto.placeholder for table in opened.app.dataframe} == {"–"}
    (timeline,) = [table.value for table in opened.app.dataframe if "Event" in table.value.columns]
    assert timeline.notna().any().all(), "a column in which nothing is known is not shown"


def test_a_chosen_customer_shows_ids_reasons_and_events(page):
    opened = page("People")
    choose_first(opened)
    said = opened.words()
    assert "Why they are one customer" in said and "What they did" in said
    assert any("Why they are one" in columns and "First row" in columns for columns in tables(opened))
    assert any("First seen (UTC)" in columns for columns in tables(opened))
    linked = next(t.value for t in opened.app.dataframe if "Why they are one" in t.value.columns)
    assert not linked.duplicated(["One id", "Other id"]).any()
    assert any(b.label.startswith("These are two people") for b in opened.app.button)


def test_whoever_is_left_out_is_said_with_the_rule(page):
    wanted = []

    def leave_out(space):
        person = next(p for p in find_customers(space.events(), "@") if p.raw_ids[0].startswith("email:"))
        wanted.append(person.raw_ids[0].removeprefix("email:"))
        rule = edits.rule_for("ids", wanted, reason="Testers")
        tidying.save_clean_up(space, CleanUp((rule,)), based_on=0, carry=False, author="Lena", now=LATER)

    opened = page("People", change=leave_out)
    opened.field("text_input", "Search by any id").set_value(wanted[0]).run()
    assert f"{wanted[0]} is left out by rule 1, “Testers”." in opened.words()


def test_matchings_stand_side_by_side_and_one_is_adopted_and_left_again(page):
    opened = page("Matching")
    assert "goal reads" in opened.words()
    assert any("Normal (in force)" in columns for columns in tables(opened))
    opened.click("Use strict matching")
    assert deeds.matching(opened.space).value == "strict"
    assert any("Strict (in force)" in columns for columns in tables(opened))
    opened.click("Use normal matching")
    assert deeds.matching(opened.space).value == "normal"


APART = """
from journey_app.analysis.identities import identity
from journey_app.ui import identity_card
from tests.test_page_customers import somebody
if "who" not in st.session_state:
    st.session_state["who"] = identity(space.events(), somebody(space).left)
who = st.session_state["who"]
identity_card.apart_dialog(space, who)
"""


def test_two_people_are_told_apart_where_their_ids_stand(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, APART)
    assert deeds.cuts(opened.space) == [] and "becomes" in opened.words()
    parts = next(t.value for t in opened.app.dataframe if "Keeps" in t.value.columns)
    assert parts["Events"].sum() > 0
    opened.click("Keep them apart")
    (held,) = deeds.cuts(opened.space)
    assert {held.value.left, held.value.right} == {
        opened.app.session_state["cut.one"],
        opened.app.session_state["cut.other"],
    }


CUTTING = """
from journey_app.ui import identity_card
from journey_app.workspace import identities as deeds
from tests.test_page_customers import somebody
identity_card.cut_dialog(space, st.session_state.setdefault("cut", somebody(space)))
"""


def test_a_cut_says_first_what_it_changes_and_then_holds(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, CUTTING)
    assert deeds.cuts(opened.space) == []
    assert "becomes 2 customers" in opened.words() or "becomes one customer still" in opened.words()
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


def test_ids_that_join_nobody_have_a_reason_in_words_and_an_example():
    lines = words.off_lines(
        [Refusals("role mailbox", 2, "email:info@a.com"), Refusals("junk id", 1, "user_id:0")]
    )
    assert lines == [
        "2 desks' or tests' addresses, such as E-mail info@a.com: a desk's or a test's address with more than one"
        " person behind it.",
        "1 id that says nothing, such as User id 0: it says nothing: it stands where no id is known.",
    ]
    reasons = {
        stitch.SHARED_ID,
        stitch.ROLE,
        stitch.SHARED_DEVICE,
        stitch.JUNK_ID,
        stitch.CUT_OFF,
        stitch.UNSTATED,
    }
    assert reasons == set(words.OFF) == set(words.NOT_FOLLOWED)


def test_words_for_ids():
    assert words.said("stripe_customer:cus_7") == "Stripe customer cus_7"
    assert words.said("anonymous_id:a1") == "Browser or device a1"
    assert NOW < LATER and deeds.cut_of("b", "a") == Cut("a", "b")


def test_a_search_says_how_many_there_are_not_how_many_are_shown(page):
    opened = page("People")
    opened.field("text_input", "Search by any id").set_value("@").run()
    everybody = count_customers(opened.space.events(), "@")
    assert everybody > 50
    assert f"{everybody:,} customers have an id with “@”; the 50 busiest are here." in opened.words()
