"""How is the goal set or amended? Chosen from the events, X measured at once, saved on its version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import streamlit as st

from journey_app.analysis.catalog import catalog
from journey_app.analysis.goal import progress
from journey_app.analysis.measure import latest
from journey_app.analysis.series import MeasureSeries, along
from journey_app.charts.text import count, day, percent, signed
from journey_app.decide.amending import goal_amended, goal_set, likely_ends, proposal, what_changed
from journey_app.decide.phrase import way_said
from journey_app.errors import JourneyError
from journey_app.plain import from_plain, to_plain
from journey_app.ui.asking import ask
from journey_app.ui.door import me, wall
from journey_app.ui.explaining import say
from journey_app.ui.goal_strip import Standing
from journey_app.ui.markdown import md
from journey_app.ui.measure_form import outlook_says, pick_event, stands_at, week_outlook
from journey_app.ui.pickers import event_names
from journey_app.ui.saving import save
from journey_app.ui.sprinting import sprints, under_way
from journey_app.ui.tags import Html, join, tag
from journey_app.vocabulary import Goal, Measure, Rate
from journey_app.workspace import decisions
from journey_app.workspace.workspace import Workspace

Held = decisions.Decided[Goal]
KEY, FORM, SEEN = "goal", "goal.form", "goal.seen"
LONGEST_DAYS = 90
DAY = timedelta(days=1)
MOST_WORDINGS = 6


@dataclass(frozen=True)
class Wording:
    """One wording the goal had. changed: what differs from the one before, in words; the first says what was set."""

    saved_at: datetime
    author: str
    changed: str


def held_goal(space: Workspace) -> Held | None:
    """The goal with its version, or None."""
    return decisions.goal(space)


def wordings(space: Workspace) -> tuple[Wording, ...]:
    """Every wording the goal has had, newest first."""
    history = decisions.goal_history(space)
    first = [Wording(each.saved_at, each.author, _set(each.value)) for each in history[:1]]
    later = [
        Wording(
            each.saved_at, each.author, "; ".join(what_changed(before.value, each.value)) or "saved again"
        )
        for before, each in pairwise(history)
    ]
    return tuple(reversed([*first, *later]))


def progress_line(space: Workspace, at: Standing, series: MeasureSeries) -> Html:
    """How much of the way is done, how many days are left, and what one week can see of it."""
    done = progress(at.goal, at.numbers)
    way = done.way
    moved = "–" if at.numbers.now is None else signed((at.numbers.now.share - at.goal.start.share) * 100)
    asked = signed((at.goal.target_share - at.goal.start.share) * 100)
    figure, _space, span = ("–", "", "") if way is None else way_said(way).partition(" ")
    left = f"{count(at.pace.days_left)} days left" if at.pace.days_left else "the date has come"
    return join(
        tag("p", tag("b", figure.capitalize()), tag("span", f" {span}"), cls="j-figure"),
        tag("p", f"{moved} of the {asked} points asked for · {left}", cls="j-caption"),
        tag(
            "p",
            outlook_says(week_outlook(space, series, at.goal.target_share), at.goal.target_share),
            cls="j-do",
        ),
    )


def agreed(space: Workspace) -> Html:
    """The goal's wordings, newest first, with author and day."""
    lines = [
        tag(
            "li",
            tag("div", tag("p", each.changed[:1].upper() + each.changed[1:])),
            tag("small", f"{each.author} · {day(each.saved_at.date())} {each.saved_at.year}"),
        )
        for each in wordings(space)[:MOST_WORDINGS]
    ]
    return tag("ul", *lines, cls="j-rejects j-agreed")


def _set(goal: Goal) -> str:
    start, target = percent(goal.start.share), percent(goal.target_share)
    return f"set from {start} (n {count(goal.start.of)}) to {target} by {day(goal.by)} {goal.by.year}"


def goal_form(space: Workspace, held: Held | None) -> None:
    """The form, X shown while one chooses. held: the goal as it stands, None for the first one."""
    newest, held = held, _as_seen(space, held)
    version = held.version if held else 0
    key = f"{FORM}.{version}"
    old = held.value if held else None
    _say_who_else(newest, version)
    steps, within = _way(space, old, key)
    measure = Measure(
        _name(old, steps, within, key), steps[0], steps[-1], within, old.measure.where if old else ()
    )
    try:
        series = ask(along, space, measure=measure, steps=list(steps), today=None)
    except JourneyError as error:
        say(error.what, error.do)
        return
    now = latest(series.days, measure, series.today)
    st.markdown(f"**{md(stands_at(now))}**")
    offered_on = max(series.today, wall().date())
    usual = _first_shown(old, measure, now, offered_on)
    target, by = _to_by(usual, series.today, offered_on, measure, key)
    st.caption(md(outlook_says(week_outlook(space, series, target), target)))
    if old:
        _say_amended(space, series.today)
    label = "Save the amendment" if old else "Set the goal"
    if st.button(label, type="secondary" if old else "primary", key=f"{key}.save"):
        try:
            wanted = (
                goal_amended(old, measure, steps, now, target, by, series.today, offered_on)
                if old
                else goal_set(measure, steps, now, target, by, series.today, offered_on)
            )
        except JourneyError as error:
            say(error.what, error.do)
            return
        keep_goal(space, wanted, version)


def _say_who_else(newest: Held | None, version: int) -> None:
    """That somebody saved another wording since this form was opened."""
    if newest is not None and newest.version != version:
        st.caption(
            f":material/group: {md(newest.author)} saved another wording meanwhile. "
            "Saving yours shows both; nothing is overwritten."
        )


def _first_shown(old: Goal | None, measure: Measure, now: Rate | None, today: date) -> tuple[float, date]:
    """Y and the date to begin with: as they were set for this very measure, else what can be proposed."""
    before = old.measure if old else None
    if old and before and (before.start, before.outcome, before.within) == (
        measure.start, measure.outcome, measure.within,
    ):  # fmt: skip
        return old.target_share, old.by
    offered = proposal(now, today)
    return offered.target, offered.by


def _say_amended(space: Workspace, today: date) -> None:
    """That a sprint keeps the goal it was started with."""
    sprint = under_way(sprints(space), today)
    if sprint:
        st.caption(
            f":material/lock: {md(sprint.sprint_id.replace('-', ' ').capitalize())} is under way and keeps the goal "
            "it was started with. What you save here is an amendment, with your name and the date."
        )


def _as_seen(space: Workspace, held: Held | None) -> Held | None:
    """The wording this form began with, for as long as it is on the screen.

    A wording somebody saves meanwhile must not move the form under the hands of the one who fills it in:
    the edit is saved on the version that was seen, and a conflict shows.
    """
    slot = f"{SEEN}.{space.name}"
    (seen,) = st.session_state.get(slot, (None,))
    drawn = f"{FORM}.{seen.version if seen else 0}.days" in st.session_state
    if slot not in st.session_state or not drawn:
        seen = held
        st.session_state[slot] = (seen,)
    return seen


def keep_goal(space: Workspace, wanted: Goal, version: int) -> None:
    """Save a wording on the version it was based on; on a conflict the page shows both."""

    def write(based_on: int) -> None:
        decisions.save_goal(space, wanted, based_on=based_on, author=me().who, now=wall())

    def merge(based_on: int, body: dict[str, Any]) -> None:
        decisions.save_goal(space, from_plain(Goal, body), based_on=based_on, author=me().who, now=wall())

    plain = to_plain(wanted)
    done = save(KEY, version, write, done=f"Saved: {wanted.measure.name}.", mine=plain, merge=merge)
    if done or f"conflict.{KEY}" in st.session_state:
        st.session_state.pop(f"{SEEN}.{space.name}", None)
        st.rerun()


def _way(space: Workspace, old: Goal | None, key: str) -> tuple[tuple[str, ...], timedelta]:
    """The first event, the outcome, the steps between, and the time allowed."""
    names = event_names(space)
    offered = likely_ends({each.event: each.customers for each in ask(catalog, space)})
    left, right = st.columns(2)
    with left:
        first = pick_event(space, "First event", old.steps[0] if old else offered[0], f"{key}.first")
    with right:
        outcome = pick_event(space, "Outcome", old.steps[-1] if old else offered[1], f"{key}.outcome")
    between = [name for name in names if name not in (first, outcome)]
    usual = [step for step in old.steps[1:-1] if step in between] if old else []
    middle, window = st.columns([3, 1])
    steps = middle.multiselect(
        "Steps between, in order",
        between,
        default=usual,
        max_selections=10,
        key=f"{key}.steps.{first}.{outcome}",
        help="For the funnel and the findings; the goal itself counts from the first event to the outcome.",
    )
    days = window.number_input(
        "Window, days",
        min_value=1,
        max_value=LONGEST_DAYS,
        value=old.measure.within.days if old else 14,
        key=f"{key}.days",
        help="A customer counts when this much time after their first event is over.",
    )
    return (first, *steps, outcome), timedelta(days=int(days))


def _name(old: Goal | None, steps: Sequence[str], within: timedelta, key: str) -> str:
    offered = f"{steps[0]} to {steps[-1]}"
    if old and (old.measure.start, old.measure.outcome) == (steps[0], steps[-1]):
        offered = old.measure.name
    return str(st.text_input("Called", value=offered, max_chars=80, key=f"{key}.name.{offered}"))


def _to_by(
    usual: tuple[float, date], today: date, offered_on: date, measure: Measure, key: str
) -> tuple[float, date]:
    """Y and the date; a new measure gets a new offer. today: where its data end. offered_on: no date before."""
    left, right = st.columns(2)
    about = f"{measure.start}.{measure.outcome}.{measure.within.days}"
    target = left.number_input(
        "To, %",
        min_value=0.1,
        max_value=100.0,
        value=round(usual[0] * 100, 1),
        step=0.5,
        format="%.1f",
        key=f"{key}.target.{about}",
    )
    tomorrow = offered_on + DAY
    by = right.date_input(
        "By",
        value=max(usual[1], tomorrow),
        min_value=tomorrow,
        key=f"{key}.by.{about}",
        help=f"The data of these steps end on {day(today - DAY)}.",
    )
    return float(target) / 100, by
