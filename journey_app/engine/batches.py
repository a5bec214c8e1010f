"""Where does an import's truth live? One immutable Parquet file a batch, written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from journey_app.engine import orders
from journey_app.engine.connection import Limits, scratch
from journey_app.engine.durable import rename_durably
from journey_app.engine.forgotten import NOBODY, Forgotten, Tally
from journey_app.vocabulary import IDENTIFY, TOGETHER

ROWS_AT_ONCE = 65_536
_EMPTY = {
    "content_hash": lambda rows: pa.repeat(pa.scalar(""), rows),
    "row": lambda rows: pa.repeat(pa.scalar(0), rows),
    "one_of": lambda rows: pa.nulls(rows, pa.string()),
    "adds_up": lambda rows: pa.nulls(rows, pa.bool_()),
    "at_once": lambda rows: pa.nulls(rows, pa.bool_()),
}


@dataclass(frozen=True)
class Written:
    """What a batch holds: events new to the workspace, and those it already had.

    forgotten: rows that were left out because they name somebody who asked to be forgotten.
    further_lines: rows that became part of an event of an earlier row. changed: orders that are here already
    with another amount. taken_for_others: orders that are here already, but on another day.
    """

    events: int
    already_there: int
    forgotten: int = 0
    further_lines: int = 0
    changed: int = 0
    taken_for_others: int = 0


class BatchFolder:
    """The `batches/` folder of one workspace."""

    def __init__(
        self, folder: Path, limits: Limits, forgotten: Callable[[], Forgotten] = lambda: NOBODY
    ) -> None:
        self.folder = folder
        self.limits = limits
        self.forgotten = forgotten  # asked at each writing: nobody comes back by any road
        folder.mkdir(parents=True, exist_ok=True)

    def events_file(self, batch: str) -> Path:
        return self.folder / f"{batch}.parquet"

    def links_file(self, batch: str) -> Path:
        return self.folder / f"{batch}.links.parquet"

    def context_file(self, batch: str) -> Path:
        """Spend and traffic of a report without people; most batches have none."""
        return self.events_file(batch).with_name(f"{batch}.context.parquet")  # beside them, wherever they lie

    def orders_file(self, batch: str) -> Path:
        """Which events are orders of several rows, and of which; most batches have none."""
        return self.folder / f"{batch}.orders.parquet"

    def files_of(self, batch: str) -> list[Path]:
        """Every file of a batch."""
        files = (
            self.events_file(batch),
            self.links_file(batch),
            self.context_file(batch),
            self.orders_file(batch),
        )
        return [file for file in files if file.exists()]

    def write_context(self, batch: str, rows: pa.Table) -> None:
        """Keep what a report without people says, beside its batch, which holds no events."""
        written = self.folder / f".{batch}.context"
        try:
            pq.write_table(rows, written, compression="zstd")
            rename_durably(written, self.context_file(batch))
        finally:
            written.unlink(missing_ok=True)

    def write(
        self, batch: str, tables: Iterable[tuple[pa.Table, pa.Table]], before: Sequence[str]
    ) -> Written:
        """Keep the (events, links) tables of one file under `batch`: all of them, or nothing at all.

        tables: at least one pair, which may be empty. before: the batches already in the workspace.
        An event without an id of its own gets one from its content hash and its number among equal
        rows of this file, so that the same file again, or an overlapping one, brings nothing twice
        while real twins stay. Ids are compared within a source: ticket 7 is not charge 7.
        """
        lost = Tally()
        raw_events, raw_links = self.folder / f".{batch}.events", self.folder / f".{batch}.links"
        settled, lines = self.folder / f".{batch}.settled", self.folder / f".{batch}.lines"
        try:
            _spool(self.forgotten().without(tables, lost), raw_events, raw_links)
            pa.default_memory_pool().release_unused()  # what reading took is of no more use
            with scratch(self.limits) as con:
                if orders.holds_lines(con, raw_events):
                    written = self._settle_orders(con, batch, raw_events, settled, lines, before)
                else:
                    written = self._settle(con, batch, raw_events, settled, before)
            if lines.exists():
                rename_durably(lines, self.orders_file(batch))
            rename_durably(raw_links, self.links_file(batch))
            rename_durably(settled, self.events_file(batch))
            return replace(written, forgotten=len(lost.rows))
        except BaseException:
            self.discard(batch)
            raise
        finally:
            for left in (raw_events, raw_links, settled, lines):
                left.unlink(missing_ok=True)

    def _settle(
        self, con: duckdb.DuckDBPyConnection, batch: str, raw: Path, target: Path, before: Sequence[str]
    ) -> Written:
        """Number equal rows, drop repeats of a source's own id, and write the batch."""
        con.execute(
            """
            copy (
              select * exclude (content_hash, "row", event_id, nth, one_of, adds_up, at_once),
                     coalesce(event_id, content_hash || '#' || nth) as event_id, $batch as batch_id
              from (select *, row_number() over (
                      partition by source, event_id, case when event_id is null then content_hash end
                      order by ordinal, "row") as nth
                    from read_parquet($raw))
              where event_id is null or nth = 1
            ) to $target (format parquet, compression zstd)
            """,
            {"batch": batch, "raw": str(raw), "target": str(target)},
        )
        read = _scalar(con, "select count(*) from read_parquet($f)", {"f": str(raw)})
        kept = _scalar(con, "select count(*) from read_parquet($f)", {"f": str(target)})
        here = known(con, target, [self.events_file(b) for b in before])
        return Written(events=kept - here, already_there=read - kept + here)

    def _settle_orders(
        self,
        con: duckdb.DuckDBPyConnection,
        batch: str,
        raw: Path,
        target: Path,
        lines: Path,
        before: Sequence[str],
    ) -> Written:
        """Write one event for the rows of each order."""
        told = target.with_name(f"{target.name}.told")
        settled = [(self.events_file(b), self.orders_file(b)) for b in before if self.orders_file(b).exists()]
        try:
            counted = orders.settle(con, batch, raw, told, lines, settled)
            apart = orders.taken_for_others(con)
            copied = f"copy (select * exclude (one_of, line) from read_parquet('{quoted(told)}')) "  # noqa: S608
            con.execute(f"{copied} to '{quoted(target)}' (format parquet, compression zstd)")
        finally:
            told.unlink(missing_ok=True)
        read = _scalar(con, "select count(*) from read_parquet($f)", {"f": str(raw)})
        kept = _scalar(con, "select count(*) from read_parquet($f)", {"f": str(target)})
        here = known(con, target, [self.events_file(b) for b in before])
        changed = orders.changed(con, target, lines, [self.events_file(b) for b in before]) if here else 0
        return Written(
            kept - here,
            read - counted + here,
            further_lines=counted - kept,
            changed=changed,
            taken_for_others=apart,
        )

    def orders_of(self, batches: Sequence[str]) -> list[Path]:
        """Which row each order of these batches is known by, of those that have orders."""
        return [file for batch in batches if (file := self.orders_file(batch)).exists()]

    def read(self, batch: str, events: pa.Schema, links: pa.Schema) -> Iterator[tuple[pa.Table, pa.Table]]:
        """What a batch holds, to be written into the one that takes its place.

        Every event has its id by now, so what ids were made from is left empty.
        """
        with pq.ParquetFile(self.links_file(batch)) as file:
            for part in file.iter_batches(ROWS_AT_ONCE):
                yield events.empty_table(), pa.Table.from_batches([part]).select(links.names).cast(links)
        with pq.ParquetFile(self.events_file(batch)) as file:
            for part in file.iter_batches(ROWS_AT_ONCE):
                table = pa.Table.from_batches([part])
                filled = [
                    table[name] if name in table.column_names else _EMPTY[name](table.num_rows)
                    for name in events.names
                ]
                columns = [column.cast(kind) for column, kind in zip(filled, events.types, strict=True)]
                yield pa.table(columns, schema=events), links.empty_table()

    def discard(self, batch: str) -> None:
        """Take a batch's files away; the snapshot that held it stays until the next one."""
        self.events_file(batch).unlink(missing_ok=True)
        self.links_file(batch).unlink(missing_ok=True)
        self.context_file(batch).unlink(missing_ok=True)
        self.orders_file(batch).unlink(missing_ok=True)

    def newest(self, batch: str, columns: Sequence[str], most: int) -> list[dict[str, Any]]:
        """The newest events of a batch, newest first."""
        shown = ", ".join(f'"{name}"' for name in columns)
        with scratch(self.limits) as con:
            found = con.sql(
                f"select {shown} from read_parquet($f) order by occurred_at desc, ordinal limit $most",  # noqa: S608
                params={"f": str(self.events_file(batch)), "most": most},
            ).to_arrow_table()
        return found.to_pylist()

    def id_sets(self, batches: Sequence[str]) -> pa.Table:
        """The distinct sets of raw ids seen together: raw_ids, system, reason, seen (how often), first_at.

        reason: “seen together” for events, else what the link file says (“identify” where it says nothing).
        Small enough for memory: as many rows as there are different ways customers were named.
        """
        empty = pa.table(
            {
                "raw_ids": pa.array([], pa.list_(pa.string())),
                "system": pa.array([], pa.string()),
                "reason": pa.array([], pa.string()),
                "seen": pa.array([], pa.int64()),
                "first_at": pa.array([], pa.timestamp("us")),
            }
        )
        if not batches:
            return empty
        with scratch(self.limits) as con:
            return con.sql(
                """
                select raw_ids, system, reason, count(*) as seen, min(occurred_at) as first_at from (
                  select raw_ids, system, $together as reason, occurred_at from read_parquet($events)
                  union all by name
                  select raw_ids, system, coalesce(reason, $identify) as reason from (
                    select null::varchar as reason where false
                    union all by name
                    from read_parquet($links, union_by_name = true))
                ) group by all order by raw_ids, system, reason
                """,
                params={
                    "events": [str(self.events_file(b)) for b in batches],
                    "links": [str(self.links_file(b)) for b in batches],
                    "together": TOGETHER,
                    "identify": IDENTIFY,
                },
            ).to_arrow_table()


def known(con: duckdb.DuckDBPyConnection, file: Path, others: Sequence[Path]) -> int:
    """How many events of a file these others hold, too."""
    if not others:
        return 0
    return _scalar(
        con,
        """select count(*) from read_parquet($f) n semi join read_parquet($old) o
           on n.source = o.source and n.event_id = o.event_id""",
        {"f": str(file), "old": list(map(str, others))},
    )


def _spool(tables: Iterable[tuple[pa.Table, pa.Table]], events_to: Path, links_to: Path) -> None:
    """Stream chunks to disk, so that memory never holds more than one of them."""
    events_out: pq.ParquetWriter | None = None
    links_out: pq.ParquetWriter | None = None
    try:
        for events, links in tables:
            if events_out is None or links_out is None:
                events_out = pq.ParquetWriter(events_to, events.schema, compression="zstd")
                links_out = pq.ParquetWriter(links_to, links.schema, compression="zstd")
            events_out.write_table(events)
            links_out.write_table(links)
    finally:
        for out in (events_out, links_out):
            if out is not None:
                out.close()
    if events_out is None:
        raise ValueError("a batch is made of at least one chunk, which may be empty")


def spool_one(tables: Iterable[pa.Table], target: Path, schema: pa.Schema) -> None:
    with pq.ParquetWriter(target, schema, compression="zstd") as out:
        for table in tables:
            out.write_table(table.cast(schema))


def quoted(file: Path) -> str:
    return str(file).replace("'", "''")


def _scalar(con: duckdb.DuckDBPyConnection, query: str, params: dict[str, object]) -> int:
    row = con.execute(query, params).fetchone()
    assert row is not None
    return int(row[0])
