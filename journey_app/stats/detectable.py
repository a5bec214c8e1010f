"""How small a gain would show, and how many more weeks or customers would it take?"""

from __future__ import annotations

from math import ceil, expm1, log1p, sqrt

from scipy.stats import norm

from journey_app.stats.noise import BASELINE_WEEKS, Effect

# 80 % power needs 2.8 standard errors above zero where the 95 % interval shows 1.96 of them.
POWER_OVER_INTERVAL = 1.43
WEEKS_WORTH_WAITING = (2, 3, 4)  # longer than that, drifting levels make the answer worse, not better
LONG_HISTORY_WEEKS = 12
# Standard errors that "improved" needs with 80 % power when the noise must be learnt as well.
REACH_LONG, REACH_SHORT = 3.1, 3.7


def smallest_gain(effect: Effect) -> float:
    """The smallest relative gain that this comparison would usually (80 %) have called improved.

    Source: docs/decisions/006-verdict-words.md.
    """
    return expm1(_log_gain(effect))


def more_weeks(effect: Effect, worth: float) -> int | None:
    """How many further weeks, 1 to 3, would make a gain of the size at hand show; None when none would.

    effect: after one week. worth: the smallest relative effect worth having, above 0.
    None means that this design cannot settle it: week noise stays however many customers come.
    Source: docs/decisions/006-verdict-words.md.
    """
    sought = max(abs(effect.median), log1p(worth))
    for weeks in WEEKS_WORTH_WAITING:
        if _log_gain(effect.with_more_after(weeks)) <= sought:
            return weeks - 1
    return None


def _log_gain(effect: Effect) -> float:
    return POWER_OVER_INTERVAL * (effect.median - effect.quantile(0.025))


def gain_one_week_can_show(share: float, customers: float, noise: float, history_weeks: int) -> float:
    """The smallest relative gain that one week would usually show, before it has been lived.

    share: of customers who convert now, above 0 and below 1. customers: entering a week.
    noise: ordinary week noise, relative. history_weeks: 4 to 26 ordinary weeks before.
    Returns a relative gain, right to about a sixth of itself with 12 weeks of history or more.
    Source: docs/decisions/006-verdict-words.md (simulated table in tests/stats/test_detectable.py).
    """
    chance = (1 - share) / share * (1 + 1 / BASELINE_WEEKS) / customers
    return expm1(_reach(history_weeks) * sqrt(chance + _week_variance(noise)))


def customers_a_week_needed(share: float, gain: float, noise: float, history_weeks: int) -> int | None:
    """How many customers a week make a relative gain show after one week; None when no number will.

    Arguments and source as `gain_one_week_can_show`; gain above 0.
    """
    room = (log1p(gain) / _reach(history_weeks)) ** 2 - _week_variance(noise)
    if room <= 0:
        return None
    return ceil((1 - share) / share * (1 + 1 / BASELINE_WEEKS) / room)


def customers_per_arm(share: float, gain: float, power: float = 0.80, confidence: float = 0.95) -> int:
    """How many customers each of two randomised arms needs to show a relative gain.

    share: in the unchanged arm. gain: relative; share × (1 + gain) must stay below 1.
    Source: Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, §4.2.
    """
    new = share * (1 + gain)
    if not 0 < share < 1 or not 0 < new < 1 or gain == 0:
        raise ValueError(f"a share of {share} cannot move by {gain}")
    middle = (share + new) / 2
    sure = norm.ppf((1 + confidence) / 2) * sqrt(2 * middle * (1 - middle))
    strong = norm.ppf(power) * sqrt(share * (1 - share) + new * (1 - new))
    return ceil(((sure + strong) / (new - share)) ** 2)


def _reach(history_weeks: int) -> float:
    return REACH_LONG if history_weeks >= LONG_HISTORY_WEEKS else REACH_SHORT


def _week_variance(noise: float) -> float:
    return (1 + 1 / BASELINE_WEEKS) * noise**2
