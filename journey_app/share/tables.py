"""How do rows become a file that people can share, that runs nothing, and that can be read again?"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from journey_app.charts.theme import LIGHT

TRIGGERS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\0")
INVISIBLE = "\ufeff\u200b\u2060"  # what a spreadsheet may skip before it looks at the first character
WIDEST = 46
GRADE_TINTS = {"R": LIGHT.red_tint, "A": LIGHT.amber_tint, "G": LIGHT.green_tint}


def csv_cell(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe; numbers stay numbers.

    Text that begins with apostrophes before such a sign gets one more, so that `plain_cell` gives
    back exactly what was written. Source: OWASP, CSV Injection.
    """
    if not isinstance(value, str):
        return value
    return f"'{value}" if _would_run(value.lstrip("'")) else value


def plain_cell(text: str) -> str:
    """A cell as it was before `csv_cell`: the one apostrophe that kept it from running is taken away."""
    return text[1:] if text.startswith("'") and _would_run(text.lstrip("'")) else text


def _would_run(text: str) -> bool:
    first_seen = text.lstrip(INVISIBLE).lstrip().lstrip(INVISIBLE)
    return text.startswith(TRIGGERS) or first_seen.startswith(TRIGGERS)


def as_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows of one shape as CSV, UTF-8 with the mark that makes Excel read it as such."""
    out = io.StringIO()
    if rows:
        writer = csv.writer(out)
        writer.writerow([csv_cell(str(name)) for name in rows[0]])
        writer.writerows([[csv_cell(value) for value in row.values()] for row in rows])
    return ("\ufeff" + out.getvalue()).encode("utf-8", errors="replace")


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
    return csv_cell(storable(value) if isinstance(value, str) else value)


def storable(text: str) -> str:
    """Text without what no workbook can hold: control characters, halves of a character."""
    return ILLEGAL_CHARACTERS_RE.sub("", text.encode("utf-8", errors="replace").decode())


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
