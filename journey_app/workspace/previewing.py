"""What would an import bring? Played through beside the workspace, which holds nothing of it."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from journey_app.engine.batches import BatchFolder
from journey_app.engine.embedded import let_go, open_snapshot
from journey_app.errors import BadChoice
from journey_app.identity.stitch import SEPARATOR, WEAK, kind_of, stitch, value_of
from journey_app.intake.prepared import Prepared
from journey_app.store.documents import Document
from journey_app.temporary import TemporaryFolder
from journey_app.vocabulary import SYSTEMS, TOGETHER, Answers, ImportReport
from journey_app.workspace.gathering import Progress, recalled_files, silent
from journey_app.workspace.importing import imported_before
from journey_app.workspace.keeping import incoming, link_or_copy
from journey_app.workspace.reading import so_far
from journey_app.workspace.rebuilding import Ground, build
from journey_app.workspace.seen_before import same_as, seen_of
from journey_app.workspace.workspace import Workspace
from journey_app.workspace.writing import written

ATTEMPTS = 5
MOST_CLEANED = 2_000_000  # rows; a few seconds
NEWEST = 20  # events kept of each table, to be shown
SEEN = (
    "occurred_at",
    "day_only",
    "event",
    "source",
    "raw_ids",
    "channel",
    "device",
    "amount",
    "currency",
    "text",
)


@dataclass(frozen=True)
class SeenEvent:
    """One event as it will read. at: UTC, without zone. customer: the first id of its row, without its type."""

    at: datetime
    day_only: bool
    customer: str
    event: str
    source: str
    channel: str | None
    device: str | None
    amount: float | None
    currency: str | None
    text: str | None


@dataclass(frozen=True)
class Preview:
    """What one table would bring.

    report: as the import would write it, with no batch. newest: its newest events, newest first.
    links: rows that only say which ids are one person. batch: its name in the rehearsal, None when
    the file was imported before and nothing was read. kept: the table as its events will be kept.
    """

    report: ImportReport
    newest: tuple[SeenEvent, ...]
    links: int
    batch: str | None
    kept: Prepared | None = None


@dataclass(frozen=True)
class Outlook:
    """Who there will be. customers: in the new tables alone.

    combinations: as `analysis.matches.systems_query` counts them, of the workspace with the new tables.
    cleaned: whether it counts without those whom the clean-up leaves out, as the import will; of very
    many events that would take as long as the import itself.
    """

    customers: int
    combinations: tuple[Mapping[str, bool | int], ...]
    cleaned: bool = True


@dataclass(frozen=True)
class _People:
    """customers: how many count. rows: key, systems, and did (the systems in which they did something)."""

    customers: int
    rows: pa.Table


class _Beside(BatchFolder):
    """Writes here, but compares with batches that lie in another folder."""

    def __init__(self, folder: Path, stored: BatchFolder) -> None:
        super().__init__(folder, stored.limits, stored.forgotten)
        self._stored = stored

    def events_file(self, batch: str) -> Path:
        here = super().events_file(batch)
        there = self._stored.events_file(batch)
        return there if not here.exists() and there.exists() else here

    def links_file(self, batch: str) -> Path:
        here = super().links_file(batch)
        there = self._stored.links_file(batch)
        return there if not here.exists() and there.exists() else here

    def orders_file(self, batch: str) -> Path:
        here = super().orders_file(batch)
        there = self._stored.orders_file(batch)
        return there if not here.exists() and there.exists() else here


class _InForce:
    """The imports in force at one moment, whose files stay as long as this is held: calls that arrive are merged,
    and imports are undone, while a file is compared with them.
    """

    def __init__(self, space: Workspace) -> None:
        self._space = space
        self._held = incoming(space)
        self.batches = BatchFolder(self._held.path, space.batch_files.limits, space.batch_files.forgotten)
        self.documents = self._hold()

    def _hold(self) -> list[Document]:
        for _ in range(ATTEMPTS):
            documents = self._space.batches()
            if all(self._has(document.doc_id) for document in documents):
                return documents
        raise BadChoice("The data change faster than they can be compared with.", "Try again in a minute.")

    def _has(self, batch: str) -> bool:
        """Link a batch here; False where it has been taken out since it was listed."""
        stored = self._space.batch_files
        if self.batches.events_file(batch).exists():
            return True
        try:
            for file in (*stored.files_of(batch), stored.events_file(batch)):
                here = self._held.path / file.name
                if not here.exists():
                    link_or_copy(file, here)
        except FileNotFoundError:
            return False
        return True


def compared_with(space: Workspace) -> tuple[str, ...]:
    """The imports that a preview is compared with, by their ids: where they are others, it may be another.

    Without calls that arrive, which change the data every few seconds: no file is read anew for each.
    """
    return _not_live(space.batches())


def _not_live(imports: Sequence[Document]) -> tuple[str, ...]:
    return tuple(document.doc_id for document in imports if "live" not in document.body)


class Rehearsal:
    """An import played through in a folder of its own; whoever made the folder takes it away."""

    def __init__(self, space: Workspace, folder: Path, now: datetime | None = None) -> None:
        """now: what is dated later has not happened yet and is left out."""
        self._space, self._now = space, now
        self._in_force = _InForce(space)
        self._folder = _Beside(folder, self._in_force.batches)

    @property
    def compared_with(self) -> tuple[str, ...]:
        """As the function of that name, when this was made."""
        return _not_live(self._in_force.documents)

    def play(self, table: Prepared, before: Sequence[str], progress: Callable[[float], None]) -> Preview:
        """Read all of a table. before: earlier tables of the same import, by their `Preview.batch`."""
        stored = self._in_force.documents
        same = same_as(table, [document.body for document in stored])
        if same is not None:
            return Preview(imported_before(table, same), (), 0, None)
        batch, links = f"rehearsal-{secrets.token_hex(6)}", _Links()
        known = [*(document.doc_id for document in stored), *before]
        kept, reading, result = written(
            self._folder,
            batch,
            table,
            known,
            progress,
            self._now,
            links.watched,
            seen=seen_of(self._space, table, [(document.doc_id, document.body) for document in stored]),
        )
        report = reading.report(kept, result, None)
        newest = tuple(map(_seen, self._folder.newest(batch, SEEN, NEWEST)))
        return Preview(report, newest, links.count, batch, kept)

    def forget(self, preview: Preview) -> None:
        """Take the files of a preview away that is shown no more."""
        if preview.batch is not None:
            self._folder.discard(preview.batch)

    def outlook(self, previews: Sequence[Preview]) -> Outlook:
        """Join the customers of these previews, alone and with what the workspace holds."""
        new = [preview.batch for preview in previews if preview.batch]
        stored = [document.doc_id for document in self._in_force.documents]
        ground = self._space.ground
        leaves_out = bool(ground.shaping.clean_up.leave_out or ground.shaping.clean_up.hidden)
        exact = leaves_out and self._rows([*stored, *new]) <= MOST_CLEANED

        def people(batches: Sequence[str]) -> _People:
            return self._cleaned(ground, batches) if exact else self._joined(ground, batches)

        alone = people(new)
        together = people([*stored, *new]) if stored else alone
        return Outlook(alone.customers, _combinations(together.rows), exact or not leaves_out)

    def _rows(self, batches: Sequence[str]) -> int:
        return sum(pq.read_metadata(self._folder.events_file(batch)).num_rows for batch in batches)

    def _joined(self, ground: Ground, batches: Sequence[str]) -> _People:
        """The customers of these batches, whatever a clean-up leaves out.

        Links say who is known in a system; only events say that somebody did something there.
        """
        shaping, id_sets = ground.shaping, self._folder.id_sets(batches)
        stitched = stitch(id_sets, shaping.cuts, shaping.matching)
        named = id_sets.filter(pc.equal(id_sets["reason"], TOGETHER))
        ids = pc.binary_join(named["raw_ids"].combine_chunks(), SEPARATOR)
        whose = stitched.who["customer_id"].take(pc.index_in(ids, stitched.who["ids"]))
        pairs = pa.table({"customer": whose, "system": named["system"]})
        did: list[list[str]] = [[] for _ in range(stitched.customers.num_rows)]
        for pair in pairs.group_by(["customer", "system"]).aggregate([]).to_pylist():
            did[pair["customer"]].append(pair["system"])
        rows = stitched.customers.select(["key", "systems"])
        return _People(len(did), rows.append_column("did", pa.array(did, pa.list_(pa.string()))))

    def _cleaned(self, ground: Ground, batches: Sequence[str]) -> _People:
        """The customers of these batches by everything that is decided, from a snapshot made for it alone."""
        with TemporaryFolder("outlook") as folder:
            aside = replace(ground, batches=self._folder, snapshots=folder)
            built = build(aside, batches)
            file = folder / f"{built.version}.duckdb"
            whole = open_snapshot(file, ground.limits).unhidden
            done = whole.table.group_by(who="customer_id").aggregate(
                did=whole.table.system.collect(distinct=True)
            )
            people = whole.customers.left_join(done, whole.customers.customer_id == done.who)
            try:
                return _People(built.customers, whole.run(people.select("key", "systems", "did")))
            finally:
                let_go(file)


class _Links:
    """How many links went by in a stream."""

    def __init__(self) -> None:
        self.count = 0

    def watched(self, tables: Iterator[tuple[pa.Table, pa.Table]]) -> Iterator[tuple[pa.Table, pa.Table]]:
        self.count = 0
        for events, links in tables:
            self.count += len(links)
            yield events, links


def _seen(row: dict[str, Any]) -> SeenEvent:
    return SeenEvent(at=row.pop("occurred_at"), customer=_first_id(row.pop("raw_ids")), **row)


def _first_id(raw_ids: Sequence[str]) -> str:
    return value_of(raw_ids[0]) if raw_ids else ""


def _combinations(people: pa.Table) -> tuple[Mapping[str, bool | int], ...]:
    """How many customers each combination of systems has, those known by a browser's id only apart."""
    known = [kind_of(key) != WEAK for key in people["key"].to_pylist()]
    systems, did = (
        (frozenset(names or ()) for names in people[each].to_pylist()) for each in ("systems", "did")
    )
    counted = Counter(zip(known, systems, did, strict=True))
    return tuple(
        {
            "known": known,
            "customers": count,
            **{system: system in names for system in SYSTEMS},
            **{f"did_{system}": system in done for system in SYSTEMS},
        }
        for (known, names, done), count in counted.items()
    )


def rejected_rows(table: Prepared, now: datetime | None = None) -> Iterator[dict[str, str]]:
    """Every row of a table that would not be used: its number, the column, why, and its cells."""
    chunks = (so_far(chunk, now)[0] for chunk in table.chunks())
    why = {row: (column, reason) for chunk in chunks for row, column, reason in chunk.rejects}
    cells = dict(table.rows_as_they_are(why)) if why else {}
    for row, (column, reason) in sorted(why.items()):
        yield {"file": table.file, "row": str(row), "column": column, "why": reason, **_cells(cells.get(row))}


def _cells(row: Mapping[str, str] | None) -> dict[str, str]:
    """A row's cells under their headers, told apart from our own columns."""
    return {f"“{name}”": value or "" for name, value in (row or {}).items()}


def previews_of(
    space: Workspace,
    files: Sequence[tuple[Path, str]],
    answers: Answers = Answers(),  # noqa: B008 — frozen
    *,
    progress: Progress = silent,
    recipes: bool = True,
    now: datetime | None = None,
) -> tuple[Preview, ...]:
    """What an import of (path, name) pairs would bring, reading everything and storing nothing.

    recipes: as for `import_files`. now: what is dated later has not happened yet.
    Raises what `import_files` raises about files and open questions.
    """
    tables = [each.table for each in recalled_files(space, files, answers, recipes, progress)]
    previews: list[Preview] = []
    with TemporaryFolder("preview") as folder:
        rehearsal = Rehearsal(space, Path(folder), now)
        for at, table in enumerate(tables):

            def say(share: float, at: int = at, table: Prepared = table) -> None:
                progress((at + share) / len(tables), f"Reading {table.file}")

            before = [preview.batch for preview in previews if preview.batch]
            previews.append(rehearsal.play(table, before, say))
    return tuple(previews)


def rejected_of_files(
    space: Workspace,
    files: Sequence[tuple[Path, str]],
    answers: Answers = Answers(),  # noqa: B008 — frozen
    *,
    recipes: bool = True,
    now: datetime | None = None,
) -> list[dict[str, str]]:
    """Every row of (path, name) pairs that an import would not use, all with the same columns."""
    tables = [each.table for each in recalled_files(space, files, answers, recipes)]
    rows = [row for table in tables for row in rejected_rows(table, now)]
    columns = dict.fromkeys(name for row in rows for name in row)
    return [{name: row.get(name, "") for name in columns} for row in rows]
