"""What would a snapshot hold by another clean-up? Looked at beside it; nothing is built and nothing changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import duckdb
import ibis
import pyarrow as pa

from journey_app.engine import cleaning
from journey_app.engine.base import CONTEXT, CUSTOMERS, EVENTS, IDS, LINKS
from journey_app.engine.patterns import LOOKING_S, Fits
from journey_app.engine.running import compiled, within
from journey_app.vocabulary import CleanUp, LeaveOut

if TYPE_CHECKING:
    from journey_app.engine.embedded import Snapshot  # which lends what is put back here

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


class EverythingImported:
    """Everything that was imported, with what is left out put back.

    Its events are the view `every_row`, its customers `everybody`. names: as in a clean-up; those in
    force when they are not given.
    """

    def __init__(self, snapshot: Snapshot, names: Mapping[str, str] | None = None) -> None:
        self._limits = (
            snapshot.limits
        )  # not the snapshot: it may keep this, and must be let go with its last reader
        self._cursor = snapshot.cursor()
        self._alone = threading.Lock()
        self._looked = 0
        try:
            self._put_back(names)
        except BaseException:
            self.close()
            raise

    def _put_back(self, names: Mapping[str, str] | None) -> None:
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
        shown = "event::varchar" if names is None else cleaning.shown(names, "raw_event::varchar")
        self._fetch(
            f"""create temp view every_row as
                select {_KEPT}, {shown} as event, {numbered} as position,
                       date_trunc('week', local_date)::date as local_week from ({both})"""
        )
        self._fetch(
            f"create temp view everybody as from {real}.customers union all from {real}.left_out_customers"
        )

    def run(self, expression: ibis.Table) -> pa.Table:
        """The small answer of an expression over the views `events` and `customers`, fetched whole."""
        with self._alone, within(self._limits, self._cursor):
            return self._cursor.sql(compiled(expression)).to_arrow_table()

    def everything(self) -> Held:
        """What there is without any clean-up."""
        return self._held("every_row", "everybody")

    def _held(self, rows: str, people: str) -> Held:
        found = self._fetch(f"select (select count(*) from {rows}), (select count(*) from {people})")[0]
        return Held(*map(int, found))

    def alone(self, rule: LeaveOut) -> Held:
        """What a rule would take from everything if it were the only one."""
        clean_up = CleanUp((rule,))
        fits = self._fits("every_row", "everybody").conditions(clean_up.leave_out)
        gone = cleaning.gone(clean_up.leave_out, "every_row", "everybody", fits)
        taken = cleaning.aside(clean_up, "whom", fits)
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
        rows, people = (
            f"(select * from {view} where customer_id = {customer_id})" for view in ("every_row", "everybody")
        )
        fits = self._fits(rows, people).conditions(clean_up.leave_out)
        found = self._fetch(
            f"""with whom as materialized ({cleaning.gone(clean_up.leave_out, rows, people, fits)})
                select exists(select 1 from whom)
                    or exists(select 1 from {rows} where {cleaning.aside(clean_up, "whom", fits)})"""
        )
        return bool(found[0][0])

    def _fits(self, rows: str, people: str) -> Fits:
        self._looked += 1
        return Fits(self._fetch, rows, people, LOOKING_S, f"fits_{self._looked}")

    def _fetch(self, query: str) -> list[tuple]:
        with self._alone, within(self._limits, self._cursor):
            return self._cursor.execute(query).fetchall()

    def close(self) -> None:
        self._cursor.close()


class Trial(EverythingImported):
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
        super().__init__(snapshot, clean_up.names)
        self._snapshot, self._clean_up = snapshot, clean_up
        try:
            self._leave_out(clean_up)
        except BaseException:
            self.close()
            raise

    def _leave_out(self, clean_up: CleanUp) -> None:
        fits = self._fits("every_row", "everybody").conditions(clean_up.leave_out)
        gone = cleaning.gone(clean_up.leave_out, "every_row", "everybody", fits)
        self._fetch(f"create temp table gone as {gone}")
        without = cleaning.aside(clean_up, "gone", fits)
        self._fetch(f"create temp view events as from every_row where not ({without})")
        self._fetch(
            """create temp view customers as from everybody
               where customer_id not in (from gone)
                 and (customer_id in (select customer_id from events)
                      or customer_id not in (select customer_id from every_row))"""
        )

    def held(self) -> Held:
        """What is left."""
        return self._held("events", "customers")

    @cached_property
    def unhidden(self) -> Trial:
        """The same customers with what this clean-up hides of them put back."""
        rules = tuple(rule for rule in self._clean_up.leave_out if rule.whole_customer)
        return Trial(self._snapshot, replace(self._clean_up, leave_out=rules, hidden=()))

    def close(self) -> None:
        if "unhidden" in self.__dict__:
            self.unhidden.close()
        super().close()


class Unhidden(EverythingImported):
    """The customers of a snapshot with everything that was imported of them (implements `engine.base.Events`).

    Whom a rule takes whole is not among them; hidden events are, and those that a rule takes alone.
    What comes next is not worked out. It lives as long as the snapshot.
    """

    table = EVENTS
    customers = CUSTOMERS
    context = CONTEXT
    ids = IDS
    links = LINKS

    def __init__(self, snapshot: Snapshot) -> None:
        self.version, self.timezone = snapshot.version, snapshot.timezone
        super().__init__(snapshot)
        for view, of in (("events", "every_row"), ("customers", "everybody")):
            self._fetch(
                f"""create temp view {view} as from {of}
                    where customer_id not in (select customer_id from {self._real}.left_out_whole)"""
            )

    @property
    def unhidden(self) -> Unhidden:
        return self


@contextmanager
def imported(snapshot: Snapshot, names: Mapping[str, str]) -> Iterator[EverythingImported]:
    """An EverythingImported that is closed at the end."""
    made = EverythingImported(snapshot, names)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def trial(snapshot: Snapshot, clean_up: CleanUp) -> Iterator[Trial]:
    """A Trial that is closed at the end."""
    made = Trial(snapshot, clean_up)
    try:
        yield made
    finally:
        made.close()


def held_by(snapshot: Snapshot) -> Held:
    """How many events and customers count in a snapshot."""
    return Held(*_rows(snapshot, "select (select count(*) from events), (select count(*) from customers)")[0])


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
