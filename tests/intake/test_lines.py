"""Rows that are lines of orders: what is settled by itself, what is asked, and what the check-up says."""

from __future__ import annotations

import pytest

from journey_app.errors import BadChoice, UnknownName
from journey_app.intake.prepare import prepare
from journey_app.vocabulary import Answers
from tests.intake.conftest import dataset

LINES = """
    customer,basket_id,product,sales,time
    ana,7001,bread,2.50,2026-03-01 10:00
    ben,7002,milk,1.25,2026-03-01 10:00
    ana,7001,milk,1.25,2026-03-01 10:00
    ana,7003,eggs,3.00,2026-03-02 09:00
"""


def said(prepared, kind="orders"):
    return [seen for seen in prepared.checkup if seen.kind == kind]


def test_rows_of_one_order_name_it_and_the_check_up_counts_them(read):
    found = read(LINES)
    (about,) = said(found.prepared)
    assert about.says.startswith(
        "4 rows hold 3 different “basket_id”, each of one customer and one time, so the rows of one are one event."
    )
    assert about.fix.option == "--one-per" and about.fix.now == "basket_id" and "none" in about.fix.choices
    first, second, third, fourth = found.column("one_of")
    assert first == third and len({first, second, fourth}) == 3
    assert all(found.column("adds_up"))
    assert said(found.prepared, "of lines")[0].says == "Not kept, as they differ from row to row: “product”."
    assert found.column("properties")[0] == '{"basket_id":"7001"}'


def test_whoever_wants_every_row_gets_it_and_is_told(read):
    found = read(LINES, one_per="none")
    assert found.column("one_of") == [None] * 4 and '"product":"bread"' in found.column("properties")[0]
    (about,) = said(found.prepared)
    assert about.says.endswith("and every row is an event, since you said so.") and about.fix.now == "none"


def test_what_an_event_is_known_by_does_not_depend_on_the_answer(read):
    assert read(LINES).column("content_hash") == read(LINES, one_per="none").column("content_hash")


@pytest.mark.parametrize(
    "text",
    [
        # the id comes back at other times: steps of an order
        "customer,order_id,event,time\nana,1,placed,2026-03-01\nana,1,paid,2026-03-02\nana,2,placed,2026-03-03\n",
        # rows exactly alike are repeated rows, not lines
        "customer,order_id,sales,time\nana,1,5.00,2026-03-01\nana,1,5.00,2026-03-01\nben,2,4.00,2026-03-02\n",
        # a visit is no order
        "customer,visit_id,event,time\nana,1,view,2026-03-01\nana,1,view page,2026-03-01\nana,1,view,2026-03-01\n",
    ],
)
def test_what_is_no_line_of_an_order_is_left_alone(read, text):
    found = read(text)
    assert not said(found.prepared) and found.prepared.question is None
    assert len(set(found.column("one_of"))) in (1, len(set(found.column("event"))) + 1)


def test_an_order_at_several_times_is_asked_about(prepared):
    text = LINES + "    ana,7003,jam,2.00,2026-03-05 09:00\n"
    table = prepared(text)
    assert table.question.option == "--one-per" and set(table.question.answers) == {
        "basket_id",
        "basket_id@time",
        "none",
    }
    assert "once at another time" in table.question.what
    for told, rows in (("basket_id", True), ("none", False)):
        answered = prepared(text, one_per=told)
        assert answered.question is None and bool(answered._plan.one_per) is rows


def test_a_number_that_several_customers_have_is_asked_about(prepared):
    assert prepared(LINES + "    eve,7001,jam,2.00,2026-03-01 10:00\n").question.option == "--one-per"


def orders(amounts, lines=2, count=12):
    rows = [
        f"c{n},{n},p{k},{amounts(n, k)},2026-03-{n + 1:02d} 10:00" for n in range(count) for k in range(lines)
    ]
    return "\n".join(["customer,order_id,product,amount,time", *rows]) + "\n"


def test_an_amount_that_each_row_of_an_order_repeats_is_the_orders(read):
    found = read(orders(lambda n, k: 10 + n))
    assert not any(found.column("adds_up"))
    (about,) = said(found.prepared, "order amounts")
    assert about.says == "“amount” is taken once for each “order_id”, as all its rows say the same."
    assert read(orders(lambda n, k: 10 + n), amount_of="row").column("adds_up")[0]


def test_an_amount_in_the_first_row_only_is_the_orders(read):
    assert not any(read(orders(lambda n, k: "" if k else 10 + n)).column("adds_up"))


@pytest.mark.parametrize("text", [orders(lambda n, k: 10 + n, count=3), orders(lambda n, k: 5)])
def test_whose_amount_it_is_is_asked_where_too_few_rows_tell(prepared, text):
    assert prepared(text).question.option == "--amount-of"
    assert prepared(text, amount_of="order").question is None


def test_any_column_can_be_named_but_not_who_or_when(prepared):
    text = "customer,visit,event,time\nana,1,view,2026-03-01\nana,1,view,2026-03-02\n"
    (about,) = said(prepared(text, one_per="visit"))
    assert about.says.startswith(
        "2 rows hold 1 different “visit”; the rows of one are one event, since you said so"
    )
    with pytest.raises(BadChoice):
        prepared(text, one_per="customer")
    with pytest.raises(UnknownName):
        prepared(text, one_per="basket")


def test_rows_without_an_order_are_events_of_their_own(read):
    found = read(LINES + "    eve,,jam,2.00,2026-03-01 10:00\n    eve,4.0E+10,jam,2.00,2026-03-01 10:00\n")
    assert found.column("one_of")[4:] == [None, None]
    says = said(found.prepared)[0].says
    assert "1 row names none and is an event of its own." in says
    assert "1 row holds one that a spreadsheet rounded, 4.0E+10, and is an event of its own" in says


def test_of_a_large_file_whole_orders_are_looked_at(monkeypatch, prepared):
    monkeypatch.setattr("journey_app.intake.lines.MOST_ROWS", 40)
    (about,) = said(prepared(orders(lambda n, k: n + k, count=28, lines=3)))
    assert "(those looked at)" in about.says and "each of one customer and one time" in about.says


def test_ties_are_those_of_orders_and_repeated_rows_are_said(read):
    found = read(LINES + "    ana,7001,milk,1.25,2026-03-01 10:00\n    ben,7009,tea,2.00,2026-03-01 10:00\n")
    (ties,) = said(found.prepared, "ties")
    (alike,) = said(found.prepared, "duplicates")
    assert ties.count == 1 and alike.says.startswith(
        "1 row is exactly like an earlier one; they are kept and count"
    )


def test_an_answer_about_orders_is_said_to_be_unused_where_it_is(prepared):
    table = prepared("customer,event,time\nana,view,2026-03-01\n", amount_of="row")
    assert any(seen.says.startswith("--amount-of was not used") for seen in table.checkup)


def test_a_published_purchase_log_is_its_baskets():
    path = dataset("datasets/ecom_completejourney/transactions_sample.csv")
    (table,) = prepare(path, path.name, Answers())
    (about,) = said(table)
    # 40128000000 was written as 4.0128e+10
    assert about.says.startswith(
        "74,999 rows hold 47,242 different “basket_id”, each of one customer and one time"
    )
    assert " 1 row holds one that a spreadsheet rounded, 4.0128e+10, and is an event of its own" in about.says
    assert "names none" not in about.says


def test_order_seven_of_other_people_is_another_order(prepared):
    """Customers that are a log's own numbers are nobody of another log (decision 028), nor are their orders."""
    table = prepared(LINES)
    own, again = (
        table.kept_as("till", "product", (), ids=f"customer.{mark}") for mark in ("a1b2c3", "d4e5f6")
    )
    orders = [next(iter(each.chunks())).events["one_of"].to_pylist() for each in (table, own, again)]
    assert own.id_type == "customer.a1b2c3"
    assert not set(orders[0]) & set(orders[1]) and not set(orders[1]) & set(orders[2])
    assert [orders[0].count(one) for one in orders[0]] == [orders[1].count(one) for one in orders[1]]
