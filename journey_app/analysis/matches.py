"""Are the customers that one system knows known to the others too?

Only in the direction that must hold: who pays, writes a ticket or uses the product under a name
must be known elsewhere; a contact need not be a payer, a visitor need not be a contact.
"""

from __future__ import annotations

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


def match_rates(events: Events) -> tuple[MatchRate, ...]:
    """One line per pair of systems that are both here, in the order of MUST_KNOW.

    Who must be known elsewhere did something here: paid, wrote, used the product. Who is only in a
    list of people did not; to be known there is enough to be known elsewhere. Customers of the product
    count when they have a known id; anonymous visitors cannot be contacts. Tickets have a line of their
    own for authors known in any of the CRM, the product or billing. Hiding an event makes nobody less of
    a payer, so what a clean-up hides counts.
    Source: docs/decisions/008-what-a-gap-is.md
    """
    whole = events.unhidden
    return rates_of(whole.run(systems_query(whole.table, whole.customers)).to_pylist())


def rates_of(rows: list[dict]) -> tuple[MatchRate, ...]:
    """The same from counted combinations, see `systems_query`."""
    here = {system for system in SYSTEMS if any(row[system] for row in rows)}
    active = {system for system in SYSTEMS if any(row[did(system)] for row in rows)}
    pairs = [pair for pair in MUST_KNOW if pair[0] in active and here & set(_homes(pair[1]))]
    return tuple(_match(rows, system, other) for system, other in pairs)


def did(system: str) -> str:
    """The column that says whether somebody did anything in a system."""
    return f"did_{system}"


def systems_query(table: ibis.Table, customers: ibis.Table) -> ibis.Table:
    """known, two columns per system, customers: how many customers each combination has.

    “billing”: known there, be it only in a list of people. “did_billing”: an event of theirs is from there.
    """
    done = table.group_by(who="customer_id").aggregate(
        **{did(system): (_.system == system).any() for system in SYSTEMS}
    )
    flags = {system: customers.systems.contains(system) for system in SYSTEMS}
    marked = customers.select("customer_id", known=~customers.key.startswith(ANONYMOUS), **flags)
    joined = marked.left_join(done, marked.customer_id == done.who)
    joined = joined.mutate(**{did(system): joined[did(system)].fill_null(False) for system in SYSTEMS})
    return joined.group_by("known", *SYSTEMS, *map(did, SYSTEMS)).aggregate(customers=_.count())


def _homes(other: str) -> tuple[str, ...]:
    return HOMES if other == ANYWHERE else (other,)


def _match(rows: list[dict], system: str, other: str) -> MatchRate:
    mine = [row for row in rows if row[did(system)] and (row["known"] or system != "product")]
    matched = sum(row["customers"] for row in mine if any(row[home] for home in _homes(other)))
    return MatchRate(system, other, sum(row["customers"] for row in mine), matched)
