"""What does a forgetting leave on the disk, and when is it gone?

It counts with its commit; what lies on the disk from before is removed after it, and again at the next
use of the workspace if something stood in the way. Source: docs/decisions/014-forgetting-one-customer.md
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from journey_app.engine.embedded import let_go
from journey_app.errors import BadChoice, JourneyError
from journey_app.store.trouble import StoreTrouble
from journey_app.workspace.importing import sweep
from journey_app.workspace.leasing import Lease, alone
from journey_app.workspace.source_notes import clean_notes
from journey_app.workspace.theirs import Person
from journey_app.workspace.tombstones import forgotten_of
from journey_app.workspace.waiting import erase_calls
from journey_app.workspace.workspace import IMPORT, Workspace

LOG = logging.getLogger(__name__)
PENDING = "forgetting"  # what is still to be removed from the disk; names nobody
AGAIN_AFTER_S = 60.0  # what could not be removed is tried again at a use of the workspace, once a minute
_FAILED_AT: dict[Path, float] = {}


class Unfinished(JourneyError):
    """They are forgotten, and something of theirs is still on the disk. gone: what `forget` returns."""

    def __init__(self, gone: Person, left: Sequence[str]) -> None:
        self.gone = gone
        self.left = tuple(left)
        super().__init__(
            f"They are forgotten, but this could not be removed from the disk yet: {', '.join(left)}.",
            "It is tried again whenever this workspace is used; free some space, close what reads its folder, "
            "and open it again in a minute.",
        )


def leave_to_do(space: Workspace, uploads: Sequence[str], *, author: str, now: datetime) -> None:
    """Note which raw files are to be removed, with what counts: whoever comes next finishes it."""
    held = space.store.get(PENDING, PENDING)
    before = held.body["uploads"] if held else []
    body = {"uploads": sorted({*before, *uploads})}
    space.store.put(PENDING, PENDING, body, based_on=held.version if held else 0, author=author, now=now)


def finish_forgetting(space: Workspace, *, now: datetime | None = None) -> bool:
    """Remove what a forgetting left on the disk, because it was cut short or something stood in its way.

    now: UTC, by default the time it is. False when there is nothing to do, or when it is not all done:
    every use of the workspace may ask, and after a try that failed the next one waits for a minute.
    """
    if space.store.read_only or space.store.get(PENDING, PENDING) is None:
        return False
    if monotonic() - _FAILED_AT.get(space.folder, -AGAIN_AFTER_S) < AGAIN_AFTER_S:
        return False
    try:
        with alone(space.store, IMPORT, now=now or datetime.now(UTC), patient=False) as lease:
            left = finish(space, lease, now=now or datetime.now(UTC))
    except (BadChoice, StoreTrouble):  # an import is running, or the decisions cannot be written just now
        return False
    if left:
        _FAILED_AT[space.folder] = monotonic()
    return not left


def finish(
    space: Workspace, lease: Lease, cleaned: Callable[[Any], Any] | None = None, *, now: datetime
) -> tuple[str, ...]:
    """Take them off the disk, files first; returns what could not be removed, in words. Safe to repeat.

    cleaned: a JSON value without their words; when it was cut short, only their hashes are left. What
    fails stops nothing else.
    """
    held = space.store.get(PENDING, PENDING)
    if held is None:
        return ()
    people = forgotten_of(space.store)
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("raw files", lambda: _remove_uploads(space, held.body["uploads"])),
        ("the data as they were before", lambda: sweep(space, lease)),
        ("older snapshots", lambda: _remove_snapshots(space, lease)),
        ("calls that wait to become events", lambda: erase_calls(space, people, cleaned or people.named)),
        ("what sources remember", lambda: clean_notes(space, cleaned)),
        ("free pages of the saved decisions", space.store.rewrite_file),
    )
    left = tuple(what for what, step in steps if not _done(what, step))
    if not left:
        space.store.delete(PENDING, PENDING, based_on=held.version, author="app", now=now)
    return left


def _done(what: str, step: Callable[[], object]) -> bool:
    """Do it; False when anything stood in its way, which the log then tells."""
    try:
        step()
    except Exception:
        LOG.exception("a forgetting could not remove: %s", what)
        return False
    return True


def _remove_uploads(space: Workspace, names: Sequence[str]) -> None:
    """Every one that can be removed, whatever stands in the way of another."""
    files = [space.folder / "uploads" / Path(name).name for name in names]
    _insist_on_all([file for file in files if not _removed(file)])


def _remove_snapshots(space: Workspace, lease: Lease) -> None:
    """All but the one in force; who lost the lease may be removing what another builds just now."""
    lease.insist()
    current = space.version
    left = []
    for file in space.snapshots.iterdir() if space.snapshots.is_dir() else ():
        if file.stem != current or file.suffix != ".duckdb":
            let_go(file)
            if not _removed(file):
                left.append(file)
    _insist_on_all(left)  # on Windows a session may still read one


def _removed(file: Path) -> bool:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        LOG.warning("%s: %s", file.name, error)
        return False
    return True


def _insist_on_all(left: Sequence[Path]) -> None:
    if left:
        raise PermissionError(f"{len(left)} files are in use, or may not be removed")
