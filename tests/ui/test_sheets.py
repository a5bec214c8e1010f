"""A workbook to share: numbers stay numbers, grades are tinted, and no cell runs."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from journey_app.ui.sheets import as_xlsx

ROWS = [
    {"Touchpoint": "=HYPERLINK(\"http://192.0.2.1\")", "Measured": "R", "Customers": 12},
    {"Touchpoint": "@cmd", "Measured": "G", "Customers": -3},
]  # fmt: skip


def cells(rows, title="Audit"):
    return load_workbook(io.BytesIO(as_xlsx(rows, title))).active


def test_no_cell_is_a_formula():
    sheet = cells(ROWS)
    assert [sheet["A2"].value, sheet["A3"].value] == ['\'=HYPERLINK("http://192.0.2.1")', "'@cmd"]
    assert all(cell.data_type != "f" for row in sheet for cell in row)
    assert (sheet["C2"].value, sheet["C3"].value) == (12, -3)


def test_the_head_stays_and_grades_are_tinted():
    sheet = cells(ROWS)
    assert sheet.freeze_panes == "B2" and sheet["A1"].font.bold
    assert sheet["B2"].fill.fgColor.rgb.endswith("FCEBE8") and sheet["B3"].fill.fgColor.rgb.endswith("E6F3EC")


def test_a_sheet_of_nothing_is_a_sheet():
    assert cells([], "A title that is longer than a sheet may be called").max_row == 1


def test_control_characters_typed_into_a_note_do_not_break_the_download():
    sheet = cells([{"Note": "bell\x07 and\x0b tab", "Owner": "\x00=Ana"}])
    assert (sheet["A2"].value, sheet["B2"].value) == ("bell and tab", "'=Ana")
