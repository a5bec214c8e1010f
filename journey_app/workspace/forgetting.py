"""How is one customer forgotten: out of every file here, for good, and whole or not at all?

Everything is prepared beside what is there and counts with one commit; what lies on the disk from
before is removed after it, and again at the next start if that was cut short. It is the one deed that
replaces batches and erases texts. Source: docs/decisions/014-forgetting-one-customer.md
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from journey_app.engine.durable import unlink_unless_in_use
from journey_app.engine.embedded import let_go
from journey_app.engine.forgotten import GONE, telling
from journey_app.engine.person import Found, shared_ids, with_id
from journey_app.errors import BadChoice, NotAllowed, UnknownName
from journey_app.plain import from_plain, to_plain
from journey_app.store.documents import Document
from journey_app.vocabulary import CleanUp, Goal, Grade, ImportReport, Shaping, Sprint
from journey_app.workspace.importing import Progress, silent, sweep
from journey_app.workspace.inbox import merge
from journey_app.workspace.leasing import alone
from journey_app.workspace.rebuilding import build, point_to
from journey_app.workspace.remembering import Recipe
from journey_app.workspace.searching import mentions
from journey_app.workspace.shaping import CUT
from journey_app.workspace.tombstones import TOMBSTONE, bury, key_of, person
from journey_app.workspace.workspace import IMPORT, Workspace

# What the bodies of documents are, as far as words of people may stand in them.
FORMS: Mapping[str, type] = {
    "batch": ImportReport,
    "goal": Goal,
    "sprint": Sprint,
    "grade": Grade,
    "clean_up": CleanUp,
    "recipe": Recipe,
}
PENDING = "forgetting"  # what is still to be removed from the disk; names nobody
SHORTEST_EXTRA = 3
FILE_ENDING = r"(?:csv|tsv|txt|jsonl?|ndjson|xlsx?|zip|gz|parquet|xml)\b"  # a file may be named after them
OUR_FIELD = re.compile(r"[a-z_]+")  # how the forms kept here name their fields; never renamed
NEVER_REACHED = "copies outside this folder: backups, downloads, mails, and the tools the exports came from"
LOOKS_LIKE_A_BACKUP = ("*backup*", "*.bak", "*.zip", "*.tar", "*.tar.gz", "*.sqlite")


@dataclass(frozen=True)
class Mention:
    """A decision that names them. versions: how many of its versions do."""

    kind: str
    name: str
    versions: int


@dataclass(frozen=True)
class Person:
    """One customer and everything of theirs that lies here.

    shared: those of raw_ids that other customers use too. uploads: (name as it came, the kept file) of
    raw files that hold them; they are removed whole. elsewhere: files and workspaces that forgetting
    does not reach.
    """

    key: str
    label: str
    raw_ids: tuple[str, ...]
    shared: tuple[str, ...]
    events: int
    links: int
    uploads: tuple[tuple[str, str], ...]
    decisions: tuple[Mention, ...]
    elsewhere: tuple[str, ...]


def look(space: Workspace, wanted: str, also: Sequence[str] = ()) -> Person:
    """Who has this id, and all that would go. also: their name, or what else names them in texts.

    Raises UnknownName when nobody has it, BadChoice when several have.
    """
    found = only(space, wanted)
    words, cleaned = words_of(found, also)
    shared = shared_ids(space.events(), found)
    named = [space.batch_files.rows_naming(b.doc_id, found.raw_ids) for b in space.batches()]
    decided: dict[tuple[str, str], int] = {}
    for document in space.store.mentions(cleaned):
        if document.kind != TOMBSTONE:
            decided[document.kind, document.doc_id] = decided.get((document.kind, document.doc_id), 0) + 1
    return Person(
        key=found.key,
        label=found.label,
        raw_ids=found.raw_ids,
        shared=tuple(sorted(shared)),
        events=len({pair for events, _links in named for pair in _ids_of(events)}),
        links=sum(len(links) for _events, links in named),
        uploads=tuple(
            _uploads(
                space,
                words,
                {b.doc_id for b, n in zip(space.batches(), named, strict=True) if any(map(len, n))},
            )
        ),
        decisions=tuple(Mention(kind, name, versions) for (kind, name), versions in sorted(decided.items())),
        elsewhere=tuple(_elsewhere(space)),
    )


def _ids_of(events: pa.Table) -> Iterator[tuple[str, str]]:
    """What makes an event one, however many imports brought it."""
    return zip(events["source"].to_pylist(), events["event_id"].to_pylist(), strict=True)


def only(space: Workspace, wanted: str) -> Found:
    """The one customer who has this id. Raises UnknownName or BadChoice."""
    if not wanted.strip():
        raise BadChoice("Nobody was named.", "Give one of the customer's ids, such as an e-mail address.")
    found = with_id(space.events(), wanted)
    if not found:
        raise UnknownName("customer", wanted, [])
    if len(found) > 1:
        ids = [
            raw
            for each in found
            for raw in each.raw_ids
            if raw.partition(":")[2].casefold() == wanted.strip().casefold()
        ]
        raise BadChoice(
            f"{len(found)} customers have the id “{wanted}”.",
            f"Say which kind of id it is: {', '.join(ids[:5])}.",
        )
    return found[0]


def words_of(found: Found, also: Sequence[str]) -> tuple[list[str], Callable[[Any], Any]]:
    """The words that name them wherever they stand, and what a JSON value is without those."""
    extra = [" ".join(word.split()) for word in also if word.strip()]
    for word in extra:
        if len(word) < SHORTEST_EXTRA:
            raise BadChoice(f"“{word}” is too short to look for everywhere.", "Give the whole name.")
    values = [raw.partition(":")[2] for raw in found.raw_ids]
    words = [*dict.fromkeys([*filter(telling, values), *found.raw_ids, *extra])]
    pattern = re.compile(_pattern([*words, *map(re.escape, words)]))

    def cleaned(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(GONE, value)
        if isinstance(value, list):
            return [cleaned(each) for each in value]
        if isinstance(value, dict):
            return {
                name if OUR_FIELD.fullmatch(name) else cleaned(name): cleaned(each)
                for name, each in value.items()
            }
        return value

    return words, cleaned


def _pattern(words: Sequence[str]) -> str:
    """Any of these words where it is not a part of a longer one, by the letters ids are made of."""
    longest_first = sorted(dict.fromkeys(words), key=lambda word: (-len(word), word))
    either = "|".join(map(re.escape, longest_first))
    return rf"(?i)(?<![\w.+@-])(?:{either})(?![\w@-]|\.(?!{FILE_ENDING})\w)"


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


# ---------------------------------------------------------------- the deed


def forget(
    space: Workspace,
    wanted: str,
    also: Sequence[str] = (),
    *,
    author: str,
    now: datetime,
    progress: Progress = silent,
) -> Person:
    """Take a customer out of batches, links, uploads, decisions and snapshots, for good.

    Returns what went. Raises what `look` raises, and BadChoice when an import is running. A
    stop or a crash at any moment leaves everything, or nothing once this workspace is opened again.
    """
    if space.store.read_only:
        raise NotAllowed("This view is for reading; nobody was forgotten.", "Ask an owner to do it.")
    merge(space, now=now)  # a call that waits may name them, and would become an event afterwards
    found = only(space, wanted)
    words, cleaned = words_of(found, also)
    with alone(space.store, IMPORT, now=now) as lease:
        progress(0.05, "Looking through everything")
        gone = look(space, wanted, also)
        own = [raw for raw in found.raw_ids if raw not in gone.shared]
        who = person(key_of(space.store, now=now), own, gone.shared)
        written: dict[str, str] = {}  # old batch → the one that takes its place
        try:
            for at, batch in enumerate(space.batches()):
                progress(0.1 + 0.5 * at / len(space.batches()), "Writing the data without them")
                replaced = space.batch_files.without(batch.doc_id, who, _pattern(words))
                if replaced is not None:
                    written[batch.doc_id] = replaced[0]
            progress(0.65, "Joining customers and sorting events")
            shaping = _shaping_without(space.ground.shaping, cleaned, found.raw_ids)
            _insist_readable(space, cleaned)
            batches = sorted(written.get(b.doc_id, b.doc_id) for b in space.batches())
            built = build(replace(space.ground, shaping=shaping), batches)
            progress(0.9, "Switching to the new data")
            with space.store.transaction():
                lease.insist()
                space.store.erase_words(cleaned, gone={CUT: _names(found.raw_ids)})
                for old in space.batches():
                    if old.doc_id in written:
                        _replace_batch(space, old, written[old.doc_id], author=author, now=now)
                bury(space.store, who, author=author, now=now)
                point_to(space.store, built, author=author, now=now)
                _leave_to_do(space, [kept for _name, kept in gone.uploads], author=author, now=now)
        except BaseException:
            in_force = {b.doc_id for b in space.batches()}
            for new in written.values():
                if new not in in_force:
                    space.batch_files.discard(new)
            raise
        progress(0.95, "Removing what lies on the disk")
        _finish(space, now=now)
    progress(1.0, "Done")
    return gone


def _shaping_without(shaping: Shaping, cleaned: Callable[[Any], Any], raw_ids: Sequence[str]) -> Shaping:
    """What will shape the data once their words are out of the decisions; a cut that names them is none."""
    theirs = _names(raw_ids)
    cuts = tuple(cut for cut in shaping.cuts if not theirs(to_plain(cut)))
    return replace(from_plain(Shaping, cleaned(to_plain(replace(shaping, cuts=())))), cuts=cuts)


def _names(raw_ids: Sequence[str]) -> Callable[[Any], bool]:
    """Whether a cut is between one of these ids and another; ids that only look alike are other people's."""
    return lambda body: bool({body.get("left"), body.get("right")} & set(raw_ids))


def _insist_readable(space: Workspace, cleaned: Callable[[Any], Any]) -> None:
    """Raise BadChoice where a decision could not be read any more without their words."""
    for document in space.store.mentions(cleaned):
        kind = FORMS.get(document.kind)
        body = document.body["report"] if document.kind == "batch" else document.body
        if kind is None or document.deleted or document.kind == CUT:
            continue
        try:
            from_plain(kind, body)
        except ValueError:
            continue  # it was written by an older version, and cannot become worse
        try:
            from_plain(kind, cleaned(body))
        except ValueError as error:
            raise BadChoice(
                f"An id of theirs is a word that a decision ({document.kind}) is written with.",
                "Nothing was changed. Take that decision back first, or give their name with “also” only.",
            ) from error


def _replace_batch(space: Workspace, old: Document, new: str, *, author: str, now: datetime) -> None:
    """The same import without them: same day, same author, same report; its raw file goes."""
    report = {**old.body["report"], "batch": new}
    body = {**old.body, "report": report, "was": old.doc_id}
    space.store.put("batch", new, body, based_on=0, author=old.author, now=old.saved_at)
    space.store.delete("batch", old.doc_id, based_on=old.version, author=author, now=now)


def _leave_to_do(space: Workspace, uploads: Sequence[str], *, author: str, now: datetime) -> None:
    held = space.store.get(PENDING, PENDING)
    before = held.body["uploads"] if held else []
    body = {"uploads": sorted({*before, *uploads})}
    space.store.put(PENDING, PENDING, body, based_on=held.version if held else 0, author=author, now=now)


def finish_forgetting(space: Workspace, *, now: datetime | None = None) -> bool:
    """Remove what a forgetting that was cut short left on the disk; False when there is nothing to do.

    now: UTC, by default the time it is. When an import is running, the next opening does it.
    """
    if space.store.read_only or space.store.get(PENDING, PENDING) is None:
        return False
    now = now or datetime.now(UTC)
    try:
        with alone(space.store, IMPORT, now=now):
            _finish(space, now=now)
    except BadChoice:
        return False
    return True


def _finish(space: Workspace, *, now: datetime) -> None:
    """Raw files, old batches, every snapshot but the one in force, free pages; safe to repeat."""
    held = space.store.get(PENDING, PENDING)
    if held is None:
        return
    for name in held.body["uploads"]:
        (space.folder / "uploads" / Path(name).name).unlink(missing_ok=True)
    sweep(space)
    current = space.version
    left = []
    for file in space.snapshots.iterdir() if space.snapshots.is_dir() else ():
        if file.stem != current or file.suffix != ".duckdb":
            let_go(file)
            if not unlink_unless_in_use(file):
                left.append(file)
    space.store.rewrite_file()
    if not left:  # on Windows a session may still read one: the next opening tries again
        space.store.delete(PENDING, PENDING, based_on=held.version, author="app", now=now)
