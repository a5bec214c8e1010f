"""The Sprint page: four weeks judged, planned, challenged, logged — always on the version one saw."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from journey_app.vocabulary import Measure
from journey_app.workspace import decisions
from tests.ui.page_home import NOW, open_form, open_page

pytestmark = pytest.mark.xdist_group("pages")
SEEN = Measure("Report by day 2", "Trial started", "Report viewed", timedelta(days=2))


@pytest.fixture
def page(monkeypatch, tmp_path):
    return lambda **how: open_page(monkeypatch, tmp_path, "sprint", **how)


def kept(opened):
    return decisions.sprints(opened.space)[0].value


def fill(opened, title="Ask for a teammate", owner="Ana", hypothesis="Asking helps."):
    opened.field("text_input", "What is changed").set_value(title)
    opened.field("text_input", "Owner").set_value(owner)
    opened.field("text_area", "Hypothesis").set_value(hypothesis)


def without_sprint(space):
    held = space.store.get("sprint", "sprint-1")
    space.store.delete("sprint", "sprint-1", based_on=held.version, author="test", now=NOW)


@pytest.fixture
def form(monkeypatch, tmp_path):
    return lambda call, **how: open_form(monkeypatch, tmp_path, call, **how)


def test_every_week_says_its_word_and_an_empty_one_offers_a_plan(page):
    opened = page()
    said = opened.words()
    for word in ("Improved", "Running", "Nothing planned", "Day-30 review"):
        assert word in said
    assert [each.label for each in opened.app.button if each.label.startswith("Plan week")] == ["Plan week 4"]


def test_a_week_is_planned_in_its_form(form):
    opened = form("plan_form(space, held, 4)")
    said = opened.words().replace("\\", "")
    assert "Measured now" in said
    assert "customers a week" in said
    assert "no roll-back plan" in said
    fill(opened)
    opened.click("Save the week")

    week = next(change for change in kept(opened).changes if change.week == 4)
    assert (week.title, week.owner, week.effort) == ("Ask for a teammate", "Ana", "S")
    assert week.goes_live == kept(opened).starts + timedelta(days=21)


def test_a_week_without_an_owner_is_refused_and_nothing_is_kept(form):
    opened = form("plan_form(space, held, 4)")
    fill(opened, owner="")
    opened.click("Save the week")
    assert "has no owner" in opened.words()
    assert len(kept(opened).changes) == 3


def test_a_long_window_is_warned_about_before_saving(form):
    opened = form("plan_form(space, held, 4)")
    opened.field("slider", "within days").set_value(6).run()
    assert "delays the result" in opened.words()


def test_a_planned_week_opens_with_its_plan_and_is_changed_in_place(form):
    opened = form("plan_form(space, held, 1)")
    assert opened.field("text_input", "Owner").value == "Priya"
    opened.field("text_input", "Owner").set_value("Zoe")
    opened.click("Save the week")
    assert [change.owner for change in kept(opened).changes] == ["Zoe", "Lena", "Tom"]


def test_changing_the_judge_of_a_live_week_is_said_aloud(form):
    opened = form("plan_form(space, held, 1)")
    assert "This week is live" not in opened.words()
    opened.field("number_input", "Target, %").set_value(26.0).run()
    assert "This week is live" in opened.words()


def test_a_second_change_in_a_week_is_challenged_and_replaces_only_when_told(form):
    opened = form("plan_form(space, held, None)", prefill=(SEEN, "Another change"))
    week = next(each for each in opened.app.get("button_group") if each.label == "Week")
    opened.app.session_state[week.key] = 1
    opened.app.run()
    fill(opened, title="Another change")
    assert "already has a change" in opened.words()
    opened.click("Save the week")
    assert kept(opened).changes[0].title == "CSV import at sign-up"

    next(each for each in opened.app.checkbox if each.label.startswith("Replace")).check().run()
    opened.click("Save the week")
    assert kept(opened).changes[0].title == "Another change"
    assert len(kept(opened).changes) == 3


def test_a_finding_brings_its_measure_to_the_form(page):
    opened = page()
    opened.app.session_state["sprint.prefill"] = (SEEN, "Show a report on day one")
    opened.app.run()
    assert opened.field("text_input", "What is changed").value == "Show a report on day one"
    assert opened.field("text_input", "Called").value == "Report by day 2"
    assert opened.field("slider", "within days").value == 2
    fill(opened, title="Show a report on day one")
    opened.click("Save the week")
    assert kept(opened).changes[-1].measure == SEEN
    assert "sprint.prefill" not in opened.app.session_state


def test_a_finding_waits_for_the_sprint_that_is_not_there_yet(page):
    opened = page(change=without_sprint)
    opened.app.session_state["sprint.prefill"] = (SEEN, "Show a report")
    opened.app.run()
    assert "is kept for the first week" in opened.words()
    assert "sprint.prefill" in opened.app.session_state


def test_a_roll_back_is_logged_with_what_was_done(form):
    opened = form("log_form(space, held, 1)")
    opened.field("text_area", "What was done").set_value("Half of the accounts saw it.")
    opened.field("checkbox", "It has been rolled back").check()
    opened.click("Save the log")
    first = kept(opened).changes[0]
    assert first.rolled_back
    assert first.log == "Half of the accounts saw it."


def test_a_change_that_was_rolled_back_is_marked_on_its_card(page):
    def undo(space):
        held = decisions.sprints(space)[0]
        first, *rest = held.value.changes
        undone = replace(held.value, changes=(replace(first, rolled_back=True), *rest))
        decisions.save_sprint(space, undone, based_on=held.version, author="Ana", now=NOW)

    labels = [each.label for each in page(change=undo).app.button]
    assert (labels.count("Rolled back"), labels.count("Log")) == (1, 2)


def test_a_plan_on_a_version_somebody_changed_waits_for_a_choice_and_keeps_theirs(form):
    opened = form("plan_form(space, held, 4)")
    fill(opened)
    held = decisions.sprints(opened.space)[0]
    theirs = replace(held.value, worth=0.2)
    decisions.save_sprint(opened.space, theirs, based_on=held.version, author="Lena", now=NOW)
    opened.click("Save the week")

    assert len(kept(opened).changes) == 3
    assert "Lena" in opened.words()
    opened.click("Save mine as the new version")
    assert len(kept(opened).changes) == 4
    assert kept(opened).worth == 0.2, "only the week was ours to change"


def test_a_sprint_is_started_with_the_goal_as_it_is(form):
    held = "sprint_form.sprints(space)[0].value"
    opened = form(f"start_form(space, {held}.goal, {held}.starts.replace(month=12))")
    opened.click("Start the sprint")
    newest, first = (each.value for each in decisions.sprints(opened.space))
    assert newest.starts.isoformat() == "2026-12-07", "the first Monday from 2 December on"
    assert (newest.sprint_id, newest.changes, newest.worth) == ("sprint-2", (), 0.10)
    assert newest.goal == first.goal


def test_a_sprint_inside_another_is_refused(form):
    held = "sprint_form.sprints(space)[0].value"
    opened = form(f"start_form(space, {held}.goal, {held}.starts)")
    opened.click("Start the sprint")
    assert "overlaps" in opened.words()
    assert len(decisions.sprints(opened.space)) == 1


def test_without_a_sprint_the_page_offers_to_start_one(page):
    opened = page(change=without_sprint)
    assert [each.label for each in opened.app.button] == ["Start a sprint"]


def test_the_weeks_of_another_measure_are_drawn_when_asked_for(page):
    opened = page()
    assert "CSV import by day 2: of those" in opened.words()
    opened.app.session_state["sprint.measure"] = "Goal"
    opened.app.run()
    assert "Trial to paid: of those who did" in opened.words()


def test_a_reader_reads_and_changes_nothing(page):
    opened = page(read_only=True)
    assert "Improved" in opened.words()
    assert [each.label for each in opened.app.button] == ["Open the review"]
