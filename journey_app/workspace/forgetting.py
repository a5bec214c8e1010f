"""How is one customer forgotten: out of every file here, for good, and whole or not at all?

Everything is prepared beside what is there and counts with one commit; what lies on the disk from
before is removed after it, and again at the next use if something stood in the way. It is the one deed that
replaces batches and erases texts. Source: docs/decisions/014-forgetting-one-customer.md
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pyarrow as pa

from journey_app.engine.embedded import let_go
from journey_app.engine.forgotten import Forgotten, scrubbed
from journey_app.errors import BadChoice, JourneyError, NotAllowed
from journey_app.plain import from_plain, to_plain
from journey_app.store.documents import Document
from journey_app.store.trouble import StoreTrouble
from journey_app.vocabulary import CleanUp, Goal, Grade, ImportReport, Shaping, Sprint
from journey_app.workspace.decisions import slug
from journey_app.workspace.gathering import Progress, silent
from journey_app.workspace.importing import sweep
from journey_app.workspace.leasing import Lease, alone
from journey_app.workspace.rebuilding import build, point_to, switching
from journey_app.workspace.remembering import Recipe
from journey_app.workspace.searching import mentions
from journey_app.workspace.shaping import CUT
from journey_app.workspace.sources import clean_notes, notes_naming
from journey_app.workspace.tombstones import TOMBSTONE, bury, forgotten_of, key_of
from journey_app.workspace.waiting import calls_of, erase_calls
from journey_app.workspace.whose import Whose, whose
from journey_app.workspace.workspace import IMPORT, Workspace

LOG = logging.getLogger(__name__)
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
NEVER_REACHED = "copies outside this folder: backups, downloads, mails, and the tools the exports came from"
AGAIN_AFTER_S = 60.0  # what could not be removed is tried again at a use of the workspace, once a minute
_FAILED_AT: dict[Path, float] = {}
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
    events, links = (people.parted(table) for table in space.batch_files.rows_naming(batch, who.raw_ids))
    return Rows(events.lost, links.lost, events.stripped + links.stripped)


def look(space: Workspace, wanted: str, also: Sequence[str] = ()) -> Person:
    """Who has this id, and all that would go. also: their name, or what else names them in texts.

    Raises UnknownName when nobody has it, BadChoice when several have.
    """
    return _looked(space, whose(space, wanted, also))


def _looked(space: Workspace, who: Whose) -> Person:
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
    events, context = space.batch_files.rows_saying(batch, who.wording.pieces)
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


class Unfinished(JourneyError):
    """They are forgotten, and something of theirs is still on the disk. gone: what `forget` returns."""

    def __init__(self, gone: Person, left: Sequence[str]) -> None:
        self.gone = gone
        self.left = tuple(left)
        super().__init__(
            f"They are forgotten, but this could not be removed from the disk yet: {', '.join(left)}.",
            "It is tried again whenever this workspace is used; free some space, close what reads its folder, "
            "and open it again in a minute.",
        )


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

    Returns what went. Raises what `look` raises, BadChoice when an import is running, and Unfinished
    when they are forgotten and something of theirs is still on the disk. A
    stop or a crash at any moment leaves everything, or nothing once this workspace is used again.
    """
    if space.store.read_only:
        raise NotAllowed("This view is for reading; nobody was forgotten.", "Ask an owner to do it.")
    with alone(space.store, IMPORT, now=now) as lease:
        progress(0.05, "Looking through everything")
        who = whose(space, wanted, also)
        gone = _looked(space, who)
        people, cleaned = who.hashed(key_of(space.store, now=now)), who.wording.cleaned
        written: dict[str, str] = {}  # old batch → the one that takes its place
        try:
            for at, batch in enumerate(space.batches()):
                progress(0.1 + 0.5 * at / len(space.batches()), "Writing the data without them")
                replaced = space.batch_files.without(batch.doc_id, people, who.wording.out_of)
                if replaced is not None:
                    written[batch.doc_id] = replaced[0]
            progress(0.65, "Joining customers and sorting events")
            shaping = _shaping_without(space.ground.shaping, cleaned, who.raw_ids)
            _insist_readable(space, cleaned)
            batches = sorted(written.get(b.doc_id, b.doc_id) for b in space.batches())
            built = build(replace(space.ground, shaping=shaping), batches)
            progress(0.9, "Switching to the new data")
            with switching(space.store, lease, space.ground, built):
                space.store.erase_words(
                    cleaned,
                    gone={CUT: _names(who.raw_ids)},
                    named={"grade": lambda body: slug(str(body.get("touchpoint", "")))},
                    now=now,
                )
                for old in space.batches():
                    if old.doc_id in written:
                        _replace_batch(space, old, written[old.doc_id], author=author, now=now)
                bury(space.store, people, author=author, now=now)
                point_to(space.store, built, author=author, now=now)
                _leave_to_do(space, [kept for _name, kept in gone.uploads], author=author, now=now)
        except BaseException:
            in_force = {b.doc_id for b in space.batches()}
            for new in written.values():
                if new not in in_force:
                    space.batch_files.discard(new)
            raise
        progress(0.95, "Removing what lies on the disk")
        left = _finish(space, lease, cleaned, now=now)
    progress(1.0, "Done")
    if left:
        raise Unfinished(gone, left)
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
    """Remove what a forgetting left on the disk, because it was cut short or something stood in its way.

    now: UTC, by default the time it is. False when there is nothing to do, or when it is not all done:
    every use of the workspace may ask, and after a try that failed the next one waits for a minute.
    """
    if space.store.read_only or space.store.get(PENDING, PENDING) is None:
        return False
    if monotonic() - _FAILED_AT.get(space.folder, -AGAIN_AFTER_S) < AGAIN_AFTER_S:
        return False
    try:
        with alone(space.store, IMPORT, now=now or datetime.now(UTC), patient=False) as lease:
            left = _finish(space, lease, now=now or datetime.now(UTC))
    except (BadChoice, StoreTrouble):  # an import is running, or the decisions cannot be written just now
        return False
    if left:
        _FAILED_AT[space.folder] = monotonic()
    return not left


def _finish(
    space: Workspace, lease: Lease, cleaned: Callable[[Any], Any] | None = None, *, now: datetime
) -> tuple[str, ...]:
    """Take them off the disk, files first; returns what could not be removed, in words. Safe to repeat.

    cleaned: a JSON value without their words; when it was cut short, only their hashes are left. What
    fails stops nothing else.
    """
    held = space.store.get(PENDING, PENDING)
    if held is None:
        return ()
    people = forgotten_of(space.store)
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("raw files", lambda: _remove_uploads(space, held.body["uploads"])),
        ("the data as they were before", lambda: sweep(space, lease)),
        ("older snapshots", lambda: _remove_snapshots(space, lease)),
        ("calls that wait to become events", lambda: erase_calls(space, people, cleaned or people.named)),
        ("what sources remember", lambda: clean_notes(space, cleaned)),
        ("free pages of the saved decisions", space.store.rewrite_file),
    )
    left = tuple(what for what, step in steps if not _done(what, step))
    if not left:
        space.store.delete(PENDING, PENDING, based_on=held.version, author="app", now=now)
    return left


def _done(what: str, step: Callable[[], object]) -> bool:
    """Do it; False when anything stood in its way, which the log then tells."""
    try:
        step()
    except Exception:
        LOG.exception("a forgetting could not remove: %s", what)
        return False
    return True


def _remove_uploads(space: Workspace, names: Sequence[str]) -> None:
    """Every one that can be removed, whatever stands in the way of another."""
    files = [space.folder / "uploads" / Path(name).name for name in names]
    _insist_on_all([file for file in files if not _removed(file)])


def _remove_snapshots(space: Workspace, lease: Lease) -> None:
    """All but the one in force; who lost the lease may be removing what another builds just now."""
    lease.insist()
    current = space.version
    left = []
    for file in space.snapshots.iterdir() if space.snapshots.is_dir() else ():
        if file.stem != current or file.suffix != ".duckdb":
            let_go(file)
            if not _removed(file):
                left.append(file)
    _insist_on_all(left)  # on Windows a session may still read one


def _removed(file: Path) -> bool:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        LOG.warning("%s: %s", file.name, error)
        return False
    return True


def _insist_on_all(left: Sequence[Path]) -> None:
    if left:
        raise PermissionError(f"{len(left)} files are in use, or may not be removed")
