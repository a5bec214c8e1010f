"""From X to Y by a date: can it be reached, and is the pace enough?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from journey_app.decide.goal import check_goal, pace
from journey_app.errors import BadChoice
from journey_app.stats.rates import rate
from tests.decide.conftest import MONDAY, PAID, sprint

GOAL = sprint().goal  # 20 % to 30 % within 90 days
HALF_WAY = MONDAY + timedelta(days=45)


def test_a_good_goal_passes():
    check_goal(GOAL, MONDAY)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"measure": replace(PAID, name=" ")}, "no name"),
        ({"steps": ("signed up",)}, "at least two"),
        ({"steps": ("signed up", "invited", "invited", "paid")}, "twice"),
        ({"steps": ("invited", "paid")}, "from “invited” to “paid”, the measure from “signed up”"),
        ({"measure": replace(PAID, within=timedelta(hours=23))}, "cannot be used"),
        ({"measure": replace(PAID, within=timedelta(days=91))}, "window of 91 days"),
        ({"target_share": 0.20}, "not above"),
        ({"target_share": 1.01}, "no share"),
        ({"by": MONDAY}, "has passed"),
    ],
)
def test_what_is_refused(wrong, said):
    with pytest.raises(BadChoice, match=said):
        check_goal(replace(GOAL, **wrong), MONDAY)


@pytest.mark.parametrize(
    ("count", "of", "state"),
    [
        (1240, 4000, "ahead"),  # 31.0 %, from 29.6
        (1300, 4000, "reached"),  # 32.5 %, from 31.1
        (1000, 4000, "on pace"),
        (1040, 4000, "on pace"),  # 26.0 %, from 24.7
        (1100, 4000, "ahead"),
        (960, 4000, "too close to tell"),  # 24.0 %, to 25.3: below, and never called on pace
        (900, 4000, "behind"),
        (25, 100, "cannot tell yet"),  # 17.5 to 34.3 holds start and target
        (2, 10, "cannot tell yet"),
    ],
)
def test_pace_half_way(count, of, state):
    found = pace(GOAL, rate(count, of), HALF_WAY)
    assert found.needed_today == pytest.approx(0.25)
    assert found.days_left == 45
    assert (found.state, found.reason) == (state, found.reason)


def test_days_are_counted_from_the_wall_and_the_line_is_read_where_the_data_end():
    late = pace(GOAL, rate(1000, 4000), HALF_WAY, wall=HALF_WAY + timedelta(days=20))
    assert (late.days_left, late.needed_today) == (25, pytest.approx(0.25))


def test_once_the_date_has_come_only_data_that_reach_to_it_tell():
    late = pace(GOAL, rate(1000, 4000), HALF_WAY, wall=GOAL.by + timedelta(days=200))
    assert (late.state, late.days_left) == ("cannot tell yet", 0)
    assert "the date has come, but the data end on" in late.reason
    assert pace(GOAL, rate(1240, 4000), GOAL.by, wall=GOAL.by + timedelta(days=200)).state == "on pace"
    assert pace(GOAL, rate(1000, 4000), GOAL.by, wall=GOAL.by + timedelta(days=200)).state == "behind"


def test_the_reason_says_numbers():
    assert pace(GOAL, rate(900, 4000), HALF_WAY).reason == (
        "22.5% now (21.2% to 23.8%, n 4,000), 25.0% needed today: the whole range is below; 45 days left."
    )


def test_nobody_yet():
    assert pace(GOAL, None, MONDAY).state == "cannot tell yet"


def test_the_line_is_flat_before_and_after():
    assert pace(GOAL, None, MONDAY - timedelta(days=5)).needed_today == pytest.approx(0.20)
    late = pace(GOAL, rate(1000, 4000), MONDAY + timedelta(days=120))
    assert (late.needed_today, late.days_left, late.state) == (pytest.approx(0.30), 0, "behind")
    assert "the date has come" in late.reason
