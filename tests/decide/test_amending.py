"""A goal in its next wording: what was agreed stays, another measure is another number."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from journey_app.decide.amending import goal_amended, goal_set, likely_ends, proposal, what_changed
from journey_app.errors import BadChoice, NothingYet
from journey_app.stats.rates import rate
from tests.decide.conftest import MONDAY, PAID

STEPS = (PAID.start, "invited", PAID.outcome)
START, NOW = rate(120, 1000), rate(150, 1000)
BY, TODAY = MONDAY + timedelta(days=90), MONDAY + timedelta(days=20)
OLD = goal_set(PAID, STEPS, START, 0.18, BY, MONDAY, MONDAY)


def amended(**how):
    told = {"measure": PAID, "steps": STEPS, "current": NOW, "target": 0.20, "by": BY}
    return goal_amended(OLD, **({**told, "today": TODAY, "wall": TODAY} | how))


def test_a_new_target_does_not_reset_the_start():
    new = amended()
    assert (new.start, new.set_on) == (START, MONDAY)
    assert new.target_share == 0.20
    assert what_changed(OLD, new) == ("target 18.0% → 20.0%",)


def test_another_window_is_another_number_measured_today():
    new = amended(measure=replace(PAID, within=timedelta(days=7)))
    assert (new.start, new.set_on) == (NOW, TODAY)
    assert what_changed(OLD, new) == (
        "window 14 days → 7 days",
        "start measured anew: 12.0% → 15.0%",
        "target 18.0% → 20.0%",
    )


def test_a_new_name_and_other_steps_between_are_said():
    new = amended(measure=replace(PAID, name="Paying"), steps=(PAID.start, PAID.outcome), target=0.18)
    assert what_changed(OLD, new) == (
        "name “Trial to paid” → “Paying”",
        "steps signed up → paid instead of signed up → invited → paid",
    )
    assert what_changed(OLD, OLD) == ()


def test_an_amendment_nobody_could_reach_is_refused():
    with pytest.raises(BadChoice, match="not above"):
        amended(target=0.11)
    with pytest.raises(BadChoice, match="has passed"):
        amended(by=TODAY)


def test_a_goal_that_has_expired_on_the_wall_is_refused_however_old_the_data():
    years_later = date(BY.year + 2, 1, 1)
    with pytest.raises(BadChoice, match="has passed"):
        goal_set(PAID, STEPS, START, 0.18, BY, MONDAY, years_later)
    with pytest.raises(BadChoice, match="has passed"):
        amended(wall=years_later)
    kept = goal_set(PAID, STEPS, START, 0.18, years_later + timedelta(days=1), MONDAY, years_later)
    assert kept.set_on == MONDAY  # the straight line begins where the data end


def test_a_goal_that_cannot_be_measured_yet_is_not_set():
    with pytest.raises(NothingYet, match="is over yet"):
        goal_set(PAID, STEPS, None, 0.18, BY, MONDAY, MONDAY)


@pytest.mark.parametrize("share", [0.001, 0.05, 0.132, 0.5, 0.92, 0.996])
def test_the_proposal_lies_above_today_and_can_be_reached(share):
    offered = proposal(rate(round(share * 1000), 1000), TODAY)
    assert share < offered.target <= 1
    assert offered.by == TODAY + timedelta(days=90)


def test_the_proposal_is_a_quarter_more_in_half_points():
    assert proposal(rate(132, 1000), TODAY).target == 0.165
    assert proposal(None, date(2026, 1, 1)).target == 0.10


def test_what_is_offered_begins_with_a_sign_up_and_ends_with_money_never_with_its_return():
    customers = {
        "Task completed": 900,
        "Trial started": 800,
        "Payment succeeded": 90,
        "Payment failed": 95,
        "Payment refunded": 4,
    }
    assert likely_ends(customers) == ("Trial started", "Payment succeeded")
    assert likely_ends({"catalog": 30, "cart": 20, "payment_done": 9}) == ("catalog", "payment_done")
    assert likely_ends({"look": 30, "leave": 20}) == ("look", "leave")
    assert likely_ends({"look": 30}) == ("look", None)
    assert likely_ends({}) == (None, None)
