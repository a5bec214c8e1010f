"""Which numbers told before does a report without people take the place of, and what do they become?

Source: docs/decisions/018-spend-and-traffic-beside-the-funnel.md
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from journey_app.engine.batches import BatchFolder
from journey_app.engine.connection import scratch
from journey_app.engine.contexts import COUNTS, write_in_force

NOT_ADDED = "users"  # the same person may stand in several rows
SUMMED = tuple(name for name in COUNTS if name != NOT_ADDED)


@dataclass(frozen=True)
class Replaced:
    """Spans of days, of which rows told before are told otherwise.

    spans: how many. single: whether each is one day. spend: currency (None where none was told) → sum before
    and after; counts: measure → the same. None for a sum of which nothing was told.
    """

    spans: int = 0
    single: bool = True
    spend: Mapping[str | None, tuple[float | None, float | None]] = field(default_factory=dict)
    counts: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Foreign:
    """Spans of days told before in currencies that a report does not name for them, but others.

    spans, single: as for `Replaced`. here, new: those currencies, in order.
    """

    spans: int
    single: bool
    here: tuple[str, ...]
    new: tuple[str, ...]


def foreign(folder: BatchFolder, batch: str, before: Sequence[str]) -> Foreign | None:
    """Rows of a batch that would replace rows in another currency; None without one.

    before: the batches it comes after, oldest first.
    """
    with scratch(folder.limits) as con:
        _compare(con, folder, batch, before)
        found = con.execute(_FOREIGN).fetchone()
    assert found is not None
    spans, single, here, new = found
    return Foreign(spans, single, tuple(here), tuple(new)) if spans else None


def replaced(folder: BatchFolder, batch: str, before: Sequence[str]) -> Replaced:
    """What the rows of a batch change of what was told. before: as for `foreign`."""
    with scratch(folder.limits) as con:
        _compare(con, folder, batch, before)
        found = con.execute(
            "select count(distinct (first_day, last_day)), bool_and(first_day = last_day) from gone"
        )
        spans, single = found.fetchone() or (0, None)
        if not spans:
            return Replaced()
        spend = {code: (was, now) for code, was, now in con.execute(_SPEND).fetchall()}
        sums = con.execute(_COUNTS).fetchone()
    assert sums is not None
    counts = dict(zip(SUMMED, zip(sums[::2], sums[1::2], strict=True), strict=True))
    return Replaced(spans, single, spend, counts)


def _compare(con: duckdb.DuckDBPyConnection, folder: BatchFolder, batch: str, before: Sequence[str]) -> None:
    """The tables gone (rows that count no more as they did), come (those of the batch) and pairs of the two."""
    write_in_force(con, folder, before, "here")
    write_in_force(con, folder, [*before, batch], "afterwards")
    con.execute(_GONE)
    con.execute("create temp table come as from afterwards where batch_no = $new", {"new": len(before)})
    con.execute(_PAIRS)


_NUMBERS = ", ".join(("spend", *COUNTS))
_ROW = f"source, detail, first_day, last_day, channel, campaign, currency, {_NUMBERS}"
_GONE = f"create temp table gone as select {_ROW} from here except select {_ROW} from afterwards"  # noqa: S608

# As `contexts` has it: a row gives way to one of its span, channel and campaign, or to any of its span in
# another detail; of periods of several days an overlap is enough.
_SAME = "g.channel is not distinct from n.channel and g.campaign is not distinct from n.campaign"
_OVERLAP = """g.first_day < g.last_day and n.first_day < n.last_day
  and n.first_day <= g.last_day and n.last_day >= g.first_day"""
_PAIRS = f"""
create temp table pairs as
select g.rowid as was, n.rowid as now from gone g join come n
  on g.source = n.source and g.first_day = n.first_day and g.last_day = n.last_day and g.detail = n.detail and {_SAME}
union select g.rowid, n.rowid from gone g join come n
  on g.source = n.source and g.first_day = n.first_day and g.last_day = n.last_day and g.detail <> n.detail
union select g.rowid, n.rowid from gone g join come n on g.source = n.source and g.detail = n.detail
  and {_SAME} and {_OVERLAP}
union select g.rowid, n.rowid from gone g join come n on g.source = n.source and g.detail <> n.detail and {_OVERLAP}
"""  # noqa: S608 — all of it is ours

_FOREIGN = """
select count(distinct (first_day, last_day)), coalesce(bool_and(first_day = last_day), true),
       coalesce(list_sort(list_distinct(list(here))), []), coalesce(list_sort(list_distinct(flatten(list(new)))), [])
from (
  select g.first_day, g.last_day, g.currency as here, list(distinct n.currency) as new
  from pairs join gone g on g.rowid = was join come n on n.rowid = now
  where g.currency is not null and n.currency is not null
  group by g.rowid, g.first_day, g.last_day, g.currency
  having not bool_or(n.currency = g.currency))
"""

_SPEND = """
select coalesce(g.currency, n.currency), g.spend, n.spend from
  (select currency, sum(spend) as spend from gone where spend is not null group by currency) g
  full join
  (select currency, sum(spend) as spend from come
   where spend is not null and rowid in (select now from pairs) group by currency) n
  on g.currency is not distinct from n.currency
order by 1
"""

_SUMS = ", ".join(f"g.{name}, n.{name}" for name in SUMMED)
_ADDED = ", ".join(f"sum({name}) as {name}" for name in SUMMED)
_COUNTS = f"""
select {_SUMS} from (select {_ADDED} from gone) g,
                    (select {_ADDED} from come where rowid in (select now from pairs)) n
"""  # noqa: S608 — the names are ours
