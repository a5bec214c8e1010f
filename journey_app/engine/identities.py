"""What does a snapshot keep of the ids: whose each is, where it was seen, and why two are linked?"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from journey_app.engine.batches import BatchFolder
from journey_app.vocabulary import IDENTIFY, TOGETHER

# One row an id that was not followed. customers, in_a_day: see identity.stitch.Refusal.
REFUSED = pa.schema(
    [
        ("raw_id", pa.string()),
        ("reason", pa.string()),
        ("customers", pa.int64()),
        ("in_a_day", pa.int64()),
    ]
)

# An event's ordinal holds its row number in the middle forty bits; of files that run backwards, from the top.
_ROW_OF_ORDINAL = """
case when (ordinal >> 8) & 1099511627775 > 549755813888 then 1099511627775 - ((ordinal >> 8) & 1099511627775)
     else (ordinal >> 8) & 1099511627775 end
"""


def write_identities(
    con: duckdb.DuckDBPyConnection, batches: BatchFolder, names: Sequence[str], refused: pa.Table
) -> None:
    """The tables `ids` and `links`, from the relation `people` and the view `counted`.

    Of events that several batches hold, only the earliest batch's row counts.
    """
    con.register("refused", refused)
    con.execute(_NO_SETS)
    if names:
        con.execute(_FROM_EVENTS, {"together": TOGETHER})
    for name in names:
        con.execute(
            _FROM_LINKS,
            {"batch": name, "file": str(batches.links_file(name)), "identify": IDENTIFY},
        )
    con.execute(_IDS)
    con.execute(_LINKS)
    con.execute("drop table sets")


def without_left_out(con: duckdb.DuckDBPyConnection) -> None:
    """Take ids and links of customers whom a clean-up left out away again: they are nobody's here."""
    con.execute(
        """create temp table theirs as
           select raw_id from ids where customer_id in (select customer_id from left_out_customers)"""
    )
    con.execute('delete from links where "left" in (from theirs) or "right" in (from theirs)')
    con.execute("delete from ids where raw_id in (from theirs)")
    con.execute("drop table theirs")


_NO_SETS = """
create temp table sets (raw_ids varchar[], source varchar, system varchar, batch_id varchar, reason varchar,
                        "rows" bigint, "row" bigint, first_at timestamp, last_at timestamp)
"""

_FROM_EVENTS = f"""
insert into sets
select raw_ids, source, system, batch_id, $together,
       count(*), min({_ROW_OF_ORDINAL}), min(occurred_at), max(occurred_at)
from counted
group by all
"""  # noqa: S608 — our own expression

_FROM_LINKS = """
insert into sets
select raw_ids, source, system, $batch, coalesce(reason, $identify), count(*), min("row"), null, null
from (select null::varchar as reason where false union all by name from read_parquet($file))
group by all
"""

_IDS = """
create table ids as
with seen as (
  select raw_id, min(first_at) as first_at, max(last_at) as last_at, sum("rows")::bigint as "rows",
         list_sort(list(distinct source)) as sources, list_sort(list(distinct system)) as systems
  from (select unnest(raw_ids) as raw_id, source, system, first_at, last_at, "rows" from sets)
  group by raw_id),
whose as (
  select raw_id, min(customer_id)::integer as customer_id
  from (select unnest(raw_ids) as raw_id, customer_id from people) group by raw_id)
select raw_id, customer_id, r.reason as refused, r.customers as would_join, r.in_a_day,
       first_at, last_at, "rows", sources, systems
from seen left join whose using (raw_id) left join refused r using (raw_id)
order by raw_id
"""

_LINKS = """
create table links as
select least(one, other) as "left", greatest(one, other) as "right", reason, source, system,
       min({'batch': batch_id, 'row': "row"})['batch'] as batch_id,
       min({'batch': batch_id, 'row': "row"})['row']::bigint as "row",
       sum("rows")::bigint as "rows", min(first_at) as first_at, max(last_at) as last_at
from (select raw_ids[place] as one, unnest(raw_ids[place + 1:]) as other, * exclude (raw_ids, place)
      from (select *, unnest(range(1, len(raw_ids))) as place from sets where len(raw_ids) > 1))
where one <> other
group by 1, 2, 3, 4, 5
order by 1, 2
"""
