"""How does a file come and go so that neither a power cut nor Windows leaves a mess?"""

from __future__ import annotations

import os
from pathlib import Path


def rename_durably(source: Path, target: Path) -> None:
    """Rename so that after a power cut there is the whole file or none."""
    with source.open("r+b") as file:  # Windows refuses to flush what was opened for reading only
        os.fsync(file.fileno())
    source.replace(target)
    if os.name != "nt":  # where a folder cannot be opened, and the rename is kept by the file system
        _flush_folder(target.parent)


def _flush_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def unlink_unless_in_use(file: Path) -> bool:
    """Remove a file; False when somebody has it open and this system does not let it go then."""
    try:
        file.unlink(missing_ok=True)
    except PermissionError:
        return False
    return True
