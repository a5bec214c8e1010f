"""The week-noise model, against six cases worked out beforehand (docs/decisions/006)."""

from math import expm1, log

import numpy as np
import pytest

from journey_app.stats.noise import log_rates, noise_weights, week_effect

YEAR = [200, 205, 195, 210, 190, 202, 198, 207, 193, 201, 199, 200]
BIG = [10000, 10100, 9900, 10050, 9950, 10080, 9930, 10010, 9990, 10060, 9940, 10000]
# customers a week, conversions with the week after last: P(effect > 0), median %, low %, high %, noise %
GOLDEN = [
    (1000, [200, 205, 195, 200, 240], 0.9779, 20.0, 0.6, 43.1, 3.8),
    (1000, [180, 230, 170, 220, 240], 0.8960, 20.9, -12.5, 67.1, 12.1),
    (1000, [*YEAR, 240], 0.9934, 21.0, 4.3, 40.4, 2.0),
    (1000, [200, 205, 195, 200, 150], 0.0038, -24.9, -37.6, -9.8, 4.0),
    (100, [20, 22, 18, 20, 30], 0.9597, 49.1, -4.9, 134, 6.5),
    (50000, [*BIG, 10020], 0.5813, 0.2, -2.0, 2.5, 0.4),
]


def effect_of(customers, conversions):
    return week_effect(*log_rates([(x, customers) for x in conversions]))


@pytest.mark.parametrize(("customers", "conversions", "p", "median", "low", "high", "noise"), GOLDEN)
def test_golden(customers, conversions, p, median, low, high, noise):
    effect = effect_of(customers, conversions)
    found = effect.relative()
    assert effect.probability_above(0) == pytest.approx(p, abs=0.0002)
    assert (100 * found.middle, 100 * found.low) == pytest.approx((median, low), abs=0.1)
    assert 100 * found.high == pytest.approx(high, abs=0.5 if high > 100 else 0.1)  # written as +134 %
    assert 100 * effect.noise == pytest.approx(noise, abs=0.1)


def test_log_rates_share_one_variance_per_customer():
    logs, variances = log_rates([(20, 100), (60, 200)])
    together = 80.5 / 301
    assert logs == pytest.approx([log(20.5 / 101), log(60.5 / 201)])
    assert variances == pytest.approx([(1 - together) / (100 * together), (1 - together) / (200 * together)])


def test_a_week_without_customers_has_no_rate():
    with pytest.raises(ValueError, match="without customers"):
        log_rates([(3, 10), (0, 0)])


def test_three_weeks_cannot_show_how_weeks_differ():
    with pytest.raises(ValueError, match="3 weeks"):
        effect_of(1000, [200, 205, 195, 240])


def test_wilder_weeks_are_believed_to_be_noisier():
    calm, wild = effect_of(1000, [200, 205, 195, 200, 240]), effect_of(1000, [140, 260, 150, 250, 240])
    assert wild.noise > 2 * calm.noise
    assert wild.probability_above(0) < calm.probability_above(0)


def test_noise_weights_are_a_distribution():
    weights = noise_weights(*log_rates([(x, 1000) for x in YEAR]))
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()


def test_quantiles_and_probabilities_agree():
    effect = effect_of(1000, [*YEAR, 240])
    for p in (0.001, 0.025, 0.5, 0.975, 0.999):
        assert 1 - effect.probability_above(effect.quantile(p)) == pytest.approx(p, abs=1e-7)
    assert expm1(effect.median) == effect.relative().middle


def test_two_equal_weeks_after_tell_more_than_one():
    logs, variances = log_rates([(x, 1000) for x in [*YEAR, 240, 240]])
    two = week_effect(logs, variances, after=2)
    one = week_effect(logs[:-1], variances[:-1])
    assert two.probability_above(0) > one.probability_above(0)
    assert np.allclose(one.with_more_after(2).after.variance, two.after.variance)
    assert two.quantile(0.025) == pytest.approx(one.with_more_after(2).quantile(0.025), abs=1e-9)
