"""The Clean-up page: counts first, one click, a way back; and forgetting, which is typed before it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from journey_app.analysis.catalog import totals_of
from journey_app.analysis.since import standing_in
from journey_app.plain import to_plain
from journey_app.vocabulary import CleanUp, LeaveOut
from journey_app.workspace import cleaning, decisions, edits, tidying
from journey_app.workspace.importing import import_files, undo
from tests.ui.dialogs import open_dialog
from tests.ui.page_home import NOW, open_page

pytestmark = pytest.mark.xdist_group("pages")
ADDING = "cleaning.add_dialog(space, cleaning.state(space))"
RENAMING = "naming.rename_dialog(space, cleaning.state(space))"
HIDING = "naming.hide_dialog(space, cleaning.state(space))"
FORGETTING = (
    "key = st.session_state.setdefault('who', find_customers(space.events(), '')[0].key)\n"
    "try:\n    forgetting.forget_dialog(space, key)\nexcept Exception as e:\n    st.write(type(e).__name__)\n    raise"
)


def with_rule(space):
    rule = edits.rule_for("device", ["mobile"], reason="Phones")
    clean_up = CleanUp((rule,), {}, ())
    tidying.save_clean_up(space, clean_up, based_on=0, carry=False, author="Lena", now=NOW)


def test_without_rules_everything_counts(monkeypatch, tmp_path):
    opened = open_page(monkeypatch, tmp_path, "cleanup")
    assert "Everything counts:" in opened.words() and "No rule yet" in opened.words()


def test_a_rule_in_force_says_what_it_takes_and_counts_again_on_a_click(monkeypatch, tmp_path):
    opened = open_page(monkeypatch, tmp_path, "cleanup", change=with_rule)
    said = opened.words()
    assert "Phones" in said and "do not count" in said
    opened.click("Count them again")
    assert cleaning.clean_up_of(opened.space) == (CleanUp(), 2)
    assert "Everything counts:" in opened.words()


def test_the_last_change_is_taken_back(monkeypatch, tmp_path):
    opened = open_page(monkeypatch, tmp_path, "cleanup", change=with_rule)
    opened.click("Take back the last change")
    assert cleaning.clean_up_of(opened.space)[0] == CleanUp()


def without_data(space):
    with_rule(space)
    for batch in space.batches():
        undo(space, batch.doc_id, author="Lena", now=NOW)


def test_a_rule_is_taken_back_when_no_import_is_left(monkeypatch, tmp_path):
    opened = open_page(monkeypatch, tmp_path, "cleanup", change=without_data)
    assert "Phones" in opened.words() and "waits for the next import" in opened.words()
    assert "Leave something out" not in [each.label for each in opened.app.button]
    opened.click("Count them again")
    assert cleaning.clean_up_of(opened.space) == (CleanUp(), 2)
    assert "There are no events here yet" in opened.words()


def with_too_large_a_rule(space):
    rule = LeaveOut("event", ".{1000}.{1000}.{1000}", "Long names", False)
    space.save("clean_up", "clean_up", to_plain(CleanUp((rule,))), based_on=0, author="Lena", now=NOW)


def test_a_stored_rule_that_takes_too_long_is_named_and_taken_back_here(monkeypatch, tmp_path):
    opened = open_page(monkeypatch, tmp_path, "cleanup", change=with_too_large_a_rule)
    assert "too large a pattern" in opened.words() and "then the data are built" in opened.words()
    opened.click("Count them again")
    assert cleaning.clean_up_of(opened.space)[0] == CleanUp()
    assert "Everything counts:" in opened.words()


def test_a_rule_is_counted_before_it_is_kept(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, ADDING)
    opened.field("selectbox", "What").set_value("A field").run()
    opened.field("selectbox", "Field").set_value("device").run()
    opened.field("text_area", "Values, one a line").set_value("mobile").run()
    said = opened.words()
    assert "would not count any more" in said and "Goal " in said
    label = next(b.label for b in opened.app.button if b.label.startswith("Leave out"))
    promised = cleaning.effect_of(opened.space, CleanUp((LeaveOut("device", "^(?:mobile)$", "x", False),)))
    assert f"{promised.events:,}" in label and promised.events > 0
    opened.click(label)
    assert [rule.what for rule in cleaning.clean_up_of(opened.space)[0].leave_out] == ["device"]


def test_a_bad_pattern_is_a_sentence(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, ADDING)
    opened.field("selectbox", "What").set_value("A pattern").run()
    opened.field("text_area", "Pattern").set_value("(").run()
    assert "is not a pattern that can be read" in opened.words()


def test_a_name_the_goal_uses_asks_to_be_carried(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, RENAMING)
    step = decisions.goal(opened.space).value.steps[0]
    opened.field("multiselect", "Events").set_value([step]).run()
    opened.field("text_input", "Called from now on").set_value("Began").run()
    assert "Used in the goal" in opened.words()
    assert opened.button("Rename").disabled
    opened.app.checkbox[0].check().run()
    opened.click("Rename")
    assert decisions.goal(opened.space).value.steps[0] == "Began"


def test_what_hiding_does_is_said_before_it_is_stored(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, HIDING)
    assert "Save what is hidden" not in [each.label for each in opened.app.button]
    name = "Pricing viewed"
    opened.field("multiselect", "Hidden").set_value([name]).run()
    concerned = totals_of(opened.space.events(), [name])
    effect = cleaning.effect_of(opened.space, CleanUp(hidden=(name,)))
    said = opened.words()
    assert f"{concerned.events:,} events of {concerned.customers:,} customers" in said
    assert effect.customers > 0 and f"{effect.customers:,} of {effect.before.customers:,} customers" in said
    assert "would have no events left" in said and "Goal " in said
    opened.click("Save what is hidden")
    assert cleaning.clean_up_of(opened.space)[0].hidden == (name,)


def test_hiding_a_step_of_the_goal_is_refused_before_it_is_offered(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, HIDING)
    step = decisions.goal(opened.space).value.steps[0]
    opened.field("multiselect", "Hidden").set_value([step]).run()
    assert "it would be gone" in opened.words()
    assert "Save what is hidden" not in [each.label for each in opened.app.button]


def test_somebody_who_cleaned_in_between_is_not_overwritten(monkeypatch, tmp_path):
    opened = open_page(monkeypatch, tmp_path, "cleanup", change=with_rule)
    other = edits.adding(cleaning.clean_up_of(opened.space)[0], LeaveOut("event", "^no such$", "Tom's"))
    tidying.save_clean_up(opened.space, other, based_on=1, carry=False, author="Tom", now=NOW)
    at = cleaning.clean_up_of(opened.space)
    stale = open_dialog_of(opened)
    assert stale[0] == at[0]
    assert len(at[0].leave_out) == 2


def open_dialog_of(opened):
    """What is stored after a click that was drawn with an older version."""
    with pytest.raises(Exception, match="saved this clean_up while you were editing"):
        tidying.save_clean_up(opened.space, CleanUp(), based_on=1, carry=False, author="ana", now=NOW)
    return cleaning.clean_up_of(opened.space)


def another_export(space):
    """A file of two people more, stored as the page stores it."""
    rows = "".join(
        f"u-{n},{event},2026-11-0{day} 09:00\n"
        for n in range(40)
        for day, event in ((1, "Trial started"), (2, "Payment succeeded"))
    )
    file = space.folder / "more.csv"
    file.write_text("user_id,event,timestamp\n" + rows)
    import_files(space, [(file, "more.csv")], author="Lena", now=NOW, judge=standing_in)


def another_goal(space):
    another_export(space)
    held = decisions.goal(space)
    measure = replace(held.value.measure, within=timedelta(days=7))
    decisions.save_goal(
        space, replace(held.value, measure=measure), based_on=held.version, author="Lena", now=NOW
    )


def test_the_import_page_says_what_an_import_did_to_the_goal(monkeypatch, tmp_path):
    said = open_page(monkeypatch, tmp_path, "import", change=another_export).words()
    assert said.count("with this import, data then to") == 1, "the sample was stored before there was a goal"
    assert "The goal has changed since" not in said


def test_a_goal_that_was_changed_since_is_said(monkeypatch, tmp_path):
    said = open_page(monkeypatch, tmp_path, "import", change=another_goal).words()
    assert "with this import, data then to" in said and "this is of “Trial to paid” as it was then" in said


def test_forgetting_is_typed_before_it_is_done(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, FORGETTING)
    assert "There is no way back" in opened.words() and "Not reached:" in opened.words()
    assert opened.button("Forget for good").disabled
    key = opened.app.session_state["who"]
    field = next(f for f in opened.app.text_input if f.label.startswith("Type "))
    field.set_value(key.partition(":")[2]).run()
    assert not opened.button("Forget for good").disabled
    opened.button("Forget for good").click().run()
    with pytest.raises(Exception, match="No customer is called"):
        from journey_app.workspace.theirs import look

        look(opened.space, key)
