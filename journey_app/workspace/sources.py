"""Where do new data come from by themselves, when were they fetched last, and what stood in the way?

A saved source is a folder, an address on the web, a table of a database, or a bucket of S3-style
storage. Syncing it fetches what has changed and imports it as a person would, as the author “sync”;
what must be asked is never guessed: the source then says that it needs an answer
(docs/decisions/017-saved-sources.md).
"""

from __future__ import annotations

import glob
import logging
import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from traceback import format_tb
from typing import Any

from journey_app.errors import BadChoice, BadFile, JourneyError, NotAllowed, Question, UnknownName
from journey_app.intake import buckets
from journey_app.intake.fetching import MEGABYTE, checked_address, fetch, shown
from journey_app.intake.prepared import Prepared
from journey_app.plain import from_plain, to_plain
from journey_app.settings import Settings
from journey_app.store.notes import Notes
from journey_app.store.tables import checked_variable, export_table
from journey_app.vocabulary import Answers
from journey_app.workspace.gathering import Progress, insist_on_confirmation, prepare_file, silent
from journey_app.workspace.importing import Judge, import_prepared, let_go, unjudged
from journey_app.workspace.keeping import content_of, copied, incoming
from journey_app.workspace.leasing import alone
from journey_app.workspace.remembering import tables_recalled
from journey_app.workspace.workspace import Workspace

LOG = logging.getLogger(__name__)
KIND = "source"
KINDS = ("folder", "https", "database", "s3")
AUTHOR = "sync"
USUAL, SHORTEST, LONGEST = timedelta(hours=24), timedelta(minutes=5), timedelta(days=31)
MOST_FILES = 200
NO_ANSWERS = Answers()
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
ALREADY = ("The sources of this workspace are being refreshed already.", "Wait until that is done.")


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


@dataclass(frozen=True)
class Freshness:
    """How a source stands.

    state: never, fresh, due, failed or asks (it needs an answer). tried_at, ok_at: UTC, None before the
    first. next_at: when it is due. what, do: what stood in the way, empty when nothing did.
    events: new ones the last time anything came.
    """

    state: str
    tried_at: datetime | None
    ok_at: datetime | None
    next_at: datetime | None
    what: str = ""
    do: str = ""
    events: int = 0


@dataclass(frozen=True)
class Synced:
    """What became of one source. files: that had changed and were read."""

    name: str
    ok: bool
    files: int
    events: int
    what: str = ""
    do: str = ""


# ---------------------------------------------------------------- what is saved


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
    return [from_plain(Source, document.body) for document in space.store.list(KIND)]


def source_named(space: Workspace, name: str) -> Source:
    document = space.store.get(KIND, name)
    if document is None:
        raise UnknownName("source", name, [each.name for each in sources(space)])
    return from_plain(Source, document.body)


def document_version(space: Workspace, name: str) -> int:
    """The newest version of a saved source, to base an edit on; 0 where there is none."""
    document = space.store.get(KIND, name)
    return document.version if document else 0


def save_source(
    space: Workspace, source: Source, *, author: str, now: datetime, based_on: int | None = None
) -> Source:
    """Keep a source, new or changed; fetches nothing. based_on: the version that was seen; None: the newest.

    Raises BadChoice for what can never be fetched, StaleEdit when somebody saved another one since.
    """
    checked = _checked(space, source)
    document = space.store.get(KIND, source.name)
    if based_on is None:
        based_on = document.version if document else 0
    space.save(KIND, source.name, to_plain(checked), based_on=based_on, author=author, now=now)
    if document is not None and document.body != to_plain(checked):
        _notes(space).drop(source.name)  # what was known of the old place says nothing about the new one
    return checked


def remove_source(space: Workspace, name: str, *, author: str, now: datetime) -> None:
    """Fetch it no more. What it brought stays, as imports that can be undone."""
    source_named(space, name)
    document = space.store.get(KIND, name)
    if document is not None:
        space.store.delete(KIND, name, based_on=document.version, author=author, now=now)
    _notes(space).drop(name)


def _checked(space: Workspace, source: Source) -> Source:
    if not _NAME.fullmatch(source.name):
        raise BadChoice(
            f"“{source.name[:60]}” cannot be the name of a source.",
            "Use letters, digits and dashes, such as shop-orders.",
        )
    if not SHORTEST <= source.every <= LONGEST:
        raise BadChoice(
            "A source cannot be refreshed that often, or that rarely.", "Choose 5 minutes to 31 days."
        )
    _insist_on_kind(space.settings, source.kind)
    if source.kind == "https":
        checked_address(source.where)
    elif source.kind == "database":
        checked_variable(source.where)
        if not source.table.strip():
            raise BadChoice("A database source needs a table.", "Name the table or view with --table.")
    elif source.kind == "s3":
        buckets.checked_bucket(source.where)
    else:
        _pattern(space.settings, source.where)
    return source


def _insist_on_kind(settings: Settings, kind: str) -> None:
    allowed = kinds_allowed(settings)
    if kind in allowed:
        return
    if kind not in KINDS:
        raise BadChoice(f"“{kind[:40]}” is no kind of source.", f"Use one of: {', '.join(KINDS)}.")
    raise NotAllowed(
        f"Sources of the kind “{kind}” are switched off here.",
        f"Whoever runs the app can allow them: JOURNEY_SOURCES={','.join([*allowed, kind])}.",
    )


def _pattern(settings: Settings, where: str) -> str:
    """The pattern of files that is meant; a folder stands for every file in it."""
    path = Path(where).expanduser()
    if not path.is_absolute():
        raise BadChoice(
            "A folder is named by its whole path.", "Give it from the root, such as /home/ana/exports/*.csv."
        )
    _insist_inside(settings, Path(*_before_wildcards(path)))
    return str(path / "*") if path.is_dir() else str(path)


def _insist_inside(settings: Settings, path: Path) -> None:
    """Where the operator named a folder for sources, nothing outside of it is read, whatever a link says."""
    if not settings.source_folder:
        return
    root = Path(settings.source_folder).expanduser().resolve()
    if not path.resolve().is_relative_to(root):
        raise NotAllowed(
            "Only files below the folder in JOURNEY_SOURCE_FOLDER are read here.", "Put the files there."
        )


def _before_wildcards(path: Path) -> Iterator[str]:
    for part in path.parts:
        if glob.has_magic(part):
            return
        yield part


# ---------------------------------------------------------------- how it stands


def _notes(space: Workspace) -> Notes:
    return Notes(space.folder / "sources")


def notes_naming(space: Workspace, cleaned: Callable[[Any], Any]) -> tuple[str, ...]:
    """The sources that remember words of somebody: a file was named after them. cleaned: a value without."""
    notes = _notes(space)
    return tuple(name for name in notes.names() if cleaned(held := notes.get(name)) != held)


def clean_notes(space: Workspace, cleaned: Callable[[Any], Any] | None) -> None:
    """Take words of somebody out of what sources remember; None: all of it, which costs fetching once more."""
    notes = _notes(space)
    for name in notes.names():
        held = notes.get(name)
        clean = (
            cleaned(held) if cleaned else {k: v for k, v in held.items() if k not in ("files", "what", "do")}
        )
        if clean != held:
            notes.put(name, clean)
    notes.sweep()


def _label(space: Workspace, source: Source, name: str) -> str:
    """What a file is called here: never by a name or an address of somebody who asked to be forgotten."""
    return str(space.batch_files.forgotten().named(f"{source.name} › {name}"))


def freshness(space: Workspace, source: Source, now: datetime) -> Freshness:
    """How old what a source brought is, and what stood in the way the last time. now: wall clock, UTC."""
    note = _notes(space).get(source.name)
    tried, ok = _moment(note, "tried_at"), _moment(note, "ok_at")
    next_at = tried + source.every if tried else None
    if tried is None:
        state = "never"
    elif note.get("what"):
        state = "asks" if note.get("asks") else "failed"
    else:
        state = "due" if next_at and next_at <= now else "fresh"
    said = {name: str(note.get(name, "")) for name in ("what", "do")}
    return Freshness(state, tried, ok, next_at, events=int(note.get("events", 0)), **said)


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


# ---------------------------------------------------------------- fetching


@dataclass(frozen=True)
class Found:
    """A file of a source. mark: what tells it from its next version. etag, modified: of an address.

    same: it was written anew with what it held before, which is noted and not read.
    """

    path: Path
    label: str
    mark: str
    etag: str = ""
    modified: str = ""
    same: bool = False


def _files(
    space: Workspace, source: Source, known: Mapping[str, Any], folder: Path, progress: Progress
) -> Iterator[Found]:
    """The files of a source that are not as they were. known: label → mark, etag and modified of the last time."""
    if source.kind == "https":
        yield from _of_address(space, source, known, folder)
    elif source.kind == "database":
        label = _label(space, source, source.table)
        target = folder / "table.csv"

        def say(rows: int) -> None:
            progress(0.1, f"{rows:,} rows of {source.table} read")

        export_table(source.where, source.table, target, most_mb=space.settings.upload_limit_mb, progress=say)
        yield from _if_changed(target, label, known)
    elif source.kind == "s3":
        yield from _of_bucket(space, source, known, folder, progress)
    else:
        yield from _of_folder(space, source, known, folder)


def _of_folder(space: Workspace, source: Source, known: Mapping[str, Any], folder: Path) -> Iterator[Found]:
    """Files are called by where they lie below the part without wildcards: two folders may hold the same name.

    Each is copied first, for whoever writes into the folder may go on with it.
    """
    pattern = _pattern(space.settings, source.where)
    root = Path(*_before_wildcards(Path(pattern)))
    found = (Path(p) for p in glob.iglob(pattern, recursive=True))  # noqa: PTH207 — wildcards anywhere
    some = islice(
        (path for path in found if path.is_file() and not path.name.startswith(".")), MOST_FILES + 1
    )
    files = sorted(some)
    if not files:
        raise BadFile(f"There is no file at “{source.where}”.", "Check the folder, or what writes into it.")
    if len(files) > MOST_FILES:
        raise BadFile(
            f"“{source.where}” stands for more than {MOST_FILES} files.",
            "Give a pattern such as *.csv, or move old files away: what they brought stays.",
        )
    for number, path in enumerate(files):
        _insist_inside(space.settings, path)
        at = path.stat()
        if at.st_size > space.settings.upload_limit_mb * MEGABYTE:
            raise BadFile(
                f"“{path.name}” is larger than {space.settings.upload_limit_mb:,} MB.",
                "Export a shorter period.",
            )
        name = path.name if path == root else path.relative_to(root).as_posix()
        label = _label(space, source, name)
        # notes of older versions called a file by its bare name
        had = known.get(label) or known.get(_label(space, source, path.name), {})
        quick = f"{at.st_size}-{at.st_mtime_ns}"
        if had.get("modified") != quick:
            copy = folder / f"file-{number}"
            mark = copied(path, copy, path.name)
            yield Found(copy, label, mark, modified=quick, same=had.get("mark") == mark)


def _of_bucket(
    space: Workspace, source: Source, known: Mapping[str, Any], folder: Path, progress: Progress
) -> Iterator[Found]:
    settings = space.settings
    bucket = buckets.checked_bucket(source.where)
    storage = buckets.opened(settings.source_s3_endpoint, settings.source_s3_region)
    objects = buckets.listed(storage, bucket)
    if not objects:
        raise BadFile(
            f"There is no file at “{source.where}”.", "Check the pattern, or what writes into the bucket."
        )
    if len(objects) > MOST_FILES:
        raise BadFile(
            f"“{source.where}” stands for {len(objects):,} files; {MOST_FILES} is the most.",
            "Give a pattern of fewer, such as 2026-11/*.csv, or move old files away: what they brought stays.",
        )
    new = [
        each
        for each in objects
        if known.get(_label(space, source, each.name), {}).get("modified") != each.version
    ]
    if sum(each.size for each in new) > settings.unpacked_limit_mb * MEGABYTE:
        raise BadFile(
            f"The new files of “{source.name}” are together larger than {settings.unpacked_limit_mb:,} MB.",
            "Give a pattern of fewer, such as 2026-11/*.csv.",
        )
    for number, each in enumerate(new):
        target = folder / f"object-{number}"
        progress(0.1, f"Fetching {each.name}")
        buckets.download(storage, bucket, each, target, most_mb=settings.upload_limit_mb)
        yield from _if_changed(target, _label(space, source, each.name), known, modified=each.version)


def _of_address(space: Workspace, source: Source, known: Mapping[str, Any], folder: Path) -> Iterator[Found]:
    had: Mapping[str, str] = next(iter(known.values()), {})
    target = folder / "file"
    came = fetch(
        source.where,
        target,
        etag=had.get("etag", ""),
        modified=had.get("modified", ""),
        most_mb=space.settings.upload_limit_mb,
    )
    if came.changed:
        label = _label(space, source, came.name)
        yield from _if_changed(target, label, known, etag=came.etag, modified=came.modified)


def _if_changed(
    path: Path, label: str, known: Mapping[str, Any], *, etag: str = "", modified: str = ""
) -> Iterator[Found]:
    mark = content_of(path)
    yield Found(path, label, mark, etag, modified, same=known.get(label, {}).get("mark") == mark)


# ---------------------------------------------------------------- syncing


def try_source(space: Workspace, source: Source, progress: Progress = silent) -> tuple[Prepared, ...]:
    """How its files would be read now; stores nothing. Raises what stands in the way of fetching."""
    _checked(space, source)
    with incoming(space) as folder:
        found = list(_files(space, source, {}, folder, progress))
        return tuple(table for each in found for table in _prepared(space, source, each))


def sync(
    space: Workspace,
    names: Collection[str] = (),
    *,
    now: datetime,
    progress: Progress = silent,
    judge: Judge = unjudged,
) -> tuple[Synced, ...]:
    """Fetch what has changed and import it; of every source, or of those named.

    One that fails does not stop the others, and leaves its sentence for people to see. judge: as for
    `importing.import_prepared`. Raises
    UnknownName, NotAllowed on a read-only app, BadChoice when somebody else syncs already.
    """
    if space.store.read_only:
        raise NotAllowed("This app is open for reading only.", "Sync where it may be written.")
    wanted = [source_named(space, name) for name in names] if names else sources(space)
    done: list[Synced] = []
    with alone(space.store, "sync", now=now, busy=ALREADY):
        for place, source in enumerate(wanted):

            def say(share: float, sentence: str, place: int = place, source: Source = source) -> None:
                progress((place + share) / len(wanted), f"{source.name}: {sentence}")

            done.append(_sync_one(space, source, now, say, judge))
    return tuple(done)


def _stored(
    space: Workspace, tables: Sequence[Prepared], now: datetime, progress: Progress, judge: Judge
) -> int:
    """Import what was found; returns how many events were new. Raises what must be asked first."""
    for table in tables:
        table.insist()
    insist_on_confirmation(tables)
    if not tables:
        return 0
    brought = import_prepared(space, tables, author=AUTHOR, now=now, progress=progress, judge=judge)
    return sum(report.events for report in brought.files)


def _sync_one(space: Workspace, source: Source, now: datetime, progress: Progress, judge: Judge) -> Synced:
    notes = _notes(space)
    before = notes.get(source.name)
    known: dict[str, Any] = dict(before.get("files", {}))
    at = now.astimezone(UTC).isoformat()
    try:
        _insist_on_kind(space.settings, source.kind)
        with incoming(space) as folder:
            progress(0.0, "Looking for what is new")
            found = list(_files(space, source, known, folder, progress))
            new = [each for each in found if not each.same]
            tables = [table for each in new for table in _prepared(space, source, each)]
            try:
                events = _stored(space, tables, now, progress, judge)
            finally:
                let_go(tables)
    except Exception as problem:  # whatever it is, it is this source's, and must stop no other
        error = _told(source, problem)
        note = {
            **before,
            "tried_at": at,
            "what": error.what,
            "do": error.do,
            "asks": isinstance(error, Question),
        }
        _put_note(notes, source, note)
        return Synced(source.name, False, 0, 0, error.what, error.do)
    known |= {f.label: {"mark": f.mark, "etag": f.etag, "modified": f.modified} for f in found}
    if source.kind in ("https", "database") and found:
        known = {f.label: known[f.label] for f in found}
    note = {
        "tried_at": at,
        "ok_at": at,
        "files": known,
        "events": events if new else before.get("events", 0),
    }
    _put_note(notes, source, note)
    return Synced(source.name, True, len(new), events)


def _put_note(notes: Notes, source: Source, note: dict[str, Any]) -> None:
    """Remember how it went; what cannot be remembered is fetched again, and stops no other source."""
    try:
        notes.put(source.name, note)
    except OSError:
        LOG.exception("how the source “%s” went could not be kept", source.name)


def _told(source: Source, problem: Exception) -> JourneyError:
    """A failure as people may see it. Words that are not ours may hold a password: not even the log has them."""
    if isinstance(problem, JourneyError):
        return problem
    where = "".join(format_tb(problem.__traceback__))
    LOG.error("the source “%s” failed: %s\n%s", source.name, type(problem).__name__, where)
    if isinstance(problem, OSError):
        return BadFile(
            f"A file of “{source.name}” cannot be read: {problem.strerror or type(problem).__name__}.",
            "Check that it is there and that the app may read it.",
        )
    return BadFile(
        f"“{source.name}” failed for a reason that this program did not foresee ({type(problem).__name__}).",
        "Nothing of it was stored, and the log of the app has the details; the next sync tries again.",
    )


def _prepared(space: Workspace, source: Source, found: Found) -> Sequence[Prepared]:
    """The tables of a file, read as the source says, else as a table like it was read before."""
    tables = prepare_file(space, found.path, found.label, source.answers)
    return [each.table for each in tables_recalled(space, iter(tables), source.answers, use=True)]


# ---------------------------------------------------------------- on open


@dataclass
class Refreshing:
    """A sync that goes on in the background. sentence: what it is at. over: whether it has ended."""

    sentence: str = "Looking for what is new"
    over: bool = False
    done: tuple[Synced, ...] = field(default_factory=tuple)


_RUNNING: dict[Path, Refreshing] = {}
_LOCK = threading.Lock()


def refreshing(space: Workspace) -> Refreshing | None:
    """The sync of this workspace that goes on in this process, or the one that ended last."""
    with _LOCK:
        return _RUNNING.get(space.folder)


def refresh_in_background(
    space: Workspace,
    names: Collection[str],
    *,
    clock: Callable[[], datetime],
    judge: Judge = unjudged,
) -> Refreshing:
    """Begin to sync these sources beside whatever the page does; the one that goes on already counts."""
    with _LOCK:
        running = _RUNNING.get(space.folder)
        if running is not None and not running.over:
            return running
        begun = _RUNNING[space.folder] = Refreshing()
    threading.Thread(
        target=_refresh, args=(space, tuple(names), clock, judge, begun), name="sync", daemon=True
    ).start()
    return begun


def _refresh(
    space: Workspace,
    names: Sequence[str],
    clock: Callable[[], datetime],
    judge: Judge,
    begun: Refreshing,
) -> None:
    def say(_share: float, sentence: str) -> None:
        begun.sentence = sentence

    with _ended(begun):
        try:
            begun.done = sync(space, names, now=clock(), progress=say, judge=judge)
        except JourneyError as error:  # another process syncs: its notes will say how it went
            begun.sentence = error.what


@contextmanager
def _ended(begun: Refreshing) -> Iterator[None]:
    try:
        yield
    finally:
        begun.over = True
