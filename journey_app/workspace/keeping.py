"""How does a file from outside come to lie here, whole and as it was at one moment?

Whoever writes a file may go on writing it while it is imported. So what is read is a copy, and what is
remembered of a file is what was in that copy: bytes that come later are new the next time.
Source: docs/decisions/024-a-file-is-read-as-it-was-at-one-moment.md
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from pathlib import Path

from journey_app.errors import BadFile, NoRoom
from journey_app.intake.source import display_label
from journey_app.temporary import TemporaryFolder, sweep_left_behind
from journey_app.workspace.workspace import Workspace

INCOMING = "incoming"  # copies that are being imported just now, beside the uploads that they become
AT_ONCE = 1 << 20


def incoming(space: Workspace) -> TemporaryFolder:
    """A folder for the files of one import, where they can become uploads without being copied again."""
    folder = space.folder / INCOMING
    folder.mkdir(parents=True, exist_ok=True)
    return TemporaryFolder("import", within=folder)


def sweep_incoming(space: Workspace) -> None:
    """Take away what killed imports left there."""
    sweep_left_behind(within=space.folder / INCOMING)


def copied(source: Path, target: Path, label: str) -> str:
    """Copy a file as far as it reaches now; returns the SHA-256 of the copy, in hex.

    label: its name, to be shown. Raises BadFile when it cannot be read, NoRoom when the disk is full.
    """
    digest = hashlib.sha256()
    try:
        with source.open("rb") as file, target.open("xb") as out:
            left = os.fstat(file.fileno()).st_size  # or a copy would never end of what grows as fast
            while left > 0 and (piece := file.read(min(AT_ONCE, left))):
                digest.update(piece)
                out.write(piece)
                left -= len(piece)
    except OSError as error:
        target.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoRoom(
                f"The disk has no room for a copy of “{display_label(label)}”; nothing was stored.",
                "Free some space, then import it again.",
            ) from error
        raise BadFile(
            f"“{display_label(label)}” cannot be read: {error.strerror or type(error).__name__}.",
            "Check that it is there and that you may read it.",
        ) from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return digest.hexdigest()


def keep_upload(space: Workspace, source: Path, label: str) -> tuple[Path, str]:
    """Keep a file in `uploads/` under a random name; returns where, and the SHA-256 of what is kept.

    The name it came with is data, never a path. A copy that was made for this import is not copied again.
    """
    folder = space.folder / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / secrets.token_hex(16)
    if (space.folder / INCOMING).resolve() in source.resolve().parents:
        try:
            os.link(source, kept)
        except OSError:  # this file system has no second names
            pass
        else:
            return kept, content_of(kept)
    return kept, copied(source, kept, label)


def content_of(path: Path) -> str:
    """The SHA-256 of what a file holds, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def link_or_copy(file: Path, target: Path) -> None:
    """Give a file that is never changed a second name, so that it stays when it is taken away under its first.

    Raises FileNotFoundError when it is gone already.
    """
    try:
        os.link(file, target)
    except FileNotFoundError:
        raise
    except OSError:  # this file system has no second names
        shutil.copyfile(file, target)
