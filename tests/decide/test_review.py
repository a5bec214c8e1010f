"""Day 30: reached, not reached, or too close to call."""

from dataclasses import replace
from datetime import timedelta

import pytest

from journey_app.decide import phrase
from journey_app.decide.review import review
from journey_app.vocabulary import Interval
from tests.decide.conftest import CALM, INVITE, MONDAY, daily, hole, sprint

DAY = timedelta(days=1)
READY = MONDAY + 42 * DAY  # four weeks, then the goal's window of fourteen days


def read(*weeks, now=READY, customers=10_000, target=0.30, gaps=()):
    days = daily(*(customers // 1000 * x for x in weeks), customers=customers, sprint_weeks=4)
    return review(sprint(target=target), days, now, gaps)


def test_half_the_way_is_reached():
    said = read(*CALM, 250, 250, 250, 250)
    assert said.state == "reached"
    assert said.probability >= 0.90
    assert said.progress.middle == pytest.approx(0.5, abs=0.03)
    assert said.reason.startswith("So far 5.2 of the 10.2 points asked for: 5")
    assert said.callable_on is None
    assert said.cannot_show


def test_going_backwards_is_not_reached():
    said = read(*CALM, 170, 172, 168, 170)
    assert said.state == "not reached"
    assert said.probability <= 0.10
    assert said.progress.high < 0
    assert "root cause" in said.do


def test_a_tenth_exactly_is_too_close_to_call():
    said = read(*CALM, 208, 208, 208, 208)
    assert said.state == "too close to call"
    assert said.callable_on == READY + 28 * DAY
    assert "look again" in said.do


def test_not_moving_towards_a_near_target_is_never_reached():
    """The bare rule passes such a team up to one time in three."""
    assert read(*CALM, 204, 202, 203, 205, target=0.25, customers=1000).state == "too close to call"


def test_only_when_all_28_days_have_had_their_window():
    early = read(*CALM, 250, 250, 250, 250, now=READY - DAY)
    assert early.state == "not yet"
    assert early.callable_on == READY
    assert early.progress is None


def test_with_a_short_window_it_is_day_30():
    goal = replace(sprint().goal, measure=INVITE, steps=("signed up", "invited"))
    days = daily(*(10 * x for x in [*CALM, *[250] * 5]), customers=10_000, sprint_weeks=5)
    quick = replace(sprint(), goal=replace(goal, measure=replace(INVITE, within=DAY)))
    assert review(quick, days, MONDAY + 29 * DAY).callable_on == MONDAY + 30 * DAY
    assert review(quick, days, MONDAY + 30 * DAY).state == "reached"


def test_later_the_last_28_days_move_along():
    weeks = [*CALM, 200, 200, 250, 250]
    days = daily(*(10 * x for x in [*weeks, 250, 250]), customers=10_000, sprint_weeks=6)
    assert review(sprint(), days, READY).recent.count == 9000
    assert review(sprint(), days, READY + 14 * DAY).recent.count == 10_000


def test_a_gap_in_the_last_28_days_waits_until_it_has_passed():
    gap = hole(15, event="paid", source="billing")
    said = read(*CALM, 250, 250, 250, 250, gaps=[gap])
    assert said.state == "not yet"
    assert "No “paid” arrived from billing from Tue 12 May to Wed 13 May" in said.reason
    days = daily(*(10 * x for x in [*CALM, *[250] * 8]), customers=10_000, sprint_weeks=8)
    assert review(sprint(), days, said.callable_on - DAY, [gap]).state == "not yet"
    assert review(sprint(), days, said.callable_on, [gap]).state == "reached"


def test_without_four_weeks_before_it_cannot_be_called():
    said = read(200, 200, 200, 250, 250, 250, 250)
    assert said.state == "too close to call"
    assert "Only 3 clean weeks" in said.reason
    assert said.probability is None


def test_a_baseline_above_the_target_leaves_no_way():
    said = read(*[350] * 12, 360, 360, 360, 360)
    assert said.state == "too close to call"
    assert "already stood at the target 30.0%" in said.reason


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ((0.1, 0.35, 0.6), "35% of the way (10% to 60%)"),
        ((-0.2, 0.35, 0.6), "35% of the way (from below the start to 60%)"),
        ((-6.2, -4.11, 1.31), "below where it started (at most 131% of the way)"),
        ((-6.2, -4.11, -0.1), "below where it started"),
    ],
)
def test_no_part_of_the_way_is_negative(way, said):
    assert phrase.way_said(Interval(*way)) == said
