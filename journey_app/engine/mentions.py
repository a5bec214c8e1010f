"""Where are people named in batches, and what is a batch without them?

Source: docs/decisions/014-forgetting-one-customer.md
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from journey_app.engine import orders
from journey_app.engine.batches import BatchFolder, quoted, spool_one
from journey_app.engine.connection import scratch
from journey_app.engine.durable import rename_durably
from journey_app.engine.forgotten import NO_TEXT, Forgotten, scrubbed


@dataclass
class Gone:
    """What a batch was written without. rows: events and links. stripped, said: as in `Tally`."""

    rows: int = 0
    stripped: int = 0
    said: int = 0


def without(
    folder: BatchFolder, batch: str, people: Forgotten, clean: Callable[[str], str]
) -> tuple[str, Gone] | None:
    """Write a batch again under another name, without these people; the old one stays where it is.

    clean: another row's text as it may stay. Returns the new name and what went; None, and nothing
    is written, when the batch does not know them.
    """
    new = f"{batch.rpartition('-')[0]}-{secrets.token_hex(3)}"
    lost = Gone()
    try:
        for file, target in (
            (folder.links_file(batch), folder.links_file(new)),
            (folder.events_file(batch), folder.events_file(new)),
        ):
            part = folder.folder / f".{target.name}"
            spool_one(_cleaned(file, new, people, clean, lost), part, pq.read_schema(file))
            rename_durably(part, target)
        _context_without(folder, batch, new, clean, lost)
        if folder.orders_file(batch).exists():
            part = folder.folder / f".{folder.orders_file(new).name}"
            with scratch(folder.limits) as con:
                orders.keep_only(con, folder.orders_file(batch), folder.events_file(new), part)
            rename_durably(part, folder.orders_file(new))
    except BaseException:
        folder.discard(new)
        raise
    finally:
        for left in (
            folder.links_file(new),
            folder.events_file(new),
            folder.context_file(new),
            folder.orders_file(new),
        ):
            left.with_name(f".{left.name}").unlink(missing_ok=True)
    if not (lost.rows or lost.stripped or lost.said):
        folder.discard(new)
        return None
    return new, lost


def _context_without(
    folder: BatchFolder, batch: str, new: str, clean: Callable[[str], str], lost: Gone
) -> None:
    """The spend and traffic of a batch under its new name, its texts as they may stay."""
    if not folder.context_file(batch).exists():
        return
    table, said = scrubbed(pq.read_table(folder.context_file(batch)), clean)
    lost.said += said
    if "batch_id" in table.column_names:
        at = table.schema.get_field_index("batch_id")
        names = pa.array([new] * len(table), table.schema.field(at).type)
        table = table.set_column(at, table.schema.field(at), names)
    target = folder.context_file(new)
    part = target.with_name(f".{target.name}")
    pq.write_table(table, part)
    rename_durably(part, target)


def rows_naming(folder: BatchFolder, batch: str, ids: Sequence[str]) -> tuple[pa.Table, pa.Table]:
    """The (events, links) of a batch that name one of these raw ids."""
    with scratch(folder.limits) as con:
        events, links = (
            con.sql(
                "from read_parquet($file) where list_has_any(raw_ids, $ids)",
                params={"file": str(file), "ids": list(ids)},
            ).to_arrow_table()
            for file in (folder.events_file(batch), folder.links_file(batch))
        )
    return events, links


def rows_saying(folder: BatchFolder, batch: str, pieces: Sequence[str]) -> tuple[pa.Table, pa.Table]:
    """The (events, spend and traffic) of a batch with a text that holds one of these pieces.

    pieces: in lower case; one that is all digits is looked for among the digits of a text.
    """
    found = []
    with scratch(folder.limits) as con:
        for file in (folder.events_file(batch), folder.context_file(batch)):
            if not file.exists():
                found.append(pa.table({}))
                continue
            texts = [
                c.name for c in pq.read_schema(file) if pa.types.is_string(c.type) and c.name not in NO_TEXT
            ]
            either = " or ".join(_holds(f'"{name}"') for name in texts) or "false"
            con.execute(f"create or replace temp view held as from read_parquet('{quoted(file)}')")
            found.append(con.sql(f"from held where {either}", params=_parts(pieces)).to_arrow_table())
    return found[0], found[1]


def ids_holding(folder: BatchFolder, batches: Sequence[str], pieces: Sequence[str]) -> list[str]:
    """Every raw id of these batches that holds one of these pieces, which are as for `rows_saying`."""
    if not batches or not pieces:
        return []
    with scratch(folder.limits) as con:
        con.execute(
            """create temp table ids as select distinct id from (
                 select unnest(raw_ids) as id from read_parquet($events)
                 union all select unnest(raw_ids) from read_parquet($links, union_by_name = true))""",
            {
                "events": [str(folder.events_file(b)) for b in batches],
                "links": [str(folder.links_file(b)) for b in batches],
            },
        )
        found = con.execute(f"from ids where {_holds('id')} order by id", _parts(pieces)).fetchall()
    return [str(row[0]) for row in found]


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
