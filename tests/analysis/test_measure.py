"""A rate day by day: stories, the slow twin, and which days a pooled rate may use."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from journey_app.analysis.funnel import funnel
from journey_app.analysis.measure import Day, daily, latest, pooled, weekly
from journey_app.vocabulary import Filter, Measure
from tests import by_hand
from tests.conftest import moment

DAY = timedelta(days=1)
PAID = Measure("paid", "visit", "pay", within=7 * DAY)
MARCH = [date(2026, 3, 1) + n * DAY for n in range(31)]


def test_customers_count_on_the_local_day_they_entered(diary):
    events = diary(
        """
        ana visit 1 23:30
        ana pay   2 00:10
        bob visit 2 00:10
        new visit 9 09:00
        """,
        timezone="Pacific/Auckland",
    )
    assert daily(events, PAID, now=moment(10)) == (
        Day(date(2026, 3, 2), entered=1, converted=1, decided=1),
        Day(date(2026, 3, 3), entered=1, converted=0, decided=1),
        Day(date(2026, 3, 10), entered=1, converted=0, decided=0),
    )


def test_who_converts_before_the_window_is_over_waits_with_the_others(diary):
    events = diary("ana visit 1 09:00\nana pay 1 10:00\nbob visit 1 09:00")
    assert daily(events, PAID, now=moment(3)) == (Day(date(2026, 3, 2), entered=2, converted=0, decided=0),)


def test_a_window_that_ends_this_very_moment_is_over(diary):
    events = diary(
        "ana visit 1 09:00\nbob visit 1 09:00:01\nana pay 8 09:00\ncho visit 1 09:00\ncho pay 8 09:00:01"
    )
    (day,) = daily(events, PAID, now=moment(8, "09:00"))
    assert (day.entered, day.decided, day.converted) == (3, 2, 1)


def test_where_asks_entries_and_not_outcomes(diary):
    events = diary("""
        ana visit 1 09:00 channel=ads
        ana pay   1 10:00 channel=mail
        bob visit 1 09:00 channel=mail
    """)
    ads = Measure("paid", "visit", "pay", 7 * DAY, where=(Filter("channel", ("ads",)),))
    assert daily(events, ads, now=moment(20)) == (Day(date(2026, 3, 2), entered=1, converted=1, decided=1),)


def test_a_repeat_purchase_needs_a_second_one(diary):
    events = diary("ana pay 1 09:00\nana pay 2 09:00\nbob pay 1 09:00")
    again = Measure("again", "pay", "pay", 7 * DAY)
    assert daily(events, again, now=moment(20)) == (Day(date(2026, 3, 2), entered=2, converted=1, decided=2),)


def test_pooled_takes_both_edges_and_is_unknown_when_nobody_is_decided():
    days = [Day(day, entered=10, converted=2, decided=8) for day in MARCH]
    both = pooled(days, MARCH[3], MARCH[4])
    assert (both.count, both.of) == (4, 16)
    assert pooled(days, date(2026, 5, 1), date(2026, 5, 31)) is None


def test_the_latest_rate_stops_where_whole_days_have_had_their_time():
    days = [Day(day, entered=1, converted=0, decided=1) for day in MARCH]

    def days_used(within):
        measure = Measure("m", "visit", "pay", within)
        return latest(days, measure, today=date(2026, 3, 31), length=100).of

    assert days_used(7 * DAY) == 23  # entries up to 23 March had until the midnight after 30 March
    assert days_used(timedelta(hours=36)) == 28  # the last entry of the 28th waits until noon on the 30th
    assert days_used(timedelta(minutes=30)) == 29  # the last entry of the 30th may still be waiting


def test_weeks_come_oldest_first_and_end_on_the_day_asked_for():
    days = [Day(day, entered=1, converted=int(day.day == 31), decided=1) for day in MARCH]
    older, newer = weekly(days, last=date(2026, 3, 31), weeks=2)
    assert (older.count, older.of, newer.count, newer.of) == (0, 7, 1, 7)
    assert weekly(days, last=date(2026, 5, 31), weeks=1) == (None,)


@given(
    seed=st.integers(0, 23),
    start=st.sampled_from(by_hand.NAMES),
    outcome=st.sampled_from(by_hand.NAMES),
    hours=st.sampled_from([1, 12, 24, 72]),
    channels=st.sampled_from([None, ("ads",), ("mail", "unknown")]),
    later=st.integers(0, 10),
)
def test_days_equal_counting_by_hand_and_add_up_to_the_funnel(
    random_snapshot, seed, start, outcome, hours, channels, later
):
    log, events = random_snapshot(seed)
    within = timedelta(hours=hours)
    now = min(row["occurred_at"] for row in log.rows) + later * timedelta(hours=18)
    where = (Filter("channel", channels),) if channels else ()
    answer = daily(events, Measure("m", start, outcome, within, where), now=now)
    ways = by_hand.ways(log, [start, outcome], within, channels=channels)
    assert [(d.day, d.entered, d.converted, d.decided) for d in answer] == by_hand.days(ways, within, now)
    first, last = funnel(events, [start, outcome], within, now=now, where=where).steps
    assert (sum(d.entered for d in answer), sum(d.decided for d in answer)) == (
        first.customers,
        first.decided,
    )
    assert sum(d.converted for d in answer) == last.decided
