"""What is a table before anybody knows what its columns mean?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

import numpy as np
import pyarrow as pa

from journey_app.errors import BadFile
from journey_app.vocabulary import Answers, Observation

CELLS_AT_ONCE = 1_000_000
ROWS_AT_ONCE = 100_000
CHARS_AT_ONCE = 64_000_000
# Weighing every row would cost a twentieth of all reading, so one in some is weighed for the others.
ROWS_BETWEEN, ROWS_FOR_ONE = 140, 7

Fault = tuple[int, str, str]
# A row with its number as a person sees it in the file, and all its cells as text.
NumberedRow = tuple[int, Sequence[str]]


@dataclass(frozen=True)
class RawChunk:
    """Some rows of a file, every cell text.

    columns: one string array per name in the header. rows: their row numbers in the file.
    faults: (row, column, reason) of rows that could not be put into columns.
    counts: things that were put right on the way, by what was done. nth: where one row of the file
    became several, the how-manieth of them each is.
    """

    columns: tuple[pa.Array, ...]
    rows: np.ndarray
    faults: tuple[Fault, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    share_done: float = 0.0
    nth: np.ndarray | None = None


@dataclass(frozen=True)
class Layout:
    """What a person said about where a table stands; None means: as found.

    delimiter: , ; | tab or fixed. header_row: the row of column names, 0 when there is none.
    """

    delimiter: str | None = None
    header_row: int | None = None

    @classmethod
    def of(cls, answers: Answers) -> Layout:
        return cls(answers.delimiter, answers.header_row)


AS_FOUND = Layout()


@dataclass(frozen=True)
class RawTable:
    """A table found in a file; `chunks()` reads it from the start each time.

    label: the file (and member or sheet) for display. header: unique column names.
    preamble: lines above the header. notes: how it was read, in plain words. seen: what the
    check-up saw on the way. anew: the same table, found by another layout; None where there is
    but one way. first_names: the column names as found before anybody said otherwise.
    days_from_1904: plain day numbers count from 1904, as its workbook says.
    """

    label: str
    header: tuple[str, ...]
    chunks: Callable[[], Iterator[RawChunk]]
    preamble: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seen: tuple[Observation, ...] = ()
    anew: Callable[[Layout], RawTable] | None = None
    first_names: tuple[str, ...] = ()
    days_from_1904: bool = False


def unique_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Header cells as column names: trimmed, blank ones numbered, repeated ones told apart."""
    names: list[str] = []
    taken: set[str] = set()
    nth: Counter[str] = Counter()
    for place, cell in enumerate(cells, start=1):
        plain = " ".join(cell.replace("\ufeff", "").split()) or f"column {place}"
        nth[plain] += 1
        name = plain if nth[plain] == 1 else f"{plain} ({nth[plain]})"
        while name in taken:
            nth[plain] += 1
            name = f"{plain} ({nth[plain]})"
        taken.add(name)
        names.append(name)
    return tuple(names)


def no_rows(label: str) -> BadFile:
    return BadFile(
        f"“{label}” has column names but no rows.", "Export it again with a period that holds data."
    )


def rows_at_once(width: int) -> int:
    """How many rows of this width to hold in memory together."""
    return max(1, min(ROWS_AT_ONCE, CELLS_AT_ONCE // max(1, width)))


def in_columns(
    rows: Iterable[NumberedRow], names: Sequence[str], share_done: Callable[[], float]
) -> Iterator[RawChunk]:
    """Rows of any length as chunks of columns; short rows are filled up, long ones become faults."""
    stream, width = iter(rows), len(names)
    while batch := batch_of(stream, rows_at_once(width)):
        numbers, cells, faults, counts = _fitted(batch, width, names)
        arrays = tuple(pa.array(column, pa.string()) for column in zip(*cells, strict=True))
        if not arrays:
            arrays = tuple(pa.array([], pa.string()) for _ in range(width))
        yield RawChunk(arrays, np.asarray(numbers, np.int64), tuple(faults), counts, share_done())


def batch_of(stream: Iterator[NumberedRow], most: int) -> list[NumberedRow]:
    """The next rows, `most` at most, and fewer where their cells are long."""
    batch: list[NumberedRow] = []
    chars = 0
    while len(batch) < most and chars < CHARS_AT_ONCE:
        some = list(islice(stream, min(ROWS_BETWEEN, most - len(batch))))
        if not some:
            break
        batch += some
        chars += ROWS_FOR_ONE * sum(map(len, chain.from_iterable(row for _, row in some[::ROWS_FOR_ONE])))
    return batch


def _fitted(
    batch: list[NumberedRow], width: int, names: Sequence[str]
) -> tuple[list[int], list[Sequence[str]], list[Fault], Counter[str]]:
    """The rows of a batch that have exactly `width` cells, after filling up and cutting empty extras."""
    counts: Counter[str] = Counter()
    faults: list[Fault] = []
    if all(len(row) == width for _, row in batch):
        return [number for number, _ in batch], [row for _, row in batch], faults, counts
    numbers: list[int] = []
    cells: list[Sequence[str]] = []
    for number, row in batch:
        if len(row) > width and any(row[width:]):
            faults.append((number, names[-1], f"{len(row)} cells where the header has {width}"))
            continue
        if len(row) < width:
            counts["Short rows, filled up with empty cells"] += 1
            row = [*row, *[""] * (width - len(row))]
        numbers.append(number)
        cells.append(row[:width])
    return numbers, cells, faults, counts
