"""What was spent and how much traffic came, per week and channel, beside who entered and converted?

Side by side, not attribution: nothing here says that what was spent brought the customers who came.
Source: docs/decisions/018-spend-and-traffic-beside-the-funnel.md
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

import ibis
from ibis import _

from journey_app.analysis.clock import Clock
from journey_app.analysis.stages import EVERYONE, check_steps, stages
from journey_app.engine.base import Events
from journey_app.errors import BadChoice

SPANS = {"day": timedelta(days=1), "week": timedelta(days=7)}
NOT_OVER_DAYS = ("users",)  # who came on Monday may be the one who came on Tuesday
SEPARATORS = (" ", "-", "_")
BY_SIZE = ("spend", "sessions", "clicks", "views")


@dataclass(frozen=True)
class Numbers:
    """What reports told, added up. None where none told it, never 0. users: None over several days.

    untold: of a measure that is told by some only, whose part its sum is without: campaigns, or days where no
    campaigns are told apart. Such a sum is the least it can be.
    """

    spend: float | None = None
    impressions: float | None = None
    clicks: float | None = None
    conversions: float | None = None
    sessions: float | None = None
    users: float | None = None
    views: float | None = None
    untold: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


MEASURES = tuple(each.name for each in fields(Numbers) if each.name != "untold")


@dataclass(frozen=True)
class Channel:
    """What one source tells of one channel in one currency: never added to another.

    channel: None where the report does not tell channels apart.
    """

    source: str
    channel: str | None
    currency: str | None


@dataclass(frozen=True)
class Span:
    """A day or a week of the workspace's calendar.

    told: only the channels of which a report told something; days: of how many days it told.
    entered: customers who entered the funnel; converted: of them, reached its last step in time, so
    far; open: of them, neither, and still in time.
    All three None where the events do not cover the whole span, or no funnel was named.
    """

    starts: date
    told: Mapping[Channel, Numbers]
    days: Mapping[Channel, int]
    entered: int | None
    converted: int | None
    open: int | None


@dataclass(frozen=True)
class Total:
    """What a report told of several days together, which is spread over none of them."""

    first_day: date
    last_day: date
    channel: Channel
    numbers: Numbers


@dataclass(frozen=True)
class Cost:
    """What a channel cost, beside the customers whose first step names that channel.

    days: told one by one and over for everyone who entered on them, from first_day to last_day (None
    when there are none). spend, entered and converted: of these days. entered: None where no
    customer's channel has that name, or several reports pay for it.
    per_entry, per_conversion: spend by these counts, None where either is unknown or nobody came.
    untold: campaigns whose spend of these days nobody told, so that all three are the least it can be.
    """

    channel: Channel
    days: int
    first_day: date | None
    last_day: date | None
    spend: float | None
    entered: int | None
    converted: int | None
    per_entry: float | None
    per_conversion: float | None
    untold: tuple[str, ...] = ()


@dataclass(frozen=True)
class Beside:
    """by: day or week. spans: all from the first told to the last, oldest first."""

    by: str
    spans: tuple[Span, ...]
    totals: tuple[Total, ...]
    costs: tuple[Cost, ...]

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Every channel of a span: those that cost most first, then those with most visits."""
        sums: defaultdict[Channel, list[float]] = defaultdict(lambda: [0.0] * len(BY_SIZE))
        for span in self.spans:
            for channel, told in span.told.items():
                for at, name in enumerate(BY_SIZE):
                    sums[channel][at] -= getattr(told, name) or 0.0
        return tuple(sorted(sums, key=lambda c: (*sums[c], c.source, c.channel or "", c.currency or "")))


def beside(
    events: Events,
    steps: Sequence[str] = (),
    within: timedelta | None = None,
    *,
    clock: Clock | None = None,
    by: str = "week",
    order: str = "ordered",
) -> Beside | None:
    """Reports without people beside the funnel; None when no report was imported.

    steps, within, order: as `funnel`; without steps the funnel's numbers are None. clock: until when
    these steps' data speak; needed with steps. Raises BadChoice, or UnknownName for a step.
    """
    if by not in SPANS:
        raise BadChoice(f"“{by}” is no span of time.", f"Choose one of: {', '.join(SPANS)}.")
    told = events.run(told_query(events.context)).to_pylist()
    if not told:
        return None
    untold = events.run(untold_query(events.context)).to_pylist()
    funnel = _Funnel(by)
    if steps:
        assert clock is not None, "a funnel ends where its data end"
        check_steps(events, steps)
        names = sorted({name for row in told for name in _names(row)})
        entries = entries_query(events.table, steps, within, clock.now, order, names)
        first = events.run(events.table.aggregate(first=_.local_date.min()))["first"].to_pylist()[0]
        funnel = _Funnel(by, events.run(entries).to_pylist(), first, clock.today, within)
    span = "local_week" if by == "week" else "day"
    inside = [row for row in told if row[span] is not None]
    apart = [row for row in told if row[span] is None]
    spans = _spans(inside, untold, span, by, funnel)
    return Beside(by, spans, _totals(apart, untold), _costs(told, untold, funnel))


def told_query(context: ibis.Table) -> ibis.Table:
    """first_day, last_day, day (null for longer ones), local_week, source, channel, medium, currency, measures."""
    day = ibis.cases((_.first_day == _.last_day, _.first_day))
    keys = ["first_day", "last_day", "day", "local_week", "source", "channel", "medium", "currency"]
    sums = {name: _[name].sum() for name in MEASURES if name not in NOT_OVER_DAYS}
    # Of campaigns that share visitors the sum is not the number of visitors.
    alone = {name: ibis.cases((_.count() == 1, _[name].max())) for name in NOT_OVER_DAYS}
    return context.mutate(day=day).group_by(keys).aggregate(**sums, **alone).order_by(keys)


def untold_query(context: ibis.Table) -> ibis.Table:
    """Rows of the context without a measure that others of their source, channel and currency have.

    first_day, last_day, day (null for longer ones), local_week, source, channel, currency, campaign, and for
    each measure whether it is such a one. Few, where reports tell the same of all.
    """
    alike = ["source", "channel", "currency"]
    ever = context.group_by(alike).aggregate(**{f"{name}_told": _[name].count() for name in MEASURES})
    keys = [context[key].identical_to(ever[key]) for key in alike]
    joined = context.inner_join(ever, keys)
    lacks = {
        name: (joined[name].isnull() & (joined[f"{name}_told"] > 0)).cast("int8")
        for name in MEASURES
        if name not in NOT_OVER_DAYS
    }
    day = ibis.cases((joined.first_day == joined.last_day, joined.first_day))
    columns = ["first_day", "last_day", "local_week", *alike, "campaign"]
    found = joined.select(*columns, day=day, **lacks)
    any_of_them = sum((found[name] for name in list(lacks)[1:]), found[next(iter(lacks))])
    return found.filter(any_of_them > 0).order_by("first_day", "last_day", "source", "channel", "campaign")


def entries_query(
    table: ibis.Table,
    steps: Sequence[str],
    within: timedelta | None,
    now: datetime,
    order: str,
    names: Sequence[str],
) -> ibis.Table:
    """day of entry, name (of the channel, "" for all others), entered, converted, open."""
    reached = stages(table, steps, within, order, EVERYONE, by="channel")
    entered, done = reached[0], reached[-1].select(done="customer_id")
    name = entered.part.lower()
    for separator in SEPARATORS:
        name = name.replace(separator, "")
    named = entered.mutate(name=name.isin(list(names)).ifelse(name, ""))
    joined = named.left_join(done, named.customer_id == done.done)
    waiting = ibis.literal(False)
    if within is not None:
        over = joined.entered_at + ibis.interval(seconds=int(within.total_seconds())) <= ibis.literal(now)
        waiting = joined.done.isnull() & ~over
    return (
        joined.mutate(waiting=waiting)
        .group_by(day="entered_on", name="name")
        .aggregate(entered=_.count(), converted=_.done.count(), open=_.count(where=_.waiting))
        .order_by("day", "name")
    )


def plain_name(name: str) -> str:
    """“Paid Social”, “paid-social” and “paid_social” are one channel."""
    for separator in SEPARATORS:
        name = name.replace(separator, "")
    return name.lower()


def _names(row: Mapping[str, Any]) -> set[str]:
    """What an event's channel may be called that is this one."""
    return {plain_name(row[column]) for column in ("channel", "medium") if row[column]}


class _Funnel:
    """Entries by day and channel, as the events tell them."""

    def __init__(
        self,
        by: str,
        rows: Sequence[Mapping[str, Any]] | None = None,
        first: date | None = None,
        today: date | None = None,
        within: timedelta | None = None,
    ) -> None:
        self._by, self._rows, self._first, self._today = by, rows, first, today
        window = timedelta(days=ceil(within / timedelta(days=1))) if within else timedelta()
        self.last_decided = today - timedelta(days=1) - window if today else None
        self.first_covered = first

    def count(self, starts: date) -> tuple[int | None, int | None, int | None]:
        """entered, converted and open in one span; unknown where the events do not cover all of it."""
        ends = starts + SPANS[self._by] - timedelta(days=1)
        if self._rows is None or self._first is None or self._today is None:
            return None, None, None
        if starts < self._first or ends >= self._today:
            return None, None, None
        rows = [row for row in self._rows if starts <= row["day"] <= ends]
        entered, converted, waiting = (
            sum(row[name] for row in rows) for name in ("entered", "converted", "open")
        )
        return entered, converted, waiting

    def by_channel(self, names: set[str], days: set[date]) -> tuple[int, int] | None:
        """entered and converted of the customers whose channel has one of these names; None when nobody's has."""
        ours = [row for row in self._rows or () if row["name"] in names]
        if not ours:
            return None
        inside = [row for row in ours if row["day"] in days]
        return sum(row["entered"] for row in inside), sum(row["converted"] for row in inside)


def _channel(row: Mapping[str, Any]) -> Channel:
    return Channel(row["source"], row["channel"], row["currency"])


def _added(
    rows: Sequence[Mapping[str, Any]], untold: Iterable[Mapping[str, Any]], *, over_days: bool = False
) -> Numbers:
    """The sum of what was told; what nobody told stays unknown, and so do visitors over several days.

    untold: of the same span and channel.
    """
    sums: dict[str, float | None] = {}
    lacking = list(untold)
    for name in MEASURES:
        known = [row[name] for row in rows if row[name] is not None]
        unsure = name in NOT_OVER_DAYS and (over_days or len(rows) > 1)
        sums[name] = None if unsure or not known else sum(known)
    without = {
        name: _whose(row for row in lacking if row.get(name))
        for name, known in sums.items()
        if known is not None
    }
    return Numbers(**sums, untold={name: whose for name, whose in without.items() if whose})


def _whose(untold: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Whose part is not told: the campaigns, or the days where none are told apart."""
    return tuple(dict.fromkeys(row["campaign"] or _days_of(row) for row in untold))


def _days_of(row: Mapping[str, Any]) -> str:
    first, last = row["first_day"].isoformat(), row["last_day"].isoformat()
    return first if first == last else f"{first} to {last}"


def _grouped(rows: Iterable[Mapping[str, Any]]) -> dict[Channel, list[Mapping[str, Any]]]:
    groups: defaultdict[Channel, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[_channel(row)].append(row)
    return dict(groups)


def _spans(
    rows: Sequence[Mapping[str, Any]],
    untold: Sequence[Mapping[str, Any]],
    span: str,
    by: str,
    funnel: _Funnel,
) -> tuple[Span, ...]:
    """Every span from the first told to the last, also those of which nothing is told."""
    if not rows:
        return ()
    starts, last = min(row[span] for row in rows), max(row[span] for row in rows)
    told_in, lacking_in = _by(rows, span), _by(untold, span)
    spans = []
    while starts <= last:
        here, lacking = _grouped(told_in.get(starts, ())), _grouped(lacking_in.get(starts, ()))
        told = {
            channel: _added(several, lacking.get(channel, ()), over_days=by != "day")
            for channel, several in here.items()
        }
        days = {channel: _days_told(several) for channel, several in here.items()}
        spans.append(Span(starts, told, days, *funnel.count(starts)))
        starts += SPANS[by]
    return tuple(spans)


def _by(rows: Iterable[Mapping[str, Any]], key: str) -> dict[Any, list[Mapping[str, Any]]]:
    groups: defaultdict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return dict(groups)


def _days_told(rows: Sequence[Mapping[str, Any]]) -> int:
    """How many different days these rows tell of."""
    spans = {(row["first_day"], row["last_day"]) for row in rows}
    days = {first + timedelta(days=k) for first, last in spans for k in range((last - first).days + 1)}
    return len(days)


def _totals(rows: Sequence[Mapping[str, Any]], untold: Sequence[Mapping[str, Any]]) -> tuple[Total, ...]:
    lacking = _by(untold, "first_day")
    totals = []
    for row in rows:
        same = [
            other
            for other in lacking.get(row["first_day"], ())
            if other["last_day"] == row["last_day"] and _channel(other) == _channel(row)
        ]
        totals.append(Total(row["first_day"], row["last_day"], _channel(row), _added([row], same)))
    return tuple(totals)


def _costs(
    told: Sequence[Mapping[str, Any]], untold: Sequence[Mapping[str, Any]], funnel: _Funnel
) -> tuple[Cost, ...]:
    """One Cost per channel that cost anything, over its single days that are decided."""
    spending = [row for row in told if row["spend"] is not None]
    payers: defaultdict[str, set[Channel]] = defaultdict(set)
    for row in spending:
        for name in _names(row):
            payers[name].add(_channel(row))
    costs, lacking = [], _grouped(row for row in untold if row["spend"])
    for channel, rows in _grouped(spending).items():
        names = set().union(*(_names(row) for row in rows))
        alone = all(payers[name] == {channel} for name in names)
        cost = _cost(channel, rows, names if alone else set(), funnel)
        days = {row["day"] for row in rows if cost.first_day and _inside(row["day"], cost)}
        without = (row for row in lacking.get(channel, ()) if row["day"] in days)
        costs.append(replace(cost, untold=_whose(without)))
    return tuple(sorted(costs, key=lambda cost: -(cost.spend or 0.0)))


def _inside(day: date | None, cost: Cost) -> bool:
    return (
        day is not None
        and cost.first_day is not None
        and cost.last_day is not None
        and (cost.first_day <= day <= cost.last_day)
    )


def _cost(channel: Channel, rows: Sequence[Mapping[str, Any]], names: set[str], funnel: _Funnel) -> Cost:
    last_decided, first_covered = funnel.last_decided, funnel.first_covered
    days = [
        row
        for row in rows
        if row["day"] is not None
        and (last_decided is None or row["day"] <= last_decided)
        and (first_covered is None or row["day"] >= first_covered)
    ]
    if not days:
        return Cost(channel, 0, None, None, None, None, None, None, None)
    told = {row["day"] for row in days}
    spend = sum(row["spend"] for row in days)
    came = funnel.by_channel(names, told)
    entered, converted = came if came is not None else (None, None)
    return Cost(
        channel,
        len(told),
        min(told),
        max(told),
        spend,
        entered,
        converted,
        spend / entered if entered else None,
        spend / converted if converted else None,
    )
