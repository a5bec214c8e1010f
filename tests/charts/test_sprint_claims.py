"""What a sprint and a goal say in one sentence."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from journey_app.analysis.gaps import Gap
from journey_app.charts.sprint_claims import (
    as_weeks,
    course_sentence,
    first_shown,
    goal_claim,
    missing_said,
    sprint_claim,
)
from journey_app.decide.goal import pace
from journey_app.decide.weekly import Course, MeasuredWeek
from journey_app.stats.rates import rate
from journey_app.vocabulary import Change, Goal, Measure, Sprint, Verdict, Word

MONDAY = date(2026, 4, 27)
MEASURE = Measure("Invite by day 3", "Trial started", "Invited", timedelta(days=3))
GOAL = Goal(MEASURE, ("Trial started", "Invited"), rate(120, 1000), 0.18, MONDAY + timedelta(days=60), MONDAY)
SPRINT = Sprint("sprint-3", MONDAY, GOAL)


def told(*words: Word) -> str:
    change = Change(1, "A", "B", "C", MEASURE, 0.3, "S", MONDAY)
    return sprint_claim(SPRINT, [(change, Verdict(word, "", "")) for word in words]).sentence


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Four empty weeks from Mon\u00a027\u00a0Apr: plan one change for each."),
        ((Word.IMPROVED,), "One change helped."),
        (
            (Word.RUNNING, Word.IMPROVED, Word.CANNOT_TELL),
            "One change helped, one cannot be told yet, one is running.",
        ),
        ((Word.LIKELY, Word.LIKELY, Word.WORSE), "Two changes likely helped, one did harm."),
        ((Word.PLANNED, Word.PLANNED), "Two changes are planned."),
    ],
)
def test_a_sprint_says_what_helped_first_and_never_calls_likely_a_win(words, sentence):
    assert told(*words) == sentence


def test_every_word_has_a_sentence():
    assert all(told(word) for word in Word)


@pytest.mark.parametrize(
    ("converted", "says"),
    [
        (130, "needed today"),
        (90, "the plan asks for 15.0% today"),
        (210, "is reached"),
        (150, "on pace for 18.0%"),
    ],
)
def test_the_goal_says_its_number_and_its_pace(converted, says):
    now = rate(converted * 10, 10_000)
    today = MONDAY + timedelta(days=30)
    sentence = goal_claim(GOAL, now, pace(GOAL, now, today), 0).sentence
    if converted == 130:
        sentence = goal_claim(GOAL, now, pace(GOAL, now, MONDAY), 0).sentence
    assert says in sentence
    assert len(sentence) < 85


def test_nobody_decided_is_said_and_those_who_wait_are_counted():
    claim = goal_claim(GOAL, None, pace(GOAL, None, MONDAY), 1323)
    assert claim.sentence == "Invite by day 3 cannot be told yet."
    assert "1,323 people entered too recently" in claim.uncertain


def course(*rates, gap=False) -> Course:
    weeks = tuple(
        MeasuredWeek(
            MONDAY + timedelta(weeks=k), each, k + 1, MONDAY + timedelta(weeks=k, days=10), gap and k == 0
        )
        for k, each in enumerate(rates)
    )
    return Course(MEASURE, 0.3, weeks, None)


def test_an_unfinished_week_says_from_when_it_can_be_told():
    found = course(rate(200, 1000), None)
    assert course_sentence(found).endswith("Week 2 can be told from Thu 14 May.")
    assert [week.foot for week in as_weeks(found)] == ["n\u00a01,000", "told 14\u00a0May"]


def test_a_week_with_a_gap_is_never_promised():
    found = course(None, None, gap=True)
    assert "Week 2 can be told" in course_sentence(found)
    assert as_weeks(found)[0].foot == "gap"


def test_the_goal_is_drawn_first_only_once_it_can_be_told():
    open_goal, finished = course(None), course(rate(200, 1000))
    assert first_shown({"Goal": finished, "Week 1": finished}) == "Goal"
    assert first_shown({"Goal": open_goal, "Week 1": finished}) == "Week 1"
    assert first_shown({"Goal": open_goal, "Week 1": open_goal}) == "Goal"


def holed(weeks, *gaps):
    return Course(MEASURE, 0.3, weeks, None, gaps)


def test_a_picture_says_why_weeks_are_empty_or_hollow():
    began = datetime(2026, 4, 20, 8)
    silence = Gap("shop", None, began, began + timedelta(hours=30), timedelta(hours=30), 40.0)
    brief = Gap("desk", None, began, began + timedelta(hours=25), timedelta(hours=25), 9.0)
    empty = MeasuredWeek(MONDAY - timedelta(days=7), None, None, MONDAY, gap=True)
    hollow = MeasuredWeek(MONDAY - timedelta(days=14), rate(1, 9), None, MONDAY, short=True)
    said = missing_said(holed((hollow, hollow, empty), brief, silence), "UTC")
    assert said == (
        "Nothing arrived from shop from Mon 20 Apr to Tue 21 Apr (30 hours, about 40 events missing), and "
        "1 shorter silence: 1 week with days missing has no number; 2 weeks have a hollow one that reads too "
        "low, since a part of the 3 days after them is missing."
    )
    assert missing_said(holed(()), "UTC") == ""
