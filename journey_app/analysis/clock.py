"""Until when does the data speak? The end of the last complete local day of every source asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ibis import _

from journey_app.engine.base import Events
from journey_app.errors import NothingYet

LAST_HOUR = 23  # a source whose last event falls in this hour is taken to hold that whole day


@dataclass(frozen=True)
class Clock:
    """now: UTC, without zone. today: the first local day not complete. sources: source → its own today."""

    now: datetime
    today: date
    sources: dict[str, date]

    @property
    def last_day(self) -> date:
        """The last complete local day."""
        return self.today - timedelta(days=1)


def clock(events: Events, names: Sequence[str] = ()) -> Clock:
    """The moment up to which every source of these events is complete (of all events when none are named).

    With names, the source that stops first decides; without, the one that goes on longest.
    Raises NothingYet when there are no events.
    """
    table = events.table
    if names:
        speaking = table.filter(_.event.isin(list(names))).select("source").distinct()
        table = table.semi_join(speaking, "source")
    lasts = table.group_by("source").aggregate(last=_.occurred_at.max(), day_only=_.day_only.all())
    sources = {
        str(row["source"]): _first_incomplete_day(row["last"], row["day_only"], events.timezone)
        for row in events.run(lasts).to_pylist()
    }
    if not sources:
        raise NothingYet("There are no events here yet.", "Import an export on the Import page.")
    today = min(sources.values()) if names else max(sources.values())
    return Clock(now=local_midnight(today, events.timezone), today=today, sources=sources)


def _first_incomplete_day(last: datetime, day_only: bool, timezone: str) -> date:
    local = last.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone))
    complete = day_only or local.hour >= LAST_HOUR
    return local.date() + timedelta(days=1 if complete else 0)


def local_midnight(day: date, timezone: str) -> datetime:
    """The UTC moment, without zone, at which a local day begins."""
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC).replace(tzinfo=None)
