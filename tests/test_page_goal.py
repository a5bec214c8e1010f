"""The Goal page: set, amended, never overwritten, and frozen for a sprint."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from journey_app.analysis.funnel import funnel
from journey_app.analysis.series import goal_clock
from journey_app.ui import goal_form, rights, your_name
from journey_app.vocabulary import Answers, Filter
from journey_app.workspace import decisions
from journey_app.workspace.importing import import_files
from tests.ui.page_home import NOW, open_page

pytestmark = pytest.mark.xdist_group("pages")


def without_goal(space):
    for kind, name in (("goal", "goal"), ("sprint", "sprint-1")):
        held = space.store.get(kind, name)
        space.store.delete(kind, name, based_on=held.version, author="test", now=NOW)


def amend_elsewhere(space, target):
    held = decisions.goal(space)
    decisions.save_goal(
        space, replace(held.value, target_share=target), based_on=held.version, author="Lena", now=NOW
    )


@pytest.fixture
def page(monkeypatch, tmp_path):
    return lambda **how: open_page(monkeypatch, tmp_path, "goal", **how)


def test_it_says_where_the_goal_stands_and_what_was_agreed(page):
    said = page().words()
    assert "Trial to paid stands at" in said
    assert "needed today" in said or "asks for" in said
    assert "Set from" in said
    assert "customers a week" in said


def test_a_first_goal_is_measured_while_one_chooses_and_kept_as_measured(page, monkeypatch):
    """Its date is proposed from the day on the wall: the data ended years ago."""
    monkeypatch.setattr(goal_form, "wall", lambda: datetime(2031, 1, 1, tzinfo=UTC))
    opened = page(change=without_goal)
    opened.field("selectbox", "First event").set_value("Trial started").run()
    opened.field("selectbox", "Outcome").set_value("Teammate invited").run()
    seen = next(each.value for each in opened.app.markdown if "Measured now" in each.value)
    opened.click("Set the goal")

    kept = decisions.goal(opened.space).value
    assert (kept.measure.start, kept.measure.outcome) == ("Trial started", "Teammate invited")
    assert f"n {kept.start.of:,}".replace(",", "") in seen.replace("\u00a0", " ").replace("\\", "").replace(
        ",", ""
    )
    assert f"{kept.start.share:.1%}" in seen.replace("\\", "")
    assert kept.target_share > kept.start.share
    assert kept.set_on < date(2027, 1, 1) and kept.by == date(2031, 4, 1)


def test_an_amendment_keeps_the_start_and_says_what_changed(page):
    opened = page()
    before = decisions.goal(opened.space).value
    opened.field("number_input", "To, %").set_value(21.0).run()
    opened.click("Save the amendment")

    after = decisions.goal(opened.space).value
    assert after.target_share == pytest.approx(0.21)
    assert (after.start, after.set_on) == (before.start, before.set_on)
    assert "target 18.0% → 21.0%".capitalize() in opened.words()
    assert decisions.sprints(opened.space)[0].value.goal == before, (
        "the sprint keeps the goal it was started with"
    )


def test_it_says_that_a_running_sprint_keeps_its_goal(page):
    assert "keeps the goal it was started with" in page().words().replace("\\", "")


def test_a_target_below_today_is_refused_with_a_sentence(page):
    opened = page()
    opened.field("number_input", "To, %").set_value(1.0).run()
    opened.click("Save the amendment")
    assert "is not above today" in opened.words().replace("\\", "")
    assert decisions.goal(opened.space).version == 1


def test_what_somebody_saved_in_between_is_not_overwritten(page):
    opened = page()
    amend_elsewhere(opened.space, 0.25)
    opened.field("number_input", "To, %").set_value(21.0)
    opened.click("Save the amendment")

    assert decisions.goal(opened.space).value.target_share == 0.25
    assert "Lena" in opened.words()
    opened.click("Save mine as the new version")
    assert decisions.goal(opened.space).value.target_share == pytest.approx(0.21)
    assert len(decisions.goal_history(opened.space)) == 3


def test_a_reader_sees_the_goal_and_no_form(page):
    opened = page(read_only=True)
    assert "stands at" in opened.words()
    assert not [each for each in opened.app.button if each.label.startswith(("Save", "Set"))]


def test_the_way_to_the_goal_counts_only_those_the_goal_counts(page):
    only = (Filter("device", ("mobile",)),)

    def narrowed(space):
        held = decisions.goal(space)
        value = replace(held.value, measure=replace(held.value.measure, where=only))
        decisions.save_goal(space, value, based_on=held.version, author="test", now=NOW)

    opened = page(change=narrowed)
    goal, events = decisions.goal(opened.space).value, opened.space.events()
    now = goal_clock(events, goal).now
    some, all_of_them = (
        f"{funnel(events, goal.steps, goal.measure.within, now=now, where=where).steps[0].customers:,}"
        for where in (only, ())
    )
    assert some in opened.words()
    assert all_of_them not in opened.words()


def test_an_old_export_that_was_replaced_does_not_hold_the_goal_back_and_is_named(page, tmp_path):
    file = tmp_path / "old.csv"
    steps = ("Trial started", "Project created", "Teammate invited", "Paid")
    rows = [f"ana,{step},2021-03-0{day} 09:00" for day, step in enumerate(steps, 1)]
    file.write_text("\n".join(["customer,action,when", *rows]) + "\n")

    def with_old_export(space):
        import_files(space, [(file, file.name)], author="test", now=NOW, answers=Answers(source="oldshop"))

    said = page(change=with_old_export).words()
    assert "oldshop has stopped" in said
    assert "data to 21 Nov" in said.replace("\u00a0", " ")


def test_who_has_said_their_name_stands_beside_what_they_change(page, monkeypatch):
    for module in (rights, your_name):
        monkeypatch.setattr(module, "browser", lambda: "a" * 32)
    opened = page()
    opened.field("text_input", "Your name").set_value("Lena Okafor").run()
    target = next(each for each in opened.app.number_input if each.label == "To, %")
    target.set_value(target.value + 1).run()
    opened.click("Save the amendment")
    assert decisions.goal(opened.space).author == "Lena Okafor"
    assert "Lena Okafor ·" in opened.words()


def test_nobody_is_asked_for_a_name_that_the_sign_in_knows(page, monkeypatch):
    monkeypatch.setenv("JOURNEY_USER_HEADER", "x-user")
    for module in (rights, your_name):
        monkeypatch.setattr(module, "browser", lambda: "a" * 32)
    assert "Your name" not in [each.label for each in page().app.text_input]
