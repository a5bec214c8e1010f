"""A sprint's weeks are judged each by its own measure, and the review by the goal's."""

from datetime import timedelta

import pytest

from journey_app.analysis.series import MeasureSeries
from journey_app.decide.judging import judged, measures_of
from journey_app.vocabulary import Word
from tests.decide.conftest import CALM, INVITE, MONDAY, PAID, change, daily, hole, sprint

NOW = MONDAY + timedelta(days=42)
RISING = daily(*CALM, 260, 200, 200, 200, sprint_weeks=4)
FLAT = daily(*CALM, 200, 200, 200, 200, sprint_weeks=4)


def series(days, measure=INVITE, now=NOW, gaps=()):
    return MeasureSeries(measure, tuple(days), now, tuple(gaps))


def test_what_must_be_measured_is_every_change_and_the_goal_last():
    assert measures_of(sprint(change(1), change(2))) == (INVITE, INVITE, PAID)
    assert measures_of(sprint()) == (PAID,)


def test_each_week_is_read_from_its_own_series_and_the_review_from_the_goals():
    plan = sprint(change(1), change(2))
    found = judged(plan, [series(RISING), series(FLAT), series(FLAT, PAID)], "UTC")
    assert next((c.week, v.word) for c, v in found.weeks) == (1, Word.IMPROVED)
    assert found.weeks[1][1].word is not Word.IMPROVED
    assert found.review.recent.count == 800
    assert found.sprint == plan

    swapped = judged(plan, [series(FLAT), series(RISING), series(RISING, PAID)], "UTC")
    assert swapped.weeks[0][1].word is not Word.IMPROVED
    assert swapped.review.recent.count == 860


def test_each_measure_keeps_its_own_clock_and_its_own_holes():
    plan = sprint(change(1), change(2))
    early = series(RISING, now=MONDAY + timedelta(days=3))
    found = judged(plan, [early, series(FLAT, gaps=[hole(8)]), series(FLAT, PAID)], "UTC")
    assert [verdict.word for _change, verdict in found.weeks] == [Word.RUNNING, Word.BLOCKED]


def test_a_series_too_few_is_a_mistake_of_ours_and_not_passed_over():
    with pytest.raises(ValueError, match="zip"):
        judged(sprint(change(1), change(2)), [series(RISING), series(FLAT, PAID)], "UTC")


def test_a_sprint_without_changes_has_only_its_review():
    found = judged(sprint(), [series(FLAT, PAID)], "UTC")
    assert found.weeks == ()
    assert found.review.recent is not None
