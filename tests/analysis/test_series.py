"""One goal, one number: its measure is read until the data of every step on its way end."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from journey_app.analysis.gaps import gaps
from journey_app.analysis.series import along, clock_at, goal_clock, measured
from journey_app.stats.rates import rate
from journey_app.vocabulary import Goal, Measure
from tests.conftest import utc

PAYING = Measure("paying", "visit", "pay", timedelta(days=2))
ASKING = Measure("asking", "visit", "ask", timedelta(days=1))
GOAL = Goal(PAYING, ("visit", "ask", "pay"), rate(1, 10), 0.5, date(2026, 9, 1), date(2026, 3, 1))


@pytest.fixture
def events(diary):
    """The desk's export ends five days before the shop's."""
    return diary("""
        ana visit 1  09:00 source=shop
        ana pay   2  09:00 source=shop
        bob visit 4  09:00 source=shop
        ana ask   5  23:30 source=desk
        cho visit 10 23:30 source=shop
    """)


def test_the_goals_clock_stops_with_the_first_source_on_its_way(events):
    assert goal_clock(events, GOAL).today == date(2026, 3, 7)
    assert clock_at(events, ["visit", "pay"], None).today == date(2026, 3, 12)
    given = goal_clock(events, GOAL, date(2026, 3, 5))
    assert (given.today, given.now) == (date(2026, 3, 5), utc("2026-03-05 00:00"))


def test_the_goals_measure_is_read_by_the_goals_clock_and_any_other_by_its_own(events):
    visits = replace(PAYING, within=timedelta(days=3))
    asking, other, goal = measured(events, [ASKING, visits, PAYING], goal=GOAL)
    assert [one.today.day for one in (asking, other, goal)] == [7, 12, 7]
    assert goal == along(events, PAYING, steps=GOAL.steps)
    alone = measured(events, [PAYING])[0]
    assert (alone.today.day, sum(day.decided for day in alone.days)) == (12, 2)
    assert sum(day.decided for day in goal.days) == 1
    assert measured(events, [PAYING], today=date(2026, 3, 4), goal=GOAL)[0].today.day == 4


def test_a_day_that_is_given_keeps_what_the_clock_left_out(diary):
    found = diary("old visit 1 10:00 source=before\nana visit 90 10:00 source=shop")
    assert clock_at(found, ["visit"], date(2026, 4, 1)).stale == ("before",)


def test_what_a_source_without_the_measures_events_fails_to_tell_is_no_gap_of_it(diary):
    steady = [
        f"c{day}x{hour} visit {day} {hour:02}:00 source=shop" for day in range(1, 41) for hour in (9, 12, 18)
    ]
    asked = [
        f"c{day}x{hour} ask {day} {hour:02}:30 source=desk"
        for day in range(1, 41)
        for hour in (9, 10, 11, 12, 13, 18, 19)
        if not 30 <= day <= 32
    ]
    found = diary(
        "\n".join([*steady, *asked, "c1x9 pay 2 09:00 source=shop", "late visit 40 23:30 source=shop"])
    )
    assert [gap.source for gap in gaps(found, ["visit", "pay"], clock=clock_at(found, ["visit"], None))] == [
        "desk"
    ]
    assert along(found, PAYING, steps=("visit", "pay")).gaps == ()
    assert [gap.source for gap in along(found, PAYING, steps=("visit", "ask", "pay")).gaps] == ["desk"]
    asking = along(found, ASKING, steps=("visit", "ask"))
    assert [gap.source for gap in asking.gaps] == [gap.source for gap in asking.outcome_gaps] == ["desk"]
    begun = along(found, replace(ASKING, start="ask", outcome="pay"), steps=("ask", "pay"))
    assert [gap.source for gap in begun.gaps] == ["desk"] and begun.outcome_gaps == ()


def test_the_silence_of_a_source_that_says_who_is_who_may_hide_outcomes(diary):
    visits = [f"anonymous_id:a{day}x{hour} visit {day} {hour:02}:00 source=shop"
              for day in range(1, 41) for hour in (9, 12, 18)]  # fmt: skip
    joined = [f"c{day}x{hour}+anonymous_id:a{day}x{hour} ask {day} {hour:02}:30 source=desk"
              for day in range(1, 41) for hour in (9, 12, 18) if not 30 <= day <= 33]  # fmt: skip
    paid = [f"c{day}x{hour} pay {day} 20:00 source=till" for day in range(1, 41) for hour in (9, 12, 18)]
    late = "late visit 40 23:30 source=shop\nlate pay 40 23:40 source=till\nlate ask 40 23:30 source=desk"
    found = along(diary("\n".join([*visits, *joined, *paid, late])), PAYING, steps=("visit", "pay"))
    assert [gap.source for gap in found.gaps] == [gap.source for gap in found.outcome_gaps] == ["desk"]
