"""What the goal's clock leaves out is said in words."""

from datetime import date, datetime

from journey_app.analysis.clock import Clock
from journey_app.ui import goal_strip
from journey_app.ui.goal_strip import clock_caveats

CLOCK = Clock(datetime(2026, 3, 6), date(2026, 3, 6), {"shop": date(2026, 3, 6)})


def with_left_out(stale=(), isolated=0):
    return clock_caveats(Clock(CLOCK.now, CLOCK.today, CLOCK.sources, stale, isolated))


def test_a_clock_that_leaves_out_nothing_says_nothing():
    assert clock_caveats(CLOCK) == ""


def test_the_source_that_holds_the_date_back_is_named():
    ends = {"bills": date(2026, 3, 6), "site": date(2026, 3, 20), "desk": date(2026, 3, 9)}
    assert clock_caveats(Clock(CLOCK.now, CLOCK.today, ends)).replace("\u00a0", " ") == (
        "Counted to 5 Mar, where the data of bills end; those of site go on to 19 Mar."
    )


def test_sources_that_were_replaced_are_named():
    assert with_left_out(stale=("oldshop",)).startswith("oldshop has stopped and was replaced: its")
    assert with_left_out(stale=("a", "b")).startswith("a and b have stopped and were replaced: their")


def test_dates_in_the_far_future_are_counted():
    assert with_left_out(isolated=1).startswith("1 event lies alone")
    both = with_left_out(stale=("oldshop",), isolated=1200)
    assert "replaced" in both and "1,200 events lie alone" in both


def test_the_data_end_as_many_days_ago_as_the_audit_says():
    """Both count from the last day that is complete; who imports every Friday is not told."""
    assert goal_strip._age(CLOCK, date(2026, 4, 11)) == " · data end 37 days ago"
    assert goal_strip._age(CLOCK, date(2026, 3, 13)) == ""
