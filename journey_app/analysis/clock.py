"""Until when does the data speak? The end of the last complete local day of every source asked about.

Source: docs/decisions/011-until-when-the-data-speak.md
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import ibis
from ibis import _

from journey_app.engine.base import Events
from journey_app.errors import NothingYet

LAST_HOUR = 23  # a source whose last event falls in this hour is taken to hold that whole day
STALE = timedelta(days=28)  # this long behind another source of the same event, a source has been given up
PAUSE = timedelta(days=180)  # a few events after a pause longer than this are a wrong date, not a new start
FEW_DAYS, FEW = 3, 0.1  # how many days, and which part of the source's events, are "a few"


@dataclass(frozen=True)
class Clock:
    """now: UTC, without zone. today: the first local day not complete. sources: source → its own today.

    stale: those of the sources that stopped long before others that tell of the same events, so that
    they have no say in `today`. isolated: events left out because they lie alone, far in the future.
    """

    now: datetime
    today: date
    sources: dict[str, date]
    stale: tuple[str, ...] = ()
    isolated: int = 0

    @property
    def last_day(self) -> date:
        """The last complete local day."""
        return self.today - timedelta(days=1)


def clock(events: Events, names: Sequence[str] = ()) -> Clock:
    """The moment up to which every source of these events is complete (of all events when none are named).

    With names, the source that stops first decides, stale ones left out; without, the one that goes on
    longest. Raises NothingYet when there are no events.
    """
    by_event = tellers(events, names)
    table = events.table
    if names:
        told_by = sorted(set().union(*by_event.values()))
        table = table.filter(_.source.isin(told_by))
    ends = _ends(events, table)
    if not ends:
        raise NothingYet("There are no events here yet.", "Import an export on the Import page.")
    sources = {source: end.today for source, end in ends.items()}
    live = _live(sources, by_event) if names else set(sources)
    today = (min if names else max)(sources[source] for source in live)
    stale = tuple(sorted(set(sources) - live))
    left_out = sum(end.isolated for end in ends.values())
    return Clock(local_midnight(today, events.timezone), today, sources, stale, left_out)


def tellers(events: Events, names: Sequence[str]) -> dict[str, set[str]]:
    """event → the sources that ever told of it, for the named events that happened."""
    table = events.table.filter(_.event.isin(list(names)))
    found: dict[str, set[str]] = {}
    for row in events.run(table.select("event", "source").distinct()).to_pylist():
        found.setdefault(str(row["event"]), set()).add(str(row["source"]))
    return found


def _live(sources: Mapping[str, date], tellers: Mapping[str, set[str]]) -> set[str]:
    """The sources that still deliver one of the events: of each, those not far behind its newest."""
    live: set[str] = set()
    for told_by in tellers.values():
        newest = max(sources[source] for source in told_by)
        live |= {source for source in told_by if newest - sources[source] <= STALE}
    return live


@dataclass(frozen=True)
class _End:
    """Where a source ends. isolated: its events left out because they lie alone, far in the future."""

    today: date
    isolated: int


def _ends(events: Events, table: ibis.Table) -> dict[str, _End]:
    """source → where it ends; looked at day by day."""
    by_day = (
        table.group_by("source", "local_date")
        .aggregate(n=_.count(), last=_.occurred_at.max(), day_only=_.day_only.all())
        .order_by("source", "local_date")
    )
    rows = events.run(by_day).to_pylist()
    return {
        str(source): _end(list(days), events.timezone)
        for source, days in groupby(rows, key=lambda row: row["source"])
    }


def _end(days: list[dict[str, Any]], timezone: str) -> _End:
    """days: of one source, oldest first."""
    few = FEW * sum(day["n"] for day in days)
    starts = [n for n in range(1, len(days)) if days[n]["local_date"] - days[n - 1]["local_date"] > PAUSE]
    kept = len(days)
    for start in reversed(starts):
        if len(days) - start > FEW_DAYS or sum(day["n"] for day in days[start:]) > few:
            break
        kept = start
    last = days[kept - 1]
    today = _first_incomplete_day(last["last"], all(day["day_only"] for day in days), timezone)
    return _End(today, sum(day["n"] for day in days[kept:]))


def _first_incomplete_day(last: datetime, day_only: bool, timezone: str) -> date:
    local = last.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone))
    complete = day_only or local.hour >= LAST_HOUR
    return local.date() + timedelta(days=1 if complete else 0)


def local_midnight(day: date, timezone: str) -> datetime:
    """The UTC moment, without zone, at which a local day begins."""
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC).replace(tzinfo=None)
