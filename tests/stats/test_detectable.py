"""What traffic can show, against the simulated table and the published sample sizes."""

from math import expm1

import pytest

from journey_app.stats.detectable import (
    customers_a_week_needed,
    customers_per_arm,
    gain_one_week_can_show,
    more_weeks,
    smallest_gain,
)
from journey_app.stats.noise import log_rates, week_effect

CALM = [200, 205, 195, 210, 190, 202, 198, 207, 193, 201, 199, 200]
# Simulated smallest detectable relative gain (80 % power), percent, 12 weeks of history (docs/decisions/006).
TWELVE_WEEKS = [
    (0.05, 1_000, 0.02, 62),
    (0.20, 1_000, 0.02, 27),
    (0.20, 10_000, 0.02, 11),
    (0.20, 300, 0.04, 52),
    (0.20, 1_000, 0.04, 29),
    (0.20, 10_000, 0.04, 18),
    (0.20, 100_000, 0.04, 16),
    (0.60, 1_000, 0.04, 18),
    (0.20, 1_000, 0.08, 41),
    (0.20, 10_000, 0.08, 33),
]


@pytest.mark.parametrize(("share", "customers", "noise", "percent"), TWELVE_WEEKS)
def test_the_approximation_stays_near_the_simulated_table(share, customers, noise, percent):
    assert 100 * gain_one_week_can_show(share, customers, noise, 12) == pytest.approx(percent, rel=0.16)


@pytest.mark.parametrize(("customers", "percent"), [(1_000, 33), (10_000, 23), (100_000, 21)])
def test_four_weeks_of_history_see_less(customers, percent):
    found = 100 * gain_one_week_can_show(0.20, customers, 0.04, 4)
    assert found == pytest.approx(percent, rel=0.16)
    assert found > 100 * gain_one_week_can_show(0.20, customers, 0.04, 12)


def test_customers_needed_inverts_what_one_week_can_show():
    needed = customers_a_week_needed(0.20, 0.25, 0.04, 12)
    assert gain_one_week_can_show(0.20, needed, 0.04, 12) <= 0.25
    assert gain_one_week_can_show(0.20, needed - 1, 0.04, 12) > 0.25


def test_no_number_of_customers_cures_week_noise():
    assert customers_a_week_needed(0.20, 0.10, 0.04, 26) is None


@pytest.mark.parametrize(
    ("share", "ten", "twenty"), [(0.05, 31_233, 8_158), (0.20, 6_509, 1_682), (0.60, 1_015, 243)]
)
def test_customers_per_arm(share, ten, twenty):
    """80 % power, 5 % two-sided, as the usual two-proportion formula gives them (Fleiss et al. §4.2)."""
    assert customers_per_arm(share, 0.10) == pytest.approx(ten, abs=1)
    assert customers_per_arm(share, 0.20) == pytest.approx(twenty, abs=1)


def test_an_impossible_gain_is_refused():
    with pytest.raises(ValueError, match="cannot move"):
        customers_per_arm(0.60, 0.70)


def test_the_smallest_gain_follows_the_interval():
    effect = week_effect(*log_rates([(x, 1000) for x in [*CALM, 240]]))
    assert smallest_gain(effect) == pytest.approx(expm1(1.43 * (effect.median - effect.quantile(0.025))))


def test_a_gain_just_out_of_reach_needs_one_more_week():
    effect = week_effect(*log_rates([(x, 1000) for x in [*CALM, 236]]))
    assert effect.relative().middle < smallest_gain(effect)
    assert more_weeks(effect, 0.05) == 1


def test_nothing_at_hand_cannot_be_settled_by_waiting():
    effect = week_effect(*log_rates([(x, 1000) for x in [*CALM, 202]]))
    assert more_weeks(effect, 0.05) is None
