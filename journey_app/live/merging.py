"""When do the calls that wait become events? All the time the server runs, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from journey_app.live.owners import Spaces
from journey_app.workspace.inbox import inbox_of, merge_if_free, note_trouble, rest_after
from journey_app.workspace.workspace import Workspace

LOG = logging.getLogger(__name__)
LOOKED_EVERY_S = 0.5
REST_AFTER_TROUBLE_S = 30.0


@contextmanager
def merging(spaces: Spaces) -> Iterator[None]:
    """Turn what waits into events for as long as this is open."""
    over = threading.Event()
    thread = threading.Thread(target=_merge_on, args=(spaces, over), name="live-merging", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=5)  # what it is at can be cut short at any moment


def _merge_on(spaces: Spaces, over: threading.Event) -> None:
    due: dict[Path, float] = {}
    while not over.wait(LOOKED_EVERY_S):
        try:
            found = spaces.all()
        except Exception:
            LOG.exception("workspaces cannot be opened for merging")
            continue
        for space in found:
            if over.is_set() or monotonic() < due.get(space.folder, 0.0):
                continue
            due[space.folder] = monotonic() + merge_one(space)


def merge_one(space: Workspace) -> float:
    """Merge what waits in one workspace; returns for how long to leave it alone."""
    started = monotonic()
    try:
        if not inbox_of(space).newest():
            return 0.0
        merged = merge_if_free(space, now=datetime.now(UTC))
        return rest_after(merged.seconds) if merged else LOOKED_EVERY_S
    except Exception as error:  # whatever it is, calls go on being kept, and people see that they wait
        LOG.exception("live calls of “%s” could not be merged", space.name)
        note_trouble(space, error, monotonic() - started, now=datetime.now(UTC))
        return REST_AFTER_TROUBLE_S
