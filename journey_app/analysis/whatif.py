"""How do customers, match rates and the goal read if ids are joined this way?"""

from __future__ import annotations

from dataclasses import dataclass

from ibis import _

from journey_app.analysis.clock import Clock
from journey_app.analysis.goal import measure_goal
from journey_app.analysis.identities import Refusals, refusals
from journey_app.analysis.matches import ANONYMOUS, match_rates
from journey_app.engine.base import Events
from journey_app.vocabulary import MatchRate, Measure, Rate


@dataclass(frozen=True)
class Reading:
    """The numbers that depend on who is one customer.

    known: customers with more than a browser's id. goal: as the goal strip reads it, None without a
    goal or while nobody's window is over. refused: ids that were not followed. off: these by reason.
    """

    customers: int
    known: int
    refused: int
    matches: tuple[MatchRate, ...]
    goal: Rate | None
    off: tuple[Refusals, ...] = ()


def reading(events: Events, measure: Measure | None, clock: Clock | None) -> Reading:
    """The numbers under the matching that `events` were joined by; measure and clock: of the goal, if any."""
    counted = events.customers.aggregate(
        customers=_.count(), known=_.count(where=~events.customers.key.startswith(ANONYMOUS))
    )
    row = events.run(counted).to_pylist()[0]
    off = refusals(events)
    goal = (
        measure_goal(events, measure, clock=clock).now if measure is not None and clock is not None else None
    )
    refused = sum(each.ids for each in off)
    return Reading(int(row["customers"]), int(row["known"]), refused, match_rates(events), goal, off)


def how_many(events: Events) -> int:
    """Events in all: what building another matching costs."""
    return int(events.run(events.table.aggregate(n=_.count()))["n"].to_pylist()[0])
