"""Which workspace does a write key belong to? One that cannot be read shuts nobody else's."""

from __future__ import annotations

import logging
import math
import threading
from dataclasses import dataclass, field
from time import monotonic

from journey_app.settings import Settings
from journey_app.workspace.home import STATE, list_workspaces, open_workspace
from journey_app.workspace.keys import matching, seals_in_force
from journey_app.workspace.workspace import Workspace

LOG = logging.getLogger(__name__)
KEYS_FRESH_S, MISS_FRESH_S = 2.0, 0.5  # how soon a revoked key is refused, and a new one taken


@dataclass
class _Opened:
    """A workspace that is held open, as long as it is the same one."""

    space: Workspace
    inode: int


@dataclass
class Spaces:
    """Every workspace of this home, held open while it is the one that was opened."""

    settings: Settings
    _held: dict[str, _Opened] = field(default_factory=dict)
    _shut: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def shut(self) -> bool:
        """Whether some workspace could not be opened or read the last time."""
        return bool(self._shut)

    def all(self) -> list[Workspace]:
        with self._lock:
            there = {name: self._inode(name) for name in list_workspaces(self.settings)}
            for name in [n for n, opened in self._held.items() if there.get(n) != opened.inode]:
                self._held.pop(name).space.store.close()
            self._shut &= there.keys()
            for name, inode in there.items():
                if name not in self._held and inode:
                    self._open(name, inode)
            return [opened.space for opened in self._held.values()]

    def seals(self, space: Workspace) -> dict[str, str]:
        """seal → key id of one workspace; none where its state cannot be read just now."""
        try:
            found = seals_in_force(space.store)
        except Exception as error:  # whatever a damaged file does, it does to its own workspace alone
            self._shut_up(space.name, error)
            return {}
        with self._lock:
            self._shut.discard(space.name)
        return found

    def _open(self, name: str, inode: int) -> None:
        try:
            self._held[name] = _Opened(open_workspace(name, self.settings), inode)
        except Exception as error:  # its calls are asked to come again; the others' go on
            self._note(name, error)

    def _shut_up(self, name: str, error: Exception) -> None:
        with self._lock:
            self._note(name, error)

    def _note(self, name: str, error: Exception) -> None:
        if name not in self._shut:  # it is looked at twice a second
            LOG.warning("“%s” cannot be opened: %s", name, error, exc_info=error)
        self._shut.add(name)

    def _inode(self, name: str) -> int:
        try:
            return (self.settings.home / name / STATE).stat().st_ino
        except OSError:
            return 0


class Keys:
    """Which workspace a write key belongs to; looked up anew every two seconds."""

    def __init__(self, spaces: Spaces) -> None:
        self._spaces = spaces
        self._known: dict[str, tuple[Workspace, str]] = {}
        self._read_at = -math.inf
        self._lock = threading.Lock()

    def find(self, key: str) -> tuple[Workspace, str] | None:
        """The workspace and the key's own name; None when it opens nothing."""
        with self._lock:
            for fresh_s in (KEYS_FRESH_S, MISS_FRESH_S):
                if monotonic() - self._read_at > fresh_s:
                    self._read()
                found = matching(key, list(self._known))
                if found is not None:
                    return self._known[found]
            return None

    def _read(self) -> None:
        known: dict[str, tuple[Workspace, str]] = {}
        for space in self._spaces.all():
            known |= {sealed: (space, key) for sealed, key in self._spaces.seals(space).items()}
        self._known, self._read_at = known, monotonic()
