"""Is every answer that changes nothing named, and none that does?"""

import json

import pytest

from journey_app.intake.prepare import prepare
from journey_app.vocabulary import Answers
from tests.intake.hostile import good_parquet

CHARGES = "id,amount,amount_refunded,currency,customer_id,created,status,livemode,receipt_email\n" + "".join(
    f"ch_{n},12500,0,usd,cus_{n},2026-03-0{n} 10:00:00,succeeded,true,a{n}@x.com\n" for n in range(1, 3)
)
ZONED = "user_id,event,time\nana,a,2026-05-01T10:00:00Z\n"
CLOCK = "user_id,event,time\nana,a,2026-05-01 10:00\n"
AS_CHARGES = "--as was not used: it is “Stripe · charges in a warehouse”."
DAYS = "user_id,event,time\nana,a,2026-05-01\n"
OPEN = "user_id,event,time\nana,a,03/04/2026 10:00\n"
SPEND = (
    "Campaign report\n1 September 2026 - 3 September 2026\n"
    "Day,Campaign,Currency code,Cost,Impr.,Clicks,Conversions\n2026-09-01,Brand,EUR,12.50,900,30,1.50\n"
)


@pytest.fixture
def prepared(tmp_path):
    """The one table of a file by these answers."""

    def made(content: str | bytes, name: str = "file.csv", **answers):
        path = tmp_path / "upload"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        (table,) = prepare(path, name, Answers(**answers))
        return table

    return made


def unused(table) -> list[str]:
    return [each.says for each in table.checkup if each.kind == "unused"]


@pytest.mark.parametrize(
    ("content", "answers", "says"),
    [
        (CHARGES, {"timezone": "America/New_York"}, "--timezone was not used: its times are known to be UTC."),
        (ZONED, {"timezone": "Europe/Berlin"}, "--timezone was not used: its times say their own zone."),
        (DAYS, {"timezone": "Europe/Berlin"}, "--timezone was not used: it holds days without a time of day."),
        (DAYS, {"midnight_is_a_day": True}, "--midnight-is-a-day was not used: no time of its first rows has a clock."),
        (CLOCK, {"dates": "dmy"}, "--dates was not used: no date of its first rows can be read in two orders."),
        (CLOCK, {"decimal": ","}, "--decimal was not used: no amount of its first rows needs it."),
        (CLOCK, {"epoch": "ms"}, "--epoch was not used: no time of its first rows is such a number."),
        (CHARGES, {"drop_duplicates": True}, "--drop-duplicates was not used: its rows have ids of their own."),
        (CHARGES, {"read_as": ("stripe.payments", "shopify.orders")}, AS_CHARGES),
    ],
)  # fmt: skip
def test_an_answer_without_effect_is_said(prepared, content, answers, says):
    assert unused(prepared(content, **answers)) == [says]
    assert unused(prepared(content)) == []


def test_a_file_without_lines_has_no_separator(prepared):
    found = prepared(good_parquet(), "log.parquet", delimiter=";", header_row=3)
    assert unused(found) == [
        "--delimiter was not used: such a file has no separators.",
        "--header-row was not used: such a file names its columns itself.",
    ]
    rows = [{"user_id": "ana", "event": "a", "time": "2026-05-01 10:00"}]
    assert len(unused(prepared(json.dumps(rows), "log.json", delimiter=";"))) == 1


@pytest.mark.parametrize(
    ("content", "answers"),
    [
        (CLOCK, {"timezone": "America/New_York", "delimiter": ",", "header_row": 1}),
        (CLOCK, {"midnight_is_a_day": True, "drop_duplicates": True, "source": "mine"}),
        (OPEN, {"dates": "mdy"}),
        (CLOCK.replace("2026-05-01 10:00", "1777888800"), {"epoch": "s"}),
        ('user_id,event,time,amount\nana,a,2026-05-01 10:00,"1,50"\n', {"decimal": ","}),
        (CHARGES, {"read_as": ("stripe.charges", "shopify.orders"), "map": {"customer": "customer_id"}}),
        (CLOCK, {"read_as": ("generic.events",)}),
    ],
)
def test_an_answer_that_counts_is_not_called_unused(prepared, content, answers):
    assert unused(prepared(content, **answers)) == []


def test_a_report_without_people_has_no_use_for_times_and_duplicates(prepared):
    found = prepared(SPEND, "ads.csv", timezone="Europe/Berlin", drop_duplicates=True)
    assert found.context is not None
    assert unused(found) == [
        "--timezone was not used: a report without people is kept by the day.",
        "--drop-duplicates was not used: a report without people is kept by the day.",
    ]
