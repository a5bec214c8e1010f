"""What does a verdict need of a measure? Its days, until when they are complete, holes in its tracking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from journey_app.analysis.clock import Clock, clock, local_midnight, tellers
from journey_app.analysis.gaps import Gap, gaps
from journey_app.analysis.measure import Day, daily
from journey_app.engine.base import Events
from journey_app.vocabulary import Goal, Measure


@dataclass(frozen=True)
class MeasureSeries:
    """One measure as the data tell it.

    days: oldest first. today: the first local day its sources do not cover. gaps: silences of the sources
    that tell of its start, its outcome or a step between, or say which ids are one person: without those
    an outcome is nobody's. outcome_gaps: those in which an outcome may be missing, all of them where
    nobody asked.
    """

    measure: Measure
    days: tuple[Day, ...]
    today: date
    gaps: tuple[Gap, ...]
    outcome_gaps: tuple[Gap, ...] | None = None


def measured(
    events: Events, measures: Sequence[Measure], *, today: date | None = None, goal: Goal | None = None
) -> tuple[MeasureSeries, ...]:
    """The series of each measure, in order; equal measures are asked once.

    today: the first day that does not count any more, None for where each measure's sources end.
    goal: whose measure, where it is among them, is read by the goal's own clock.
    """
    found: dict[Measure, MeasureSeries] = {}
    for measure in measures:
        if measure not in found:
            steps = goal.steps if goal and measure == goal.measure else (measure.start, measure.outcome)
            found[measure] = along(events, measure, steps=steps, today=today)
    return tuple(found[measure] for measure in measures)


def along(
    events: Events, measure: Measure, *, steps: Sequence[str], today: date | None = None
) -> MeasureSeries:
    """The series of one measure, read until the data of all `steps` on its way end.

    A goal is complete only as far as every step of its way is; so its number is the same on every page.
    """
    names = [measure.start, measure.outcome]
    until = clock_at(events, steps, today)
    told_by = tellers(events, names)
    joins = joining(events)
    sources = set().union(*tellers(events, [*names, *steps]).values()) | joins
    silent = tuple(gap for gap in gaps(events, names, clock=until) if gap.source in sources)
    bring = told_by[measure.outcome] | joins
    late = tuple(gap for gap in silent if gap.event in (None, measure.outcome) and gap.source in bring)
    return MeasureSeries(measure, daily(events, measure, now=until.now), until.today, silent, late)


def joining(events: Events) -> set[str]:
    """The sources whose rows name one person by several ids."""
    return set(events.run(events.links.select("source").distinct())["source"].to_pylist())


def goal_clock(events: Events, goal: Goal, today: date | None = None) -> Clock:
    """Until when the goal can be told: where the data of its steps end, unless a day is given."""
    return clock_at(events, goal.steps, today)


def clock_at(events: Events, names: Sequence[str], today: date | None) -> Clock:
    """Where the data of these events end, unless a day is given."""
    ends = clock(events, names)
    return ends if today is None else replace(ends, now=local_midnight(today, events.timezone), today=today)
