"""Which values a field has, those of most customers first."""

import pytest

from journey_app.analysis.values import field_values
from journey_app.errors import UnknownName


def test_values_come_by_customers_not_by_events_and_empty_ones_are_left_out(diary):
    events = diary("""
        ana visit 1 09:00 device=mobile
        ana visit 1 09:05 device=mobile
        ana visit 1 09:06 device=mobile
        bob visit 1 09:00 device=desktop
        eve visit 1 09:00 device=desktop
        kim visit 1 09:00
    """)
    assert field_values(events, "device") == ("desktop", "mobile")
    assert field_values(events, "device", limit=1) == ("desktop",)
    assert field_values(events, "channel") == ()


def test_a_field_nobody_may_ask_for_is_refused(diary):
    with pytest.raises(UnknownName):
        field_values(diary("ana visit 1 09:00"), "text")
