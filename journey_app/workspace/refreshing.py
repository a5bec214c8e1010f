"""How are sources fetched beside whatever a page does, and who else waits for it?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from journey_app.errors import JourneyError
from journey_app.workspace.importing import Judge, unjudged
from journey_app.workspace.syncing import Synced, sync
from journey_app.workspace.workspace import Workspace


@dataclass
class Refreshing:
    """A sync that goes on in the background. sentence: what it is at. over: whether it has ended."""

    sentence: str = "Looking for what is new"
    over: bool = False
    done: tuple[Synced, ...] = field(default_factory=tuple)


_RUNNING: dict[Path, Refreshing] = {}
_LOCK = threading.Lock()


def refreshing(space: Workspace) -> Refreshing | None:
    """The sync of this workspace that goes on in this process, or the one that ended last."""
    with _LOCK:
        return _RUNNING.get(space.folder)


def refresh_in_background(
    space: Workspace,
    names: Collection[str],
    *,
    clock: Callable[[], datetime],
    judge: Judge = unjudged,
) -> Refreshing:
    """Begin to sync these sources beside whatever the page does; the one that goes on already counts."""
    with _LOCK:
        running = _RUNNING.get(space.folder)
        if running is not None and not running.over:
            return running
        begun = _RUNNING[space.folder] = Refreshing()
    threading.Thread(
        target=_refresh, args=(space, tuple(names), clock, judge, begun), name="sync", daemon=True
    ).start()
    return begun


def _refresh(
    space: Workspace,
    names: Sequence[str],
    clock: Callable[[], datetime],
    judge: Judge,
    begun: Refreshing,
) -> None:
    def say(_share: float, sentence: str) -> None:
        begun.sentence = sentence

    with _ended(begun):
        try:
            begun.done = sync(space, names, now=clock(), progress=say, judge=judge)
        except JourneyError as error:  # another process syncs: its notes will say how it went
            begun.sentence = error.what


@contextmanager
def _ended(begun: Refreshing) -> Iterator[None]:
    try:
        yield
    finally:
        begun.over = True
