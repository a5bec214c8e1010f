"""In which order do the dates of a column name day, month and year, and what proves it?

Source: docs/decisions/019-what-settles-a-date.md
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey_app.errors import Question
from journey_app.intake.times import (
    DAY,
    FINE,
    FIRST_OF_19,
    MIDNIGHT,
    ORDERS,
    PLAIN_DATE,
    THREE_NUMBERS,
    Reading,
    read_times,
)

MANY, FEW = 8, 2  # different values of a part of a date that make it a day, or a year
FIRST = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}
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
    parts = pc.extract_regex(values, pattern=THREE_NUMBERS)
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
    whole = pc.match_substring_regex(values, f"{MIDNIGHT}|{PLAIN_DATE}")
    return pc.any(pc.invert(whole)).as_py() or False


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
