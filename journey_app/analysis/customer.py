"""Who is this customer, which ids made them one, and what have they done, in order?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import ibis
from ibis import _

from journey_app.engine.base import Events
from journey_app.errors import UnknownName


@dataclass(frozen=True)
class Customer:
    """One customer. key: stable across imports. raw_ids: every id that was joined, 'type:value'."""

    key: str
    label: str
    raw_ids: tuple[str, ...]
    systems: tuple[str, ...]
    events: int


@dataclass(frozen=True)
class Happening:
    """One event of a customer. at: UTC. ago: time since the one before, None for the first."""

    at: datetime
    event: str
    source: str
    channel: str | None
    device: str | None
    amount: float | None
    currency: str | None
    text: str | None


def find_customers(events: Events, wanted: str, limit: int = 50) -> tuple[Customer, ...]:
    """Customers any of whose ids contains `wanted` (letters' case does not matter); all when it is empty.

    Those with the most events come first.
    """
    people = _with_id(events, wanted)
    counted = events.table.group_by("customer_id").aggregate(n=_.count())
    found = (
        people.left_join(counted, "customer_id")
        .select("key", "label", "raw_ids", "systems", n=_.n.fill_null(0))
        .order_by(ibis.desc("n"), "key")
        .limit(limit)
    )
    return tuple(
        Customer(row["key"], row["label"], tuple(row["raw_ids"]), tuple(row["systems"]), row["n"])
        for row in events.run(found).to_pylist()
    )


def count_customers(events: Events, wanted: str) -> int:
    """How many customers `find_customers` would find without its limit."""
    return int(events.run(_with_id(events, wanted).aggregate(n=_.count()))["n"][0].as_py())


def _with_id(events: Events, wanted: str) -> ibis.Table:
    people = events.customers
    if not wanted.strip():
        return people
    return people.filter(people.raw_ids.join("\n").lower().contains(wanted.strip().lower()))


def timeline(events: Events, key: str, limit: int = 500) -> tuple[Happening, ...]:
    """What a customer did, oldest first, the newest `limit` events.

    Raises UnknownName when nobody has this key.
    """
    who = events.customers.filter(_.key == key).select(who="customer_id")
    if not events.run(who).num_rows:
        raise UnknownName("customer", key, ())
    mine = events.table.join(who, events.table.customer_id == who.who)
    newest = mine.order_by(ibis.desc("position")).limit(limit)
    rows = events.run(
        newest.select(
            "position",
            "event",
            "source",
            "channel",
            "device",
            "amount",
            "currency",
            "text",
            at=_.occurred_at,
        )
    ).to_pylist()
    rows.sort(key=lambda row: row.pop("position"))
    return tuple(Happening(**row) for row in rows)
