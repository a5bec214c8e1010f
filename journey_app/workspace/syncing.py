"""How do the data of saved sources come here, and what becomes of one that fails?

Syncing fetches what has changed and imports it as a person would, as the author “sync”; what must be
asked is never guessed: the source then says that it needs an answer
(docs/decisions/017-saved-sources.md).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from traceback import format_tb
from typing import Any

from journey_app.errors import BadFile, JourneyError, NotAllowed, Question
from journey_app.intake.prepared import Prepared
from journey_app.intake.unused import KIND as UNUSED
from journey_app.vocabulary import ImportReport
from journey_app.workspace.gathering import Progress, in_the_way, prepare_file, silent
from journey_app.workspace.importing import Judge, import_prepared, let_go, unjudged
from journey_app.workspace.keeping import incoming
from journey_app.workspace.leasing import alone
from journey_app.workspace.placing import placed
from journey_app.workspace.remembering import tables_recalled
from journey_app.workspace.source_files import Found, changed_files
from journey_app.workspace.source_notes import SourceNotes
from journey_app.workspace.sources import Source, checked_source, insist_on_kind, source_named, sources
from journey_app.workspace.troubles import NotAllFiles, Troubles
from journey_app.workspace.workspace import Workspace

LOG = logging.getLogger(__name__)
AUTHOR = "sync"
ALREADY = ("The sources of this workspace are being refreshed already.", "Wait until that is done.")


@dataclass(frozen=True)
class Synced:
    """What became of one source. files: that had changed and were read. warnings: what their reports say that
    somebody should see, as an import by hand shows at once.
    """

    name: str
    ok: bool
    files: int
    events: int
    what: str = ""
    do: str = ""
    warnings: tuple[str, ...] = ()


def try_source(space: Workspace, source: Source, progress: Progress = silent) -> tuple[Prepared, ...]:
    """How its files would be read now; stores nothing. Raises what stands in the way of fetching."""
    checked_source(space, source)
    with incoming(space) as folder:
        found = list(changed_files(space, source, {}, folder, progress))
        tables = [table for each in found for table in _prepared(space, source, each)]
        return tuple(placed(space, tables))


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
) -> tuple[int, tuple[str, ...]]:
    """Import what was found; returns how many events were new, and what somebody should see of it."""
    if not tables:
        return 0, ()
    brought = import_prepared(space, tables, author=AUTHOR, now=now, progress=progress, judge=judge)
    return sum(report.events for report in brought.files), tuple(_warnings(brought.files))


def _warnings(reports: Sequence[ImportReport]) -> Iterator[str]:
    """Faults, and answers that changed nothing: nobody looks at the report of what came by itself."""
    for report in reports:
        for seen in report.checkup:
            if seen.severity == "fault" or seen.kind == UNUSED:
                yield f"{report.file}: {seen.says}"


def _sync_one(space: Workspace, source: Source, now: datetime, progress: Progress, judge: Judge) -> Synced:
    notes = SourceNotes(space)
    before = notes.get(source.name)
    known: dict[str, Any] = dict(before.get("files", {}))
    at = now.astimezone(UTC).isoformat()
    try:
        insist_on_kind(space.settings, source.kind)
        with incoming(space) as folder:
            progress(0.0, "Looking for what is new")
            found = list(changed_files(space, source, known, folder, progress))
            new = [each for each in found if not each.same]
            tables: list[Prepared] = []
            try:
                _look(space, source, new, tables)
                events, warnings = _stored(space, tables, now, progress, judge)
            finally:
                let_go(tables)
    except Exception as problem:  # whatever it is, it is this source's, and must stop no other
        error = _told(source, problem)
        note = {
            **before,
            "tried_at": at,
            "what": error.what,
            "do": error.do,
            "asks": _asks(error),
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
        "warnings": len(warnings) if new else before.get("warnings", 0),
    }
    _put_note(notes, source, note)
    return Synced(source.name, True, len(new), events, warnings=warnings)


def _put_note(notes: SourceNotes, source: Source, note: dict[str, Any]) -> None:
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


def _asks(error: JourneyError) -> bool:
    """Whether somebody must answer before it can go on."""
    several = [each for _label, each in error.troubles] if isinstance(error, NotAllFiles) else [error]
    return any(isinstance(each, Question) for each in several)


def _look(space: Workspace, source: Source, new: Sequence[Found], tables: list[Prepared]) -> None:
    """Look at every file, its tables into `tables`; raises all that stands in the way, of whichever file."""
    troubles = Troubles()
    for each in new:
        with troubles.of(each.label):
            found = _prepared(space, source, each)
            tables += found
            troubles.note_all((table.file, in_the_way(table, unseen=True)) for table in found)
    troubles.insist()


def _prepared(space: Workspace, source: Source, found: Found) -> Sequence[Prepared]:
    """The tables of a file, read as the source says, else as a table like it was read before."""
    tables = prepare_file(space, found.path, found.label, source.answers)
    return [each.table for each in tables_recalled(space, iter(tables), source.answers, use=True)]
