"""Did a change move its own measure, and how sure can one be?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from journey_app.analysis.gaps import Gap
from journey_app.analysis.measure import Day
from journey_app.decide.advice import advice_for, advice_without_numbers
from journey_app.decide.blocks import ONE_DAY, WEEK, blocks_after, window_days
from journey_app.decide.evidence import Evidence, Series, effect_of, gather, lack, result_day
from journey_app.decide.phrase import (
    EARLIER_SPRINT,
    LATER_WEEK,
    NOT_LASTING,
    NOTHING_HELD,
    OWN_ROLL_BACK,
    ROLLED_BACK_BEFORE,
    about_gap,
    counted,
    day,
    plural,
    spread,
    whole,
)
from journey_app.decide.words import SURE, SURE_AGAIN, is_early_harm, leans_worse, word_for
from journey_app.stats.detectable import more_weeks, smallest_gain
from journey_app.stats.noise import Effect
from journey_app.vocabulary import Change, Sprint, Verdict, Word

UNSETTLED = (Word.LIKELY, Word.CANNOT_TELL)


def verdict(
    change: Change,
    sprint: Sprint,
    days: Sequence[Day],
    now: date,
    gaps: Sequence[Gap] = (),
    zone: str = "UTC",
    elsewhere: Sequence[Change] = (),
) -> Verdict:
    """The word for one change, with its reason and what to do.

    change: one of the sprint's. days: daily numbers of the change's own measure, as of `now`.
    now: the first local day that the data do not fully cover. gaps: holes in the tracking of the
    sources behind the measure. zone: the workspace's, to read `gaps` as local days. elsewhere: the
    changes of other sprints: they may have moved the weeks before, and spoil the weeks after.

    A change is judged once its week and its measure's window are over; once more, with a stricter
    limit, when the first look asked for more weeks and nothing else went live in them. Before that
    only clear harm is said. Source: docs/decisions/006-verdict-words.md, 007-step-model.md.
    """
    series = Series(change.measure, days, now, gaps, zone)
    others = [other for other in sprint.changes if other != change]
    result_on = result_day(change.goes_live, change.measure.within)
    if now < change.goes_live:
        return _planned(change, result_on)
    every = [*others, *elsewhere]
    stopped = _blocked(series, change, every)
    if stopped is not None:
        return replace(stopped, result_on=result_on)
    if now < result_on:
        return replace(_running(series, change, others, elsewhere, sprint.worth), result_on=result_on)
    found = gather(series, change.goes_live, others, elsewhere=elsewhere)
    first = judge(found, sprint.worth, change)
    said = replace(first, result_on=result_on, cannot_show=_cannot_show(change, others, elsewhere, found))
    return _second_look(said, series, change, others, elsewhere, sprint.worth)


def judge(evidence: Evidence, worth: float, change: Change | None = None, sure: float = SURE) -> Verdict:
    """The word for finished weeks, whatever is compared.

    change: what was changed, for the advice; None when several things were. sure: as `word_for`.
    """
    missing = lack(evidence)
    before, after = evidence.week_before or evidence.baseline, evidence.outcome
    if missing is not None:
        customers = missing.weeks and missing.weeks * sum(block.customers for block in evidence.after)
        return Verdict(
            word=Word.CANNOT_TELL,
            reason=missing.reason,
            do=advice_without_numbers(missing.weeks, customers or 0),
            baseline_weeks=len(evidence.before),
            more_weeks=missing.weeks,
            before=before,
            after=after,
        )
    effect = effect_of(evidence)
    word = word_for(effect, worth, sure)
    wait = more_weeks(effect, worth) if word in UNSETTLED and sure == SURE else None
    return Verdict(
        word=word,
        reason=_reason(evidence, effect, word, worth),
        do=advice_for(word, effect, evidence, worth, wait, change),
        effect=effect.relative(),
        probability=effect.probability_above(0),
        noise=effect.noise,
        detectable=smallest_gain(effect),
        baseline_weeks=len(evidence.before),
        more_weeks=wait,
        before=before,
        after=after,
    )


def _reason(evidence: Evidence, effect: Effect, word: Word, worth: float) -> str:
    """After against before, the range, ordinary noise, the word, what would not have shown."""
    before, after, last = evidence.baseline, evidence.outcome, evidence.week_before
    assert before is not None  # `lack` looked
    assert after is not None
    against = f"{counted(before)} in the four weeks before"
    if evidence.earlier:
        seen = "unmeasured" if last is None else counted(last)
        levels = f"{seen} the week before and {counted(before)} before these changes"
        against = f"{levels}; compared with the level reached by then"
    lean = ", leaning worse" if word is Word.CANNOT_TELL and leans_worse(effect) else ""
    tiny = f" (anything within ±{whole(worth)} counts as none)" if word is Word.NO_CHANGE else ""
    return (
        f"{counted(after)} after against {against}: {spread(effect.relative())}. "
        f"Weeks here normally differ by about {whole(effect.noise)} for no reason. "
        f"Verdict: {word.value}{lean}{tiny}. "
        f"A gain below about {whole(smallest_gain(effect))} would usually not show with this traffic."
    )


def _planned(change: Change, result_on: date) -> Verdict:
    return Verdict(
        word=Word.PLANNED,
        reason=f"Goes live {day(change.goes_live)}; the result can be told from {day(result_on)}.",
        do="Make it live at local midnight, and change nothing else that week.",
        result_on=result_on,
    )


def _blocked(series: Series, change: Change, others: Sequence[Change]) -> Verdict | None:
    """Why this week cannot be judged at all: two changes in it, or tracking that failed."""
    live = change.goes_live
    for other in others:
        if live <= other.goes_live < live + WEEK:
            return Verdict(
                word=Word.BLOCKED,
                reason=f"“{other.title}” went live on {day(other.goes_live)}, within the same seven days: "
                "the two cannot be told apart.",
                do="Read the sprint total instead, or take one out and run the other for a week alone.",
            )
    (week,) = blocks_after(series.days, live)
    gap = series.gap_in(week)
    if gap is None:
        return None
    return Verdict(
        word=Word.BLOCKED,
        reason=f"{about_gap(gap, series.zone)}, within the week judged or the window after it "
        f"({day(week.first)} to {day(result_day(live, series.measure.within) - ONE_DAY)}).",
        do=f"Import what is missing from {gap.source}; if it is lost, run the change for another week.",
    )


def _running(
    series: Series, change: Change, others: Sequence[Change], elsewhere: Sequence[Change], worth: float
) -> Verdict:
    """Collecting; only clear harm is said before the week is over."""
    result_on = result_day(change.goes_live, change.measure.within)
    collected = (series.now - change.goes_live).days
    decided = collected - window_days(change.measure.within)
    if 1 <= decided < 7:
        evidence = gather(series, change.goes_live, others, length=decided, elsewhere=elsewhere)
        if lack(evidence) is None and is_early_harm(effect_of(evidence), decided):
            return _early_harm(evidence, change, decided, worth)
    if collected < 7:
        reason = f"{collected} of 7 days collected. Result {day(result_on)}."
    else:
        reason = (
            f"The week is over; its last customers are still within their window. Result {day(result_on)}."
        )
    return Verdict(word=Word.RUNNING, reason=reason, do="Leave everything else as it is until then.")


def _early_harm(evidence: Evidence, change: Change, decided: int, worth: float) -> Verdict:
    """A week that is stopped early, judged on its first days against the same weekdays."""
    effect = effect_of(evidence)
    found = judge(evidence, worth, change)
    return replace(
        found,
        word=Word.WORSE,
        reason=f"After {decided} of 7 days, against the same weekdays before: {spread(effect.relative())}. "
        f"Weeks here normally differ by about {whole(effect.noise)}. Too bad to wait for the planned day.",
        do=advice_for(Word.WORSE, effect, evidence, worth, None, change),
        more_weeks=None,
        cannot_show=(NOTHING_HELD, "An early stop shows that it harmed, not by how much."),
    )


def _second_look(
    first: Verdict,
    series: Series,
    change: Change,
    others: Sequence[Change],
    elsewhere: Sequence[Change],
    worth: float,
) -> Verdict:
    """The verdict after the further weeks that the first look asked for, once they are over."""
    if first.more_weeks is None or change.rolled_back:
        return first
    weeks = 1 + first.more_weeks
    live, ends = change.goes_live, change.goes_live + weeks * WEEK
    next_one = [other for other in (*others, *elsewhere) if live < other.goes_live < ends]
    if next_one:
        wait = f" “{next_one[0].title}” goes live {day(next_one[0].goes_live)}: it would have to wait."
        return replace(first, do=first.do + wait)
    if any(series.gap_in(block) for block in blocks_after(series.days, live, weeks)):
        return replace(
            first, do=f"{first.do} The weeks after the first were not fully tracked and cannot be added."
        )
    again_on = result_day(live, change.measure.within, weeks)
    if series.now < again_on:
        return replace(first, result_on=again_on)
    again = judge(gather(series, live, others, weeks, elsewhere=elsewhere), worth, change, SURE_AGAIN)
    note = f"Second look, over {plural(weeks, 'week')}, with a stricter limit. "
    return replace(again, reason=note + again.reason, result_on=again_on, cannot_show=first.cannot_show)


def _cannot_show(
    change: Change, others: Sequence[Change], elsewhere: Sequence[Change], evidence: Evidence
) -> tuple[str, ...]:
    """What a before/after week of this change leaves open."""
    sooner = [other for other in others if other.goes_live < change.goes_live]
    window = window_days(change.measure.within)
    open_until = change.goes_live + WEEK + window * ONE_DAY
    said = [NOTHING_HELD, NOT_LASTING]
    if any(not other.rolled_back for other in sooner):
        said.append(LATER_WEEK)
    if any(other.rolled_back for other in sooner):
        said.append(ROLLED_BACK_BEFORE)
    if not sooner and evidence.earlier:
        said.append(EARLIER_SPRINT)
    after = (*others, *elsewhere)
    if any(change.goes_live + WEEK <= other.goes_live < open_until for other in after):
        said.append(
            f"Customers of the last {plural(window, 'day')} had part of their window after the next change."
        )
    if change.rolled_back:
        said.append(OWN_ROLL_BACK)
    return tuple(said)
