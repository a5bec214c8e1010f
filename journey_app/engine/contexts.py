"""Which of several reports without people counts for a day? The newest; nothing is counted twice."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from journey_app.engine.batches import BatchFolder

_EMPTY = """
create temp table told (
  source varchar, detail varchar, first_day date, last_day date, channel varchar, medium varchar,
  campaign varchar, currency varchar, spend double, impressions double, clicks double, conversions double,
  sessions double, users double, views double, batch_no integer)
"""


def write_contexts(con: duckdb.DuckDBPyConnection, batches: BatchFolder, names: Sequence[str]) -> None:
    """The table `context` of a snapshot, from the batches that hold any, oldest first.

    Source: docs/decisions/018-spend-and-traffic-beside-the-funnel.md
    """
    _tell(con, batches, names)
    con.execute(_CONTEXT)
    _drop(con)


def write_in_force(
    con: duckdb.DuckDBPyConnection, batches: BatchFolder, names: Sequence[str], table: str
) -> None:
    """The rows that count of these batches, oldest first, as a temporary table: those of `told`, batch_no too."""
    _tell(con, batches, names)
    con.execute(f"create temp table {table} as {_IN_FORCE}")
    _drop(con)


def _tell(con: duckdb.DuckDBPyConnection, batches: BatchFolder, names: Sequence[str]) -> None:
    con.execute(_EMPTY)
    for number, batch in enumerate(names):
        file = batches.context_file(batch)
        if file.exists():
            con.execute(
                "insert into told by name select *, $number::integer as batch_no from read_parquet($file)",
                {"number": number, "file": str(file)},
            )
    con.execute(_NEWEST)


def _drop(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("drop table newest")
    con.execute("drop table told")


# Of the same days, the newest import says how finely they are told, and each of its rows replaces the
# older one of its channel and campaign. A count that it does not tell, as an export of fewer columns does
# not, stays what the older one told; money goes with its currency, so it does not.
COUNTS = ("impressions", "clicks", "conversions", "sessions", "users", "views")
_KEPT = ", ".join(
    f"case when alone then last_value({name} ignore nulls) over so_far else {name} end as {name}"
    for name in COUNTS
)
_NEWEST = f"""
create temp table newest as
select * exclude (latest, alone) replace ({_KEPT}) from (
  select *, count(*) over (partition by source, first_day, last_day, channel, campaign, batch_no) = 1 as alone
  from (
    select *, arg_max(detail, batch_no) over (partition by source, first_day, last_day) as latest from told)
  where detail = latest)
window so_far as (
  partition by source, first_day, last_day, channel, campaign order by batch_no
  rows between unbounded preceding and current row)
qualify rank() over (
  partition by source, first_day, last_day, channel, campaign order by batch_no desc) = 1
"""  # noqa: S608 — the names are ours

# Periods of several days may overlap without being equal: then the newer one counts.
_IN_FORCE = """
select n.* from newest n
where n.first_day = n.last_day or not exists (
  from newest o where o.source = n.source and o.batch_no > n.batch_no and o.first_day < o.last_day
    and o.first_day <= n.last_day and o.last_day >= n.first_day
    and (o.detail <> n.detail or (o.channel is not distinct from n.channel
                                  and o.campaign is not distinct from n.campaign)))
"""

# A period inside one week stands for that week, unless its source tells days of that week one by one.
_CONTEXT = f"""
create table context as
select n.source, n.first_day, n.last_day,
       case when date_trunc('week', n.first_day) = date_trunc('week', n.last_day)
             and (n.first_day = n.last_day or not exists (
               from newest d where d.source = n.source and d.first_day = d.last_day
                 and date_trunc('week', d.first_day) = date_trunc('week', n.first_day)))
            then date_trunc('week', n.first_day)::date end as local_week,
       n.* exclude (source, detail, first_day, last_day, batch_no)
from ({_IN_FORCE}) n
order by n.source, n.first_day, n.last_day, n.channel, n.campaign, n.currency
"""  # noqa: S608 — as above
