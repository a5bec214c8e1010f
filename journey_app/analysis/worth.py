"""What would mending a step be worth to the goal, and what would judge the change?

Source: docs/decisions/010-friction-and-findings.md
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from journey_app.analysis.clock import Clock
from journey_app.analysis.funnel import Step, funnel
from journey_app.engine.base import Events
from journey_app.stats.rates import newcombe, rate, wilson
from journey_app.vocabulary import Filter, Goal, Interval, Measure, Rate

WEEKS = 12
WON_BACK = 0.05  # with nobody to compare with, one in twenty of those lost is thought to be winnable
DAY = timedelta(days=1)
LONGEST_MEASURE = 7  # days; a sprint week cannot wait longer for its own measure


@dataclass(frozen=True)
class Way:
    """The goal's steps with how many decided customers reached each: entries of the last weeks.

    reached: one count per step, never increasing. since: first local day of entry.
    """

    steps: tuple[str, ...]
    reached: tuple[int, ...]
    since: date

    def kept(self, step: int) -> Rate | None:
        """Of those at `step` (from 0), the share that came to the next one."""
        return rate(self.reached[step + 1], self.reached[step])

    def onward(self, step: int) -> Rate | None:
        """Of those at `step`, the share that came to the last one."""
        return rate(self.reached[-1], self.reached[step])

    def loss_worth(self, step: int) -> Interval | None:
        """Points of the goal's share if one in twenty of those lost after `step` went on like the rest.

        The range multiplies the ends of two 95 % intervals (loss, onward share), so it holds
        at least as often as either. None when nobody reached the step, or nobody the one after.
        """
        kept, onward = self.kept(step), self.onward(step + 1)
        if kept is None or onward is None:
            return None
        there = WON_BACK * self.reached[step] / self.reached[0]
        return Interval(
            there * (1 - kept.high) * onward.low,
            there * (1 - kept.share) * onward.share,
            there * (1 - kept.low) * onward.high,
        )


def first_entry(goal: Goal, clock: Clock) -> date:
    """The first local day of the twelve weeks of entries whose window is over."""
    return clock.today - goal.measure.within - timedelta(days=7 * WEEKS)


def way(events: Events, goal: Goal, *, clock: Clock) -> Way:
    """How far the customers of the last twelve decided weeks came."""
    since = first_entry(goal, clock)
    answer = funnel(
        events, goal.steps, goal.measure.within, now=clock.now, since=since, where=goal.measure.where
    )
    return way_of(answer.steps, since)


def way_of(steps: tuple[Step, ...], since: date) -> Way:
    """The same from a funnel that was asked already."""
    return Way(tuple(step.event for step in steps), tuple(step.decided for step in steps), since)


def gap_worth(worse: Rate, better: Rate, customers: int, entered: int, onward: float = 1.0) -> Interval:
    """Points of the goal's share if `customers` did as well as a group they are compared with.

    worse, better: how often the two groups come to the next thing asked about; their intervals decide
    the confidence. onward: how often that thing leads to the goal. entered: everyone on the way.
    """
    moved = newcombe(better, worse)
    scale = customers / entered * onward
    return Interval(moved.low * scale, moved.middle * scale, moved.high * scale)


def rate_at(count: int, of: int, confidence: float) -> Rate:
    """A share with a wider interval, for when several comparisons are made; `of` at least 1."""
    return Rate(count, of, *wilson(count, of, confidence))


def short_measure(
    start: str, outcome: str, usual: timedelta | None, where: tuple[Filter, ...] = ()
) -> Measure:
    """What a change at this place would be judged by: start → outcome within a short window.

    usual: how long all but one in twenty take, rounded up to whole days, 1 to 7; unknown gives 7.
    """
    days = LONGEST_MEASURE if usual is None else min(max(ceil(usual / DAY), 1), LONGEST_MEASURE)
    return Measure(f"{start} → {outcome}", start, outcome, timedelta(days=days), where)
