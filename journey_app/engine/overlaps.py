"""What do batches have in common: the same events, the same events otherwise, the same way to name people?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import pyarrow.parquet as pq

from journey_app.engine import orders
from journey_app.engine.batches import BatchFolder, known
from journey_app.engine.connection import scratch

FIRST_ROWS = 2_000  # enough to see how a batch names people
WITHOUT_ID = "[0-9a-f]{24}[#@]-?[0-9]+"  # ids made of what a row or an order says


@dataclass(frozen=True)
class Elsewhere:
    """A source that holds events of a batch already.

    events: how many. ids: what its user ids are typed as, None where those events have none.
    """

    source: str
    system: str
    events: int
    ids: str | None


@dataclass(frozen=True)
class Twins:
    """New events that may be old ones, where both know the time of day and where one of them knows the day only.

    timed, daily: how many could be. days: on how many days there are twins by the day. renamed: of `unheard`, events
    of names that are new in their source, those that an old one of another name may be. covered: of the `there`
    old ones between the first and the last of these, those that one of them may be.
    """

    timed: int = 0
    timed_twins: int = 0
    daily: int = 0
    daily_twins: int = 0
    days: int = 0
    unheard: int = 0
    renamed: int = 0
    there: int = 0
    covered: int = 0


def read_otherwise(folder: BatchFolder, batch: str, others: Sequence[str]) -> int:
    """How many events of a batch these others hold in another reading: its rows as events, or as parts of one."""
    own, theirs = folder.orders_of([batch]), folder.orders_of(others)
    if not own and not theirs:
        return 0
    files = [folder.events_file(other) for other in others]
    with scratch(folder.limits) as con:
        return orders.read_otherwise(con, (folder.events_file(batch), own[0] if own else None), files, theirs)


def orders_changed(folder: BatchFolder, batch: str, other: str) -> int:
    """How many orders of a batch another one holds with another amount."""
    own = folder.orders_of([batch])
    if not own:
        return 0
    with scratch(folder.limits) as con:
        return orders.changed(con, folder.events_file(batch), own[0], [folder.events_file(other)])


def elsewhere(folder: BatchFolder, batch: str, others: Sequence[str]) -> list[Elsewhere]:
    """The other sources under which these others hold events of a batch, that of the most first.

    Only for ids that do not name their source: those of logs that nobody described.
    """
    if not others:
        return []
    with scratch(folder.limits) as con:
        rows = con.execute(
            """select o.source, min(o.system), count(distinct n.event_id),
                      min(list_filter(
                        list_transform(o.raw_ids, lambda id: split_part(id, ':', 1)),
                        lambda kind: kind = 'user_id' or regexp_full_match(kind, '.*\\.[0-9a-f]{6}')
                      )[1])
               from read_parquet($f) n
               join read_parquet($old) o on n.event_id = o.event_id and n.source <> o.source
               group by o.source order by 3 desc, 1""",
            {"f": str(folder.events_file(batch)), "old": [str(folder.events_file(b)) for b in others]},
        ).fetchall()
    return [Elsewhere(*row) for row in rows]


def twins(
    folder: BatchFolder, batch: str, others: Sequence[str], shifts: Sequence[timedelta] = (timedelta(),)
) -> Twins:
    """New events of a batch beside which these others hold one of the same source with the same customer and time,
    but other cells. Only events without ids of their own count, rows as well as orders; what is known again by its
    id is no such twin. A time without seconds is any of its minute, one without a time of day any of its day.
    shifts: by how much the time of the old one may be later.
    """
    if not others or not shifts:
        return Twins()
    with scratch(folder.limits) as con:
        params = {
            "f": str(folder.events_file(batch)),
            "old": [str(folder.events_file(b)) for b in others],
            "without_id": WITHOUT_ID,
            "shifts": [shift // timedelta(microseconds=1) for shift in shifts],
        }
        for statement in (_OLD, _NEW):
            con.execute(statement, {name: value for name, value in params.items() if f"${name}" in statement})
        same = _row(con, _SAME.format(matched=_matched("new", "old", "event")))
        renamed = _row(
            con, _RENAMED.format(matched=_matched("unheard", "old"), back=_matched("there", "unheard"))
        )
    return Twins(*same, *renamed)


def _row(con: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    found = con.execute(query).fetchone()
    assert found is not None
    return tuple(map(int, found))


def _matched(one: str, other: str, *alike: str) -> str:
    """Rows of one table and whether the other has a row at their time: by_time, by_day.

    alike: what is the same in both, besides source and customer. Two coarse times are compared from both ends.
    """

    def like(there: str) -> str:
        return " and ".join(f"{there}.{name} = n.{name}" for name in ("source", "who", *alike))

    return f"""(
      select n.*,
             (after_it and not n.day_only and not later.day_only) or minute.until > n.moment as by_time,
             (after_it and (n.day_only or later.day_only)) or day.until > n.moment as by_day
      from (from {one}) n
      asof left join {other} later on {like("later")} and later.moment >= n.moment
      asof left join (from {other} where not day_only and moment < until) minute
        on {like("minute")} and minute.moment <= n.moment
      asof left join (from {other} where day_only) day on {like("day")} and day.moment <= n.moment
      cross join lateral (select later.moment = n.moment or later.moment < n.until as after_it))"""  # noqa: S608


_TIMES = """
moment + case when day_only then interval 1 day when moment = date_trunc('minute', moment) then interval 1 minute
          else interval 0 second end as until
"""
_OLD = f"""
create or replace temp table old as
select *, {_TIMES} from (
  select source, event, raw_ids[1] as who, occurred_at - to_microseconds(shift) as moment,
         coalesce(day_only, false) as day_only, split_part(event_id, '#', 1) as content
  from read_parquet($old), (select unnest($shifts::bigint[]) as shift)
  where source in (select distinct source from read_parquet($f)))
"""  # noqa: S608
_NEW = f"""
create or replace temp table new as
select *, {_TIMES}, event not in (select event from old where old.source = n.source) as unheard from (
  select source, event, raw_ids[1] as who, occurred_at as moment, coalesce(day_only, false) as day_only, event_id
  from read_parquet($f)) n
where regexp_full_match(event_id, $without_id)
  and not exists (from old where old.source = n.source and old.content = split_part(n.event_id, '#', 1))
"""  # noqa: S608
_SAME = """
with seen as (select *, coalesce(by_time, false) as timed_twin, coalesce(by_day, false) as daily_twin from {matched}),
     by_days as (select coalesce(bool_or(day_only), false) as any_day from old)
select count(*) filter (not day_only), count(*) filter (timed_twin),
       count(*) filter (day_only or any_day), count(*) filter (daily_twin and not timed_twin),
       count(distinct date_trunc('day', moment)) filter (daily_twin and not timed_twin)
from seen, by_days
"""
_RENAMED = """
with unheard as (from new where unheard),
     there as (from old where moment between (select min(moment) from unheard) and (select max(moment) from unheard)),
     seen as (select coalesce(by_time, false) or coalesce(by_day, false) as twin from {matched}),
     covered as (select coalesce(by_time, false) or coalesce(by_day, false) as twin from {back})
select (select count(*) from seen), (select count(*) filter (twin) from seen),
       (select count(*) from covered), (select count(*) filter (twin) from covered)
"""


def span(folder: BatchFolder, batch: str) -> tuple[datetime, datetime]:
    """When the first and the last event of a batch happened, UTC without saying so. It holds at least one."""
    with scratch(folder.limits) as con:
        found = con.execute(
            "select min(occurred_at), max(occurred_at) from read_parquet($f)",
            {"f": str(folder.events_file(batch))},
        ).fetchone()
    assert found is not None
    return found[0], found[1]


def numbers_by(folder: BatchFolder, batch: str, kind: str) -> bool:
    """Whether ids of this type are plain numbers in a batch, as far as its first rows tell."""
    with scratch(folder.limits) as con:
        found = con.execute(
            """select 1 from (
                 select unnest(raw_ids) as id from (select raw_ids from read_parquet($events) limit $rows)
                 union all
                 select unnest(raw_ids) as id from (select raw_ids from read_parquet($links) limit $rows))
               where starts_with(id, $kind || ':') and regexp_full_match(id, '.*:[0-9]{1,9}(\\.0)?') limit 1""",
            {
                "events": str(folder.events_file(batch)),
                "links": str(folder.links_file(batch)),
                "rows": FIRST_ROWS,
                "kind": kind,
            },
        ).fetchone()
    return found is not None


def shared_with(folder: BatchFolder, batch: str, others: Sequence[str]) -> tuple[int, int]:
    """How many events a batch holds, and how many of them these others hold, too."""
    file = folder.events_file(batch)
    with scratch(folder.limits) as con:
        return pq.read_metadata(file).num_rows, known(con, file, [folder.events_file(b) for b in others])
