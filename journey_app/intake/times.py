"""When did something happen, whatever way the file writes it?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey_app.errors import Question
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
_THREE_NUMBERS = rf"^(?P<a>\d{{1,2}})(?P<sep>[-/.])(?P<b>\d{{1,2}})[-/.](?P<c>\d{{4}}|\d{{2}}){_CLOCK}"
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
_MIDNIGHT = rf"[T ,]0{{1,2}}:00(?::00(?:[.,]0+)?)?\s*{_ANY_ZONE}?$"
_PLAIN_DATE = (
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
MANY, FEW = 8, 2  # different values of a part of a date that make it a day, or a year


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


Proof = tuple[int | None, str]  # the row of a cell, and the cell


@dataclass(frozen=True)
class DateEvidence:
    """What the dates of three small numbers in a column prove about their order.

    only: order → how many cells fit no other. proofs: order → the first such cell.
    possible: the orders that every cell fits. hints: readings that AM/PM or dots suggest; dots settle
    the order, AM and PM, which the whole English-speaking world writes, only order the choices.
    example: a date that means different days. firsts, lasts: the different first and last
    numbers of dates with a two-digit year. clock: some time of day is not midnight.
    Source: docs/decisions/019-what-settles-a-date.md
    """

    only: Mapping[str, int] = field(default_factory=dict)
    proofs: Mapping[str, Proof] = field(default_factory=dict)
    possible: frozenset[str] = frozenset(ORDERS)
    hints: frozenset[str] = frozenset()
    example: str | None = None
    firsts: frozenset[int] = frozenset()
    lasts: frozenset[int] = frozenset()
    clock: bool = False

    def __add__(self, other: DateEvidence) -> DateEvidence:
        return DateEvidence(
            {o: n for o in ORDERS if (n := self.only.get(o, 0) + other.only.get(o, 0))},
            {**other.proofs, **self.proofs},
            self.possible & other.possible,
            self.hints | other.hints,
            self.example or other.example,
            self.firsts | other.firsts,
            self.lasts | other.lasts,
            self.clock or other.clock,
        )

    @property
    def contradicts(self) -> bool:
        """Whether no order fits every cell."""
        return not self.possible

    @property
    def proven(self) -> str | None:
        """The only order that every cell fits."""
        return next(iter(self.possible)) if len(self.possible) == 1 else None

    @property
    def likely(self) -> frozenset[str]:
        """The possible orders, less those for which the years would be days."""
        if len(self.firsts) >= MANY and len(self.lasts) <= FEW:
            return self.possible - {"ymd"}
        if len(self.lasts) >= MANY and len(self.firsts) <= FEW:
            return self.possible & {"ymd"}
        return self.possible

    def old_years(self, order: str | None) -> list[int]:
        """The years of two digits that are 19xx, when dates are read in this order."""
        years = {"dmy": self.lasts, "mdy": self.lasts, "ymd": self.firsts}.get(order or "", frozenset())
        return sorted(year for year in years if year >= int(FIRST_OF_19))

    @property
    def order(self) -> str | None:
        """The order that is proven or suggested; None when it must be asked."""
        if self.contradicts or self.proven:
            return self.proven
        if self.example is None:
            return "dmy"
        if self.hints == {"dmy"} and "dmy" in self.likely:
            return "dmy"
        return next(iter(self.likely)) if len(self.likely) == 1 else None


def date_evidence(values: pa.Array, rows: np.ndarray | None = None) -> DateEvidence:
    """Weigh the cells of a column (null where empty). rows: their numbers, to name the proof."""
    clock = _has_clock(values)
    parts = pc.extract_regex(values, pattern=_THREE_NUMBERS)
    if parts.null_count == len(parts):
        return DateEvidence(clock=clock)
    at = np.flatnonzero(parts.is_valid().to_numpy(zero_copy_only=False))
    parts = parts.drop_null()
    a, b, c = (_numbers(parts, name) for name in "abc")
    short = _length(parts, "c") == 2
    fits = {
        "dmy": (a >= 1) & (a <= 31) & (b >= 1) & (b <= 12),
        "mdy": (a >= 1) & (a <= 12) & (b >= 1) & (b <= 31),
        "ymd": short & (_length(parts, "a") == 2) & (b >= 1) & (b <= 12) & (c >= 1) & (c <= 31),
    }
    how_many = sum(fit.astype(int) for fit in fits.values())
    sensible = how_many > 0  # 45/45/2026 is no date, whatever the order
    same = (a == b) & ~(fits["ymd"] & (a != c))
    unclear = np.flatnonzero((how_many > 1) & ~same)
    single = {order: np.flatnonzero(fit & (how_many == 1)) for order, fit in fits.items()}

    def cell(place: int) -> Proof:
        there = int(at[place])
        return (None if rows is None else int(rows[there])), values[there].as_py()

    return DateEvidence(
        {order: len(found) for order, found in single.items() if len(found)},
        {order: cell(found[0]) for order, found in single.items() if len(found)},
        frozenset(order for order, fit in fits.items() if fit[sensible].all()),
        _hints(parts),
        cell(unclear[0])[1] if len(unclear) else None,
        frozenset(a[short & sensible].tolist()),
        frozenset(c[short & sensible].tolist()),
        clock,
    )


def _numbers(parts: pa.Array, name: str) -> np.ndarray:
    return pc.cast(pc.struct_field(parts, name), pa.int32()).to_numpy(zero_copy_only=False)


def _length(parts: pa.Array, name: str) -> np.ndarray:
    return pc.binary_length(pc.struct_field(parts, name)).to_numpy(zero_copy_only=False)


def _hints(parts: pa.Array) -> frozenset[str]:
    """Dots are written where days come first; AM and PM where months do, and in Britain, Australia, India."""
    hints = set()
    if pc.any(pc.not_equal(pc.struct_field(parts, "half"), "")).as_py():
        hints.add("mdy")
    if pc.any(pc.equal(pc.struct_field(parts, "sep"), ".")).as_py():
        hints.add("dmy")
    return frozenset(hints)


def _has_clock(values: pa.Array) -> bool:
    """Whether any cell names a time of day other than midnight (epochs do)."""
    whole = pc.match_substring_regex(values, f"{_MIDNIGHT}|{_PLAIN_DATE}")
    return pc.any(pc.invert(whole)).as_py() or False


FIRST = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}


def ask_order(column: str, evidence: DateEvidence) -> Question:
    """The question which of day, month and year comes first, with one real date read each way."""
    example = evidence.example or "03/04/2026"
    usual = sorted(ORDERS, key=lambda order: order not in evidence.hints)
    orders = [order for order in usual if order in evidence.likely]
    if evidence.contradicts:
        orders = [order for order in usual if order in {"dmy", "mdy", *evidence.only}]
        proven = [f"{_only_fit(evidence.only[o])} {FIRST[o]}{_where(evidence, o)}" for o in evidence.only]
        what = f"In “{column}”, {' and '.join(proven)}; those that do not fit the answer will be left out."
    else:
        what = f"Is “{example}” in “{column}” written {_or_words([FIRST[order] for order in orders])}?"
    told = _or_words([f"--dates {order} ({FIRST[order]})" for order in orders])
    answers = {order: f"{example} is {said}" for order in orders if (said := in_words(example, order))}
    return Question(what, f"Say which: {told}.", "--dates", answers)


def _only_fit(dates: int) -> str:
    return f"{dates:,} date{' only fits' if dates == 1 else 's only fit'}"


def _where(evidence: DateEvidence, order: str) -> str:
    if order not in evidence.proofs:
        return ""
    row, cell = evidence.proofs[order]
    return f" (“{cell}”)" if row is None else f" (“{cell}” in row {row:,})"


def _or_words(words: list[str]) -> str:
    """“a, b or c”."""
    return " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def in_words(text: str, order: str) -> str:
    """A date read one way; empty where it cannot be read so."""
    found = read_times(pa.array([text]), Reading(ZoneInfo("UTC"), ZoneInfo("UTC"), order))
    if found.state[0] != FINE:
        return ""
    day = date.fromordinal(date(1970, 1, 1).toordinal() + int(found.micros[0]) // DAY)
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
    if left.any():
        state[left & _matches(values, EXCEL_DAMAGE)] = DAMAGED
    if reading.midnight:
        days |= _matches(values, _MIDNIGHT)
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
    parts = pc.extract_regex(texts, pattern=_THREE_NUMBERS)
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
    (_THREE_NUMBERS, _read_three_numbers),
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
