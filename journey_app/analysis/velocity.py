"""How long does each step take, for those who take it?

Times of customers who moved on, within the window. p95 is "one in twenty takes longer than
this"; people who never move are not in it (docs/decisions/004).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import ibis
from ibis import _

from journey_app.analysis.funnel import TWO_WEEKS
from journey_app.analysis.stages import EVERYONE, Entry, check_steps, seconds_between, stages
from journey_app.engine.base import Events
from journey_app.vocabulary import Filter


@dataclass(frozen=True)
class Pace:
    """From one step to the next. median, p95: None when nobody moved on."""

    source: str
    target: str
    customers: int
    median: timedelta | None
    p95: timedelta | None


def velocity(
    events: Events,
    steps: Sequence[str],
    within: timedelta | None = TWO_WEEKS,
    *,
    since: date | None = None,
    until: date | None = None,
    where: Sequence[Filter] = (),
) -> tuple[Pace, ...]:
    """The time between neighbouring steps of a funnel (ordered, one entry per customer)."""
    check_steps(events, steps)
    rows = events.run(velocity_query(events.table, steps, within, Entry(since, until, tuple(where))))
    by_step = {row["step"]: row for row in rows.to_pylist()}
    return tuple(
        Pace(
            source,
            target,
            by_step[k]["customers"] if k in by_step else 0,
            _seconds(by_step.get(k, {}).get("median_s")),
            _seconds(by_step.get(k, {}).get("p95_s")),
        )
        for k, (source, target) in enumerate(pairwise(steps), 1)
    )


def velocity_query(
    table: ibis.Table, steps: Sequence[str], within: timedelta | None, entry: Entry = EVERYONE
) -> ibis.Table:
    """step (from 1), customers, median_s, p95_s."""
    parts = []
    for number, stage in enumerate(stages(table, steps, within, "ordered", entry)[1:], 1):
        took = seconds_between(stage["before_at"], stage["at"])
        parts.append(stage.select(step=ibis.literal(number, "int64"), took=took))
    return (
        ibis.union(*parts, distinct=False)
        .group_by("step")
        .aggregate(customers=_.count(), median_s=_.took.quantile(0.5), p95_s=_.took.quantile(0.95))
        .order_by("step")
    )


def _seconds(value: float | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)
