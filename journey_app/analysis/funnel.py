"""How far do customers get, in order, and where do they leave?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import ibis
from ibis import _

from journey_app.analysis.stages import EVERYONE, Entry, check_field, check_steps, stages, window_over
from journey_app.engine.base import Events
from journey_app.errors import BadChoice
from journey_app.stats.rates import rate
from journey_app.vocabulary import Filter, Rate

TWO_WEEKS = timedelta(days=14)
FATES = ("reached", "went on", "lost", "open")


@dataclass(frozen=True)
class Step:
    """One step. customers: everyone who got here, window over or not. decided: of them, window over.

    open: of them, not yet at the next step and window not over. lost: of the decided, never at
    the next step (None at the last). kept: decided here ÷ decided at the step before, None at
    the first step and when nobody is decided.
    """

    event: str
    customers: int
    open: int
    decided: int
    lost: int | None
    kept: Rate | None


@dataclass(frozen=True)
class Funnel:
    """The steps for everyone, and for each value of the breakdown field at entry.

    overall: decided at the last step ÷ decided at the first.
    """

    steps: tuple[Step, ...]
    overall: Rate | None
    by: dict[str, tuple[Step, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Person:
    """Somebody behind a number: stable key, how people know them, when they entered and got this far."""

    key: str
    label: str
    entered_at: datetime
    last_step_at: datetime


def funnel(
    events: Events,
    steps: Sequence[str],
    within: timedelta | None = TWO_WEEKS,
    *,
    now: datetime,
    order: str = "ordered",
    by: str | None = None,
    since: date | None = None,
    until: date | None = None,
    where: Sequence[Filter] = (),
    ties: str = "position",
) -> Funnel:
    """Count the customers who do `steps` soon enough.

    A customer enters once, at their first `steps[0]`; later steps must come within `within` of
    entering (None: no limit, nobody is open). order: ordered, strict or any. by: a field whose
    value at entry splits the answer; the parts add up to the whole. since, until: local days of entry.

    Raises BadChoice, or UnknownName when a step or field is not there.
    Source: docs/decisions/004-one-entry-per-customer.md
    """
    check_steps(events, steps)
    if by is not None:
        check_field(by)
    entry = Entry(since, until, tuple(where))
    rows = events.run(funnel_query(events.table, steps, within, now, order, entry, by, ties)).to_pylist()
    parts = sorted({row["part"] for row in rows})
    by_part = {part: _steps(steps, [r for r in rows if r["part"] == part]) for part in parts}
    whole = _steps(steps, rows)
    largest_first = dict(sorted(by_part.items(), key=lambda item: (-item[1][0].customers, item[0])))
    return Funnel(whole, rate(whole[-1].decided, whole[0].decided), largest_first if by else {})


def funnel_query(
    table: ibis.Table,
    steps: Sequence[str],
    within: timedelta | None,
    now: datetime,
    order: str = "ordered",
    entry: Entry = EVERYONE,
    by: str | None = None,
    ties: str = "position",
) -> ibis.Table:
    """The same question as a value: step (from 0), part, customers, decided."""
    counts = []
    for number, stage in enumerate(stages(table, steps, within, order, entry, by, ties)):
        over = window_over(stage, within, now)
        counts.append(
            stage.mutate(over=over)
            .group_by("part")
            .aggregate(customers=_.count(), decided=_.count(where=_.over))
            .mutate(step=ibis.literal(number, "int64"))
            .select("step", "part", "customers", "decided")
        )
    return ibis.union(*counts, distinct=False)


def _steps(names: Sequence[str], rows: list[dict]) -> tuple[Step, ...]:
    customers, decided = [0] * (len(names) + 1), [0] * (len(names) + 1)
    for row in rows:
        customers[row["step"]] += row["customers"]
        decided[row["step"]] += row["decided"]
    answer = []
    for k, name in enumerate(names):
        last = k == len(names) - 1
        waiting = customers[k] - decided[k]
        ahead = 0 if last else customers[k + 1] - decided[k + 1]
        answer.append(
            Step(
                event=name,
                customers=customers[k],
                open=0 if last else waiting - ahead,
                decided=decided[k],
                lost=None if last else decided[k] - decided[k + 1],
                kept=rate(decided[k], decided[k - 1]) if k else None,
            )
        )
    return tuple(answer)


def behind(
    events: Events,
    steps: Sequence[str],
    step: int,
    fate: str,
    within: timedelta | None = TWO_WEEKS,
    *,
    now: datetime,
    order: str = "ordered",
    since: date | None = None,
    until: date | None = None,
    where: Sequence[Filter] = (),
) -> tuple[Person, ...]:
    """Who is behind a number of the funnel: exactly as many people as the number says.

    step: from 0. fate: reached, went on, lost (window over, never at the next step) or open; at the
    last step nobody is open, and nobody can be lost or go on.
    Raises BadChoice when the funnel has no such number, else as `funnel`.
    """
    check_steps(events, steps)
    _check_number(steps, step, fate)
    if fate == "open" and step == len(steps) - 1:
        return ()
    reached = stages(events.table, steps, within, order, Entry(since, until, tuple(where)))
    here = reached[step]
    if fate != "reached":
        after = reached[step + 1].select(gone_on="customer_id")
        over = window_over(here, within, now)
        if fate == "went on":
            here = here.semi_join(after, here.customer_id == after.gone_on)
        else:
            waiting = here.filter(over if fate == "lost" else ~over)
            here = waiting.anti_join(after, waiting.customer_id == after.gone_on)
    people = here.join(events.customers, "customer_id").select(
        "key", "label", "entered_at", last_step_at="at"
    )
    return tuple(Person(**row) for row in events.run(people.order_by("entered_at", "key")).to_pylist())


def _check_number(steps: Sequence[str], step: int, fate: str) -> None:
    if fate not in FATES:
        raise BadChoice(f"“{fate}” is nothing that happens at a step.", f"Choose one of: {', '.join(FATES)}.")
    if not 0 <= step < len(steps):
        raise BadChoice(
            f"There is no step {step} among {len(steps)}.", f"Choose a step from 0 to {len(steps) - 1}."
        )
    if step == len(steps) - 1 and fate in ("went on", "lost"):
        raise BadChoice(
            f"Nothing follows the last step, “{steps[step]}”.",
            "Ask who reached it, or choose an earlier step.",
        )
