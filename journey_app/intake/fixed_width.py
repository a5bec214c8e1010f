"""In text without separators, where do the columns begin and end?"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from journey_app.intake.header import NUMBER_OR_DATE
from journey_app.intake.raw import NumberedRow

FIXED = "fixed"
FEWEST_LINES = 5  # below it, gaps may stand under each other by chance
FILLED = 0.8  # the least share of lines in which every column holds something
WORD = re.compile(r"\S+")
CROSSED = "Lines whose text crosses the border of two columns, the first of them row {}; they are left out"


@dataclass(frozen=True)
class FixedColumns:
    """Columns by their first character. starts, ends: of each column, over the lines looked at.

    named: whether the first line holds names, which need not stand exactly over their columns.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    named: bool

    def rows(self, lines: Iterable[str], remarks: Counter[str]) -> Iterator[NumberedRow]:
        """Every line that is not empty as cells, under its number; `remarks` counts those left out."""
        crossed = ""
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            if number == 1 and self.named:
                yield number, line.split()
                continue
            cells = self._cells(line.rstrip("\r\n"))
            if cells is None:
                crossed = crossed or CROSSED.format(f"{number:,}")
                remarks[crossed] += 1
            else:
                yield number, cells

    def _cells(self, line: str) -> list[str] | None:
        """The words of a line under the column each stands in; None where one stands in two or in none."""
        cells = [""] * len(self.starts)
        for word in WORD.finditer(line):
            place = self._column(word.start(), word.end())
            if place is None:
                return None
            cells[place] = f"{cells[place]} {word.group()}" if cells[place] else word.group()
        return cells

    def _column(self, start: int, end: int) -> int | None:
        """The one column that a word from `start` to `end` overlaps; the last one may be longer."""
        if start >= self.starts[-1]:
            return len(self.starts) - 1
        first = bisect_right(self.ends, start)
        last = first + 1 == len(self.starts)
        return first if self.starts[first] < end and (last or end <= self.starts[first + 1]) else None


def fixed_columns(lines: Sequence[str]) -> FixedColumns | None:
    """The columns between the places where every line is blank; None where there are not two.

    The first line is left out, since names may be longer than what stands under them.
    """
    filled = [line.rstrip() for line in lines if line.strip()]
    body = filled[1:]
    if len(body) < FEWEST_LINES or any("\t" in line for line in lines):
        return None
    spans = _spans(body)
    if len(spans) < 2:
        return None
    for start, end in spans:
        if sum(bool(line[start:end].strip()) for line in body) < FILLED * len(body):
            return None
    words = filled[0].split()
    numbers = sum(bool(NUMBER_OR_DATE.match(word)) for word in words)
    named = len(words) == len(spans) and numbers <= 0.2 * len(words) and lines[0].strip() == filled[0].strip()
    return FixedColumns(tuple(s for s, _ in spans), tuple(e for _, e in spans), named)


def _spans(body: Sequence[str]) -> list[tuple[int, int]]:
    """Runs of character places that some line fills."""
    width = max(map(len, body))
    taken = [False] * width
    for line in body:
        for word in WORD.finditer(line):
            for at in range(*word.span()):
                taken[at] = True
    spans: list[tuple[int, int]] = []
    for at, full in enumerate(taken):
        if full and spans and spans[-1][1] == at:
            spans[-1] = (spans[-1][0], at + 1)
        elif full:
            spans.append((at, at + 1))
    return spans
