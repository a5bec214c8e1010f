"""What of one customer lies here, and where? All of it goes when they are forgotten.

Source: docs/decisions/014-forgetting-one-customer.md
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from journey_app.engine.forgotten import Forgotten, scrubbed
from journey_app.engine.mentions import rows_naming, rows_saying
from journey_app.store.documents import Document
from journey_app.workspace.searching import mentions
from journey_app.workspace.shaping import CUT
from journey_app.workspace.source_notes import notes_naming
from journey_app.workspace.tombstones import TOMBSTONE
from journey_app.workspace.waiting import calls_of
from journey_app.workspace.whose import Whose, whose
from journey_app.workspace.workspace import Workspace

NEVER_REACHED = "copies outside this folder: backups, downloads, mails, and the tools the exports came from"
LOOKS_LIKE_A_BACKUP = ("*backup*", "*.bak", "*.zip", "*.tar", "*.tar.gz", "*.sqlite")


@dataclass(frozen=True)
class Mention:
    """A decision that names them. title: in words. versions: how many of its versions do."""

    kind: str
    name: str
    title: str
    versions: int


@dataclass(frozen=True)
class Person:
    """One customer and everything of theirs that lies here.

    shared: those of raw_ids that other customers use too. spelled: those that no row joins to them and
    that spell an address or number of theirs, with what else their holder is known by. alike: ids of
    others that hold one of theirs in a longer one; they stay. events, links: those that go. stripped:
    rows of others that lose a shared id. said: rows of others in whose texts they are named. waiting:
    calls that are no events yet and go. notes: sources that remember a file named after them. uploads:
    (name as it came, the kept file) of raw files that hold them; they are removed whole. elsewhere:
    files and workspaces that forgetting does not reach.
    """

    key: str
    label: str
    raw_ids: tuple[str, ...]
    shared: tuple[str, ...]
    spelled: tuple[str, ...]
    alike: tuple[str, ...]
    events: int
    links: int
    stripped: int
    said: int
    waiting: int
    notes: tuple[str, ...]
    uploads: tuple[tuple[str, str], ...]
    decisions: tuple[Mention, ...]
    elsewhere: tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """What one batch holds of somebody. stripped: rows of others that only lose a shared id of theirs."""

    events: pa.Table
    links: pa.Table
    stripped: int

    @property
    def any(self) -> bool:
        return bool(len(self.events) or len(self.links) or self.stripped)


def rows_of(space: Workspace, batch: str, who: Whose, people: Forgotten) -> Rows:
    """The rows of a batch that go when they are forgotten. people: they, as hashes."""
    events, links = (people.parted(table) for table in rows_naming(space.batch_files, batch, who.raw_ids))
    return Rows(events.lost, links.lost, events.stripped + links.stripped)


def look(space: Workspace, wanted: str, also: Sequence[str] = ()) -> Person:
    """Who has this id, and all that would go. also: their name, or what else names them in texts.

    Raises UnknownName when nobody has it, BadChoice when several have.
    """
    return looked(space, whose(space, wanted, also))


def looked(space: Workspace, who: Whose) -> Person:
    """All that would go of somebody who is known already."""
    people = who.hashed(secrets.token_bytes(32))  # only to tell rows apart; nothing of it is kept
    batches = space.batches()
    rows = {batch.doc_id: rows_of(space, batch.doc_id, who, people) for batch in batches}
    holding = {name for name, each in rows.items() if each.any}
    return Person(
        key=who.key,
        label=who.label,
        raw_ids=who.raw_ids,
        shared=who.shared,
        spelled=who.spelled,
        alike=who.alike,
        events=len({pair for each in rows.values() for pair in _ids_of(each.events)}),
        links=sum(len(each.links) for each in rows.values()),
        stripped=sum(each.stripped for each in rows.values()),
        said=sum(_said(space, batch.doc_id, who, people) for batch in batches),
        waiting=len(calls_of(space, people)),
        notes=notes_naming(space, who.wording.cleaned),
        uploads=tuple(_uploads(space, who.wording.words, holding)),
        decisions=tuple(_mentions(space, who)),
        elsewhere=tuple(_elsewhere(space)),
    )


def _ids_of(events: pa.Table) -> Iterator[tuple[str, str]]:
    """What makes an event one, however many imports brought it."""
    return zip(events["source"].to_pylist(), events["event_id"].to_pylist(), strict=True)


def _said(space: Workspace, batch: str, who: Whose, people: Forgotten) -> int:
    """How many rows that stay name them in a text."""
    events, context = rows_saying(space.batch_files, batch, who.wording.pieces)
    kept = people.parted(events).kept if len(events) else events
    return sum(scrubbed(table, who.wording.out_of)[1] for table in (kept, context))


def _mentions(space: Workspace, who: Whose) -> Iterator[Mention]:
    """The decisions that name them, each once, by its newest words."""
    found: dict[tuple[str, str], list[Document]] = {}
    for document in space.store.mentions(who.wording.cleaned):
        if document.kind != TOMBSTONE:
            found.setdefault((document.kind, document.doc_id), []).append(document)
    for (kind, name), versions in sorted(found.items()):
        newest = max(versions, key=lambda each: each.version)
        yield Mention(kind, name, _title(newest), len(versions))


def _title(document: Document) -> str:
    """What people call a decision."""
    body = document.body
    if document.kind == CUT:
        return f"{body.get('left', '')} and {body.get('right', '')} are two people"
    inside = {"goal": ("measure", "name"), "batch": ("report", "file")}.get(document.kind, ())
    for name in inside:
        body = body.get(name, {}) if isinstance(body, dict) else {}
    if isinstance(body, str) and body:
        return body
    said = (document.body.get(name) for name in ("touchpoint", "title", "file", "name"))
    return next((each for each in said if isinstance(each, str) and each), document.doc_id)


def _uploads(space: Workspace, words: Sequence[str], batches: set[str]) -> list[tuple[str, str]]:
    """Raw files that hold them: those whose rows did, and those in which a word of theirs stands."""
    found: dict[str, str] = {}
    for batch in space.batches():
        kept = space.folder / "uploads" / Path(str(batch.body["upload"])).name
        if kept.is_file() and (batch.doc_id in batches or mentions(kept, words)):
            found[kept.name] = str(batch.body["report"]["file"])
    return [(name, kept) for kept, name in found.items()]


def _elsewhere(space: Workspace) -> list[str]:
    """What forgetting does not reach: other workspaces, and files in this home that look like backups."""
    home = space.folder.parent
    others = [
        f"the workspace “{folder.name}”"
        for folder in sorted(home.iterdir())
        if folder.is_dir() and folder != space.folder and not folder.name.startswith(".")
    ]
    files = {
        file
        for folder in (home, space.folder)
        for pattern in LOOKS_LIKE_A_BACKUP
        for file in folder.glob(pattern)
        if file.is_file() and not file.name.startswith(("state.sqlite", "inbox.sqlite"))
    }
    return [*others, *(f"the file {file}" for file in sorted(files))]
