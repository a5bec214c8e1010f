"""What does each customer do in the week after entering? The behaviour that clusters are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import numpy as np
import pandas as pd
from ibis import _

from journey_app.analysis.stages import EVERYONE, entries, window_over
from journey_app.engine.base import Events

FIRST_WEEK = timedelta(days=7)
MOST_EVENTS = 20
MOST_CUSTOMERS = 50_000  # the newest; what more of them look like they show
STEPS_DONE = "Steps done"
EXTRAS = (STEPS_DONE, "Active days", "Different features")  # after the events, in this order
FIRST_FEW = 4
# What customers do themselves; books kept about them (CRM, billing) and tickets are no way of using anything.
ACTED = ("product", "other", "email", "survey")


@dataclass(frozen=True)
class WeekOne:
    """Customers × features, ids ascending.

    raw: event counts, share of steps done (0 to 1), active days, number of different events.
    features: their names in column order. firsts: each customer's first four different events.
    """

    ids: np.ndarray
    features: tuple[str, ...]
    raw: np.ndarray
    firsts: tuple[tuple[str, ...], ...]

    def scaled(self) -> np.ndarray:
        """Counts as log(1 + n), so that ten times as many is a step and not a cliff."""
        logs = self.raw.copy()
        counts = [n for n, name in enumerate(self.features) if name != STEPS_DONE]
        logs[:, counts] = np.log1p(logs[:, counts])
        return logs


def week_one(
    events: Events,
    steps: Sequence[str],
    *,
    now: datetime,
    without: Sequence[str] = (),
    names: Sequence[str] | None = None,
    systems: Sequence[str] = ACTED,
) -> WeekOne:
    """The first weeks of the newest 50,000 customers who entered at `steps[0]` and whose week is over.

    without: events left out, such as the goal itself: what is to be explained must not explain it.
    names: the events to count; None for the 20 that most customers do, besides entering.
    systems: where behaviour is looked for; entering counts wherever it happened.
    """
    rows = events.run(week_one_query(events.table, steps[0], now, systems)).to_pandas()
    if rows.empty:
        return WeekOne(np.empty(0, dtype=np.int64), (), np.empty((0, 0)), ())
    days = events.run(active_days_query(events.table, steps[0], now, systems)).to_pandas()
    rows["event"] = rows["event"].astype(str)
    ids = np.sort(rows["customer_id"].unique())
    seen = rows[~rows["event"].isin([*without])]
    others = seen[seen["event"] != steps[0]]  # everyone here has entered: it tells nobody apart
    if names is None:
        doers = others.groupby("event")["customer_id"].nunique()
        names = sorted(doers.index, key=lambda name: (-doers[name], name))[:MOST_EVENTS]
    wide = others.pivot_table(index="customer_id", columns="event", values="n", aggfunc="sum")
    wide = wide.reindex(index=ids, columns=list(names)).fillna(0)
    counted = [step for step in steps if step not in without]
    done = seen[seen["event"].isin(counted)].groupby("customer_id")["event"].nunique()
    used = others.groupby("customer_id")["event"].nunique()
    active = days.set_index("customer_id")["days"]
    extras = [done / len(counted), active, used]
    columns = [wide.to_numpy(dtype=float), *(_column(extra, ids) for extra in extras)]
    return WeekOne(ids, (*names, *EXTRAS), np.hstack(columns), _firsts(rows, ids))


def _column(values: pd.Series, ids: np.ndarray) -> np.ndarray:
    return values.reindex(ids).fillna(0).to_numpy(dtype=float)[:, None]


def _firsts(rows: pd.DataFrame, ids: np.ndarray) -> tuple[tuple[str, ...], ...]:
    ordered = rows.sort_values(["customer_id", "first"])
    early = ordered[ordered.groupby("customer_id").cumcount() < FIRST_FEW]
    lists = early.groupby("customer_id")["event"].agg(tuple)
    return tuple(lists.reindex(ids))


def entered_query(table: ibis.Table, first_step: str, now: datetime) -> ibis.Table:
    """who, entered_at, zero (position of entering): the newest customers whose first week is over."""
    entered = entries(table, [first_step], EVERYONE)
    over = entered.filter(window_over(entered, FIRST_WEEK, now))
    newest = over.order_by(ibis.desc("entered_at"), "customer_id").limit(MOST_CUSTOMERS)
    return newest.select("entered_at", who="customer_id", zero="position")


def week_one_query(table: ibis.Table, first_step: str, now: datetime, systems: Sequence[str]) -> ibis.Table:
    """customer_id, event, n, first (position): what each customer did in the week from entering."""
    return (
        _inside(table, first_step, now, systems)
        .group_by("customer_id", "event")
        .aggregate(n=_.count(), first=_.position.min())
    )


def active_days_query(
    table: ibis.Table, first_step: str, now: datetime, systems: Sequence[str]
) -> ibis.Table:
    """customer_id, days: on how many local days anything happened in the week from entering."""
    return (
        _inside(table, first_step, now, systems)
        .group_by("customer_id")
        .aggregate(days=_.local_date.nunique())
    )


def _inside(table: ibis.Table, first_step: str, now: datetime, systems: Sequence[str]) -> ibis.Table:
    entered = entered_query(table, first_step, now)
    week = ibis.interval(seconds=int(FIRST_WEEK.total_seconds()))
    joined = table.join(entered, [table.customer_id == entered.who, table.position >= entered.zero])
    acted = joined.system.isin(list(systems)) | (joined.event == first_step)
    kept = joined.filter(joined.occurred_at < joined.entered_at + week, acted)
    return kept.select("customer_id", "position", "local_date", event=kept.event.cast("string"))
