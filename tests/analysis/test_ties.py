"""What rests on the order of equal times is said."""

from __future__ import annotations

from journey_app.analysis.funnel import funnel
from journey_app.analysis.ties import tie_band
from tests.conftest import moment


def test_without_equal_times_there_is_no_band(diary):
    events = diary("""
        ana visit 1 09:00
        ana pay   1 09:01
        ben visit 1 09:00
    """)
    assert tie_band(events, ["visit", "pay"], None, now=moment(30)) is None


def test_equal_times_can_make_everybody_or_nobody_convert(diary):
    """Ana's file says visit first, Ben's says pay first; either may be wrong."""
    events = diary("""
        ana visit 1 09:00
        ana pay   1 09:00
        ben pay   1 09:00
        ben visit 1 09:00
        cho visit 1 09:00
        cho pay   2 09:00
    """)
    band = tie_band(events, ["visit", "pay"], None, now=moment(30))
    assert band is not None
    assert (band.worst.count, band.best.count, band.best.of) == (1, 3, 3)
    middle = funnel(events, ["visit", "pay"], None, now=moment(30)).overall
    assert middle is not None and middle.count == 2


def test_equal_times_of_other_events_do_not_matter(diary):
    events = diary("""
        ana visit 1 09:00
        ana look  1 09:00
        ana pay   1 10:00
    """)
    assert tie_band(events, ["visit", "pay"], None, now=moment(30)) is None
