"""What is offered to choose from."""

from datetime import timedelta

import pytest

from journey_app.ui.pickers import USUAL_WINDOW, windows


@pytest.mark.parametrize("days", [14, 21, 60])
def test_the_goals_window_can_be_chosen_whatever_it_is(days):
    offered = list(windows(timedelta(days=days)).items())
    assert (f"{days} days", timedelta(days=days)) in offered
    limits = [length for _name, length in offered[:-1]]
    assert limits == sorted(limits) and offered[-1] == ("No limit", None)


def test_a_window_of_hours_offers_the_usual_ones():
    assert USUAL_WINDOW in windows(timedelta(hours=6)).values()
