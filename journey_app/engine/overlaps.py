"""What do batches have in common: the same events, the same events otherwise, the same way to name people?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

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
    """New events that may be old ones, those with a time of day and those that know the day only.

    days: on how many days there are twins that know the day only.
    """

    timed: int = 0
    timed_twins: int = 0
    daily: int = 0
    daily_twins: int = 0
    days: int = 0


def read_otherwise(folder: BatchFolder, batch: str, others: Sequence[str]) -> int:
    """How many events of a batch these others hold in another reading: its rows as events, or as parts of one."""
    own, theirs = folder.orders_of([batch]), folder.orders_of(others)
    if not own and not theirs:
        return 0
    files = [folder.events_file(other) for other in others]
    with scratch(folder.limits) as con:
        return orders.read_otherwise(con, (folder.events_file(batch), own[0] if own else None), files, theirs)


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
    """New events of a batch beside which these others hold one of the same source with the same customer, event
    and time, but other cells. Only events without ids of their own count, rows as well as orders; what is known
    again by its id is no such twin. shifts: by how much the time of the old one may be later.
    """
    if not others or not shifts:
        return Twins()
    with scratch(folder.limits) as con:
        rows = con.execute(
            """with old as (select source, event, occurred_at, raw_ids[1] as who,
                                   split_part(event_id, '#', 1) as content from read_parquet($old)
                                where source in (select distinct source from read_parquet($f))),
                    moved as (select source, event, who, occurred_at - to_microseconds(shift) as at_time
                              from old, (select unnest($shifts::bigint[]) as shift)),
                    new as (select * from read_parquet($f) n
                            where regexp_full_match(event_id, $without_id) and not exists (
                              from old o where o.source = n.source and o.content = split_part(n.event_id, '#', 1))),
                    seen as (select day_only, occurred_at, exists (
                               from moved o where o.source = new.source and o.event = new.event
                                 and o.at_time = new.occurred_at and o.who = new.raw_ids[1]) as twin from new)
               select day_only, count(*), count(*) filter (twin), count(distinct occurred_at) filter (twin)
               from seen group by day_only""",
            {
                "f": str(folder.events_file(batch)),
                "old": [str(folder.events_file(b)) for b in others],
                "without_id": WITHOUT_ID,
                "shifts": [shift // timedelta(microseconds=1) for shift in shifts],
            },
        ).fetchall()
    counted = {bool(row[0]): tuple(map(int, row[1:])) for row in rows}
    timed, daily = counted.get(False, (0, 0, 0)), counted.get(True, (0, 0, 0))
    return Twins(timed[0], timed[1], *daily)


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
