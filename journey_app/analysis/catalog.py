"""Which events are there, how often, by how many customers, and from when to when?"""

from __future__ import annotations

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


def totals(events: Events) -> Totals:
    """How many events and customers (a customer without any event counts too)."""
    rows = events.run(events.table.aggregate(n=_.count()))["n"].to_pylist()
    people = events.run(events.customers.aggregate(n=_.count()))["n"].to_pylist()
    return Totals(int(rows[0]), int(people[0]))
