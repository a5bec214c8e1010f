"""What a picture says in one sentence, and why two rates of the same people differ."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from journey_app.analysis.funnel import Funnel
from journey_app.analysis.paths import paths
from journey_app.charts.claims import besides_the_steps, counted_by_goal, funnel_claim, paths_claim
from journey_app.stats.rates import rate
from journey_app.vocabulary import Filter, Goal, Measure
from tests.charts.northwind import NAMES, northwind_funnel

STEPS = northwind_funnel()
TWO_WEEKS = timedelta(days=14)
GOAL = Goal(
    Measure("Trial to paid", NAMES[0], NAMES[-1], TWO_WEEKS),
    NAMES,
    rate(1, 9),
    0.3,
    date(2026, 9, 1),
    date(2026, 6, 1),
)


def ends(converted: int, of: int = 5484) -> Funnel:
    first, *_, last = STEPS.steps
    return Funnel((first, last), rate(converted, of))


def test_who_skips_a_step_is_counted_by_the_goal_and_not_by_the_funnel():
    assert besides_the_steps(STEPS, ends(1206)) == (
        "13.4% did all 5 steps in this order; 22.0% of the same 5,484 got from “Trial started” to “Paid” "
        "whichever way they took."
    )
    assert "all 5 steps with nothing in between" in besides_the_steps(STEPS, ends(1206), "strict")


@pytest.mark.parametrize("direct", [ends(735), ends(1206, of=6000), Funnel(STEPS.steps, None)])
def test_nothing_is_explained_where_nothing_differs_or_the_people_do(direct):
    assert besides_the_steps(STEPS, direct) == ""


def test_the_overall_rate_is_of_those_who_did_every_step():
    assert "Overall 13.4% do all 5 steps (12.5–14.3" in funnel_claim(STEPS).uncertain


def test_the_goal_is_named_only_between_its_own_ends():
    assert counted_by_goal(GOAL, NAMES, TWO_WEEKS) == (
        "The goal “Trial to paid” counts the latter, of the last 28 days that can be told."
    )
    assert counted_by_goal(GOAL, NAMES[1:], TWO_WEEKS) == ""
    assert counted_by_goal(GOAL, NAMES, timedelta(days=30)).endswith("but within 14 days.")
    phones = replace(GOAL, measure=replace(GOAL.measure, where=(Filter("device", ("phone",)),)))
    assert counted_by_goal(phones, NAMES, TWO_WEEKS).endswith("within 14 days, of some customers only.")


BUYERS = """
    ana buy 1 09:00
    ana buy 1 09:05
    bob buy 1 09:00
"""


def test_who_repeats_the_start_does_nothing_else_and_is_not_said_to_do_nothing(diary):
    together, each = paths(diary(BUYERS), "buy"), paths(diary(BUYERS), "buy", collapse=False)
    assert paths_claim(together, None).sentence == (
        "At step 1, 2 of 2 do nothing else after “buy”; repeats are shown as one."
    )
    assert paths_claim(each, each.links[-1]).sentence == "At step 2, 1 of 1 do nothing after “buy”."


def test_repeats_are_only_spoken_of_where_there_is_nothing_but_the_start(diary):
    answer = paths(diary(BUYERS + "cem buy 1 09:00\ncem pay 1 09:05"), "buy")
    assert paths_claim(answer, None).sentence == "At step 1, 2 of 3 do nothing else after “buy”."
    back = paths(diary(BUYERS), "buy", forward=False)
    assert paths_claim(back, None).sentence == "At step 1, 2 of 2 begin with “buy”; repeats are shown as one."
