"""What a row says where one date or one word would hide something: several sources, two sides of a product."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from journey_app.analysis.grades import GREEN, RED
from tests.analysis.logs import row
from tests.analysis.test_audit import (  # noqa: F401 — a fixture is among them
    ADS,
    audited,
    company,
    line,
    of_days,
    reporting,
)
from tests.conftest import moment


def calls(days: range, n: int, source: str):
    """One call a day and number, late in the evening, so that the day is complete."""
    return [
        row(f"u{k}", "call", moment(day, "23:30") + timedelta(seconds=k), source=source, system="support")
        for day in days
        for k in range(n)
    ]


def test_a_source_that_ends_before_the_largest_is_named_with_its_day(audited):  # noqa: F811
    rows = company() + calls(range(1, 46), 3, "phone") + calls(range(1, 11), 2, "chat")
    support = line(audited(rows), "support")
    assert support.where == "phone, desk, chat"
    assert support.checks["fresh"].reason == (
        "“phone” is complete to 15 Apr 2026, 1 day ago; of its 3 sources “chat” ends first, on 11 Mar 2026."
    )
    assert support.checks["fresh"].grade == GREEN, "graded on the largest, as everything of a row"


def test_where_the_largest_ends_first_it_is_named_and_is_what_to_export_again(audited):  # noqa: F811
    rows = company() + calls(range(1, 11), 5, "phone")
    support = line(audited(rows), "support")
    assert (support.where, support.checks["fresh"].grade) == ("phone, desk", RED)
    assert support.checks["fresh"].reason.endswith("That is “phone”, which ends first of its 2 sources.")
    assert support.do == "Export “phone” again: it ends on 11 Mar 2026."


def test_one_source_is_not_named(audited):  # noqa: F811
    site = line(audited(company()), "site")
    assert site.checks["fresh"].reason == "Complete to 15 Apr 2026, 1 day ago."


def test_reports_of_several_platforms_say_which_ends_first(tmp_path):
    meta = {"source": "Meta Ads", "medium": "paid social", "spend": 3.0, "currency": "USD"}
    rows = of_days(date(2026, 3, 2), **ADS) + of_days(date(2026, 2, 1), **meta)
    ads = line(reporting(tmp_path / "new", rows), "ads")
    assert ads.checks["fresh"].reason == (
        "“Google Ads” is complete to 2 Mar 2026, 2 days ago; of its 2 sources “Meta Ads” ends first, on 1 Feb 2026."
    )
    old = line(reporting(tmp_path / "old", rows, today=date(2026, 3, 20)), "ads")
    assert old.do == "Export the reports again: the newest ends on 2 Mar 2026."


@pytest.mark.parametrize(
    ("place", "other", "who"),
    [("site", "app", "customers with a name"), ("app", "site", "visitors without a name")],
)
def test_a_side_of_the_product_without_events_says_where_they_count(audited, place, other, who):  # noqa: F811
    name = "u{}" if place == "site" else "anonymous_id:a{}"
    rows = [
        row(name.format(n), "view", moment(1 + n % 20, "23:30"), source="web log", system="product")
        for n in range(40)
    ]
    found = line(audited(rows, steps=("view",)), place)
    said = found.checks["tracked"]
    assert (found.grade, said.grade) == (RED, RED)
    assert said.reason == (
        f"Nothing is tracked here. All events of the product are of {who}, so they count as “{other}”."
    )
    assert found.do != "Import an export that tells of this place."


def test_where_the_product_tells_nothing_at_all_nothing_is_said_of_its_other_side(audited):  # noqa: F811
    rows = [row(f"u{n}", "paid", moment(1), source="till", system="billing") for n in range(30)]
    site = line(audited(rows, steps=("paid",)), "site")
    assert site.checks["tracked"].reason == "Nothing is tracked here."
    assert line(audited(company()), "email").do == "Import an export that tells of this place."
