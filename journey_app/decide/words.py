"""What is a week called?"""

from __future__ import annotations

from math import log1p, sqrt

from scipy.special import ndtr

from journey_app.stats.noise import Effect
from journey_app.vocabulary import Word

SURE = 0.975  # the planned look
SURE_AGAIN = 0.985  # a second look needs more, or looking twice would double the false verdicts
LIKELY = 0.90
LEANING_WORSE = 0.10
NEGLIGIBLE = 0.05
GUARD = 2.04  # O'Brien-Fleming's constant for seven daily looks


def word_for(effect: Effect, worth: float, sure: float = SURE) -> Word:
    """The word for a finished week; a higher rate is better.

    worth: the smallest relative effect worth having, above 0, below 1. sure: the probability that
    "improved" and "worse" need. A certain but tiny effect is no change worth having.
    Source: docs/decisions/006-verdict-words.md.
    """
    gain, loss = effect.probability_above(log1p(worth)), 1 - effect.probability_above(log1p(-worth))
    up = effect.probability_above(0)
    if gain <= NEGLIGIBLE and loss <= NEGLIGIBLE:
        return Word.NO_CHANGE
    if up >= sure:
        return Word.IMPROVED
    if up <= 1 - sure:
        return Word.WORSE
    return Word.LIKELY if up >= LIKELY else Word.CANNOT_TELL


def leans_worse(effect: Effect) -> bool:
    """Whether a week that cannot be told should be watched for harm."""
    return effect.probability_above(0) <= LEANING_WORSE


def is_early_harm(effect: Effect, days: int) -> bool:
    """Whether the first `days` (1 to 6) of a week are bad enough to stop it before its end.

    Source: O'Brien & Fleming (1979), Biometrics 35:549–556; constant and rates in
    docs/decisions/006-verdict-words.md.
    """
    return 1 - effect.probability_above(0) >= float(ndtr(GUARD * sqrt(7 / days)))
