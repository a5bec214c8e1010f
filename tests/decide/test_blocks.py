"""Weeks line up with the day a change went live, and only whole ones count."""

from datetime import date, timedelta

import pytest

from journey_app.analysis.measure import Day
from journey_app.decide.blocks import (
    blocks_after,
    blocks_before,
    gap_days,
    gap_in,
    is_over,
    pooled,
    window_days,
)
from tests.decide.conftest import CALM, INVITE, MONDAY, daily, hole


def test_weeks_end_the_day_before_and_are_oldest_first():
    blocks = blocks_before(daily(*CALM, 240), MONDAY)
    assert [block.converted for block in blocks] == list(CALM)
    assert {block.first.weekday() for block in blocks} == {MONDAY.weekday()}
    assert blocks[-1].last == MONDAY - timedelta(days=1)


def test_a_change_on_wednesday_has_weeks_from_wednesday():
    wednesday = MONDAY + timedelta(days=2)
    blocks = blocks_before(daily(*CALM, 240), wednesday)
    assert len(blocks) == 12
    assert blocks[-1].last == wednesday - timedelta(days=1)


def test_a_week_that_begins_before_the_data_is_left_out():
    assert len(blocks_before(daily(*CALM, 240)[1:], MONDAY)) == 11


def test_at_most_26_weeks():
    assert len(blocks_before(daily(*([200] * 40), 240), MONDAY)) == 26


def test_no_data_has_no_weeks():
    assert blocks_before([], MONDAY) == ()


def test_a_day_without_entrants_counts_as_none():
    days = [Day(MONDAY, 10, 3, 10), Day(MONDAY + timedelta(days=6), 5, 1, 5)]
    (week,) = blocks_after(days, MONDAY)
    assert week.counts == (4, 15)


def test_only_decided_customers_count():
    (week,) = blocks_after([Day(MONDAY, 10, 3, 6)], MONDAY)
    assert week.counts == (3, 6)


@pytest.mark.parametrize(("hours", "days"), [(1, 1), (24, 1), (25, 2), (36, 2), (48, 2), (168, 7)])
def test_a_window_is_waited_for_in_whole_days(hours, days):
    assert window_days(timedelta(hours=hours)) == days


def test_a_week_is_over_when_its_last_customer_had_the_whole_window():
    (week,) = blocks_after(daily(*CALM, 240), MONDAY)
    assert not is_over(week, timedelta(days=2), MONDAY + timedelta(days=8))
    assert is_over(week, timedelta(days=2), MONDAY + timedelta(days=9))


def test_a_gap_ends_on_the_day_of_its_last_moment():
    assert gap_days(hole(4, hours=48), "UTC") == (date(2026, 5, 1), date(2026, 5, 2))


def test_gaps_are_read_as_local_days():
    assert gap_days(hole(4, hours=47), "Europe/Berlin") == (date(2026, 5, 1), date(2026, 5, 3))
    assert gap_days(hole(4, hours=47), "America/New_York") == (date(2026, 4, 30), date(2026, 5, 2))


def test_a_gap_counts_in_the_week_and_in_the_window_after_it():
    (week,) = blocks_after(daily(*CALM, 240), MONDAY)

    def found(day, event=None):
        return gap_in(week, INVITE, [hole(day, 24, event)], "UTC") is not None

    assert [found(day) for day in (-1, 0, 6, 7, 8, 9)] == [False, True, True, True, True, False]
    assert found(3, "invited")
    assert found(3, "signed up")
    assert not found(3, "ticket opened")
    assert gap_in(week, INVITE, [hole(-9, 24, goes_on=True)], "UTC") is not None


def test_pooling_nobody_is_no_rate():
    assert pooled(()) is None
