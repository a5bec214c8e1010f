"""Spend and visits drawn above who entered: one axis of weeks, and unknown never drawn as nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from journey_app.analysis.context import Beside, Channel, Cost, Numbers, Span, Total
from journey_app.charts import context as pictures
from journey_app.charts.export import as_svg
from journey_app.charts.theme import LIGHT
from tests.charts.marks import marks, texts

MONDAY = date(2026, 3, 2)
ADS = Channel("google_ads.report", "paid search", "EUR")
PAGES = Channel("ga4.report", None, None)
STEPS = ("Trial started", "Invited", "Paid")


def week(number, spend, sessions, people=(10, 4, 0), days=7):
    told = {ADS: Numbers(spend=spend)} if spend is not None else {}
    told |= {PAGES: Numbers(sessions=sessions)} if sessions is not None else {}
    return Span(MONDAY + timedelta(weeks=number), told, dict.fromkeys(told, days), *people)


COST = Cost(ADS, 21, MONDAY, MONDAY + timedelta(days=20), 1234.5, 300, 12, 4.115, 102.875)
ANSWER = Beside(
    "week",
    (week(0, 50.0, 900.0, days=3), week(1, None, 800.0), week(2, 100.0, None, (12, 1, 3))),
    (Total(MONDAY, MONDAY + timedelta(days=40), PAGES, Numbers(views=4100.0)),),
    (COST,),
)


def chart(answer=ANSWER, steps=STEPS):
    return pictures.context_chart(answer, steps, colours=LIGHT)


def test_a_bar_is_as_high_as_what_was_spent_and_paler_where_days_are_missing():
    bars = [
        (mark.get("opacity"), row) for mark, row in marks(chart(), "rect") if row["color"] == LIGHT.accent
    ]
    heights = {opacity: row["y2"] - row["y"] for opacity, row in bars}
    assert heights == {0.45: pictures.ROW / 2, None: pictures.ROW}
    assert any("3 of 7 days told" in row["says"] for _opacity, row in bars)


def test_an_untold_week_is_a_dash_and_not_a_bar():
    assert texts(chart()).count("–") == 2
    assert len(marks(chart(), "rect")) == 4


def test_bars_and_lines_share_their_weeks():
    bars = sorted({round((row["x"] + row["x2"]) / 2, 3) for _m, row in marks(chart(), "rect")})
    dots = sorted({round(row["x"], 3) for _m, row in marks(chart(), "point")})
    assert bars == dots and len(dots) == 3


def test_a_week_with_customers_who_still_have_time_is_dashed():
    dashed = [row for mark, row in marks(chart(), "rule") if "strokeDash" in mark]
    assert len(dashed) == 1 and "5 so far" not in texts(chart()) and "9 so far" in texts(chart())


def test_everything_lies_inside_the_picture():
    height = chart().to_dict()["height"]
    for kind in ("rect", "rule", "point", "text"):
        for _mark, row in marks(chart(), kind):
            assert 0 <= row["x"] <= 1000 and 0 <= row["y"] <= height


def test_without_a_funnel_only_what_reports_tell_is_drawn():
    alone = replace(
        ANSWER, spans=tuple(replace(s, entered=None, converted=None, open=None) for s in ANSWER.spans)
    )
    assert marks(chart(alone), "point") == [] and marks(chart(steps=()), "point") == []


def test_with_whole_periods_only_there_is_no_picture():
    assert chart(replace(ANSWER, spans=())) is None
    assert "whole periods" in pictures.context_claim(replace(ANSWER, spans=(), costs=()))


def test_many_weeks_and_channels_are_cut_and_said_to_be():
    many = {Channel("ads", f"channel {k}", "EUR"): Numbers(spend=1.0) for k in range(6)}
    spans = tuple(Span(MONDAY + timedelta(weeks=k), many, dict.fromkeys(many, 7), 1, 0, 0) for k in range(30))
    said = texts(chart(replace(ANSWER, spans=spans)))
    assert "PER WEEK (2 more in the table, the newest 26 of 30 weeks)" in said


def test_money_keeps_its_currency_and_the_caution_stays():
    claim = pictures.context_claim(ANSWER).replace("\u00a0", " ")
    assert "who entered by paid search, 2 Mar to 22 Mar 2026, EUR 1,234 was spent: EUR 4.12 each." in claim
    line = pictures.cost_line(COST).replace("\u00a0", " ")
    assert "on 21 days, 2 Mar to 22 Mar 2026" in line and "EUR 102.88 for each of 12 who converted" in line
    assert "does not show" in pictures.CAUTION


def test_a_cost_nobody_knows_is_said_so():
    unknown = replace(COST, entered=None, converted=None, per_entry=None, per_conversion=None)
    assert "no customer's channel" in pictures.cost_line(unknown)
    assert "nobody entered" in pictures.cost_line(replace(COST, entered=0, converted=0))
    assert "none of them converted" in pictures.cost_line(replace(COST, converted=0))
    assert "no day is over" in pictures.cost_line(replace(COST, spend=None, days=0))


def test_it_can_be_taken_away_read_aloud_and_looked_up():
    assert as_svg(chart()).startswith("<svg")
    said = pictures.describe(ANSWER, STEPS)
    assert "9 Mar –" in said and "Trial started and Paid: 2 Mar 10 and 4" in said
    rows = pictures.table_of(ANSWER)
    assert len(rows) == 5 and rows[-1]["To"] == "2026-04-11" and rows[0]["Spend"] == 50.0
    assert pictures.total_lines(ANSWER)[0].replace("\u00a0", " ").endswith("2026 together: 4,100 views.")


def test_a_sum_that_is_not_whole_says_at_least_wherever_it_stands():
    part = Numbers(spend=50.0, untold={"spend": ("Brand", "<b>Autumn</b>")})
    first = replace(ANSWER.spans[0], told={ADS: part})
    cost = replace(COST, untold=("Brand",))
    total = Total(
        MONDAY,
        MONDAY + timedelta(days=40),
        PAGES,
        replace(part, spend=None, views=4.0, untold={"views": ("A",)}),
    )
    answer = replace(ANSWER, spans=(first, *ANSWER.spans[1:]), costs=(cost,), totals=(total,))
    bar = next(row["says"] for _m, row in marks(chart(answer), "rect") if "at least" in row.get("says", ""))
    assert "at least EUR 50.00" in bar and "not all of “Brand” and “<b>Autumn</b>” is told" in bar
    assert any(text.startswith("at least EUR") for text in texts(chart(answer)))
    assert pictures.cost_line(cost).count(
        "at least"
    ) == 3 and "not all of “Brand” is told" in pictures.cost_line(cost)
    assert pictures.context_claim(answer).count("at least") == 2
    assert "at least 4 views, of views not all of “A” is told" in pictures.total_lines(answer)[0]
    assert "at least" in pictures.describe(answer, STEPS)
    assert "so its sums are the least" in pictures.not_whole_lines(answer)[0]
    rows = pictures.table_of(answer)
    assert rows[0]["At least"].startswith("Spend: not all of “Brand”") and rows[-1]["At least"].startswith(
        "Views:"
    )


def test_a_whole_sum_says_nothing_of_it():
    assert pictures.not_whole_lines(ANSWER) == [] and "at least" not in pictures.cost_line(COST)
    assert not any("At least" in row for row in pictures.table_of(ANSWER))
