"""Where do new data come from by themselves?

A saved source is a folder, an address on the web, a table of a database, or a bucket of S3-style
storage. What is saved here is fetched by `syncing` (docs/decisions/017-saved-sources.md).
"""

from __future__ import annotations

import glob
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from journey_app.errors import BadChoice, NotAllowed, UnknownName
from journey_app.intake import buckets
from journey_app.intake.fetching import checked_address, shown
from journey_app.plain import from_plain, to_plain
from journey_app.settings import Settings
from journey_app.store.documents import Document
from journey_app.store.tables import checked_variable
from journey_app.vocabulary import Answers
from journey_app.workspace.source_names import checked_name, one
from journey_app.workspace.source_notes import KIND, SourceNotes
from journey_app.workspace.workspace import Workspace

KINDS = ("folder", "https", "database", "s3")
USUAL, SHORTEST, LONGEST = timedelta(hours=24), timedelta(minutes=5), timedelta(days=31)
NO_ANSWERS = Answers()


@dataclass(frozen=True)
class Source:
    """Where data come from.

    kind: folder, https, database or s3. where: a path or pattern of files, an address, the name of the
    environment variable that holds a database's address, or s3://bucket/pattern. table: of a database.
    every: how old its data may get before they are fetched again on open. answers: how its files are
    to be read.
    """

    name: str
    kind: str
    where: str
    table: str = ""
    every: timedelta = USUAL
    answers: Answers = NO_ANSWERS

    @property
    def shown(self) -> str:
        """Where it leads, as people may see it: no query of an address, which may be a secret."""
        if self.kind == "https":
            return shown(self.where)
        return f"{self.where} › {self.table}" if self.kind == "database" else self.where


def kinds_allowed(settings: Settings) -> tuple[str, ...]:
    """The kinds of sources that the operator lets people use."""
    told = settings.sources.replace(" ", "")
    if told == "":
        # whoever gets through a sign-in is not the owner of this machine's disk and network
        return () if settings.behind_sign_in else KINDS
    named = [] if told == "none" else told.split(",")
    if unknown := [name for name in named if name not in KINDS]:
        raise BadChoice(
            f"JOURNEY_SOURCES names “{unknown[0]}”, which is no kind of source.",
            f"Use one or more of {', '.join(KINDS)} with commas between, or none.",
        )
    return tuple(named)


def sources(space: Workspace) -> list[Source]:
    """Every saved source, by name."""
    return [_source(document) for document in space.store.list(KIND)]


def source_named(space: Workspace, name: str) -> Source:
    """The source of this name, written with or without capitals."""
    document = _held(space, name)
    if document is None:
        raise UnknownName("source", name, [each.name for each in sources(space)])
    return _source(document)


def document_version(space: Workspace, name: str) -> int:
    """The newest version of a saved source, to base an edit on; 0 where there is none."""
    document = _held(space, name)
    return document.version if document else 0


def _held(space: Workspace, name: str) -> Document | None:
    return next((each for each in space.store.list(KIND) if one(each.doc_id) == one(name)), None)


def _source(document: Document) -> Source:
    """It is called as its document is: a forgetting may have taken a word out of that."""
    return replace(from_plain(Source, document.body), name=document.doc_id)


def save_source(
    space: Workspace, source: Source, *, author: str, now: datetime, based_on: int | None = None
) -> Source:
    """Keep a source, new or changed; fetches nothing. based_on: the version that was seen; None: the newest.

    A source that differs in capitals only is the same one, and keeps the name it has.
    Raises BadChoice for what can never be fetched, StaleEdit when somebody saved another one since.
    """
    with space.store.transaction():  # or two could save one name in two spellings
        document = _held(space, source.name)
        name = document.doc_id if document else checked_name(source.name)
        checked = checked_source(space, replace(source, name=name))
        if based_on is None:
            based_on = document.version if document else 0
        space.save(KIND, name, to_plain(checked), based_on=based_on, author=author, now=now)
    if document is not None and _source(document) != checked:
        SourceNotes(space).drop(name)  # what was known of the old place says nothing about the new one
    return checked


def remove_source(space: Workspace, name: str, *, author: str, now: datetime) -> Source:
    """Fetch it no more. What it brought stays, as imports that can be undone."""
    source = source_named(space, name)
    version = document_version(space, source.name)
    space.store.delete(KIND, source.name, based_on=version, author=author, now=now)
    SourceNotes(space).drop(source.name)
    return source


def checked_source(space: Workspace, source: Source) -> Source:
    """The source, as one that can be fetched, whatever it is called. Raises BadChoice and NotAllowed."""
    if not SHORTEST <= source.every <= LONGEST:
        raise BadChoice(
            "A source cannot be refreshed that often, or that rarely.", "Choose 5 minutes to 31 days."
        )
    insist_on_kind(space.settings, source.kind)
    if source.kind == "https":
        checked_address(source.where)
    elif source.kind == "database":
        checked_variable(source.where)
        if not source.table.strip():
            raise BadChoice("A database source needs a table.", "Name the table or view with --table.")
    elif source.kind == "s3":
        buckets.checked_bucket(source.where)
    else:
        pattern_of(space.settings, source.where)
    return source


def insist_on_kind(settings: Settings, kind: str) -> None:
    """Raise NotAllowed for a kind that the operator has switched off."""
    allowed = kinds_allowed(settings)
    if kind in allowed:
        return
    if kind not in KINDS:
        raise BadChoice(f"“{kind[:40]}” is no kind of source.", f"Use one of: {', '.join(KINDS)}.")
    raise NotAllowed(
        f"Sources of the kind “{kind}” are switched off here.",
        f"Whoever runs the app can allow them: JOURNEY_SOURCES={','.join([*allowed, kind])}.",
    )


def pattern_of(settings: Settings, where: str) -> str:
    """The pattern of files that is meant; a folder stands for every file in it."""
    path = Path(where).expanduser()
    if not path.is_absolute():
        raise BadChoice(
            "A folder is named by its whole path.", "Give it from the root, such as /home/ana/exports/*.csv."
        )
    insist_inside(settings, Path(*before_wildcards(path)))
    return str(path / "*") if path.is_dir() else str(path)


def insist_inside(settings: Settings, path: Path) -> None:
    """Where the operator named a folder for sources, nothing outside of it is read, whatever a link says."""
    if not settings.source_folder:
        return
    root = Path(settings.source_folder).expanduser().resolve()
    if not path.resolve().is_relative_to(root):
        raise NotAllowed(
            "Only files below the folder in JOURNEY_SOURCE_FOLDER are read here.", "Put the files there."
        )


def before_wildcards(path: Path) -> Iterator[str]:
    """The parts of a pattern that name a folder."""
    for part in path.parts:
        if glob.has_magic(part):
            return
        yield part
