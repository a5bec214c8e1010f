"""How did a rate move, day by day? The daily series behind a goal, a sprint week and a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

import ibis
from ibis import _

from journey_app.analysis.stages import Entry, check_steps, stages, window_over
from journey_app.engine.base import Events
from journey_app.stats.rates import rate
from journey_app.vocabulary import Measure, Rate


@dataclass(frozen=True)
class Day:
    """Customers by the local day of their entry.

    entered: everyone. decided: of them, window over at `now`. converted: of the decided, did the
    outcome in time.
    """

    day: date
    entered: int
    converted: int
    decided: int


def daily(events: Events, measure: Measure, *, now: datetime) -> tuple[Day, ...]:
    """One Day per local day with entries, oldest first."""
    check_steps(events, [measure.start, measure.outcome])
    rows = events.run(daily_query(events.table, measure, now)).to_pylist()
    return tuple(Day(row["day"], row["entered"], row["converted"], row["decided"]) for row in rows)


def daily_query(table: ibis.Table, measure: Measure, now: datetime) -> ibis.Table:
    """day, entered, decided, converted."""
    entered, converted = stages(
        table, [measure.start, measure.outcome], measure.within, "ordered", Entry(where=measure.where)
    )
    done = converted.select(done="customer_id")
    joined = entered.left_join(done, entered.customer_id == done.done)
    over = window_over(joined, measure.within, now)
    marked = joined.mutate(over=over, won=over & joined.done.notnull())
    return (
        marked.group_by(day="entered_on")
        .aggregate(entered=_.count(), decided=_.count(where=_.over), converted=_.count(where=_.won))
        .order_by("day")
    )


def pooled(days: Sequence[Day], first: date, last: date) -> Rate | None:
    """The rate over entry days first to last (both included), decided customers only."""
    inside = [day for day in days if first <= day.day <= last]
    return rate(sum(day.converted for day in inside), sum(day.decided for day in inside))


def latest(days: Sequence[Day], measure: Measure, today: date, length: int = 28) -> Rate | None:
    """The rate of the last `length` entry days whose window is over at `today` (first incomplete day).

    A window of 36 hours is over for a whole entry day only two days after it.
    """
    last = today - timedelta(days=1 + ceil(measure.within / timedelta(days=1)))
    return pooled(days, last - timedelta(days=length - 1), last)


def weekly(days: Sequence[Day], last: date, weeks: int) -> tuple[Rate | None, ...]:
    """Rates of `weeks` blocks of 7 entry days, the newest ending on `last`, oldest first."""
    ends = [last - timedelta(days=7 * back) for back in reversed(range(weeks))]
    return tuple(pooled(days, end - timedelta(days=6), end) for end in ends)
