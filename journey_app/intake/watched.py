"""How many bytes of files from outside has this process read? Whoever waits for it is told."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

_read = 0


def bytes_so_far() -> int:
    """Bytes read from disk through `open_watched` since this process began; a file read twice counts twice."""
    return _read


class _Watched(io.FileIO):
    """A file whose bytes are counted as they come."""

    def readinto(self, buffer: bytearray | memoryview, /) -> int | None:  # type: ignore[override]
        return _counted(super().readinto(buffer))

    def readall(self) -> bytes:
        data = super().readall()
        _counted(len(data))
        return data


def _counted(size: int | None) -> int | None:
    global _read
    _read += size or 0
    return size


def open_watched(path: Path) -> BinaryIO:
    """A file to read, like `path.open("rb")`."""
    return io.BufferedReader(_Watched(path))
