"""The rows of one order are one event, wherever they stand, and whatever comes again comes once."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journey_app.errors import BadChoice, Question
from journey_app.intake.contract import Answers
from journey_app.workspace.forgetting import forget
from journey_app.workspace.importing import undo
from journey_app.workspace.previewing import previews_of
from tests.workspace.conftest import NOW, preview_files

HEADER = "customer,email,basket_id,product,sales,time\n"
ORDERS = {
    "7001": ["ana,,7001,bread,2.50,2026-03-01 10:00", "ana,ana@x.org,7001,milk,1.25,2026-03-01 10:00"],
    "7002": ["ben,ben@x.org,7002,milk,1.25,2026-03-01 11:00"],
    "7003": ["ana,,7003,eggs,3.10,2026-03-02 09:00", "ana,,7003,jam,2.20,2026-03-02 09:00"],
}


def log(*rows: str) -> str:
    return HEADER + "".join(f"{row}\n" for row in rows)


def in_turns() -> list[str]:
    """The rows of all orders, those of one order apart from each other."""
    most = max(map(len, ORDERS.values()))
    return [rows[n] for n in range(most) for rows in ORDERS.values() if n < len(rows)]


def events(space):
    found = space.events()
    columns = found.table.select("occurred_at", "amount", "properties")
    return sorted(found.run(columns).to_pylist(), key=lambda row: (row["occurred_at"], row["amount"] or 0))


def test_rows_apart_are_one_event_with_their_sum(space, put):
    imported = put(space, log(*in_turns()))
    assert (imported.files[0].rows, imported.files[0].events, imported.events) == (5, 3, 3)
    first, second, third = events(space)
    assert [each["amount"] for each in (first, second, third)] == [3.75, 1.25, 5.3]
    (kept,) = space.batches()
    ids = pq.read_table(space.batch_files.events_file(kept.doc_id))["raw_ids"].to_pylist()
    assert ["user_id:ana", "email:ana@x.org"] in ids  # one row of the order names the address
    assert first["properties"] == '{"basket_id":"7001"}'


def test_chunks_may_part_an_order(space, put, monkeypatch):
    monkeypatch.setattr("journey_app.intake.raw.ROWS_AT_ONCE", 1)
    table = [*in_turns()]
    monkeypatch.setattr("journey_app.engine.batches.ROWS_AT_ONCE", 1)
    assert put(space, log(*table)).events == 3


@pytest.mark.parametrize(
    "told", [{}, {"one_per": "basket_id"}, {"one_per": "basket_id", "drop_duplicates": True}]
)
def test_the_same_rows_in_another_order_bring_nothing_twice(space, put, told):
    put(space, log(*in_turns()))
    again = put(space, log(*reversed(in_turns())), "again.csv", answers=Answers(**told), recipes=False)
    assert again.events == 3 and again.files[0].already_there == 3 and again.files[0].events == 0


def test_a_file_that_cuts_an_order_knows_it_again_and_says_that_its_amount_differs(space, put):
    put(space, log(*in_turns()))
    cut = put(space, log(ORDERS["7003"][1], "eve,,7004,tea,2.00,2026-03-03 09:00"), "log_next.csv")
    assert (cut.events, cut.files[0].already_there) == (4, 1)
    assert any("1 order is here already with another amount" in note for note in cut.files[0].notes)
    assert events(space)[2]["amount"] == 5.3


def test_the_whole_order_is_known_again_where_its_half_was_first(space, put):
    put(space, log(ORDERS["7003"][1], *ORDERS["7002"]))
    whole = put(space, log(*in_turns()), "log_next.csv")
    assert whole.events == 3 and any("another amount" in note for note in whole.files[0].notes)
    third = put(space, log(*reversed(in_turns())), "log_later.csv")
    assert third.events == 3 and third.files[0].events == 0


@pytest.mark.parametrize(
    ("first", "then"), [("none", None), (None, "none"), ("none", "basket_id"), ("basket_id", "none")]
)
def test_the_other_reading_is_refused_and_leaves_nothing(space, put, first, then):
    held = put(space, log(*in_turns()), answers=Answers(one_per=first), recipes=False).events
    for name in ("log.csv", "log_next.csv"):
        with pytest.raises(BadChoice, match="count twice"):
            put(space, log(*reversed(in_turns())), name, answers=Answers(one_per=then), recipes=False)
    assert len(events(space)) == held and len(space.batches()) == 1
    assert len(list((space.folder / "batches").glob("*"))) == (2 if first == "none" else 3)


def test_after_the_first_import_is_taken_back_the_other_reading_is_welcome(space, put):
    batch = put(space, log(*in_turns()), answers=Answers(one_per="none"), recipes=False).files[0].batch
    undo(space, batch, author="ana", now=NOW)
    assert put(space, log(*in_turns()), recipes=False).events == 3


def test_an_answer_is_kept_for_the_next_file(space, put):
    assert put(space, log(*in_turns()), answers=Answers(one_per="none")).events == 5
    more = put(
        space,
        log("eve,,7009,tea,2.00,2026-03-03 09:00", "eve,,7009,jam,1.00,2026-03-03 09:00"),
        "log_next.csv",
    )
    assert more.events == 7


def test_an_order_of_one_row_is_known_however_it_is_read(space, put):
    put(space, log(*ORDERS["7002"]), answers=Answers(one_per="none"), recipes=False)
    assert put(space, log(*in_turns()), "log_next.csv", recipes=False).events == 3


def test_an_amount_is_unknown_where_a_row_has_none_or_another_currency(space, put):
    rows = ["customer,basket_id,product,sales,currency,time"]
    rows += [f"c{n},{n},p{k},{n + k + 0.5},EUR,2026-03-{n:02d} 10:00" for n in range(1, 6) for k in range(2)]
    rows += ["ana,90,a,1.00,EUR,2026-03-11 10:00", "ana,90,b,,EUR,2026-03-11 10:00"]
    rows += ["ana,91,a,1.00,EUR,2026-03-12 10:00", "ana,91,b,2.00,USD,2026-03-12 10:00"]
    put(space, "\n".join(rows) + "\n")
    assert [each["amount"] for each in events(space)][-2:] == [None, None]


def test_nothing_is_of_any_currency_and_a_row_that_names_none_is_in_that_of_the_others(space, put):
    rows = ["customer,basket_id,product,sales,time"]
    free = ("0", "0.00", "2.00", "€ 0")
    rows += [f"c{n},{n},shirt,€ {n}.50,2026-03-{n:02d} 10:00" for n in range(1, 13)]
    rows += [f"c{n},{n},wrap,{free[n % 4]},2026-03-{n:02d} 10:00" for n in range(1, 13)]
    put(space, "\n".join(rows) + "\n")
    found = space.events()
    told = found.run(found.table.order_by("occurred_at").select("amount", "currency")).to_pylist()
    assert [row["amount"] for row in told] == [n + 0.5 + 2 * (n % 4 == 2) for n in range(1, 13)]
    assert {row["currency"] for row in told} == {"EUR"}


def test_an_amount_of_the_order_is_taken_once(space, put):
    rows = ["customer,order_id,product,amount,time"]
    rows += [f"c{n},{n},p{k},{n + 10},2026-03-{n:02d} 10:00" for n in range(1, 13) for k in range(3)]
    put(space, "\n".join(rows) + "\n")
    assert [each["amount"] for each in events(space)] == [float(n + 10) for n in range(1, 13)]


def test_the_preview_shows_orders(space, tmp_path):
    file = tmp_path / "log.csv"
    file.write_text(log(*in_turns()))
    (preview,) = previews_of(space, [(file, "log.csv")])
    assert [each.amount for each in preview.newest] == [5.3, 1.25, 3.75]
    assert preview_files(space, [(file, "log.csv")])[0].events == 3


def test_whoever_is_forgotten_is_out_of_the_orders_too(space, put):
    put(space, log(*in_turns()))
    forget(space, "ben", author="ana", now=NOW)
    (held,) = space.batches()
    assert pq.read_table(space.batch_files.orders_file(held.doc_id)).num_rows == 2
    again = put(space, log(*reversed(in_turns())), "log_next.csv")
    assert again.events == 2 and again.files[0].events == 0


def test_a_number_that_is_used_again_at_another_time_is_another_order(space, put):
    put(space, log(*in_turns()))
    later = [row.replace("2026-03", "2025-03") for row in in_turns()]
    again = put(space, log(*later), "log_2025.csv")
    assert (again.events, again.files[0].events) == (6, 3) and not any(
        "another amount" in note for note in again.files[0].notes
    )
    assert [each["amount"] for each in events(space)] == [3.75, 1.25, 5.3] * 2
    both = log(*reversed(later), *in_turns())
    answers = Answers(one_per="basket_id@time")
    assert put(space, both, "log_both.csv", answers=answers, recipes=False).files[0].events == 0


def test_one_file_whose_numbers_are_used_again_is_asked_about_and_read_by_their_times(space, put):
    later = [row.replace("2026-03", "2025-03") for row in in_turns()]
    with pytest.raises(Question) as asked:
        put(space, log(*later, *in_turns()))
    assert list(asked.value.answers) == ["basket_id", "basket_id@time", "none"]
    read = put(space, log(*later, *in_turns()), answers=Answers(one_per="basket_id@time"))
    assert [each["amount"] for each in events(space)] == [3.75, 1.25, 5.3] * 2
    assert any("hold 6 different “basket_id” and times" in note for note in read.files[0].notes)
    more = put(space, log(*(row.replace("2026-03", "2025-05") for row in in_turns())), "log_may.csv")
    assert more.events == 9, "remembered for the next file"


def test_a_number_that_a_person_reads_as_one_order_is_used_again_a_quarter_apart(space, put):
    one = {"answers": Answers(one_per="basket_id"), "recipes": False}
    put(space, log(*in_turns()), **one)
    soon = put(space, log(ORDERS["7003"][0].replace("03-02", "03-09")), "log_soon.csv", **one)
    assert soon.files[0].already_there == 1, "a week later it is added to"
    later = put(
        space, log(*(row.replace("2026-03", "2025-09") for row in in_turns())), "log_later.csv", **one
    )
    assert (later.events, later.files[0].events) == (6, 3)


def test_orders_taken_for_those_of_another_day_are_said(space, put):
    one = {"answers": Answers(one_per="basket_id"), "recipes": False}
    put(space, log(*in_turns()), **one)
    other = put(space, log(*(row.replace("2026-03", "2026-02") for row in in_turns())), "log_feb.csv", **one)
    assert (other.files[0].events, other.files[0].already_there) == (0, 3)
    assert any("3 orders were taken for orders of another day" in note for note in other.files[0].notes)
    same = put(space, log(*reversed(in_turns())), "log_march.csv", **one)
    assert not any("another day" in note for note in same.files[0].notes)


def test_a_year_in_one_file_is_read_as_in_two(space, put):
    later = [row.replace("2026-03", "2025-03") for row in in_turns()]
    put(space, log(*later, *in_turns()), answers=Answers(one_per="basket_id"), recipes=False)
    assert [each["amount"] for each in events(space)] == [3.75, 1.25, 5.3] * 2


SHOP = "Order No,Email,Date,Total\n"


@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("less", ["%Y-%m-%d %H:%M", "%Y-%m-%d"])
@pytest.mark.parametrize("exact_first", [True, False])
def test_an_order_is_known_again_however_exactly_its_time_is_told(space, put, lines, less, exact_first):
    def rows(count, form):
        at = [datetime(2025, 3, 1 + n % 28, 10 + n // 28, n % 60, 7) for n in range(count)]
        return SHOP + "".join(
            f"{3000 + n},p{n}@x.org,{at[n].strftime(form)},{n}.{line}0\n"
            for n in range(count)
            for line in range(lines)
        )

    exact = "%Y-%m-%d %H:%M:%S"
    first, then = (exact, less) if exact_first else (less, exact)
    put(space, rows(40, first), "orders.csv")
    again = put(space, rows(60, then), "orders.csv")
    assert (again.files[0].events, again.events) == (20, 60)


def test_another_shop_with_the_same_numbers_and_customers_is_a_source_of_its_own(space, put):
    put(space, log(*in_turns()), "north.csv")
    south = put(space, log(*(row.replace("2026-03", "2026-01") for row in in_turns())), "south.csv")
    assert south.events == 6 and [kept.body["source"] for kept in space.batches()] == ["north", "south"]


def test_an_order_that_was_stored_before_times_told_orders_apart_is_known_again(space, put):
    """Its id is a hash of customer, event and number alone."""
    put(space, log(*in_turns()))
    (kept,) = space.batches()
    for file in (space.batch_files.events_file(kept.doc_id), space.batch_files.orders_file(kept.doc_id)):
        held = pq.read_table(file)
        ids = pa.array([each.split("@")[0] for each in held["event_id"].to_pylist()])
        assert ids != held["event_id"].combine_chunks()
        pq.write_table(held.set_column(held.column_names.index("event_id"), "event_id", ids), file)
    again = put(space, log(*reversed(in_turns())), "again.csv")
    assert again.files[0].events == 0 and again.files[0].already_there == 3


MANY = [
    f"c{n},,{n},{what},{n}.5{k},2026-03-{n:02d} 10:00" for n in range(1, 13) for k, what in enumerate("ab")
]


@pytest.mark.parametrize("spelled", ["#{}", "00{}"])
def test_the_same_orders_with_their_numbers_spelled_otherwise_are_refused(space, put, spelled):
    put(space, log(*MANY))
    columns = [row.split(",") for row in MANY]
    other = [",".join([*row[:2], spelled.format(row[2]), *row[3:]]) for row in columns]
    with pytest.raises(BadChoice, match="12 of the 12 new events"):
        put(space, log(*other), "log_april.csv")
    assert len(events(space)) == 12


def test_orders_whose_rows_are_here_without_their_numbers_are_refused(space, put):
    head = "customer,product,sales,time\n"
    rows = [row.split(",") for row in MANY]
    put(space, head + "".join(",".join([r[0], *r[3:]]) + "\n" for r in rows), "log_march.csv")
    with pytest.raises(BadChoice, match="count twice"):
        put(space, log(*MANY), "log_april.csv")


def test_the_same_file_with_its_amounts_read_otherwise_is_refused_and_not_remembered(space, put):
    put(space, log(*MANY))
    with pytest.raises(BadChoice, match="read otherwise: 12 of its orders would have another amount"):
        put(space, log(*MANY), answers=Answers(amount_of="order"))
    assert not any(recipe.body["answers"].get("amount_of") for recipe in space.store.list("recipe"))


def test_orders_by_another_column_are_refused_as_another_reading(space, put):
    head = "customer,basket_id,order_no,product,sales,time\n"
    rows = [f"c{n},{n},{n + 50},p{k},{n}.{k},2026-03-{n:02d} 10:00\n" for n in (1, 2) for k in (1, 2)]
    put(space, head + "".join(rows), answers=Answers(one_per="basket_id"), recipes=False)
    with pytest.raises(BadChoice, match="rows of its orders otherwise"):
        put(space, head + "".join(rows), "b.csv", answers=Answers(one_per="order_no"), recipes=False)


def test_the_preview_knows_orders_again_of_which_half_is_stored(space, put, tmp_path):
    put(space, log(ORDERS["7003"][1], *ORDERS["7002"]))
    file = tmp_path / "log_next.csv"
    file.write_text(log(*in_turns()))
    report = preview_files(space, [(file, file.name)])[0]
    assert (report.events, report.already_there) == (1, 2)


def test_rows_of_one_order_in_two_currencies_have_no_sum_and_that_is_said(space, put):
    head = "customer,basket_id,product,sales,time\n"
    rows = [
        f"c{n},{n},{p},{sign} {n}.{n}0,2026-03-{n:02d} 10:00\n"
        for n in range(1, 13)
        for p, sign in enumerate("€$")
    ]
    read = put(space, head + "".join(rows), answers=Answers(amount_of="row"))
    assert [each["amount"] for each in events(space)] == [None] * 12
    assert any("12 in EUR, 12 in $" in note for note in read.files[0].notes)
    again = put(space, head + "".join(reversed(rows)), "again.csv", answers=Answers(amount_of="row"))
    assert again.files[0].events == 0


def test_one_currency_beside_all_amounts_is_theirs(space, put):
    head = "user_id,event,amount,time\n"
    put(space, head + "".join(f'u{n},Bought,"{n},50 €",2026-03-{n:02d} 10:00\n' for n in range(1, 13)))
    found = space.events()
    told = found.run(found.table.select("amount", "currency")).to_pylist()
    assert {row["currency"] for row in told} == {"EUR"} and min(row["amount"] for row in told) == 1.5
