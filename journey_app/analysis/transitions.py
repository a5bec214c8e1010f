"""What follows what? Every step from one event to the very next, over whole journeys or within sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import ibis
from ibis import _

from journey_app.analysis.stages import seconds_between
from journey_app.engine.base import Events


@dataclass(frozen=True)
class Transition:
    """One event directly after another. count: how often; customers: by how many."""

    source: str
    target: str
    count: int
    customers: int
    median: timedelta
    p95: timedelta


@dataclass(frozen=True)
class Transitions:
    """All transitions, most frequent first; where journeys (or sessions) start and end; their variants."""

    transitions: tuple[Transition, ...]
    starts: dict[str, int]
    ends: dict[str, int]
    variants: int


def transitions(events: Events, session: timedelta | None = None) -> Transitions:
    """Count directly-follows pairs in (customer, position) order.

    session: the longest pause inside a session; None: a customer's whole journey is one.
    variants: how many different sequences of events there are.
    """
    table = events.table
    pairs = [
        Transition(
            row["event"],
            row["next_event"],
            row["count"],
            row["customers"],
            timedelta(seconds=row["median_s"]),
            timedelta(seconds=row["p95_s"]),
        )
        for row in events.run(pairs_query(table, session)).to_pylist()
    ]
    variants = events.run(variants_query(table, session))["variants"].to_pylist()[0]
    return Transitions(
        tuple(pairs),
        _counts(events, starts_query(table, session)),
        _counts(events, ends_query(table, session)),
        int(variants or 0),
    )


def _continues(table: ibis.Table, session: timedelta | None) -> ibis.Value:
    """True where the customer's next event belongs to the same journey (or session)."""
    follows = table.next_position.notnull()
    if session is None:
        return follows
    return follows & (seconds_between(table.occurred_at, table.next_at) <= session.total_seconds())


def pairs_query(table: ibis.Table, session: timedelta | None) -> ibis.Table:
    took = seconds_between(table.occurred_at, table.next_at)
    return (
        table.filter(_continues(table, session))
        .select("event", "next_event", "customer_id", took=took)
        .group_by("event", "next_event")
        .aggregate(
            count=_.count(),
            customers=_.customer_id.nunique(),
            median_s=_.took.quantile(0.5),
            p95_s=_.took.quantile(0.95),
        )
        .order_by(ibis.desc("count"), "event", "next_event")
    )


def ends_query(table: ibis.Table, session: timedelta | None) -> ibis.Table:
    over = table.filter(~_continues(table, session))
    return over.group_by("event").aggregate(n=_.count()).order_by(ibis.desc("n"), "event")


def starts_query(table: ibis.Table, session: timedelta | None) -> ibis.Table:
    """An event starts a journey when no event of the same journey leads to it."""
    led_to = table.filter(_continues(table, session)).select(led_to="next_position")
    first = table.anti_join(led_to, table.position == led_to.led_to)
    return first.group_by("event").aggregate(n=_.count()).order_by(ibis.desc("n"), "event")


def variants_query(table: ibis.Table, session: timedelta | None) -> ibis.Table:
    """How many different sequences; the unit separator cannot be part of an event's name."""
    if session is None:
        keyed = table.mutate(journey=ibis.literal(0, "int64"))
    else:
        marked = table.mutate(over=(~_continues(table, session)).cast("int64"))
        so_far = ibis.cumulative_window(group_by="customer_id", order_by="position")
        keyed = marked.mutate(journey=_.over.sum().over(so_far) - _.over)
    sequences = keyed.group_by("customer_id", "journey").aggregate(
        sequence=_.event.group_concat("\x1f", order_by=_.position)
    )
    return sequences.aggregate(variants=_.sequence.nunique())


def _counts(events: Events, query: ibis.Table) -> dict[str, int]:
    return {row["event"]: row["n"] for row in events.run(query).to_pylist()}
