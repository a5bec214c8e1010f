"""How far has a rate moved from where it stood towards its target, given week noise?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import ndtr

from journey_app.stats.noise import Effect, Floats, week_effect
from journey_app.vocabulary import Interval

# A normal variable as 41 points with weights: exact far beyond the digits shown.
_POINTS, _MASSES = hermegauss(41)
_MASSES = _MASSES / sqrt(2 * np.pi)


@dataclass(frozen=True, eq=False)
class Progress:
    """How much of the way from the level before to the target has been covered: 0 none, 1 all.

    Both levels are uncertain, the one before in numerator and denominator alike.
    """

    effect: Effect
    target: float  # share, above the level before

    @cached_property
    def _starts(self) -> Floats:
        """The share before, one row per possible noise, one column per point."""
        before = self.effect.before
        return np.exp(before.mean[:, None] + np.sqrt(before.variance)[:, None] * _POINTS)

    def at_least(self, progress: float) -> float:
        """The probability that at least this part of the way has been covered."""
        after = self.effect.after
        wanted = self._starts + progress * (self.target - self._starts)
        logs = np.log(np.maximum(wanted, 1e-12))
        above = ndtr((after.mean[:, None] - logs) / np.sqrt(after.variance)[:, None])
        return float(self.effect.weights @ (above @ _MASSES))

    def interval(self) -> Interval:
        """The part of the way covered, with its 95 % interval; below 0 when it went backwards."""
        return Interval(self._below(0.025), self._below(0.5), self._below(0.975))

    def _below(self, probability: float) -> float:
        reach = 1.0
        while self.at_least(-reach) < 1 - probability or self.at_least(reach) > 1 - probability:
            reach *= 2
            if reach > 1e6:
                raise ValueError("the level before is too close to the target to speak of a way")
        return float(brentq(lambda c: self.at_least(c) - (1 - probability), -reach, reach, xtol=1e-6))


def progress(logs: ArrayLike, variances: ArrayLike, recent: int, target: float) -> Progress:
    """How far the recent weeks stand on the way from the four baseline weeks to the target.

    logs, variances: as `noise.log_rates` gives them, oldest first: 4 to 26 ordinary weeks before,
    then the `recent` ones. target: the share aimed for, above that of the baseline weeks.
    Source: docs/decisions/006-verdict-words.md.
    """
    return Progress(week_effect(logs, variances, after=recent), target)
