"""The funnel's picture: what its marks say, not how its specification is written."""

from dataclasses import replace
from itertools import pairwise

import pytest

from journey_app.analysis.funnel import Funnel, Step
from journey_app.charts import funnel
from journey_app.charts.export import as_svg
from journey_app.charts.theme import LIGHT
from tests.charts.marks import marks, selections, texts
from tests.charts.northwind import northwind_funnel, northwind_paces


def drawn(**options):
    return funnel.funnel_chart(northwind_funnel(), northwind_paces(), colours=LIGHT, **options)


def test_every_step_says_its_count_and_every_gap_what_it_lost_kept_and_took():
    said = texts(drawn())
    for word in ("6,807", "735", "2,172 lost", "46.7%", "45.0–48.4", "1.2\u00a0h", "680 still open"):
        assert word in said
    assert "1 in 20 takes over 9.8\u00a0d" in said
    assert "13.4% of all who started, 12.5–14.3" in said


def test_a_pace_nobody_walked_is_a_dash_without_a_tail():
    said = texts(drawn())
    assert said.count("–") == 1
    assert sum(word.startswith("1 in 20") for word in said) == 2


def test_the_open_part_is_a_dashed_outline_at_the_end_of_the_bar():
    chart = drawn()
    bars = [row for mark, row in marks(chart, "rect") if row.get("color") == LIGHT.stages[0]]
    dashed = [
        row for mark, row in marks(chart, "rect") if mark.get("strokeDash") and row["y"] == bars[0]["y"]
    ]
    ratio = (dashed[0]["x2"] - dashed[0]["x"]) / (dashed[0]["x2"] - bars[0]["x"])
    assert dashed[0]["x"] == bars[0]["x2"]
    assert ratio == pytest.approx(680 / 6807)


def test_the_pale_shape_spans_exactly_the_lost():
    chart = drawn()
    shape = [row for _mark, row in marks(chart, "area") if row["gap"] == 1]
    ends = sorted(row["x"] for row in shape)[1:]
    scale = (funnel.BARS_END - funnel.BARS) / 6807
    assert ends[1] - ends[0] == pytest.approx(1764 * scale)


def test_one_band_is_red_the_worst_or_the_chosen_one():
    def bands(chart):
        return [row["y"] for _mark, row in marks(chart, "rect") if row.get("color") == LIGHT.red_tint]

    assert funnel.worst_step(northwind_funnel()) == 1
    worst, chosen = bands(drawn()), bands(drawn(focus=3))
    assert len(worst) == len(chosen) == 1
    assert chosen[0] > worst[0]


def test_whatever_is_clicked_names_its_step_and_its_fate():
    chart = drawn()
    assert selections(chart) == {"step": ["step", "fate"]}
    hits = {(row["step"], row["fate"]) for mark, row in marks(chart, "rect") if mark.get("opacity") == 0}
    assert hits == (
        {(k, "reached") for k in range(5)} | {(k, "lost") for k in range(4)} | {(k, "open") for k in range(4)}
    )


def test_a_lost_row_says_of_how_many_its_share_is():
    says = [row["says"] for _mark, row in marks(drawn(), "rect") if row.get("fate") == "lost"]
    assert "1,764 lost after First project; 46.7% (45.0–48.4) of 3,312 whose window is over went on" in says


def test_a_funnel_nobody_finished_waiting_for_still_draws():
    waiting = Funnel((Step("Visit", 8, 6, 0, 0, None), Step("Pay", 2, 0, 0, None, None)), None)
    chart = funnel.funnel_chart(waiting, colours=LIGHT)
    assert funnel.worst_step(waiting) is None
    assert "–" in texts(chart) and "6 still open" in texts(chart)
    assert "<svg" in as_svg(chart)


def test_an_empty_funnel_divides_by_nobody():
    empty = Funnel((Step("Visit", 0, 0, 0, 0, None), Step("Pay", 0, 0, 0, None, None)), None)
    assert "0" in texts(funnel.funnel_chart(empty, colours=LIGHT))


@pytest.mark.parametrize("steps", [2, 7, 12])
def test_rows_of_long_funnels_never_touch(steps):
    one = northwind_funnel().steps[0]
    last = replace(one, event="Last", open=0, lost=None)
    long = Funnel((*(replace(one, event=f"Step {k}") for k in range(steps - 1)), last), None)
    words = sorted(
        row["y"]
        for mark, row in marks(funnel.funnel_chart(long, colours=LIGHT), "text")
        if mark.get("align") == "right"
    )
    assert min(b - a for a, b in pairwise(words)) >= 25


def test_the_description_has_every_number_a_reader_sees():
    said = funnel.describe(northwind_funnel(), northwind_paces())
    for word in ("6,807", "1,764 lost after it", "46.7% kept (45.0–48.4, n 3,312)", "median 2.6 d", "13.4%"):
        assert word in said


def test_a_breakdown_keeps_its_order_and_says_what_is_unknown():
    kept = northwind_funnel().steps[1].kept
    by = {"Desktop": kept, "": None}
    chart = funnel.breakdown_chart(by, focus="Desktop", colours=LIGHT)
    assert {"Desktop", "(unknown)", "60.4%", "–", "59.1–61.7 · n\u00a05,484"} <= set(texts(chart))
    assert selections(chart) == {"part": ["part"]}
    assert "60.4% (59.1–61.7, n 5,484)" in funnel.describe_breakdown(by)
