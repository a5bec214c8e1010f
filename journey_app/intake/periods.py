"""Which days does a line of words name? “1 sept. 2026 - 2 sept. 2026”, “# 20260723-20260922”."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

# English, German (and Austrian), French, Spanish, Italian, Dutch, Portuguese; without accents.
MONTHS = {
    1: ("january", "januar", "janner", "janvier", "enero", "gennaio", "januari", "janeiro"),
    2: ("february", "februar", "feber", "fevrier", "febrero", "febbraio", "februari", "fevereiro"),
    3: ("march", "marz", "maerz", "mrz", "mars", "marzo", "maart", "mrt", "marco"),
    4: ("april", "avril", "abril", "aprile"),
    5: ("may", "mai", "mayo", "maggio", "mei", "maio"),
    6: ("june", "juni", "juin", "junio", "giugno", "junho"),
    7: ("july", "juli", "juillet", "julio", "luglio", "julho"),
    8: ("august", "aout", "agosto", "augustus"),
    9: ("september", "septembre", "septiembre", "setiembre", "settembre", "setembro"),
    10: ("october", "oktober", "octobre", "octubre", "ottobre", "outubro"),
    11: ("november", "novembre", "noviembre", "novembro"),
    12: ("december", "dezember", "decembre", "diciembre", "dicembre", "dezembro"),
}
SHORTEST = 3  # letters of a month that is cut short


def month_named(word: str) -> int | None:
    """The month that a word names, whole or cut short; None where it names none, or two (“jui”)."""
    plain = "".join(c for c in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(c))
    if len(plain) < SHORTEST:
        return None
    found = {number for number, names in MONTHS.items() if any(name.startswith(plain) for name in names)}
    return found.pop() if len(found) == 1 else None


_WORD = r"[^\W\d_]{3,12}"
_DATES = re.compile(
    rf"(?<!\d)(?P<compact>(?:19|20)\d{{6}})(?!\d)"
    rf"|(?<!\d)(?P<iso>\d{{4}}-\d{{1,2}}-\d{{1,2}})(?!\d)"
    rf"|(?<!\d)(?P<a>\d{{1,2}})[./-](?P<b>\d{{1,2}})[./-](?P<c>\d{{4}})(?!\d)"
    rf"|(?<!\d)(?P<d>\d{{1,2}})\.? (?:de )?(?P<mon>{_WORD})\.?,? (?:de )?(?P<y>\d{{4}})(?!\d)"
    rf"|(?P<mon2>{_WORD})\.? (?P<d2>\d{{1,2}}),? (?P<y2>\d{{4}})(?!\d)",
    re.IGNORECASE,
)


def days_in(text: str, order: str | None = None) -> list[date]:
    """Every day that a text names, in the order it names them.

    order: dmy or mdy for dates of three numbers; without it only those count that fit one reading.
    """
    found = (_day(match, order) for match in _DATES.finditer(text))
    return [day for day in found if day is not None]


def period_in(lines: Sequence[str], order: str | None = None) -> tuple[date, date] | None:
    """The first and last day that the lines above a header name; None when they name none, or three."""
    days = sorted({day for line in lines for day in days_in(line, order)})
    return (days[0], days[-1]) if 1 <= len(days) <= 2 else None


def _day(match: re.Match[str], order: str | None) -> date | None:
    parts = match.groupdict()
    if parts["compact"]:
        text = parts["compact"]
        return _date(int(text[:4]), int(text[4:6]), int(text[6:]))
    if parts["iso"]:
        return _date(*map(int, parts["iso"].split("-")))
    if parts["a"]:
        first, second, year = int(parts["a"]), int(parts["b"]), int(parts["c"])
        if order is None and first <= 12 and second <= 12 and first != second:
            return None
        month_first = order == "mdy" or (order is None and second > 12)
        return _date(year, first, second) if month_first else _date(year, second, first)
    month = month_named(parts["mon"] or parts["mon2"])
    if month is None:
        return None
    return _date(int(parts["y"] or parts["y2"]), month, int(parts["d"] or parts["d2"]))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
