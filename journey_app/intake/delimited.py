"""How does a text file split into rows and cells?"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import BinaryIO

from journey_app.errors import BadFile
from journey_app.intake.encoding import Encoding, encoding_of, line_too_long
from journey_app.intake.header import PREAMBLE_ROWS, is_blank, table_of
from journey_app.intake.limits import Limits
from journey_app.intake.raw import NumberedRow, RawTable
from journey_app.intake.source import Member, bytes_read

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SAMPLE_LINES = 400


class Lines:
    """The lines of a file, decoded, none longer than allowed, without NUL characters."""

    def __init__(self, stream: BinaryIO, encoding: Encoding, label: str, limits: Limits) -> None:
        self._raw = stream
        # Universal newlines: a quoted cell keeps its line break, as one character on every system.
        self._text = io.TextIOWrapper(stream, encoding=encoding.codec, newline=None)
        self._nul, self._label, self._limits = encoding.has_nul, label, limits

    def __iter__(self) -> Iterator[str]:
        most = self._limits.line_chars
        with self._text as text:
            while line := text.readline(most + 1):
                if len(line) > most:
                    raise line_too_long(self._label, self._limits)
                yield line.replace("\0", "") if self._nul else line

    def share_read(self, size: int) -> float:
        """How much of a file of `size` bytes has been read, 0 to 1."""
        return 1.0 if self._text.closed or not size else min(1.0, bytes_read(self._raw) / size)


def delimited_table(member: Member, limits: Limits) -> RawTable:
    """The table in a CSV, TSV or similar text file, every cell text.

    Raises BadFile when there is nothing table-like, or when a quotation mark never closes.
    """
    encoding = encoding_of(member, limits)
    lines = list(islice(Lines(member.open(), encoding, member.label, limits), SAMPLE_LINES))
    told = _told_delimiter(lines)
    delimiter = told or best_delimiter(lines[:-1] if len(lines) == SAMPLE_LINES else lines)
    skip = 1 if told else 0

    def records() -> tuple[Iterator[NumberedRow], Callable[[], float]]:
        source = Lines(member.open(), encoding, member.label, limits)
        rows = _rows(source, delimiter, member.label, skip)
        return rows, lambda: source.share_read(member.packed_bytes)

    opened, _ = records()
    head = [row for _, row in islice(opened, PREAMBLE_ROWS + SAMPLE_LINES)]
    notes = [encoding.note, f"Cells are separated by {DELIMITERS.get(delimiter, repr(delimiter))}."]
    if encoding.has_nul:
        notes.append("NUL characters were removed.")
    return table_of(member.label, head, records, limits.columns, notes)


def _rows(lines: Lines, delimiter: str, label: str, skip: int) -> Iterator[NumberedRow]:
    """Every record with its number, as a spreadsheet counts rows."""
    reader = csv.reader(islice(iter(lines), skip, None), delimiter=delimiter)
    number = skip
    try:
        for number, row in enumerate(reader, start=1 + skip):
            yield number, row
    except csv.Error as error:
        raise BadFile(
            f"“{label}” cannot be split into cells after row {number:,}.",
            "A quotation mark there probably never closes: look at it in a text editor, or export again.",
        ) from error
    except UnicodeError as error:
        raise BadFile(
            f"“{label}” is damaged after row {number:,}.", "Export it again and import the new file."
        ) from error


def _told_delimiter(lines: list[str]) -> str | None:
    """The delimiter that a “sep=;” line tells Excel to use."""
    first = lines[0].strip().strip('"') if lines else ""
    told = first[4:] if first.lower().startswith("sep=") else ""
    if lines and lines[0].lower().startswith("sep=\t"):
        return "\t"
    return told if len(told) == 1 and told not in "\"'\\" else None


def best_delimiter(lines: list[str]) -> str:
    """The separator that puts most cells into rows of one width, quotation marks respected.

    A comma wins ties; one that is only in the text of cells gives rows of many widths.
    """
    scores = {delimiter: _cells_in_widest_block(lines, delimiter) for delimiter in DELIMITERS}
    return max(scores, key=lambda delimiter: scores[delimiter])


def _cells_in_widest_block(lines: list[str], delimiter: str) -> float:
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if not is_blank(row)]
    except csv.Error:
        return 0
    widths = Counter(len(row) for row in rows)
    return max(((width - 1) * count * count / len(rows) for width, count in widths.items()), default=0)
