"""When did something happen, whatever way the file writes it?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey_app.errors import Question

_ZONE = r"(?P<zone>Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})"
_CLOCK = (
    r"(?:(?:T|,?\s+|,)(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    rf"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?(?:\s*{_ZONE})?)?$"
)
ISO = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?$"
_ISO_ZONE = r":\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}|[+-]\d{2})$"
_YEAR_FIRST = rf"^(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){_CLOCK}"
_THREE_NUMBERS = rf"^(?P<a>\d{{1,2}})(?P<sep>[-/.])(?P<b>\d{{1,2}})[-/.](?P<c>\d{{4}}|\d{{2}}){_CLOCK}"
_DAY_NAMED = rf"^(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ -](?P<mon>[A-Za-z]{{3,9}})\.?,?[ -](?P<y>\d{{4}}){_CLOCK}"
_MONTH_NAMED = rf"^(?P<mon>[A-Za-z]{{3,9}})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}}){_CLOCK}"
_COMPACT = (
    r"^(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])"
    r"(?:[T ]?(?P<H>[01]\d|2[0-3])(?P<M>[0-5]\d)(?P<S>[0-5]\d)?(?P<zone>Z)?)?$"
)
_EPOCH = r"^(?P<whole>\d{9,10}|\d{12,13}|\d{15,16}|\d{18,19})(?:\.(?P<f>\d+))?$"
_SERIAL = r"^[2-7]\d{4}(?:\.\d+)?$"
_MIDNIGHT = r"[T ,]0{1,2}:00(?::00(?:[.,]0+)?)?\s*(?:[Zz]|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?$"
_PLAIN_DATE = (
    r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}$|^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}$|"
    r"^(?:19|20)\d{6}$|^[2-7]\d{4}(?:\.0+)?$|"
    r"^\d{1,2}(?:st|nd|rd|th)?[ -][A-Za-z]{3,9}\.?,?[ -]\d{4}$|"
    r"^[A-Za-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}$"
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MICRO = 1_000_000
DAY = 86_400 * MICRO
EXCEL_ZERO = int(datetime(1899, 12, 30, tzinfo=UTC).timestamp()) * MICRO
EARLIEST = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()) * MICRO
LATEST = int(datetime(2101, 1, 1, tzinfo=UTC).timestamp()) * MICRO
NEVER = np.iinfo(np.int64).min
FINE, EMPTY, UNREADABLE, OUTSIDE = range(4)
REASONS = {
    EMPTY: "no time",
    UNREADABLE: "the time cannot be read",
    OUTSIDE: "the time is outside 1990 to 2100",
}


@dataclass(frozen=True)
class Reading:
    """How to read the times of one column.

    zone: the clock of times that name none. day_zone: where a day without a time of day begins.
    order: dmy, mdy or ymd for dates of three small numbers; None when there are none to decide.
    serials: whether 45000 is a day in Excel's count. whole_days: every time of day is midnight.
    """

    zone: ZoneInfo
    day_zone: ZoneInfo
    order: str | None = None
    serials: bool = False
    whole_days: bool = False


@dataclass(frozen=True)
class Times:
    """Moments of one column. micros: µs since 1970 UTC, where state is FINE.

    state: FINE, EMPTY, UNREADABLE or OUTSIDE per row. day_only: where no time of day is known.
    """

    micros: np.ndarray
    state: np.ndarray
    day_only: np.ndarray


@dataclass(frozen=True)
class DateEvidence:
    """What the dates of three small numbers in a file prove about their order.

    day_first, month_first: how many fit only that. hints: readings that AM/PM or dots suggest.
    example: a date that fits both and means two days. clock: some time of day is not midnight.
    """

    day_first: int = 0
    month_first: int = 0
    hints: frozenset[str] = frozenset()
    example: str | None = None
    clock: bool = False

    def __add__(self, other: DateEvidence) -> DateEvidence:
        return DateEvidence(
            self.day_first + other.day_first,
            self.month_first + other.month_first,
            self.hints | other.hints,
            self.example or other.example,
            self.clock or other.clock,
        )

    @property
    def order(self) -> str | None:
        """The order that is proven, or suggested by AM/PM (mdy) or dots (dmy); None when it is not."""
        if self.day_first and self.month_first:
            return None
        if self.day_first or self.month_first:
            return "dmy" if self.day_first else "mdy"
        if len(self.hints) == 1:
            return next(iter(self.hints))
        return None if self.example else "dmy"


def date_evidence(values: pa.Array) -> DateEvidence:
    """Weigh the cells of a column (null where empty)."""
    clock = _has_clock(values)
    parts = pc.extract_regex(values, pattern=_THREE_NUMBERS)
    if parts.null_count == len(parts):
        return DateEvidence(clock=clock)
    kept = parts.drop_null()
    first, second = (pc.cast(pc.struct_field(kept, name), pa.int32()) for name in ("a", "b"))
    separators = pc.struct_field(kept, "sep")
    hints = set()
    if pc.any(pc.not_equal(pc.struct_field(kept, "half"), "")).as_py():
        hints.add("mdy")
    if pc.any(pc.equal(separators, ".")).as_py():
        hints.add("dmy")
    either = pc.and_(
        pc.and_(pc.less_equal(first, 12), pc.less_equal(second, 12)), pc.not_equal(first, second)
    )
    examples = values.filter(pc.is_valid(parts)).filter(either)
    return DateEvidence(
        pc.sum(pc.greater(first, 12)).as_py() or 0,
        pc.sum(pc.greater(second, 12)).as_py() or 0,
        frozenset(hints),
        examples[0].as_py() if len(examples) else None,
        clock,
    )


def _has_clock(values: pa.Array) -> bool:
    """Whether any cell names a time of day other than midnight (epochs do)."""
    whole = pc.match_substring_regex(values, f"{_MIDNIGHT}|{_PLAIN_DATE}")
    return pc.any(pc.invert(whole)).as_py() or False


def ask_order(column: str, evidence: DateEvidence) -> Question:
    """The question which of day and month comes first, with one real date read both ways."""
    example = evidence.example or ""
    what = f"Is “{example}” in “{column}” written day first or month first?"
    if evidence.day_first and evidence.month_first:
        what = (
            f"In “{column}”, {evidence.day_first:,} dates only fit day first and {evidence.month_first:,} "
            "only fit month first; the others will be left out."
        )
        example = example or "03/04/2026"
    return Question(
        what,
        "Say which: --dates dmy (day first) or --dates mdy (month first).",
        "--dates",
        {order: f"{example} is {_in_words(example, order)}" for order in ("dmy", "mdy")},
    )


def _in_words(text: str, order: str) -> str:
    micros = read_times(pa.array([text]), Reading(ZoneInfo("UTC"), ZoneInfo("UTC"), order)).micros[0]
    day = date.fromordinal(date(1970, 1, 1).toordinal() + int(micros) // DAY)
    return f"{day.day} {day:%B %Y}"


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
    year = pc.if_else(pc.equal(pc.binary_length(year), 2), pc.binary_join_element_wise("20", year, ""), year)
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
    zone = pc.replace_substring_regex(zone, r"^(?:[zZ]|UTC|GMT)$", "Z")
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
    parts = pc.extract_regex(texts, pattern=_THREE_NUMBERS)
    places = {"dmy": "cba", "mdy": "cab", "ymd": "abc", None: "cba"}[reading.order]
    return _read_iso(_iso_of(parts, *(pc.struct_field(parts, name) for name in places)), reading)


def _read_named_month(pattern: str, texts: pa.Array, reading: Reading) -> Found:
    parts = pc.extract_regex(texts, pattern=pattern)
    short = pc.utf8_slice_codeunits(pc.utf8_lower(pc.struct_field(parts, "mon")), 0, 3)
    month = pc.cast(pc.add(pc.index_in(short, pa.array(MONTHS)), 1), pa.string())
    month = pc.fill_null(month, "99")
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
    sizes = [digits <= 10, digits <= 13, digits <= 16]
    micros = whole * np.select(sizes[:2], [MICRO, 1000], 1)
    return micros + np.select(sizes[:2], [below, below // 1000], 0), np.zeros(len(micros), bool)


def _read_serial(texts: pa.Array, reading: Reading) -> Found:
    """Days since 1899-12-30 as Excel counts them, to the millisecond; they have no zone."""
    days = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    micros = EXCEL_ZERO + np.rint(days * (DAY / 1000)).astype(np.int64) * 1000
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
    (_THREE_NUMBERS, _read_three_numbers),
    (_DAY_NAMED, lambda texts, reading: _read_named_month(_DAY_NAMED, texts, reading)),
    (_MONTH_NAMED, lambda texts, reading: _read_named_month(_MONTH_NAMED, texts, reading)),
    (_SERIAL, _read_serial),
)


_ANY_SHAPE = tuple(re.compile(shape) for shape, _ in _SHAPES)


def looks_like_time(text: str) -> bool:
    """Whether a cell is written like a time, plain numbers of a fitting length included."""
    return any(shape.match(text) for shape in _ANY_SHAPE)


def share_of_times(values: pa.Array, *, named: bool) -> float:
    """The share of filled cells that read as times.

    named: the column's name says date or time, so plain numbers may be times too.
    """
    filled = values.drop_null()
    if not len(filled):
        return 0.0
    shapes: Iterable[str] = [
        shape for shape, _ in _SHAPES if named or shape not in (_COMPACT, _EPOCH, _SERIAL)
    ]
    matched = np.zeros(len(filled), bool)
    for shape in shapes:
        matched |= _matches(filled, shape)
    return float(matched.mean())
