"""How is a workspace copied whole into one file, and how does a new one come from it?

Decisions cannot be made again, so they are copied as they were at one moment, with everything they speak
of: the events of every import, and the raw files that are still kept. Snapshots are not in it, for they
are built from the rest. Source: docs/decisions/025-a-backup-is-the-whole-workspace.md
"""

from __future__ import annotations

import re
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from journey_app.errors import BadChoice, BadFile, JourneyError, NotAllowed
from journey_app.settings import Settings
from journey_app.store.documents import open_store
from journey_app.temporary import TemporaryFolder
from journey_app.workspace.home import STATE, folder_name, open_workspace
from journey_app.workspace.leasing import alone
from journey_app.workspace.workspace import IMPORT, Workspace

# Everything that may lie in a backup; no name in it leads out of the folder that is being made.
_INSIDE = re.compile(rf"{re.escape(STATE)}|(?:batches|uploads)/[A-Za-z0-9_-][A-Za-z0-9_.-]{{0,199}}")
NO_BACKUP = "Name a file that “backup” wrote."


@dataclass(frozen=True)
class BackedUp:
    """What a backup holds. bytes: of the file."""

    imports: int
    raw_files: int
    bytes: int


def back_up(space: Workspace, target: Path, *, now: datetime) -> BackedUp:
    """Write the whole workspace into one zip, which appears only when it is whole.

    Nothing is imported meanwhile; decisions may be made. Calls that wait to become events are not in it.
    Raises BadChoice when the file is there, cannot be written, or an import is running.
    """
    if space.store.read_only:
        raise NotAllowed("This view is for reading; no backup was made.", "Ask an owner to make it.")
    if target.exists():
        raise BadChoice(f"“{target}” is already there.", "Choose a name that is not taken.")
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}.unfinished")
    with (
        alone(space.store, IMPORT, now=now) as lease,
        TemporaryFolder("backup", within=space.folder) as folder,
    ):
        try:
            space.store.backup(folder / STATE)
            uploads = _write(space, unfinished, folder / STATE)
            lease.insist()
            unfinished.replace(target)
        except OSError as error:
            raise BadChoice(
                f"“{target}” cannot be written: {error.strerror or type(error).__name__}.",
                "Name a file in a folder that is there and has room.",
            ) from error
        finally:
            unfinished.unlink(missing_ok=True)
    return BackedUp(len(space.batches()), uploads, target.stat().st_size)


def _write(space: Workspace, unfinished: Path, state: Path) -> int:
    """The zip; Parquet is packed already. Returns how many raw files are in it."""
    uploads = {str(batch.body["upload"]) for batch in space.batches()} - {""}
    kept = [
        file for name in sorted(uploads) if (file := space.folder / "uploads" / Path(name).name).is_file()
    ]
    with zipfile.ZipFile(unfinished, "x", zipfile.ZIP_STORED) as out:
        out.write(state, STATE)
        for batch in space.batches():
            for file in space.batch_files.files_of(batch.doc_id):
                out.write(file, f"batches/{file.name}")
        for file in kept:
            out.write(file, f"uploads/{file.name}", zipfile.ZIP_DEFLATED)
    return len(kept)


def restore(source: Path, name: str, settings: Settings, *, now: datetime) -> Workspace:
    """Make a new workspace from a backup, whole or not at all; none that is there is ever changed.

    Raises BadChoice when the name is taken, BadFile for a file that is no backup or is damaged.
    """
    if settings.read_only:
        raise NotAllowed("This view is for reading; nothing was restored.", "Ask an owner to do it.")
    folder = settings.home / folder_name(name)
    if folder.exists():
        raise BadChoice(
            f"There is a workspace called “{folder.name}” already.",
            "Restore under another name, with --workspace, then delete the one you do not need.",
        )
    made = settings.home / f".restoring-{secrets.token_hex(8)}"
    try:
        with _whole(source) as backup:
            made.mkdir(parents=True, mode=0o700)
            backup.extractall(made)
        _make_new(made, now)
        made.rename(folder)
    except (OSError, zipfile.BadZipFile) as error:
        reason = getattr(error, "strerror", None) or "it is damaged"
        raise BadFile(f"“{source.name}” could not be restored: {reason}.", NO_BACKUP) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return open_workspace(folder.name, settings)


@contextmanager
def _whole(source: Path) -> Iterator[zipfile.ZipFile]:
    """The backup, once every byte in it was read and found to be as it was written."""
    if not source.is_file():
        raise BadFile(f"There is no file “{source}”.", "Check the name and the folder.")
    try:
        with zipfile.ZipFile(source) as backup:
            names = backup.namelist()
            known = STATE in names and len(set(names)) == len(names) and all(map(_INSIDE.fullmatch, names))
            if not known or backup.testzip() is not None:
                raise BadFile(f"“{source.name}” is no backup of a workspace, or is damaged.", NO_BACKUP)
            yield backup
    except (OSError, JourneyError):
        raise
    except Exception as error:  # what is damaged breaks the library that reads it in any way
        raise BadFile(f"“{source.name}” is no backup of a workspace, or is damaged.", NO_BACKUP) from error


def _make_new(folder: Path, now: datetime) -> None:
    """Another workspace than the one it was: versions of their data must never be taken for each other's."""
    store = open_store(folder / STATE)
    try:
        held = store.get("workspace", "about")
        if held is None:
            raise BadFile("This backup holds no workspace.", NO_BACKUP)
        about = {**held.body, "id": secrets.token_hex(4)}
        store.end_leases()  # the backup itself held one
        store.put("workspace", "about", about, based_on=held.version, author="restore", now=now)
    finally:
        store.close()
