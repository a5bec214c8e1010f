"""When did something happen, whatever way the file writes it?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey_app.intake import cells
from journey_app.intake.cells import EXCEL_DAMAGE
from journey_app.intake.periods import month_named

# Abbreviations that mean one offset: those of Europe's zones in the IANA database, those of America's as
# RFC 2822 has them. IST, BST and the like mean several, and are not read.
ABBREVIATIONS = {
    "UTC": "Z", "GMT": "Z", "WET": "Z", "WEST": "+01:00", "CET": "+01:00", "CEST": "+02:00", "EET": "+02:00",
    "EEST": "+03:00", "EDT": "-04:00", "EST": "-05:00", "CDT": "-05:00", "CST": "-06:00", "MDT": "-06:00",
    "MST": "-07:00", "PDT": "-07:00", "PST": "-08:00",
}  # fmt: skip
_ANY_ZONE = rf"(?:[zZ]|{'|'.join(ABBREVIATIONS)}|[+-]\d{{2}}:?\d{{2}}|[+-]\d{{2}})"
_ZONE = rf"(?P<zone>{_ANY_ZONE})"
_CLOCK = (
    r"(?:(?:T|,?\s+|,)(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    rf"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?(?:\s*{_ZONE})?)?$"
)
ISO = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?$"
_ISO_ZONE = r":\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}|[+-]\d{2})$"
_YEAR_FIRST = rf"^(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){_CLOCK}"
THREE_NUMBERS = rf"^(?P<a>\d{{1,2}})(?P<sep>[-/.])(?P<b>\d{{1,2}})[-/.](?P<c>\d{{4}}|\d{{2}}){_CLOCK}"
_MONTH = "(?P<mon>[A-Za-z\u00c0-\u00ff\u0300-\u036f]{3,12})"  # letters, with accents inside or beside them
_DAY_THEN_MONTH = (
    rf"^(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º)?\.?(?: de)?[ -]{_MONTH}\.?,?(?: de)?[ -](?P<y>\d{{4}})"
)
_MONTH_THEN_DAY = rf"^{_MONTH}\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})"
_DAY_NAMED, _MONTH_NAMED = _DAY_THEN_MONTH + _CLOCK, _MONTH_THEN_DAY + _CLOCK
_COMPACT = (
    r"^(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])"
    r"(?:[T ]?(?P<H>[01]\d|2[0-3])(?P<M>[0-5]\d)(?P<S>[0-5]\d)?(?P<zone>Z)?)?$"
)
_EPOCH = r"^(?P<whole>\d{9,10}|\d{12,13}|\d{15,16}|\d{18,19})(?:\.(?P<f>\d+))?$"
_SERIAL = r"^[2-7]\d{4}(?:\.\d+)?$"
MIDNIGHT = rf"[T ,]0{{1,2}}:00(?::00(?:[.,]0+)?)?\s*{_ANY_ZONE}?$"
PLAIN_DATE = (
    r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}$|^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}$|"
    r"^(?:19|20)\d{6}$|^[2-7]\d{4}(?:\.0+)?$|"
    + "|".join(re.sub(r"\?P<\w+>", "?:", shape) + "$" for shape in (_DAY_THEN_MONTH, _MONTH_THEN_DAY))
)
# A cell that names its zone, or counts from 1970 and so needs none; one that names a time of day.
HAS_ZONE = (
    rf":\d{{2}}(?:[.,]\d+)?\s*(?:[AaPp]\.?[Mm]\.?\s*)?{_ANY_ZONE}$|"
    r"^(?:\d{9,10}|\d{12,13}|\d{15,16}|\d{18,19})(?:\.\d+)?$"
)
HAS_CLOCK = r"\d{1,2}:\d{2}|^[2-7]\d{4}\.\d+$|^\d{14}$"
MICRO = 1_000_000
DAY = 86_400 * MICRO
EXCEL_ZERO = int(datetime(1899, 12, 30, tzinfo=UTC).timestamp()) * MICRO
EARLIEST = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()) * MICRO
LATEST = int(datetime(2101, 1, 1, tzinfo=UTC).timestamp()) * MICRO
NEVER = np.iinfo(np.int64).min
EXCEL_1904 = int(datetime(1904, 1, 1, tzinfo=UTC).timestamp()) * MICRO
FINE, EMPTY, UNREADABLE, OUTSIDE, DAMAGED = range(5)
BAD = (UNREADABLE, OUTSIDE, DAMAGED)
REASONS = {
    EMPTY: "no time",
    UNREADABLE: "the time cannot be read",
    OUTSIDE: "the time is outside 1990 to 2100",
    DAMAGED: "the time was rounded by a spreadsheet, such as 1.60261E+12",
}
ORDERS = ("dmy", "mdy", "ymd")
UNITS = {"s": MICRO, "ms": 1000, "us": 1}  # µs in one; nanoseconds are a thousandth
FIRST_OF_19 = "69"  # years of two digits from here on are 19xx, as POSIX has it: 11.12.98 is no day to come


@dataclass(frozen=True)
class Reading:
    """How to read the times of one column.

    zone: the clock of times that name none. day_zone: where a day without a time of day begins.
    order: dmy, mdy or ymd for dates of three small numbers; None when there are none to decide.
    serials: whether 45000 is a day in Excel's count. whole_days: every time of day is midnight.
    epoch: s, ms, us or ns, where a person said what the numbers count; else their length tells.
    from_1904: Excel's days count from 1904, as old Macs wrote them. midnight: 00:00 is no time of day.
    """

    zone: ZoneInfo
    day_zone: ZoneInfo
    order: str | None = None
    serials: bool = False
    whole_days: bool = False
    epoch: str | None = None
    from_1904: bool = False
    midnight: bool = False


@dataclass(frozen=True)
class Times:
    """Moments of one column. micros: µs since 1970 UTC, where state is FINE.

    state: FINE, EMPTY, UNREADABLE, OUTSIDE or DAMAGED per row. day_only: where no time of day is known.
    """

    micros: np.ndarray
    state: np.ndarray
    day_only: np.ndarray


def read_times(values: pa.Array, reading: Reading) -> Times:
    """Every cell (null where empty) as a moment in UTC."""
    rows = len(values)
    micros = np.full(rows, NEVER)
    days = np.zeros(rows, bool)
    empty = values.is_null().to_numpy(zero_copy_only=False)
    left = ~empty
    for shape, read in _SHAPES:
        if not left.any():
            break
        if shape == _SERIAL and not reading.serials:
            continue
        mask = left & _matches(values, shape)
        if mask.any():
            whole = mask.all()
            found, day = read(values if whole else values.filter(pa.array(mask)), reading)
            micros[mask], days[mask] = found, day
            left &= ~mask
    state = np.where(micros == NEVER, UNREADABLE, FINE)
    state[(state == FINE) & ((micros < EARLIEST) | (micros >= LATEST))] = OUTSIDE
    state[empty] = EMPTY
    if left.any():
        state[left & _matches(values, EXCEL_DAMAGE)] = DAMAGED
    if reading.midnight:
        days |= _matches(values, MIDNIGHT)
    return Times(micros, state, days | reading.whole_days)


def _matches(values: pa.Array, pattern: str) -> np.ndarray:
    return pc.fill_null(pc.match_substring_regex(values, pattern), False).to_numpy(zero_copy_only=False)


Found = tuple[np.ndarray, np.ndarray]


def _read_iso(texts: pa.Array, reading: Reading) -> Found:
    """ISO 8601, with or without a time of day and a zone."""
    zoned = _matches(texts, _ISO_ZONE)
    day = pc.less_equal(pc.binary_length(texts), 10).to_numpy(zero_copy_only=False)
    parsed = pd.to_datetime(
        pd.Series(texts.to_pylist(), dtype=object), format="ISO8601", utc=True, errors="coerce"
    )
    naive = pd.DatetimeIndex(parsed).as_unit("us").tz_localize(None)
    micros = _micros(naive)
    _shift(micros, naive, ~zoned & ~day, reading.zone)
    _shift(micros, naive, day, reading.day_zone)
    return micros, day


def _shift(micros: np.ndarray, naive: pd.DatetimeIndex, mask: np.ndarray, zone: ZoneInfo) -> None:
    """Move clock times of a zone to UTC: the first of a doubled hour, the end of a skipped one."""
    if zone.key == "UTC" or not mask.any():
        return
    local = naive[mask]
    placed = local.tz_localize(zone, ambiguous=np.ones(len(local), bool), nonexistent="shift_forward")
    micros[mask] = _micros(placed.tz_convert("UTC").tz_localize(None))


def _micros(naive: pd.DatetimeIndex) -> np.ndarray:
    return naive.to_numpy().astype("datetime64[us]").astype(np.int64)


def _part(parts: pa.Array, name: str) -> pa.Array | None:
    known = parts.type.get_field_index(name) >= 0
    return pc.struct_field(parts, name) if known else None


def _iso_of(parts: pa.Array, year: pa.Array, month: pa.Array, day: pa.Array) -> pa.Array:
    """Parts of a date, and of a time of day where there is one, as ISO 8601."""
    century = pc.if_else(pc.less(year, FIRST_OF_19), "20", "19")
    year = pc.if_else(
        pc.equal(pc.binary_length(year), 2), pc.binary_join_element_wise(century, year, ""), year
    )
    two = [pc.utf8_lpad(part, 2, padding="0") for part in (month, day)]
    written = pc.binary_join_element_wise(year, *two, "-")
    hour = _part(parts, "H")
    if hour is None:
        return written
    clock = pc.binary_join_element_wise(
        pc.utf8_lpad(_in_24_hours(hour, _part(parts, "half")), 2, padding="0"),
        pc.struct_field(parts, "M"),
        _or(pc.struct_field(parts, "S"), "00"),
        ":",
    )
    fraction = _part(parts, "f")
    if fraction is not None:
        clock = pc.binary_join_element_wise(clock, _or(fraction, "0"), ".")
    zone = _part(parts, "zone")
    zone = cells.by_value(zone, lambda written: ABBREVIATIONS.get(written, written.upper()))
    timed = pc.binary_join_element_wise(pc.binary_join_element_wise(written, clock, "T"), zone, "")
    return pc.if_else(pc.equal(hour, ""), written, timed)


def _or(values: pa.Array, otherwise: str) -> pa.Array:
    return pc.if_else(pc.equal(values, ""), otherwise, values)


def _in_24_hours(hour: pa.Array, half: pa.Array | None) -> pa.Array:
    """Hours of a clock with AM and PM as hours of a day; 13 PM is nonsense and becomes unreadable."""
    if half is None or pc.all(pc.equal(half, "")).as_py():
        return hour
    number = pc.cast(_or(hour, "0"), pa.int32())
    twelve = pc.if_else(pc.equal(number, 12), 0, number)
    shifted = pc.add(twelve, pc.if_else(pc.equal(pc.utf8_lower(half), "p"), 12, 0))
    sensible = pc.and_(pc.greater_equal(number, 1), pc.less_equal(number, 12))
    told = pc.if_else(sensible, pc.cast(shifted, pa.string()), "99")
    return pc.if_else(pc.equal(half, ""), hour, told)


def _read_year_first(texts: pa.Array, reading: Reading) -> Found:
    parts = pc.extract_regex(texts, pattern=_YEAR_FIRST)
    return _read_iso(_iso_of(parts, *(pc.struct_field(parts, name) for name in "ymd")), reading)


def _read_compact(texts: pa.Array, reading: Reading) -> Found:
    parts = pc.extract_regex(texts, pattern=_COMPACT)
    return _read_iso(_iso_of(parts, *(pc.struct_field(parts, name) for name in "ymd")), reading)


def _read_three_numbers(texts: pa.Array, reading: Reading) -> Found:
    parts = pc.extract_regex(texts, pattern=THREE_NUMBERS)
    places = {"dmy": "cba", "mdy": "cab", "ymd": "abc", None: "cba"}[reading.order]
    return _read_iso(_iso_of(parts, *(pc.struct_field(parts, name) for name in places)), reading)


def _read_named_month(pattern: str, texts: pa.Array, reading: Reading) -> Found:
    parts = pc.extract_regex(texts, pattern=pattern)
    month = cells.by_value(pc.struct_field(parts, "mon"), lambda word: str(month_named(word) or "99"))
    return _read_iso(_iso_of(parts, pc.struct_field(parts, "y"), month, pc.struct_field(parts, "d")), reading)


def _read_epoch(texts: pa.Array, reading: Reading) -> Found:
    """Seconds, milliseconds, microseconds or nanoseconds since 1970 UTC, by how many digits there are."""
    parts = pc.extract_regex(texts, pattern=_EPOCH)
    written = pc.struct_field(parts, "whole")
    digits = pc.binary_length(written).to_numpy(zero_copy_only=False)
    # Nineteen digits may be more than 64 bits hold, so nanoseconds lose their last three as text.
    to_micros = pc.utf8_slice_codeunits(written, 0, -3)
    held = pc.if_else(pc.greater(pc.binary_length(written), 16), to_micros, written)
    whole = pc.cast(held, pa.int64()).to_numpy(zero_copy_only=False)
    fraction = pc.utf8_slice_codeunits(pc.utf8_rpad(pc.struct_field(parts, "f"), 6, padding="0"), 0, 6)
    below = pc.cast(fraction, pa.int64()).to_numpy(zero_copy_only=False)
    if reading.epoch in UNITS:
        unit = UNITS[reading.epoch]
        too_far = (digits > 16) | (whole > LATEST // unit)
        micros = np.where(too_far, LATEST, np.where(too_far, 0, whole) * unit + below * unit // MICRO)
        return micros, np.zeros(len(whole), bool)
    if reading.epoch == "ns":
        whole = np.where(digits > 16, whole, whole // 1000)
        return whole, np.zeros(len(whole), bool)
    sizes = [digits <= 10, digits <= 13, digits <= 16]
    micros = whole * np.select(sizes[:2], [MICRO, 1000], 1)
    return micros + np.select(sizes[:2], [below, below // 1000], 0), np.zeros(len(micros), bool)


def _read_serial(texts: pa.Array, reading: Reading) -> Found:
    """Days since 1899-12-30 as Excel counts them, to the millisecond; they have no zone."""
    days = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    zero = EXCEL_1904 if reading.from_1904 else EXCEL_ZERO
    micros = zero + np.rint(days * (DAY / 1000)).astype(np.int64) * 1000
    whole = days == np.floor(days)
    naive = pd.DatetimeIndex(micros.view("datetime64[us]"))
    _shift(micros, naive, ~whole, reading.zone)
    _shift(micros, naive, whole, reading.day_zone)
    return micros, whole


_SHAPES = (
    (ISO, _read_iso),
    (_COMPACT, _read_compact),
    (_EPOCH, _read_epoch),
    (_YEAR_FIRST, _read_year_first),
    (THREE_NUMBERS, _read_three_numbers),
    (_DAY_NAMED, lambda texts, reading: _read_named_month(_DAY_NAMED, texts, reading)),
    (_MONTH_NAMED, lambda texts, reading: _read_named_month(_MONTH_NAMED, texts, reading)),
    (_SERIAL, _read_serial),
)


_ANY_SHAPE = tuple(re.compile(shape) for shape, _ in _SHAPES)
_PLAIN_NUMBERS = (_COMPACT, _EPOCH, _SERIAL)
_SPOKEN = tuple(re.compile(shape) for shape, _ in _SHAPES if shape not in _PLAIN_NUMBERS)


def looks_like_time(text: str) -> bool:
    """Whether a cell is written like a time, plain numbers of a fitting length included."""
    return any(shape.match(text) for shape in _ANY_SHAPE)


def says_when(text: str) -> bool:
    """Whether a cell is a time whatever its column is: plain numbers may be anything."""
    return any(shape.match(text) for shape in _SPOKEN)


def share_of_times(values: pa.Array, *, named: bool) -> float:
    """The share of filled cells that read as times.

    named: the column's name says date or time, so plain numbers may be times too.
    """
    filled = values.drop_null()
    if not len(filled):
        return 0.0
    shapes: Iterable[str] = [shape for shape, _ in _SHAPES if named or shape not in _PLAIN_NUMBERS]
    matched = np.zeros(len(filled), bool)
    for shape in shapes:
        matched |= _matches(filled, shape)
    return float(matched.mean())
