"""Sprint weeks, ranges, kinds of customers, the goal's track, the audit grid and sparklines."""

from datetime import date, timedelta

import pytest

from journey_app.charts import audit, clusters, intervals, pace, sprint, weeks
from journey_app.charts.theme import LIGHT
from journey_app.stats.rates import rate
from journey_app.vocabulary import Interval
from tests.charts.marks import marks, selections, texts


def northwind_weeks():
    monday = date(2026, 3, 2)
    past = [sprint.Week(monday + timedelta(7 * k), rate(80 + k, 690)) for k in range(3)]
    now = [
        sprint.Week(monday + timedelta(21), rate(96, 700), number=1),
        sprint.Week(monday + timedelta(28), None, number=2, running=True),
    ]
    return [*past, *now]


def test_sprint_weeks_are_blue_baseline_weeks_grey_and_n_stands_under_each():
    chart = sprint.sprint_chart(northwind_weeks(), goal=0.18, colours=LIGHT)
    dots = [row["color"] for _mark, row in marks(chart, "point")]
    assert dots == [LIGHT.muted] * 3 + [LIGHT.accent]
    said = texts(chart)
    assert {"n\u00a0690", "n\u00a0700", "running", "Goal 18.0%", "week 2", "3 BASELINE WEEKS"} <= set(said)
    assert selections(chart) == {"week": ["starts"]}


def test_the_goal_and_every_range_lie_inside_the_plot():
    chart = sprint.sprint_chart(northwind_weeks(), goal=0.18, usual=Interval(0.11, 0.12, 0.13), colours=LIGHT)
    for _mark, row in marks(chart, "rule"):
        assert sprint.HEADER - 6 <= row["y"] <= sprint.HEADER + sprint.PLOT
    assert "Before 12.0%" in texts(chart)


def test_a_logged_change_is_named_where_it_happened_and_left_out_when_it_is_older():
    logged = [(date(2026, 3, 12), "release 4.12"), (date(2025, 1, 1), "long ago")]
    said = texts(sprint.sprint_chart(northwind_weeks(), goal=0.18, logged=logged, colours=LIGHT))
    assert "release 4.12" in said and "long ago" not in said


def test_without_any_week_the_goal_still_stands():
    assert "Goal 18.0%" in texts(sprint.sprint_chart([], goal=0.18, now=date(2026, 3, 2), colours=LIGHT))


def test_the_sprint_in_words():
    said = sprint.describe(northwind_weeks(), goal=0.18)
    assert "23 Mar (sprint week 1): 13.7% (11.4–16.5), n 700" in said
    assert "30 Mar (sprint week 2): running" in said


@pytest.mark.parametrize("effect", [Interval(0.011, 0.017, 0.024), Interval(-0.02, -0.01, 0.01)])
def test_a_track_keeps_the_order_of_what_it_shows(effect):
    place = intervals.track(effect, zero=True)
    assert 0 <= place.low < place.middle < place.high <= 100
    assert (place.zero < place.low) == (effect.low > 0)


def test_small_ranges_of_one_page_share_a_scale():
    effects = [Interval(0.01, 0.02, 0.03), Interval(0.001, 0.002, 0.003)]
    wide, narrow = (intervals.track(effect, zero=True, shared=effects) for effect in effects)
    assert wide.zero == narrow.zero
    assert (wide.high - wide.low) == pytest.approx(10 * (narrow.high - narrow.low), rel=0.05)


def test_a_range_in_words_names_its_marks():
    said = intervals.describe(rate(366, 958), before=0.31, target=0.38)
    assert said == "38.2% (35.2–41.3), before 31.0%, target 38.0%"
    assert "zero is inside" in intervals.describe_effect(Interval(-0.1, 0, 0.1))
    assert "zero is outside" in intervals.describe_effect(Interval(0.1, 0.2, 0.3))


def test_the_goal_strip_runs_towards_the_target_even_when_the_goal_falls():
    rising = pace.pace_places(0.12, 0.18, rate(735, 5484), 0.151)
    falling = pace.pace_places(0.18, 0.12, rate(735, 5484), 0.151)
    for places in (rising, falling):
        assert 0 <= places.start < places.now < places.target <= 100
        assert places.low < places.now < places.high
    assert rising.now < rising.needed and falling.now > falling.needed


def test_a_range_beyond_the_target_widens_the_track():
    places = pace.pace_places(0.12, 0.14, rate(40, 100), None)
    assert places.target < places.low < places.high <= 100


def test_the_goal_in_words_even_before_anything_is_measured():
    assert pace.describe(0.12, 0.18, rate(735, 5484), 0.151) == (
        "From 12.0% to 18.0%; now 13.4% ±0.9, n 5,484; 15.1% needed today."
    )
    assert pace.describe(0.12, 0.18, None) == "From 12.0% to 18.0%; now –."


def kinds():
    return [
        clusters.ClusterRow("a", "Quiet triers", "one visit", 2300, 3800, rate(46, 2300)),
        clusters.ClusterRow("b", "New", "this month", 1500, 3800, None),
    ]


def test_kinds_of_customers_have_size_and_range_or_a_dash():
    chart = clusters.clusters_chart(kinds(), focus="b", colours=LIGHT)
    assert {"Quiet triers", "2,300 · 60.5%", "2.0%", "1.5–2.7 · n\u00a02,300", "–"} <= set(texts(chart))
    assert selections(chart) == {"cluster": ["cluster"]}
    assert sum(row.get("color") == LIGHT.band for _mark, row in marks(chart, "rect")) == 1
    assert "New: 1,500 customers, –" in clusters.describe(kinds())


COLUMNS = ("Tracked", "Ids match")


def places():
    return [
        audit.AuditRow("Checkout", "App", ("G", "G"), "G", "A", ""),
        audit.AuditRow("Invoices", "Billing", ("G", "R"), "R", "R", "Join on account id"),
        audit.AuditRow("Reviews", "Web", ("A", None), "A", None, "Export monthly"),
    ]


def test_the_audit_is_worst_first_and_a_rule_parts_the_grades():
    chart = audit.audit_chart(places(), COLUMNS, colours=LIGHT)
    said = texts(chart)
    names = [word for word in said if word in {"Checkout", "Invoices", "Reviews"}]
    assert names == ["Invoices", "Reviews", "Checkout"]
    rules = [mark for mark, _row in marks(chart, "rule") if mark["strokeWidth"] > 1]
    assert len(rules) == 2
    assert selections(chart) == {"row": ["touchpoint"]}


def test_a_place_that_is_not_ours_is_last_and_has_no_mark():
    none = audit.AuditRow("Ads", "", (None, None), None, None, "", not_ours=True)
    rows = [none, *places()]
    chart = audit.audit_chart(rows, COLUMNS, colours=LIGHT)
    assert audit.worst_first(rows)[-1] is none and "not ours" in texts(chart)
    assert len(marks(chart, "point")) == len(
        marks(audit.audit_chart(places(), COLUMNS, colours=LIGHT), "point")
    )
    assert texts(chart).count("–") == 2, "none of its own"
    assert "Ads not ours: nothing to do" in audit.describe(rows, COLUMNS)
    assert audit.describe(rows, COLUMNS).startswith("Touchpoints: 1 red, 1 amber, 1 green.")


def test_disagreement_is_marked_and_the_unknown_is_a_dash():
    said = texts(audit.audit_chart(places(), COLUMNS, colours=LIGHT))
    assert said.count("≠") == 1
    assert said.count("–") == 2
    assert "Nothing to do" in said


def test_a_green_check_is_a_small_dot_a_grade_is_a_shape_with_a_letter():
    chart = audit.audit_chart(places(), COLUMNS, colours=LIGHT)
    shapes = [mark.get("shape") for mark, _row in marks(chart, "point")]
    assert shapes.count(None) == 3
    assert {"diamond", "triangle-up", "circle"} <= set(shapes)
    assert sum(word in {"R", "A", "G"} for word in texts(chart)) == 1 + 1 + 3 + 2


def test_the_audit_in_words_starts_with_the_worst():
    said = audit.describe(places(), COLUMNS)
    assert said.startswith("Touchpoints: 1 red, 1 amber, 1 green. Invoices red (Ids match red)")
    assert "Checkout" not in said


def test_a_week_without_anybody_interrupts_the_line():
    svg = weeks.sparkline([0.5, 0.4, None, 0.3, 0.2], "red")
    assert svg.count("<polyline") == 2 and svg.count("<circle") == 1
    assert weeks.first_to_last([None, 0.52, 0.39]) == "52 → 39%"


def test_a_sparkline_of_nothing_is_empty_and_of_equal_weeks_is_level():
    assert "<polyline" not in weeks.sparkline([None, None], "red")
    assert weeks.first_to_last([None]) == "–"
    level = weeks.sparkline([0.2, 0.2], "red")
    assert 'points="4.0,16.0 92.0,16.0"' in level
    assert weeks.describe([0.5, None]) == "2 weeks, oldest first: 50.0%, –"
