from datetime import date, timedelta

import pytest

from journey_app.charts import text
from journey_app.stats.rates import rate
from journey_app.vocabulary import Interval


def test_a_share_is_written_with_one_decimal_and_its_range_without_the_sign():
    assert text.percent(0.467) == "46.7%"
    assert text.span(0.45, 0.484) == "45.0–48.4"
    assert text.percent(-0.031) == "−3.1%"


@pytest.mark.parametrize(
    ("share", "said"), [(0.0, "0.0%"), (0.0002, "<0.1%"), (0.9999, ">99.9%"), (1.0, "100.0%")]
)
def test_rounding_never_claims_nobody_or_everybody(share, said):
    assert text.percent(share) == said


def test_whole_percents_keep_the_same_promise():
    assert text.percent(0.004, 0) == "<1%"
    assert text.percent(0.996, 0) == ">99%"


def test_what_nobody_knows_is_a_dash_never_zero():
    unknown = (
        text.percent(None), text.count(None), text.span(None, 0.2), text.points(None), text.duration(None),
        text.slow(None), text.day(None), text.rate_percent(None), text.rate_span(None), text.plus_minus(None),
        text.relative(None), text.short_day(None),
    )  # fmt: skip
    assert set(unknown) == {"–"}


def test_counts_have_thousands_and_stay_with_their_letter():
    assert text.count(3312) == "3,312"
    assert text.n(271) == "n\u00a0271"


def test_an_effect_carries_true_signs_and_none_for_zero():
    assert text.points(Interval(0.011, 0.017, 0.024)) == "+1.1 to +2.4\u00a0points"
    assert text.points(Interval(-0.001, 0.002, 0.005)) == "−0.1 to +0.5\u00a0points"
    assert text.points(Interval(-0.0001, 0.0, 0.0001)) == "0.0\u00a0points"
    assert text.relative(Interval(0.03, 0.12, 0.22)) == "+12% (+3 to +22)"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=40), "40 s"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(hours=1.2), "1.2 h"),
        (timedelta(hours=31), "31 h"),
        (timedelta(days=2.6), "2.6 d"),
        (timedelta(days=13.4), "13.4 d"),
        (timedelta(seconds=59.7), "1 min"),
        (timedelta(minutes=59.8), "1.0 h"),
        (timedelta(hours=9.97), "10 h"),
    ],
)
def test_a_duration_has_one_unit(length, said):
    assert text.duration(length).replace("\u00a0", " ") == said


def test_a_tail_is_said_in_people():
    assert text.slow(timedelta(days=9.8)) == "1 in 20 takes over 9.8\u00a0d"


def test_days_are_english_whatever_the_machine_speaks():
    assert text.day(date(2026, 5, 18)) == "Mon\u00a018\u00a0May"
    assert text.short_day(date(2026, 3, 2)) == "2\u00a0Mar"


def test_a_rate_says_its_share_range_and_half_width():
    one = rate(735, 5484)
    assert text.rate_percent(one) == "13.4%"
    assert text.rate_span(one) == "12.5–14.3"
    assert text.plus_minus(one) == "±0.9"


def test_long_names_end_in_an_ellipsis_inside_the_limit():
    assert text.shorten("Product page", 8) == "Product…"
    assert text.shorten("Visit", 8) == "Visit"
