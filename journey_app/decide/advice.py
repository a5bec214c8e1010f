"""What should be done about a week?"""

from __future__ import annotations

from math import expm1

from journey_app.decide.evidence import Evidence
from journey_app.decide.phrase import plural
from journey_app.decide.words import leans_worse
from journey_app.stats.detectable import customers_per_arm
from journey_app.stats.noise import Effect
from journey_app.vocabulary import Change, Word


def advice_for(
    word: Word,
    effect: Effect,
    evidence: Evidence,
    worth: float,
    more_weeks: int | None,
    change: Change | None,
) -> str:
    """The next step for a finished week, as one or two sentences.

    more_weeks: how many would settle it; None with an unsettled word means that none would.
    change: None when several changes are judged together.
    """
    if word is Word.IMPROVED:
        return "Keep it, and go on to the next change."
    if word is Word.NO_CHANGE:
        return "Take it out, unless it is wanted for another reason."
    if word is Word.WORSE:
        return _roll_back(change)
    keep = "Keep it for now, but do not count it as a win. " if word is Word.LIKELY else ""
    watch = f"Leaning worse: be ready to roll back. {_plan(change)}" if leans_worse(effect) else ""
    return keep + watch + _waiting(effect, evidence, worth, more_weeks)


def advice_without_numbers(more_weeks: int | None, customers: int) -> str:
    """The next step when there is too little data to say anything."""
    if more_weeks is not None:
        return _keep_watching(more_weeks, customers)
    return (
        "Import older exports so that four full weeks lie before the change, "
        "or choose a measure that more customers reach."
    )


def _roll_back(change: Change | None) -> str:
    if change is None:
        return "Roll back what was changed last, and look at the weeks one by one."
    if change.rolled_back:
        return "It has been rolled back; leave it out."
    return f"Roll back now. {_plan(change)}".strip()


def _plan(change: Change | None) -> str:
    return (
        f"The plan: {change.roll_back.rstrip('.')}. "
        if change is not None and change.roll_back.strip()
        else ""
    )


def _waiting(effect: Effect, evidence: Evidence, worth: float, more_weeks: int | None) -> str:
    if more_weeks is not None:
        return _keep_watching(
            more_weeks, more_weeks * sum(b.customers for b in evidence.after) // len(evidence.after)
        )
    return (
        "Waiting, even four weeks, would not settle it: use randomised arms"
        f"{_arms(effect, evidence, worth)} or a comparison group."
    )


def _keep_watching(weeks: int, customers: int) -> str:
    return f"Keep watching {plural(weeks, 'more week')}, about {customers:,} customers."


def _arms(effect: Effect, evidence: Evidence, worth: float) -> str:
    """How large the arms must be for a gain of the size at hand."""
    before = evidence.week_before or evidence.baseline
    gain = max(abs(expm1(effect.median)), worth)
    if before is None or before.share * (1 + gain) >= 1:
        return ""
    return f" (about {customers_per_arm(before.share, gain):,} customers each)"
