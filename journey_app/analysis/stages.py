"""When does each customer reach each step? The shared first half of funnel, velocity and measures.

A customer enters once, at their first entry event, and every later step must come within the
window from entering. Three ways to order what follows:
ordered  each step after the one before (greater position), anything may lie between;
strict   each step is the very next thing the customer did;
any      all steps so far happened within the window, in any order; entering is the first of any of them
         (a step named twice is asked for once).
Source: docs/decisions/004-one-entry-per-customer.md
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import ibis
from ibis import _

from journey_app.engine.base import Events
from journey_app.errors import BadChoice, UnknownName
from journey_app.vocabulary import Filter

ORDERS = ("ordered", "strict", "any")
TIES = ("position", "best", "worst")
UNKNOWN = "unknown"
FIELDS = ("channel", "device", "source", "system", "currency", "account_id", "local_week")
MOST_STEPS = 12


@dataclass(frozen=True)
class Entry:
    """Which entries count: from a day, to a day (both included), with these field values.

    A field that is empty at entry has the value "unknown", here as in a breakdown.
    """

    since: date | None = None
    until: date | None = None
    where: tuple[Filter, ...] = ()


EVERYONE = Entry()


def check_steps(events: Events, steps: Sequence[str], fewest: int = 2) -> None:
    """Raise BadChoice or UnknownName before an odd question gives an odd number."""
    if not fewest <= len(steps) <= MOST_STEPS:
        raise BadChoice(
            f"{len(steps)} steps were given.", f"Choose between {fewest} and {MOST_STEPS} steps, in order."
        )
    known = event_names(events)
    for step in steps:
        if step not in known:
            raise UnknownName("event", step, known)


def event_names(events: Events) -> list[str]:
    """Every event name, most frequent first."""
    table = events.table
    counts = table.group_by("event").aggregate(n=_.count()).order_by(ibis.desc("n"), "event")
    return [str(name) for name in events.run(counts)["event"].to_pylist()]


def check_field(field: str) -> None:
    if field not in FIELDS:
        raise UnknownName("field", field, FIELDS)


def entries(table: ibis.Table, names: Sequence[str], entry: Entry, by: str | None = None) -> ibis.Table:
    """One row per customer who entered: customer_id, position, at, entered_at, entered_on, part.

    The entry is the customer's first event among `names`; if that one does not match
    `entry`, the customer is out (a later match does not let them in).
    """
    first = (
        table.filter(_.event.isin(list(names)))
        .group_by("customer_id")
        .aggregate(first_position=_.position.min())
        .select("first_position")
    )
    here = table.join(first, table.position == first.first_position)
    if entry.since is not None:
        here = here.filter(_.local_date >= ibis.literal(entry.since))
    if entry.until is not None:
        here = here.filter(_.local_date <= ibis.literal(entry.until))
    for only in entry.where:
        check_field(only.field)
        here = here.filter(_value(here, only.field).isin(list(only.values)))
    part = _value(here, by) if by else ibis.literal("all")
    return here.select(
        "customer_id",
        "position",
        at=_.occurred_at,
        before_at=_.occurred_at,
        entered_at=_.occurred_at,
        entered_on=_.local_date,
        part=part,
    )


def _value(table: ibis.Table, field: str) -> ibis.Value:
    """A field as a breakdown names it."""
    return table[field].cast("string").fill_null(UNKNOWN)


def stages(
    table: ibis.Table,
    steps: Sequence[str],
    within: timedelta | None,
    order: str = "ordered",
    entry: Entry = EVERYONE,
    by: str | None = None,
    ties: str = "position",
) -> list[ibis.Table]:
    """One relation per step, one row per customer who got there.

    within: None for no limit. ties (of ordered steps; the others do not ask): "position" follows the
    file; "best" lets equal times count in either order, each event for one step only; "worst"
    counts only strictly later times.
    Columns: customer_id, position, at (time of this step), before_at (of the step before),
    entered_at, entered_on, part (value of `by` at entry, "unknown" where empty, else "all").
    """
    if order not in ORDERS:
        raise BadChoice(f"“{order}” is not an order of steps.", f"Choose one of: {', '.join(ORDERS)}.")
    if ties not in TIES:
        raise BadChoice(f"“{ties}” is not a way to read ties.", f"Choose one of: {', '.join(TIES)}.")
    if order == "any":
        return _any_order(table, steps, within, entry, by)
    again = sorted({step for step in steps if steps.count(step) > 1}) if ties == "best" else []
    first = entries(table, steps[:1], entry, by)
    reached = [
        first.mutate(**{_used(name, again): _if_named(name, steps[0], first.position) for name in again})
    ]
    for step in steps[1:]:
        reached.append(_next_stage(table, reached[-1], step, within, order, ties, again))
    return reached


def _used(name: str, again: Sequence[str]) -> str:
    """The column that holds the last event counted for a step that is named more than once."""
    return f"used_{list(again).index(name)}"


def _if_named(name: str, step: str, position: ibis.Value) -> ibis.Value:
    return position if name == step else ibis.literal(0, "int64")  # positions count from 1


def _next_stage(
    table: ibis.Table,
    before: ibis.Table,
    step: str,
    within: timedelta | None,
    order: str,
    ties: str,
    again: Sequence[str],
) -> ibis.Table:
    doing = table.filter(_.event == step).select(
        who="customer_id", step_position="position", step_at="occurred_at"
    )
    rules = [before.customer_id == doing.who]
    if order == "strict":
        rules.append(doing.step_position == before.position + 1)
    elif ties == "best":
        rules.append(doing.step_at >= before["at"])
        if step in again:
            rules.append(doing.step_position > before[_used(step, again)])
    elif ties == "worst":
        rules.append(doing.step_at > before["at"])
    else:
        rules.append(doing.step_position > before.position)
    if within is not None:
        rules.append(doing.step_at <= before.entered_at + _interval(within))
    joined = before.join(doing, rules)
    kept = ["customer_id", "at", "entered_at", "entered_on", "part", *(_used(name, again) for name in again)]
    earliest = joined.group_by(kept).aggregate(step_position=_.step_position.min(), step_at=_.step_at.min())
    return earliest.select(
        "customer_id",
        "entered_at",
        "entered_on",
        "part",
        position=_.step_position,
        at=_.step_at,
        before_at=earliest["at"],
        **{
            _used(name, again): earliest.step_position if name == step else earliest[_used(name, again)]
            for name in again
        },
    )


def _any_order(
    table: ibis.Table, steps: Sequence[str], within: timedelta | None, entry: Entry, by: str | None
) -> list[ibis.Table]:
    """Step k holds the customers who did all of steps 1 to k; `at` is when the last of them came."""
    entered = entries(table, steps, entry, by)
    doing = table.filter(_.event.isin(list(steps))).select(
        who="customer_id", step="event", step_position="position", step_at="occurred_at"
    )
    rules = [entered.customer_id == doing.who, doing.step_position >= entered.position]
    if within is not None:
        rules.append(doing.step_at <= entered.entered_at + _interval(within))
    joined = entered.join(doing, rules)
    reached = []
    for count in range(1, len(steps) + 1):
        wanted = list(dict.fromkeys(steps[:count]))
        firsts = (
            joined.filter(_.step.isin(wanted))
            .group_by("customer_id", "entered_at", "entered_on", "part", "step")
            .aggregate(step_at=_.step_at.min(), step_position=_.step_position.min())
        )
        all_done = (
            firsts.group_by("customer_id", "entered_at", "entered_on", "part")
            .aggregate(done=_.count(), at=_.step_at.max(), position=_.step_position.max())
            .filter(_.done == len(wanted))
        )
        reached.append(
            all_done.select(
                "customer_id",
                "position",
                "at",
                "entered_at",
                "entered_on",
                "part",
                before_at=_.entered_at,
            )
        )
    return reached


def window_over(stage: ibis.Table, within: timedelta | None, now: datetime) -> ibis.Value:
    """True for customers who have had all the time the window gives; without a window, for all."""
    if within is None:
        return ibis.literal(True)
    return stage.entered_at + _interval(within) <= ibis.literal(now)


def seconds_between(earlier: ibis.Value, later: ibis.Value) -> ibis.Value:
    """How long from one moment to another, parts of a second included (epoch seconds differ by engine)."""
    return later.delta(earlier, unit="microsecond") / 1_000_000


def _interval(length: timedelta) -> ibis.Value:
    return ibis.interval(seconds=int(length.total_seconds()))
