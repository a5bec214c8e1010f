"""How do batches become a snapshot? Deduplicated, stitched, coded, sorted, numbered; then never changed."""

from __future__ import annotations

import errno
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from journey_app.engine import cleaning
from journey_app.engine.batches import BatchFolder
from journey_app.engine.connection import Limits, scratch
from journey_app.engine.contexts import write_contexts
from journey_app.engine.durable import rename_durably
from journey_app.engine.identities import REFUSED, without_left_out, write_identities
from journey_app.engine.patterns import BUILDING_S, Fits
from journey_app.errors import NoRoom
from journey_app.vocabulary import CleanUp

# Few distinct values and asked about in every question: stored as codes.
CODED = ("event", "raw_event", "source", "system", "channel", "device", "currency")

BUILDING = ".building"  # how the name of an unfinished snapshot ends
FULL = re.compile(r"no space left|not enough space|disk quota", re.IGNORECASE)  # as DuckDB passes it on
NO_ROOM = (
    "The disk has no room for the next data; everything is as it was.",
    "Free as much as the folder “snapshots” holds, then try again.",
)


@dataclass(frozen=True)
class Recipe:
    """Everything a snapshot is made from; equal recipes give equal snapshots.

    who: raw_ids (text, joined by the unit separator) → customer_id. customers: one row per customer.
    refused: the ids that were not followed, see `identities.REFUSED`.
    clean_up: what does not count, and what events are called.
    id_sets: what customers were joined from (`BatchFolder.id_sets`); a snapshot that keeps it can grow.
    """

    version: str
    timezone: str
    batches: tuple[str, ...]
    who: pa.Table
    customers: pa.Table
    refused: pa.Table = field(default_factory=REFUSED.empty_table)
    clean_up: CleanUp = field(default_factory=CleanUp)
    id_sets: pa.Table | None = None


def build_snapshot(batches: BatchFolder, recipe: Recipe, folder: Path, limits: Limits) -> Path:
    """Write `<version>.duckdb` beside the snapshots there are; an existing one is left as it is.

    Of an event that several batches hold, the earliest batch's row counts, its ordinal included.
    Several may build the same one at once: each writes a file of its own, and equal recipes give
    equal snapshots, so it does not matter whose rename comes last. Raises BadChoice for a rule of the
    clean-up that takes too long to look for.
    """
    target = folder / f"{recipe.version}.duckdb"
    if target.exists():
        return target
    for rule in recipe.clean_up.leave_out:
        cleaning.check(rule)  # one that an older version let pass would be looked for for hours
    folder.mkdir(parents=True, exist_ok=True)
    building = unfinished(folder, recipe.version)
    with written_whole(building):
        with scratch(limits, building) as con:
            con.register("who", recipe.who)
            con.register("people", recipe.customers)
            _read_batches(con, batches, recipe)
            write_identities(con, batches, recipe.batches, recipe.refused)
            _make_codes(con, recipe)
            _collect(con, recipe)
            _set_aside(con, recipe.clean_up)
            without_left_out(con)
            _number(con)
            write_contexts(con, batches, recipe.batches)
            _keep_for_growing(con, recipe)
            con.execute(
                "create table about as select $version as version, $zone as timezone, 0::bigint as scattered",
                {"version": recipe.version, "zone": recipe.timezone},
            )
            con.execute("checkpoint")
        put_in_place(building, target)
    return target


@contextmanager
def written_whole(building: Path) -> Iterator[None]:
    """Remove what is left of a snapshot that was not finished. Raises NoRoom when the disk is full."""
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        if getattr(error, "errno", None) == errno.ENOSPC or FULL.search(str(error)):
            raise NoRoom(*NO_ROOM) from error
        raise
    finally:
        building.unlink(missing_ok=True)
        building.with_name(building.name + ".wal").unlink(missing_ok=True)


def unfinished(folder: Path, version: str) -> Path:
    """Where a snapshot is written until it is whole; no two writers have the same."""
    return folder / f".{version}.{secrets.token_hex(6)}{BUILDING}"


def put_in_place(building: Path, target: Path) -> None:
    """Let a finished snapshot be found under its version."""
    try:
        rename_durably(building, target)
    except PermissionError:  # Windows: another one's is there, and somebody reads it already
        if not target.exists():
            raise


def _collect(con: duckdb.DuckDBPyConnection, recipe: Recipe) -> None:
    """All batches as one table, each event once, with its customer and its local day."""
    if not recipe.batches:
        con.execute(_EMPTY)
        return
    con.execute(
        f"""
        create temp table gathered as
        select w.customer_id, {", ".join(f"{told}::{column}_code as {column}" for column, told in _coded(recipe))},
               e.* exclude (batch_no, {", ".join(_TOLD)}),
               (e.occurred_at at time zone 'UTC' at time zone $zone)::date as local_date
        from counted e left join who w on w.ids = array_to_string(e.raw_ids, chr(31))
        """,  # noqa: S608 — names go through literal()
        {"zone": recipe.timezone},
    )
    _insist_on_everyone(con)


def _coded(recipe: Recipe) -> list[tuple[str, str]]:
    """(column, what it is made from) for everything that is stored as codes."""
    made = {"event": cleaning.shown(recipe.clean_up.names, "e.event"), "raw_event": "e.event"}
    return [(column, made.get(column, f"e.{column}")) for column in CODED]


def _make_codes(con: duckdb.DuckDBPyConnection, recipe: Recipe) -> None:
    """One type a coded column; rows are coded as they are read, for text takes ten times the memory."""
    for column, told in _coded(recipe):
        con.execute(
            f"create type {column}_code as enum "  # noqa: S608 — names go through literal()
            f"(select distinct {told} from held e where {told} is not null order by 1)"
        )


def _read_batches(con: duckdb.DuckDBPyConnection, batches: BatchFolder, recipe: Recipe) -> None:
    """`held`: every row with its batch's number; `counted`: the same, each event once."""
    names = recipe.batches
    con.execute("create temp table batch_numbers (batch_id varchar, batch_no integer)")
    con.execute("create temp table repeated (source varchar, event_id varchar, first_batch integer)")
    if names:
        numbered = {"names": list(names)}
        con.execute("insert into batch_numbers select unnest($names), unnest(range(len($names)))", numbered)
    con.execute(f"create temp view held as {_rows_of(batches, names)}")
    if len(names) > 1:  # within one batch every event is there once
        largest = _largest(batches, recipe)
        con.execute(f"create temp view of_largest as {_rows_of(batches, [largest])}")
        others = [name for name in names if name != largest]
        con.execute(f"create temp view of_others as {_rows_of(batches, others)}")
        con.execute(_REPEATED)
    again = con.execute("select count(*) from repeated").fetchone()
    con.execute(_COUNTED if again and again[0] else "create temp view counted as from held")


def _rows_of(batches: BatchFolder, names: Sequence[str]) -> str:
    """The rows of batches with `batch_no`. One scan over all files: a view for each is planned for ever."""
    if not names:
        return _NO_ROWS
    files = ", ".join(cleaning.literal(str(batches.events_file(name))) for name in names)
    return f"from read_parquet([{files}], union_by_name = true) join batch_numbers using (batch_id)"


def _largest(batches: BatchFolder, recipe: Recipe) -> str:
    return max(recipe.batches, key=lambda name: pq.read_metadata(batches.events_file(name)).num_rows)


# The events that several batches hold. Of the largest batch only what the others hold too is looked at,
# so that a small import into a large workspace costs one look at each id, not a table of all of them.
_REPEATED = """
insert into repeated
with others as materialized (select source, event_id, batch_no from of_others)
select source, event_id, min(batch_no)
from (from others union all
      select h.source, h.event_id, h.batch_no from of_largest h semi join others o
        on o.source = h.source and o.event_id = h.event_id)
group by all having count(*) > 1
"""

_COUNTED = """
create temp view counted as
from held e anti join repeated r
  on r.source = e.source and r.event_id = e.event_id and r.first_batch < e.batch_no
"""


def _insist_on_everyone(con: duckdb.DuckDBPyConnection) -> None:
    """A row whose ids stitching has not seen must not pass without a word."""
    strangers = con.execute("select count(*) from gathered where customer_id is null").fetchone()
    if strangers is None or strangers[0]:
        raise ValueError(f"{strangers} events have ids that the recipe gives to no customer")


_TOLD = tuple(column for column in CODED if column != "raw_event")
_NO_ROWS = f"select {', '.join(f'null::varchar as {column}' for column in _TOLD)} where false"

# Column for column what is gathered from batches, so that a workspace without events opens like any other.
_EMPTY = f"""
create temp table gathered (
  customer_id integer, {", ".join(f"{column} {column}_code" for column in CODED)},
  occurred_at timestamp, day_only boolean, amount double, "text" varchar, session_id varchar,
  account_id varchar, properties varchar, raw_ids varchar[], ordinal bigint, event_id varchar,
  batch_id varchar, local_date date)
"""


def _set_aside(con: duckdb.DuckDBPyConnection, clean_up: CleanUp) -> None:
    """What does not count is kept in tables of its own, so that a rule can be looked at and taken back.

    left_out_whole: customers whom a rule takes with everything they did.

    A customer of whom nothing is left is none; one who is only known from links stays.
    """
    fits = Fits(lambda query: con.execute(query).fetchall(), "gathered", "people", BUILDING_S)
    fitting = fits.conditions(clean_up.leave_out)
    whole = cleaning.gone(clean_up.leave_out, "gathered", "people", fitting)
    con.execute(f"create table left_out_whole as {whole}")
    if clean_up == CleanUp():
        con.execute("create table left_out_events as from gathered limit 0")
        con.execute("create table left_out_customers as from people limit 0")
    else:
        apart = cleaning.aside(clean_up, "left_out_whole", fitting)
        con.execute(f"create table left_out_events as from gathered where {apart}")
        con.execute(f"delete from gathered where {apart}")  # noqa: S608 — names go through literal()
        con.execute(
            """create table left_out_customers as from people
               where customer_id in (from left_out_whole) or
                     (customer_id in (select customer_id from left_out_events)
                      and customer_id not in (select customer_id from gathered))"""
        )
    con.execute(
        """create table customers as from people
           where customer_id not in (select customer_id from left_out_customers) order by customer_id"""
    )


def _number(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(f"create table events as {IN_ORDER}")
    con.execute("drop table gathered")


# What is gathered, sorted by (customer, time, ordinal), numbered, and what came next written down. Ties go
# by the name in the export, so that calling an event something else moves nothing.
# The windows have no partition and no order of their own, so they run along the sorted rows instead of
# sorting them again (DuckDB keeps the order of what a window reads, engine.md B4); nothing is written down
# in between, which would be the largest table of all.
IN_ORDER = """
select * exclude (next_customer, next_event, next_at),
       case when next_customer = customer_id then next_event end as next_event,
       case when next_customer = customer_id then next_at end as next_at,
       case when next_customer = customer_id then position + 1 end as next_position
from (select *, date_trunc('week', local_date)::date as local_week,
             row_number() over () as position,
             lead(customer_id) over () as next_customer,
             lead(event) over () as next_event,
             lead(occurred_at) over () as next_at
      from (from gathered
            order by customer_id, occurred_at, ordinal, source, raw_event, event_id))
"""


def _keep_for_growing(con: duckdb.DuckDBPyConnection, recipe: Recipe) -> None:
    """What joining customers rests on, with its outcome: growing.py looks only at what new rows touch.

    A snapshot from which something is left out does not grow, so it keeps nothing of this.
    """
    if recipe.id_sets is None or recipe.clean_up != CleanUp():
        return
    con.register("sets_held", recipe.id_sets)
    con.execute(
        """create table id_sets as
           select s.*, w.customer_id
           from sets_held s left join who w on w.ids = array_to_string(s.raw_ids, chr(31))"""
    )
    con.execute("create table refused_ids as from refused order by raw_id")
