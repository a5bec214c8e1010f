"""What stands in a sheet that comes back from a spreadsheet program, cell by cell?

Small files only, read without running anything in them; how large they may be stands here.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from openpyxl import load_workbook

from journey_app.errors import BadFile
from journey_app.share.tables import plain_cell

MOST_BYTES = 5_000_000
MOST_UNPACKED = 50_000_000  # of a workbook, which is a zip: what its parts say they unpack to
MOST_ROWS, MOST_COLUMNS = 2_000, 200
DELIMITERS = (",", ";", "\t")
HEAD_WITHIN = 20  # rows above the head that a person may have added


@dataclass(frozen=True)
class Line:
    """One row: its number in the file, and its cells by the name of their column."""

    number: int
    cells: Mapping[str, str]


def read_sheet(data: bytes, name: str, *, head: str) -> list[Line]:
    """The rows below the row that holds `head`, without the apostrophes that kept cells from running.

    Raises BadFile for anything that is not such a sheet.
    """
    if len(data) > MOST_BYTES:
        raise BadFile(
            f"“{name}” has {len(data):,} bytes; an audit has a few thousand.",
            "Bring the sheet that was exported.",
        )
    rows = _workbook(data, name, head) if data[:2] == b"PK" else _delimited(data, name, head)
    return list(_lines(rows, name, head))


def _workbook(data: bytes, name: str, head: str) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
        if unpacked > MOST_UNPACKED:
            raise BadFile(f"“{name}” unpacks to {unpacked:,} bytes.", "Bring the sheet that was exported.")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [_cells(sheet) for sheet in book.worksheets]
    except BadFile:
        raise
    except Exception as error:  # what is damaged breaks the libraries that read it in any way
        raise BadFile(
            f"“{name}” is no workbook that can be read.", "Save it as XLSX or CSV again."
        ) from error
    found = next((rows for rows in sheets if _head_at(rows, head) is not None), None)
    return found if found is not None else (sheets[0] if sheets else [])


def _cells(sheet: Any) -> list[list[str]]:
    rows = sheet.iter_rows(max_row=MOST_ROWS + HEAD_WITHIN + 2, max_col=MOST_COLUMNS, values_only=True)
    return [[_text(value) for value in row] for row in rows]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _delimited(data: bytes, name: str, head: str) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")  # how spreadsheets on Windows save “CSV”
    for delimiter in DELIMITERS:
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            rows = list(islice(reader, MOST_ROWS + HEAD_WITHIN + 2))
        except csv.Error as error:
            raise BadFile(
                f"“{name}” breaks off inside a cell: {error}.", "Save it as XLSX or CSV again."
            ) from error
        if _head_at(rows, head) is not None:
            return rows
    return []


def _head_at(rows: list[list[str]], head: str) -> int | None:
    return next((at for at, row in enumerate(rows[:HEAD_WITHIN]) if head in _names(row)), None)


def _names(row: Iterable[str]) -> list[str]:
    return [plain_cell(cell).strip() for cell in row]


def _lines(rows: list[list[str]], name: str, head: str) -> Iterator[Line]:
    at = _head_at(rows, head)
    if at is None:
        raise BadFile(
            f"“{name}” has no column “{head}”, so it is no sheet of an audit.",
            "Export the audit, edit that file and bring it back.",
        )
    names = _names(rows[at])
    twice = next((each for each in names if each and names.count(each) > 1), None)
    if twice is not None:
        raise BadFile(f"“{name}” has two columns called “{twice}”.", "Keep one of them.")
    if len(rows) - at - 1 > MOST_ROWS:
        raise BadFile(
            f"“{name}” has over {MOST_ROWS:,} rows; an audit has a few dozen.", "Keep those of the audit."
        )
    for number, row in enumerate(rows[at + 1 :], start=at + 2):
        cells = dict(zip(names, map(plain_cell, [*row, *[""] * len(names)]), strict=False))
        if any(cell.strip() for cell in cells.values()):
            yield Line(number, {column: cell for column, cell in cells.items() if column})
