"""Can a snapshot come from the one before it? A copy of its file, changed only where new rows touch it.

What comes out is what `snapshot.build_snapshot` makes of the same batches, table by table and row by row;
only the place of the rows within their tables is another, so whoever asks must say in which order.
Source: docs/decisions/022-incremental-snapshots.md
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from journey_app.engine.batches import BatchFolder
from journey_app.engine.cleaning import literal
from journey_app.engine.connection import Limits, scratch
from journey_app.engine.contexts import write_contexts
from journey_app.engine.identities import grow_identities
from journey_app.engine.renumbering import Numbers, moves, numbered
from journey_app.engine.snapshot import CODED, IN_ORDER, put_in_place, unfinished, written_whole
from journey_app.vocabulary import IDENTIFY, TOGETHER

MOST_REWRITTEN = 0.1  # of all rows: more of them are built anew as quickly
MOST_SCATTERED = 0.1  # rows that do not lie in order any more, before a full build puts all back


class CannotGrow(Exception):
    """The next snapshot must be built in full; says why."""


@dataclass(frozen=True)
class Joined:
    """Whose the sets of ids are. who, customers, refused: as in `snapshot.Recipe`."""

    who: pa.Table
    customers: pa.Table
    refused: pa.Table


Rejoin = Callable[[pa.Table], Joined]


class GrownWrong(Exception):
    """What grew does not add up: a mistake of ours, so the data are built in full and the log says why."""


@dataclass(frozen=True)
class Growth:
    """What became of the batches since a snapshot was built with the same zone and the same decisions.

    held: the batches it holds. batches: those that count now. replaced: old name → the batch that took
    its place. apart: pairs of ids that people have cut; who looks at one of them looks at both.
    """

    version: str
    timezone: str
    held: tuple[str, ...]
    batches: tuple[str, ...]
    replaced: Mapping[str, str] = field(default_factory=dict)
    apart: Sequence[tuple[str, str]] = ()


def grow_snapshot(
    batches: BatchFolder, growth: Growth, older: Path, rejoin: Rejoin, folder: Path, limits: Limits
) -> Path:
    """Write `<version>.duckdb` from `older`, which stays as it is.

    rejoin: who is one customer among the sets of ids it is given, which have no id in common with any
    other. Raises CannotGrow, and leaves nothing, where only a full build makes the same.
    """
    target = folder / f"{growth.version}.duckdb"
    if target.exists():
        return target
    added = _added(growth)
    building = unfinished(folder, growth.version)
    with written_whole(building):
        try:
            shutil.copyfile(older, building)
        except (FileNotFoundError, PermissionError) as error:  # swept meanwhile; Windows: open elsewhere
            raise CannotGrow("the snapshot before cannot be copied") from error
        with scratch(limits, building) as con:
            _insist_on_form(con)
            _read_new(con, batches, growth, added)
            _rename_batches(con, growth.replaced)
            _set_known_apart(con, growth)
            _extend_codes(con)
            _change(con, growth, rejoin)
            con.execute("drop table context")
            write_contexts(con, batches, growth.batches)
            con.execute("update about set version = $version", {"version": growth.version})
            con.execute("checkpoint")
        put_in_place(building, target)
    return target


# ---------------------------------------------------------------- may it grow?


def _added(growth: Growth) -> list[str]:
    """The batches that are new; raises CannotGrow unless all others stand in the order in which they stood."""
    became = [growth.replaced.get(batch, batch) for batch in growth.held]
    if became != [batch for batch in growth.batches if batch in set(became)]:
        raise CannotGrow("a batch was taken out, or they have another order")
    return [batch for batch in growth.batches if batch not in growth.held]


def _insist_on_form(con: duckdb.DuckDBPyConnection) -> None:
    tables = {name for (name,) in con.execute("select table_name from duckdb_tables()").fetchall()}
    if "id_sets" not in tables:
        raise CannotGrow("the snapshot before does not say what its customers were joined from")
    scattered = _number(con, "select scattered from about")
    if scattered > MOST_SCATTERED * _number(con, "select count(*) from events"):
        raise CannotGrow("too many rows have left their place")


def _number(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(con.execute(query).fetchall()[0][0])


# ---------------------------------------------------------------- what is new


def _read_new(
    con: duckdb.DuckDBPyConnection, batches: BatchFolder, growth: Growth, added: Sequence[str]
) -> None:
    """`fresh`: the event rows that no older batch held, with their batch's number; `fresh_links`: the links."""
    con.execute(_NO_FRESH)
    old_of = {new: old for old, new in growth.replaced.items()}
    for batch in added:
        con.execute("create or replace temp view now_events as " + _events_of(batches.events_file(batch)))
        con.execute("create or replace temp view now_links as " + _links_of(batches.links_file(batch)))
        news = _NEWS
        if batch in old_of:
            _read_old(con, batches, old_of[batch], batch)
            news = _NEWS_SINCE
        place = growth.batches.index(batch)
        rows = f"insert into fresh by name select *, $place as batch_no from {news[0]}"  # noqa: S608 — our own
        con.execute(rows, {"place": place})
        rows = f"insert into fresh_links by name select *, $batch as batch_id from {news[1]}"  # noqa: S608
        con.execute(rows, {"batch": batch})


def _read_old(con: duckdb.DuckDBPyConnection, batches: BatchFolder, old: str, new: str) -> None:
    """`old_events` and `old_links`; raises CannotGrow unless all of them are in the new batch too."""
    before, after = batches.events_file(old), batches.events_file(new)
    if not before.exists() or pq.read_schema(before).names != pq.read_schema(after).names:
        raise CannotGrow("the batch before is gone, or was written by another version")
    con.execute("create or replace temp view old_events as " + _events_of(before))
    con.execute("create or replace temp view old_links as " + _links_of(batches.links_file(old)))
    if _number(con, _LOST):
        raise CannotGrow("a batch that was replaced held rows that are not there any more")


_NEWS = ("now_events", "now_links")
_NEWS_SINCE = (
    "now_events n anti join old_events o on o.source = n.source and o.event_id = n.event_id",
    "(from now_links except all from old_links)",
)


def _events_of(file: Path) -> str:
    return f"from read_parquet({literal(str(file))})"


def _links_of(file: Path) -> str:
    """The rows of a link file; one from before links had reasons has none."""
    return f"{_NO_LINKS} union all by name from read_parquet({literal(str(file))})"


_NO_LINKS = """
select null::varchar[] as raw_ids, null::varchar as source, null::varchar as system, null::bigint as "row",
       null::varchar as reason where false
"""

_LOST = """
select (select count(*) from (select * exclude batch_id from old_events
                              except all select * exclude batch_id from now_events))
     + (select count(*) from (from old_links except all from now_links))
"""

_NO_FRESH = """
create temp table fresh (
  event varchar, source varchar, system varchar, channel varchar, device varchar, currency varchar,
  occurred_at timestamp, day_only boolean, amount double, "text" varchar, session_id varchar,
  account_id varchar, properties varchar, raw_ids varchar[], ordinal bigint, event_id varchar,
  batch_id varchar, batch_no integer);
create temp table fresh_links (
  raw_ids varchar[], source varchar, system varchar, "row" bigint, reason varchar, batch_id varchar)
"""


def _rename_batches(con: duckdb.DuckDBPyConnection, replaced: Mapping[str, str]) -> None:
    for old, new in replaced.items():
        for table in ("events", "links"):
            con.execute(
                f"update {table} set batch_id = $new where batch_id = $old",  # noqa: S608 — our own names
                {"old": old, "new": new},
            )


def _set_known_apart(con: duckdb.DuckDBPyConnection, growth: Growth) -> None:
    """`counted`: what is left of `fresh` without events that an earlier batch holds; its row counts."""
    con.register("places", pa.table({"batch_id": list(growth.batches), "place": range(len(growth.batches))}))
    sources = [source for (source,) in con.execute("select distinct source from fresh").fetchall()]
    con.execute(
        """create temp table again as
           select f.source, f.event_id, f.batch_no, p.place
           from events e join fresh f on f.event_id = e.event_id and f.source = e.source::varchar
           join places p on p.batch_id = e.batch_id
           where e.source in (select unnest($sources))""",
        {"sources": sources},
    )
    if _number(con, "select count(*) from again where place > batch_no"):
        raise CannotGrow("an event that is there already now counts as an earlier batch has it")
    if _number(con, "select count(*) - count(distinct (source, event_id)) from fresh"):
        raise CannotGrow("an event stands in two of the new batches")
    con.execute(
        "create temp table counted as from fresh f anti join again a "
        "on a.source = f.source and a.event_id = f.event_id"
    )


# ---------------------------------------------------------------- words that were not there before


def _extend_codes(con: duckdb.DuckDBPyConnection) -> None:
    """Give every coded column the new rows' values, in the order in which a full build puts them."""
    for column in CODED:
        told = "event" if column == "raw_event" else column
        words = f"select distinct {told} as word from fresh where {told} is not null"  # noqa: S608
        known = f"select unnest(enum_range(null::{column}_code))::varchar as word"
        if not _number(con, f"select count(*) from ({words}) where word not in ({known})"):  # noqa: S608
            continue
        con.execute(f"create temp table words as select word from ({words} union {known}) order by 1")  # noqa: S608
        con.execute(f"drop type {column}_code")  # each column has what it needs of it
        con.execute(f"create type {column}_code as enum (select word from words order by 1)")  # noqa: S608
        con.execute("drop table words")
        for table, name in _coded_by(column):
            con.execute(f"alter table {table} alter {name} type {column}_code")


def _coded_by(column: str) -> list[tuple[str, str]]:
    following = [("events", "next_event")] if column == "event" else []
    return [("events", column), ("left_out_events", column), *following]


# ---------------------------------------------------------------- the customers they touch


def _change(con: duckdb.DuckDBPyConnection, growth: Growth, rejoin: Rejoin) -> None:
    """Join the touched customers anew, number everybody, and write down what is different."""
    held = _number(con, "select count(*) from events")
    _take_out_sets(con, growth.apart)
    joined = rejoin(con.sql("select * exclude customer_id from looked_at").to_arrow_table())
    had = con.sql("select customer_id, count(*) as n from events group by 1").to_arrow_table()
    numbers = _numbers(con, joined)
    con.register("people_now", numbers.renamed(joined.customers))
    con.register("whose", numbers.renamed(joined.who))
    con.register("refused_now", joined.refused)
    con.execute(_LOOKED)
    _gather(con, growth)
    same, come = con.sql("from unchanged").to_arrow_table(), con.sql(_COME).to_arrow_table()
    found = moves(numbers, same, had, come)
    con.register("moved", found.moved)
    con.register("starts", found.starts)
    _rewrite_events(con)
    _rewrite_people(con)
    grow_identities(con)
    if _number(con, "select count(*) from events") != held + _number(con, "select count(*) from counted"):
        raise GrownWrong("a grown snapshot has another number of events than its batches")


def _take_out_sets(con: duckdb.DuckDBPyConnection, apart: Sequence[tuple[str, str]]) -> None:
    """`looked_at`: the sets of ids that hang together with new ones, the new ones among them.

    They leave `id_sets`, whither they come back joined. `known`: the ids they name.
    """
    con.execute(_NEW_SETS, {"together": TOGETHER, "identify": IDENTIFY})
    pairs = pa.array([list(pair) for pair in apart], pa.list_(pa.string()))
    con.register("cuts", pa.table({"place": pa.array(range(-len(pairs), 0), pa.int64()), "pair": pairs}))
    con.execute(
        """create temp table named as
           select rowid as place, unnest(raw_ids) as raw_id from id_sets
           union all select place, unnest(pair) from cuts"""
    )
    con.execute("create temp table known as select distinct unnest(raw_ids) as raw_id from new_sets")
    con.execute("create temp table hanging (place bigint)")
    while _number(con, _MORE_SETS):
        con.execute(_MORE_IDS)
    con.execute(_LOOKED_AT)
    con.execute("delete from id_sets where rowid in (select place from hanging)")
    con.execute("drop table named")


_NEW_SETS = """
create temp table new_sets as
select raw_ids, system, reason, count(*) as seen, min(occurred_at) as first_at from (
  select raw_ids, system, $together as reason, occurred_at from fresh
  union all by name
  select raw_ids, system, coalesce(reason, $identify) as reason from fresh_links
) group by all
"""

_MORE_SETS = """
insert into hanging
select distinct place from named n semi join known k using (raw_id) anti join hanging h using (place)
"""

_MORE_IDS = """
insert into known
select distinct raw_id from named n semi join hanging h using (place) anti join known k using (raw_id)
"""

_LOOKED_AT = """
create temp table looked_at as
select raw_ids, system, reason, sum(seen)::bigint as seen, min(first_at) as first_at,
       any_value(customer_id) as customer_id
from (select * from id_sets where rowid in (select place from hanging)
      union all by name from new_sets)
group by raw_ids, system, reason
order by raw_ids, system, reason
"""

# now: the number a set's customer has from now on.
_LOOKED = """
create temp table looked as
select l.*, w.customer_id as now
from looked_at l left join whose w on w.ids = array_to_string(l.raw_ids, chr(31))
"""


def _numbers(con: duckdb.DuckDBPyConnection, joined: Joined) -> Numbers:
    keys = con.sql("select key from customers order by customer_id").to_arrow_table()["key"]
    taken_out = con.sql("select distinct customer_id from looked_at where customer_id is not null")
    return numbered(keys, taken_out.to_arrow_table()["customer_id"].to_numpy(), joined.customers["key"])


def _gather(con: duckdb.DuckDBPyConnection, growth: Growth) -> None:
    """`gathered`: new rows, and those of customers who are not, row for row, somebody there was before."""
    con.execute(_BUSY)
    con.execute(_UNCHANGED)
    con.execute(
        """create temp table rewritten as
           select distinct customer_id from looked
           where customer_id is not null and customer_id not in (select old from unchanged)"""
    )
    con.execute("create temp table gathered as from left_out_events limit 0")
    con.execute(_THEIR_ROWS)
    if _number(con, "select count(*) from gathered") > MOST_REWRITTEN * _number(
        con, "select count(*) from events"
    ):
        raise CannotGrow("too many rows are touched")
    con.execute(_NEW_ROWS, {"zone": growth.timezone})
    if _number(con, "select count(*) from gathered where customer_id is null"):
        raise GrownWrong("events have ids that nobody was joined from")


_BUSY = """
create temp table busy as
select distinct w.customer_id as now
from counted c join whose w on w.ids = array_to_string(c.raw_ids, chr(31))
"""

# Customers of whom all rows, and nobody else's, are one customer's again: they only get another number.
_UNCHANGED = """
create temp table unchanged as
with all_of as (
  select customer_id as old, min(now) as now from looked
  where customer_id is not null group by 1 having min(now) = max(now)),
only_of as (
  select now from looked where customer_id is not null group by 1 having count(distinct customer_id) = 1)
select old, now from all_of semi join only_of using (now) anti join busy using (now)
"""

_THEIR_ROWS = """
insert into gathered by name
select e.* exclude (customer_id, position, next_event, next_at, next_position, local_week), w.customer_id
from events e left join whose w on w.ids = array_to_string(e.raw_ids, chr(31))
where e.customer_id in (select customer_id from rewritten)
"""

_NEW_ROWS = """
insert into gathered by name
select c.* exclude (batch_no), c.event as raw_event, w.customer_id,
       (c.occurred_at at time zone 'UTC' at time zone $zone)::date as local_date
from counted c left join whose w on w.ids = array_to_string(c.raw_ids, chr(31))
"""

_COME = "select customer_id, count(*) as n from gathered group by 1 order by 1"


def _rewrite_events(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("delete from events where customer_id in (select customer_id from rewritten)")
    con.execute(
        """update events set customer_id = m.now, position = position + m.shift,
                             next_position = next_position + m.shift
           from moved m where m.old = events.customer_id"""
    )
    con.execute(
        f"""insert into events by name
            select n.* replace (n.position + s.shift as position, n.next_position + s.shift as next_position)
            from ({IN_ORDER}) n join starts s using (customer_id)"""  # noqa: S608 — our own query
    )
    con.execute("update about set scattered = scattered + (select count(*) from gathered)")
    con.execute("drop table gathered")


def _rewrite_people(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        """delete from customers where customer_id in (
             select customer_id from looked where customer_id is not null)"""
    )
    for table in ("customers", "id_sets"):
        con.execute(
            f"update {table} set customer_id = m.now from moved m where m.old = {table}.customer_id"  # noqa: S608
        )
    con.execute("insert into customers by name from people_now order by customer_id")
    con.execute("insert into id_sets by name select * exclude (now) replace (now as customer_id) from looked")
    con.execute("delete from refused_ids where raw_id in (select raw_id from known)")
    con.execute("insert into refused_ids by name from refused_now")
