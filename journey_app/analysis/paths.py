"""How do customers walk from (or to) an event, step by step, and where do they leave?

One path per customer, so a ribbon's width is a number of people: forward from their first
such event, backward from their last. A path ends where the customer's events (or the
session) end; ends are drawn, and events outside the top of a step stand together in Other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import ibis
from ibis import _

from journey_app.analysis.stages import check_steps, seconds_between
from journey_app.engine.base import Events
from journey_app.errors import BadChoice

LEFT, CAME, OTHER = "(left)", "(start)", "(other)"
MOST_STEPS = 12


@dataclass(frozen=True)
class Link:
    """One ribbon: customers who were at `source` in column `step` and at `target` in the next."""

    step: int
    source: str
    target: str
    customers: int


@dataclass(frozen=True)
class Paths:
    """Ribbons column by column. other: what stands behind Other in each column, most first.

    customers: how many paths there are (everyone who did the anchor event). collapse: whether the
    same event several times in a row counts as one, so that a path may end before its customer did.
    """

    anchor: str
    forward: bool
    steps: int
    customers: int
    links: tuple[Link, ...]
    other: dict[int, dict[str, int]]
    collapse: bool = True


def paths(
    events: Events,
    anchor: str,
    *,
    forward: bool = True,
    steps: int = 4,
    top: int = 8,
    session: timedelta | None = None,
    collapse: bool = True,
) -> Paths:
    """Walk `steps` columns from (or back from) `anchor`.

    top: how many events a column names. session: the longest pause inside a path, None for
    whole journeys. collapse: the same event several times in a row counts as one.
    Column 0 is the anchor; backward paths count columns away from it.
    """
    check_steps(events, [anchor], fewest=1)
    if not 1 <= steps <= MOST_STEPS or not 1 <= top <= 30:
        raise BadChoice("That picture would not fit.", f"Choose 1 to {MOST_STEPS} steps and 1 to 30 events.")
    query = paths_query(events.table, anchor, forward, steps, session, collapse)
    return _readable(events.run(query).to_pylist(), anchor, forward, steps, top, collapse)


def paths_query(
    table: ibis.Table,
    anchor: str,
    forward: bool,
    steps: int,
    session: timedelta | None = None,
    collapse: bool = True,
) -> ibis.Table:
    """step, source, target (null at a path's end), customers — before anything is put under Other."""
    near = _around_anchor(table, anchor, forward, None if collapse else steps)
    order = near.away
    mine = ibis.window(group_by="customer_id", order_by=order)
    if session is None:
        walked = near.mutate(breaks=ibis.literal(0, "int64"), before=near.event.lag().over(mine))
    else:
        pause = seconds_between(near.occurred_at.lag().over(mine), near.occurred_at).abs()
        marked = near.mutate(
            broke=(pause > session.total_seconds()).fill_null(False).cast("int64"),
            before=near.event.lag().over(mine),
        )
        so_far = ibis.cumulative_window(group_by="customer_id", order_by=marked.away)
        walked = marked.mutate(breaks=marked.broke.sum().over(so_far)).filter(_.breaks == 0)
    if collapse:
        walked = walked.filter(_.before.isnull() | (_.before != _.event))
    again = ibis.window(group_by="customer_id", order_by=walked.away)
    numbered = walked.mutate(step=ibis.row_number().over(again), target=walked.event.lead().over(again))
    return (
        numbered.filter(_.step < steps)
        .group_by("step", "target", source="event")
        .aggregate(customers=_.count())
        .select("step", "source", "target", "customers")
        .order_by("step", ibis.desc("customers"), "source", "target")
    )


def _around_anchor(table: ibis.Table, anchor: str, forward: bool, reach: int | None) -> ibis.Table:
    """Events from each customer's anchor onwards; `away` counts positions from it, in walking order.

    Positions of one customer are consecutive, so `reach` positions hold the next `reach` events.
    """
    anchored = (
        table.filter(_.event == anchor)
        .group_by("customer_id")
        .aggregate(zero=_.position.min() if forward else _.position.max())
        .select(who="customer_id", zero="zero")
    )
    joined = table.join(anchored, table.customer_id == anchored.who)
    away = (joined.position - joined.zero) if forward else (joined.zero - joined.position)
    near = joined.select("customer_id", "event", "occurred_at", away=away).filter(_.away >= 0)
    return near if reach is None else near.filter(_.away <= reach)


def _readable(rows: list[dict], anchor: str, forward: bool, steps: int, top: int, collapse: bool) -> Paths:
    """Name the `top` events of each column and put the rest under Other."""
    end = LEFT if forward else CAME
    columns: dict[int, dict[str, int]] = {column: {} for column in range(1, steps + 1)}
    for row in rows:
        target = row["target"]
        if target is not None:
            column = columns[row["step"] + 1]
            column[target] = column.get(target, 0) + row["customers"]
    ranked = {c: sorted(names.items(), key=lambda item: (-item[1], item[0])) for c, names in columns.items()}
    named = {c: {name for name, _n in order[:top]} for c, order in ranked.items()} | {0: {anchor}}
    widths: dict[tuple[int, str, str], int] = {}
    for row in rows:
        source = row["source"] if row["source"] in named[row["step"]] else OTHER
        target = end if row["target"] is None else row["target"]
        if target != end and target not in named[row["step"] + 1]:
            target = OTHER
        ribbon = (row["step"], source, target)
        widths[ribbon] = widths.get(ribbon, 0) + row["customers"]
    return Paths(
        anchor=anchor,
        forward=forward,
        steps=steps,
        customers=sum(row["customers"] for row in rows if row["step"] == 0),
        links=tuple(
            Link(*ribbon, customers)
            for ribbon, customers in sorted(widths.items(), key=lambda item: (item[0][0], -item[1], item[0]))
        ),
        other={c: dict(order[top:]) for c, order in ranked.items() if order[top:]},
        collapse=collapse,
    )
