"""When did tracking fall silent although something was to be expected?

A silence is the time between two neighbouring events of one source (or of one goal event, when
the rest of its source went on). What was to be expected in it is the mean of the same
weekday-hours of the four weeks before.
Source: docs/decisions/008-what-a-gap-is.md, docs/decisions/015-what-the-audit-grades.md
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import numpy as np
import pandas as pd
from ibis import _

from journey_app.analysis.clock import Clock
from journey_app.engine.base import Events

A_DAY = timedelta(hours=24)
FEWEST_EXPECTED = 7  # with fewer, a single customer more or less decides
FALSE_ALARMS = 0.01  # of sources without any outage, those that have a gap by chance
AT_ONCE = 16  # silences asked about in one query
ORDINARY = 0.5  # when this share of the weeks before was as silent in those hours, silence is ordinary
WEEKS_BEFORE = 4
BURSTS_SEEN = np.timedelta64(8, "W")  # two months, so that what comes on days of the month came twice
BURSTS_LIKE = 0.5  # of the length: a sending that did not come more than doubles the pause
BURSTS_MOST = 0.6  # of the time: a weekend is 0.4 of a week, one of three days 0.5, newsletters pause 0.7
BURSTS_FEWEST = 2
WEEK = 7 * 24  # hours
HOUR = np.timedelta64(1, "h")
COVERED = 0.5  # a goal event's silence belongs to its source when the source was silent this long of it


@dataclass(frozen=True)
class Gap:
    """A silence where something was missing.

    event: None when the whole source fell silent. started_at, ended_at: UTC, the last event before
    and the first after; ended_at is None when an event never came back while its source went on.
    expected: how many events were to be expected in between.
    """

    source: str
    event: str | None
    started_at: datetime
    ended_at: datetime | None
    length: timedelta
    expected: float


@dataclass(frozen=True)
class Quiet:
    """A source (or goal event) too quiet to tell: it was silent for long, but that is nothing unusual.

    silences: how many such silences. longest: the longest of them.
    """

    source: str
    event: str | None
    silences: int
    longest: timedelta


@dataclass(frozen=True)
class Silences:
    """The gaps, longest first, and where one cannot tell a gap from an ordinary pause."""

    gaps: tuple[Gap, ...]
    too_quiet: tuple[Quiet, ...]


@dataclass(frozen=True)
class _Series:
    """Events of one source (and event) hour by hour, from the source's first hour to its last.

    counts: one per hour. first, last: moments of the first and last event of each hour that has any.
    hours: the numbers of those hours. zero: the moment of hour 0. until: the source's last event.
    """

    source: str
    event: str | None
    counts: np.ndarray
    hours: np.ndarray
    first: np.ndarray
    last: np.ndarray
    zero: np.datetime64
    until: np.datetime64


@dataclass(frozen=True)
class _Silence:
    """A silence and whether it may say something: enough was due, and not only once.

    chances: how many events, and so silences, there are.
    """

    gap: Gap
    telling: bool
    chances: int


def gaps(
    events: Events, names: Sequence[str], *, clock: Clock, longer_than: timedelta = A_DAY
) -> tuple[Gap, ...]:
    """Every silence over `longer_than` in which so much was to be expected that it is no chance, longest first.

    names: the goal's events, watched one by one too. A source that stops for good is not a gap but
    stale. Silences that say nothing are in `silences(...)`.
    """
    return silences(events, names, clock=clock, longer_than=longer_than).gaps


def silences(
    events: Events, names: Sequence[str], *, clock: Clock, longer_than: timedelta = A_DAY
) -> Silences:
    """The gaps, and the sources and goal events that are too quiet to tell.

    clock: only events before its `now` are looked at.
    """
    whole = events.run(hourly_query(events.table, clock.now)).to_pandas()
    named = events.run(hourly_query(events.table, clock.now, names)).to_pandas() if names else whole.iloc[:0]
    sources: list[_Silence] = []
    singles: list[_Silence] = []
    for series in _series(whole, named):
        (sources if series.event is None else singles).extend(_silent(series, longer_than))
    alone = [each for each in singles if not _covered(each.gap, [source.gap for source in sources])]
    both = [*sources, *alone]
    telling = _no_chance(events, [each for each in both if each.telling])
    found = [each.gap for each in both if each.gap in telling]
    pauses = [each.gap for each in both if each.gap not in telling]
    ranked = sorted(found, key=lambda gap: (-gap.length, gap.source, gap.event or ""))
    return Silences(tuple(ranked), _quiet(pauses))


def _no_chance(events: Events, candidates: Sequence[_Silence]) -> set[Gap]:
    """The silences in which so many customers had something in the four weeks before that none is no chance.

    Every customer counts once: the three events of one ticket are one reason to expect something.
    """
    found = set()
    for at in range(0, len(candidates), AT_ONCE):
        some = candidates[at : at + AT_ONCE]
        row = events.run(customers_query(events.table, [each.gap for each in some])).to_pylist()[0]
        for number, each in enumerate(some):
            weeks = [row[f"g{number}w{back}"] for back in range(WEEKS_BEFORE)]
            covered = [
                n for back, n in enumerate(weeks) if _week_before(each.gap, back)[0] >= row[f"g{number}since"]
            ]
            if covered and is_no_chance(covered, _visits(each, covered)):
                found.add(each.gap)
    return found


def _visits(silence: _Silence, customers: Sequence[float]) -> float:
    """How many of the silences are between two customers, as in the same hours of the weeks before."""
    return silence.chances * float(np.mean(customers)) / silence.gap.expected


def is_no_chance(weeks: Sequence[float], chances: float) -> bool:
    """Whether nothing, where the weeks before had these, is no chance. chances: of how many silences it is one.

    At one and the same rate, w weeks and this one share what came evenly, so that all N of it came before has
    the probability (w / (w + 1))^N; times the silences, that may be `FALSE_ALARMS` at most. The middle week
    must have had enough, too: one week of many does not make the others.
    Source: docs/decisions/008-what-a-gap-is.md
    """
    if float(np.median(weeks)) < FEWEST_EXPECTED:
        return False
    evidence = sum(weeks) * math.log((len(weeks) + 1) / len(weeks))
    return evidence >= math.log(max(chances, 1) / FALSE_ALARMS)


def customers_query(table: ibis.Table, candidates: Sequence[Gap]) -> ibis.Table:
    """One row: for silence number n and each week before it, the customers (gNwM) and the source's first event."""
    columns = {}
    for number, gap in enumerate(candidates):
        mine = table.source.cast("string") == gap.source
        columns[f"g{number}since"] = table.occurred_at.min(where=mine).truncate("h")
        told = mine if gap.event is None else mine & (table.event.cast("string") == gap.event)
        for back in range(WEEKS_BEFORE):
            begin, end = _week_before(gap, back)
            within = (table.occurred_at >= ibis.literal(begin)) & (table.occurred_at < ibis.literal(end))
            columns[f"g{number}w{back}"] = table.customer_id.nunique(where=told & within)
    return table.aggregate(**columns)


def _week_before(gap: Gap, back: int) -> tuple[datetime, datetime]:
    """The hours of a silence in one of the weeks before it; of one longer than a week, the whole week."""
    shift = timedelta(weeks=1 + back)
    return gap.started_at - shift, gap.started_at + min(gap.length, timedelta(weeks=1)) - shift


def hourly_query(table: ibis.Table, now: datetime, names: Sequence[str] = ()) -> ibis.Table:
    """source, hour, n, first, last; with names, also event, and only those events."""
    seen = table.filter(_.occurred_at < ibis.literal(now))
    if names:
        seen = seen.filter(_.event.isin(list(names)))
    columns = {"source": _.source.cast("string"), "hour": _.occurred_at.truncate("h")}
    if names:
        columns["event"] = _.event.cast("string")
    return (
        seen.select("occurred_at", **columns)
        .group_by(*columns)
        .aggregate(
            n=_.count(),
            first=_.occurred_at.min(),
            last=_.occurred_at.max(),
        )
        .order_by("source", "hour")
    )


def _series(whole: pd.DataFrame, named: pd.DataFrame) -> Iterator[_Series]:
    """The source as a whole, then each watched event of it."""
    for source, rows in whole.groupby("source", sort=True):
        every = rows.set_index("hour").sort_index()
        yield _counted(str(source), None, every, every)
        if named.empty:
            continue
        mine = named[named["source"] == source]
        for event, some in mine.groupby("event", sort=True):
            yield _counted(str(source), str(event), some.set_index("hour").sort_index(), every)


def _counted(source: str, event: str | None, rows: pd.DataFrame, whole: pd.DataFrame) -> _Series:
    zero = whole.index[0].to_datetime64()
    hours = ((rows.index.to_numpy() - zero) / HOUR).astype(np.int64)
    length = int((whole.index[-1].to_datetime64() - zero) / HOUR) + 1
    counts = np.zeros(length)
    counts[hours] = rows["n"].to_numpy()
    return _Series(
        source=source,
        event=event,
        counts=counts,
        hours=hours,
        first=rows["first"].to_numpy(),
        last=rows["last"].to_numpy(),
        zero=zero,
        until=whole["last"].iloc[-1].to_datetime64(),
    )


def _silent(series: _Series, longer_than: timedelta) -> Iterator[_Silence]:
    """Each silence over `longer_than`, whatever was to be expected in it."""
    starts, ends = series.last[:-1], series.first[1:]
    if series.event is not None:  # it may have stopped while its source went on
        starts, ends = series.last, np.append(ends, series.until)
    for number in np.flatnonzero(ends - starts > np.timedelta64(longer_than)):
        start, end = starts[number], ends[number]
        back = number + 1 < len(series.first)
        weeks = _weeks_before(series, start, end)
        events = float(weeks.mean()) if len(weeks) else 0.0
        gap = Gap(
            source=series.source,
            event=series.event,
            started_at=_moment(start),
            ended_at=_moment(end) if back else None,
            length=_moment(end) - _moment(start),
            expected=events,
        )
        due = events >= FEWEST_EXPECTED and float((weeks == 0).mean()) < ORDINARY
        yield _Silence(gap, due and not _in_bursts(series, start, end), int(series.counts.sum()))


def _in_bursts(series: _Series, start: np.datetime64, end: np.datetime64) -> bool:
    """Whether pauses like this one took up most of the eight weeks before it: then that is how it comes.

    Only pauses of over a day: the hours of the week tell of nights.
    """
    since = max(start - BURSTS_SEEN, series.first[0])
    begins, ends = series.last[:-1], series.first[1:]
    fewest = max(np.timedelta64(A_DAY), (end - start) * BURSTS_LIKE)
    like = (ends <= start) & (ends > since) & (ends - begins >= fewest)
    paused = (ends[like] - np.maximum(begins[like], since)).sum()
    return bool(like.sum() >= BURSTS_FEWEST and paused > BURSTS_MOST * (start - since))


def _weeks_before(series: _Series, start: np.datetime64, end: np.datetime64) -> np.ndarray:
    """Events in the same weekday-hours of each of the four weeks before `start`; hours at the ends by their part.

    Weeks before the source's first event are left out; empty when there is not one whole week before.
    """
    begin, finish = float((start - series.zero) / HOUR), float((end - series.zero) / HOUR)
    hours = np.arange(int(begin), int(np.ceil(finish)))
    parts = np.minimum(hours + 1, finish) - np.maximum(hours, begin)
    newest = hours - WEEK * (1 + (hours - int(begin)) // WEEK)  # the last such hour before the silence
    weeks = [newest - WEEK * back for back in range(WEEKS_BEFORE)]
    return np.array([float(parts @ series.counts[week]) for week in weeks if week.min() >= 0])


def _moment(at: np.datetime64) -> datetime:
    return pd.Timestamp(at).to_pydatetime()


def _covered(gap: Gap, sources: Sequence[Gap]) -> bool:
    """Whether the whole source was silent for most of an event's silence."""
    end = gap.started_at + gap.length
    for other in sources:
        if other.source == gap.source:
            shared = min(end, other.started_at + other.length) - max(gap.started_at, other.started_at)
            if shared > COVERED * gap.length:
                return True
    return False


def _quiet(pauses: Sequence[Gap]) -> tuple[Quiet, ...]:
    places = dict.fromkeys((pause.source, pause.event) for pause in pauses)
    grouped = {
        place: [pause.length for pause in pauses if (pause.source, pause.event) == place] for place in places
    }
    return tuple(Quiet(*place, len(lengths), max(lengths)) for place, lengths in grouped.items())
