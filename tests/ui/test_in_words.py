"""Two wordings of one decision, in words: what differs, and only that."""

from __future__ import annotations

from datetime import date, timedelta

from journey_app.plain import to_plain
from journey_app.ui.in_words import differences
from journey_app.vocabulary import Filter, Goal, Grade, Measure, Rate, Telling


def said(theirs, mine):
    return {each.label: (each.theirs, each.mine) for each in differences(to_plain(theirs), to_plain(mine))}


def test_a_grade_is_said_field_by_field_and_what_is_the_same_is_not_said():
    theirs = Grade("support", "A", "Ana", "")
    mine = Grade("support", "G", "Ana", "called them", Telling(events=("visit", "pay")))
    assert said(theirs, mine) == {
        "Grade": ("amber", "green"),
        "Note": ("nothing", "called them"),
        "What tells of it": ("Events: nothing", "Events: visit, pay"),
    }


def test_a_goal_is_said_without_a_brace():
    def goal(target, days, steps, where=()):
        measure = Measure("Trial to paid", steps[0], steps[-1], timedelta(days=days), where)
        return Goal(measure, steps, Rate(10, 100, 0.05, 0.17), target, date(2026, 12, 31), date(2026, 11, 1))

    found = said(
        goal(0.18, 14, ("try", "pay")), goal(0.2, 7, ("try", "ask", "pay"), (Filter("device", ("mobile",)),))
    )
    assert found["Target"] == ("18.0%", "20.0%")
    assert found["Way"] == ("try → pay", "try → ask → pay")
    assert "Window: 14 days" in found["Measure"][0] and "Window: 7 days" in found["Measure"][1]
    assert "mobile" in found["Measure"][1]
    assert not any(sign in text for pair in found.values() for text in pair for sign in "{}[]")


def test_the_weeks_of_a_sprint_are_named():
    theirs = {"changes": [{"week": 1, "title": "Old", "owner": "Ana"}]}
    mine = {"changes": [{"week": 1, "title": "New", "owner": "Ana"}, {"week": 2, "title": "More"}]}
    (each,) = differences(theirs, mine)
    assert each.theirs == "Week 1, Title: Old"
    assert "Week 1, Title: New" in each.mine and "Week 2, Title: More" in each.mine
    assert "Ana" not in each.mine
