"""Did a week move more than weeks here move anyway?

Everything is on the log scale: an effect of 0.1 is about +10 %, a noise of 0.04 means that
weeks differ by about 4 % for no reason beyond chance. The noise is not known: it is a grid of
possible values, each with the weight that past weeks and a weak prior give it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import expm1

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from journey_app.vocabulary import Interval

Floats = NDArray[np.float64]

BASELINE_WEEKS = 4
HISTORY_WEEKS = 26
PRIOR_NOISE = 0.10  # half-normal: week noise above 20 % is rare in the real series of decision 006
OVERLAP = 0.8  # each later change shares three of its four baseline weeks with the one before

# Possible noises, and the share of the prior that falls into the bin around each.
NOISES: Floats = np.concatenate(([0.0], np.geomspace(0.003, 0.6, 45)))
_EDGES = np.concatenate(([0.0], (NOISES[1:] + NOISES[:-1]) / 2, NOISES[-1:]))
_PRIOR = np.exp(-((NOISES / PRIOR_NOISE) ** 2) / 2) * np.diff(_EDGES)


@dataclass(frozen=True, eq=False)
class Level:
    """Where the log rate stands and how unsure that is, one entry per possible noise."""

    mean: Floats
    variance: Floats


@dataclass(frozen=True, eq=False)
class Effect:
    """How far the weeks after stand from the level before: a mixture of normals on the log scale.

    weights: how believable each noise of `NOISES` is, adding up to 1.
    before, after: the two levels, one entry per noise.
    """

    weights: Floats
    before: Level
    after: Level

    @cached_property
    def _means(self) -> Floats:
        return self.after.mean - self.before.mean

    @cached_property
    def _spreads(self) -> Floats:
        return np.sqrt(self.before.variance + self.after.variance)

    def probability_above(self, effect: float) -> float:
        """The probability that the true effect is greater; effect on the log scale."""
        return float(self.weights @ ndtr((self._means - effect) / self._spreads))

    def quantile(self, probability: float) -> float:
        """The effect (log scale) that the true one stays below with this probability."""
        ends = self._means + self._spreads * ndtri(probability)
        low, high = float(ends.min()) - 1e-9, float(ends.max()) + 1e-9
        return float(brentq(lambda c: 1 - self.probability_above(c) - probability, low, high, xtol=1e-10))

    @cached_property
    def median(self) -> float:
        """The middle of what is believed, log scale."""
        return self.quantile(0.5)

    @cached_property
    def noise(self) -> float:
        """Ordinary week-to-week noise, relative: the posterior mean."""
        return float(self.weights @ NOISES)

    def relative(self) -> Interval:
        """The effect as a relative change (−1 to ∞) with its 95 % interval."""
        low, high = expm1(self.quantile(0.025)), expm1(self.quantile(0.975))
        return Interval(low, expm1(self.median), high)

    def with_more_after(self, times: int) -> Effect:
        """The same effect if `times` as many weeks after had been seen, all at the same level."""
        return Effect(self.weights, self.before, Level(self.after.mean, self.after.variance / times))


def log_rates(blocks: Sequence[tuple[int, int]]) -> tuple[Floats, Floats]:
    """Weekly counts as log rates with their sampling variance.

    blocks: (conversions, customers) of each week, customers at least 1.
    Returns two arrays, one entry per week: ln((x + ½)/(n + 1)), and (1 − P)/(nP) with the share P
    of all weeks together, so that a lucky week does not also look certain.
    Raises ValueError when a week without customers is among them.
    Source: docs/decisions/006-verdict-words.md.
    """
    counts = np.asarray(blocks, dtype=float)
    conversions, customers = counts[:, 0], counts[:, 1]
    if (customers < 1).any():
        raise ValueError("a week without customers has no rate")
    together = (conversions.sum() + 0.5) / (customers.sum() + 1)
    return np.log((conversions + 0.5) / (customers + 1)), (1 - together) / (customers * together)


def level(logs: ArrayLike, variances: ArrayLike) -> Level:
    """The common level of some weeks, for each possible noise, by inverse-variance weighting.

    Source: normal-normal random effects, Röver et al. (2021), Research Synthesis Methods 12:448.
    """
    y, v = np.asarray(logs, dtype=float), np.asarray(variances, dtype=float)
    precision = 1 / (v[:, None] + NOISES**2)
    total = precision.sum(axis=0)
    return Level((precision * y[:, None]).sum(axis=0) / total, 1 / total)


def noise_weights(logs: ArrayLike, variances: ArrayLike) -> Floats:
    """How believable each noise of `NOISES` is after some ordinary weeks.

    logs, variances: at least four weeks, oldest first, none of them touched by a change.
    The first four give the restricted likelihood; every later week is judged against the four
    before it, so that drift counts as noise.
    Source: docs/decisions/006-verdict-words.md; prior as Gelman (2006), Bayesian Analysis 1:515.
    """
    y, v = np.asarray(logs, dtype=float), np.asarray(variances, dtype=float)
    if len(y) < BASELINE_WEEKS:
        raise ValueError(f"{len(y)} weeks cannot show how weeks differ; {BASELINE_WEEKS} can")
    evidence = _restricted_likelihood(y[:BASELINE_WEEKS], v[:BASELINE_WEEKS])
    for week in range(BASELINE_WEEKS, len(y)):
        before = level(y[week - BASELINE_WEEKS : week], v[week - BASELINE_WEEKS : week])
        variance = before.variance + v[week] + NOISES**2
        evidence += OVERLAP * -0.5 * (np.log(variance) + (y[week] - before.mean) ** 2 / variance)
    weights = np.exp(evidence - evidence.max()) * _PRIOR
    return weights / weights.sum()


def _restricted_likelihood(y: Floats, v: Floats) -> Floats:
    """Log density of the weeks' differences, for each noise, whatever their level."""
    precision = 1 / (v[:, None] + NOISES**2)
    off = y[:, None] - level(y, v).mean
    return 0.5 * (
        np.log(precision).sum(axis=0) - np.log(precision.sum(axis=0)) - (precision * off**2).sum(axis=0)
    )


def week_effect(logs: ArrayLike, variances: ArrayLike, after: int = 1) -> Effect:
    """How far the last week stands from the four before it, given how weeks differ here.

    logs, variances: as `log_rates` gives them, oldest first: 4 to 26 ordinary weeks, then
    `after` weeks (one unless told) with the change live.
    Raises ValueError with fewer than four weeks before.
    Source: docs/decisions/006-verdict-words.md (golden numbers in tests/stats/test_noise.py).
    """
    y, v = np.asarray(logs, dtype=float), np.asarray(variances, dtype=float)
    split = len(y) - after
    weights = noise_weights(y[:split], v[:split])
    before = level(y[max(0, split - BASELINE_WEEKS) : split], v[max(0, split - BASELINE_WEEKS) : split])
    return Effect(weights, before, level(y[split:], v[split:]))
