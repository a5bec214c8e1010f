"""Which events are there, how often, by how many customers, and from when to when?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import ibis
from ibis import _

from journey_app.engine.base import Events


@dataclass(frozen=True)
class EventCount:
    """One event name. first, last: UTC."""

    event: str
    count: int
    customers: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Totals:
    """What the workspace holds."""

    events: int
    customers: int


def catalog(events: Events, limit: int | None = None) -> tuple[EventCount, ...]:
    """Every event name, most frequent first."""
    query = (
        events.table.group_by("event")
        .aggregate(
            count=_.count(),
            customers=_.customer_id.nunique(),
            first=_.occurred_at.min(),
            last=_.occurred_at.max(),
        )
        .order_by(ibis.desc("count"), "event")
    )
    rows = events.run(query if limit is None else query.limit(limit)).to_pylist()
    return tuple(EventCount(**row) for row in rows)


def totals_of(events: Events, names: Sequence[str]) -> Totals:
    """How many events are called so, and how many customers did any of them."""
    called = events.table.filter(_.event.isin(list(names)))
    row = events.run(called.aggregate(n=_.count(), people=_.customer_id.nunique())).to_pylist()[0]
    return Totals(row["n"], row["people"])


def totals(events: Events) -> Totals:
    """How many events and customers (a customer without any event counts too)."""
    rows = events.run(events.table.aggregate(n=_.count()))["n"].to_pylist()
    people = events.run(events.customers.aggregate(n=_.count()))["n"].to_pylist()
    return Totals(int(rows[0]), int(people[0]))
