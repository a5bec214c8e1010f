"""How do rows become a workbook that people can share, and that runs nothing?"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from journey_app.charts.theme import LIGHT
from journey_app.ui.downloads import csv_cell

WIDEST = 46
GRADE_TINTS = {"R": LIGHT.red_tint, "A": LIGHT.amber_tint, "G": LIGHT.green_tint}


def as_xlsx(rows: Sequence[Mapping[str, Any]], title: str) -> bytes:
    """Rows of one shape as one sheet: bold head that stays, wrapped cells, R, A and G tinted.

    Text that a spreadsheet would take for a formula gets an apostrophe; control characters, which no
    workbook can hold, are left out.
    """
    book = Workbook()
    sheet: Worksheet = book.active
    sheet.title = title[:31]
    if rows:
        sheet.append([_cell(str(name)) for name in rows[0]])
        for row in rows:
            sheet.append([_cell(value) for value in row.values()])
        _dress(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(value: Any) -> Any:
    return csv_cell(ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value)


def _dress(sheet: Worksheet) -> None:
    sheet.freeze_panes = "B2"
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for at, column in enumerate(sheet.columns, start=1):
        longest = max(len(str(cell.value or "")) for cell in column)
        sheet.column_dimensions[get_column_letter(at)].width = min(WIDEST, longest + 2)
        for cell in column:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            tint = GRADE_TINTS.get(cell.value) if cell.row > 1 else None
            if tint:
                cell.fill = PatternFill("solid", fgColor=tint.lstrip("#"))
