"""Text files as people really send them."""

import pytest

from journey_app.errors import BadFile, Question
from journey_app.intake.delimited import best_delimiter
from journey_app.intake.prepare import prepare
from journey_app.vocabulary import Answers
from tests.intake.conftest import dataset, outcome

LOG = "user_id,event,time\nana,visit,2026-05-01 10:00\nben,Café – 5 €,2026-05-01 11:00\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_usual_encoding_gives_the_same_events(read, codec):
    found = read(LOG.encode(codec))
    assert found.names() == ["visit", "Café – 5 €"]
    assert found.prepared.header == ("user_id", "event", "time")


def test_a_strange_character_far_down_still_decides_the_encoding(read):
    body = (
        "user_id,event,time\n" + "ana,visit,2026-05-01 10:00\n" * 40_000 + "ben,Grö\u00dfe,2026-05-01 11:00\n"
    )
    found = read(body.encode("cp1252"))
    assert found.names()[-1] == "Größe"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_every_usual_separator(read, mark):
    assert read(LOG.replace(",", mark)).names() == ["visit", "Café – 5 €"]


def test_the_separator_with_the_most_cells_wins_not_the_one_in_the_text():
    lines = ["id,tags,note\n", '1,a;b;c;d,"x, y; z"\n', "2,a;b;c;d,plain\n"]
    assert best_delimiter(lines) == ","


def test_a_sep_line_is_obeyed_and_left_out(read):
    assert read("sep=;\nuser_id;event;time\nana;visit, long;2026-05-01\n").names() == ["visit, long"]


def test_lines_above_the_header_are_left_out_and_said(read):
    found = read("""
        Activity report
        "April, all teams"

        user_id,event,time,plan
        ana,visit,2026-05-01 10:00,pro
    """)
    assert found.names() == ["visit"]
    assert found.events[0]["row"] == 5
    assert any("row 4" in note for note in found.prepared.notes)


def test_totals_and_remarks_at_the_end_are_left_out_and_counted(read):
    found = read("""
        user_id,event,time,amount
        ana,buy,2026-05-01 10:00,20
        total viewer,buy,2026-05-01 11:00,30
        Total,,,50

        "Copyright (c) Example, confidential"
    """)
    assert found.column("raw_ids") == [["user_id:ana"], ["user_id:total viewer"]]
    assert any(note.startswith("Totals and remarks") and "2" in note for note in found.prepared.notes)


@pytest.mark.parametrize(
    "who", ["gesamtschule-koeln", "Summe GmbH", "Total (Energies)", "Total", "Sum of Us"]
)
def test_a_last_customer_whose_name_reads_like_a_total_is_no_total(read, who):
    rows = "".join(f"u{day},buy,2026-05-0{day} 10:00,{day},x\n" for day in range(1, 6))
    full = read("user_id,event,time,amount,plan\n" + rows + f"{who},buy,2026-05-09 10:00,7,x\n")
    patchy = read("user_id,event,time,amount,plan\n" + rows + f"{who},buy,2026-05-09 10:00,,\n")
    for found in (full, patchy):
        assert found.column("raw_ids")[-1] == [f"user_id:{who}"]
        assert not any(note.startswith("Totals") for note in found.prepared.notes)


@pytest.mark.parametrize(
    "total", ["Total,,,15", "Grand Total (5 records),,,", "Summe,,,15", "Gesamtsumme,,,15"]
)
def test_a_sum_at_the_end_is_none_of_the_events(read, total):
    rows = "".join(f"u{day},buy,2026-05-0{day} 10:00,{day}\n" for day in range(1, 6))
    found = read("user_id,event,time,amount\n" + rows + total + "\n")
    assert len(found.events) == 5 and not found.rejects
    assert any(note.startswith("Totals and remarks") for note in found.prepared.notes)


def test_short_rows_are_filled_long_rows_rejected_empty_extras_ignored(read):
    found = read("""
        user_id,event,time,plan
        ana,visit,2026-05-01 10:00
        ben,visit,2026-05-01 10:00,pro,,
        cleo,visit,2026-05-01 10:00,pro,extra
    """)
    assert found.column("raw_ids") == [["user_id:ana"], ["user_id:ben"]]
    assert found.rejects == [(4, "plan", "5 cells where the header has 4")]
    assert found.rows == 3


def test_repeated_and_blank_names_are_told_apart(prepared):
    assert prepared(",event,event,user_id,time\n1,a,b,ana,2026-05-01\n").header == (
        "column 1",
        "event",
        "event (2)",
        "user_id",
        "time",
    )


def test_line_breaks_in_cells_and_old_mac_line_ends(read):
    assert read('user_id,event,time\r\nana,"one\r\ntwo",2026-05-01\r\n').names() == ["one two"]
    assert read("user_id,event,time\rana,visit,2026-05-01\rben,visit,2026-05-02\r").rows == 2


def test_nul_characters_are_removed(read):
    found = read(b"user_id,event,time\nan\0a,visit,2026-05-01\n")
    assert found.column("raw_ids") == [["user_id:ana"]]
    assert "NUL characters were removed." in found.prepared.notes


def test_row_numbers_are_those_of_a_spreadsheet(read):
    found = read('user_id,event,time\n\nana,"a\nb",2026-05-01\n,visit,2026-05-01\nben,visit,\n')
    assert [row for row, *_ in found.rejects] == [4, 5]
    assert found.column("row") == [3]


def test_blank_lines_between_the_header_and_the_rows_do_not_hide_them(read):
    found = read("user_id,event,time\n" + "\n" * 5000 + "ana,visit,2026-05-01\n" * 10)
    assert found.column("row") == list(range(5002, 5012))


def test_a_header_of_one_name_again_and_again_is_made_unique(prepared):
    header = prepared("event,event,event,time\na,b,c,2026-05-01\nd,e,f,2026-05-02\n").header
    assert header == ("event", "event (2)", "event (3)", "time")


def test_no_header_is_refused_with_what_to_do(prepared):
    with pytest.raises(BadFile, match="no row of column names"):
        prepared("4711,2026-05-01,12.5\n4712,2026-05-02,13.5\n")


CSV_SPECTRUM = [
    ("comma_in_quotes", {"address": "120 any st.", "city": "Anytown, WW"}),
    ("escaped_quotes", {"a": "1", "b": 'ha "ha" ha'}),
    ("json", {"val": '{"type": "Point", "coordinates": [102.0, 0.5]}'}),
    ("newlines_crlf", {"a": "1", "b": "2", "c": "3"}),
    ("quotes_and_newlines", {"a": "1", "b": 'ha \n"ha" \nha'}),
]


@pytest.mark.parametrize(("name", "expected"), CSV_SPECTRUM)
def test_csv_spectrum_cells_arrive_whole(name, expected):
    path = dataset(f"samples/csv_spectrum/{name}.csv")
    table = prepare(path, path.name, Answers())[0]
    assert expected.items() <= table.sample[0].items()
    assert "time" in table.missing


DIRTY = {
    "bom_semicolon_decimal_comma": [("Kauf", 1234.56), ("Besuch", 0.0)],
    "dmy_decided": [("a", None), ("b", None)],
    "epochs": [("a", None), ("b", None)],
    "excel_serial": [("a", None), ("b", None)],
    "iso_offset": [("a", None), ("b", None)],
    "latin1": [("Café", None), ("Größe", None)],
    "leading_zero_ids": [("a", None), ("b", None)],
    "mdy_ampm": [("a", None), ("b", None)],
    "merged_header_two_rows": [("Signup", None), ("Buy", 20.0)],
    "ragged": [("a", None)],
    "sep_line": [("a", None), ("b", None)],
    "tz_labels": [("a", None), ("b", None), ("c", None)],
}


@pytest.mark.parametrize("name", DIRTY)
def test_dirty_samples_read_right(name):
    path = dataset(f"samples/dirty_csv/{name}.csv")
    found = outcome(prepare(path, path.name, Answers())[0])
    assert [(e["event"], e["amount"]) for e in found.events] == DIRTY[name]


def test_the_ambiguous_sample_asks():
    path = dataset("samples/dirty_csv/ambiguous_dates.csv")
    table = prepare(path, path.name, Answers())[0]
    with pytest.raises(Question, match="03/04/2026"):
        table.insist()
