"""How long are files kept as they came? Events stay; the raw file goes after so many days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from journey_app.errors import BadChoice
from journey_app.store.documents import Document
from journey_app.workspace.leasing import alone
from journey_app.workspace.workspace import IMPORT, Workspace

SETTING = "uploads"
USUAL_DAYS = 90
LONGEST_DAYS = 3650


@dataclass(frozen=True)
class Upload:
    """The raw file of an import. bytes: None when it is gone. goes_on: the day it is removed."""

    batch: str
    file: str
    imported_at: datetime
    bytes: int | None
    goes_at: datetime


def keep_days(space: Workspace) -> int:
    """How many days raw files are kept here."""
    held = space.store.get("workspace", SETTING)
    return int(held.body["keep_days"]) if held else USUAL_DAYS


def set_keep_days(space: Workspace, days: int, *, author: str, now: datetime) -> int:
    """Keep raw files so many days, older ones go at once; returns how many went. 0: none is kept."""
    if not 0 <= days <= LONGEST_DAYS:
        raise BadChoice(f"{days} days is not a time to keep files.", f"Give 0 to {LONGEST_DAYS} days.")
    held = space.store.get("workspace", SETTING)
    based_on = held.version if held else 0
    space.save("workspace", SETTING, {"keep_days": days}, based_on=based_on, author=author, now=now)
    return remove_old(space, now=now)


def uploads(space: Workspace) -> tuple[Upload, ...]:
    """The raw file of every import that came as one, oldest first: calls that are sent live have none."""
    days = timedelta(days=keep_days(space))
    return tuple(
        Upload(b.doc_id, str(b.body["report"]["file"]), b.saved_at, _size(file), b.saved_at + days)
        for b in space.batches()
        if (file := kept_file(space, b)) is not None
    )


def kept_file(space: Workspace, batch: Document) -> Path | None:
    """Where an import's raw file is, or was; None of calls that came live, without a file."""
    if not batch.body["upload"]:
        return None
    return space.folder / "uploads" / Path(str(batch.body["upload"])).name


def _size(file: Path) -> int | None:
    return file.stat().st_size if file.is_file() else None


def remove_old(space: Workspace, *, now: datetime) -> int:
    """Remove raw files older than they are kept; returns how many. While an import runs, it waits."""
    if space.store.read_only or not (old := _old(space, now)):
        return 0
    try:
        with alone(space.store, IMPORT, now=now):
            old = _old(space, now)
            for file in old:
                file.unlink(missing_ok=True)
    except BadChoice:
        return 0
    return len(old)


def _old(space: Workspace, now: datetime) -> set[Path]:
    """Files whose every import is older than that: one file may have brought several."""
    oldest = now - timedelta(days=keep_days(space))
    batches = space.batches()
    files = [(b.saved_at, file) for b in batches if (file := kept_file(space, b)) is not None]
    young = {file for saved_at, file in files if saved_at > oldest}
    return {file for _saved_at, file in files if file.is_file()} - young
