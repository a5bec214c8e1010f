"""What the forms say about a measure before anything is saved."""

from __future__ import annotations

from datetime import timedelta

from journey_app.decide.sprint import what_a_week_can_show
from journey_app.stats.rates import rate
from journey_app.ui.measure_form import days_of, measure_name, outlook_says, stands_at
from journey_app.vocabulary import Filter


def test_a_target_that_one_week_can_show_is_not_doubted():
    found = what_a_week_can_show(0.2, 1000, 0.02, 12, 0.5)
    said = outlook_says(found, 0.30)
    assert "about 1,000 customers a week" in said
    assert "smaller than that" not in said


def test_a_smaller_target_says_how_many_customers_it_needs():
    found = what_a_week_can_show(0.2, 1000, 0.02, 12, 0.2)
    said = outlook_says(found, 0.24)
    assert "+4.0\u00a0points: smaller than that" in said
    assert f"about {found.needed:,} customers a week." in said


def test_noise_that_no_number_of_customers_cures_is_said():
    found = what_a_week_can_show(0.2, 1000, 0.10, 12, 0.1)
    assert found.needed is None
    assert "No number of customers" in outlook_says(found, 0.22)


def test_an_unknown_outlook_says_what_is_missing():
    assert "four clean weeks" in outlook_says(None, 0.2)


def test_a_measure_stands_with_its_range_and_n_or_not_at_all():
    assert stands_at(None).startswith("Cannot be measured yet")
    assert "24.0% (21.5–26.7, n\u00a01,000)" in stands_at(rate(240, 1000))


def test_a_measure_is_named_after_its_outcome_window_and_people():
    assert measure_name("Paid", 3, ()) == "Paid by day 3"
    assert measure_name("Paid", 3, (Filter("device", ("mobile",)),)) == "Paid by day 3, mobile"


def test_part_of_a_day_is_a_whole_one():
    assert [days_of(timedelta(hours=h)) for h in (0, 12, 24, 36)] == [1, 1, 1, 2]
