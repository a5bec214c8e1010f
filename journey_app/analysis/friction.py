"""Where do customers get stuck on the way to the goal, how many, and what does it cost?

Five kinds of trouble: leaving, taking long, going round in circles, writing to support, errors.
Source: docs/decisions/010-friction-and-findings.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import ibis
import numpy as np
from ibis import _

from journey_app.analysis.clock import Clock
from journey_app.analysis.funnel import Person
from journey_app.analysis.journeys import CONFIDENCE, Hit, Journeys, hits, journeys
from journey_app.analysis.stages import check_steps
from journey_app.analysis.trouble import (
    REPEATS,
    SOON,
    SUPPORT,
    Ground,
    asked_query,
    dropped_query,
    ground,
    journeys_query,
    met_query,
    observed_query,
    repeated_query,
    slow_query,
)
from journey_app.analysis.worth import Way, first_entry, rate_at, short_measure
from journey_app.engine.base import Events
from journey_app.stats.rates import newcombe, rate
from journey_app.vocabulary import Goal, Interval, Measure, Rate

SHOWN = 5
FEWEST = 20  # customers; fewer are stories, not friction
MOST_EVENTS = 40  # names looked at besides the goal's own, most frequent first
SLOW_MEDIANS = 3
USUALLY_SLOW = 2.0**-SLOW_MEDIANS  # the share beyond 3 medians when nothing holds people up (constant hazard)
RAISED = 1.5  # tickets after an event, against tickets after the others
TROUBLE = re.compile(
    r"error|fail|rage|exception|crash|declined|denied|timeout|timed out|invalid|dead click", re.I
)
CLOSING = re.compile(r"solved|resolved|closed|answered|replied|assigned|rated|reopened|satisf|survey", re.I)


@dataclass(frozen=True)
class Friction:
    """One trouble. kind: drop_off, lag, loop, ticket or error. place: the step or event it happens at.

    step: the goal step (from 0) at which its customers stand. rate: customers in trouble of those
    who could be. worth: points of the goal's share mending it could bring, None when there is nobody
    to compare with. slow_after: for a lag, what counts as long. measure: what a change would be judged by.
    """

    kind: str
    place: str
    step: int
    customers: int
    rate: Rate
    worth: Interval | None
    sentence: str
    measure: Measure
    slow_after: timedelta | None = None


@dataclass(frozen=True)
class _Case:
    """Everything the five kinds are looked for in. names: other events; support: its opening events."""

    events: Events
    goal: Goal
    way: Ground
    numbers: Way
    journeys: Journeys
    names: tuple[str, ...]
    tickets: tuple[str, ...]

    def measure(self, start: str, step: int, share: float = 0.95) -> Measure:
        """Coming from `start` to the step after `step`, within the time most of those who do need."""
        after, only = self.goal.steps[step + 1], self.goal.measure.where
        return short_measure(start, after, self.journeys.usual(step, share), only)

    def hits(self, query: ibis.Table) -> dict[str, Hit]:
        return hits(self.events.run(query))


def friction(
    events: Events, goal: Goal, *, clock: Clock, others: Sequence[str] | None = None
) -> tuple[Friction, ...]:
    """All frictions of the last twelve decided weeks, costliest to the goal first; pages show SHOWN.

    others: the events looked at for loops, tickets and errors; None for the 40 most frequent.
    Raises BadChoice or UnknownName when the goal's steps are not there.
    """
    check_steps(events, goal.steps)
    case = _case(events, goal, clock, others)
    if not len(case.journeys.ids):
        return ()
    found = [*_drop_offs(case), *_lags(case), *_loops(case), *_tickets(case), *_errors(case)]
    large = [one for one in found if one.customers >= FEWEST]
    return tuple(sorted(large, key=_rank))


def _rank(one: Friction) -> tuple[float, int, str, str]:
    return (-one.worth.middle if one.worth else 0.0, -one.customers, one.kind, one.place)


def people_behind(events: Events, goal: Goal, friction: Friction, *, clock: Clock) -> tuple[Person, ...]:
    """The customers in this trouble, exactly as many as it says; last_step_at: when it happened."""
    way = ground(events.table, goal, clock)
    trouble = _trouble(events, way, friction).filter(_.place == friction.place)
    entered = way.reached[0].select("entered_at", who="customer_id")
    people = trouble.join(entered, trouble.customer_id == entered.who).select(
        "customer_id", "entered_at", last_step_at="at"
    )
    named = people.join(events.customers, "customer_id").select("key", "label", "entered_at", "last_step_at")
    return tuple(Person(**row) for row in events.run(named.order_by("entered_at", "key")).to_pylist())


def _trouble(events: Events, way: Ground, friction: Friction) -> ibis.Table:
    if friction.kind == "drop_off":
        return dropped_query(way, friction.step)
    if friction.kind == "lag" and friction.slow_after is not None:
        return slow_query(way, friction.step, friction.slow_after)
    if friction.kind == "loop":
        return repeated_query(way, [friction.place])
    if friction.kind == "ticket":
        return asked_query(way, [friction.place], _names(events)[1])
    return met_query(way, [friction.place])


# ---------------------------------------------------------------- the five kinds


def _drop_offs(case: _Case) -> Iterator[Friction]:
    for step, name in enumerate(case.goal.steps[:-1]):
        here = case.numbers.reached[step]
        lost = here - case.numbers.reached[step + 1]
        if lost:
            yield Friction(
                kind="drop_off",
                place=name,
                step=step,
                customers=lost,
                rate=_sure(lost, here),
                worth=case.numbers.loss_worth(step),
                sentence=f"{lost:,} of {here:,} stop after “{name}”.",
                measure=case.measure(name, step),
            )


def _lags(case: _Case) -> Iterator[Friction]:
    """A step where clearly more than one in eight take over three medians.

    The last step is left out: arriving late is arriving.
    """
    steps = range(len(case.goal.steps) - 2)
    for step in steps:
        took = case.journeys.took(step)
        moved_on = ~np.isnan(took)
        median = float(np.median(took[moved_on])) if moved_on.any() else 0.0
        limit = int(SLOW_MEDIANS * median)
        slow = took > limit
        count, of = int(slow.sum()), int(moved_on.sum())
        if not limit or rate_at(count, of, _among(len(steps))).low <= USUALLY_SLOW:
            continue
        before, after = case.goal.steps[step], case.goal.steps[step + 1]
        yield Friction(
            kind="lag",
            place=before,
            step=step,
            customers=count,
            rate=_sure(count, of),
            worth=case.journeys.compared(slow, moved_on & ~slow, count),
            sentence=f"{count:,} of {of:,} take over {_long(limit)} from “{before}” to “{after}”; "
            f"half take {_long(median)} or less.",
            measure=case.measure(before, step, share=0.5),
            slow_after=timedelta(seconds=limit),
        )


def _loops(case: _Case) -> Iterator[Friction]:
    """Going round in circles is friction where it goes with reaching the goal less often, beyond chance.

    Compared with those who did the same at the same step without going round in circles.
    """
    circles = case.hits(repeated_query(case.way, case.names))
    met = case.hits(met_query(case.way, list(circles)))
    for name, hit in circles.items():
        stand = case.journeys.stand(hit)
        strict = case.journeys.worth(hit, stand, met[name], _among(len(circles)))
        if strict is not None and strict.low > 0:
            n, of = len(hit.ids), len(met[name].ids)
            said = f"{n:,} of {of:,} repeat “{name}” {REPEATS} times or more in a day, and fewer go on."
            worth = case.journeys.worth(hit, stand, met[name])
            yield _at_event(case, "loop", name, stand, hit, of, worth, said)


def _tickets(case: _Case) -> Iterator[Friction]:
    """Tickets within three days after an event, where they are clearly more than after the others."""
    if not case.tickets:
        return
    rows = case.events.run(observed_query(case.way, case.names)).to_pylist()
    seen = {row["place"]: row["customers"] for row in rows}
    wrote = case.hits(asked_query(case.way, case.names, case.tickets))
    confidence = _among(len(seen))
    for name, hit in wrote.items():
        n, of = len(hit.ids), seen[name]
        elsewhere = sum(len(other.ids) for other in wrote.values()) - n, sum(seen.values()) - of
        if not elsewhere[1]:
            continue
        here, base = rate_at(n, of, confidence), rate_at(*elsewhere, confidence)
        if newcombe(here, base).low <= 0 or here.share < RAISED * base.share:
            continue
        said = (
            f"{n:,} of {of:,} write to support within {SOON.days} days of “{name}”; "
            f"after other events {base.share:.1%} do."
        )
        stand = case.journeys.stand(hit)
        yield _at_event(case, "ticket", name, stand, hit, of, case.journeys.worth(hit, stand), said)


def _errors(case: _Case) -> Iterator[Friction]:
    names = [name for name in case.names if TROUBLE.search(name)]
    if not names:
        return
    entered = len(case.journeys.ids)
    for name, hit in case.hits(met_query(case.way, names)).items():
        stand = case.journeys.stand(hit)
        said = f"{len(hit.ids):,} of {entered:,} run into “{name}”."
        yield _at_event(case, "error", name, stand, hit, entered, case.journeys.worth(hit, stand), said)


def _at_event(
    case: _Case, kind: str, name: str, stand: int, hit: Hit, of: int, worth: Interval | None, said: str
) -> Friction:
    count = len(hit.ids)
    return Friction(kind, name, stand, count, _sure(count, of), worth, said, case.measure(name, stand))


def _case(events: Events, goal: Goal, clock: Clock, others: Sequence[str] | None) -> _Case:
    way = ground(events.table, goal, clock)
    names, tickets = _names(events)
    if others is not None:
        names = tuple(name for name in names if name in others)
    known = journeys(events.run(journeys_query(way)), len(goal.steps))
    numbers = Way(goal.steps, known.reached, first_entry(goal, clock))
    return _Case(events, goal, way, numbers, known, names[:MOST_EVENTS], tickets)


def _names(events: Events) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Events of the customer's own doing, most frequent first; and those that open a ticket."""
    table = events.table
    counts = table.group_by("event").aggregate(n=_.count(), support=_.count(where=_.system == SUPPORT))
    rows = events.run(counts.order_by(ibis.desc("n"), "event")).to_pylist()
    own = tuple(str(row["event"]) for row in rows if not row["support"])
    asking = tuple(str(row["event"]) for row in rows if row["support"] and not CLOSING.search(row["event"]))
    return own, asking


def _among(comparisons: int) -> float:
    """The confidence of each of several comparisons so that all hold together at 95 % (Bonferroni)."""
    return 1 - (1 - CONFIDENCE) / max(comparisons, 1)


def _sure(count: int, of: int) -> Rate:
    found = rate(count, of)
    assert found is not None, "only asked where somebody was there"
    return found


def _long(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"
