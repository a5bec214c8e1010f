"""When a sprint begins, and which of its days go into a calendar."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from journey_app.decide.dates import appointments, begin_sprint, next_monday, review_day
from journey_app.errors import BadChoice
from tests.decide.conftest import MONDAY, change, sprint

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("today", "monday"),
    [
        (date(2026, 5, 18), date(2026, 5, 18)),
        (date(2026, 5, 19), date(2026, 5, 25)),
        (date(2026, 5, 24), date(2026, 5, 25)),
    ],
)
def test_the_next_monday_is_today_on_a_monday(today, monday):
    assert next_monday(today) == monday


def test_a_new_sprint_freezes_the_goal_and_takes_the_next_name():
    first = begin_sprint(sprint().goal, MONDAY, [], 0.1)
    second = begin_sprint(sprint().goal, MONDAY + 28 * DAY, [first], 0.1)
    assert (first.sprint_id, second.sprint_id) == ("sprint-1", "sprint-2")
    assert (first.goal, first.changes, first.worth) == (sprint().goal, (), 0.1)
    assert (
        begin_sprint(sprint().goal, MONDAY, [replace(second, starts=MONDAY + 90 * DAY)], 0.1).sprint_id
        == "sprint-3"
    )


@pytest.mark.parametrize("off", [-27, 0, 27])
def test_two_sprints_do_not_overlap(off):
    with pytest.raises(BadChoice, match="overlaps"):
        begin_sprint(sprint().goal, MONDAY + off * DAY, [sprint()], 0.1)


def test_nothing_or_everything_is_no_smallest_effect():
    for worth in (0.0, 1.0):
        with pytest.raises(BadChoice):
            begin_sprint(sprint().goal, MONDAY, [], worth)


def test_the_calendar_holds_first_days_results_and_the_review_in_order():
    found = appointments(sprint(change(2), change(1, title="Shorter mail")))
    assert [(each.when - MONDAY).days for each in found] == [0, 7, 9, 16, 42]
    assert found[0].title == "Week 1 goes live: Shorter mail"
    assert found[2].title == "Week 1, result: Shorter mail"
    assert "switch it off" in found[0].notes
    assert found[-1].when == review_day(sprint())
    assert len({each.name for each in found}) == 5


def test_a_missing_roll_back_plan_is_said_in_the_calendar():
    assert "No roll-back plan yet" in appointments(sprint(change(roll_back=" ")))[0].notes
