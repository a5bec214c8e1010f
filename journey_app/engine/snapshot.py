"""How do batches become a snapshot? Deduplicated, stitched, coded, sorted, numbered; then never changed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from journey_app.engine.batches import BatchFolder
from journey_app.engine.connection import Limits, scratch

# Few distinct values and asked about in every question: stored as codes.
CODED = ("event", "source", "system", "channel", "device", "currency")


@dataclass(frozen=True)
class Recipe:
    """Everything a snapshot is made from; equal recipes give equal snapshots.

    who: raw_ids (text, joined by the unit separator) → customer_id. customers: one row per customer.
    """

    version: str
    timezone: str
    batches: tuple[str, ...]
    who: pa.Table
    customers: pa.Table


def build_snapshot(batches: BatchFolder, recipe: Recipe, folder: Path, limits: Limits) -> Path:
    """Write `<version>.duckdb` beside the snapshots there are; an existing one is left as it is.

    Of an event that several batches hold, the earliest batch's row counts, its ordinal included.
    """
    target = folder / f"{recipe.version}.duckdb"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    building = folder / f".{recipe.version}.building"
    building.unlink(missing_ok=True)
    try:
        with scratch(limits, building) as con:
            con.register("who", recipe.who)
            con.register("people", recipe.customers)
            _collect(con, batches, recipe)
            _number(con)
            con.execute("create table customers as select * from people order by customer_id")
            con.execute(
                "create table about as select $version as version, $zone as timezone",
                {"version": recipe.version, "zone": recipe.timezone},
            )
            con.execute("checkpoint")
        with building.open("rb") as file:
            os.fsync(file.fileno())
        building.replace(target)
    finally:
        building.unlink(missing_ok=True)
        building.with_name(building.name + ".wal").unlink(missing_ok=True)
    return target


def _collect(con: duckdb.DuckDBPyConnection, batches: BatchFolder, recipe: Recipe) -> None:
    """All batches as one table, each event once, with its customer and its local day."""
    parts = []
    params: dict[str, object] = {"zone": recipe.timezone}
    for number, batch in enumerate(recipe.batches):
        params[f"b{number}"] = str(batches.events_file(batch))
        parts.append(f"select *, {number} as batch_no from read_parquet($b{number})")  # noqa: S608
    if not parts:
        con.execute(_EMPTY)
    else:
        once = (
            ""
            if len(parts) == 1
            else "qualify row_number() over (partition by event_id order by batch_no) = 1"
        )
        con.execute(
            f"""
            create temp table gathered as
            select e.* exclude (batch_no), w.customer_id,
                   (e.occurred_at at time zone 'UTC' at time zone $zone)::date as local_date
            from (select * from ({" union all by name ".join(parts)}) {once}) e
            join who w on w.ids = array_to_string(e.raw_ids, chr(31))
            """,  # noqa: S608 — only our own numbered parameters are put together here
            params,
        )
    for column in CODED:
        con.execute(
            f"create type {column}_code as enum "  # noqa: S608 — only our own column names
            f"(select distinct {column} from gathered where {column} is not null order by 1)"
        )


# Column for column what a batch holds, so that a workspace without events opens like any other.
_EMPTY = """
create temp table gathered (
  event varchar, occurred_at timestamp, day_only boolean, source varchar, system varchar, channel varchar,
  device varchar, amount double, currency varchar, "text" varchar, session_id varchar, account_id varchar,
  properties varchar, raw_ids varchar[], ordinal bigint, event_id varchar, batch_id varchar,
  customer_id integer, local_date date)
"""


def _number(con: duckdb.DuckDBPyConnection) -> None:
    """Sort by (customer, time, ordinal), number, and write down what came next."""
    con.execute(
        f"""
        create table events as
        select customer_id::integer as customer_id, {_coded_columns()},
               occurred_at, local_date, date_trunc('week', local_date)::date as local_week, position,
               lead(event) over mine::event_code as next_event,
               lead(occurred_at) over mine as next_at,
               lead(position) over mine as next_position,
               day_only, amount, session_id, account_id, "text", properties,
               event_id, batch_id, raw_ids, ordinal
        from (select *, row_number() over (order by customer_id, occurred_at, ordinal, event_id) as position
              from gathered)
        window mine as (partition by customer_id order by position)
        order by position
        """  # noqa: S608 — only our own column names
    )
    con.execute("drop table gathered")


def _coded_columns() -> str:
    return ", ".join(f"{column}::{column}_code as {column}" for column in CODED)
