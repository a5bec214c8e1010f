"""Where does what we know come from: which touchpoint, which source, how many events, how exact in time?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import ibis
from ibis import _

from journey_app.analysis.matches import ANONYMOUS
from journey_app.engine.base import Events

# The places where customers meet a company, and the systems that tell of them.
TOUCHPOINTS = ("ads", "site", "email", "app", "sales", "support", "billing", "reviews")
SYSTEM_OF = {
    "email": "email",
    "sales": "crm",
    "support": "support",
    "billing": "billing",
    "reviews": "survey",
    "ads": "ads",
}
PAID_CHANNEL = re.compile(r"\b(ads?|adwords|cpc|ppc|cpm|paid|sem|display|retargeting)\b")
SETTLED = timedelta(days=28)  # who is first seen later than this into the data was not a customer before it


@dataclass(frozen=True)
class Tracked:
    """What tells of one touchpoint. sources: most events first. day_only: events without a time of day."""

    touchpoint: str
    sources: tuple[str, ...]
    events: int
    day_only: int


@dataclass(frozen=True)
class Arrivals:
    """Customers at a goal step, first seen over 28 days into the data: their start should be here.

    strangers: of them, those who never did the first step: their ids may not match.
    """

    step: str
    customers: int
    strangers: int


def tracked(events: Events, goal_steps: Sequence[str]) -> dict[str, Tracked]:
    """One Tracked per standard touchpoint and per goal step, whether anything tells of it or not.

    site: product events of visitors known by a browser's id only; app: of customers known by name.
    ads: an ad tool's own events, or any event whose channel is a paid one. A goal step that is
    called like a touchpoint takes its place.
    """
    rows = events.run(tracked_query(events.table, events.customers, goal_steps)).to_pylist()
    chosen = {place: [row for row in rows if _tells_of(place, row)] for place in TOUCHPOINTS}
    chosen |= {step: [row for row in rows if row["step"] == step] for step in goal_steps}
    return {place: _summed(place, mine) for place, mine in chosen.items()}


def tracked_query(table: ibis.Table, customers: ibis.Table, goal_steps: Sequence[str]) -> ibis.Table:
    """source, system, channel, known, step (null for other events), n, day_only."""
    people = customers.select(who="customer_id", known=~_.key.startswith(ANONYMOUS))
    step = ibis.cases((_.event.isin(list(goal_steps)), _.event.cast("string")), else_=ibis.null("string"))
    named = table.select(
        "customer_id",
        "day_only",
        source=_.source.cast("string"),
        system=_.system.cast("string"),
        channel=_.channel.cast("string"),
        step=step,
    )
    joined = named.join(people, named.customer_id == people.who)
    return joined.group_by("source", "system", "channel", "known", "step").aggregate(
        n=_.count(), day_only=_.count(where=_.day_only)
    )


def _tells_of(touchpoint: str, row: dict) -> bool:
    if touchpoint in ("site", "app"):
        return row["system"] == "product" and row["known"] == (touchpoint == "app")
    if row["system"] == SYSTEM_OF[touchpoint]:
        return True
    return touchpoint == "ads" and bool(PAID_CHANNEL.search((row["channel"] or "").lower().replace("_", " ")))


def _summed(place: str, rows: list[dict]) -> Tracked:
    by_source: dict[str, int] = {}
    for row in rows:
        by_source[row["source"]] = by_source.get(row["source"], 0) + row["n"]
    ranked = sorted(by_source, key=lambda source: (-by_source[source], source))
    return Tracked(place, tuple(ranked), sum(by_source.values()), sum(row["day_only"] for row in rows))


def arrivals(events: Events, goal_steps: Sequence[str]) -> dict[str, Arrivals]:
    """For every goal step after the first: who got there without ever having started."""
    rows = events.run(arrivals_query(events.table, goal_steps)).to_pylist()
    found = {row["event"]: Arrivals(row["event"], row["customers"], row["strangers"]) for row in rows}
    return {step: found.get(step, Arrivals(step, 0, 0)) for step in goal_steps[1:]}


def arrivals_query(table: ibis.Table, goal_steps: Sequence[str]) -> ibis.Table:
    """event, customers, strangers."""
    begun = table.aggregate(begun=_.occurred_at.min())
    seen = table.group_by("customer_id").aggregate(
        since=_.occurred_at.min(), starts=_.count(where=_.event == goal_steps[0])
    )
    recent = seen.cross_join(begun)
    recent = recent.filter(_.since > _.begun + ibis.interval(seconds=int(SETTLED.total_seconds())))
    recent = recent.select("starts", who="customer_id")
    doing = table.filter(_.event.isin(list(goal_steps))).select("customer_id", "event").distinct()
    joined = doing.join(recent, doing.customer_id == recent.who)
    return joined.group_by("event").aggregate(customers=_.count(), strangers=_.count(where=_.starts == 0))
