"""Four weeks, one change each; what a week can show; what all of it did together."""

from dataclasses import replace
from datetime import timedelta

import pytest

from journey_app.decide.change import check_change, warnings_for
from journey_app.decide.sprint import outlook, plan_change, sprint_total, weeks, what_a_week_can_show
from journey_app.errors import BadChoice
from journey_app.stats.detectable import gain_one_week_can_show
from journey_app.vocabulary import Word
from tests.decide.conftest import CALM, INVITE, MONDAY, change, daily, hole, sprint

DAY = timedelta(days=1)


def test_four_dated_weeks():
    found = weeks(sprint(change(2)))
    assert [(week.number, week.first, week.last) for week in found][:2] == [
        (1, MONDAY, MONDAY + 6 * DAY),
        (2, MONDAY + 7 * DAY, MONDAY + 13 * DAY),
    ]
    assert [week.change and week.change.title for week in found] == [None, "Change 2", None, None]


def test_changes_are_kept_in_order_and_the_old_sprint_is_untouched():
    empty = sprint()
    planned = plan_change(plan_change(empty, change(3)), change(1))
    assert [each.week for each in planned.changes] == [1, 3]
    assert empty.changes == ()


def test_a_second_change_in_a_week_is_challenged():
    one = sprint(change(1))
    other = change(1, title="Another")
    with pytest.raises(BadChoice, match="Week 1 already has a change: “Change 1”"):
        plan_change(one, other)
    assert [each.title for each in plan_change(one, other, replace=True).changes] == ["Another"]


def test_a_change_goes_live_in_its_week():
    with pytest.raises(BadChoice, match="outside week 2"):
        plan_change(sprint(), change(2, goes_live=MONDAY))
    assert plan_change(sprint(), change(2, goes_live=MONDAY + 9 * DAY)).changes


def test_a_late_change_may_not_reach_into_the_next():
    late = change(1, goes_live=MONDAY + 3 * DAY)
    with pytest.raises(BadChoice, match="less than seven days apart"):
        plan_change(sprint(late), change(2))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"week": 5}, "no week 5"),
        ({"title": " "}, "no title"),
        ({"owner": ""}, "no owner"),
        ({"hypothesis": ""}, "no hypothesis"),
        ({"effort": "XL"}, "“XL” is no effort"),
        ({"target_share": 1.2}, "no target"),
        ({"measure": replace(INVITE, outcome="signed up")}, "same event"),
        ({"measure": replace(INVITE, within=timedelta(0))}, "no time"),
        ({"measure": replace(INVITE, within=timedelta(days=7, seconds=1))}, "at most 7"),
    ],
)
def test_a_change_no_week_could_judge_is_refused(wrong, said):
    with pytest.raises(BadChoice, match=said):
        check_change(change(**wrong))


def test_seven_days_are_allowed_and_above_three_warned():
    week_long = change(measure=replace(INVITE, within=timedelta(days=7)))
    check_change(week_long)
    assert "delays the result" in warnings_for(week_long)[0]
    assert warnings_for(change(measure=replace(INVITE, within=timedelta(days=3)))) == ()


def test_an_outcome_that_half_do_later_than_the_window_is_warned_of():
    three_days = change(measure=replace(INVITE, within=timedelta(days=3)))
    assert "longer than 10.8 days" in warnings_for(three_days, timedelta(days=10, hours=19))[0]
    assert warnings_for(three_days, timedelta(days=2)) == ()


def test_no_roll_back_plan_is_warned():
    assert "no roll-back plan" in warnings_for(change(roll_back=""))[0]


# ---------------------------------------------------------------- what a week can show


def test_what_a_week_can_show_in_points():
    seen = what_a_week_can_show(0.20, 1000, 0.04, 12, aim=0.25)
    assert seen.gain == gain_one_week_can_show(0.20, 1000, 0.04, 12)
    assert seen.points == pytest.approx(0.20 * seen.gain)
    assert 1000 < seen.needed < 3000


def test_the_outlook_reads_the_past_of_the_measure():
    seen = outlook(INVITE, 0.25, daily(*CALM, sprint_weeks=0), MONDAY + 2 * DAY)
    assert (seen.customers, seen.history_weeks) == (1000, 12)
    assert seen.share == pytest.approx(0.19825)
    assert 0.015 < seen.noise < 0.03
    assert seen.needed is not None


def test_the_outlook_leaves_out_days_whose_window_is_open():
    days = daily(*CALM, sprint_weeks=0)
    days[-1] = replace(days[-1], decided=0, converted=0)
    assert outlook(INVITE, 0.25, days, MONDAY + DAY).history_weeks == 11


def test_no_outlook_without_four_weeks():
    assert outlook(INVITE, 0.25, daily(200, 200, 200, sprint_weeks=0), MONDAY + 2 * DAY) is None
    assert outlook(INVITE, 0.25, daily(0, 0, 0, 0, sprint_weeks=0), MONDAY + 2 * DAY) is None


# ---------------------------------------------------------------- the sprint as a whole


def total(*after, now_days=30, changes=None, gaps=()):
    made = changes or [change(week + 1) for week in range(len(after))]
    days = daily(*CALM, *after, sprint_weeks=len(after))
    return sprint_total(sprint(*made), INVITE, days, MONDAY + now_days * DAY, gaps)


def test_three_small_gains_add_up():
    said = total(212, 225, 240, now_days=23)
    assert said.word is Word.IMPROVED
    assert (said.before.of, said.after.count) == (4000, 240)
    assert said.probability == pytest.approx(0.9934, abs=0.0002)
    assert "Which of the changes did it." in said.cannot_show


def test_the_total_has_its_dates():
    assert total(212, 225, 240, now_days=-1).word is Word.PLANNED
    running = total(212, 225, 240, now_days=22)
    assert running.word is Word.RUNNING
    assert running.result_on == MONDAY + 23 * DAY


def test_a_rolled_back_last_week_is_not_the_end():
    made = [change(1), change(2, rolled_back=True)]
    assert total(240, 100, now_days=16, changes=made).after.count == 240


def test_nothing_stands():
    assert sprint_total(sprint(), INVITE, daily(*CALM), MONDAY).word is Word.PLANNED


def test_a_gap_in_the_last_week_blocks_the_total():
    gap = hole(15, event=None, source="product")
    said = total(212, 225, 240, now_days=23, gaps=[gap])
    assert said.word is Word.BLOCKED
    assert "product" in said.reason


def test_a_total_that_fell_says_what_to_roll_back():
    said = total(180, 160, 150, now_days=23)
    assert said.word is Word.WORSE
    assert said.do.startswith("Roll back what was changed last")
