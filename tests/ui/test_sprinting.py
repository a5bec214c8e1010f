"""Sprint and goal on the pages: every sprint is known to the judge, and the goal has one clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import streamlit as st

from journey_app.settings import Settings
from journey_app.stats.rates import rate
from journey_app.ui import sprinting
from journey_app.ui.goal_strip import standing
from journey_app.vocabulary import Answers, Change, Goal, Measure, Sprint
from journey_app.workspace import decisions
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files

NOW = datetime(2026, 8, 1, tzinfo=UTC)
FIRST = date(2026, 3, 2)
PAYING = Measure("Paying", "look", "pay", timedelta(days=1))
GOAL = Goal(PAYING, ("look", "ask", "pay"), rate(1, 10), 0.9, date(2026, 12, 31), FIRST)
STARTS = FIRST + timedelta(weeks=14)


def change(starts, week):
    return Change(
        week=week,
        title=f"Change {week}",
        owner="Priya",
        hypothesis="They pay.",
        measure=replace(PAYING, name="Own"),
        target_share=0.5,
        effort="S",
        goes_live=starts + timedelta(weeks=week - 1),
        roll_back="undo",
    )


@pytest.fixture
def space(tmp_path):
    """Twenty-one a day look, seven pay; from the last week of sprint 1 on, twelve. The desk ends a day early."""
    made = open_workspace("shop", Settings(home=tmp_path / "home"), create=True, now=NOW)
    shop, desk = ["customer,action,when"], ["customer,action,when"]
    for n in range(17 * 7):
        day = FIRST + timedelta(days=n)
        paying = 12 if day >= STARTS - timedelta(weeks=1) else 7
        shop += [f"c{n}-{i},look,{day} 09:00" for i in range(21)]
        shop += [f"c{n}-{i},pay,{day} 23:30" for i in range(paying)]
        if n < 17 * 7 - 1:
            desk.append(f"c{n}-0,ask,{day} 23:15")
    for name, lines in (("shop", shop), ("desk", desk)):
        file = tmp_path / f"{name}.csv"
        file.write_text("\n".join(lines) + "\n")
        import_files(made, [(file, file.name)], author="test", now=NOW, answers=Answers(source=name))
    decisions.save_goal(made, GOAL, based_on=0, author="test", now=NOW)
    before = STARTS - timedelta(weeks=4)
    for name, starts, weeks in (("sprint-1", before, (1, 2, 3, 4)), ("sprint-2", STARTS, (1,))):
        held = Sprint(name, starts, GOAL, tuple(change(starts, week) for week in weeks))
        decisions.save_sprint(made, held, based_on=0, author="test", now=NOW)
    st.cache_data.clear()
    return made


def test_what_the_last_sprint_did_is_not_called_this_ones_work(space):
    newest = sprinting.sprints(space)[0].value
    ((_change, said),) = sprinting.verdicts(space, newest).weeks
    assert said.effect is not None and said.effect.low < 0 < said.effect.high, said.reason
    assert "before these changes" in said.reason
    total = sprinting.total(space, newest)
    assert total.effect is not None and total.effect.low < 0 < total.effect.high, total.reason


def test_the_strip_and_the_sprint_read_the_goal_by_one_clock(space):
    newest = sprinting.sprints(space)[0].value
    own, goal = sprinting.series_of(space, newest)
    assert goal.today == standing(space).clock.today == FIRST + timedelta(days=17 * 7 - 1)
    assert own.today == goal.today + timedelta(days=1)
