"""What does the program remember for itself? The newest note of each name, replaced, never a decision.

How often a source was looked at is nobody's decision, and would fill the append-only state in a year.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any


class Notes:
    """A folder with one small JSON file a name; a reader sees the old note or the new one, whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Of every note, in order."""
        return sorted(file.stem for file in self.folder.glob("[!.]*.json"))

    def sweep(self) -> None:
        """Remove what a killed writer left behind; one who is writing just now says so with an error."""
        for left in self.folder.glob(".*"):
            left.unlink(missing_ok=True)

    def get(self, name: str) -> dict[str, Any]:
        """The note; empty when there is none, or none that can be read: it can be found out again."""
        try:
            found = json.loads((self.folder / f"{name}.json").read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def put(self, name: str, body: dict[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = self.folder / f".{name}.{secrets.token_hex(4)}"
        try:
            with beside.open("w", encoding="utf-8") as out:
                json.dump(body, out)
                out.flush()
                os.fsync(out.fileno())
            beside.replace(self.folder / f"{name}.json")
        finally:
            beside.unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        (self.folder / f"{name}.json").unlink(missing_ok=True)
