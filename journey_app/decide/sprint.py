"""What are the four weeks of a sprint, what can a week show, and what did all of it do together?"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from journey_app.analysis.gaps import Gap
from journey_app.analysis.measure import Day
from journey_app.decide.blocks import WEEK, blocks_after
from journey_app.decide.change import check_change, check_dates
from journey_app.decide.evidence import Series, gather, result_day
from journey_app.decide.phrase import EARLIER_SPRINT, NOTHING_HELD, about_gap, day
from journey_app.decide.verdict import judge
from journey_app.errors import BadChoice
from journey_app.stats.detectable import customers_a_week_needed, gain_one_week_can_show
from journey_app.stats.noise import BASELINE_WEEKS, log_rates, noise_weights
from journey_app.stats.noise import NOISES as POSSIBLE_NOISES
from journey_app.vocabulary import Change, Measure, Sprint, Verdict, Word

SPRINT_WEEKS = 4


@dataclass(frozen=True)
class Week:
    """One week of a sprint: 1 to 4, its first and last local day, and what is planned for it."""

    number: int
    first: date
    last: date
    change: Change | None


@dataclass(frozen=True)
class Outlook:
    """What one week of this traffic can show, before it has been lived.

    customers: entering a week, on average. share: converting now. noise: ordinary week noise, relative.
    gain: smallest relative gain that usually shows; points: the same in points of share.
    needed: customers a week to show the gain aimed for, None when no number of customers would.
    """

    customers: int
    share: float
    noise: float
    gain: float
    points: float
    needed: int | None
    history_weeks: int


def weeks(sprint: Sprint) -> tuple[Week, ...]:
    """The four weeks, first day to last, each with its change."""
    planned = {change.week: change for change in sprint.changes}
    return tuple(
        Week(number, first, first + timedelta(days=6), planned.get(number))
        for number in range(1, SPRINT_WEEKS + 1)
        for first in (sprint.starts + (number - 1) * WEEK,)
    )


def plan_change(sprint: Sprint, change: Change, replace: bool = False) -> Sprint:
    """The sprint with a change planned, changes in order of their weeks.

    replace: put it in the place of the one already in that week.
    Raises BadChoice when no week could judge it, when its week has a change already, or when it goes
    live outside its week or within another change's seven days.
    """
    check_change(change)
    same = [other for other in sprint.changes if other.week == change.week]
    if same and not replace:
        raise BadChoice(
            f"Week {change.week} already has a change: “{same[0].title}”.",
            "One change a week keeps the weeks readable: choose another week, or replace it.",
        )
    _check_week(sprint, change)
    kept = [other for other in sprint.changes if other.week != change.week]
    for other in kept:
        check_dates(change, other)
    return dataclasses.replace(sprint, changes=tuple(sorted([*kept, change], key=lambda each: each.week)))


def _check_week(sprint: Sprint, change: Change) -> None:
    week = weeks(sprint)[change.week - 1]
    if not week.first <= change.goes_live <= week.last:
        raise BadChoice(
            f"“{change.title}” goes live {day(change.goes_live)}, outside week {change.week}.",
            f"Choose a day from {day(week.first)} to {day(week.last)}, or another week.",
        )


def what_a_week_can_show(
    share: float, customers: int, noise: float, history_weeks: int, aim: float
) -> Outlook:
    """The smallest gain that one week would usually show.

    share: converting now, above 0, below 1. customers: entering a week. noise: relative.
    aim: the relative gain hoped for, above 0.
    Source: docs/decisions/006-verdict-words.md.
    """
    gain = gain_one_week_can_show(share, customers, noise, history_weeks)
    needed = customers_a_week_needed(share, aim, noise, history_weeks)
    return Outlook(customers, share, noise, gain, share * gain, needed, history_weeks)


def outlook(
    measure: Measure,
    target_share: float,
    days: Sequence[Day],
    now: date,
    gaps: Sequence[Gap] = (),
    zone: str = "UTC",
) -> Outlook | None:
    """What one week could show for a measure, from its own past; None before four clean weeks exist.

    days: daily numbers of the measure as of `now`, the first local day not fully covered by data.
    The past is read up to the last day whose window is over. None too when nobody or everybody converts.
    """
    series = Series(measure, days, now, gaps, zone)
    known_until = now - (result_day(now, measure.within, weeks=0) - now)
    past = gather(series, known_until)
    base = past.baseline
    if len(past.before) < BASELINE_WEEKS or base is None or base.count in (0, base.of):
        return None
    noise = float(noise_weights(*log_rates([block.counts for block in past.before])) @ POSSIBLE_NOISES)
    aim = target_share / base.share - 1
    if aim <= 0:
        aim = gain_one_week_can_show(base.share, base.of // BASELINE_WEEKS, noise, len(past.before))
    return what_a_week_can_show(base.share, base.of // BASELINE_WEEKS, noise, len(past.before), aim)


def sprint_total(
    sprint: Sprint,
    measure: Measure,
    days: Sequence[Day],
    now: date,
    gaps: Sequence[Gap] = (),
    zone: str = "UTC",
    elsewhere: Sequence[Change] = (),
) -> Verdict:
    """What the sprint's changes did together: its last week against the four weeks before it.

    No change of the sprint lies in the baseline, so this keeps its full strength where the verdict of a
    later week does not. The last week is that of the latest change that was not rolled back.
    measure: the one to read, usually the goal's. days: its daily numbers as of `now`. elsewhere: changes
    of other sprints; after one of them the level reached by then is compared with, as for a single week.
    """
    standing = [change for change in sprint.changes if not change.rolled_back]
    if not standing:
        return Verdict(
            Word.PLANNED, "No change stands in this sprint.", "Plan one change for the coming week."
        )
    began = min(change.goes_live for change in sprint.changes)
    live = max(change.goes_live for change in standing)
    result_on = result_day(live, measure.within)
    series = Series(measure, days, now, gaps, zone)
    waiting = _not_yet(series, began, live, result_on)
    if waiting is not None:
        return dataclasses.replace(waiting, result_on=result_on)
    evidence = dataclasses.replace(gather(series, began, elsewhere=elsewhere), after=blocks_after(days, live))
    earlier = (EARLIER_SPRINT,) if evidence.earlier else ()
    cannot_show = (NOTHING_HELD, "Which of the changes did it.", *earlier)
    return dataclasses.replace(judge(evidence, sprint.worth), result_on=result_on, cannot_show=cannot_show)


def _not_yet(series: Series, began: date, live: date, result_on: date) -> Verdict | None:
    """Why the total cannot be read: not begun, not over, or not tracked; None when it can."""
    if series.now < began:
        return Verdict(Word.PLANNED, f"The first change goes live {day(began)}.", "Start with week 1.")
    gap = series.gap_in(blocks_after(series.days, live)[0])
    if gap is not None:
        reason = f"{about_gap(gap, series.zone)}, within the sprint's last week or the window after it."
        return Verdict(Word.BLOCKED, reason, f"Import what is missing from {gap.source}.")
    if series.now < result_on:
        return Verdict(
            Word.RUNNING,
            f"The week from {day(live)} is not over for everybody. Result {day(result_on)}.",
            "Read the weeks one by one until then.",
        )
    return None
