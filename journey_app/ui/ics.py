"""Days as a calendar file that any calendar reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from journey_app.decide.dates import Appointment

LINE = 75  # octets; a longer line goes on after CRLF and a space
PRODUCT = "-//journey_app//sprint//EN"


def calendar(title: str, days: Sequence[Appointment], *, scope: str, made_at: datetime) -> bytes:
    """Whole-day entries as one iCalendar file.

    scope: sets these names apart from those of other workspaces. made_at: UTC.
    Source: RFC 5545 (§3.1 folding, §3.3.11 text, §3.6.1 event).
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN"]
    lines.append(f"X-WR-CALNAME:{_text(title)}")
    for each in days:
        lines += _event(each, scope, made_at)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(day: Appointment, scope: str, made_at: datetime) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{_text(day.name)}@{_text(scope)}",
        f"DTSTAMP:{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day.when:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day.when + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(day.title)}",
        f"DESCRIPTION:{_text(day.notes)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _text(words: str) -> str:
    """TEXT: backslash, semicolon and comma escaped, a line break written out, other controls dropped."""
    one = words.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(sign for sign in one if sign == "\n" or sign.isprintable())
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        plain = plain.replace(sign, written)
    return plain


def _folded(line: str) -> bytes:
    """At most 75 octets a line, never cutting a letter in two."""
    pieces: list[bytes] = []
    current = b""
    for sign in line:
        octets = sign.encode()
        room = LINE if not pieces else LINE - 1
        if len(current) + len(octets) > room:
            pieces.append(current)
            current = b""
        current += octets
    return b"\r\n ".join([*pieces, current]) + b"\r\n"
