"""How does a measure run week by week around a sprint, and what is an ordinary week?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import exp

import numpy as np

from journey_app.analysis.gaps import Gap
from journey_app.analysis.series import MeasureSeries
from journey_app.decide.blocks import Block, blocks_after, blocks_before, gap_on, pooled
from journey_app.decide.evidence import Series, gather, result_day
from journey_app.stats.noise import BASELINE_WEEKS, NOISES, Effect, Level, level, log_rates, noise_weights
from journey_app.vocabulary import Interval, Measure, Rate

SHOWN_BEFORE, SHOWN_UNTIL = 8, 16
SPRINT_WEEKS = 4


@dataclass(frozen=True)
class MeasuredWeek:
    """Seven days of entry. rate: None until everybody's window is over, and where tracking failed.

    number: which sprint week it is, None before the sprint. result_on: from when its rate can be told.
    gap: whether tracking failed in it; in a sprint's course also in the window after it, since a verdict
    may not rest on that week. short: whether it failed only in that window: its rate reads too low.
    """

    starts: date
    rate: Rate | None
    number: int | None
    result_on: date
    gap: bool = False
    short: bool = False


@dataclass(frozen=True)
class Course:
    """A measure before and during a sprint. usual: where an ordinary week lands, None with too few weeks.

    missing: the failures of tracking that touch the weeks, where they are told of.
    """

    measure: Measure
    target: float
    weeks: tuple[MeasuredWeek, ...]
    usual: Interval | None
    missing: tuple[Gap, ...] = ()


def course(
    found: MeasureSeries, target: float, starts: date, zone: str, before: int = SHOWN_BEFORE
) -> Course:
    """The weeks before a sprint that starts on `starts`, and its four, each with its rate once it is over.

    found: the measure as the data tell it. target: the share wished for. before: weeks shown at most.
    """
    series = Series(found.measure, found.days, found.today, found.gaps, zone)
    ordinary = [(None, block) for block in blocks_before(found.days, starts, before)]
    sprint = list(enumerate(blocks_after(found.days, starts, SPRINT_WEEKS), 1))
    weeks = tuple(_week(series, number, block) for number, block in (*ordinary, *sprint))
    return Course(found.measure, target, weeks, usual_week(gather(series, starts).before))


def weeks_until(found: MeasureSeries, target: float, zone: str, weeks: int = SHOWN_UNTIL) -> Course:
    """The last weeks of a measure that can be told, whatever sprints there were, oldest first.

    Weeks are counted back from the last entry day whose window is over. usual: from the weeks shown
    before the newest; a change that worked lies in it, so it says what weeks do here, not what is normal.
    Only a week whose own days were not tracked has no rate: one long silence would hide months otherwise.
    """
    series = Series(found.measure, found.days, found.today, found.gaps, zone)
    told_until = found.today - (result_day(found.today, found.measure.within, weeks=0) - found.today)
    blocks = blocks_before(found.days, told_until, weeks)
    late = replace(series, gaps=found.gaps if found.outcome_gaps is None else found.outcome_gaps)
    holes = [(gap_on(block, found.measure, found.gaps, zone), late.gap_in(block)) for block in blocks]
    shown = tuple(_looked_at(found.measure, block, *hole) for block, hole in zip(blocks, holes, strict=True))
    missing = tuple(dict.fromkeys(gap for on, after in holes if (gap := on or after)))
    return Course(found.measure, target, shown, usual_week(gather(series, told_until).before), missing)


def _week(series: Series, number: int | None, block: Block) -> MeasuredWeek:
    rate = pooled([block]) if series.usable(block) else None
    result_on = result_day(block.first, series.measure.within)
    return MeasuredWeek(block.first, rate, number, result_on, series.gap_in(block) is not None)


def _looked_at(measure: Measure, block: Block, on: Gap | None, after: Gap | None) -> MeasuredWeek:
    """A week as it is looked at, not judged: with its rate even where late outcomes may be missing.

    on: a gap in its own days. after: one that may hide outcomes in them or in the window after them.
    """
    return MeasuredWeek(
        starts=block.first,
        rate=None if on else pooled([block]),
        number=None,
        result_on=result_day(block.first, measure.within),
        gap=on is not None,
        short=on is None and after is not None,
    )


def usual_week(ordinary: Sequence[Block]) -> Interval | None:
    """The share that 19 of 20 ordinary weeks with the usual number of customers stay within.

    ordinary: weeks that no change has touched, oldest first. None with fewer than four.
    Source: docs/decisions/006-verdict-words.md (the week-noise model, one more week ahead).
    """
    if len(ordinary) < BASELINE_WEEKS:
        return None
    logs, variances = log_rates([block.counts for block in ordinary])
    base = level(logs[-BASELINE_WEEKS:], variances[-BASELINE_WEEKS:])
    spread = float(variances[-BASELINE_WEEKS:].mean())
    next_week = Level(base.mean, base.variance + NOISES**2 + spread)
    nothing = Level(np.zeros_like(NOISES), np.zeros_like(NOISES))
    ahead = Effect(noise_weights(logs, variances), nothing, next_week)
    low, middle, high = (exp(ahead.quantile(part)) for part in (0.025, 0.5, 0.975))
    return Interval(low, middle, min(1.0, high))
