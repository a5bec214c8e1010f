"""Where does an import's truth live? One immutable Parquet file a batch, written whole or not at all."""

from __future__ import annotations

import secrets
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
from journey_app.engine.forgotten import NO_TEXT, NOBODY, Forgotten, Tally, scrubbed
from journey_app.vocabulary import IDENTIFY, TOGETHER

ROWS_AT_ONCE = 65_536
FIRST_ROWS = 2_000  # enough to see how a batch names people
_EMPTY = {
    "content_hash": lambda rows: pa.repeat(pa.scalar(""), rows),
    "row": lambda rows: pa.repeat(pa.scalar(0), rows),
    "one_of": lambda rows: pa.nulls(rows, pa.string()),
    "adds_up": lambda rows: pa.nulls(rows, pa.bool_()),
}


@dataclass(frozen=True)
class Written:
    """What a batch holds: events new to the workspace, and those it already had.

    forgotten: rows that were left out because they name somebody who asked to be forgotten.
    further_lines: rows that became part of an event of an earlier row. changed: orders that are here already
    with another amount.
    """

    events: int
    already_there: int
    forgotten: int = 0
    further_lines: int = 0
    changed: int = 0


@dataclass(frozen=True)
class Elsewhere:
    """A source that holds events of a batch already.

    events: how many. ids: what its user ids are typed as, None where those events have none.
    """

    source: str
    system: str
    events: int
    ids: str | None


@dataclass
class Gone:
    """What a batch was written without. rows: events and links. stripped, said: as in `Tally`."""

    rows: int = 0
    stripped: int = 0
    said: int = 0


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
        return self.folder / f"{batch}.context.parquet"

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
              select * exclude (content_hash, "row", event_id, nth, one_of, adds_up),
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
        known = self._known(con, target, before)
        return Written(events=kept - known, already_there=read - kept + known)

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
        told, settled = target.with_name(f"{target.name}.told"), self._orders_of(before)
        try:
            counted = orders.settle(con, batch, raw, told, lines, settled)
            copied = f"copy (select * exclude (one_of, line) from read_parquet('{_quoted(told)}')) "  # noqa: S608
            con.execute(f"{copied} to '{_quoted(target)}' (format parquet, compression zstd)")
        finally:
            told.unlink(missing_ok=True)
        read = _scalar(con, "select count(*) from read_parquet($f)", {"f": str(raw)})
        kept = _scalar(con, "select count(*) from read_parquet($f)", {"f": str(target)})
        known = self._known(con, target, before)
        changed = orders.changed(con, target, lines, [self.events_file(b) for b in before]) if known else 0
        return Written(kept - known, read - counted + known, further_lines=counted - kept, changed=changed)

    def _orders_of(self, batches: Sequence[str]) -> list[Path]:
        return [file for batch in batches if (file := self.orders_file(batch)).exists()]

    def read_otherwise(self, batch: str, others: Sequence[str]) -> int:
        """How many events of a batch these others hold in another reading: its rows as events, or as parts of one."""
        own, theirs = self._orders_of([batch]), self._orders_of(others)
        if not own and not theirs:
            return 0
        files = [self.events_file(other) for other in others]
        with scratch(self.limits) as con:
            return orders.read_otherwise(
                con, (self.events_file(batch), own[0] if own else None), files, theirs
            )

    def _known(self, con: duckdb.DuckDBPyConnection, file: Path, others: Sequence[str]) -> int:
        """How many events of a file these batches hold, too."""
        if not others:
            return 0
        return _scalar(
            con,
            """select count(*) from read_parquet($f) n semi join read_parquet($old) o
               on n.source = o.source and n.event_id = o.event_id""",
            {"f": str(file), "old": [str(self.events_file(b)) for b in others]},
        )

    def elsewhere(self, batch: str, others: Sequence[str]) -> list[Elsewhere]:
        """The other sources under which these others hold events of a batch, that of the most first.

        Only for ids that do not name their source: those of logs that nobody described.
        """
        if not others:
            return []
        with scratch(self.limits) as con:
            rows = con.execute(
                """select o.source, min(o.system), count(distinct n.event_id),
                          min(list_filter(
                            list_transform(o.raw_ids, lambda id: split_part(id, ':', 1)),
                            lambda kind: kind = 'user_id' or regexp_full_match(kind, '.*\\.[0-9a-f]{6}')
                          )[1])
                   from read_parquet($f) n
                   join read_parquet($old) o on n.event_id = o.event_id and n.source <> o.source
                   group by o.source order by 3 desc, 1""",
                {"f": str(self.events_file(batch)), "old": [str(self.events_file(b)) for b in others]},
            ).fetchall()
        return [Elsewhere(*row) for row in rows]

    def twins(self, batch: str, others: Sequence[str]) -> int:
        """How many new events of a batch have one of the same source in these others that differs but in who, what
        and when: the same export with another column, or read otherwise. Only of events without ids of their own.
        """
        if not others:
            return 0
        with scratch(self.limits) as con:
            return _scalar(
                con,
                """with old as (from read_parquet($old)),
                        new as (from read_parquet($f) n
                                where regexp_full_match(event_id, '[0-9a-f]{24}#[0-9]+')
                                  and not exists (from old o where o.source = n.source and o.event_id = n.event_id))
                   select count(*) from new n semi join old o
                   on n.source = o.source and n.event = o.event and n.occurred_at = o.occurred_at
                      and n.raw_ids[1] = o.raw_ids[1]""",
                {"f": str(self.events_file(batch)), "old": [str(self.events_file(b)) for b in others]},
            )

    def numbers_by(self, batch: str, kind: str) -> bool:
        """Whether ids of this type are plain numbers in a batch, as far as its first rows tell."""
        with scratch(self.limits) as con:
            found = con.execute(
                """select 1 from (
                     select unnest(raw_ids) as id from (select raw_ids from read_parquet($events) limit $rows)
                     union all
                     select unnest(raw_ids) as id from (select raw_ids from read_parquet($links) limit $rows))
                   where starts_with(id, $kind || ':') and regexp_full_match(id, '.*:[0-9]{1,9}(\\.0)?') limit 1""",
                {
                    "events": str(self.events_file(batch)),
                    "links": str(self.links_file(batch)),
                    "rows": FIRST_ROWS,
                    "kind": kind,
                },
            ).fetchone()
        return found is not None

    def shared_with(self, batch: str, others: Sequence[str]) -> tuple[int, int]:
        """How many events a batch holds, and how many of them these others hold, too."""
        file = self.events_file(batch)
        with scratch(self.limits) as con:
            return pq.read_metadata(file).num_rows, self._known(con, file, others)

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

    def without(self, batch: str, people: Forgotten, clean: Callable[[str], str]) -> tuple[str, Gone] | None:
        """Write a batch again under another name, without these people; the old one stays where it is.

        clean: another row's text as it may stay. Returns the new name and what went; None, and nothing
        is written, when the batch does not know them.
        """
        new = f"{batch.rpartition('-')[0]}-{secrets.token_hex(3)}"
        lost = Gone()
        try:
            for file, target in (
                (self.links_file(batch), self.links_file(new)),
                (self.events_file(batch), self.events_file(new)),
            ):
                part = self.folder / f".{target.name}"
                _spool_one(_cleaned(file, new, people, clean, lost), part, pq.read_schema(file))
                rename_durably(part, target)
            self._context_without(batch, new, clean, lost)
            if self.orders_file(batch).exists():
                part = self.folder / f".{self.orders_file(new).name}"
                with scratch(self.limits) as con:
                    orders.keep_only(con, self.orders_file(batch), self.events_file(new), part)
                rename_durably(part, self.orders_file(new))
        except BaseException:
            self.discard(new)
            raise
        finally:
            for left in (
                self.links_file(new),
                self.events_file(new),
                self.context_file(new),
                self.orders_file(new),
            ):
                left.with_name(f".{left.name}").unlink(missing_ok=True)
        if not (lost.rows or lost.stripped or lost.said):
            self.discard(new)
            return None
        return new, lost

    def _context_without(self, batch: str, new: str, clean: Callable[[str], str], lost: Gone) -> None:
        """The spend and traffic of a batch under its new name, its texts as they may stay."""
        if not self.context_file(batch).exists():
            return
        table, said = scrubbed(pq.read_table(self.context_file(batch)), clean)
        lost.said += said
        if "batch_id" in table.column_names:
            at = table.schema.get_field_index("batch_id")
            names = pa.array([new] * len(table), table.schema.field(at).type)
            table = table.set_column(at, table.schema.field(at), names)
        target = self.context_file(new)
        part = target.with_name(f".{target.name}")
        pq.write_table(table, part)
        rename_durably(part, target)

    def rows_naming(self, batch: str, ids: Sequence[str]) -> tuple[pa.Table, pa.Table]:
        """The (events, links) of a batch that name one of these raw ids."""
        with scratch(self.limits) as con:
            events, links = (
                con.sql(
                    "from read_parquet($file) where list_has_any(raw_ids, $ids)",
                    params={"file": str(file), "ids": list(ids)},
                ).to_arrow_table()
                for file in (self.events_file(batch), self.links_file(batch))
            )
        return events, links

    def rows_saying(self, batch: str, pieces: Sequence[str]) -> tuple[pa.Table, pa.Table]:
        """The (events, spend and traffic) of a batch with a text that holds one of these pieces.

        pieces: in lower case; one that is all digits is looked for among the digits of a text.
        """
        found = []
        with scratch(self.limits) as con:
            for file in (self.events_file(batch), self.context_file(batch)):
                if not file.exists():
                    found.append(pa.table({}))
                    continue
                texts = [
                    c.name
                    for c in pq.read_schema(file)
                    if pa.types.is_string(c.type) and c.name not in NO_TEXT
                ]
                either = " or ".join(_holds(f'"{name}"') for name in texts) or "false"
                con.execute(f"create or replace temp view held as from read_parquet('{_quoted(file)}')")
                found.append(con.sql(f"from held where {either}", params=_parts(pieces)).to_arrow_table())
        return found[0], found[1]

    def ids_holding(self, batches: Sequence[str], pieces: Sequence[str]) -> list[str]:
        """Every raw id of these batches that holds one of these pieces, which are as for `rows_saying`."""
        if not batches or not pieces:
            return []
        with scratch(self.limits) as con:
            con.execute(
                """create temp table ids as select distinct id from (
                     select unnest(raw_ids) as id from read_parquet($events)
                     union all select unnest(raw_ids) from read_parquet($links, union_by_name = true))""",
                {
                    "events": [str(self.events_file(b)) for b in batches],
                    "links": [str(self.links_file(b)) for b in batches],
                },
            )
            found = con.execute(f"from ids where {_holds('id')} order by id", _parts(pieces)).fetchall()
        return [str(row[0]) for row in found]

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


def _cleaned(
    file: Path, new: str, people: Forgotten, clean: Callable[[str], str], lost: Gone
) -> Iterator[pa.Table]:
    """The row groups of a file without these people."""
    with pq.ParquetFile(file) as source:
        for rows in source.iter_batches():
            table = pa.Table.from_batches([rows])
            part = people.parted(table)
            lost.rows += len(part.lost)
            lost.stripped += part.stripped
            kept, said = scrubbed(part.kept, clean)
            lost.said += said
            if "batch_id" in kept.column_names:
                at = kept.schema.get_field_index("batch_id")
                kept = kept.set_column(at, kept.schema.field(at), pa.repeat(pa.scalar(new), len(kept)))
            yield kept


def _spool_one(tables: Iterable[pa.Table], target: Path, schema: pa.Schema) -> None:
    with pq.ParquetWriter(target, schema, compression="zstd") as out:
        for table in tables:
            out.write_table(table.cast(schema))


def _holds(column: str) -> str:
    """Whether a text holds one of $words, or the digits of one of $numbers."""
    return f"""(len(list_filter($words, lambda word: contains(lower({column}), word))) > 0
        or (len($numbers) > 0 and len(list_filter($numbers, lambda digits:
            contains(regexp_replace({column}, '[^0-9]', '', 'g'), digits))) > 0))"""


def _parts(pieces: Sequence[str]) -> dict[str, object]:
    return {
        "words": [piece for piece in pieces if not piece.isdecimal()],
        "numbers": [piece for piece in pieces if piece.isdecimal()],
    }


def _quoted(file: Path) -> str:
    return str(file).replace("'", "''")


def _scalar(con: duckdb.DuckDBPyConnection, query: str, params: dict[str, object]) -> int:
    row = con.execute(query, params).fetchone()
    assert row is not None
    return int(row[0])
