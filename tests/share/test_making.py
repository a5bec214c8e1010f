"""A report says what the pages say: the goal's clock, its own population, every sprint, all rejects."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from journey_app.plain import from_plain, to_plain
from journey_app.settings import Settings
from journey_app.share import auditing, making
from journey_app.share.frozen import Frozen
from journey_app.share.report import report_html
from journey_app.stats.rates import rate
from journey_app.vocabulary import Answers, Filter, Goal, Grade, Measure, Sprint
from journey_app.workspace import decisions
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files
from journey_app.workspace.workspace import Workspace

NOW = datetime(2026, 5, 1, tzinfo=UTC)
FIRST = date(2026, 3, 2)
PAYING = Measure("Paying", "look", "pay", timedelta(days=7))
GOAL = Goal(PAYING, ("look", "ask", "pay"), rate(1, 10), 0.5, date(2026, 12, 31), FIRST)


def on(day: int, at: str) -> str:
    return f"{FIRST + timedelta(days=day - 1)} {at}"


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """A shop for forty days, one row without a time; its help desk for twenty."""
    made = open_workspace("shop", Settings(home=tmp_path / "home"), create=True, now=NOW)
    shop = ["customer,action,when,channel", "lost,look,,ads"]
    desk = ["customer,action,when,channel"]
    for day in range(1, 41):
        channel = "ads" if day % 4 == 0 else "mail"
        shop += [f"c{day},look,{on(day, '09:00')},{channel}", f"c{day},pay,{on(day, '10:00')},{channel}"]
        if day <= 20:
            desk.append(f"c{day},ask,{on(day, '09:30')},{channel}")
    for name, lines in (("shop", shop), ("desk", desk)):
        file = tmp_path / f"{name}.csv"
        file.write_text("\n".join(lines) + "\n")
        import_files(made, [(file, file.name)], author="test", now=NOW, answers=Answers(source=name))
    return made


def decided(space: Workspace, goal: Goal = GOAL) -> None:
    decisions.save_goal(space, goal, based_on=0, author="test", now=NOW)


def test_the_report_ends_where_the_goals_data_end(space: Workspace):
    decided(space)
    assert making.make_frozen(space, made_at=NOW).data_to == date(2026, 3, 20)


def test_the_funnel_counts_those_the_goal_counts(space: Workspace):
    decided(space, replace(GOAL, measure=replace(PAYING, where=(Filter("channel", ("ads",)),))))
    found = making.make_frozen(space, made_at=NOW)
    assert found.steps[0].customers == "10"


def test_rows_without_a_time_and_the_other_sprints_are_told_to_who_judges(space: Workspace, monkeypatch):
    decided(space)
    for number in (1, 2):
        sprint = Sprint(f"sprint-{number}", FIRST + timedelta(days=28 * (number - 1)), GOAL)
        decisions.save_sprint(space, sprint, based_on=0, author="test", now=NOW)
    told: dict[str, object] = {}
    audit, judged = auditing.audit, making.judged

    def audited(*words, untimed, **more):
        told["untimed"] = untimed
        return audit(*words, untimed=untimed, **more)

    def judging(sprint, series, zone, others):
        told["sprint"], told["others"] = sprint.sprint_id, {each.sprint_id for each in others}
        told["today"] = series[-1].today
        return judged(sprint, series, zone, others)

    monkeypatch.setattr(auditing, "audit", audited)
    monkeypatch.setattr(making, "judged", judging)
    making.make_frozen(space, made_at=NOW)
    assert told == {
        "untimed": {"shop": 1},
        "sprint": "sprint-2",
        "others": {"sprint-1", "sprint-2"},
        "today": date(2026, 3, 21),
    }


def test_what_is_wrong_with_the_data_leaves_with_the_numbers(space: Workspace, monkeypatch):
    decided(space)
    audit = auditing.audit

    def alarming(*words, **more):
        checked = audit(*words, **more)
        first = next(killer for killer in checked.killers if killer.name == "events lack a time")
        return replace(checked, killers=(replace(first, grade="R", value=0.31),))

    assert "Read these numbers with care" not in report_html(making.make_frozen(space, made_at=NOW))
    monkeypatch.setattr(auditing, "audit", alarming)
    page = report_html(making.make_frozen(space, made_at=NOW))
    assert (
        "Read these numbers with care" in page and "31% of the goal&#39;s events lack a time of day" in page
    )


def test_a_place_that_the_team_does_not_have_is_no_warning_and_is_said(space: Workspace, monkeypatch):
    decided(space)
    seen: list[object] = []
    audit = auditing.audit

    def watched(*words, not_ours, **more):
        seen.append(not_ours)
        return audit(*words, not_ours=not_ours, **more)

    assert "no such place" not in report_html(making.make_frozen(space, made_at=NOW))
    monkeypatch.setattr(auditing, "audit", watched)
    for name in ("Reviews", "app"):
        value = Grade(name, None, not_ours=True)
        decisions.save_grade(space, value, based_on=0, author="Ana", now=NOW)
    frozen = making.make_frozen(space, made_at=NOW)
    assert seen == [("app", "reviews")]
    assert frozen.not_ours == ("App (though the data tell of it)", "Reviews")
    said = (
        "Not judged, because the team says it has no such place: App (though the data tell of it), Reviews."
    )
    assert said in report_html(frozen)
    old = {name: value for name, value in to_plain(frozen).items() if name != "not_ours"}
    assert from_plain(Frozen, old).not_ours == (), "a report of before still opens"
