"""Where does lie what is needed for a moment only, and who takes it away when its maker was killed?

Whoever makes such a folder holds it locked as long as it lives, which ends with its process however that
ends: a folder that can be locked is nobody's any more.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

HELD = "--"  # in the name of a folder whose maker locks it; older versions did not
PURPOSES = (
    "backup",
    "drop",
    "import",
    "matching",
    "outlook",
    "practice",
    "preview",
    "sample",
    "source",
    "spill",
)
NEW_S = 60.0  # a folder is not locked yet in the moment in which it is made
IDLE_S = 86_400.0  # of a folder without a lock: nobody reads one file for a day
KEPT_OPEN = ("spill",)  # without a lock, these may be in use for as long as a server lives


class TemporaryFolder:
    """A folder of one's own, with everything in it gone at the end. purpose: one of PURPOSES.

    within: where it lies, by default in the system's temporary folder.
    """

    def __init__(self, purpose: str, within: Path | None = None) -> None:
        self._made = tempfile.TemporaryDirectory(
            prefix=f"journey-{purpose}-{HELD}", dir=within, ignore_cleanup_errors=True
        )
        self.path = Path(self._made.name)
        self._lock = _locked(self.path)

    def cleanup(self) -> None:
        """Take it away."""
        self._made.cleanup()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __del__(self) -> None:
        if getattr(self, "_lock", None) is not None:
            self.cleanup()

    def __enter__(self) -> Path:
        return self.path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cleanup()


def _locked(folder: Path) -> int | None:
    """The lock of a folder; None where another process holds it, or where the system locks no folders."""
    if sys.platform == "win32":
        return None
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def sweep_left_behind(now: float | None = None, within: Path | None = None) -> list[str]:
    """Take away what killed processes of this user left in the temporary folder; returns the names.

    now: seconds since 1970, by default the time it is. within: another folder than the system's
    temporary one. What a living process uses stays, however old.
    """
    now = time.time() if now is None else now
    found = (within or Path(tempfile.gettempdir())).glob("journey-*-*")
    return [folder.name for folder in sorted(found) if _is_ours(folder) and _taken_away(folder, now)]


def _is_ours(folder: Path) -> bool:
    """Whether it is a folder of a purpose of ours, and this user's; not if its maker took it away meanwhile."""
    if folder.name.split("-")[1] not in PURPOSES:
        return False
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and (sys.platform == "win32" or found.st_uid == os.getuid())


def _taken_away(folder: Path, now: float) -> bool:
    try:
        idle = now - max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))
        lock = _locked(folder) if idle > NEW_S else None
    except FileNotFoundError:  # its maker took it away just now
        return False
    if lock is None:
        return False
    try:
        without_lock = HELD not in folder.name
        if without_lock and (idle <= IDLE_S or folder.name.split("-")[1] in KEPT_OPEN):
            return False
        shutil.rmtree(folder, ignore_errors=True)
        return not folder.exists()
    finally:
        os.close(lock)
