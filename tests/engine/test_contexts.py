"""Of several reports about the same days the newest counts, and no money counts twice."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from journey_app.engine.batches import BatchFolder
from journey_app.engine.connection import Limits
from tests.conftest import NO_LINKS, event_table, snapshot_of_context

LIMITS = Limits(memory_mb=256, threads=2)
MONDAY = date(2026, 3, 2)


@pytest.fixture
def held(tmp_path):
    """A function: reports, oldest first → what the snapshot holds of them."""

    def told(*reports):
        snapshot = snapshot_of_context(tmp_path / "space", "", reports)
        rows = snapshot.run(snapshot.context).to_pylist()
        snapshot.close()
        return rows

    return told


def day(number, spend, **more):
    then = date(2026, 3, number)
    return {"first_day": then, "last_day": then, "campaign": "Brand", "spend": spend, **more}


def spends(rows):
    return [(row["first_day"].day, row["campaign"], row["spend"]) for row in rows]


def test_a_later_export_corrects_the_days_it_tells_again(held):
    rows = held([day(2, 10.0), day(3, 11.0)], [day(3, 12.0), day(4, 13.0)])
    assert spends(rows) == [(2, "Brand", 10.0), (3, "Brand", 12.0), (4, "Brand", 13.0)]


def test_a_campaign_that_a_later_export_does_not_name_stays(held):
    rows = held([day(2, 10.0), day(2, 5.0, campaign="Other")], [day(2, 12.0)])
    assert spends(rows) == [(2, "Brand", 12.0), (2, "Other", 5.0)]


def test_a_correction_into_another_currency_is_no_second_spend(held):
    rows = held([day(2, 10.0, currency="USD")], [day(2, 12.0, currency="EUR")])
    assert [(row["currency"], row["spend"]) for row in rows] == [("EUR", 12.0)]


def test_the_same_days_in_another_detail_replace_and_are_not_added(held):
    whole = {**day(2, 15.0), "campaign": None, "detail": "whole"}
    assert spends(held([day(2, 10.0), day(2, 5.0, campaign="Other"), day(3, 1.0)], [whole])) == [
        (2, None, 15.0),
        (3, "Brand", 1.0),
    ]


def test_another_source_is_another_account(held):
    assert len(held([day(2, 10.0)], [day(2, 12.0, source="other")])) == 2


def period(first, last, spend):
    return {**day(first, spend), "last_day": date(2026, 3, last)}


def test_a_period_is_spread_over_no_week_unless_it_lies_in_one(held):
    rows = held([period(2, 20, 100.0), period(2, 8, 30.0)])
    assert [(row["last_day"].day, row["local_week"]) for row in rows] == [(8, MONDAY), (20, None)]


def test_a_week_whose_days_are_told_is_not_told_again_by_a_period(held):
    rows = held([period(2, 8, 30.0)], [day(4, 5.0)])
    assert [(row["spend"], row["local_week"]) for row in rows] == [(30.0, None), (5.0, MONDAY)]


def test_of_overlapping_periods_the_newer_one_counts(held):
    assert [row["spend"] for row in held([period(2, 20, 100.0)], [period(9, 27, 70.0)])] == [70.0]


def test_a_batch_takes_its_report_away_with_it(tmp_path):
    folder = BatchFolder(tmp_path / "batches", LIMITS)
    folder.write_context("one", pa.table({"source": ["ads"]}))
    folder.write("one", [(event_table([]), NO_LINKS)], [])
    folder.discard("one")
    assert list(folder.folder.iterdir()) == []


def test_a_workspace_without_reports_holds_none(diary):
    snapshot = diary("ana visit 1 09:00")
    assert snapshot.run(snapshot.context).num_rows == 0
