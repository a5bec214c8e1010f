"""Intervals against the examples their authors published."""

import pytest

from journey_app.stats.rates import newcombe, rate, wilson

# Newcombe (1998), Statistics in Medicine 17:857–872, Table I, method 3.
WILSON = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
]
# Newcombe (1998), Statistics in Medicine 17:873–890, Table II, method 10.
NEWCOMBE = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0),
    (10, 10, 0, 10, 0.6075, 1.0),
]


@pytest.mark.parametrize(("count", "of", "low", "high"), WILSON)
def test_wilson_as_published(count, of, low, high):
    assert wilson(count, of) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("a", "m", "b", "n", "low", "high"), NEWCOMBE)
def test_newcombe_as_published(a, m, b, n, low, high):
    moved = newcombe(rate(a, m), rate(b, n))
    assert (moved.low, moved.high) == pytest.approx((low, high), abs=5e-5)
    assert moved.middle == pytest.approx(a / m - b / n)


def test_cookie_cats_seven_day_retention():
    """The Cookie Cats experiment's published counts: gate 40 against gate 30."""
    moved = newcombe(rate(8279, 45489), rate(8502, 44700))
    assert (moved.low, moved.middle, moved.high) == pytest.approx((-0.013282, -0.008201, -0.003121), abs=1e-6)


def test_nobody_there_is_no_rate():
    assert rate(0, 0) is None
    assert rate(0, 4).low == 0.0
    assert rate(4, 4).high == 1.0


@pytest.mark.parametrize(("count", "of"), [(1, 0), (-1, 3), (4, 3)])
def test_counts_that_are_no_share_are_refused(count, of):
    with pytest.raises(ValueError, match="not a share"):
        wilson(count, of)


def test_less_confidence_is_a_narrower_range():
    low, high = wilson(81, 263, 0.80)
    assert 0.2553 < low < 81 / 263 < high < 0.3662
