"""How is a sprint begun, a week planned, and a week logged? Each in its own dialog."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import streamlit as st

from journey_app.charts.text import day
from journey_app.decide.change import EFFORTS, LONGEST_WINDOW, warnings_for
from journey_app.decide.dates import begin_sprint, next_monday
from journey_app.decide.sprint import Week, plan_change, weeks
from journey_app.errors import JourneyError
from journey_app.ui.explaining import say
from journey_app.ui.markdown import md
from journey_app.ui.measure_form import (
    days_of,
    measure_name,
    measured_now,
    outlook_says,
    pick_event,
    pick_where,
    stands_at,
    week_outlook,
)
from journey_app.ui.sprinting import (
    Held,
    drop_wanted,
    keep_new_sprint,
    keep_sprint,
    sprints,
    wanted,
)
from journey_app.vocabulary import Change, Filter, Goal, Measure, Rate, Sprint
from journey_app.workspace.workspace import Workspace

EFFORT_WORDS = {"S": "S · hours", "M": "M · days", "L": "L · a week"}
WORTH = {"5 %": 0.05, "10 %": 0.10, "15 %": 0.15, "20 %": 0.20}
USUAL_GAIN = 1.2
CONFLICT = "conflict.sprint"


@dataclass(frozen=True)
class _Start:
    """What the form offers before anybody types: from the plan there is, from a finding, or from the goal."""

    change: Change | None
    title: str
    measure: Measure


@st.dialog("Start a sprint", width="medium")
def start_sprint(space: Workspace, goal: Goal, earliest: date) -> None:
    """Choose the first day; the goal is frozen as it is now."""
    st.markdown(
        f"Four weeks, one change each, against **{md(goal.measure.name)}** as it is now: "
        f"from {goal.start.share:.1%} to {goal.target_share:.1%} by {md(day(goal.by))}. "
        "Later amendments of the goal do not move this sprint."
    )
    starts = st.date_input("First day", value=next_monday(earliest), key="sprint.starts")
    worth = WORTH[str(st.selectbox("Smallest effect worth having", list(WORTH), index=1, key="sprint.worth"))]
    st.caption("Smaller effects count as “no change worth having”, once they are certain to be that small.")
    if st.button("Start the sprint", type="primary", key="sprint.start"):
        try:
            made = begin_sprint(goal, starts, [held.value for held in sprints(space)], worth)
        except JourneyError as error:
            say(error.what, error.do)
            return
        _close_when(keep_new_sprint(space, made))


def plan_week(space: Workspace, held: Held, number: int | None) -> None:
    """Open the form for a week; None: the first free one, for what another page sent along."""
    sprint = held.value
    planned = next((change for change in sprint.changes if change.week == number), None)
    asked = None if planned else wanted()
    if planned:
        start = _Start(planned, planned.title, planned.measure)
    elif asked:
        start = _Start(None, asked[1], asked[0])
    else:
        start = _Start(None, "", _first_measure(sprint.goal))
    _plan(space, held, number or _first_free(sprint), start)


def _first_free(sprint: Sprint) -> int:
    return next((week.number for week in weeks(sprint) if week.change is None), 4)


def _first_measure(goal: Goal) -> Measure:
    """The goal's first step to its second, within three days: short enough for a week."""
    outcome = goal.steps[1]
    where = goal.measure.where
    return Measure(measure_name(outcome, 3, where), goal.steps[0], outcome, timedelta(days=3), where)


@st.dialog("Plan a week", width="large", on_dismiss=drop_wanted)
def _plan(space: Workspace, held: Held, number: int, start: _Start) -> None:
    sprint, edited = held.value, start.change
    key = f"plan.{sprint.sprint_id}.{held.version}.{number}"
    week = _which_week(sprint, number, edited, key)
    title, owner = _who(start, key)
    left, right = st.columns(2)
    with left:
        goes_live = _live_day(week, edited, f"{key}.{week.number}")
    with right:
        effort = _effort(edited, key)
    hypothesis = st.text_area(
        "Hypothesis",
        value=edited.hypothesis if edited else "",
        placeholder="If we …, then more people …, because …",
        height=68,
        key=f"{key}.hypothesis",
    )
    measure, now, says = _measure(space, start, key)
    target = _target(start, measure, now, key)
    outlooks = week_outlook(space, says, target)
    roll_back = st.text_input(
        "Roll-back plan",
        value=edited.roll_back if edited else "",
        placeholder="How to undo it, in one sentence",
        key=f"{key}.roll_back",
    )
    change = Change(
        week=week.number,
        title=title,
        owner=owner,
        hypothesis=hypothesis,
        measure=measure,
        target_share=target,
        effort=effort,
        goes_live=goes_live,
        roll_back=roll_back,
        rolled_back=edited.rolled_back if edited else False,
        log=edited.log if edited else "",
    )
    st.caption(f"{md(stands_at(now))} {md(outlook_says(outlooks, target))}")
    for warning in (*warnings_for(change), *_live_warning(edited, change, says.today)):
        st.caption(f":material/warning: {md(warning)}")
    replacing = edited is not None or _challenge(week, key)
    if st.button("Save the week", type="primary", key=f"{key}.save"):
        saved = keep_sprint(
            space,
            held,
            lambda current, newer: plan_change(current, change, replace=replacing or newer),
            done=f"Week {change.week} is planned: {change.title}.",
        )
        if saved:
            drop_wanted()
        _close_when(saved)


def _which_week(sprint: Sprint, number: int, edited: Change | None, key: str) -> Week:
    """The week being edited, or a choice among the four."""
    four = weeks(sprint)
    if edited is not None:
        found = four[number - 1]
        st.caption(f"Week {found.number}, {md(day(found.first))} to {md(day(found.last))}")
        return found
    chosen = st.segmented_control(
        "Week",
        [week.number for week in four],
        default=number,
        required=True,
        format_func=lambda k: f"{k} · {day(four[k - 1].first)}",
        key=f"{key}.week",
    )
    return four[int(chosen or number) - 1]


def _who(start: _Start, key: str) -> tuple[str, str]:
    left, right = st.columns([2, 1])
    title = left.text_input("What is changed", value=start.title, max_chars=120, key=f"{key}.title")
    owner = right.text_input(
        "Owner", value=start.change.owner if start.change else "", max_chars=60, key=f"{key}.owner"
    )
    return title, owner


def _live_day(week: Week, edited: Change | None, key: str) -> date:
    usual = edited.goes_live if edited and week.first <= edited.goes_live <= week.last else week.first
    return st.date_input(
        "Goes live (at local midnight)",
        value=usual,
        min_value=week.first,
        max_value=week.last,
        key=f"{key}.live",
    )


def _effort(edited: Change | None, key: str) -> str:
    chosen = st.segmented_control(
        "Effort",
        list(EFFORTS),
        default=edited.effort if edited else "S",
        required=True,
        format_func=lambda size: EFFORT_WORDS[size],
        key=f"{key}.effort",
    )
    return str(chosen or "S")


def _measure(space: Workspace, start: _Start, key: str):  # type: ignore[no-untyped-def]
    raise NotImplementedError


def _target(start: _Start, measure: Measure, now: Rate | None, key: str) -> float:
    raise NotImplementedError


def _challenge(week: Week, key: str) -> bool:
    """Whether the change that is already in this week gives way; asked, never assumed."""
    if week.change is None:
        return False
    st.warning(
        f"**Week {week.number} already has a change: {md(week.change.title)}.** "
        "Two changes in one week cannot be told apart.",
        icon=":material/info:",
    )
    return st.checkbox(f"Replace “{md(week.change.title)}”", key=f"{key}.{week.number}.replace")
