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
import pyarrow as pa
from ibis import _

from journey_app.analysis.clock import Clock
from journey_app.analysis.funnel import Person
from journey_app.analysis.stages import check_steps
from journey_app.analysis.trouble import (
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
from journey_app.analysis.worth import Way, first_entry, gap_worth, rate_at, short_measure
from journey_app.engine.base import Events
from journey_app.stats.rates import newcombe, rate
from journey_app.vocabulary import Goal, Interval, Measure, Rate

SHOWN = 5
FEWEST = 20  # customers; fewer are stories, not friction
MOST_EVENTS = 40  # names looked at besides the goal's own, most frequent first
SLOW_MEDIANS = 3
USUALLY_SLOW = 2.0**-SLOW_MEDIANS  # the share beyond 3 medians when nothing holds people up (constant hazard)
RAISED = 1.5  # tickets after an event, against tickets after the others
CONFIDENCE = 0.95
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
class _Journeys:
    """Customers on the way and when they reached each step (seconds, nan when never): people × steps."""

    ids: np.ndarray
    at: np.ndarray

    @property
    def won(self) -> np.ndarray:
        return ~np.isnan(self.at[:, -1])

    def took(self, step: int) -> np.ndarray:
        """Seconds from a step to the next, of those who took it."""
        length = self.at[:, step + 1] - self.at[:, step]
        return length[~np.isnan(length)]


@dataclass(frozen=True)
class _Case:
    """Everything the five kinds are looked for in. names: other events; support: its opening events."""

    events: Events
    goal: Goal
    way: Ground
    numbers: Way
    journeys: _Journeys
    names: tuple[str, ...]
    tickets: tuple[str, ...]

    def usual(self, step: int, share: float = 0.95) -> timedelta | None:
        took = self.journeys.took(step)
        return timedelta(seconds=float(np.quantile(took, share))) if len(took) else None

    def measure(self, start: str, step: int, share: float = 0.95) -> Measure:
        return short_measure(
            start, self.goal.steps[step + 1], self.usual(step, share), self.goal.measure.where
        )


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
            said = f"{lost:,} of {here:,} stop after “{name}”."
            worth = case.numbers.loss_worth(step)
            yield Friction(
                "drop_off", name, step, lost, _sure(lost, here), worth, said, case.measure(name, step)
            )


def _lags(case: _Case) -> Iterator[Friction]:
    """A step where clearly more than one in eight take over three medians.

    The last step is left out: arriving late is arriving.
    """
    steps = range(len(case.goal.steps) - 2)
    for step in steps:
        took = case.journeys.took(step)
        median = float(np.median(took)) if len(took) else 0.0
        limit = int(SLOW_MEDIANS * median)
        slow = int((took > limit).sum())
        confidence = 1 - (1 - CONFIDENCE) / len(steps)
        if not median or rate_at(slow, len(took), confidence).low <= USUALLY_SLOW:
            continue
        before, after = case.goal.steps[step], case.goal.steps[step + 1]
        length = case.journeys.at[:, step + 1] - case.journeys.at[:, step]
        worth = _gap(case, length > limit, length <= limit, slow)
        said = (
            f"{slow:,} of {len(took):,} take over {_long(limit)} from “{before}” to “{after}”; "
            f"half take {_long(median)} or less."
        )
        yield Friction(
            kind="lag",
            place=before,
            step=step,
            customers=slow,
            rate=_sure(slow, len(took)),
            worth=worth,
            sentence=said,
            measure=case.measure(before, step, share=0.5),
            slow_after=timedelta(seconds=limit),
        )


def _loops(case: _Case) -> Iterator[Friction]:
    """Going round in circles is friction where those who do reach the goal less often, beyond chance."""
    met = _by_place(case, met_query(case.way, case.names))
    circles = _by_place(case, repeated_query(case.way, case.names))
    confidence = 1 - (1 - CONFIDENCE) / max(len(circles), 1)
    for name, hit in circles.items():
        stand = _stand(case, hit)
        worth = _worth(case, hit, stand, confidence, among=met[name].ids)
        if worth is None or worth.low <= 0:
            continue
        of = len(met[name].ids)
        said = f"{len(hit.ids):,} of {of:,} repeat “{name}” three times or more in a day, and fewer go on."
        yield _at_event(
            case, "loop", name, stand, hit, of, _worth(case, hit, stand, among=met[name].ids), said
        )


def _tickets(case: _Case) -> Iterator[Friction]:
    """Tickets within three days after an event, where they are clearly more than after the others."""
    if not case.tickets:
        return
    rows = case.events.run(observed_query(case.way, case.names)).to_pylist()
    seen = {row["place"]: row["customers"] for row in rows}
    wrote = _by_place(case, asked_query(case.way, case.names, case.tickets))
    confidence = 1 - (1 - CONFIDENCE) / max(len(seen), 1)
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
        stand = _stand(case, hit)
        yield _at_event(case, "ticket", name, stand, hit, of, _worth(case, hit, stand), said)


def _errors(case: _Case) -> Iterator[Friction]:
    names = [name for name in case.names if TROUBLE.search(name)]
    if not names:
        return
    entered = len(case.journeys.ids)
    for name, hit in _by_place(case, met_query(case.way, names)).items():
        stand = _stand(case, hit)
        said = f"{len(hit.ids):,} of {entered:,} run into “{name}”."
        yield _at_event(case, "error", name, stand, hit, entered, _worth(case, hit, stand), said)


def _at_event(
    case: _Case, kind: str, name: str, stand: int, hit: _Hit, of: int, worth: Interval | None, said: str
) -> Friction:
    count = len(hit.ids)
    return Friction(kind, name, stand, count, _sure(count, of), worth, said, case.measure(name, stand))


# ---------------------------------------------------------------- counting


@dataclass(frozen=True)
class _Hit:
    """Customers who met one trouble, and when (seconds)."""

    ids: np.ndarray
    at: np.ndarray


def _case(events: Events, goal: Goal, clock: Clock, others: Sequence[str] | None) -> _Case:
    way = ground(events.table, goal, clock)
    names, tickets = _names(events)
    if others is not None:
        names = tuple(name for name in names if name in others)
    journeys = _journeys(events.run(journeys_query(way)), len(goal.steps))
    reached = tuple(int(count) for count in (~np.isnan(journeys.at)).sum(axis=0))
    numbers = Way(goal.steps, reached, first_entry(goal, clock))
    return _Case(events, goal, way, numbers, journeys, names[:MOST_EVENTS], tickets)


def _names(events: Events) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Events of the customer's own doing, most frequent first; and those that open a ticket."""
    table = events.table
    counts = table.group_by("event").aggregate(n=_.count(), support=_.count(where=_.system == SUPPORT))
    rows = events.run(counts.order_by(ibis.desc("n"), "event")).to_pylist()
    own = tuple(str(row["event"]) for row in rows if not row["support"])
    asking = tuple(str(row["event"]) for row in rows if row["support"] and not CLOSING.search(row["event"]))
    return own, asking


def _journeys(answer: pa.Table, steps: int) -> _Journeys:
    columns = [_seconds(answer[f"at{step}"]) for step in range(steps)]
    return _Journeys(answer["customer_id"].to_numpy(), np.column_stack(columns))


def _seconds(column: pa.ChunkedArray) -> np.ndarray:
    moments = column.cast(pa.timestamp("us")).to_numpy()
    return np.where(np.isnat(moments), np.nan, moments.astype("int64") / 1e6)


def _by_place(case: _Case, query: ibis.Table) -> dict[str, _Hit]:
    """Customers by where it happened, in the order of the places' names."""
    answer = case.events.run(query)
    places = np.array(answer["place"].to_pylist(), dtype=object)
    ids, at = answer["customer_id"].to_numpy(), _seconds(answer["at"])
    return {name: _Hit(ids[places == name], at[places == name]) for name in sorted(set(places))}


def _stand(case: _Case, hit: _Hit) -> int:
    """The goal step at which most of them stood when it happened."""
    steps = _stood(case, hit)
    return int(np.bincount(steps, minlength=1).argmax())


def _stood(case: _Case, hit: _Hit) -> np.ndarray:
    rows = _rows(case, hit.ids)
    reached = case.journeys.at[rows] <= hit.at[:, None]
    return np.clip(reached.sum(axis=1) - 1, 0, len(case.goal.steps) - 2)


def _rows(case: _Case, ids: np.ndarray) -> np.ndarray:
    order = np.argsort(case.journeys.ids)
    return order[np.searchsorted(case.journeys.ids, ids, sorter=order)]


def _worth(
    case: _Case, hit: _Hit, stand: int, confidence: float = CONFIDENCE, among: np.ndarray | None = None
) -> Interval | None:
    """If they did as well as others who had come as far: those it never happened to.

    among: only these others, such as those who did the same event without going round in circles.
    """
    everyone = ~np.isnan(case.journeys.at[:, stand])
    inside = np.zeros(len(everyone), dtype=bool)
    inside[_rows(case, hit.ids[_stood(case, hit) == stand])] = True
    spared = everyone if among is None else everyone & np.isin(case.journeys.ids, among)
    spared = spared & ~np.isin(case.journeys.ids, hit.ids)
    return _gap(case, inside, spared, len(hit.ids), confidence)


def _gap(
    case: _Case, worse: np.ndarray, better: np.ndarray, customers: int, confidence: float = CONFIDENCE
) -> Interval | None:
    won = case.journeys.won
    if not worse.any() or not better.any():
        return None
    rates = [rate_at(int((won & group).sum()), int(group.sum()), confidence) for group in (worse, better)]
    return gap_worth(rates[0], rates[1], customers, len(case.journeys.ids))


def _sure(count: int, of: int) -> Rate:
    found = rate(count, of)
    assert found is not None, "only asked where somebody was there"
    return found


def _long(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"
