from datetime import date, timedelta

import pytest

from journey_app.analysis.clock import clock
from journey_app.analysis.worth import WON_BACK, Way, gap_worth, rate_at, short_measure, way
from journey_app.stats.rates import rate
from journey_app.vocabulary import Filter, Goal, Measure

WAY = Way(("a", "b", "c"), (1000, 400, 100), date(2026, 1, 1))


def test_a_loss_is_worth_a_twentieth_of_the_lost_going_on_like_the_rest():
    first, second = WAY.loss_worth(0), WAY.loss_worth(1)
    assert first.middle == pytest.approx(WON_BACK * 600 / 1000 * 100 / 400)
    assert second.middle == pytest.approx(WON_BACK * 300 / 1000)
    assert (first.middle, second.middle) == (pytest.approx(0.0075), pytest.approx(0.015))
    assert first.low < first.middle < first.high
    kept, onward = rate(400, 1000), rate(100, 400)
    assert first.low == pytest.approx(WON_BACK * (1 - kept.high) * onward.low)
    assert first.high == pytest.approx(WON_BACK * (1 - kept.low) * onward.high)


def test_nobody_there_nothing_known():
    assert Way(("a", "b", "c"), (0, 0, 0), date(2026, 1, 1)).loss_worth(0) is None
    assert Way(("a", "b", "c"), (10, 0, 0), date(2026, 1, 1)).loss_worth(0) is None  # how they would go on


def test_a_gap_is_worth_its_people_moved_by_the_difference():
    worth = gap_worth(rate(20, 100), rate(60, 200), 100, 1000, onward=0.5)
    assert worth.middle == pytest.approx(0.1 * 100 / 1000 * 0.5)
    assert worth.low < 0.005 < worth.high


def test_more_confidence_is_a_wider_range():
    assert rate_at(20, 100, 0.99).low < rate(20, 100).low < rate(20, 100).high < rate_at(20, 100, 0.99).high


@pytest.mark.parametrize(
    ("usual", "days"),
    [
        (None, 7),
        (timedelta(minutes=5), 1),
        (timedelta(days=2), 2),
        (timedelta(days=2, seconds=1), 3),
        (timedelta(days=30), 7),
    ],
)
def test_a_measure_waits_as_long_as_all_but_one_in_twenty_take_and_at_most_a_week(usual, days):
    only = (Filter("device", ("mobile",)),)
    measure = short_measure("a", "b", usual, only)
    assert measure == Measure("a → b", "a", "b", timedelta(days=days), only)


def test_the_way_counts_twelve_weeks_of_people_whose_window_is_over(diary):
    goal = Goal(
        Measure("m", "a", "b", timedelta(days=7)),
        ("a", "b"),
        rate(1, 2),
        0.5,
        date(2026, 8, 1),
        date(2026, 3, 1),
    )
    events = diary("""
        old  a 9   09:00
        old  b 10  09:00
        ana  a 10  09:00
        ana  b 12  09:00
        bob  a 93  23:00
        late a 94  09:00
        late b 94  10:00
        end  x 100 23:30
    """)
    # complete to day 100; entries of day 10 (84 days) to day 93, whose seven days are over
    assert way(events, goal, clock=clock(events)).reached == (2, 1)
