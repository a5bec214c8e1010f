"""Which tables are on the sheets of a workbook?"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import openpyxl
from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.utils.exceptions import InvalidFileException

from journey_app.errors import BadFile
from journey_app.intake.header import table_of
from journey_app.intake.limits import Limits
from journey_app.intake.raw import AS_FOUND, Layout, NumberedRow, RawTable
from journey_app.intake.source import Member, display_label
from journey_app.vocabulary import Observation

if not openpyxl.DEFUSEDXML:
    raise ImportError("openpyxl must read XML through defusedxml; install it from requirements.txt")

PROLOG_BYTES = 64 * 1024
XML_AT_ONCE = 1 << 20
WHOLE_UP_TO = 2**53  # below it, a float is one integer and no other
MERGED = b"mergeCell "
ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}
DOCTYPE = re.compile(rb"<\s*!\s*DOCTYPE", re.IGNORECASE)
# What a damaged or hostile workbook makes openpyxl raise; anything else is our bug.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    DefusedXmlException,
    SyntaxError,  # xml.etree.ElementTree.ParseError is one
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
)


def workbook_tables(
    member: Member, limits: Limits, layout: Layout = AS_FOUND
) -> tuple[tuple[RawTable, ...], tuple[str, ...]]:
    """Every table of a workbook, one per sheet, and why other sheets were left out.

    Raises BadFile when no sheet holds a table; a single sheet's own reason is passed on.
    """
    _refuse_doctype(member)
    tables: list[RawTable] = []
    reasons: list[BadFile] = []
    sheets = _sheet_names(member)
    for place, name in enumerate(sheets):
        label = member.label if len(sheets) == 1 else display_label(f"{member.label} › {name}")
        try:
            tables.append(_sheet_table(member, place, label, limits, layout))
        except BadFile as reason:
            reasons.append(reason)
    if not tables:
        raise (
            reasons[0]
            if reasons
            else BadFile(f"“{member.label}” holds no sheets.", "Save it again in Excel.")
        )
    return tuple(tables), tuple(f"Left out: {reason.what}" for reason in reasons)


def _refuse_doctype(member: Member) -> None:
    """A legal workbook declares no document type; one that does is an entity bomb."""
    try:
        with member.open() as stream, zipfile.ZipFile(stream) as archive:
            for entry in archive.infolist():
                if entry.filename.endswith((".xml", ".rels")):
                    with archive.open(entry) as part:
                        if DOCTYPE.search(part.read(PROLOG_BYTES).replace(b"\0", b"")):
                            raise BadFile(
                                f"“{member.label}” holds XML that workbooks never hold (a document type).",
                                "Do not import it; ask who made it.",
                            )
    except BROKEN as error:
        raise _damaged(member.label) from error


def _damaged(label: str) -> BadFile:
    return BadFile(
        f"“{label}” is a damaged workbook.", "Open it in Excel, save it again, or save the sheet as CSV."
    )


def _open(member: Member) -> Any:
    try:
        return openpyxl.load_workbook(member.open(), read_only=True, data_only=True, keep_links=False)
    except BROKEN as error:
        raise _damaged(member.label) from error


def _sheet_names(member: Member) -> list[str]:
    book = _open(member)
    try:
        return [sheet.title for sheet in book.worksheets]
    finally:
        book.close()


def _sheet_table(
    member: Member, place: int, label: str, limits: Limits, layout: Layout = AS_FOUND
) -> RawTable:
    def records(_: Counter[str]) -> tuple[Iterator[NumberedRow], Callable[[], float]]:
        return _rows(member, place, label, limits), lambda: 0.0

    said = Observation("workbook", "Read from a workbook; formulas as last calculated.", brief="workbook")
    about, from_1904 = _about_sheet(member, place, label)
    table = table_of(label, records, limits.columns, (said, *about), layout)
    anew = partial(_sheet_table, member, place, label, limits)
    first = table.header
    if layout.header_row is not None:
        try:
            first = anew().header
        except BadFile:  # it could not be read at all without what the person said
            first = table.header
    return replace(table, anew=anew, first_names=first, days_from_1904=from_1904)


def _about_sheet(member: Member, place: int, label: str) -> tuple[tuple[Observation, ...], bool]:
    """How many cells of a sheet are merged, and whether its days count from 1904."""
    book = _open(member)
    try:
        from_1904 = book.epoch == CALENDAR_MAC_1904
        merged = _merged(member, getattr(book.worksheets[place], "_worksheet_path", ""))
    except BROKEN as error:
        raise _damaged(label) from error
    finally:
        book.close()
    if not merged:
        return (), from_1904
    cells = f"{merged:,} merged cell{' holds its' if merged == 1 else 's hold their'}"
    says = f"{cells} value in the first of their rows and columns only; the others are empty."
    return (Observation("merged", says, "note", f"{merged:,} merged", merged),), from_1904


def _merged(member: Member, part: str) -> int:
    """How many ranges of a sheet are merged; counted in its XML, which the quick reader passes over."""
    found, tail = 0, b""
    with member.open() as stream, zipfile.ZipFile(stream) as archive:
        if part.lstrip("/") not in archive.namelist():
            return 0
        with archive.open(part.lstrip("/")) as sheet:
            while block := sheet.read(XML_AT_ONCE):
                found += (tail + block).count(MERGED) - tail.count(MERGED)
                tail = block[1 - len(MERGED) :]
    return found


def _rows(member: Member, place: int, label: str, limits: Limits) -> Iterator[NumberedRow]:
    """The rows of a sheet as text. The sheet's declared size is ignored: it may leave rows out."""
    book = _open(member)
    seen = 0
    try:
        sheet = book.worksheets[place]
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            seen += len(cells) + 1
            if seen > limits.cells:
                raise BadFile(
                    f"“{label}” has more than {limits.cells:,} cells.",
                    "Save the sheet as CSV and import that: CSV files may be much larger.",
                )
            yield number, [cell_text(cell) for cell in _without_empty_end(cells)]
    except BROKEN as error:
        raise _damaged(label) from error
    finally:
        book.close()


def _without_empty_end(cells: tuple[Any, ...]) -> tuple[Any, ...]:
    end = len(cells)
    while end and cells[end - 1] is None:
        end -= 1
    return cells[:end]


def cell_text(value: Any) -> str:
    """A cell as CSV would hold it: ISO dates, whole numbers without a fraction, errors empty."""
    if value is None:
        return ""
    if isinstance(value, str):
        return "" if value in ERRORS else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < WHOLE_UP_TO:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    return str(value)
