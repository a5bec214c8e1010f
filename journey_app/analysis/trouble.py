"""Who ran into what on the way to the goal? One relation per kind of trouble: customer_id, place, at.

On the way means: entered in the last twelve decided weeks, from entering until the goal or the end
of the window. Counts and lists of people are made from these same relations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
from ibis import _

from journey_app.analysis.clock import Clock
from journey_app.analysis.stages import Entry, stages, window_over
from journey_app.analysis.worth import first_entry
from journey_app.vocabulary import Goal

REPEATS = 3  # the same event as often as this in one local day is going round in circles
SOON = timedelta(days=3)  # a ticket this soon after an event is thought to be about it
SUPPORT = "support"


@dataclass(frozen=True)
class Ground:
    """The way to the goal, as relations. reached: one per step, decided customers only."""

    table: ibis.Table
    steps: tuple[str, ...]
    within: timedelta
    now: datetime
    reached: tuple[ibis.Table, ...]


def ground(table: ibis.Table, goal: Goal, clock: Clock) -> Ground:
    entry = Entry(since=first_entry(goal, clock), where=goal.measure.where)
    within = goal.measure.within
    reached = [
        stage.filter(window_over(stage, within, clock.now))
        for stage in stages(table, goal.steps, within, "ordered", entry)
    ]
    return Ground(table, goal.steps, within, clock.now, tuple(reached))


def journeys_query(way: Ground) -> ibis.Table:
    """One row per customer on the way: customer_id, at0, at1 … (null for steps not reached)."""
    joined = way.reached[0].select("customer_id", at0="at")
    for number, stage in enumerate(way.reached[1:], 1):
        later = stage.select(who=stage.customer_id, when=stage["at"])
        joined = joined.left_join(later, joined.customer_id == later.who)
        joined = joined.select(
            "customer_id", *(f"at{k}" for k in range(number)), **{f"at{number}": joined.when}
        )
    return joined


def dropped_query(way: Ground, step: int) -> ibis.Table:
    """Customers who reached `step` (from 0) and never the next one."""
    after = way.reached[step + 1].select(gone_on="customer_id")
    here = way.reached[step]
    return here.anti_join(after, here.customer_id == after.gone_on).select(
        "customer_id", place=ibis.literal(way.steps[step]), at=_["at"]
    )


def slow_query(way: Ground, step: int, slow_after: timedelta) -> ibis.Table:
    """Customers who took longer than `slow_after` from `step` to the next one."""
    arrived = way.reached[step + 1]
    limit = ibis.interval(seconds=int(slow_after.total_seconds()))
    return arrived.filter(arrived["at"] > arrived.before_at + limit).select(
        "customer_id", place=ibis.literal(way.steps[step]), at=_["at"]
    )


def repeated_query(way: Ground, names: Sequence[str]) -> ibis.Table:
    """Customers who did one of `names` three times or more in a day; at: the first of them."""
    days = _on_the_way(way).filter(_.event.isin(list(names)))
    days = days.group_by("customer_id", "event", "local_date").aggregate(n=_.count(), at=_.occurred_at.min())
    return _firsts(days.filter(_.n >= REPEATS).select("customer_id", "event", occurred_at="at"))


def met_query(way: Ground, names: Sequence[str]) -> ibis.Table:
    """Customers who ran into one of `names`; at: the first time."""
    return _firsts(_on_the_way(way).filter(_.event.isin(list(names))))


def asked_query(way: Ground, names: Sequence[str], tickets: Sequence[str]) -> ibis.Table:
    """Of `met_query`, those with one of the `tickets` events within three days after."""
    met = _observed(way, names)
    wrote = way.table.filter(_.event.isin(list(tickets))).select(who="customer_id", wrote_at="occurred_at")
    soon = ibis.interval(seconds=int(SOON.total_seconds()))
    rules = [
        met.customer_id == wrote.who,
        wrote.wrote_at > met["at"],
        wrote.wrote_at <= met["at"] + soon,
    ]
    return met.join(wrote, rules).select("customer_id", "place", "at").distinct()


def observed_query(way: Ground, names: Sequence[str]) -> ibis.Table:
    """place, customers: how many met each of `names` three days or more before the data ends."""
    return _observed(way, names).group_by("place").aggregate(customers=_.count())


def _observed(way: Ground, names: Sequence[str]) -> ibis.Table:
    soon = ibis.interval(seconds=int(SOON.total_seconds()))
    return met_query(way, names).filter(_["at"] + soon <= ibis.literal(way.now))


def _on_the_way(way: Ground) -> ibis.Table:
    """customer_id, event, occurred_at, local_date: from entering to the goal or the end of the window."""
    first, last = way.reached[0], way.reached[-1]
    goals = last.select(winner="customer_id", won_position="position")
    begun = first.select("entered_at", who="customer_id", first_position="position")
    span = begun.left_join(goals, begun.who == goals.winner).select(
        "who", "entered_at", "first_position", "won_position"
    )
    rules = [way.table.customer_id == span.who, way.table.position >= span.first_position]
    joined = way.table.join(span, rules)
    window = ibis.interval(seconds=int(way.within.total_seconds()))
    kept = joined.filter(
        joined.occurred_at <= joined.entered_at + window,
        joined.won_position.isnull() | (joined.position < joined.won_position),
    )
    return kept.select("customer_id", "occurred_at", "local_date", event=kept.event.cast("string"))


def _firsts(happened: ibis.Table) -> ibis.Table:
    first = happened.group_by("customer_id", place="event").aggregate(at=_.occurred_at.min())
    return first.select("customer_id", "place", "at")
