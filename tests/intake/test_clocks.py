"""Are a date and a time of day in two columns read as one moment, and may a person say otherwise?"""

import io
from datetime import date, time

import openpyxl
import pytest


def log(names: str, *rows: str) -> str:
    return "\n".join([names, *rows]) + "\n"


def said(found) -> str:
    table = getattr(found, "prepared", found)
    return " ".join(each.says for each in table.checkup if each.kind == "clock")


def moments(found) -> list[str]:
    return [at.strftime("%Y-%m-%d %H:%M:%S") for at in found.column("occurred_at")]


@pytest.mark.parametrize(
    ("names", "rows", "joined"),
    [
        ("user_id,event,date,time", ("ana,a,2026-03-01,10:01", "ana,b,2026-03-01,9:02"), "date + time"),
        (
            "user_id,event,Datum,Uhrzeit",
            ("ana,a,01.03.2026,10:01", "ana,b,01.03.2026,09:02"),
            "Datum + Uhrzeit",
        ),
        ("user_id,event,day,hour", ("ana,a,03/01/2026,10:01 AM", "ana,b,03/01/2026,9:02 AM"), "day + hour"),
        (
            "user_id,event,when,at what",
            ("ana,a,2026-03-01,10:01", "ana,b,2026-03-01,09:02"),
            "when + at what",
        ),
    ],
)
def test_a_day_and_the_clock_beside_it_are_one_time(read, names, rows, joined):
    found = read(log(names, *rows), dates="mdy" if "/" in rows[0] else None)
    assert found.prepared.mapping["time"] == joined
    assert len(found.events) == 2 and not any(found.column("day_only"))
    assert {at[11:16] for at in moments(found)} == {"10:01", "09:02"}
    assert {event["properties"] for event in found.events} == {"{}"}
    day, clock = names.split(",")[2:]
    assert f"“{day}” and “{clock}” are read together as one time" in said(found)
    assert f"name “{day}” as the time (under “Change mapping”, or --map time={day})" in said(found)


def test_a_person_may_take_the_days_alone_and_the_two_again(read):
    text = log("user_id,event,date,time", "ana,a,2026-03-01,10:01")
    days = read(text, map={"time": "date"})
    assert days.column("day_only") == [True] and "name “date + time” as the time" in said(days)
    assert "under “Change mapping”, or --map time=“date + time”" in said(days)
    assert days.events[0]["properties"] == '{"time":"10:01"}'
    assert moments(read(text, map={"time": "date + time"})) == ["2026-03-01 10:01:00"]


def test_a_day_whose_clock_is_empty_or_odd_stays_a_day(read):
    rows = [f"ana,a,2026-03-01,10:{n:02d}" for n in range(40)]
    found = read(log("user_id,event,date,time", *rows, "ana,b,2026-03-02,", "ana,c,2026-03-03,noon"))
    assert found.rejects == [] and found.column("day_only")[-2:] == [True, True]


def test_days_and_clocks_of_a_workbook_are_joined(read):
    book = openpyxl.Workbook()
    for row in (["user_id", "event", "date", "time"], ["ana", "a", date(2026, 3, 1), time(10, 1)]):
        book.active.append(row)
    into = io.BytesIO()
    book.save(into)
    assert moments(read(into.getvalue(), "log.xlsx")) == ["2026-03-01 10:01:00"]


@pytest.mark.parametrize(
    "names",
    ["start_date,start_time,end_date,end_time", "shift date,opening time,other date,closing time"],
)
def test_of_several_clocks_none_is_joined_and_that_is_said(prepared, names):
    found = prepared(
        log(f"user_id,event,{names}", "ana,a,2026-03-01,10:01,2026-03-02,11:01"), map={"event": "event"}
    )
    _, clock, _, other = names.split(",")
    assert f"“{clock}” and “{other}” hold times of day" in said(found) and "one column" in said(found)


def test_a_log_with_one_whole_time_says_nothing_of_clocks(read):
    found = read(log("user_id,event,time,opens", "ana,a,2026-03-01 10:01,09:00"))
    assert said(found) == "" and moments(found) == ["2026-03-01 10:01:00"]
