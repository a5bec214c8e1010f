"""Does one column hold the days and another one the times of day, and what are the two together?

Read by its days alone, such a table loses the order within a day, which is the order of a journey.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from journey_app.intake import cells
from journey_app.intake.clues import key_of
from journey_app.intake.date_order import date_evidence
from journey_app.intake.plan import Plan
from journey_app.intake.raw import RawChunk, RawTable
from journey_app.intake.times import share_of_times
from journey_app.vocabulary import Observation

CLOCK = r"^\s*\d{1,2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(\s*[AaPp]\.?[Mm]\.?)?\s*$"
# How a spreadsheet and a database write a day where they have room for a time.
MIDNIGHT = r"[T ]00:00(:00(\.0+)?)?\s*$"
AND = " + "
MOST = 0.9  # of the filled cells of a column, for it to hold days or clocks
DAY_WORDS = re.compile(r"date|datum|day|tag|fecha|dia|jour")
CLOCK_WORDS = re.compile(r"time|uhrzeit|zeit|hour|clock|hora|heure")


@dataclass(frozen=True)
class Clocks:
    """Places of the columns that hold days, and of those that hold nothing but times of day."""

    days: tuple[int, ...] = ()
    clocks: tuple[int, ...] = ()

    @property
    def pair(self) -> tuple[int, int] | None:
        """The day and its clock, where there is no doubt which belong together."""
        return (self.days[0], self.clocks[0]) if len(self.days) == len(self.clocks) == 1 else None


def clocks_in(header: Sequence[str], sample: Sequence[pa.Array]) -> Clocks:
    """The columns of days and of clocks; only the two that are called alike where one pair is.

    sample: the first cells of each column, null where empty. There are none where a column holds whole
    times, since those say when by themselves.
    """
    clocks = [at for at, values in enumerate(sample) if cells.share_matching(values, CLOCK) >= MOST]
    if not clocks:
        return Clocks()
    dated = [at for at, values in enumerate(sample) if at not in clocks and _are_times(header[at], values)]
    days = [at for at in dated if not date_evidence(sample[at]).clock]
    if len(days) < len(dated):
        return Clocks()
    alike = [
        (day, clock) for day in days for clock in clocks if _are_called_alike(header[day], header[clock])
    ]
    if len(alike) == 1:
        days, clocks = [alike[0][0]], [alike[0][1]]
    found = Clocks(tuple(days), tuple(clocks))
    return found if found.pair is None or _are_times("time", _joined(sample, found.pair)) else Clocks()


def with_clock(raw: RawTable, pair: tuple[int, int]) -> RawTable:
    """The table with one more column: the day and its clock together."""
    day, clock = pair
    name = AND.join((raw.header[day], raw.header[clock]))

    def chunks() -> Iterator[RawChunk]:
        for chunk in raw.chunks():
            yield replace(chunk, columns=(*chunk.columns, _joined(chunk.columns, pair)))

    return replace(raw, header=(*raw.header, name), chunks=chunks)


def parts_of(name: str, header: Sequence[str]) -> tuple[str, ...]:
    """The columns of a file that a name stands for: the day and its clock, or the column itself."""
    parts = tuple(name.split(AND))
    return parts if name not in header and set(parts) <= set(header) else (name,)


def without_parts(plan: Plan, header: Sequence[str], pair: tuple[int, int]) -> Plan:
    """The plan without the day and the clock as properties where they are read together, else without both."""
    joined = len(header) - 1
    left_out = {*pair} if joined in plan.time_columns else {joined}
    return replace(plan, properties=tuple(kept for kept in plan.properties if kept[1] not in left_out))


def about_clocks(plan: Plan, header: Sequence[str], found: Clocks) -> Iterator[Observation]:
    """What is read together, or what is not and how it would be. header: with the two together, if so."""
    if found.pair is not None:
        day, clock = (header[at] for at in found.pair)
        if len(header) - 1 in plan.time_columns:
            says = (
                f"“{day}” and “{clock}” are read together as one time; to read days only, name “{day}” as the time "
                f"(under “Change mapping”, or --map time={day})."
            )
        else:
            says = (
                f"“{clock}” holds times of day that are not used; to read them together, name “{header[-1]}” as the "
                f"time (under “Change mapping”, or --map time=“{header[-1]}”)."
            )
        yield Observation("clock", says, "note", "date and time in two columns")
    elif found.clocks and "time" not in plan.missing:
        listed = " and ".join(f"“{header[at]}”" for at in found.clocks[:3])
        hold = "holds" if len(found.clocks) == 1 else "hold"
        says = (
            f"{listed} {hold} times of day that are not read, since nothing says which day each belongs to. "
            "Put the day and its time into one column, such as 2026-03-01 10:05, and import that."
        )
        yield Observation("clock", says, "note", "times of day not read")


def _are_times(name: str, values: pa.Array) -> bool:
    return share_of_times(values, named=bool(DAY_WORDS.search(key_of(name)))) >= MOST


def _are_called_alike(day: str, clock: str) -> bool:
    """“start_date” and “start_time”, “Datum” and “Uhrzeit”."""
    both = key_of(day), key_of(clock)
    if not DAY_WORDS.search(both[0]) or not CLOCK_WORDS.search(both[1]):
        return False
    stems = DAY_WORDS.sub("", both[0], count=1), CLOCK_WORDS.sub("", both[1], count=1)
    return stems[0].strip("_") == stems[1].strip("_")


def _joined(columns: Sequence[pa.Array] | Mapping[int, pa.Array], pair: tuple[int, int]) -> pa.Array:
    """Each day with its clock; days alone where the clock says nothing."""
    days, clocks = columns[pair[0]], columns[pair[1]]
    plain = pc.replace_substring_regex(pc.utf8_trim_whitespace(days), MIDNIGHT, "")
    told = pc.fill_null(pc.match_substring_regex(clocks, CLOCK), False)
    both = pc.binary_join_element_wise(plain, pc.utf8_trim_whitespace(clocks), " ")
    return pc.if_else(pc.and_(told, pc.fill_null(pc.not_equal(plain, ""), False)), both, days)
