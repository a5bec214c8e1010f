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
        files = [str(batches.links_file(name)) for name in names]
        con.execute(_FROM_EVENTS, {"together": TOGETHER})
        con.execute(_FROM_LINKS, {"files": files, "identify": IDENTIFY})
    con.execute(_IDS)
    con.execute(f"create table links as {_LINKS} order by 1, 2")
    con.execute("drop table sets")


def grow_identities(con: duckdb.DuckDBPyConnection) -> None:
    """The same two tables in a copy of the snapshot before, from what growing.py has prepared there.

    counted, fresh_links: the new rows. known: every id that a customer who was joined anew may have;
    people_now, refused_now: what came of it. moved: the old and new numbers of the others.
    """
    con.execute(_NO_SETS)
    con.execute(_FROM_EVENTS, {"together": TOGETHER})
    con.execute(_FROM_FRESH_LINKS, {"identify": IDENTIFY})
    con.execute(_IDS_NOW)
    con.execute("delete from ids where raw_id in (select raw_id from known)")
    con.execute("update ids set customer_id = m.now from moved m where m.old = ids.customer_id")
    con.execute("insert into ids by name from ids_now order by raw_id")
    con.execute(f"create temp table links_now as {_LINKS_NOW}")
    con.execute(_DROP_OLD_LINKS)
    con.execute("insert into links by name from links_now order by 1, 2")
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

# A batch's file of links is called <batch>.links.parquet.
_FROM_LINKS = """
insert into sets
select raw_ids, source, system, parse_filename(file)[:-15] as batch, coalesce(reason, $identify),
       count(*), min("row"), null, null
from (select null::varchar as reason where false
      union all by name
      from read_parquet($files, union_by_name = true, filename = 'file'))
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
select least(one, other) as "left", greatest(one, other) as "right", reason, source, system,
       min({'batch': batch_id, 'row': "row"})['batch'] as batch_id,
       min({'batch': batch_id, 'row': "row"})['row']::bigint as "row",
       sum("rows")::bigint as "rows", min(first_at) as first_at, max(last_at) as last_at
from (select raw_ids[place] as one, unnest(raw_ids[place + 1:]) as other, * exclude (raw_ids, place)
      from (select *, unnest(range(1, len(raw_ids))) as place from sets where len(raw_ids) > 1))
where one <> other
group by 1, 2, 3, 4, 5
"""

_FROM_FRESH_LINKS = """
insert into sets
select raw_ids, source, system, batch_id, coalesce(reason, $identify), count(*), min("row"), null, null
from fresh_links
group by all
"""

# What is known of an id or a link already counts on, with what the new rows say.
_IDS_NOW = """
create temp table ids_now as
with seen as (
  select raw_id, min(first_at) as first_at, max(last_at) as last_at, sum("rows")::bigint as "rows",
         list_sort(list_distinct(flatten(list(sources)))) as sources,
         list_sort(list_distinct(flatten(list(systems)))) as systems
  from (select raw_id, first_at, last_at, "rows", sources, systems from ids semi join known using (raw_id)
        union all
        select unnest(raw_ids), first_at, last_at, "rows", [source], [system] from sets)
  group by raw_id),
whose as (
  select raw_id, min(customer_id)::integer as customer_id
  from (select unnest(raw_ids) as raw_id, customer_id from people_now) group by raw_id)
select raw_id, customer_id, r.reason as refused, r.customers as would_join, r.in_a_day,
       first_at, last_at, "rows", sources, systems
from seen left join whose using (raw_id) left join refused_now r using (raw_id)
"""

_SAME_LINK = " and ".join(
    f'n."{name}" is not distinct from o."{name}"' for name in ("left", "right", "reason", "source", "system")
)

_LINKS_NOW = f"""
with new as ({_LINKS})
select "left", "right", reason, source, system,
       min({{'batch': batch_id, 'row': "row"}})['batch'] as batch_id,
       min({{'batch': batch_id, 'row': "row"}})['row']::bigint as "row",
       sum("rows")::bigint as "rows", min(first_at) as first_at, max(last_at) as last_at
from (from new union all by name select o.* from links o semi join new n on {_SAME_LINK})
group by all
"""  # noqa: S608 — our own expressions

_DROP_OLD_LINKS = f"""
delete from links where rowid in (select o.rowid from links o semi join links_now n on {_SAME_LINK})
"""  # noqa: S608 — our own expressions
