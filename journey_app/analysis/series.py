"""What does a verdict need of a measure? Its days, until when they are complete, holes in its tracking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from journey_app.analysis.clock import Clock, clock, local_midnight
from journey_app.analysis.gaps import Gap, gaps
from journey_app.analysis.measure import Day, daily
from journey_app.engine.base import Events
from journey_app.vocabulary import Measure


@dataclass(frozen=True)
class MeasureSeries:
    """One measure as the data tell it.

    days: oldest first. today: the first local day its sources do not cover. gaps: silences in them.
    """

    measure: Measure
    days: tuple[Day, ...]
    today: date
    gaps: tuple[Gap, ...]


def measured(
    events: Events, measures: Sequence[Measure], *, today: date | None = None
) -> tuple[MeasureSeries, ...]:
    """The series of each measure, in order; equal measures are asked once.

    today: the first day that does not count any more, None for where each measure's sources end.
    """
    found: dict[Measure, MeasureSeries] = {}
    for measure in measures:
        if measure not in found:
            found[measure] = _one(events, measure, today)
    return tuple(found[measure] for measure in measures)


def _one(events: Events, measure: Measure, today: date | None) -> MeasureSeries:
    names = [measure.start, measure.outcome]
    until = clock_at(events, names, today)
    return MeasureSeries(
        measure, daily(events, measure, now=until.now), until.today, gaps(events, names, clock=until)
    )


def clock_at(events: Events, names: Sequence[str], today: date | None) -> Clock:
    """Where the data of these events end, unless a day is given."""
    ends = clock(events, names)
    return ends if today is None else Clock(local_midnight(today, events.timezone), today, ends.sources)
