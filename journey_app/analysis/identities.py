"""Which ids made this customer one, where were they seen, and which ids were not followed, and why?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import ibis
from ibis import _

from journey_app.engine.base import Events
from journey_app.errors import BadChoice, UnknownName

NAMES_A_PERSON = ("user_id", "email", "phone")


@dataclass(frozen=True)
class KnownId:
    """One id. first_at, last_at: UTC, of the events that carry it; None when only link files name it.

    refused: why it was not followed, None when it was. would_join: how many it would have made one.
    in_a_day: the most of them that turned up within 24 hours. rows: events and link rows that name it.
    """

    raw_id: str
    refused: str | None
    would_join: int | None
    in_a_day: int | None
    first_at: datetime | None
    last_at: datetime | None
    rows: int
    sources: tuple[str, ...]
    systems: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """Why two ids are linked. reason: “seen together”, “identify”, “alias” or “merge”. batch_id, row: the
    first row that names both; rows: how many do. followed: whether both are this customer's."""

    left: str
    right: str
    reason: str
    source: str
    system: str
    batch_id: str
    row: int
    rows: int
    followed: bool


@dataclass(frozen=True)
class Identity:
    """One customer. ids: theirs, most rows first. links: every reason that concerns them, those that were
    followed first. beside: ids in the same rows that are not theirs."""

    key: str
    label: str
    events: int
    ids: tuple[KnownId, ...]
    links: tuple[Link, ...]
    beside: tuple[KnownId, ...]


@dataclass(frozen=True)
class Pair:
    """Two linked ids, once. rows: of all reasons together. reasons: every link of the two, most rows first."""

    left: str
    right: str
    rows: int
    followed: bool
    reasons: tuple[Link, ...]


def pairs(links: Sequence[Link]) -> tuple[Pair, ...]:
    """The links by whom they link, in the order of each pair's first one."""
    found: dict[tuple[str, str], list[Link]] = {}
    for link in links:
        found.setdefault((link.left, link.right), []).append(link)
    return tuple(
        Pair(left, right, sum(link.rows for link in several), several[0].followed, tuple(several))
        for (left, right), several in found.items()
    )


def which_id(events: Events, wanted: str) -> str:
    """The raw id that `wanted` means: with its type (email:ana@example.com), or its value alone.

    Raises UnknownName when no id is called so, BadChoice when ids of several types are.
    """
    ids = events.ids.raw_id
    fits = events.ids.filter((ids == wanted) | ids.re_replace("^[^:]*:", "").lower().isin([wanted.lower()]))
    found = sorted(events.run(fits.select("raw_id"))["raw_id"].to_pylist())
    if wanted in found:
        return wanted
    if not found:
        near = events.ids.filter(ids.lower().contains(wanted.lower())).select("raw_id").order_by("raw_id")
        raise UnknownName("id", wanted, events.run(near.limit(8))["raw_id"].to_pylist())
    if len(found) > 1:
        raise BadChoice(f"“{wanted}” is an id of several types.", f"Write one of: {', '.join(found)}.")
    return str(found[0])


def identity(events: Events, key: str, most_links: int = 200) -> Identity:
    """Who stands behind a raw id: its customer. Raises UnknownName when it is nobody's.

    most_links: so many reasons are told, those with most rows first.
    """
    owner = events.ids.filter(_.raw_id == key).select("customer_id")
    row = events.customers.semi_join(owner, "customer_id").select("customer_id", "key", "label")
    found = events.run(row).to_pylist()
    if not found:
        raise UnknownName("customer", key, ())
    who = found[0]
    mine = events.ids.filter(_.customer_id == who["customer_id"])
    ids = _ids(events, mine)
    names = [each.raw_id for each in ids]
    count = events.table.filter(_.customer_id == who["customer_id"]).aggregate(n=_.count())
    links = _links(events, names, most_links)
    others = {end for link in links for end in (link.left, link.right)} - set(names)
    beside = _ids(events, events.ids.filter(_.raw_id.isin(sorted(others)))) if others else ()
    n = int(events.run(count)["n"].to_pylist()[0])
    return Identity(who["key"], who["label"], n, ids, links, beside)


def refused(events: Events, limit: int = 100) -> tuple[KnownId, ...]:
    """Ids that were not followed, those that would have joined most customers first."""
    off = events.ids.filter(_.refused.notnull())
    return _ids(events, off.order_by(ibis.desc("would_join"), "raw_id").limit(limit), by_rows=False)


@dataclass(frozen=True)
class Refusals:
    """How many ids were not followed for one reason. example: the one that would have joined most."""

    reason: str
    ids: int
    example: str


def refusals(events: Events) -> tuple[Refusals, ...]:
    """Ids that were not followed, by reason, the most frequent first."""
    most = [ibis.desc("would_join"), "raw_id"]
    counted = (
        events.ids.filter(_.refused.notnull())
        .group_by(reason="refused")
        .aggregate(ids=_.count(), example=_.raw_id.first(order_by=most))
        .order_by(ibis.desc("ids"), "reason")
    )
    return tuple(Refusals(**row) for row in events.run(counted).to_pylist())


def refusals_by_reason(events: Events) -> dict[str, int]:
    """Reason → how many ids were not followed for it."""
    return {each.reason: each.ids for each in sorted(refusals(events), key=lambda each: each.reason)}


@dataclass(frozen=True)
class Chained:
    """A customer made of unusually many ids. ids: their user ids, addresses and phone numbers."""

    key: str
    label: str
    ids: int


def chained(events: Events, more_than: int, limit: int = 100) -> tuple[Chained, ...]:
    """Customers with more user ids, addresses and phone numbers than that, those with most first.

    Each of their links may be sound; all together they are something to look at.
    """
    kinds = [_.raw_id.startswith(f"{kind}:") for kind in NAMES_A_PERSON]
    theirs = events.ids.filter(ibis.or_(*kinds) & _.customer_id.notnull())
    many = theirs.group_by("customer_id").aggregate(ids=_.count()).filter(_.ids > more_than)
    found = many.join(events.customers, "customer_id").select("key", "label", "ids")
    rows = events.run(found.order_by(ibis.desc("ids"), "key").limit(limit)).to_pylist()
    return tuple(Chained(**row) for row in rows)


def _ids(events: Events, table: ibis.Table, by_rows: bool = True) -> tuple[KnownId, ...]:
    rows = events.run(table.drop("customer_id")).to_pylist()
    order = (lambda row: (-row["rows"], row["raw_id"])) if by_rows else _most_harm
    return tuple(
        KnownId(**{**row, "sources": tuple(row["sources"]), "systems": tuple(row["systems"])})
        for row in sorted(rows, key=order)
    )


def _most_harm(row: dict) -> tuple[int, str]:
    return -(row["would_join"] or 0), row["raw_id"]


def _links(events: Events, names: list[str], most: int) -> tuple[Link, ...]:
    touching = events.links.filter(_.left.isin(names) | _.right.isin(names))
    both = touching.mutate(followed=_.left.isin(names) & _.right.isin(names))
    first = both.order_by(ibis.desc("followed"), ibis.desc("rows"), "left", "right", "reason", "source")
    fields = ("left", "right", "reason", "source", "system", "batch_id", "row", "rows", "followed")
    return tuple(Link(**row) for row in events.run(first.select(*fields).limit(most)).to_pylist())
