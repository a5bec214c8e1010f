"""Which weeks can be compared with the week of a change?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from journey_app.analysis.gaps import Gap
from journey_app.analysis.measure import Day
from journey_app.stats.noise import HISTORY_WEEKS
from journey_app.stats.rates import rate
from journey_app.vocabulary import Measure, Rate

WEEK = timedelta(days=7)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Block:
    """Consecutive days of entry, seven unless a week is looked at early.

    first, last: local days, both included. customers: entered, window over. converted: of them, in time.
    """

    first: date
    last: date
    customers: int
    converted: int

    @property
    def counts(self) -> tuple[int, int]:
        return self.converted, self.customers


def window_days(within: timedelta) -> int:
    """The whole days one must wait after a day until everybody who entered on it has had their time."""
    return -(-within // ONE_DAY)


def blocks_before(
    days: Sequence[Day], live: date, weeks: int = HISTORY_WEEKS, length: int = 7
) -> tuple[Block, ...]:
    """The weeks up to the day before `live`, oldest first: each begins on the weekday of `live`.

    Only weeks wholly inside the data. length: how many days of each week, counted from its first.
    A day without a Day had no entrants.
    """
    if not days:
        return ()
    began = min(day.day for day in days)
    fitting = min(weeks, (live - began) // WEEK)
    by_date = {day.day: day for day in days}
    return tuple(_block(by_date, live - back * WEEK, length) for back in range(fitting, 0, -1))


def blocks_after(days: Sequence[Day], live: date, weeks: int = 1, length: int = 7) -> tuple[Block, ...]:
    """The week from `live` on, or several; the days may still be open: ask `is_over`."""
    by_date = {day.day: day for day in days}
    return tuple(_block(by_date, live + ahead * WEEK, length) for ahead in range(weeks))


def _block(by_date: Mapping[date, Day], first: date, length: int) -> Block:
    inside = [by_date[d] for d in (first + n * ONE_DAY for n in range(length)) if d in by_date]
    last = first + (length - 1) * ONE_DAY
    return Block(first, last, sum(day.decided for day in inside), sum(day.converted for day in inside))


def is_over(block: Block, within: timedelta, now: date) -> bool:
    """Whether everybody who entered in the block has had their whole window; now: first incomplete day."""
    return block.last + (1 + window_days(within)) * ONE_DAY <= now


def pooled(blocks: Sequence[Block]) -> Rate | None:
    """The rate of several blocks together; None when nobody was there."""
    return rate(sum(block.converted for block in blocks), sum(block.customers for block in blocks))


def gap_days(gap: Gap, zone: str) -> tuple[date, date]:
    """The first and last local day a gap touches; of one that goes on, the last day it is known for."""
    ended_at = gap.ended_at or gap.started_at + gap.length
    last_moment = max(gap.started_at, ended_at - timedelta(microseconds=1))
    return _local_day(gap.started_at, zone), _local_day(last_moment, zone)


def _local_day(moment: datetime, zone: str) -> date:
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(ZoneInfo(zone)).date()


def gap_in(block: Block, measure: Measure, gaps: Sequence[Gap], zone: str) -> Gap | None:
    """The first gap that hides entries or outcomes of a block: in its days or in the window after them."""
    return _gap_between(block.first, window_ends(block, measure), measure, gaps, zone)


def gap_on(block: Block, measure: Measure, gaps: Sequence[Gap], zone: str) -> Gap | None:
    """The first gap in a block's own days; one in the window after them hides late outcomes only."""
    return _gap_between(block.first, block.last, measure, gaps, zone)


def window_ends(block: Block, measure: Measure) -> date:
    """The last day on which somebody who entered in the block may still do the outcome in time."""
    return block.last + window_days(measure.within) * ONE_DAY


def _gap_between(first: date, last: date, measure: Measure, gaps: Sequence[Gap], zone: str) -> Gap | None:
    for gap in gaps:
        begins, ends = gap_days(gap, zone)
        matters = gap.event in (None, measure.start, measure.outcome)
        goes_on = gap.ended_at is None
        if matters and begins <= last and (goes_on or ends >= first):
            return gap
    return None
