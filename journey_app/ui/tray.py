"""What lies in the tray of the Import page: dropped files, their tables, and what was answered about each?

Each file is copied once to a folder on disk; memory holds what was found.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Protocol

from journey_app.errors import BadFile, JourneyError
from journey_app.temporary import TemporaryFolder
from journey_app.vocabulary import Answers, Imported, Observation
from journey_app.workspace.importing import Prepared
from journey_app.workspace.previewing import Outlook, Preview

NOTHING_SAID = Answers()
COPIED_AT_ONCE = 1 << 20


class Dropped(Protocol):
    """What the browser sent: its name is data, never a path."""

    name: str

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(eq=False)
class Piece:
    """One table of a dropped file.

    answers: what a person said about it. recalled: that they said it at an earlier import, in words;
    as_found: the table without that. shown_as: the order of dates it is shown with while that question
    is open. preview: None until it was read.
    """

    table: Prepared
    answers: Answers = NOTHING_SAID
    recalled: str = ""
    remark: str = ""
    as_found: Prepared | None = None
    shown_as: str | None = None
    preview: Preview | None = None
    trouble: JourneyError | None = None
    read_for: tuple[object, ...] = ()

    @property
    def checkup(self) -> tuple[Observation, ...]:
        """How it was read; of all its rows, once they were read as they will be stored."""
        read_for_good = self.preview is not None and self.table.question is None
        return self.preview.report.checkup if self.preview and read_for_good else self.table.checkup

    @property
    def checkup_shown(self) -> tuple[Observation, ...]:
        """How it was read for the preview, also while a question is open."""
        return self.preview.report.checkup if self.preview else self.table.checkup

    @property
    def state(self) -> str:
        """failed, timeless (holds no times), unmapped (a column is missing), asked, unread or ready."""
        if self.trouble is not None:
            return "failed"
        if self.table.missing:
            return "timeless" if self.table.timeless else "unmapped"
        if self.table.question is not None or self.table.unconfirmed is not None:
            return "asked"
        return "ready" if self.preview is not None else "unread"


@dataclass(eq=False)
class Drop:
    """One dropped file. trouble: why none of it can be read. pieces: None until it was looked at."""

    path: Path
    name: str
    content: str
    pieces: list[Piece] | None = None
    trouble: JourneyError | None = None


@dataclass(eq=False)
class Tray:
    """Everything dropped into one workspace in this session, in order."""

    folder: TemporaryFolder = field(default_factory=lambda: TemporaryFolder("drop"))
    drops: list[Drop] = field(default_factory=list)
    turn: int = 0  # a new uploader each time, so that Streamlit lets go of what was taken
    paused: bool = False
    outlook: tuple[object, Outlook] | None = None
    stopped: tuple[str | None] | None = None  # the version before storing was stopped, until it is told
    stored: Imported | None = None  # what was stored from here, until the next file is dropped
    reading: Lock = field(default_factory=Lock)  # a page that was left may still be at it for a moment

    @property
    def pieces(self) -> list[Piece]:
        return [piece for drop in self.drops for piece in drop.pieces or ()]

    def take(self, name: str, file: Dropped) -> bool:
        """Copy a file to the spool; False when the same content is here under this name already."""
        target = self.folder.path / f"{self.turn}-{len(self.drops)}"
        try:
            content = _copied(file, target)
        except OSError as error:
            target.unlink(missing_ok=True)
            what = f"“{name}” could not be kept for reading: {error.strerror}."
            raise BadFile(what, "Make room on the disk, then drop it again.") from error
        if any(drop.name == name and drop.content == content for drop in self.drops):
            target.unlink()
            return False
        self.drops.append(Drop(target, name, content))
        return True

    def leave_out(self, piece: Piece) -> None:
        """Put a table aside; a file that holds no other goes with it."""
        for drop in self.drops:
            if drop.pieces and piece in drop.pieces:
                drop.pieces.remove(piece)
        for drop in [each for each in self.drops if each.pieces == [] and each.trouble is None]:
            drop.path.unlink(missing_ok=True)
            self.drops.remove(drop)

    def close(self) -> None:
        """Take the copies away."""
        self.folder.cleanup()


def _copied(file: Dropped, target: Path) -> str:
    """Copy a file piece by piece; returns the hash of what it holds."""
    digest = hashlib.sha256()
    with target.open("wb") as out:
        while piece := file.read(COPIED_AT_ONCE):
            digest.update(piece)
            out.write(piece)
    return digest.hexdigest()
