"""What the check-up of a file says, and that nothing is read wrong in silence."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from journey_app.errors import BadChoice, BadFile, Question
from journey_app.intake import watch
from journey_app.intake.date_order import date_evidence
from journey_app.intake.prepare import prepare
from journey_app.intake.reading import _Evidence, _orders
from journey_app.vocabulary import SEVERITIES, Answers, Observation
from tests.intake.conftest import dataset, outcome

LOG = "user_id,event,time\n"


def seen(found, kind: str) -> list[Observation]:
    return [each for each in getattr(found, "prepared", found).checkup if each.kind == kind]


def said(found, kind: str) -> str:
    return " ".join(each.says for each in seen(found, kind))


def log(*rows: str, header: str = LOG) -> str:
    return header + "".join(f"{row}\n" for row in rows)


# ---------------------------------------------------------------- the four traps


def test_trap_a_report_with_an_odd_total_row_keeps_its_columns():
    for place, columns in (("samples/ga4", 2), ("samples/salesforce", 2)):
        for path in sorted(dataset(place).glob("*.csv")):
            try:
                tables = prepare(path, path.name, Answers())
            except BadFile as refused:  # an aggregated report, named for what it is
                assert "separator" not in refused.what
                continue
            assert all(len(table.header) > columns for table in tables), path.name


def test_trap_a_ragged_file_keeps_its_header_and_every_row_is_accounted_for():
    path = dataset("samples/dirty_csv/ragged.csv")
    found = outcome(prepare(path, path.name, Answers())[0])
    assert found.prepared.header == ("id", "event", "date") and found.rows == 3
    assert said(found, "short") == "Short rows, filled up with empty cells: 1."
    assert "1 row with more cells than the header, not used; the first is row 4." in said(found, "ragged")


def test_trap_an_ambiguous_date_is_asked():
    path = dataset("samples/dirty_csv/ambiguous_dates.csv")
    (asked,) = [o for o in prepare(path, path.name, Answers())[0].checkup if o.severity == "ask"]
    assert asked.fix and asked.fix.option == "--dates" and set(asked.fix.choices) == {"dmy", "mdy"}


def test_of_many_unusable_ids_all_are_counted_and_few_are_kept(prepared, monkeypatch):
    monkeypatch.setattr(watch, "MOST_JUNK", 5)
    rows = [f"{n}.5E+17,visit,2026-05-01" for n in range(1, 10)]
    rows += [f"a{n}\u0085b,visit,2026-05-02" for n in range(300)] + ["0,visit,2026-05-03"] * 7
    table = prepared("user_id,event,date\n" + "\n".join([*rows, *["ana,visit,2026-05-04"] * 90]) + "\n")
    found = outcome(table)
    assert len(found.events) == 90
    assert len(table._watched[0]._junk) == 5
    assert said(found, "junk").startswith("307 rows of nobody in particular")
    assert said(found, "damage").startswith("9 rows with an id that a spreadsheet rounded")


# ---------------------------------------------------------------- dates


def test_the_cell_that_settles_the_order_is_named(read):
    found = read(log("ana,a,03/04/2026", "ana,b,13/04/2026"))
    assert "as “13/04/2026” in row 3 proves" in said(found, "dates")


@pytest.mark.parametrize(
    ("dates", "orders"),
    [
        (["13-04-26", "12-05-26"], {"dmy", "ymd"}),
        (["26-04-13"], {"dmy", "ymd"}),
        (["03-04-05"], {"dmy", "mdy", "ymd"}),
    ],
)
def test_two_digit_years_that_fit_several_orders_are_asked(prepared, dates, orders):
    table = prepared(log(*(f"ana,e{n},{date}" for n, date in enumerate(dates))))
    assert table.question is not None and set(table.question.answers) == orders
    with pytest.raises(Question, match="--dates"):
        list(table.chunks())


def test_each_order_of_a_two_digit_year_reads_as_it_says(read):
    days = {
        order: read(log("ana,a,03-04-05"), dates=order).column("occurred_at")[0]
        for order in ("dmy", "mdy", "ymd")
    }
    assert {order: day.strftime("%Y-%m-%d") for order, day in days.items()} == {
        "dmy": "2005-04-03",
        "mdy": "2005-03-04",
        "ymd": "2003-04-05",
    }


def test_a_day_no_year_can_be_settles_a_two_digit_year(read):
    found = read(log("ana,a,04/13/26", "ana,b,05/06/26"))
    assert found.column("occurred_at")[1].strftime("%d.%m.%Y") == "06.05.2026"
    assert "as “04/13/26” in row 2 proves" in said(found, "dates")


def test_days_that_change_beside_years_that_do_not_are_a_stated_reading(read):
    found = read(log(*(f"ana,e,{day:02d}-04-26" for day in range(10, 31))))
    assert "since otherwise its days would be the years" in said(found, "dates")
    assert [o.severity for o in seen(found, "dates")] == ["note"]


def test_another_column_settles_what_one_leaves_open():
    open_, proven = (date_evidence(pa.array([date])) for date in ("03/04/2026", "25/04/2026"))
    assert orders_of({0: open_, 1: proven}) == {0: "dmy", 1: "dmy"}
    months = date_evidence(pa.array(["04/25/2026"]))
    assert orders_of({0: open_, 1: proven, 2: months}) == {0: None, 1: "dmy", 2: "mdy"}


def test_a_contradiction_far_down_stops_the_reading_and_asks(prepared):
    rows = [*["ana,a,13/04/2026"] * 150_000, "ben,b,04/13/2026"]
    table = prepared(log(*rows))
    assert table.question is None
    with pytest.raises(Question, match=r"further down.*“04/13/2026” in row 150,002"):
        list(table.chunks())


# ---------------------------------------------------------------- quotation, short rows


def test_a_quoted_cell_that_first_comes_late_is_read_whole(read):
    found = read(log(*["ana,visit,2026-05-01"] * 6000, 'ben,"pay, then ""go""",2026-05-02'))
    assert found.names()[-1] == 'pay, then "go"' and found.rejects == []


def test_spaces_before_quotation_marks_and_backslashes_within_are_understood(read):
    found = read('user_id, event, time\nana, "one, \\"two\\" three", 2026-05-01\n')
    assert found.names() == ['one, "two" three']
    assert len(seen(found, "quotes")) == 2


# ---------------------------------------------------------------- header and layout


def test_names_repeated_under_groups_carry_their_group(prepared):
    table = prepared(
        "Person,,Erst,,Zuletzt,\nuser_id,event,date,kanal,date,kanal\nana,a,2026-05-01,x,2026-05-02,y\n"
    )
    assert table.header == (
        "user_id",
        "event",
        "Erst / date",
        "Erst / kanal",
        "Zuletzt / date",
        "Zuletzt / kanal",
    )
    assert seen(table, "groups")[0].brief == "two header rows"


def test_a_person_names_the_header_row_or_that_there_is_none(prepared):
    text = "Art,Stand,Jahr\nuser_id,event,time\nana,a,2026-05-01\n"
    assert prepared(text).header == ("Art", "Stand", "Jahr")
    assert prepared(text, header_row=2).header == ("user_id", "event", "time")
    bare = prepared("4711,a,2026-05-01\n4712,b,2026-05-02\n", header_row=0, map={"customer": "column 1"})
    assert bare.header == ("column 1", "column 2", "column 3") and len(list(bare.sample)) == 2
    with pytest.raises(BadChoice, match="Row 9"):
        prepared(text, header_row=9)


def test_a_row_of_data_is_not_taken_for_the_header_below_others(prepared):
    with pytest.raises(BadFile, match="--header-row 0"):
        prepared("id,1,2,3\nname,germany,france,spain\npopulation,83,66,47\n")


def test_a_person_names_the_separator(prepared):
    text = "user_id;event,x;time\nana;a,b;2026-05-01\n"
    assert prepared(text, delimiter=",").header == ("user_id;event", "x;time")
    with pytest.raises(BadChoice, match="cannot separate"):
        prepared(text, delimiter="#")


# ---------------------------------------------------------------- amounts


def orders_of(dates):
    return dict(_orders(_Evidence(dates), None).by_column)


def amounts(read, *cells: str, **answers) -> list[float | None]:
    rows = [f'ana,buy,2026-05-0{n},"{cell}"' for n, cell in enumerate(cells, 1)]
    found = read(log(*rows, header="user_id,event,time,amount\n"), map={"amount": "amount"}, **answers)
    return [event["amount"] for event in found.events]


def test_nothing_written_is_missing_and_never_nought(read):
    assert amounts(read, "-", "--", "n/a", "(not set)", "< 10%", "0.00") == [None] * 5 + [0.0]


def test_amounts_as_countries_write_them(read):
    written = ("(12.00)", "12.00-", "1\u00a0234.50", "1\u202f234.50", "1'234.50")
    assert amounts(read, *written) == [-12.0, -12.0, 1234.5, 1234.5, 1234.5]


def test_an_amount_that_proves_the_other_mark_is_left_out_not_multiplied(read):
    found = read('user_id,event,time,amount\nana,a,2026-05-01,12.50\nana,b,2026-05-02,"12,50"\n')
    assert found.column("amount") == [12.5, None]
    (fault,) = seen(found, "decimal")
    assert fault.severity == "fault" and "“12.50” in row 2 but “12,50” in row 3" in fault.says


def test_a_person_names_the_decimal_mark(read):
    assert amounts(read, "1,234", "2,500") == [1234.0, 2500.0]
    assert amounts(read, "1,234", "2,500", decimal=",") == [1.234, 2.5]


# ---------------------------------------------------------------- times


def test_numbers_say_what_they_count_and_a_person_may_say_otherwise(read):
    text = log("ana,a,1787734800", "ana,b,1787734801")
    assert "1787734800 is 26 Aug 2026, 09:00:00 UTC" in said(read(text), "epoch")
    assert read(text, epoch="ms").rejects[0][2] == "the time is outside 1990 to 2100"


def test_days_of_excel_may_count_from_1904(read):
    text = log("ana,a,44804", header="user_id,event,date\n")
    assert read(text).column("occurred_at")[0].strftime("%Y-%m-%d") == "2022-08-31"
    found = read(text, epoch="excel1904")
    assert found.column("occurred_at")[0].strftime("%Y-%m-%d") == "2026-09-01"
    assert "counted from 1904" in said(found, "serials")


def test_numbers_a_spreadsheet_rounded_are_refused_by_name(prepared, read):
    table = prepared(log("ana,a,1.60261E+12", "ben,b,1.60261E+12"))
    assert "time" in table.missing and "a spreadsheet rounded, such as 1.60261E+12" in said(table, "damage")
    with pytest.raises(BadFile, match="many customers have become one"):
        prepared(log(*["1.23457E+17,a,2026-05-01"] * 3), map={"customer": "user_id"})
    found = read(log("1.23457E+17,a,2026-05-01", *["ana,a,2026-05-01"] * 9))
    assert len(found.events) == 9 and "rounded, such as 1.23457E+17" in said(found, "damage")


def test_many_times_at_midnight_or_noon_are_said_and_midnight_may_be_a_day(read):
    rows = [f"u{n},a,2026-05-01 {h}:00" for h in ("00", "12", "09") for n in range(10)]
    found = read(log(*rows))
    assert "10 of 30 times are exactly 00:00" in said(found, "midnight")
    assert "10 of 30 times are exactly 12:00" in said(found, "noon")
    told = read(log(*rows), midnight_is_a_day=True)
    assert sum(told.column("day_only")) == 10 and "since you said so" in said(told, "midnight")


def test_times_with_and_without_a_zone_are_counted(read):
    found = read(log("ana,a,2026-05-01 10:00Z", "ana,b,2026-05-01 10:00"), timezone="Europe/Berlin")
    assert "1 times name their zone and 1 do not; those are read as Europe/Berlin" in said(found, "zones")


def test_what_lies_in_the_future_is_said_for_a_given_now(read):
    table = read(log("ana,a,2026-05-01 10:00", "ana,b,2027-05-01 10:00")).prepared
    now = datetime(2026, 6, 1, tzinfo=UTC)
    assert "1 event lies in the future, the last on 1 May 2027" in table.ahead_of(now)[0].says
    assert table.ahead_of(datetime(2028, 1, 1, tzinfo=UTC)) == ()


# ---------------------------------------------------------------- who, and how often


def test_junk_ids_are_counted_by_value(read):
    found = read(log(*["unknown,a,2026-05-01"] * 3, "0,a,2026-05-01", ",a,2026-05-01", "ana,a,2026-05-01"))
    assert "“unknown” 3 times, “0” 1 times" in said(found, "junk")
    assert "1 row without a customer id is not used." in said(found, "ids")


def test_rows_exactly_alike_are_kept_counted_and_dropped_only_when_told(read):
    text = log(*["ana,a,2026-05-01 10:00"] * 3, "ana,b,2026-05-01 10:00")
    found = read(text)
    assert "2 events are exactly like an earlier one; they are kept" in said(found, "duplicates")
    assert "1 event share customer and time" in said(found, "ties")
    assert set(found.column("event_id")) == {None}
    once = read(text, drop_duplicates=True)
    ids = once.column("event_id")
    assert ids[0] == ids[1] == ids[2] == f"{once.column('content_hash')[0]}#1" and ids[3] != ids[0]


def test_a_table_as_long_as_a_spreadsheet_can_be_is_cut_off():
    from journey_app.intake.plan import Plan
    from journey_app.intake.watch import EXCEL_ROWS, Watch

    watch = Watch(Plan("s", "product", 1), ("a",), drops_duplicates=False)
    watch.rows = EXCEL_ROWS - 1
    watch.close()
    assert [o.kind for o in watch.observations()] == ["cut"]


def test_columns_of_one_value_are_said(read):
    found = read(log(*[f"u{n},a,2026-05-01,pro," for n in range(30)], header="user_id,event,time,plan,x\n"))
    assert "“plan” is always “pro”" in said(found, "constant") and "x" in said(found, "empty")


def test_every_observation_is_plain_and_has_a_known_severity(read):
    found = read(log("00012,Café,03.04.2026 10:00", "00013,b,13.04.2026 11:00").encode("cp1252"))
    assert {o.severity for o in found.prepared.checkup} <= set(SEVERITIES)
    assert seen(found, "encoding")[0].brief == "Windows-1252"
    assert "zeros in front, such as 00012" in said(found, "ids")
    assert "times are read as UTC, since it is the workspace's zone" in said(found, "zone")


# ---------------------------------------------------------------- fixed width


def test_the_purchases_of_cdnow_arrive_exactly():
    path = dataset("datasets/retention_cdnow/CDNOW_master.txt")
    told = Answers(map={"customer": "customer_id", "time": "date", "event": "=Purchase"})
    customers, events, amount = set(), 0, 0.0
    table = prepare(path, path.name, told)[0]
    for chunk in table.chunks():
        events += chunk.events.num_rows
        customers.update(ids[0] for ids in chunk.events["raw_ids"].to_pylist())
        amount += sum(chunk.events["amount"].to_pylist())
    assert (events, len(customers), round(amount, 2)) == (69_659, 23_570, 2_500_315.63)
    assert seen(table, "duplicates")[0].count == 255


def test_fixed_width_without_names_is_named_by_place_and_asks():
    path = dataset("datasets/retention_cdnow/CDNOW_sample.txt")
    table = prepare(path, path.name, Answers())[0]
    assert table.header == tuple(f"column {n}" for n in range(1, 6)) and table.missing
    told = {"customer": "column 1", "time": "column 3", "amount": "column 5", "event": "=Purchase"}
    found = outcome(prepare(path, path.name, Answers(map=told))[0])
    assert len(found.events) == 6919 and round(sum(found.column("amount")), 2) == 244_091.94


def test_a_line_that_crosses_a_border_is_left_out_and_counted(read):
    rows = [f" {n:05d}  Kauf   202601{n % 28 + 1:02d}  {n % 10}1.50" for n in range(500)]
    text = "\n".join([" kunde  was    datum     betrag", *rows, " 0000912Kauf   20260109   1.50", ""])
    found = read(text, map={"customer": "kunde", "event": "was", "time": "datum"})
    assert len(found.events) == 500 and found.column("amount")[1] == 11.5
    assert "the first of them row 502" in said(found, "crossed")
    assert seen(found, "crossed")[0].severity == "fault"


def test_prose_is_no_table(prepared):
    with pytest.raises(BadFile, match="no separator"):
        prepared("\n".join("the quick brown fox jumps over it and rests"[n:] for n in range(12)))
