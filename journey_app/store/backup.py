"""How is the state copied whole while people go on saving?"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

from journey_app.errors import BadChoice
from journey_app.store.database import connect_sqlite


def copy_whole(file: Path, path: Path) -> None:
    """Write one consistent copy of the SQLite `file` to `path`, which appears only when it is whole.

    Raises BadChoice when `path` exists already.
    """
    if path.exists():
        raise BadChoice(f"“{path.name}” is already there.", "Choose a name that is not taken.")
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    try:
        # A connection of its own: VACUUM cannot run on one that is kept from writing.
        with closing(connect_sqlite(file)) as connection:
            connection.execute("VACUUM INTO ?", (str(unfinished),))
        _flush(unfinished)
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _flush(file: Path) -> None:
    """VACUUM INTO does not wait for the disk; a backup should."""
    with file.open("rb") as handle:
        os.fsync(handle.fileno())
