"""How much of the way to the target has been covered?"""

import numpy as np
import pytest

from journey_app.stats.noise import NOISES, Effect, Level, log_rates
from journey_app.stats.progress import Progress, progress

CALM = [2000, 2050, 1950, 2100, 1900, 2020, 1980, 2070]


def moved(*recent, target=0.30):
    logs, variances = log_rates([(x, 10_000) for x in [*CALM, *recent]])
    return progress(logs, variances, recent=len(recent), target=target)


def test_half_way_is_half_way():
    found = moved(2500, 2500, 2500, 2500)
    assert found.interval().middle == pytest.approx(0.5, abs=0.02)
    assert found.at_least(0.10) > 0.99


def test_standing_still_is_not_ten_percent():
    found = moved(2000, 1990, 2010, 1980)
    assert abs(found.interval().middle) < 0.05
    assert found.at_least(0.10) < 0.30


def test_going_backwards_is_negative():
    found = moved(1500, 1500, 1500, 1500)
    assert found.interval().high < 0
    assert found.at_least(0.10) < 0.01


def test_the_interval_holds_95_percent():
    found = moved(2200, 2150, 2250, 2300)
    ends = found.interval()
    assert found.at_least(ends.low) == pytest.approx(0.975, abs=1e-4)
    assert found.at_least(ends.high) == pytest.approx(0.025, abs=1e-4)


def test_by_hand_both_levels_drawn():
    """The slow obvious twin: draw both levels many times and count."""
    found = moved(2200, 2150, 2250, 2300)
    draw = np.random.default_rng(11)
    noise = draw.choice(len(NOISES), 200_000, p=found.effect.weights)
    before, after = found.effect.before, found.effect.after
    starts = np.exp(draw.normal(before.mean[noise], np.sqrt(before.variance[noise])))
    ends = np.exp(draw.normal(after.mean[noise], np.sqrt(after.variance[noise])))
    by_hand = float(np.mean(ends >= starts + 0.10 * (found.target - starts)))
    assert found.at_least(0.10) == pytest.approx(by_hand, abs=0.005)


def test_a_start_at_the_target_is_no_way():
    certain = np.zeros_like(NOISES)
    certain[0] = 1.0
    here = Level(np.full_like(NOISES, np.log(0.3)), np.full_like(NOISES, 1e-20))
    above = Level(np.full_like(NOISES, np.log(0.4)), np.full_like(NOISES, 1e-20))
    with pytest.raises(ValueError, match="too close to the target"):
        Progress(Effect(certain, here, above), 0.3).interval()
