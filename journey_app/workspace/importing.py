"""How does a file become part of a workspace, whole or not at all, and how is it taken out again?"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ibis import _

from journey_app.engine.durable import unlink_unless_in_use
from journey_app.engine.embedded import Snapshot, open_snapshot
from journey_app.errors import BadChoice, BadFile, JourneyError, UnknownName
from journey_app.intake.apart import let_go
from journey_app.intake.contract import Answers
from journey_app.intake.meaning import GENERIC
from journey_app.intake.prepared import Prepared
from journey_app.intake.preset import presets
from journey_app.plain import from_plain, to_plain
from journey_app.vocabulary import Goal, GoalMoved, Imported, ImportReport, Standing
from journey_app.workspace import decisions
from journey_app.workspace.corrections import same_report
from journey_app.workspace.gathering import Progress, recalled_files, silent
from journey_app.workspace.gathering import looking as looking
from journey_app.workspace.gathering import prepare_file as prepare_file
from journey_app.workspace.keeping import content_of, incoming, keep_upload, sweep_incoming
from journey_app.workspace.leasing import Lease, alone
from journey_app.workspace.placing import columns_of, name_of, placed
from journey_app.workspace.rebuilding import build, forget_old_snapshots, point_to, switching, version_of
from journey_app.workspace.remembering import remember
from journey_app.workspace.replaced import in_force
from journey_app.workspace.seen_before import identity_of, same_as, seen_of
from journey_app.workspace.workspace import IMPORT, Workspace
from journey_app.workspace.writing import written

Judge = Callable[[Snapshot, Goal], Standing | None]


def unjudged(_events: Snapshot, _goal: Goal) -> Standing | None:
    """For callers that do not ask what an import does to the goal."""
    return None


def import_files(
    space: Workspace,
    files: Sequence[tuple[Path, str]],
    answers: Answers = Answers(),  # noqa: B008 — frozen
    *,
    author: str,
    now: datetime,
    progress: Progress = silent,
    recipes: bool = True,
    judge: Judge = unjudged,
) -> Imported:
    """Read (path, name) pairs, keep their events, and switch to the new data version.

    All files or none: files that cannot be read, or questions that must be asked, stop the import
    before anything is stored, and all of them are named. The same file again adds nothing. recipes: what was answered
    about a file like one of these counts again, and what is answered now is kept for the next.
    judge: as for `import_prepared`.
    """
    with incoming(space) as folder:
        found = recalled_files(space, files, answers, recipes, progress, folder=folder, unseen=True)
        tables = [each.table for each in found]
        try:
            imported = import_prepared(space, tables, author=author, now=now, progress=progress, judge=judge)
        finally:
            let_go(tables)
        for each in found if recipes else ():
            remember(space, each.table, each.answers, author=author, now=now)
    return imported


def import_prepared(
    space: Workspace,
    tables: Sequence[Prepared],
    *,
    author: str,
    now: datetime,
    progress: Progress = silent,
    judge: Judge = unjudged,
) -> Imported:
    """Store tables that were shown and confirmed.

    judge: how a goal stands in events; what the import did to it is kept with the import
    (docs/decisions/023-what-an-import-did-to-the-goal.md).
    Raises BadChoice when another import is running, or began because this one was held up.
    """
    with alone(space.store, IMPORT, now=now) as lease:
        sweep(space, lease)
        new = _New()
        try:
            reports = _write_batches(space, tables, new, progress, now)
            return _switch(space, reports, new, lease, judge, author=author, now=now, progress=progress)
        except BaseException:
            _take_back(space, new)
            raise


@dataclass
class _New:
    """What an import has written so far. snapshot: only when it was not there before.

    contents: of the files that were looked at, by their path. uploads: where they are kept.
    """

    batches: list[str] = field(default_factory=list)
    contents: dict[Path, str] = field(default_factory=dict)
    uploads: dict[Path, Path] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    snapshot: Path | None = None


def _take_back(space: Workspace, new: _New) -> None:
    """Remove what a failed import wrote, unless it is in force: only the state knows what was committed.

    Being stopped comes as an exception too, at any moment, also right after the commit.
    """
    in_force = {b.doc_id: b.body["upload"] for b in space.batches()}
    for batch in new.batches:
        if batch not in in_force:
            space.batch_files.discard(batch)
    for kept in new.uploads.values():
        if kept.name not in in_force.values():
            kept.unlink(missing_ok=True)
    if new.snapshot is not None and new.snapshot.stem != space.version:
        unlink_unless_in_use(new.snapshot)


def _write_batches(
    space: Workspace, tables: Sequence[Prepared], new: _New, progress: Progress, now: datetime
) -> list[ImportReport]:
    """Read every table that is not here already; each file is kept before it is read."""
    existing = {batch.doc_id: batch.body for batch in space.batches()}
    turn = _turn(space)
    reports: list[ImportReport] = []
    for index, table in enumerate(placed(space, tables)):
        _insist_unchanged(table)
        if table.path not in new.contents:
            new.contents[table.path] = content_of(table.path)
        content = new.contents[table.path]
        same = same_as(table, list(existing.values()), content) or same_report(
            space.batch_files, table, existing | new.documents, content
        )
        if same is not None:
            reports.append(imported_before(table, same))
            continue
        table.insist()

        def say(share: float, index: int = index, table: Prepared = table) -> None:
            progress((index + share) / len(tables) * 0.7, f"Reading {table.file}")

        batch = f"{turn:05d}-{index:02d}-{secrets.token_hex(3)}"
        reports.append(_write_batch(space, table, batch, new, say, now))
    return reports


def _write_batch(
    space: Workspace, table: Prepared, batch: str, new: _New, say: Callable[[float], None], now: datetime
) -> ImportReport:
    """Keep the file, then what it says. What is kept, what is read and what is remembered are the same bytes."""
    if table.path not in new.uploads:
        new.uploads[table.path], kept = keep_upload(space, table.path, table.file)
        if kept != new.contents[table.path]:
            raise BadFile(*_changed(table))
    earlier = [*((document.doc_id, document.body) for document in space.batches()), *new.documents.items()]
    before = [name for name, _body in earlier]
    new.batches.append(batch)
    seen = seen_of(space, table, earlier, new.contents[table.path])
    table, reading, result = written(space.batch_files, batch, table, before, say, now, seen=seen)
    _insist_unchanged(table)
    report = reading.report(table, result, batch)
    named = space.batch_files.forgotten().named  # a file may be named after somebody who was forgotten
    new.documents[batch] = {
        "report": named(to_plain(report)),
        "upload": new.uploads[table.path].name,
        "identity": identity_of(table, new.contents[table.path]),
        "title": named(table.title),
        "system": table.system,
        "source": table.source,
        "columns": columns_of(table) if table.recognised_as in GENERIC else None,
        "called": named(name_of(table.file)),
        "ids": table.id_type,
        "numbered": bool(table.numbers),
        "clock": table.clock,
        "ahead": reading.ahead,
    }
    return report


def _insist_unchanged(table: Prepared) -> None:
    """Raise BadFile when the file is not the one that was looked at: what was confirmed may not hold for it."""
    if not table.unchanged:
        raise BadFile(*_changed(table))


def _changed(table: Prepared) -> tuple[str, str]:
    return (
        f"“{table.file}” has changed since it was looked at, so nothing was stored.",
        "Import it again as it is now.",
    )


def _switch(
    space: Workspace,
    reports: Sequence[ImportReport],
    new: _New,
    lease: Lease,
    judge: Judge,
    *,
    author: str,
    now: datetime,
    progress: Progress,
) -> Imported:
    """Build the next snapshot beside the current one, then switch pointer and batches in one transaction.

    Everything that can fail comes before the commit; after it, only what does no harm when it is cut short.
    """
    batches = [b.doc_id for b in space.batches()] + list(new.documents)
    progress(0.75, "Joining customers and sorting events")
    before = space.version
    file = space.snapshot_file(version_of(space.ground, batches))
    new.snapshot = None if file.exists() else file
    built = build(space.ground, batches)
    imported = Imported(tuple(reports), built.customers, _events_held(space, built.version), built.version)
    progress(0.95, "Looking at the goal")
    if new.documents and (moved := _goal_moved(space, built.version, judge, len(new.documents))):
        new.documents[max(new.documents)]["goal"] = to_plain(moved)
    progress(0.97, "Switching to the new data")
    with switching(space.store, lease, space.ground, built, list(new.uploads.values())):
        for batch, body in new.documents.items():
            body |= {"version_before": before, "version_after": built.version}
            space.store.put("batch", batch, body, based_on=0, author=author, now=now)
        point_to(space.store, built, author=author, now=now)
    forget_old_snapshots(space.ground, built.version)
    progress(1.0, "Done")
    return imported


def undo(space: Workspace, batch: str, *, author: str, now: datetime) -> Imported:
    """Take one import out again: its events, its file, and every link only it made.

    batch: its id, or one it had before somebody was forgotten and it was written anew.
    Raises UnknownName when it is not in force, BadChoice when an import is running or has just begun.
    """
    with alone(space.store, IMPORT, now=now) as lease:
        known = [b.doc_id for b in space.batches()]
        held = in_force(space, batch)
        if held is None:
            raise UnknownName("import", batch, known)
        remaining = [name for name in known if name != held.doc_id]
        built = build(space.ground, remaining)
        left = _events_held(space, built.version) if remaining else 0
        with switching(space.store, lease, space.ground, built):
            space.store.delete("batch", held.doc_id, based_on=held.version, author=author, now=now)
            point_to(space.store, built, author=author, now=now)
        forget_old_snapshots(space.ground, built.version)
        with suppress(BadChoice):  # it is taken out; what another began meanwhile sweeps for both
            sweep(space, lease)
    return Imported((), built.customers, left, built.version)


def _goal_moved(space: Workspace, version: str, judge: Judge, files: int) -> GoalMoved | None:
    """What the snapshot of this version, not in force yet, does to the goal; None without a goal.

    A goal that cannot be measured, for whatever reason a person could mend, does not stop an import.
    """
    held = decisions.goal(space)
    if held is None or judge is unjudged:
        return None

    def standing(opened: Callable[[], Snapshot]) -> Standing | None:
        try:
            return judge(opened(), held.value)
        except JourneyError:
            return None

    before = standing(space.events) if space.version else None
    after = standing(lambda: open_snapshot(space.snapshot_file(version), space.limits))
    return GoalMoved(held.version, held.value.measure, before, after, files)


def goal_moved(space: Workspace, batch: str) -> GoalMoved | None:
    """What an import did to the goal, as it was counted then.

    None where no goal was set, where it came with others (the last of them says it), and of live calls.
    """
    document = space.store.get("batch", batch)
    told = document.body.get("goal") if document else None
    return from_plain(GoalMoved, told) if told else None


def _events_held(space: Workspace, version: str) -> int:
    events = open_snapshot(space.snapshot_file(version), space.limits)
    return int(events.run(events.table.aggregate(n=_.count()))["n"].to_pylist()[0])


def in_force_but(space: Workspace, gone: Collection[str]) -> list[str]:
    """The batches in force, oldest first, without those that are being replaced."""
    return [batch.doc_id for batch in space.batches() if batch.doc_id not in gone]


def sweep(space: Workspace, lease: Lease) -> None:
    """Remove what a killed import left behind: files that no batch in force names.

    Nobody can save meanwhile, so that nothing goes which is about to be in force.
    Raises BadChoice when the lease was lost: what lies there may be what another is at.
    """
    with space.store.transaction():
        lease.insist()
        batches = space.batches()
        names = {b.doc_id for b in batches}
        for file in space.batch_files.folder.iterdir():
            if file.name.split(".")[0] not in names:
                file.unlink(missing_ok=True)
        uploads = {b.body["upload"] for b in batches}
        folder = space.folder / "uploads"
        for file in folder.iterdir() if folder.is_dir() else ():
            if file.name not in uploads:
                file.unlink(missing_ok=True)
    sweep_incoming(space)


def _turn(space: Workspace) -> int:
    """How many times the data has changed: puts batches in order, whatever the clock says."""
    pointer = space.store.get("pointer", "snapshot")
    return 1 + (pointer.version if pointer else 0)


def imported_before(table: Prepared, body: dict[str, Any]) -> ImportReport:
    """The report of a file that is here already, byte for byte."""
    old = body["report"]
    return ImportReport(
        file=table.file,
        recognised_as=table.recognised_as,
        title=table.title,
        rows=old["rows"],
        events=0,
        rejected=old["rejected"],
        already_there=old["events"] + old["already_there"],
        batch=old["batch"],
        rejects=(),
        notes=("This very file was imported before; nothing was added.",),
        kept=old.get("kept", ""),
    )


@dataclass(frozen=True)
class KnownExport:
    """An export that is recognised by itself. how_to_get: at most three lines."""

    title: str
    system: str
    how_to_get: tuple[str, ...]


def known_exports() -> tuple[KnownExport, ...]:
    """Every export that can be read without typing and says how to get it, in order of its title."""
    usable = (preset for preset in presets() if preset.refuse is None and preset.how_to_get)
    return tuple(
        KnownExport(preset.title, preset.system, preset.how_to_get)
        for preset in sorted(usable, key=lambda preset: preset.title)
    )
