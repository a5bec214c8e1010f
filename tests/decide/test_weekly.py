"""A measure week by week around a sprint: told once its window is over, never where tracking failed."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from journey_app.analysis.series import MeasureSeries
from journey_app.decide.blocks import Block
from journey_app.decide.weekly import course, usual_week, weeks_until
from tests.decide.conftest import CALM, INVITE, MONDAY, PAID, daily, hole

DAY = timedelta(days=1)


def series(days, now, gaps=()):
    return MeasureSeries(INVITE, tuple(days), now, tuple(gaps))


def test_eight_weeks_before_and_the_four_of_the_sprint_each_with_its_number():
    days = daily(*CALM, 240, 230, 220, 210, sprint_weeks=4)
    found = course(series(days, MONDAY + 40 * DAY), 0.3, MONDAY, "UTC")
    assert [week.number for week in found.weeks] == [None] * 8 + [1, 2, 3, 4]
    assert [week.rate.count for week in found.weeks[-4:]] == [240, 230, 220, 210]
    assert found.weeks[8].starts == MONDAY


@pytest.mark.parametrize(("days_in", "told"), [(8, False), (9, True)])
def test_a_week_is_told_when_its_last_customers_window_is_over(days_in, told):
    days = daily(*CALM, 240)
    (week,) = [
        w for w in course(series(days, MONDAY + days_in * DAY), 0.3, MONDAY, "UTC").weeks if w.number == 1
    ]
    assert (week.rate is not None) == told
    assert week.result_on == MONDAY + 9 * DAY


def test_a_week_with_a_hole_is_not_told_and_says_so():
    days = daily(*CALM, 240)
    found = course(series(days, MONDAY + 20 * DAY, [hole(-18)]), 0.3, MONDAY, "UTC")
    holed = [week for week in found.weeks if week.gap]
    assert [week.starts for week in holed] == [MONDAY - 21 * DAY]
    assert holed[0].rate is None


@pytest.mark.parametrize(("customers", "noise"), [(1_000, 0.03), (50_000, 0.06)])
def test_the_usual_range_holds_about_nineteen_of_twenty_ordinary_weeks(customers, noise):
    random = np.random.default_rng(7)
    inside, cases = 0, 300
    for _ in range(cases):
        counts = random.binomial(customers, 0.2 * np.exp(random.normal(0, noise, 13)))
        usual = usual_week([Block(MONDAY, MONDAY, customers, int(x)) for x in counts[:-1]])
        inside += usual.low <= counts[-1] / customers <= usual.high
    assert 0.92 <= inside / cases <= 0.99


def test_the_usual_range_is_not_known_from_three_weeks():
    assert usual_week([Block(MONDAY, MONDAY, 1000, 200)] * 3) is None


def test_a_long_window_does_not_spread_a_hole_over_the_weeks_before_it():
    monthly = replace(INVITE, within=timedelta(days=28))
    days = daily(*CALM, sprint_weeks=0)
    found = weeks_until(MeasureSeries(monthly, tuple(days), MONDAY + 28 * DAY, (hole(-18),)), 0.3, "UTC")
    assert [week.starts for week in found.weeks if week.gap] == [MONDAY - 21 * DAY]
    assert [week.starts for week in found.weeks if week.short] == [MONDAY - w * DAY for w in (49, 42, 35, 28)]
    assert all((week.rate is None) == week.gap for week in found.weeks)
    assert found.missing == (hole(-18),)


def test_a_hole_that_hides_no_outcome_leaves_the_weeks_before_it_whole():
    days = daily(*CALM, 240, 230, sprint_weeks=2)
    found = weeks_until(
        MeasureSeries(PAID, tuple(days), MONDAY + 28 * DAY, (hole(-18),), outcome_gaps=()), 0.3, "UTC"
    )
    assert [week.starts for week in found.weeks if week.gap] == [MONDAY - 21 * DAY]
    assert not any(week.short for week in found.weeks)


def test_the_last_weeks_of_a_goal_end_where_its_window_does():
    days = daily(*CALM, 240, 230, sprint_weeks=2)
    now = MONDAY + 14 * DAY
    found = weeks_until(series(days, now), 0.3, "UTC", weeks=5)
    assert len(found.weeks) == 5
    assert found.weeks[-1].starts == now - (2 + 7) * DAY
    assert all(week.rate is not None and week.number is None for week in found.weeks)
