"""Where does what we know come from: which touchpoint, which source, how many events, how exact in time?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import ibis
from ibis import _

from journey_app.analysis.matches import ANONYMOUS
from journey_app.engine.base import Events
from journey_app.vocabulary import Telling

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
# The other way round; of the product's two places, the one where customers have a name.
PLACE_OF = {system: place for place, system in SYSTEM_OF.items()} | {"product": "app"}
PAID_CHANNEL = re.compile(r"\b(ads?|adwords|cpc|ppc|cpm|paid|sem|display|retargeting)\b")
SETTLED = timedelta(days=28)  # who is first seen later than this into the data was not a customer before it


@dataclass(frozen=True)
class Tracked:
    """What tells of one touchpoint. sources: most events first. day_only: events without a time of day.

    counts: the events of each of `sources`. systems: most events first.
    """

    touchpoint: str
    sources: tuple[str, ...]
    events: int
    day_only: int
    counts: tuple[int, ...] = ()
    systems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arrivals:
    """Customers at a goal step, first seen over 28 days into the data: their start should be here.

    strangers: of them, those who never did the first step: their ids may not match.
    """

    step: str
    customers: int
    strangers: int


@dataclass(frozen=True)
class Tellers:
    """What can tell of a place: the sources and channels that are here, most events first."""

    sources: tuple[str, ...]
    channels: tuple[str, ...]


def tellers(events: Events) -> Tellers:
    """Every source and every channel of the events."""
    by = (
        events.table.group_by(source=_.source.cast("string"), channel=_.channel.cast("string"))
        .aggregate(n=_.count())
        .order_by("source", "channel")
    )
    rows = events.run(by).to_pylist()
    sources, channels = (_ranked((row[name], row["n"]) for row in rows) for name in ("source", "channel"))
    return Tellers(tuple(sources), tuple(channels))


def tracked(
    events: Events, goal_steps: Sequence[str], places: Mapping[str, Telling] | None = None
) -> dict[str, Tracked]:
    """One Tracked per standard touchpoint, added place and goal step, whether anything tells of it or not.

    site: product events of visitors known by a browser's id only; app: of customers known by name.
    ads: an ad tool's own events, or any event whose channel is a paid one. A goal step that is
    called like a touchpoint takes its place. places: name → what people said tells of it; a standard
    touchpoint may be among them.
    """
    places = places or {}
    watched = [*goal_steps, *(event for telling in places.values() for event in telling.events)]
    rows = events.run(tracked_query(events.table, events.customers, watched)).to_pylist()
    nothing = Telling()
    chosen = {
        place: [row for row in rows if _tells_of(place, row) or _belongs(row, places.get(place, nothing))]
        for place in dict.fromkeys([*TOUCHPOINTS, *places])
    }
    chosen |= {step: [row for row in rows if row["step"] == step] for step in goal_steps}
    return {place: _summed(place, mine) for place, mine in chosen.items()}


def tracked_query(table: ibis.Table, customers: ibis.Table, watched: Sequence[str]) -> ibis.Table:
    """source, system, channel, known, step (null for events not watched), n, day_only."""
    people = customers.select(who="customer_id", known=~_.key.startswith(ANONYMOUS))
    step = ibis.cases((_.event.isin(list(watched)), _.event.cast("string")), else_=ibis.null("string"))
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
    if row["system"] == SYSTEM_OF.get(touchpoint, ""):
        return True
    return touchpoint == "ads" and is_paid(row["channel"])


def is_paid(channel: str | None) -> bool:
    """Whether a channel or medium is called like one that costs money for each visit."""
    return bool(PAID_CHANNEL.search((channel or "").lower().replace("_", " ")))


def _belongs(row: dict, telling: Telling) -> bool:
    """Whether events counted in this row match every list that is not empty."""
    asked = ((telling.events, "step"), (telling.sources, "source"), (telling.channels, "channel"))
    return bool(telling) and all(row[name] in wanted for wanted, name in asked if wanted)


def _summed(place: str, rows: list[dict]) -> Tracked:
    by_source = _counted((row["source"], row["n"]) for row in rows)
    ranked = _ranked(by_source.items())
    return Tracked(
        place,
        tuple(ranked),
        sum(by_source.values()),
        sum(row["day_only"] for row in rows),
        tuple(by_source[source] for source in ranked),
        tuple(_ranked((row["system"], row["n"]) for row in rows)),
    )


def _counted(pairs: Iterable[tuple[str | None, int]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name, n in pairs:
        if name is not None:
            counts[name] = counts.get(name, 0) + n
    return counts


def _ranked(pairs: Iterable[tuple[str | None, int]]) -> list[str]:
    """Names by their counts, most first."""
    counts = _counted(pairs)
    return sorted(counts, key=lambda name: (-counts[name], name))


def arrivals(events: Events, goal_steps: Sequence[str]) -> dict[str, Arrivals]:
    """For every goal step after the first: who got there without ever having started."""
    rows = events.run(arrivals_query(events.table, goal_steps)).to_pylist()
    found = {row["event"]: Arrivals(row["event"], row["customers"], row["strangers"]) for row in rows}
    return {step: found.get(step, Arrivals(step, 0, 0)) for step in goal_steps[1:]}


def arrivals_query(table: ibis.Table, goal_steps: Sequence[str]) -> ibis.Table:
    """event, customers, strangers."""
    recent = settled(table, goal_steps[0])
    doing = table.filter(_.event.isin(list(goal_steps))).select("customer_id", "event").distinct()
    joined = doing.join(recent, doing.customer_id == recent.who)
    return joined.group_by("event").aggregate(customers=_.count(), strangers=_.count(where=_.starts == 0))


def settled(table: ibis.Table, first_step: str) -> ibis.Table:
    """who, starts (how often they did `first_step`): customers first seen over 28 days into the data."""
    begun = table.aggregate(begun=_.occurred_at.min())
    seen = table.group_by("customer_id").aggregate(
        since=_.occurred_at.min(), starts=_.count(where=_.event == first_step)
    )
    recent = seen.cross_join(begun)
    recent = recent.filter(_.since > _.begun + ibis.interval(seconds=int(SETTLED.total_seconds())))
    return recent.select("starts", who="customer_id")
