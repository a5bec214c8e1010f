"""What would a snapshot hold by another clean-up? Looked at beside it; nothing is built and nothing changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import duckdb
import ibis
import pyarrow as pa

from journey_app.engine import cleaning
from journey_app.engine.base import CONTEXT, CUSTOMERS, EVENTS, IDS, LINKS
from journey_app.engine.embedded import Snapshot, compiled, within
from journey_app.vocabulary import CleanUp, LeaveOut

# Everything a measure, a funnel or a rule can ask.
_KEPT = (
    "customer_id, raw_event::varchar as raw_event, occurred_at, local_date, day_only, source, system, channel, "
    "device, amount, currency, session_id, account_id, batch_id, event_id, raw_ids, ordinal, properties, text"
)


@dataclass(frozen=True)
class Held:
    """How many events and customers there are, or go."""

    events: int
    customers: int


@dataclass(frozen=True)
class RawName:
    """An event as its exports call it. shown: what it is called here. first, last: UTC; None where it never was."""

    raw: str
    shown: str
    hidden: bool
    events: int
    customers: int
    first: datetime | None
    last: datetime | None


class Trial:
    """The events of a snapshot as another clean-up would have them (implements `engine.base.Events`).

    Order and names are those of a snapshot built so; what comes next is not worked out, so questions
    about it must wait for the snapshot.
    """

    table = EVENTS
    customers = CUSTOMERS
    context = CONTEXT
    ids = IDS
    links = LINKS

    def __init__(self, snapshot: Snapshot, clean_up: CleanUp) -> None:
        self.version, self.timezone = f"{snapshot.version}?", snapshot.timezone
        self._limits = snapshot.limits
        self._cursor = snapshot.cursor()
        self._alone = threading.Lock()
        self._prepare(clean_up)

    def _prepare(self, clean_up: CleanUp) -> None:
        name = self._fetch("select current_database()")[0][0]
        self._real = real = f'"{name}".main'
        apart = self._fetch(f"select count(*) from {real}.left_out_events")[0][0] > 0
        numbered = (
            "row_number() over (order by customer_id, occurred_at, ordinal, source, raw_event, event_id)"
            if apart
            else "position"
        )
        both = f"from {real}.events"
        if apart:
            both = f"from {real}.events union all by name from {real}.left_out_events"
        shown = cleaning.shown(clean_up.names, "raw_event::varchar")
        self._execute(
            f"""create temp view every_row as
                select {_KEPT}, {shown} as event, {numbered} as position,
                       date_trunc('week', local_date)::date as local_week from ({both})"""
        )
        self._execute(
            f"create temp view everybody as from {real}.customers union all from {real}.left_out_customers"
        )
        self._execute(
            f"create temp table gone as {cleaning.gone(clean_up.leave_out, 'every_row', 'everybody')}"
        )
        without = cleaning.aside(clean_up, "gone")
        self._execute(f"create temp view events as from every_row where not ({without})")
        self._execute(
            """create temp view customers as from everybody
               where customer_id not in (from gone)
                 and (customer_id in (select customer_id from events)
                      or customer_id not in (select customer_id from every_row))"""
        )

    def run(self, expression: ibis.Table) -> pa.Table:
        """The small answer of an expression over `table` and `customers`, fetched whole."""
        with self._alone, within(self._limits, self._cursor):
            return self._cursor.sql(compiled(expression)).to_arrow_table()

    def held(self) -> Held:
        """What is left."""
        return self._held("events", "customers")

    def everything(self) -> Held:
        """What there is without any clean-up."""
        return self._held("every_row", "everybody")

    def _held(self, rows: str, people: str) -> Held:
        found = self._fetch(f"select (select count(*) from {rows}), (select count(*) from {people})")[0]
        return Held(*map(int, found))

    def alone(self, rules: Sequence[LeaveOut]) -> tuple[Held, ...]:
        """For each rule, what it would take from everything if it were the only one."""
        return tuple(self._taken_by(rule) for rule in rules)

    def _taken_by(self, rule: LeaveOut) -> Held:
        clean_up = CleanUp((rule,))
        gone = cleaning.gone(clean_up.leave_out, "every_row", "everybody")
        taken = cleaning.aside(clean_up, "whom")
        row = self._fetch(
            f"""with whom as materialized ({gone}),
                     taken as materialized (select customer_id from every_row where {taken}),
                     lost as (select customer_id, count(*) as n from taken group by all),
                     had as (select customer_id, count(*) as n from every_row
                             where customer_id in (select customer_id from lost) group by all)
                select (select count(*) from taken),
                       (select count(*) from (select customer_id from whom where customer_id is not null
                        union select customer_id from lost join had using (customer_id) where lost.n = had.n))"""
        )[0]
        return Held(int(row[0]), int(row[1]))

    def raw_names(self, hidden: Sequence[str] = ()) -> tuple[RawName, ...]:
        """Every event by the name its exports give it, most frequent first, hidden and left out ones too."""
        rows = self._fetch(
            """select raw_event, any_value(event), count(*), count(distinct customer_id),
                      min(occurred_at), max(occurred_at)
               from every_row group by raw_event order by 3 desc, 1"""
        )
        return tuple(RawName(raw, name, name in hidden, *rest) for raw, name, *rest in rows)

    def left_out(self, wanted: str, most: int) -> list[tuple[int, str]]:
        """(customer_id, label) of customers in none of the questions, one of whose ids contains `wanted`."""
        return self._fetch(
            f"""select customer_id, label from {self._real}.left_out_customers
                where contains(lower(array_to_string(raw_ids, chr(10))), {cleaning.literal(wanted.lower())})
                order by key limit {most}"""
        )

    def touched(self, clean_up: CleanUp, customer_id: int) -> bool:
        """Whether this would take anything of a customer's, or all of them."""
        gone = cleaning.gone(clean_up.leave_out, "every_row", "everybody")
        found = self._fetch(
            f"""with whom as materialized ({gone})
                select exists(select 1 from whom where customer_id = {customer_id})
                    or exists(select 1 from every_row where customer_id = {customer_id}
                              and ({cleaning.aside(clean_up, "whom")}))"""
        )
        return bool(found[0][0])

    def _fetch(self, query: str) -> list[tuple]:
        with self._alone, within(self._limits, self._cursor):
            return self._cursor.execute(query).fetchall()

    def _execute(self, query: str) -> None:
        with self._alone, within(self._limits, self._cursor):
            self._cursor.execute(query)

    def close(self) -> None:
        self._cursor.close()


@contextmanager
def trial(snapshot: Snapshot, clean_up: CleanUp) -> Iterator[Trial]:
    """A Trial that is closed at the end."""
    made = Trial(snapshot, clean_up)
    try:
        yield made
    finally:
        made.close()


def customers_held(snapshot: Snapshot) -> int:
    """How many customers a snapshot holds."""
    return int(_rows(snapshot, "select count(*) from customers")[0][0])


def refused_held(snapshot: Snapshot) -> list[tuple]:
    """The ids of a snapshot that were not followed, as `identities.REFUSED` has them, in text order."""
    return _rows(snapshot, "select raw_id, reason, customers, in_a_day from refused_ids order by raw_id")


def _rows(snapshot: Snapshot, query: str) -> list[tuple]:
    cursor: duckdb.DuckDBPyConnection = snapshot.cursor()
    try:
        return cursor.execute(query).fetchall()
    finally:
        cursor.close()
