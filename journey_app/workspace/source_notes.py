"""What does the program remember of each source: how it went, and which files it has read already?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from journey_app.store.notes import Notes
from journey_app.workspace.source_names import file_of
from journey_app.workspace.workspace import Workspace

KIND = "source"


class SourceNotes:
    """The note of each source, by the name of the source."""

    def __init__(self, space: Workspace) -> None:
        self._notes = Notes(space.folder / "sources")

    def get(self, name: str) -> dict[str, Any]:
        return self._notes.get(file_of(name))

    def put(self, name: str, body: dict[str, Any]) -> None:
        self._notes.put(file_of(name), body)

    def drop(self, name: str) -> None:
        self._notes.drop(file_of(name))

    def keep_only(self, names: tuple[str, ...]) -> None:
        """Remove the notes of sources that are there no more, and what a killed writer left behind."""
        files = set(map(file_of, names))
        for left in self._notes.names():
            if left not in files:
                self._notes.drop(left)
        self._notes.sweep()


def _names(space: Workspace) -> tuple[str, ...]:
    return tuple(document.doc_id for document in space.store.list(KIND))


def notes_naming(space: Workspace, cleaned: Callable[[Any], Any]) -> tuple[str, ...]:
    """The sources that remember words of somebody: a file was named after them. cleaned: a value without."""
    notes = SourceNotes(space)
    return tuple(name for name in _names(space) if cleaned(held := notes.get(name)) != held)


def clean_notes(space: Workspace, cleaned: Callable[[Any], Any] | None) -> None:
    """Take words of somebody out of what sources remember; None: all of it, which costs fetching once more.

    A source that was called by their name is called otherwise by now, and its note goes with the old name.
    """
    notes = SourceNotes(space)
    for name in _names(space):
        held = notes.get(name)
        clean = (
            cleaned(held) if cleaned else {k: v for k, v in held.items() if k not in ("files", "what", "do")}
        )
        if clean != held:
            notes.put(name, clean)
    notes.keep_only(_names(space))
