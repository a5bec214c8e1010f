"""What leaves the app as a file: cells that no spreadsheet will run, charts as pictures."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

TRIGGERS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\0")
INVISIBLE = "\ufeff\u200b\u2060"  # what a spreadsheet may skip before it looks at the first character


def csv_cell(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe; numbers stay numbers.

    Source: OWASP, CSV Injection.
    """
    if not isinstance(value, str):
        return value
    first_seen = value.lstrip(INVISIBLE).lstrip().lstrip(INVISIBLE)
    return f"'{value}" if value.startswith(TRIGGERS) or first_seen.startswith(TRIGGERS) else value


def as_csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """Rows of one shape as CSV, UTF-8 with the mark that makes Excel read it as such."""
    out = io.StringIO()
    if rows:
        writer = csv.writer(out)
        writer.writerow([csv_cell(str(name)) for name in rows[0]])
        writer.writerows([[csv_cell(value) for value in row.values()] for row in rows])
    return ("\ufeff" + out.getvalue()).encode()
