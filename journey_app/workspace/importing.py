"""How does a file become part of a workspace, whole or not at all, and how is it taken out again?"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from ibis import _

from journey_app.errors import BadChoice, UnknownName
from journey_app.intake.contract import Answers
from journey_app.intake.prepare import Prepared, prepare
from journey_app.intake.preset import presets
from journey_app.plain import to_plain
from journey_app.vocabulary import Imported, ImportReport, Reject
from journey_app.workspace.rebuilding import build, forget_old_snapshots, stitching_notes
from journey_app.workspace.workspace import Workspace

LEASE_S = 900
FIRST_REJECTED_ROWS = 10
Progress = Callable[[float, str], None]


def silent(_share: float, _sentence: str) -> None:
    """For callers that show no progress."""


@dataclass
class Reading:
    """What is counted while a table streams by. rejects: reason → first row numbers."""

    rows: int = 0
    rejected: int = 0
    rejects: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def note(self, rejects: Sequence[tuple[int, str, str]]) -> None:
        for row, _column, reason in rejects:
            self.rejected += 1
            self.counts[reason] += 1
            if len(self.rejects[reason]) < FIRST_REJECTED_ROWS:
                self.rejects[reason].append(row)

    def report(self) -> tuple[Reject, ...]:
        most_first = sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        return tuple(Reject(reason, n, tuple(self.rejects[reason])) for reason, n in most_first)


def keep_upload(space: Workspace, source: Path) -> Path:
    """Copy a file into `uploads/` under a random name; the name it came with is data, never a path."""
    folder = space.folder / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / secrets.token_hex(16)
    shutil.copyfile(source, kept)
    return kept


def prepare_file(space: Workspace, path: Path, name: str, answers: Answers) -> tuple[Prepared, ...]:
    """How each table of a file would be read; stores nothing."""
    return prepare(path, name, answers, timezone=space.timezone)


def import_files(
    space: Workspace,
    files: Sequence[tuple[Path, str]],
    answers: Answers = Answers(),  # noqa: B008 — frozen
    *,
    author: str,
    now: datetime,
    progress: Progress = silent,
) -> Imported:
    """Read (path, name) pairs, keep their events, and switch to the new data version.

    All files or none: a file that cannot be read, or a question that must be asked, stops the
    import before anything is stored. The same file again adds nothing.
    """
    prepared = [table for path, name in files for table in prepare_file(space, path, name, answers)]
    for table in prepared:
        table.insist()
    return import_prepared(space, prepared, author=author, now=now, progress=progress)


def import_prepared(
    space: Workspace,
    tables: Sequence[Prepared],
    *,
    author: str,
    now: datetime,
    progress: Progress = silent,
) -> Imported:
    """Store tables that were shown and confirmed."""
    with _only_importer(space, now):
        _sweep(space)
        written: list[str] = []
        uploads: dict[Path, Path] = {}
        try:
            reports, documents = _write_batches(space, tables, written, uploads, progress)
            return _switch(space, reports, documents, author=author, now=now, progress=progress)
        except BaseException:
            for batch in written:
                space.batch_files.discard(batch)
            for kept in uploads.values():
                kept.unlink(missing_ok=True)
            raise


def _write_batches(
    space: Workspace,
    tables: Sequence[Prepared],
    written: list[str],
    uploads: dict[Path, Path],
    progress: Progress,
) -> tuple[list[ImportReport], dict[str, dict[str, Any]]]:
    existing = space.batches()
    turn = _turn(space)
    reports: list[ImportReport] = []
    documents: dict[str, dict[str, Any]] = {}
    for index, table in enumerate(tables):
        same = same_as(table, [b.body for b in existing])
        if same is not None:
            reports.append(imported_before(table, same))
            continue
        batch = f"{turn:05d}-{index:02d}-{secrets.token_hex(3)}"
        reading = Reading()
        before = [b.doc_id for b in existing] + list(documents)
        written.append(batch)

        def say(share: float, index: int = index, table: Prepared = table) -> None:
            progress((index + share) / len(tables) * 0.7, f"Reading {table.file}")

        result = space.batch_files.write(batch, streamed(table, reading, say), before)
        if table.path not in uploads:
            uploads[table.path] = keep_upload(space, table.path)
        report = ImportReport(
            file=table.file,
            recognised_as=table.recognised_as,
            rows=reading.rows,
            events=result.events,
            rejected=reading.rejected,
            already_there=result.already_there,
            batch=batch,
            rejects=reading.report(),
            notes=tuple(table.notes),
        )
        reports.append(report)
        documents[batch] = {
            "report": to_plain(report),
            "upload": uploads[table.path].name,
            "identity": _identity(table),
            "title": table.title,
            "system": table.system,
            "source": table.source,
        }
    return reports, documents


def streamed(
    table: Prepared, reading: Reading, say: Callable[[float], None]
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """The (events, links) of a table as it is read, counting rows and rejects into `reading`."""
    for chunk in table.chunks():
        reading.rows += chunk.rows
        reading.note(chunk.rejects)
        say(chunk.share_done)
        yield chunk.events, chunk.links


def _switch(
    space: Workspace,
    reports: Sequence[ImportReport],
    documents: dict[str, dict[str, Any]],
    *,
    author: str,
    now: datetime,
    progress: Progress,
) -> Imported:
    """Build the next snapshot beside the current one, then switch pointer and batches in one transaction."""
    batches = [b.doc_id for b in space.batches()] + list(documents)
    progress(0.75, "Joining customers and sorting events")
    version, stitched = build(space.ground, batches)
    progress(0.97, "Switching to the new data")
    pointer = space.store.get("pointer", "snapshot")
    with space.store.transaction():
        for batch, body in documents.items():
            space.store.put("batch", batch, body, based_on=0, author=author, now=now)
        space.store.put(
            "pointer",
            "snapshot",
            {"version": version, "stitching": stitching_notes(stitched)},
            based_on=pointer.version if pointer else 0,
            author=author,
            now=now,
        )
    forget_old_snapshots(space.ground, version)
    progress(1.0, "Done")
    events = space.events()
    held = events.run(events.table.aggregate(n=_.count()))["n"].to_pylist()[0]
    return Imported(tuple(reports), stitched.customers.num_rows, int(held), version)


def undo(space: Workspace, batch: str, *, author: str, now: datetime) -> Imported:
    """Take one import out again: its events, its file, and every link only it made."""
    known = {b.doc_id: b for b in space.batches()}
    if batch not in known:
        raise UnknownName("import", batch, known)
    with _only_importer(space, now):
        remaining = [name for name in known if name != batch]
        version, stitched = build(space.ground, remaining)
        pointer = space.store.get("pointer", "snapshot")
        with space.store.transaction():
            space.store.delete("batch", batch, based_on=known[batch].version, author=author, now=now)
            space.store.put(
                "pointer",
                "snapshot",
                {"version": version if remaining else None, "stitching": stitching_notes(stitched)},
                based_on=pointer.version if pointer else 0,
                author=author,
                now=now,
            )
        forget_old_snapshots(space.ground, version)
        _sweep(space)
    if not remaining:
        return Imported((), 0, 0, version)
    events = space.events()
    held = events.run(events.table.aggregate(n=_.count()))["n"].to_pylist()[0]
    return Imported((), stitched.customers.num_rows, int(held), version)


@contextmanager
def _only_importer(space: Workspace, now: datetime) -> Iterator[None]:
    """One importer at a time per workspace."""
    me = f"{os.getpid()}-{secrets.token_hex(4)}"
    if not space.store.lease("import", holder=me, now=now, seconds=LEASE_S):
        raise BadChoice(
            "Another import into this workspace is running.", "Wait until it has finished, then try again."
        )
    try:
        yield
    finally:
        space.store.release("import", me)


def _sweep(space: Workspace) -> None:
    """Remove what a killed import left behind: files that no batch in force names."""
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


def _turn(space: Workspace) -> int:
    """How many times the data has changed: puts batches in order, whatever the clock says."""
    pointer = space.store.get("pointer", "snapshot")
    return 1 + (pointer.version if pointer else 0)


def _identity(table: Prepared) -> str:
    """Same bytes, read the same way, have the same identity."""
    with table.path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    reading = repr([table.file, table.recognised_as, sorted(table.mapping.items()), table.answered])
    return f"{content}:{hashlib.sha256(reading.encode()).hexdigest()[:16]}"


def same_as(table: Prepared, bodies: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The batch that holds these very bytes, read the same way."""
    identity = _identity(table)
    return next((body for body in bodies if body["identity"] == identity), None)


def imported_before(table: Prepared, body: dict[str, Any]) -> ImportReport:
    """The report of a file that is here already, byte for byte."""
    old = body["report"]
    return ImportReport(
        file=table.file,
        recognised_as=table.recognised_as,
        rows=old["rows"],
        events=0,
        rejected=old["rejected"],
        already_there=old["events"] + old["already_there"],
        batch=old["batch"],
        rejects=(),
        notes=("This very file was imported before; nothing was added.",),
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
