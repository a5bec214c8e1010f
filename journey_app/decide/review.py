"""Day 30: has the sprint moved the goal far enough to carry on like this?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from journey_app.analysis.gaps import Gap
from journey_app.analysis.measure import Day
from journey_app.decide.blocks import ONE_DAY, WEEK, blocks_after, gap_days, window_days
from journey_app.decide.evidence import Evidence, Series, gather, lack
from journey_app.decide.phrase import (
    BASELINE_MOVED,
    NOTHING_HELD,
    about_gap,
    counted,
    day,
    percent,
    way_said,
    whole,
)
from journey_app.stats.noise import log_rates
from journey_app.stats.progress import Progress, progress
from journey_app.vocabulary import Change, Goal, Interval, Rate, Sprint

DAY_30 = timedelta(days=30)
RECENT_WEEKS = 4
ENOUGH = 0.10  # of the way from the baseline to the target
SURE, UNLIKELY = 0.90, 0.10
NOT_YET, REACHED, NOT_REACHED, TOO_CLOSE = "not yet", "reached", "not reached", "too close to call"


@dataclass(frozen=True)
class Review:
    """The day-30 answer.

    state: not yet, reached, not reached or too close to call. progress: part of the way from the
    baseline to the target (0 none, 1 all), with its 95 % interval. probability: that it is at least a
    tenth. callable_on: from when the data can answer, or answer again; None when it is settled.
    """

    state: str
    reason: str
    do: str
    progress: Interval | None = None
    probability: float | None = None
    before: Rate | None = None
    recent: Rate | None = None
    callable_on: date | None = None
    cannot_show: tuple[str, ...] = ()


def review(
    sprint: Sprint,
    goal_days: Sequence[Day],
    now: date,
    gaps: Sequence[Gap] = (),
    zone: str = "UTC",
    elsewhere: Sequence[Change] = (),
) -> Review:
    """Whether the goal moved at least a tenth of the way: the last 28 days against the 28 before the sprint.

    goal_days: daily numbers of the goal's measure as of `now`, the first local day not fully covered by
    data. Only customers whose goal window is over count, so with a long window the 28 days end earlier,
    and the review waits until all of them lie within or after the sprint. elsewhere: changes of other
    sprints; the 28 days before stay the bar (older ones would credit this sprint with what an earlier one
    did), and the answer says so when such a change went live in them.
    Source: docs/decisions/006-verdict-words.md.
    """
    goal = sprint.goal
    series = Series(goal.measure, goal_days, now, gaps, zone)
    window = window_days(goal.measure.within) * ONE_DAY
    callable_on = max(sprint.starts + DAY_30, sprint.starts + RECENT_WEEKS * WEEK + window)
    if now < callable_on:
        return _not_yet(goal, callable_on)
    recent = blocks_after(goal_days, now - window - RECENT_WEEKS * WEEK, RECENT_WEEKS)
    for block in recent:
        gap = series.gap_in(block)
        if gap is not None:
            return _untracked(
                about_gap(gap, zone), gap_days(gap, zone)[1] + ONE_DAY + RECENT_WEEKS * WEEK + window
            )
    past = gather(series, sprint.starts)
    evidence = Evidence(past.before, (), recent, past.left_out)
    missing = lack(evidence)
    if missing is not None:
        return _unanswerable(
            missing.reason, evidence, "Import older exports, or choose a goal more customers reach."
        )
    answer = _answered(evidence, goal, now + RECENT_WEEKS * WEEK)
    bar = sprint.starts - RECENT_WEEKS * WEEK
    if any(bar <= each.goes_live < sprint.starts and not each.rolled_back for each in elsewhere):
        return replace(answer, cannot_show=(*answer.cannot_show, BASELINE_MOVED))
    return answer


def _answered(evidence: Evidence, goal: Goal, again_on: date) -> Review:
    before = evidence.baseline
    if before is None or before.share >= goal.target_share:
        target = percent(goal.target_share)
        reason = f"The four weeks before the sprint already stood at the target {target} or above."
        return _unanswerable(reason, evidence, "Choose a further target.")
    counts = [block.counts for block in (*evidence.before, *evidence.after)]
    found = progress(*log_rates(counts), recent=len(evidence.after), target=goal.target_share)
    probability = found.at_least(ENOUGH)
    state = REACHED if probability >= SURE else NOT_REACHED if probability <= UNLIKELY else TOO_CLOSE
    return Review(
        state=state,
        reason=_reason(found, probability, evidence, goal),
        do=_advice(state, again_on),
        progress=found.interval(),
        probability=probability,
        before=before,
        recent=evidence.outcome,
        callable_on=again_on if state == TOO_CLOSE else None,
        cannot_show=(
            NOTHING_HELD,
            "Without a control group, a season that lifts or lowers everything looks the same.",
        ),
    )


def _reason(found: Progress, probability: float, evidence: Evidence, goal: Goal) -> str:
    before, recent, way = evidence.baseline, evidence.outcome, found.interval()
    assert before is not None  # `lack` looked
    assert recent is not None
    asked = 100 * (goal.target_share - before.share)
    moved = f"{100 * (recent.share - before.share):.1f}".replace("-", "−")
    return (
        f"So far {moved} of the {asked:.1f} points asked for: {way_said(way)}; "
        f"{counted(recent)} in the last 28 days "
        f"with their window over, {counted(before)} in the 28 days before the sprint. "
        f"The bar is {whole(ENOUGH)} of the way; the chance that it was passed is {whole(probability)}. "
        f"Weeks here normally differ by about {whole(found.effect.noise)} for no reason."
    )


def _advice(state: str, again_on: date) -> str:
    if state == REACHED:
        return "Freeze what works, and plan the next sprint."
    if state == NOT_REACHED:
        return "Look for the root cause together, and choose a different focus for the next sprint."
    return f"Keep what improved, and look again on {day(again_on)}, when 28 new days are in."


def _not_yet(goal: Goal, callable_on: date) -> Review:
    days = window_days(goal.measure.within)
    return Review(
        state=NOT_YET,
        reason=f"28 sprint days with their window of {days} days over are there on {day(callable_on)}.",
        do="Read the weeks one by one until then.",
        callable_on=callable_on,
    )


def _untracked(what: str, callable_on: date) -> Review:
    return Review(
        state=NOT_YET,
        reason=f"{what}, within the last 28 days or the window after them.",
        do=f"Import what is missing; if it is lost, the review can be read on {day(callable_on)}.",
        callable_on=callable_on,
    )


def _unanswerable(reason: str, evidence: Evidence, do: str) -> Review:
    """There are numbers, and they will not answer the question."""
    return Review(TOO_CLOSE, reason, do, before=evidence.baseline, recent=evidence.outcome)
