"""Until when does the data speak? Stories about complete days, slow sources and odd clocks."""

from datetime import date, timedelta

import pytest

from journey_app.analysis.clock import clock, local_midnight
from journey_app.errors import NothingYet
from tests.conftest import NO_LINKS, event_table, snapshot_of, utc


def test_a_day_without_its_last_hour_is_not_complete(diary):
    events = diary("ana visit 1 09:00\nana visit 2 22:59")
    assert clock(events).today == date(2026, 3, 3)
    assert clock(events).now == utc("2026-03-03 00:00")


def test_a_day_that_reaches_its_last_hour_is_complete(diary):
    assert clock(diary("ana visit 2 23:00")).today == date(2026, 3, 4)


def test_the_day_is_the_workspace_s_and_the_moment_is_utc(diary):
    made = clock(diary("ana visit 2 23:30", timezone="Pacific/Auckland"))
    assert (made.today, made.now) == (date(2026, 3, 4), utc("2026-03-03 11:00"))


def test_a_source_that_knows_only_days_holds_its_last_day_whole(tmp_path):
    row = {
        "raw_ids": ["user_id:ana"],
        "event": "fine",
        "occurred_at": utc("2026-03-03 00:00"),
        "day_only": True,
    }
    assert clock(snapshot_of(tmp_path, [(event_table([row]), NO_LINKS)])).today == date(2026, 3, 4)


def test_the_first_source_to_stop_decides_for_its_events_and_the_last_for_all(diary):
    events = diary("""
        ana visit  5 10:00 source=shop
        ana ticket 3 10:00 source=desk
        ana pay    5 11:00 source=shop
    """)
    assert clock(events).today == date(2026, 3, 6)
    assert clock(events, ["visit", "ticket"]).today == date(2026, 3, 4)
    assert clock(events, ["visit"]).sources == {"shop": date(2026, 3, 6)}


def test_the_source_counts_with_everything_it_says_and_not_only_the_event_named(diary):
    events = diary("ana pay 1 10:00 source=shop\nana visit 9 10:00 source=shop")
    assert clock(events, ["pay"]).today == date(2026, 3, 10)


def test_an_old_export_that_another_source_has_replaced_does_not_stop_the_clock(diary):
    events = diary("""
        old visit -700 10:00 source=oldshop
        old pay   -700 11:00 source=oldshop
        ana visit 5 10:00 source=shop
        ana pay   6 11:00 source=billing
    """)
    found = clock(events, ["visit", "pay"])
    assert (found.today, found.stale) == (date(2026, 3, 6), ("oldshop",))
    assert set(found.sources) == {"oldshop", "shop", "billing"}


def test_the_only_source_of_an_event_decides_however_old_it_is(diary):
    events = diary("""
        old visit 1  10:00 source=oldshop
        old pay   1  11:00 source=oldshop
        ana visit 90 10:00 source=shop
    """)
    found = clock(events, ["visit", "pay"])
    assert (found.today, found.stale) == (date(2026, 3, 2), ())


@pytest.mark.parametrize(("last", "today", "stale"), [(12, 12, ()), (11, 40, ("oldshop",))])
def test_a_source_is_given_up_after_more_than_four_weeks_behind(diary, last, today, stale):
    events = diary(f"old visit {last} 10:00 source=oldshop\nana visit 40 10:00 source=shop")
    found = clock(events, ["visit"])
    assert (found.today, found.stale) == (date(2026, 3, 1) + timedelta(days=today), stale)


def test_asked_about_everything_no_source_is_stale(diary):
    events = diary("old visit 1 10:00 source=oldshop\nana visit 90 10:00 source=shop")
    assert (clock(events).today, clock(events).stale) == (date(2026, 5, 30), ())


DAILY = "\n".join(f"ana visit {day} 10:00" for day in range(1, 31))


def test_a_row_from_the_far_future_does_not_move_the_clock_and_is_counted(diary):
    found = clock(diary(f"{DAILY}\nana visit 5000 10:00\nana visit 5001 10:00\nbob visit 9000 10:00"))
    assert (found.today, found.isolated) == (date(2026, 3, 31), 3)
    assert clock(diary(DAILY), ["visit"]).isolated == 0


def test_half_a_year_without_events_is_a_pause_and_one_day_more_is_not(diary):
    assert clock(diary(f"{DAILY}\nana visit 210 10:00")).today == date(2026, 9, 27)
    assert clock(diary(f"{DAILY}\nana visit 211 10:00")).today == date(2026, 3, 31)


def test_a_new_start_after_a_long_pause_is_believed(diary):
    many = "\n".join(f"c{n} visit 900 10:00" for n in range(4))
    assert clock(diary(f"{DAILY}\n{many}")).isolated == 0, "more than a tenth of all events"
    days = "\n".join(f"ana visit {day} 10:00" for day in range(900, 904))
    assert clock(diary(f"{DAILY}\n{DAILY}\n{days}")).isolated == 0, "on more than three days"
    assert clock(diary("ana visit 1 10:00\nana visit 900 10:00")).isolated == 0, "half of all there is"


def test_events_that_never_happened_have_no_clock(diary):
    with pytest.raises(NothingYet):
        clock(diary("ana visit 1 10:00"), ["pay"])


def test_nothing_imported_yet_says_what_to_do(diary):
    with pytest.raises(NothingYet, match="Import"):
        clock(diary())


@pytest.mark.parametrize(
    ("day", "zone", "moment"),
    [
        (date(2026, 3, 29), "Europe/Berlin", utc("2026-03-28 23:00")),  # before the clocks change
        (date(2026, 3, 30), "Europe/Berlin", utc("2026-03-29 22:00")),  # a day of 23 hours later
        (date(2026, 10, 26), "Europe/Berlin", utc("2026-10-25 23:00")),  # a day of 25 hours later
        (date(2026, 9, 27), "Pacific/Auckland", utc("2026-09-26 12:00")),
        (date(2026, 3, 29), "Asia/Beirut", utc("2026-03-28 22:00")),  # midnight itself is skipped
    ],
)
def test_local_midnight_across_changes_of_clocks(day, zone, moment):
    assert local_midnight(day, zone) == moment
