"""Where does the goal stand? Asked once for the strip on every page, and for the pages that need more of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

import streamlit as st

from journey_app.analysis.clock import Clock
from journey_app.analysis.goal import GoalNumbers, measure_goal
from journey_app.analysis.series import goal_clock
from journey_app.charts.text import short_day
from journey_app.decide.goal import Pace, pace
from journey_app.errors import BadChoice, NothingYet, UnknownName
from journey_app.ui import markup
from journey_app.ui.asking import ask
from journey_app.ui.door import wall
from journey_app.vocabulary import Goal
from journey_app.workspace import decisions
from journey_app.workspace.workspace import NO_EVENTS, Workspace


@dataclass(frozen=True)
class Standing:
    """The goal with what is measured of it. clock: where the goal's data end."""

    goal: Goal
    version: int
    clock: Clock
    numbers: GoalNumbers
    pace: Pace


def goal_of(space: Workspace) -> decisions.Decided[Goal]:
    """The goal; raises NothingYet with the way to set one."""
    held = decisions.goal(space)
    if held is None:
        if space.version is None:
            raise NothingYet(*NO_EVENTS)  # what a goal would be measured on comes first
        raise NothingYet("This workspace has no goal yet.", "Set the goal: from X to Y by a date.")
    return held


def standing(space: Workspace) -> Standing:
    """The goal, its clock and where it stands. Raises NothingYet without events or a goal."""
    held = goal_of(space)
    goal = held.value
    clock = ask(goal_clock, space, goal=goal, today=None)
    numbers = ask(measure_goal, space, measure=goal.measure, clock=clock)
    found = pace(goal, numbers.now, clock.today, wall().date())
    return Standing(goal, held.version, clock, numbers, found)


def clock_caveats(clock: Clock) -> str:
    """What the clock leaves out, in words; empty when it leaves out nothing."""
    said = [behind] if (behind := _held_back(clock)) else []
    if clock.stale:
        names, plural = " and ".join(clock.stale), len(clock.stale) > 1
        said.append(
            f"{names} {'have' if plural else 'has'} stopped and {'were' if plural else 'was'} replaced: "
            f"{'their' if plural else 'its'} last day does not hold back the others."
        )
    if clock.isolated:
        events = "event lies" if clock.isolated == 1 else "events lie"
        said.append(
            f"{clock.isolated:,} {events} alone, over half a year after the rest: taken for a wrong date, "
            "so the data are not thought to reach that far."
        )
    return " ".join(said)


def _held_back(clock: Clock) -> str:
    """Which source ends first, where another goes on: that is why dates of other pages are later."""
    live = {source: day for source, day in clock.sources.items() if source not in clock.stale}
    first, last = min(live, key=lambda source: live[source]), max(live, key=lambda source: live[source])
    if live[first] == live[last] or live[first] != clock.today:
        return ""
    return (
        f"Counted to {short_day(clock.last_day)}, where the data of {first} end; those of {last} go on to "
        f"{short_day(live[last] - timedelta(days=1))}."
    )


def goal_strip(space: Workspace) -> None:
    """The strip above every page: the goal and its pace, or the next step towards one."""
    with st.container(key="goal"):
        if space.version is None:  # the page below says what to do about that
            markup.show(markup.caption("No goal is measured yet: it begins with events."))
            return
        try:
            at = standing(space)
        except (NothingYet, BadChoice) as error:
            markup.show(markup.caption(f"{error.what} {error.do}"))
            return
        except UnknownName as error:
            markup.show(markup.caption(f"The goal cannot be measured. {error.what} {error.do}"))
            return
        kinds = {"cannot tell yet": "cannot tell", "too close to tell": "cannot tell", "reached": "ahead"}
        kind = cast("markup.PillKind", kinds.get(at.pace.state, at.pace.state))
        markup.show(
            markup.goal_strip(
                markup.GoalStrip(
                    name=at.goal.measure.name,
                    start=at.goal.start.share,
                    target=at.goal.target_share,
                    by=at.goal.by,
                    now=at.numbers.now,
                    needed=at.pace.needed_today,
                    pace=kind,
                    pace_says=_words(at.pace) + _age(at.clock, wall().date()),
                    days_left=at.pace.days_left,
                )
            )
        )


OLD_AFTER = 8  # days; a team that imports every Friday is never told


def _age(clock: Clock, today: date) -> str:
    """How many days ago the last day of the data was, as the audit counts it, once it is over a week."""
    days = (today - clock.last_day).days
    return f" · data end {days} days ago" if days > OLD_AFTER else ""


def _words(found: Pace) -> str:
    return {"behind": "Behind pace", "ahead": "Ahead of pace"}.get(found.state, found.state.capitalize())
