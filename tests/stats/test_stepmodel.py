"""Week 2 and later: the level that earlier changes may have moved."""

import numpy as np
import pytest

from journey_app.stats.noise import log_rates, week_effect
from journey_app.stats.stepmodel import step_effect

CALM = [200, 205, 195, 210, 190, 202, 198, 207, 193, 201, 199, 200]


def weeks(*conversions, customers=1000):
    return log_rates([(x, customers) for x in conversions])


@pytest.mark.parametrize("after", [1, 2])
def test_without_earlier_sprint_weeks_it_is_the_week_noise_model(after):
    data = weeks(*CALM, 240, 235)
    step, plain = step_effect(*data, earlier=0, after=after), week_effect(*data, after=after)
    assert np.array_equal(step.weights, plain.weights)
    assert step.probability_above(0) == plain.probability_above(0)
    assert step.relative() == plain.relative()


def test_a_level_that_week_one_lifted_is_no_success_of_week_two():
    data = weeks(*(10 * x for x in CALM), 2500, 2500, customers=10_000)
    assert week_effect(*data).probability_above(0) > 0.975
    assert 0.4 < step_effect(*data, earlier=1).probability_above(0) < 0.7


def test_a_second_real_gain_still_shows():
    data = weeks(*(50 * x for x in CALM), 12000, 15000, customers=50_000)
    assert step_effect(*data, earlier=1).probability_above(0) > 0.975


def test_week_two_is_less_sure_than_week_one():
    one = step_effect(*weeks(*CALM, 240), earlier=0)
    two = step_effect(*weeks(*CALM, 200, 240), earlier=1)
    assert two.quantile(0.975) - two.quantile(0.025) > one.quantile(0.975) - one.quantile(0.025)


def test_the_noise_is_learnt_from_ordinary_weeks_only():
    wild = step_effect(*weeks(*CALM, 400, 100, 200), earlier=2)
    calm = step_effect(*weeks(*CALM, 200, 300, 200), earlier=2)  # the same total, so equal variances
    assert wild.noise == pytest.approx(calm.noise)


def test_four_ordinary_weeks_are_needed_beside_the_sprint():
    with pytest.raises(ValueError, match="3 weeks"):
        step_effect(*weeks(200, 205, 195, 240, 240), earlier=1)
