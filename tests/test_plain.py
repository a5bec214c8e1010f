"""Answers and decisions come back as they went, or it is said that they cannot."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from journey_app.plain import from_plain, to_plain
from journey_app.vocabulary import Change, Filter, Goal, Measure, Rate, Sprint, Verdict, Word

MEASURE = Measure(
    "Invite", "sign up", "invite", timedelta(hours=60), (Filter("device", ("mobile", "tablet")),)
)
GOAL = Goal(MEASURE, ("sign up", "invite"), Rate(10, 40, 0.14, 0.4), 0.3, date(2026, 7, 1), date(2026, 5, 1))
CHANGE = Change(1, "Ask", "Ana", "More ask", MEASURE, 0.4, "S", date(2026, 5, 4))


@pytest.mark.parametrize(
    "value",
    [MEASURE, GOAL, Sprint("s", date(2026, 5, 4), GOAL, (CHANGE,)), Verdict(Word.BLOCKED, "a gap", "wait")],
)
def test_what_is_saved_comes_back_equal_through_json(value):
    assert from_plain(type(value), json.loads(json.dumps(to_plain(value)))) == value


@pytest.mark.parametrize("broken", [{}, {"name": "x"}, {"name": 1, "start": None}, [], "text"])
def test_a_document_of_another_form_is_refused(broken):
    with pytest.raises(ValueError, match="Measure"):
        from_plain(Measure, broken)
