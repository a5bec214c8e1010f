"""Of the customers who should pass a place, how many do?

Only where somebody must: payers use the product, payers and named users are contacts, whoever did a
later goal step did the first, and what people say of a place they added. Nobody has to open a ticket.
Source: docs/decisions/015-what-the-audit-grades.md
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
from ibis import _

from journey_app.analysis.matches import did, systems_query
from journey_app.analysis.tracking import settled
from journey_app.engine.base import Events
from journey_app.vocabulary import Telling


@dataclass(frozen=True)
class Coverage:
    """should: the customers who should pass here. have: of them, those who do. who: what they are called."""

    should: int
    have: int
    who: str

    @property
    def missing(self) -> int:
        return self.should - self.have


@dataclass(frozen=True)
class Passing:
    """Customers at a place that people described. alone: of them, those whom nothing else knows of."""

    customers: int
    alone: int


def coverage(
    events: Events, goal_steps: Sequence[str], places: Mapping[str, Telling]
) -> tuple[dict[str, Coverage], dict[str, Passing]]:
    """place → its coverage, where somebody must pass; and who passes the places that people described."""
    systems = events.run(systems_query(events.table, events.customers)).to_pylist()
    found = _of_systems(systems)
    if len(goal_steps) > 1:
        row = events.run(begun_query(events.table, goal_steps)).to_pylist()[0]
        found[goal_steps[0]] = Coverage(
            row["customers"], row["customers"] - row["strangers"], "customers who got further"
        )
    passing = {}
    for place, telling in places.items():
        if not telling:
            continue
        row = events.run(passing_query(events.table, telling)).to_pylist()[0]
        passing[place] = Passing(row["customers"], row["alone"])
        if telling.of:
            found[place] = Coverage(row["should"], row["have"], f"customers who did “{telling.of}”")
    return found, passing


def _of_systems(rows: list[dict]) -> dict[str, Coverage]:
    """From counted combinations of systems, see `systems_query`."""
    payers = [row for row in rows if row[did("billing")]]
    named = [row for row in rows if row[did("billing")] or (row[did("product")] and row["known"])]
    return {
        "app": _counted(payers, "product", "payers"),
        "sales": _counted(named, "crm", "payers and named users"),
    }


def _counted(rows: list[dict], system: str, who: str) -> Coverage:
    have = sum(row["customers"] for row in rows if row[system])
    return Coverage(sum(row["customers"] for row in rows), have, who)


def begun_query(table: ibis.Table, goal_steps: Sequence[str]) -> ibis.Table:
    """One row: settled customers who did a later step, and strangers: of them, who never did the first."""
    later = table.filter(_.event.isin(list(goal_steps[1:]))).select(who="customer_id").distinct()
    recent = settled(table, goal_steps[0]).select("starts", "who")
    joined = later.join(recent, later.who == recent.who)
    return joined.aggregate(customers=_.count(), strangers=joined.count(where=joined.starts == 0))


def passing_query(table: ibis.Table, telling: Telling) -> ibis.Table:
    """One row: customers here, alone (of them, without any other event), should, have.

    Whoever did `telling.of` before the first event of this place, or after its last, is not counted.
    """
    marked = table.select("customer_id", "event", "occurred_at", here=_belongs(table, telling))
    ends = marked.filter(_.here).aggregate(begin=_.occurred_at.min(), end=_.occurred_at.max())
    spanned = marked.cross_join(ends)
    due = (spanned.event == telling.of) & spanned.occurred_at.between(spanned.begin, spanned.end)
    people = spanned.group_by("customer_id").aggregate(
        here=spanned.here.any(), away=(~spanned.here).any(), due=due.any()
    )
    return people.aggregate(
        customers=people.count(where=people.here),
        alone=people.count(where=people.here & ~people.away),
        should=people.count(where=people.due),
        have=people.count(where=people.due & people.here),
    )


def _belongs(table: ibis.Table, telling: Telling) -> ibis.Value:
    """Whether an event matches every list that is not empty."""
    asked = ((telling.events, "event"), (telling.sources, "source"), (telling.channels, "channel"))
    tests = [table[name].isin(list(wanted)).fill_null(False) for wanted, name in asked if wanted]
    belongs = tests[0]
    for test in tests[1:]:
        belongs = belongs & test
    return belongs
