"""Did this sprint week move, when earlier weeks of the sprint may have moved too?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from journey_app.stats.noise import BASELINE_WEEKS, NOISES, Effect, Level, level, noise_weights

STEP = 0.20  # sd of what a change may do to the level, log scale


def step_effect(logs: ArrayLike, variances: ArrayLike, earlier: int, after: int = 1) -> Effect:
    """How far the last week stands from the level that the weeks before it had reached.

    The level starts from the last four ordinary weeks; with each earlier sprint week it may step
    by about 20 % and is then corrected by what that week showed (a Kalman filter, one for each
    possible noise). Only ordinary weeks teach the noise.

    logs, variances: as `noise.log_rates` gives them, oldest first: 4 to 26 ordinary weeks, then
    `earlier` sprint weeks (those rolled back left out: their step was taken back), then `after`
    weeks. With earlier = 0 this is `noise.week_effect`.
    Raises ValueError with fewer than four ordinary weeks.
    Source: docs/decisions/007-step-model.md.
    """
    y, v = np.asarray(logs, dtype=float), np.asarray(variances, dtype=float)
    split = len(y) - after
    sprint = split - earlier
    weights = noise_weights(y[:sprint], v[:sprint])
    start = sprint - BASELINE_WEEKS
    reached = level(y[start:sprint], v[start:sprint])
    for week in range(sprint, split):
        reached = _stepped(reached, y[week], v[week])
    return Effect(weights, reached, level(y[split:], v[split:]))


def _stepped(before: Level, log_rate: float, variance: float) -> Level:
    """The level after one more sprint week: it may have stepped, and the week was seen."""
    possible = before.variance + STEP**2
    trust = possible / (possible + variance + NOISES**2)
    return Level(before.mean + trust * (log_rate - before.mean), (1 - trust) * possible)
