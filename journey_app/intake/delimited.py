"""How does a text file split into rows and cells?"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import BinaryIO, Literal

from journey_app.errors import BadChoice, BadFile
from journey_app.intake.doctor import about_delimiter, about_encoding, about_quoting
from journey_app.intake.encoding import Encoding, encoding_of, line_too_long
from journey_app.intake.fixed_width import FIXED, fixed_columns
from journey_app.intake.header import is_blank, table_of
from journey_app.intake.limits import Limits
from journey_app.intake.raw import AS_FOUND, Layout, NumberedRow, RawTable
from journey_app.intake.source import Member, bytes_read
from journey_app.intake.times import looks_like_time

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
NAMED = {"\t": "tab"}  # separators that an answer cannot hold as they are
QUOTE = '"'
SAMPLE_LINES = 400
SHAPE_ROWS = 50
# Where no column holds times, many lines must look like rows before they are taken for rows.
ROWS_WITHOUT_TIMES = 20
KEPT = (
    "Rows that a stray quotation mark held together, the first of them row {}; "
    "they are kept, with the mark as an ordinary character"
)
ESCAPED_MARK = '\\"'
ESCAPED = "Rows with quotation marks written with a backslash, the first of them row {}; it is left out"


class Lines:
    """The lines of a file, decoded, none longer than allowed, without NUL characters.

    held: the lines given since the reader last cleared them, so that they can be given again.
    """

    def __init__(self, stream: BinaryIO, encoding: Encoding, label: str, limits: Limits) -> None:
        self._raw = stream
        # Universal newlines: a quoted cell keeps its line break, as one character on every system.
        self._text = io.TextIOWrapper(stream, encoding=encoding.codec, newline=None)
        self._nul, self._label, self._limits = encoding.has_nul, label, limits
        self._again: deque[str] = deque()
        self.held: list[str] = []

    def __iter__(self) -> Iterator[str]:
        """What comes next; iterating anew goes on where the last iteration stopped."""
        most, text, hold, again = self._limits.line_chars, self._text, self.held.append, self._again
        while again:
            hold(line := again.popleft())
            yield line
        while line := text.readline(most + 1):
            if len(line) > most:
                raise line_too_long(self._label, self._limits)
            if self._nul:
                line = line.replace("\0", "")
            hold(line)
            yield line

    def give_again(self) -> str:
        """The first held line; those after it come again."""
        first = self.held[0]
        self._again.extendleft(reversed(self.held[1:]))
        self.held.clear()
        return first

    def close(self) -> None:
        self._text.close()

    def share_read(self, size: int) -> float:
        """How much of a file of `size` bytes has been read, 0 to 1."""
        return 1.0 if self._text.closed or not size else min(1.0, bytes_read(self._raw) / size)


def delimited_table(member: Member, limits: Limits, layout: Layout = AS_FOUND) -> RawTable:
    """The table in a CSV, TSV, fixed-width or similar text file, every cell text.

    layout: what separates cells and where the names are, where a person said so.
    Raises BadFile when there is nothing table-like, or when a quotation mark never closes, and
    BadChoice for a separator or a row that does not fit the file.
    """
    encoding = encoding_of(member, limits)
    with closing(Lines(member.open(), encoding, member.label, limits)) as source:
        lines = list(islice(source, SAMPLE_LINES))
    told = _told_delimiter(lines)
    skip = 1 if told else 0
    whole = lines[:-1] if len(lines) == SAMPLE_LINES else lines
    chosen = _chosen(layout.delimiter) or told or best_delimiter(whole)
    seen = about_encoding(encoding.name, encoding.note, encoding.has_nul)
    columns = None
    if chosen == FIXED or (layout.delimiter is None and not told and not _splits(whole, chosen)):
        columns = fixed_columns(whole)
        if columns is None and chosen == FIXED:
            raise BadChoice(
                f"The lines of “{member.label}” do not stand in columns of fixed width.",
                "Choose what separates its cells instead.",
            )
    delimiter = FIXED if columns else chosen
    shape = row_shape(lines[skip:], "," if columns else delimiter)

    def records(remarks: Counter[str]) -> tuple[Iterator[NumberedRow], Callable[[], float]]:
        source = Lines(member.open(), encoding, member.label, limits)
        fixed = columns and columns.rows(source, remarks)
        rows = fixed or _rows(source, shape, member.label, skip, remarks)
        return rows, lambda: source.share_read(member.packed_bytes)

    if columns and layout.header_row is None and not columns.named:
        layout = replace(layout, header_row=0)
    others = [NAMED.get(mark, mark) for mark in DELIMITERS if mark != delimiter and _splits(whole, mark)]
    quirks = about_quoting(shape.spaced, shape.escaped) if not columns else ()
    about = about_delimiter(
        DELIMITERS.get(delimiter, repr(delimiter)), NAMED.get(delimiter, delimiter), others
    )
    table = table_of(member.label, records, limits.columns, (*seen, about, *quirks), layout)
    return replace(
        table,
        anew=partial(delimited_table, member, limits),
        first_names=_names_as_found(member, limits, table, layout),
    )


def _names_as_found(member: Member, limits: Limits, table: RawTable, layout: Layout) -> tuple[str, ...]:
    """The column names that the file shows before anybody says where they are."""
    if layout.delimiter is None and not layout.header_row:
        return table.header
    try:
        return delimited_table(member, limits).header
    except BadFile:  # it could not be read at all without what the person said
        return table.header


def _chosen(delimiter: str | None) -> str | None:
    if delimiter is None:
        return None
    mark = {name: mark for mark, name in NAMED.items()}.get(delimiter, delimiter)
    if mark not in (*DELIMITERS, FIXED):
        raise BadChoice(f"“{delimiter}” cannot separate cells.", "Use one of: , ; | tab fixed.")
    return mark


def _splits(lines: list[str], delimiter: str) -> bool:
    """Whether a separator puts most lines into the same two cells or more."""
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if not is_blank(row)]
    except csv.Error:
        return False
    widths = Counter(len(row) for row in rows)
    return any(width > 1 and 2 * count >= len(rows) for width, count in widths.items())


def _rows(
    lines: Lines, shape: RowShape, label: str, skip: int, remarks: Counter[str]
) -> Iterator[NumberedRow]:
    """Every record that is no empty line with its number, as a spreadsheet counts rows.

    A line whose quotation mark swallows whole rows is read with the mark as an ordinary character,
    and the rows after it on their own; `remarks` counts them.
    """
    number, held, odd = skip, lines.held, _OddRecords(shape, label, remarks)
    with closing(lines):
        deque(islice(lines, skip), 0)
        held.clear()
        try:
            while True:
                try:
                    for row in _reader(lines, shape.delimiter, shape.spaced, shape.escaped):
                        if len(held) > 1 or ESCAPED_MARK in held[0]:
                            if (whole := odd.whole(held, row, number + 1)) is None:
                                break
                            row = whole
                        held.clear()
                        number += 1
                        if row:
                            yield number, row
                    else:
                        return
                except csv.Error as error:
                    if not odd.is_several(held, number + 1, too_long=True):
                        raise _cell_too_long(lines, label, number + 1) from error
                number += 1
                yield number, odd.first_of(lines, number)
        except UnicodeError as error:
            raise BadFile(
                f"“{label}” is damaged after row {number:,}.", "Export it again and import the new file."
            ) from error


class _OddRecords:
    """Records whose quotation marks need a second look; `remarks` counts what was put right."""

    def __init__(self, shape: RowShape, label: str, remarks: Counter[str]) -> None:
        self._shape, self._label, self._remarks = shape, label, remarks
        self._said: dict[str, str] = {}

    def whole(self, held: Sequence[str], row: list[str], number: int) -> list[str] | None:
        """The record that these lines are, read as `row` at first; None where they are several."""
        escaped = _by_escapes(held, self._shape)
        if escaped is not None:
            self._remark(ESCAPED, number, 1)
            return escaped
        return None if len(held) > 1 and self.is_several(held, number) else row

    def is_several(self, held: Sequence[str], number: int, *, too_long: bool = False) -> bool:
        """Whether the first line is a row of its own, so that its open quotation mark opens nothing."""
        return _by_escapes(held[:1], self._shape) is not None or swallows_rows(
            held, self._shape, self._label, number, too_long=too_long
        )

    def first_of(self, lines: Lines, number: int) -> list[str]:
        """The first of several rows, by itself; the others come again."""
        count = len(lines.held)
        first = lines.give_again()
        escaped = _by_escapes([first], self._shape)
        if escaped is not None:
            self._remark(ESCAPED, number, 1)
            return escaped
        self._remark(KEPT, number, count)
        return _cells(first, self._shape.delimiter, csv.QUOTE_NONE)

    def _remark(self, what: str, number: int, count: int) -> None:
        self._remarks[self._said.setdefault(what, what.format(f"{number:,}"))] += count


def _cell_too_long(lines: Lines, label: str, row: int) -> BadFile:
    """Why a record ends in the middle: one huge cell, or a quotation mark without its partner."""
    marks = sum(line.count(QUOTE) for line in lines.held)
    if marks % 2 and not any(line.count(QUOTE) % 2 for line in _not_held(lines)):
        return _never_closes(label, row)
    return BadFile(
        f"Row {row:,} of “{label}” has a cell longer than {csv.field_size_limit():,} characters.",
        "Shorten that cell or export without its column.",
    )


def _not_held(lines: Lines) -> Iterator[str]:
    """The lines that follow, none of them kept."""
    for line in lines:
        lines.held.clear()
        yield line


def _never_closes(label: str, row: int) -> BadFile:
    return BadFile(
        f"A quotation mark in row {row:,} of “{label}” never closes, or closes only after other rows.",
        "Look at that row in a text editor and remove the mark or close it, or export again.",
    )


@dataclass(frozen=True)
class RowShape:
    """What one line of this table looks like: how many cells, and which of them are times.

    times: places of the columns in which nine of ten cells of the sample are written like times.
    spaced: a space stands before the quotation marks. escaped: a mark within them is written \\".
    """

    delimiter: str
    width: int
    times: tuple[int, ...]
    spaced: bool = False
    escaped: bool = False

    def fits(self, line: str) -> bool:
        """Whether a line on its own is a whole row, quotation marks obeyed or taken as they are."""
        if line.count(self.delimiter) < self.width - 1:
            return False
        ways: tuple[Literal[0, 3], ...] = (csv.QUOTE_MINIMAL, csv.QUOTE_NONE)
        return any(self._is_row(_cells(line, self.delimiter, way)) for way in ways)

    def _is_row(self, cells: Sequence[str]) -> bool:
        return len(cells) == self.width and all(
            looks_like_time(cells[place].strip().strip(QUOTE)) for place in self.times
        )


def row_shape(lines: Sequence[str], delimiter: str) -> RowShape:
    """The shape of most of these lines, each taken on its own."""
    rows = [cells for line in lines if (cells := _cells(line, delimiter, csv.QUOTE_MINIMAL))]
    counts = Counter(len(row) for row in rows)
    width = max(counts, key=lambda width: (width - 1) * counts[width] ** 2, default=0)
    body = [row for row in rows if len(row) == width][1 : 1 + SHAPE_ROWS]
    times = tuple(place for place in range(width) if _are_times(body, place))
    mark = re.escape(delimiter)
    spaced = any(re.search(rf'{mark} +"', line) for line in lines)
    return RowShape(delimiter, width, times, spaced, _are_escaped(lines, delimiter, spaced))


def _are_escaped(lines: Sequence[str], delimiter: str, spaced: bool) -> bool:
    r"""Whether marks within cells are written \", so that fewer rows break than by doubled marks.

    A backslash may as well stand before a doubled mark, as JSON in a cell has it.
    """
    if not any(ESCAPED_MARK in line for line in lines):
        return False
    by_doubling, by_escapes = (_broken(lines, delimiter, spaced, escapes) for escapes in (False, True))
    return by_escapes < by_doubling


def _broken(lines: Sequence[str], delimiter: str, spaced: bool, escapes: bool) -> int:
    """How many records have another width than most, or a mark that neither opens nor closes a cell."""
    rest, errors, widths = iter(lines), 0, Counter[int]()
    while True:
        try:
            for row in _reader(rest, delimiter, spaced, escapes, strict=True):
                widths[len(row)] += 1
            return errors + widths.total() - max(widths.values(), default=0)
        except csv.Error:
            errors += 1


def _reader(
    lines: Iterable[str], delimiter: str, spaced: bool, escapes: bool, *, strict: bool = False
) -> Iterator[list[str]]:
    return csv.reader(
        lines,
        delimiter=delimiter,
        skipinitialspace=spaced,
        escapechar="\\" if escapes else None,
        strict=strict,
    )


def _by_escapes(held: Sequence[str], shape: RowShape) -> list[str] | None:
    r"""The record that lines are only with marks written \"; None where doubled marks do."""
    if shape.escaped or not any(ESCAPED_MARK in line for line in held):
        return None
    if _whole_record(held, shape, escapes=False) is not None:
        return None
    return _whole_record(held, shape, escapes=True)


def _whole_record(held: Sequence[str], shape: RowShape, *, escapes: bool) -> list[str] | None:
    """The one record of the right width that these lines are, every quotation mark in its place."""
    try:
        rows = list(_reader(held, shape.delimiter, shape.spaced, escapes, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 and len(rows[0]) == shape.width else None


def _are_times(rows: Sequence[Sequence[str]], place: int) -> bool:
    others = (row for row in rows if not looks_like_time(row[place].strip()))
    most_others = len(rows) // 10
    return bool(rows) and len(list(islice(others, most_others + 1))) <= most_others


def _cells(line: str, delimiter: str, quoting: Literal[0, 3]) -> list[str]:
    """One line as a row of its own; empty where a cell is longer than a cell may be."""
    try:
        return next(csv.reader([line], delimiter=delimiter, quoting=quoting), [])
    except csv.Error:
        return []


def swallows_rows(
    held: Sequence[str], shape: RowShape, label: str, row: int, *, too_long: bool = False
) -> bool:
    """Whether the lines of one record are rows of their own, so that its quotation mark is none.

    too_long: the record did not end within the length of a cell. Text in quotation marks may run
    over lines; it is not taken apart unless most of its lines are rows of this table, times in
    their place. Raises BadFile where that is so but the first or last line speaks against it.
    """
    others = [shape.fits(line) for line in held[1:] if line.strip()]
    whole = sum(others)
    if 2 * whole < max(len(others), 1) or whole < (1 if shape.times else ROWS_WITHOUT_TIMES):
        return False
    first, last = shape.fits(held[0]), others[-1]
    if first and (last or too_long or _never_ends(held, shape.delimiter)):
        return True
    if whole == 1:
        return False
    if too_long or _never_ends(held, shape.delimiter):
        return True
    raise _never_closes(label, row)


def _never_ends(held: Sequence[str], delimiter: str) -> bool:
    """Whether the quotation mark of a record is still open where the file ends."""
    try:
        deque(csv.reader(held, delimiter=delimiter, strict=True), 0)
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


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
