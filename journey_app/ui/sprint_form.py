"""How is a sprint begun, a week planned, and a week logged? Each in its own dialog."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import streamlit as st

from journey_app.analysis.velocity import velocity
from journey_app.charts.text import day
from journey_app.decide.change import EFFORTS, LONGEST_WINDOW, warnings_for
from journey_app.decide.dates import begin_sprint, next_monday
from journey_app.decide.sprint import Week, plan_change, weeks
from journey_app.errors import JourneyError
from journey_app.ui.asking import ask
from journey_app.ui.door import may_write
from journey_app.ui.explaining import say, self_explaining
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
from journey_app.vocabulary import Change, Goal, Measure, Rate, Sprint
from journey_app.workspace.workspace import Workspace

EFFORT_WORDS = {"S": "S · hours", "M": "M · days", "L": "L · a week"}
WORTH = {"5 %": 0.05, "10 %": 0.10, "15 %": 0.15, "20 %": 0.20}
USUAL_GAIN = 1.2
CONFLICT = "conflict.sprint"
LONG_ENOUGH = timedelta(days=90)  # to see how long people take when no window cuts them off


@dataclass(frozen=True)
class _Start:
    """What the form offers before anybody types: from the plan there is, from a finding, or from the goal."""

    change: Change | None
    title: str
    measure: Measure


@st.dialog("Start a sprint", width="medium")
@self_explaining
def start_sprint(space: Workspace, goal: Goal, earliest: date) -> None:
    """Open the form of a new sprint."""
    start_form(space, goal, earliest)


def start_form(space: Workspace, goal: Goal, earliest: date) -> None:
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


@st.dialog("Plan a week", width="large", on_dismiss=drop_wanted)
@self_explaining
def plan_week(space: Workspace, held: Held, number: int | None) -> None:
    """Open the form for a week; None: the first free one, for what another page sent along."""
    plan_form(space, held, number)


def plan_form(space: Workspace, held: Held, number: int | None) -> None:
    """Everything a week needs, what it could show and what will hurt, before it is saved."""
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


def _plan(space: Workspace, held: Held, number: int, start: _Start) -> None:
    edited = start.change
    key = f"plan.{held.value.sprint_id}.{held.version}.{number}"
    week = _which_week(held.value, number, edited, key)
    change, today = _change(space, held.value, week, start, key)
    usual = _usual_time(space, change.measure)
    for warning in (*warnings_for(change, usual), *_live_warning(edited, change, today)):
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


def _change(space: Workspace, sprint: Sprint, week: Week, start: _Start, key: str) -> tuple[Change, date]:
    """What the form says now, and the first day that the data of its measure do not cover."""
    edited = start.change
    title, owner = _who(start, key)
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        goes_live = _live_day(week, edited, f"{key}.{week.number}")
    with right:
        effort = _effort(edited, key)
    hypothesis = _hypothesis(edited, key)
    measure, target, today = _aim(space, sprint, start, key)
    change = Change(
        week=week.number,
        title=title,
        owner=owner,
        hypothesis=hypothesis,
        measure=measure,
        target_share=target,
        effort=effort,
        goes_live=goes_live,
        roll_back=_roll_back(edited, key),
        rolled_back=edited.rolled_back if edited else False,
        log=edited.log if edited else "",
    )
    return change, today


def _hypothesis(edited: Change | None, key: str) -> str:
    said: str = st.text_area(
        "Hypothesis",
        value=edited.hypothesis if edited else "",
        placeholder="If we …, then more people …, because …",
        height=68,
        key=f"{key}.hypothesis",
    )
    return said


def _aim(space: Workspace, sprint: Sprint, start: _Start, key: str) -> tuple[Measure, float, date]:
    """The measure, the share it should reach, and the first day that its data do not cover."""
    measure = _measure(space, start, key)
    series, now = measured_now(space, measure)
    target = _target(start, measure, now, key)
    ahead = week_outlook(space, series, target, before=sprint.starts)
    st.caption(f"{md(stands_at(now))} {md(outlook_says(ahead, target))}")
    return measure, target, series.today


def _roll_back(edited: Change | None, key: str) -> str:
    said: str = st.text_input(
        "Roll-back plan",
        value=edited.roll_back if edited else "",
        placeholder="How to undo it, in one sentence",
        key=f"{key}.roll_back",
    )
    return said


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


def _measure(space: Workspace, start: _Start, key: str) -> Measure:
    """The measure's two events, its window and who counts, with a name that follows them."""
    usual = start.measure
    left, middle, right = st.columns(3)
    with left:
        first = pick_event(space, "Of those who did", usual.start, f"{key}.from")
    with middle:
        outcome = pick_event(space, "the share that did", usual.outcome, f"{key}.outcome")
    with right:
        where = pick_where(space, usual.where, f"{key}.where")
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    window = left.slider(
        "within days", 1, LONGEST_WINDOW.days, min(7, days_of(usual.within)), key=f"{key}.days"
    )
    within = timedelta(days=window)
    same = (first, outcome, within, where) == (usual.start, usual.outcome, usual.within, usual.where)
    offered = usual.name if same else measure_name(outcome, window, where)
    name = right.text_input("Called", value=offered, max_chars=80, key=f"{key}.name.{offered}")
    return Measure(name, first, outcome, within, where)


def _usual_time(space: Workspace, measure: Measure) -> timedelta | None:
    """How long half of those who do the outcome take; None when nobody does, or it is no question yet."""
    if measure.start == measure.outcome:
        return None
    steps = [measure.start, measure.outcome]
    return ask(velocity, space, steps=steps, within=LONG_ENOUGH, where=measure.where)[0].median


def _target(start: _Start, measure: Measure, now: Rate | None, key: str) -> float:
    """The share wished for; offered: what was planned, else a fifth more than now."""
    if start.change is not None and measure == start.change.measure:
        offered = start.change.target_share
    else:
        offered = min(0.99, (now.share if now else 0.1) * USUAL_GAIN) or 0.1
    asked = st.number_input(
        "Target, %",
        min_value=0.1,
        max_value=99.9,
        value=round(offered * 100, 1),
        step=0.5,
        format="%.1f",
        key=f"{key}.target.{measure.start}.{measure.outcome}.{measure.within.days}.{measure.where}",
    )
    return float(asked) / 100


def _live_warning(edited: Change | None, change: Change, today: date) -> tuple[str, ...]:
    """What is said when a week is edited after it went live: the judge should not change with the result."""
    if edited is None or today <= edited.goes_live:
        return ()
    if (edited.measure, edited.target_share, edited.goes_live) == (
        change.measure,
        change.target_share,
        change.goes_live,
    ):
        return ()
    return (
        "This week is live: what judges it would change now. The edit is kept with your name and the date.",
    )


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


@st.dialog("Log the week", width="medium")
@self_explaining
def log_week(space: Workspace, held: Held, number: int) -> None:
    """Open a week's log."""
    log_form(space, held, number)


def log_form(space: Workspace, held: Held, number: int) -> None:
    """Write down what was done, and whether it was rolled back."""
    change = next(each for each in held.value.changes if each.week == number)
    key = f"log.{held.value.sprint_id}.{held.version}.{number}"
    st.markdown(f"**{md(change.title)}**, live {md(day(change.goes_live))}")
    if change.roll_back.strip():
        st.caption(f"Roll-back plan: {md(change.roll_back)}")
    log = st.text_area("What was done", value=change.log, height=110, max_chars=2_000, key=f"{key}.text")
    undone = st.checkbox("It has been rolled back", value=change.rolled_back, key=f"{key}.undone")
    st.caption("The week of a change that was rolled back leaves the baseline of the weeks after it.")
    if st.button("Save the log", type="primary", key=f"{key}.save"):
        _close_when(
            keep_sprint(
                space,
                held,
                lambda current, _newer: _logged(current, number, log, undone),
                done=f"Week {number} is logged.",
            )
        )


def _logged(sprint: Sprint, number: int, log: str, undone: bool) -> Sprint:
    changes = tuple(
        replace(each, log=log, rolled_back=undone) if each.week == number else each for each in sprint.changes
    )
    return replace(sprint, changes=changes)


def _close_when(saved: bool) -> None:
    """Leave the dialog when all is saved, or when a conflict waits on the page behind it."""
    if saved or CONFLICT in st.session_state:
        st.rerun()


def week_buttons(space: Workspace, held: Held, week: Week, *, first_free: bool) -> None:
    """Below a week's card: plan it, or change the plan and log what was done."""
    if not may_write():
        return
    with st.container(horizontal=True, gap="small"):
        if week.change is None:
            if st.button(
                f"Plan week {week.number}",
                type="primary" if first_free else "secondary",
                key=f"sprint.plan.{week.number}",
            ):
                drop_wanted()
                plan_week(space, held, week.number)
            return
        if st.button("Edit", key=f"sprint.edit.{week.number}", type="tertiary", icon=":material/edit:"):
            drop_wanted()
            plan_week(space, held, week.number)
        log = "Rolled back" if week.change.rolled_back else "Log"
        if st.button(log, key=f"sprint.log.{week.number}", type="tertiary", icon=":material/history_edu:"):
            log_week(space, held, week.number)


def open_wanted(space: Workspace, held: Held) -> None:
    """Open the form for what another page sent along, once everything else is drawn."""
    if wanted() is not None and may_write():
        plan_week(space, held, None)


def kept_for_later() -> None:
    """Say that a plan waits for the sprint that is not there yet."""
    asked = wanted()
    if asked is not None:
        say(f"“{asked[1]}” is kept for the first week.", "Start a sprint; its form opens then.")
