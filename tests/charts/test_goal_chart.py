"""The goal's picture: where it came from, the plan, and what is ahead."""

from __future__ import annotations

from datetime import date, timedelta

from journey_app.charts import goal as pictures
from journey_app.charts.export import as_svg
from journey_app.charts.theme import LIGHT
from journey_app.stats.rates import rate
from journey_app.vocabulary import Goal, Interval, Measure
from tests.charts.marks import marks

SET = date(2026, 4, 27)
GOAL = Goal(
    Measure("Trial to paid", "Trial started", "Paid", timedelta(days=14)),
    ("Trial started", "Paid"),
    rate(120, 1000),
    0.18,
    SET + timedelta(days=70),
    SET,
)
WEEKS = [pictures.GoalWeek(SET + timedelta(weeks=k), rate(120 + 4 * k, 1000)) for k in range(-6, 3)]
USUAL = Interval(0.10, 0.12, 0.14)


def chart(weeks=WEEKS, today=SET + timedelta(days=35)):
    return pictures.goal_chart(GOAL, weeks, today=today, needed=0.15, usual=USUAL, colours=LIGHT)


def drawn(kind, **how):
    return [row for _mark, row in marks(chart(**how), kind)]


def test_weeks_since_the_goal_was_set_have_another_colour_than_those_before():
    colours = [row["color"] for row in drawn("point") if "color" in row]
    assert colours == [LIGHT.muted] * 6 + [LIGHT.accent] * 3


def test_everything_lies_inside_the_plot_and_time_runs_to_the_right():
    for row in [*drawn("rule"), *drawn("point")]:
        assert 0 <= row["x"] <= 1000
        assert 0 <= row["y"] <= pictures.HEADER + pictures.PLOT
    places = [row["x"] for row in drawn("point") if "color" in row]
    assert places == sorted(places)


def test_the_plan_ends_at_the_target_on_its_date():
    plan = next(row for row in drawn("rule") if row["x"] != row["x2"] and row["y"] != row["y2"])
    goal = next(row for row in drawn("rule") if row["x"] != row["x2"] and row["y"] == row["y2"])
    assert plan["y2"] == goal["y"]
    assert plan["x2"] == pictures.RIGHT


def test_a_week_that_cannot_be_told_has_no_dot_and_says_why():
    holed = [*WEEKS[:-1], pictures.GoalWeek(WEEKS[-1].starts, None, gap=True)]
    assert len([row for row in drawn("point", weeks=holed) if "color" in row]) == 8
    assert "gap" in [row["text"] for row in drawn("text", weeks=holed)]


def test_a_week_whose_window_was_not_all_tracked_is_hollow():
    short = [*WEEKS[:-1], pictures.GoalWeek(WEEKS[-1].starts, WEEKS[-1].rate, short=True)]
    assert len(drawn("point", weeks=short)) == len(drawn("point")) + 1
    assert "reads too low" in pictures.describe(GOAL, short, needed=0.15)


def test_a_goal_whose_date_has_passed_asks_for_nothing_today():
    said = [row["text"] for row in drawn("text", today=GOAL.by + timedelta(days=3))]
    assert not [text for text in said if "needed" in text]


def test_it_can_be_taken_away_and_read_aloud():
    assert as_svg(chart()).startswith("<svg")
    said = pictures.describe(GOAL, WEEKS, needed=0.15)
    assert "From 12.0% to 18.0% by 6 Jul; 15.0% needed today." in said
    assert "27 Apr: 12.0% (10.1–14.2), n 1,000" in said
