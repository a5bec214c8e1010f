"""How do the rows of one order become one event, wherever in their file they stand?

Each row names the order it is of. The rows are brought together here, where what does not fit into memory
goes to disk: a stream that is read once would have to hold every order that may still go on.
Source: docs/decisions/029-lines-of-one-order.md
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

FORGOTTEN = timedelta(days=90)  # after so long a number is used again, and nobody adds to its old order


def holds_lines(con: duckdb.DuckDBPyConnection, raw: Path) -> bool:
    """Whether any row names the order it is of."""
    if "one_of" not in pq.read_schema(raw).names:
        return False
    return _number(con, "select count(one_of) from read_parquet($raw)", {"raw": str(raw)}) > 0


def settle(
    con: duckdb.DuckDBPyConnection,
    batch: str,
    raw: Path,
    target: Path,
    orders: Path,
    before: Sequence[tuple[Path, Path]],
) -> int:
    """Write one event for the rows of each order, and which orders they are; returns how many rows counted.

    The first row says what the event is; amounts are added up, or one is taken where each row repeats that of
    the order; of rows in several currencies, or where one has no amount, it is unknown. Nothing is of any
    currency, and a row that names none is in that of the others. An order of one row
    has the id of that row, so that reading such a file either way brings nothing twice. A number that is used
    again is another order: at any other time where orders are of one time, else when FORGOTTEN is over.
    before: the events and the orders of earlier batches; an order that is there keeps its id, whichever of its
    rows this file holds, and however exactly it tells the time.
    """
    con.execute(_LINES, {"raw": str(raw), "days": FORGOTTEN.days})
    _know_again(con, before)
    con.execute(_SEVERAL_IDS)
    con.execute(_SETTLED.format(target=_literal(target)), {"batch": batch})
    con.execute(_WHICH.format(told=_literal(target), target=_literal(orders)))
    return _number(
        con,
        """select count(*) filter (event_id is null) + count(distinct (source, event_id)) filter
           (event_id is not null) from read_parquet($raw)""",
        {"raw": str(raw)},
    )


def _know_again(con: duckdb.DuckDBPyConnection, before: Sequence[tuple[Path, Path]]) -> None:
    """Which orders of this file are here already, under which id."""
    if not before:
        con.execute(_NONE_BEFORE)
        return
    events, orders = ([str(file) for file in files] for files in zip(*before, strict=True))
    con.execute(_BEFORE, {"events": events, "orders": orders, "days": FORGOTTEN.days})


def taken_for_others(con: duckdb.DuckDBPyConnection) -> int:
    """How many orders of the file that was settled last are here already, but on another day."""
    return _number(con, "select count(*) from orders_before where on_another_day", {})


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


# moment: what tells the orders of one number apart, the time of the first row of each.
_LINES = """
create or replace temp table lines as
select * exclude (begins),
       case when one_of is null then null
            when at_once then occurred_at
            else max(case when begins then occurred_at end) over (partition by one_of order by occurred_at, ordinal)
       end as moment
from (select *, one_of is not null and not at_once
                and coalesce(occurred_at > to_days($days::integer) + lag(occurred_at)
                             over (partition by one_of order by occurred_at, ordinal), true) as begins
      from read_parquet($raw))
"""

_NONE_BEFORE = """
create or replace temp table orders_before as
select null::varchar as one_of, null::timestamp as moment, null::varchar as known_as, false as on_another_day
where false
"""
# A time without seconds is any of its minute, and one without a time of day any of its day.
_BEFORE = """
create or replace temp table orders_before as
with here as (
  select one_of, moment, bool_or(at_once) as at_once, {until}
  from lines where one_of is not null group by 1, 2),
there as (
  select o.one_of, o.event_id, min(e.occurred_at) as moment, {until_there}
  from read_parquet($orders) o join read_parquet($events) e using (event_id) group by 1, 2)
select here.one_of, here.moment, min(there.event_id) as known_as,
       bool_and(abs(date_diff('hour', there.moment, here.moment)) > 24) as on_another_day
from here join there using (one_of)
where there.moment = here.moment
   or (there.moment > here.moment and there.moment < here.until)
   or (here.moment > there.moment and here.moment < there.until)
   or (not here.at_once and there.moment between here.moment - to_days($days::integer)
                                         and here.moment + to_days($days::integer))
group by 1, 2
"""
_UNTIL = """
max({at} + case when {day_only} then interval 1 day
                when {at} = date_trunc('minute', {at}) then interval 1 minute
                else interval 0 second end) as until
"""
_BEFORE = _BEFORE.format(
    until=_UNTIL.format(at="moment", day_only="day_only"),
    until_there=_UNTIL.format(at="e.occurred_at", day_only="e.day_only"),
)

# Where an id stands in one row of an order only, such as an address, the event has it, too.
_SEVERAL_IDS = """
create or replace temp table all_ids as
with several as (
  select one_of, moment from lines where one_of is not null group by 1, 2
  having min(hash(raw_ids)) <> max(hash(raw_ids)))
select r.one_of, r.moment, list(distinct id order by id) as ids
from (select one_of, moment, unnest(raw_ids) as id from lines where one_of is not null) r
semi join several s on s.one_of = r.one_of and s.moment is not distinct from r.moment
group by 1, 2
"""

_SETTLED = """
copy (
  with once as (
    select * exclude (content_hash, "row", event_id, nth, at_once),
           coalesce(event_id, content_hash || '#' || nth) as line
    from (select *, row_number() over (
            partition by source, event_id, case when event_id is null then content_hash end
            order by ordinal, "row") as nth
          from lines)
    where event_id is null or nth = 1),
  told as (
    select *, row_number() over first_on_top as nth, count(*) over every as many, min(line) over every as least,
           case when not adds_up then first_value(amount ignore nulls) over whole
                when count(amount) over every = count(*) over every
                     and min(counts_in) over every is not distinct from max(counts_in) over every
                then round(sum(amount) over every, 6) end as all_of_it,
           coalesce(min(counts_in) over every, currency) as in_currency
    from (select *, case when amount <> 0 then currency end as counts_in from once)
    window every as (partition by source, coalesce(one_of, line), moment),
           first_on_top as (partition by source, coalesce(one_of, line), moment order by occurred_at, ordinal),
           whole as (partition by source, coalesce(one_of, line), moment order by occurred_at, ordinal
                     rows between unbounded preceding and unbounded following))
  select t.* exclude (line, least, many, nth, all_of_it, amount, raw_ids, adds_up, moment, counts_in, in_currency,
                      currency),
         case when many = 1 then amount else all_of_it end as amount,
         case when many = 1 then currency else in_currency end as currency,
         case when i.ids is null then raw_ids
              else raw_ids || list_filter(i.ids, lambda id: not list_contains(raw_ids, id)) end as raw_ids,
         coalesce(b.known_as, case when many = 1 then line
                                   else t.one_of || '@' || epoch_ms(occurred_at) end) as event_id,
         least as line, $batch as batch_id
  from told t
  left join all_ids i on i.one_of = t.one_of and i.moment is not distinct from t.moment
  left join orders_before b on b.one_of = t.one_of and b.moment is not distinct from t.moment
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
