"""How old is what each source brought, and what stood in the way the last time?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journey_app.workspace.source_notes import SourceNotes
from journey_app.workspace.sources import Source, sources
from journey_app.workspace.workspace import Workspace


@dataclass(frozen=True)
class Freshness:
    """How a source stands.

    state: never, fresh, due, failed or asks (it needs an answer). tried_at, ok_at: UTC, None before the
    first. next_at: when it is due. what, do: what stood in the way, empty when nothing did.
    events: new ones the last time anything came; warnings: how many sentences of its reports somebody should see.
    """

    state: str
    tried_at: datetime | None
    ok_at: datetime | None
    next_at: datetime | None
    what: str = ""
    do: str = ""
    events: int = 0
    warnings: int = 0


def freshness(space: Workspace, source: Source, now: datetime) -> Freshness:
    """How old what a source brought is, and what stood in the way the last time. now: wall clock, UTC."""
    note = SourceNotes(space).get(source.name)
    tried, ok = _moment(note, "tried_at"), _moment(note, "ok_at")
    next_at = tried + source.every if tried else None
    if tried is None:
        state = "never"
    elif note.get("what"):
        state = "asks" if note.get("asks") else "failed"
    else:
        state = "due" if next_at and next_at <= now else "fresh"
    return Freshness(
        state,
        tried,
        ok,
        next_at,
        what=str(note.get("what", "")),
        do=str(note.get("do", "")),
        events=int(note.get("events", 0)),
        warnings=int(note.get("warnings", 0)),
    )


def due(space: Workspace, now: datetime) -> list[str]:
    """The sources whose data are older than they may be, those that failed included."""
    found = []
    for source in sources(space):
        how = freshness(space, source, now)
        if how.next_at is None or how.next_at <= now:
            found.append(source.name)
    return found


def _moment(note: Mapping[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(note[name]) if note.get(name) else None
