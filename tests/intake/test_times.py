"""When did it happen, whatever way the file writes it?"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from journey_app.errors import BadChoice, Question
from journey_app.intake.date_order import date_evidence
from journey_app.intake.prepare import prepare
from journey_app.intake.times import (
    DAMAGED,
    EMPTY,
    FINE,
    OUTSIDE,
    UNREADABLE,
    Reading,
    read_times,
)
from journey_app.vocabulary import Answers
from tests.intake.conftest import outcome

ZULU, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")


def utc(*parts):
    """A moment as the events contract holds it: UTC, without saying so."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


def moment(text, zone=ZULU, order="dmy", serials=False):
    times = read_times(pa.array([text], pa.string()), Reading(zone, zone, order, serials))
    assert times.state[0] == FINE, text
    return utc(1970, 1, 1) + timedelta(microseconds=int(times.micros[0])), bool(times.day_only[0])


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-04T10:00:00Z",
        "2026-05-04 10:00",
        "2026-05-04 12:00:00 +0200",
        "2026-05-04T12:00:00+02:00",
        "2026-05-04 10:00:00 UTC",
        "2026-05-04 10:00:00.000000",
        "2026-5-4 10:00",
        "2026/05/04 10:00:00",
        "04/05/2026 10:00",
        "04.05.2026 10:00:00",
        "4/5/26 10:00 AM",
        "4 May 2026 10:00",
        "May 4, 2026 10:00 AM",
        "04-May-2026 10:00",
        "2026-05-04 12:00 CEST",
        "04/05/2026 06:00 EDT",
        "May 4, 2026 3:00 AM PDT",
        "4. Mai 2026 10:00",
        "4 mai 2026 10:00",
        "4 de mayo de 2026 10:00",
        "4 maggio 2026 10:00",
        "4 mei 2026 10:00",
        "4 de maio de 2026 10:00",
        "20260504100000",
        "20260504T100000Z",
        "1777888800",
        "1777888800.0",
        "1777888800000",
        "1777888800000000",
        "1777888800000000000",
    ],
)
def test_one_moment_in_many_shapes(text):
    assert moment(text) == (utc(2026, 5, 4, 10), False)


@pytest.mark.parametrize(
    "text", ["2026-05-04", "20260504", "04/05/2026", "4 May 2026", "May 4th, 2026", "2026/5/4"]
)
def test_a_day_without_a_time_says_so(text):
    assert moment(text) == (utc(2026, 5, 4), True)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("1. M\u00e4rz 2026", 3),
        ("1. Ma\u0308rz 2026", 3),
        ("1er f\u00e9vrier 2026", 2),
        ("2 ao\u00fbt 2026", 8),
        ("2 juil. 2026", 7),
        ("2 juin 2026", 6),
        ("2. Dez. 2026", 12),
        ("2-ene-2026", 1),
        ("2 sett. 2026", 9),
        ("1\u00ba de mar\u00e7o de 2026", 3),
        ("2 mrt 2026", 3),
        ("Okt 2, 2026", 10),
    ],
)
def test_months_are_named_in_the_languages_of_reports(text, month):
    assert moment(text) == (utc(2026, month, int(text[0]) if text[0].isdigit() else 2), True)


@pytest.mark.parametrize("text", ["2 jui 2026", "2 Marketing 2026", "2 mayor 2026", "Set9 2, 2026"])
def test_a_word_that_names_no_month_or_two_is_none(text):
    assert read_times(pa.array([text]), Reading(ZULU, ZULU)).state[0] == UNREADABLE


@pytest.mark.parametrize("zone", ["IST", "BST", "AST", "CEDT"])
def test_a_zone_that_means_several_is_not_guessed(zone):
    assert read_times(pa.array([f"2026-05-04 10:00 {zone}"]), Reading(ZULU, ZULU)).state[0] == UNREADABLE


def test_times_that_name_a_zone_by_its_letters_say_so(read):
    found = read(
        "user_id,event,time\n" + "".join(f"u{n},visit,2026-03-0{n} 10:00 CET\n" for n in range(1, 8))
    )
    assert found.column("occurred_at")[0] == utc(2026, 3, 1, 9)
    assert "“time”: times say their own zone." in found.prepared.notes


def test_whole_days_with_german_months_are_days(read):
    found = read("user_id,event,datum\n" + "".join(f"u{n},Kauf,{n}. M\u00e4rz 2026\n" for n in range(1, 8)))
    assert all(found.column("day_only")) and found.column("occurred_at")[6] == utc(2026, 3, 7)


def test_excel_serials_count_only_where_the_column_is_a_date():
    assert moment("46266.4375", serials=True) == (utc(2026, 9, 1, 10, 30), False)
    assert moment("46266", serials=True) == (utc(2026, 9, 1), True)
    assert read_times(pa.array(["46266"]), Reading(ZULU, ZULU)).state[0] == UNREADABLE


def test_noon_and_midnight_of_a_twelve_hour_clock():
    assert moment("05/04/2026 12:00 AM", order="mdy")[0] == utc(2026, 5, 4, 0)
    assert moment("05/04/2026 12:30 PM", order="mdy")[0] == utc(2026, 5, 4, 12, 30)
    assert read_times(pa.array(["05/04/2026 13:30 PM"]), Reading(ZULU, ZULU, "mdy")).state[0] == UNREADABLE


@pytest.mark.parametrize(
    ("text", "order", "year"),
    [
        ("11.12.98", "dmy", 1998),
        ("11/12/99 10:00 AM", "mdy", 1999),
        ("98-12-11", "ymd", 1998),
        ("11.12.26", "dmy", 2026),
        ("11.12.68", "dmy", 2068),
    ],
)
def test_two_digits_of_a_year_are_those_of_posix(text, order, year):
    assert moment(text, order=order)[0].year == year


def test_years_of_the_last_century_are_said(read):
    found = read("user_id,event,date\n" + "".join(f"u{n},Order,{10 + n}.12.98\n" for n in range(1, 9)))
    assert {day.year for day in found.column("occurred_at")} == {1998}
    said = [note for note in found.prepared.notes if note.startswith("Years")]
    assert said == ["Years of two digits in “date” are read as 1969 to 2068, such as 98 as 1998."]
    assert not any(
        note.startswith("Years") for note in read("user_id,event,date\nana,Order,13.12.26\n").prepared.notes
    )


def test_skipped_and_doubled_hours_do_not_crash():
    assert moment("2026-03-29 02:30", BERLIN)[0] == utc(2026, 3, 29, 1)  # does not exist: the hour after
    assert moment("2026-10-25 02:30", BERLIN)[0] == utc(2026, 10, 25, 0, 30)  # twice: the first
    assert moment("2026-04-05 01:45", ZoneInfo("Australia/Lord_Howe"))[0] == utc(2026, 4, 4, 14, 45)
    assert moment("2026-07-01 12:00", ZoneInfo("Asia/Kathmandu"))[0] == utc(2026, 7, 1, 6, 15)


def test_what_is_no_time_has_a_state():
    values = pa.array(["soon", None, "1889-01-01", "2026-02-30", "2150-01-01", "1.60261E+12"])
    expected = [UNREADABLE, EMPTY, OUTSIDE, UNREADABLE, OUTSIDE, DAMAGED]
    assert read_times(values, Reading(ZULU, ZULU)).state.tolist() == expected


def test_a_zone_in_the_value_beats_every_other():
    times = read_times(pa.array(["2026-05-04 10:00", "2026-05-04 10:00Z"]), Reading(BERLIN, BERLIN))
    assert np.diff(times.micros).tolist() == [2 * 3600 * 10**6]


def test_evidence_of_day_and_month():
    assert date_evidence(pa.array(["03/04/2026", "13/04/2026"])).order == "dmy"
    assert date_evidence(pa.array(["03/04/2026", "04/13/2026"])).order == "mdy"
    assert date_evidence(pa.array(["03.04.2026"])).order == "dmy"
    assert date_evidence(pa.array(["03/04/2026 1:05 PM", "14/04/2026 1:05 PM"])).order == "dmy"
    assert date_evidence(pa.array(["03/04/2026"])).order is None
    assert date_evidence(pa.array(["13/04/2026", "04/13/2026"])).order is None
    assert date_evidence(pa.array(["05/05/2026"])).order is not None  # both readings are one day


AMBIGUOUS = "user_id,event,date\n" + "ana,visit,03/04/2026\n" * 3


def test_ambiguous_dates_are_asked_with_both_readings(prepared):
    table = prepared(AMBIGUOUS)
    assert table.question.option == "--dates"
    assert table.question.answers == {
        "dmy": "03/04/2026 is 3 April 2026",
        "mdy": "03/04/2026 is 4 March 2026",
    }
    with pytest.raises(Question, match="03/04/2026"):
        list(table.chunks())


def test_am_and_pm_settle_nothing_but_put_the_month_on_top(prepared):
    rows = "".join(f"u{n},visit,0{n}/0{n + 3}/2026 11:05 AM\n" for n in range(1, 6))
    table = prepared("user_id,event,time\n" + rows)
    assert table.question.what == "Is “01/04/2026 11:05 AM” in “time” written month first or day first?"
    assert list(table.question.answers) == ["mdy", "dmy"]
    proven = prepared("user_id,event,time\n" + rows + "u6,visit,14/04/2026 11:05 AM\n")
    assert proven.question is None


def test_an_answer_settles_it(read):
    assert read(AMBIGUOUS, dates="dmy").column("occurred_at")[0] == utc(2026, 4, 3)
    assert read(AMBIGUOUS, dates="mdy").column("occurred_at")[0] == utc(2026, 3, 4)
    with pytest.raises(BadChoice, match="dmy, mdy, ymd"):
        read(AMBIGUOUS, dates="ydm")


def test_one_clear_cell_anywhere_settles_the_whole_file(read):
    found = read(AMBIGUOUS + "ana,visit,03/04/2026\n" * 20_000 + "ben,visit,13/04/2026\n")
    assert found.column("occurred_at")[0] == utc(2026, 4, 3)
    assert any("“13/04/2026” in row 20,005 proves" in note for note in found.prepared.notes)


def test_contradicting_dates_are_asked_with_counts_and_then_rejected(prepared, read):
    text = "user_id,event,date\nana,a,13/04/2026\nana,b,04/13/2026\nana,c,04/14/2026\n"
    with pytest.raises(
        Question, match=r"1 date only fits day first .* in row 2.* and 2 dates only fit month first"
    ):
        prepared(text).insist()
    found = read(text, dates="mdy")
    assert found.names() == ["b", "c"]
    assert found.rejects == [(2, "date", "the time cannot be read")]


def test_zone_by_header_then_workspace(read):
    text = "user_id,event,{}\nana,visit,2026-01-05 10:00\n"
    assert read(text.format("time (UTC)"), timezone="Asia/Tokyo").column("occurred_at")[0].hour == 10
    assert read(text.format("time"), timezone="Asia/Tokyo").column("occurred_at")[0].hour == 1


def test_a_person_names_the_zone(tmp_path):
    path = tmp_path / "log"
    path.write_text("user_id,event,time\nana,visit,2026-01-05 10:00\n")
    table = prepare(path, "log.csv", Answers(timezone="Europe/Berlin"), timezone="Asia/Tokyo")[0]
    assert outcome(table).column("occurred_at")[0].hour == 9
    assert any("Europe/Berlin, since you said so" in note for note in table.notes)
    with pytest.raises(BadChoice, match="Europe/Berlin"):
        prepare(path, "log.csv", Answers(timezone="Berlin/Mitte"))


def test_a_day_stays_the_same_day_in_every_workspace(read):
    found = read("user_id,event,date\nana,visit,2026-05-04\n", timezone="America/New_York")
    assert found.events[0]["day_only"]
    assert found.events[0]["occurred_at"] == utc(2026, 5, 4, 4)  # midnight in New York


def test_only_midnights_in_the_whole_file_are_days(read):
    text = "user_id,event,time\n" + "ana,visit,2026-05-01 00:00:00+02:00\n" * 6000
    assert all(read(text).column("day_only"))
    assert not any(read(text + "ana,visit,2026-05-02 09:30:00+02:00\n").column("day_only"))


def test_numbers_too_large_for_any_clock_are_outside_not_an_error():
    texts = ["9223372036854775808", "9999999999999999999", "1777888800123456789"]
    found = read_times(pa.array(texts), Reading(ZULU, ZULU))
    assert found.state.tolist() == [OUTSIDE, OUTSIDE, FINE]
    assert found.micros[2] == 1_777_888_800_123_456
