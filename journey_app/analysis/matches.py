"""Are the customers that one system knows known to the others too?

Only in the direction that must hold: who pays, writes a ticket or uses the product under a name
must be known elsewhere; a contact need not be a payer, a visitor need not be a contact.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
from ibis import _

from journey_app.engine.base import Events
from journey_app.vocabulary import SYSTEMS, MatchRate

ANYWHERE = "any other system"
ANONYMOUS = "anonymous_id:"
MUST_KNOW = (
    ("billing", "crm"),
    ("billing", "product"),
    ("support", ANYWHERE),
    ("support", "crm"),
    ("support", "product"),
    ("product", "crm"),
)
HOMES = ("crm", "product", "billing")  # where a ticket's author may be known


@dataclass(frozen=True)
class Visitors:
    """How much of what happens before somebody has a name can be read.

    product: customers in the product (or on the site). anonymous: of them, known by a browser's id only.
    signed_up: customers whose `first_step` the product saw. unlinked: of them, those
    without an earlier visit. tracked: whether any anonymous visit is here at all; if not, nothing
    could be linked and `unlinked` says nothing.
    """

    product: int
    anonymous: int
    signed_up: int
    unlinked: int
    tracked: bool


def match_rates(events: Events) -> tuple[MatchRate, ...]:
    """One line per pair of systems that are both here, in the order of MUST_KNOW.

    Customers of the product count when they have a known id; anonymous visitors cannot be contacts.
    Tickets have a line of their own for authors known in any of the CRM, the product or billing.
    """
    return rates_of(events.run(systems_query(events.customers)).to_pylist())


def rates_of(rows: list[dict]) -> tuple[MatchRate, ...]:
    """The same from counted combinations: known, one flag per system, customers (see `systems_query`)."""
    here = {system for system in SYSTEMS if any(row[system] for row in rows)}
    pairs = [pair for pair in MUST_KNOW if pair[0] in here and here & set(_homes(pair[1]))]
    return tuple(_match(rows, system, other) for system, other in pairs)


def systems_query(customers: ibis.Table) -> ibis.Table:
    """known, one column per system, customers: how many customers each combination has."""
    flags = {system: customers.systems.contains(system) for system in SYSTEMS}
    marked = customers.select(known=~customers.key.startswith(ANONYMOUS), **flags)
    return marked.group_by("known", *SYSTEMS).aggregate(customers=_.count())


def _homes(other: str) -> tuple[str, ...]:
    return HOMES if other == ANYWHERE else (other,)


def _match(rows: list[dict], system: str, other: str) -> MatchRate:
    mine = [row for row in rows if row[system] and (row["known"] or system != "product")]
    matched = sum(row["customers"] for row in mine if any(row[home] for home in _homes(other)))
    return MatchRate(system, other, sum(row["customers"] for row in mine), matched)


def unlinked_visitors(events: Events, first_step: str) -> Visitors:
    """How many sign-ups cannot be followed back to the visits before them?

    A customer signed up on the web when the product saw their `first_step`. They are
    linked when they own a browser's id (`anonymous_id:…`) and did something in the product
    before it; both, because a sign-up form often sends a fresh browser id of its own, and an
    earlier event without one came from a signed-in session. Customers who signed up in another
    system are not asked about.
    """
    row = events.run(visitors_query(events.table, events.customers, first_step)).to_pylist()[0]
    counts = {name: int(row[name]) for name in ("product", "anonymous", "signed_up", "linked", "browsers")}
    return Visitors(
        product=counts["product"],
        anonymous=counts["anonymous"],
        signed_up=counts["signed_up"],
        unlinked=counts["signed_up"] - counts["linked"],
        tracked=counts["browsers"] > 0,
    )


def visitors_query(table: ibis.Table, customers: ibis.Table, first_step: str) -> ibis.Table:
    """One row: product, anonymous, signed_up, linked, browsers (customers who own a browser's id)."""
    doing = (
        table.filter(_.system == "product")
        .group_by("customer_id")
        .aggregate(begun=_.position.min(), step=_.position.min(where=_.event == first_step))
        .select("begun", "step", who="customer_id")
    )
    browsers = _.raw_ids.filter(lambda raw: raw.startswith(ANONYMOUS)).length() > 0
    people = customers.select(
        "customer_id",
        browser=browsers,
        anonymous=_.key.startswith(ANONYMOUS),
        product=_.systems.contains("product"),
    )
    joined = people.left_join(doing, people.customer_id == doing.who)
    came = joined.step.notnull()
    linked = came & joined.browser & (joined.begun < joined.step)
    return joined.aggregate(
        product=joined.count(where=joined["product"]),
        anonymous=joined.count(where=joined["product"] & joined.anonymous),
        signed_up=joined.count(where=came),
        linked=joined.count(where=linked),
        browsers=joined.count(where=joined.browser),
    )
