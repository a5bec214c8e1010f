import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_app.charts.axis import Axis, axis_around, axis_for, axis_of_rates
from journey_app.stats.rates import rate

SHARES = st.floats(0, 1)


@given(st.lists(SHARES, min_size=1, max_size=12))
def test_an_axis_holds_every_value_and_three_round_ticks(values):
    axis = axis_for(values)
    assert axis.low <= min(values) and max(values) <= axis.high
    assert len(axis.ticks) == 3
    assert axis.low <= axis.ticks[0] < axis.ticks[1] < axis.ticks[2] <= axis.high


def test_the_axis_is_the_narrowest_that_fits():
    assert axis_for([0.45, 0.747]).ticks == (0.4, 0.6, 0.8)
    assert axis_for([0.481, 0.492]).high - axis_for([0.481, 0.492]).low < 0.05


def test_without_rates_the_axis_is_the_whole_way():
    assert axis_of_rates([None, None]) == Axis(0.0, 1.0, (0.0, 0.5, 1.0))


def test_rates_bring_their_ranges_along():
    wide = rate(3, 10)
    axis = axis_of_rates([wide, None])
    assert axis.low <= wide.low and wide.high <= axis.high


def test_a_place_between_the_ends_and_never_outside():
    axis = Axis(0.2, 0.6, ())
    assert axis.at(0.3) == pytest.approx(25)
    assert axis.at(0.4, 100, 300) == pytest.approx(200)
    assert (axis.at(-1), axis.at(2)) == (0.0, 100.0)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6))
def test_room_is_left_around_any_values_even_equal_ones(values):
    axis = axis_around(values)
    assert axis.low < min(values) and max(values) < axis.high
