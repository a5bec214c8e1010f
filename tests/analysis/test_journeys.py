from datetime import timedelta

import numpy as np
import pytest

from journey_app.analysis.journeys import Hit, Journeys
from journey_app.analysis.worth import gap_worth
from journey_app.stats.rates import rate

NEVER = float("nan")
HOUR = 3.6e9  # microseconds


def people(*groups):
    """(how many, hours of each step) … as journeys; ids are 10, 11, 12 …"""
    rows = [[hour * HOUR for hour in hours] for many, hours in groups for _ in range(many)]
    return Journeys(np.arange(10, 10 + len(rows)), np.array(rows))


def hit(journeys, rows, hours):
    return Hit(journeys.ids[list(rows)], np.full(len(rows), hours * HOUR))


@pytest.fixture
def journeys():
    return people(
        (4, (0, 1, 9)),  # 0–3 reach the goal
        (6, (0, 1, NEVER)),  # 4–9 stop at the second step
        (10, (0, NEVER, NEVER)),  # 10–19 stop at the first
    )


def test_steps_are_counted_and_timed(journeys):
    assert journeys.reached == (20, 10, 4)
    assert journeys.usual(0, 0.95) == timedelta(hours=1)
    assert journeys.usual(1, 0.5) == timedelta(hours=8)
    assert people((3, (0, NEVER))).usual(0, 0.5) is None


def test_people_stand_at_the_last_step_they_reached_before_it_happened(journeys):
    assert journeys.stood(hit(journeys, [0, 4, 10], 0.5)).tolist() == [0, 0, 0]
    assert journeys.stood(hit(journeys, [0, 4, 10], 2)).tolist() == [1, 1, 0]
    assert journeys.stood(hit(journeys, [0, 4], 99)).tolist() == [1, 1]  # the goal is no place to stand
    assert journeys.stand(hit(journeys, [0, 4, 10], 2)) == 1


def test_the_hit_are_compared_with_those_who_came_as_far_and_were_spared(journeys):
    # 4–7 are hit at the second step, 10 at the first; 1 of the 10 there is not to be blamed on it
    trouble = hit(journeys, [3, 4, 5, 6, 10], 2)
    worth = journeys.worth(trouble, 1)
    assert worth == gap_worth(rate(1, 4), rate(3, 6), 5, 20)  # 10 stood elsewhere, but is one of the five


def test_among_narrows_the_spared_to_those_who_met_it_at_the_same_place(journeys):
    trouble = hit(journeys, [4, 5], 2)
    met = Hit(journeys.ids[[0, 4, 5, 6, 1, 11]], np.array([2, 2, 2, 2, 0.5, 2]) * HOUR)
    assert journeys.worth(trouble, 1, met) == gap_worth(rate(0, 2), rate(1, 2), 2, 20)  # 0 and 6, not 1


def test_what_clearly_costs_nothing_or_has_nobody_to_compare_is_unknown():
    many = people((50, (0, 1, 9)), (50, (0, 1, NEVER)))
    assert many.worth(hit(many, range(50), 2), 1) is None  # everyone hit reached the goal
    assert many.worth(hit(many, range(100), 2), 1) is None  # nobody was spared
    assert many.worth(hit(many, range(50, 100), 2), 1).middle == pytest.approx(0.5)
