from dataclasses import replace
from datetime import date, timedelta

import pytest

from journey_app.analysis.clock import clock
from journey_app.analysis.goal import measure_goal, progress
from journey_app.stats.rates import rate
from journey_app.vocabulary import Goal, Measure

PAYING = Measure("trial to paid", "trial", "paid", timedelta(days=3))
GOAL = Goal(PAYING, ("trial", "paid"), rate(20, 100), 0.4, date(2026, 6, 1), date(2026, 3, 1))


def test_the_goal_stands_where_the_last_28_decided_entry_days_put_it(diary):
    events = diary("""
        old   trial 1  09:00
        old   paid  2  09:00
        ana   trial 30 09:00
        ana   paid  31 09:00
        bob   trial 30 09:00
        cyd   trial 31 09:00
        cyd   paid  35 09:00
        late  trial 38 09:00
        late  paid  38 10:00
        zoe   other 39 23:30
    """)
    numbers = measure_goal(events, PAYING, clock=clock(events))
    assert (numbers.now.count, numbers.now.of) == (1, 3)  # ana; not bob, not cyd (4 days), old is too old
    assert numbers.open == 1  # late's window runs on, paid or not
    assert [day.entered for day in numbers.days] == [1, 2, 1, 1]


def test_nobody_entered_lately_is_unknown_and_not_zero(diary):
    events = diary("ana trial 1 09:00\nana paid 2 09:00\nbob other 60 23:30")
    numbers = measure_goal(events, PAYING, clock=clock(events))
    assert numbers.now is None
    assert progress(GOAL, numbers).way is None


@pytest.fixture
def numbers(diary):
    trials = [f"c{n} trial 1 09:00" for n in range(10)]
    events = diary("\n".join([*trials, *(f"c{n} paid 2 09:00" for n in range(3)), "x other 9 23:30"]))
    return measure_goal(events, PAYING, clock=clock(events))


def test_the_way_is_how_far_from_start_to_target_with_todays_range(numbers):
    answer = progress(GOAL, numbers)  # 3 of 10, half way from 20 % to 40 %
    assert answer.way.middle == pytest.approx(0.5)
    assert answer.way.low == pytest.approx((numbers.now.low - 0.2) / 0.2)
    assert answer.way.high == pytest.approx((numbers.now.high - 0.2) / 0.2)


def test_a_goal_that_goes_down_is_covered_by_going_down(numbers):
    down = replace(GOAL, start=rate(50, 100), target_share=0.1)
    way = progress(down, numbers).way
    assert way.middle == pytest.approx(0.5)
    assert way.low < way.middle < way.high


def test_no_distance_no_way(numbers):
    assert progress(replace(GOAL, target_share=GOAL.start.share), numbers).way is None
