"""How do the rows of one order become one event, wherever in their file they stand?

Each row names the order it is of. The rows are brought together here, where what does not fit into memory
goes to disk: a stream that is read once would have to hold every order that may still go on.
Source: docs/decisions/029-lines-of-one-order.md
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq


def holds_lines(con: duckdb.DuckDBPyConnection, raw: Path) -> bool:
    """Whether any row names the order it is of."""
    if "one_of" not in pq.read_schema(raw).names:
        return False
    return _number(con, "select count(one_of) from read_parquet($raw)", {"raw": str(raw)}) > 0


def settle(
    con: duckdb.DuckDBPyConnection, batch: str, raw: Path, target: Path, orders: Path, known: Sequence[Path]
) -> int:
    """Write one event for the rows of each order, and which orders they are; returns how many rows counted.

    The first row says what the event is; amounts are added up, or one is taken where each row repeats that of
    the order; of rows in several currencies, or where one has no amount, it is unknown. An order of one row
    has the id of that row, so that reading such a file either way brings nothing twice. known: the files of
    orders of earlier batches; an order that is there keeps its id, whichever of its rows this file holds.
    """
    con.execute(
        _BEFORE if known else _NONE_BEFORE, {"known": [str(file) for file in known]} if known else None
    )
    con.execute(_SEVERAL_IDS, {"raw": str(raw)})
    con.execute(_SETTLED.format(target=_literal(target)), {"raw": str(raw), "batch": batch})
    con.execute(_WHICH.format(told=_literal(target), target=_literal(orders)))
    return _number(
        con,
        """select count(*) filter (event_id is null) + count(distinct (source, event_id)) filter
           (event_id is not null) from read_parquet($raw)""",
        {"raw": str(raw)},
    )


def changed(con: duckdb.DuckDBPyConnection, events: Path, orders: Path, before: Sequence[Path]) -> int:
    """How many orders of a batch are in these files of events with another amount."""
    if not before:
        return 0
    return _number(
        con,
        """select count(distinct n.event_id) from read_parquet($events) n
           semi join read_parquet($orders) p on p.event_id = n.event_id
           join read_parquet($before) o on o.source = n.source and o.event_id = n.event_id
           where o.amount is distinct from n.amount""",
        {"events": str(events), "orders": str(orders), "before": [str(file) for file in before]},
    )


def read_otherwise(
    con: duckdb.DuckDBPyConnection,
    batch: tuple[Path, Path | None],
    before: Sequence[Path],
    orders_before: Sequence[Path],
) -> int:
    """How many events of a batch are made of rows that are here as other events, or are rows of such.

    batch: its events, and its orders where it has any. One row of each order is compared.
    """
    events, orders = batch
    found = 0
    if orders is not None and before:
        found += _number(
            con,
            """select count(*) from read_parquet($orders) n join read_parquet($before) o on o.event_id = n.line
               where n.line <> n.event_id and o.event_id <> n.event_id""",
            {"orders": str(orders), "before": [str(file) for file in before]},
        )
    if orders_before:
        found += _number(
            con,
            """select count(*) from read_parquet($before) o join read_parquet($events) n on n.event_id = o.line
               where o.line <> o.event_id and o.event_id <> n.event_id""",
            {"events": str(events), "before": [str(file) for file in orders_before]},
        )
    if orders is not None and orders_before:
        found += _number(
            con,
            """select count(*) from read_parquet($orders) n join read_parquet($before) o on o.line = n.line
               where o.line <> o.event_id and n.line <> n.event_id and o.event_id <> n.event_id""",
            {"orders": str(orders), "before": [str(file) for file in orders_before]},
        )
    return found


def keep_only(con: duckdb.DuckDBPyConnection, orders: Path, events: Path, target: Path) -> None:
    """Write the orders that a batch still holds."""
    con.execute(_KEPT.format(orders=_literal(orders), events=_literal(events), target=_literal(target)))


def _literal(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"


def _number(con: duckdb.DuckDBPyConnection, query: str, params: dict[str, object]) -> int:
    row = con.execute(query, params).fetchone()
    assert row is not None
    return int(row[0])


_NONE_BEFORE = """
create or replace temp table orders_before as
select null::varchar as one_of, null::varchar as known_as where false
"""
_BEFORE = """
create or replace temp table orders_before as
select one_of, min(event_id) as known_as from read_parquet($known) group by one_of
"""

# Where an id stands in one row of an order only, such as an address, the event has it, too.
_SEVERAL_IDS = """
create or replace temp table all_ids as
with several as (
  select one_of from read_parquet($raw) where one_of is not null
  group by one_of having min(hash(raw_ids)) <> max(hash(raw_ids)))
select one_of, list(distinct id order by id) as ids
from (select one_of, unnest(raw_ids) as id from read_parquet($raw) semi join several using (one_of))
group by one_of
"""

_SETTLED = """
copy (
  with lines as (
    select * exclude (content_hash, "row", event_id, nth), coalesce(event_id, content_hash || '#' || nth) as line
    from (select *, row_number() over (
            partition by source, event_id, case when event_id is null then content_hash end
            order by ordinal, "row") as nth
          from read_parquet($raw))
    where event_id is null or nth = 1),
  told as (
    select *, row_number() over first_on_top as nth, count(*) over every as many, min(line) over every as least,
           case when not adds_up then first_value(amount ignore nulls) over whole
                when count(amount) over every = count(*) over every
                     and min(coalesce(currency, '')) over every = max(coalesce(currency, '')) over every
                then round(sum(amount) over every, 6) end as all_of_it
    from lines
    window every as (partition by source, coalesce(one_of, line)),
           first_on_top as (partition by source, coalesce(one_of, line) order by occurred_at, ordinal),
           whole as (partition by source, coalesce(one_of, line) order by occurred_at, ordinal
                     rows between unbounded preceding and unbounded following))
  select t.* exclude (line, least, many, nth, all_of_it, amount, raw_ids, adds_up),
         case when many = 1 then amount else all_of_it end as amount,
         case when i.ids is null then raw_ids
              else raw_ids || list_filter(i.ids, lambda id: not list_contains(raw_ids, id)) end as raw_ids,
         coalesce(b.known_as, case when many = 1 then line else one_of end) as event_id,
         least as line, $batch as batch_id
  from told t left join all_ids i using (one_of) left join orders_before b using (one_of)
  where nth = 1
) to {target} (format parquet, compression zstd)
"""

_WHICH = """
copy (select event_id, one_of, line from read_parquet({told}) where one_of is not null)
to {target} (format parquet, compression zstd)
"""

_KEPT = """
copy (select o.* from read_parquet({orders}) o semi join read_parquet({events}) e on e.event_id = o.event_id)
to {target} (format parquet, compression zstd)
"""
