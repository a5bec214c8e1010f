"""What a report takes the place of: days, sums and currencies, by the rule that says which report counts."""

from __future__ import annotations

from datetime import date

import pytest

from journey_app.engine.batches import BatchFolder
from journey_app.engine.connection import Limits
from journey_app.engine.corrections import Foreign, Replaced, foreign, replaced
from tests.conftest import context_table

LIMITS = Limits(memory_mb=256, threads=2)


@pytest.fixture
def asked(tmp_path):
    """A function: a question and reports, oldest first → its answer about the newest."""

    def ask(question, *reports):
        folder = BatchFolder(tmp_path / "batches", LIMITS)
        names = [f"report{number}" for number in range(len(reports))]
        for name, rows in zip(names, reports, strict=True):
            folder.write_context(name, context_table(rows))
        return question(folder, names[-1], names[:-1])

    return ask


def days(first, last, spend, **more):
    span = {"first_day": date(2026, 3, first), "last_day": date(2026, 3, last)}
    return {**span, "campaign": "Brand", "spend": spend, "currency": "EUR", **more}


def test_what_nobody_told_before_replaces_nothing(asked):
    assert asked(replaced, [days(2, 2, 10.0)]) == Replaced()
    assert (
        asked(replaced, [days(2, 2, 10.0)], [days(3, 3, 1.0), days(2, 2, 5.0, campaign="Other")])
        == Replaced()
    )
    assert asked(replaced, [days(2, 2, 10.0)], [days(2, 2, 5.0, source="other")]) == Replaced()


def test_only_what_counted_until_now_is_replaced(asked):
    found = asked(replaced, [days(2, 2, 1.0)], [days(2, 2, 10.0)], [days(2, 2, 7.0), days(3, 3, 4.0)])
    assert (found.spans, found.single, found.spend) == (1, True, {"EUR": (10.0, 7.0)})


def test_days_in_less_detail_are_told_otherwise_though_their_sums_are_the_same(asked):
    whole = days(2, 2, 15.0, campaign=None, detail="whole")
    found = asked(replaced, [days(2, 2, 10.0), days(2, 2, 5.0, campaign="Other")], [whole])
    assert (found.spans, found.spend) == (1, {"EUR": (15.0, 15.0)})


def test_a_period_that_overlaps_takes_the_place_of_the_older_one(asked):
    found = asked(replaced, [days(1, 10, 50.0)], [days(5, 14, 60.0)])
    assert (found.spans, found.single, found.spend) == (1, False, {"EUR": (50.0, 60.0)})
    assert asked(replaced, [days(4, 4, 50.0)], [days(1, 10, 60.0)]) == Replaced()


def test_a_period_in_another_currency_is_foreign(asked):
    found = asked(foreign, [days(1, 10, 50.0)], [days(5, 14, 60.0, currency="USD")])
    assert found == Foreign(1, False, ("EUR",), ("USD",))


def test_both_currencies_of_one_campaign_replace_their_own(asked):
    both = [days(2, 2, 1.0), days(2, 2, 2.0, currency="USD")]
    assert asked(foreign, both, [days(2, 2, 3.0), days(2, 2, 4.0, currency="USD")]) is None
    assert asked(foreign, both, [days(2, 2, 3.0)]) == Foreign(1, True, ("USD",), ("EUR",))


def test_a_report_that_tells_no_money_is_in_no_other_currency(asked):
    assert asked(foreign, [days(2, 2, 1.0)], [days(2, 2, None, currency=None)]) is None
