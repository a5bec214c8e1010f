"""A calendar file as RFC 5545 wants it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from journey_app.decide.dates import Appointment
from journey_app.ui.ics import calendar

MADE = datetime(2026, 5, 20, 9, 12, 3, tzinfo=UTC)
DAY = Appointment("sprint-1-week-1-live", date(2026, 5, 31), "Week 1 goes live", "Owner Ana")


def lines(*days, title="Northwind", scope="a1b2"):
    """Unfolded content lines, the way a reader sees them (§3.1)."""
    file = calendar(title, days, scope=scope, made_at=MADE)
    assert file.endswith(b"\r\n")
    return file.decode().replace("\r\n ", "").split("\r\n")[:-1]


def test_a_whole_day_ends_on_the_next_one():
    found = lines(DAY)
    assert found[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//journey_app//sprint//EN"]
    assert found[-1] == "END:VCALENDAR"
    assert "DTSTART;VALUE=DATE:20260531" in found
    assert "DTEND;VALUE=DATE:20260601" in found
    assert "DTSTAMP:20260520T091203Z" in found
    assert "UID:sprint-1-week-1-live@a1b2" in found
    assert found.count("BEGIN:VEVENT") == found.count("END:VEVENT") == 1


def test_what_people_typed_cannot_add_a_line_or_a_field():
    typed = "Ask; now, \\ or\r\nBEGIN:VALARM\nlater\x07\x00"
    found = lines(Appointment("n", date(2026, 5, 31), typed, typed))
    assert "SUMMARY:Ask\\; now\\, \\\\ or\\nBEGIN:VALARM\\nlater" in found
    assert not [line for line in found if line.startswith("BEGIN:VALARM")]


def test_long_lines_are_folded_at_75_octets_and_no_letter_is_cut():
    words = "Überprüfung der Einladung für 日本語 " * 12
    file = calendar("n", [Appointment("n", date(2026, 5, 31), words, "")], scope="s", made_at=MADE)
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    assert f"SUMMARY:{words}" in file.decode().replace("\r\n ", "")


def test_no_days_make_an_empty_calendar():
    assert "BEGIN:VEVENT" not in lines()
