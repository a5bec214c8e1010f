"""The Goal page: set, amended, never overwritten, and frozen for a sprint."""

from __future__ import annotations

from dataclasses import replace

import pytest

from journey_app.workspace import decisions
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


def test_a_first_goal_is_measured_while_one_chooses_and_kept_as_measured(page):
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
    assert (kept.by - kept.set_on).days == 90


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
