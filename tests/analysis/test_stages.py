"""What a stage says about each customer, and the questions it refuses."""

from datetime import timedelta

import pytest

from journey_app.analysis.stages import check_field, check_steps, event_names, stages, window_over
from journey_app.errors import BadChoice, UnknownName
from tests.conftest import moment

WEEK = timedelta(days=7)


def rows(events, stage):
    return events.run(stage.order_by("customer_id")).to_pylist()


def test_a_stage_knows_its_own_time_the_one_before_and_the_entry(diary):
    events = diary("""
        ana visit  1 09:00 channel=ads
        ana signup 1 10:00 channel=mail
        ana pay    2 09:00
    """)
    last = stages(events.table, ["visit", "signup", "pay"], WEEK, by="channel")[2]
    (ana,) = rows(events, last)
    assert ana["at"] == moment(2, "09:00")
    assert ana["before_at"] == moment(1, "10:00")
    assert ana["entered_at"] == moment(1, "09:00")
    assert ana["entered_on"] == moment(1).date()
    assert ana["part"] == "ads"
    assert ana["position"] == 3


def test_the_earliest_next_step_counts_when_there_are_several(diary):
    events = diary("ana visit 1 09:00\nana pay 3 09:00\nana pay 2 09:00")
    (ana,) = rows(events, stages(events.table, ["visit", "pay"], WEEK)[1])
    assert ana["at"] == moment(2, "09:00")


def test_in_any_order_a_stage_is_reached_with_the_last_of_its_steps(diary):
    events = diary("ana pay 1 09:00\nana signup 2 09:00\nana visit 3 09:00")
    visit, signup, pay = stages(events.table, ["visit", "signup", "pay"], WEEK, "any")
    for stage in (visit, signup, pay):
        (ana,) = rows(events, stage)
        assert (ana["at"], ana["entered_at"]) == (moment(3, "09:00"), moment(1, "09:00"))


def test_a_window_is_over_at_its_last_moment(diary):
    events = diary("ana visit 1 09:00\nbob visit 1 09:01\nbob pay 1 09:02")
    (entered, _paid) = stages(events.table, ["visit", "pay"], WEEK)
    over = entered.filter(window_over(entered, WEEK, moment(8, "09:00")))
    assert events.run(over.aggregate(n=over.count()))["n"].to_pylist() == [1]


def test_names_come_most_frequent_first_and_the_check_knows_them(diary):
    events = diary("ana visit 1 09:00\nana visit 2 09:00\nana pay 1 10:00")
    assert event_names(events) == ["visit", "pay"]
    check_steps(events, ["pay", "visit"])
    with pytest.raises(UnknownName, match="pay"):
        check_steps(events, ["visit", "pai"])
    with pytest.raises(BadChoice):
        check_steps(events, ["visit"])


def test_only_fields_of_an_event_can_be_asked_about():
    check_field("channel")
    with pytest.raises(UnknownName):
        check_field("raw_ids")
