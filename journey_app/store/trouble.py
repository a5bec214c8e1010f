"""What does a database's complaint mean to the person who was saving?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from journey_app.errors import JourneyError


class StoreTrouble(JourneyError):
    """The state database cannot answer or save just now; nothing was half-saved."""


FULL = (
    "The disk that holds the saved decisions is full or cannot be written; this was not saved.",
    "Free some space and save again: everything saved before is still there.",
)
BUSY = (
    "Somebody else is saving, and it takes unusually long; this was not saved.",
    "Wait a moment and try again.",
)
DAMAGED = (
    "The file with the saved decisions is damaged, or is not one of ours.",
    "Keep it, and restore your newest backup under another name (python -m journey_app restore).",
)
LOCKED_AWAY = (
    "The file with the saved decisions cannot be opened or changed here.",
    "Check that its folder exists and that you may write to it.",
)
UNREACHABLE = (
    "The database with the saved decisions does not answer; the last edit may or may not be saved.",
    "Check the connection, reload, and look whether your edit is there before you save it again.",
)

_SQLITE = {
    "SQLITE_FULL": FULL,
    "SQLITE_IOERR": FULL,
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_NOTADB": DAMAGED,
    "SQLITE_READONLY": LOCKED_AWAY,
    "SQLITE_CANTOPEN": LOCKED_AWAY,
    "SQLITE_PERM": LOCKED_AWAY,
}
# SQLSTATE classes, PostgreSQL manual, appendix A; no code at all means no server.
_POSTGRES = {
    "53100": FULL,
    "55P03": BUSY,
    "40001": BUSY,
    "40P01": BUSY,
    "57014": BUSY,
    "08": UNREACHABLE,
    "28": UNREACHABLE,
    "3D": UNREACHABLE,
    "57P": UNREACHABLE,
    "XX001": DAMAGED,
    "25006": LOCKED_AWAY,
    "42501": LOCKED_AWAY,
}


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Turn what a person can put right into StoreTrouble; a bug passes through unchanged."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        meaning = _meaning(error.orig if isinstance(error, DBAPIError) else error)
        if meaning is None:
            raise
        raise StoreTrouble(*meaning) from error


def _meaning(complaint: BaseException | None) -> tuple[str, str] | None:
    name = getattr(complaint, "sqlite_errorname", None)
    if name is not None:
        return _by_prefix(_SQLITE, name)
    state = getattr(complaint, "sqlstate", None)
    if state is not None:
        return _by_prefix(_POSTGRES, state)
    return UNREACHABLE if type(complaint).__name__ == "OperationalError" else None


def _by_prefix(table: dict[str, tuple[str, str]], code: str) -> tuple[str, str] | None:
    return next((meaning for prefix, meaning in table.items() if code.startswith(prefix)), None)
