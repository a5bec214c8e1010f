"""Can those who sign up on the site be followed back to their visits before?

Source: docs/decisions/008-what-a-gap-is.md
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
from ibis import _

from journey_app.analysis.matches import ANONYMOUS
from journey_app.engine.base import Events

MOSTLY = 0.5  # of those who do a step


@dataclass(frozen=True)
class Visitors:
    """How much of what happens before somebody has a name can be read.

    product: customers in the product (or on the site). anonymous: of them, known by a browser's id only.
    sign_up: the step of the goal that is one, None when it has none on the site. signed_up: customers
    whose `sign_up` the product saw. unlinked: of them, those without an earlier visit. tracked:
    whether any anonymous visit is here at all; if not, nothing could be linked and `unlinked` says nothing.
    """

    product: int
    anonymous: int
    sign_up: str | None
    signed_up: int
    unlinked: int
    tracked: bool


def unlinked_visitors(events: Events, goal_steps: Sequence[str]) -> Visitors:
    """How many sign-ups cannot be followed back to the visits before them?

    The sign-up is the goal's first step; where that is a visit itself, the next one that is none. A
    step is a visit when most who do it have no name yet, and get none later or did nothing before.
    Customers who signed up in another system are not asked about.

    A customer is linked when an event of the product before the sign-up carries a browser's id
    (`anonymous_id:…`) that is theirs. A signed-in event before it is no visit, and neither a browser
    that turned up later nor one that is somebody else's too tells of one.
    """
    steps = list(dict.fromkeys(goal_steps))
    row = events.run(visitors_query(events.table, events.customers, steps)).to_pylist()[0]
    number = _sign_up(row, len(steps))
    signed_up, linked = (0, 0) if number is None else (row[f"did{number}"], row[f"linked{number}"])
    return Visitors(
        product=row["product"],
        anonymous=row["anonymous"],
        sign_up=None if number is None else steps[number],
        signed_up=signed_up,
        unlinked=signed_up - linked,
        tracked=row["browsers"] > 0,
    )


def _sign_up(row: dict[str, Any], steps: int) -> int | None:
    """The first step that is no visit, where the product saw it."""
    for number in range(steps):
        customers = row[f"did{number}"]
        if not customers or row[f"visit{number}"] <= MOSTLY * customers:
            return number if customers else None
    return None


def visitors_query(table: ibis.Table, customers: ibis.Table, steps: Sequence[str]) -> ibis.Table:
    """One row: product, anonymous, browsers (customers who own a browser's id); and of each step n
    didN (customers), visitN (those for whom it was a visit), linkedN (those with a visit before it)."""
    people = customers.select(
        "customer_id",
        browsers=_.raw_ids.filter(lambda raw: raw.startswith(ANONYMOUS)),
        anonymous=_.key.startswith(ANONYMOUS),
        product=_.systems.contains("product"),
    )
    doing = _doing(table, people, steps)
    joined = people.left_join(doing, people.customer_id == doing.who)
    counts: dict[str, ibis.Value] = {}
    for number in range(len(steps)):
        at = joined[f"step{number}"]
        nobody_yet = joined[f"nameless{number}"] & (joined.anonymous | (joined.begun == at))
        counts |= {
            f"did{number}": joined.count(where=at.notnull()),
            f"visit{number}": joined.count(where=at.notnull() & nobody_yet),
            f"linked{number}": joined.count(where=joined.visited < at),
        }
    return joined.aggregate(
        product=joined.count(where=joined["product"]),
        anonymous=joined.count(where=joined["product"] & joined.anonymous),
        browsers=joined.count(where=joined.browsers.length() > 0),
        **counts,
    )


def _doing(table: ibis.Table, people: ibis.Table, steps: Sequence[str]) -> ibis.Table:
    """who, begun and visited (positions of the first event, and of the first with a browser of theirs);
    of each step n stepN (of the first one) and namelessN (whether no known id stands in its row).

    Ids are looked at once for each way a customer is named in rows, not once an event.
    """
    numbers = range(len(steps))
    named = (
        table.filter(_.system == "product")
        .group_by("customer_id", "raw_ids")
        .aggregate(
            first=_.position.min(),
            **{f"first{n}": _.position.min(where=_.event == step) for n, step in enumerate(steps)},
        )
    )
    theirs = people.select("browsers", owner="customer_id")
    marked = named.join(theirs, named.customer_id == theirs.owner).mutate(
        visit=_.raw_ids.intersect(_.browsers).length() > 0,
        nameless=_.raw_ids.filter(lambda raw: ~raw.startswith(ANONYMOUS)).length() == 0,
    )
    at = {f"step{n}": marked[f"first{n}"].min() for n in numbers}
    nameless = {f"nameless{n}": marked.nameless.argmin(marked[f"first{n}"]) for n in numbers}
    return marked.group_by(who="customer_id").aggregate(
        begun=marked["first"].min(), visited=marked["first"].min(where=marked.visit), **at, **nameless
    )
