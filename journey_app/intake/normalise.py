"""Which events and links are in these rows, and which rows hold neither?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey_app.intake import cells, numbers, times
from journey_app.intake.contract import EVENTS, LINKS, RANK_SHIFT, ROW_SHIFT, Chunk
from journey_app.intake.currencies import IN_THOUSANDTHS, WITHOUT_CENTS
from journey_app.intake.plan import Columns, Plan, PlannedEvent
from journey_app.intake.raw import Fault, RawChunk
from journey_app.intake.rows import Rows, matching, valid

LAST_ROW = 2**40 - 1
LAST_PLACE = 2**ROW_SHIFT - 1
HASH_BYTES = 12
BETWEEN = "\x1f"  # the unit separator, between the fields that are hashed
TEXT_FIELDS = ("channel", "device", "currency", "text", "session_id", "account_id")
LONGEST = 512  # characters of an id or an event name; longer ones are texts in the wrong column
# The column and the reason of a row that gives nothing.
_Why = tuple[str, str]


class Normaliser:
    """Reads one table chunk by chunk by its plan.

    tally: optional cells that could not be read and other remarks, by what they are, so far.
    """

    def __init__(self, plan: Plan, header: tuple[str, ...]) -> None:
        self._plan, self._header = plan, header
        self._last_group: str | None = None
        self.tally: Counter[str] = Counter()

    def chunk(self, raw: RawChunk) -> Chunk:
        """The events, links and rejects of some rows."""
        rows = Rows(self._plan, raw)
        why = self._left_out(rows)
        has_id = np.any([valid(ids) for ids in rows.ids], axis=0) if rows.ids else np.zeros(rows.count, bool)
        usable = has_id & ~np.array([reason is not None for reason in why], bool)
        parts = [self._events(rows, place, usable) for place in range(len(self._plan.events))]
        gave = np.any([part.mask for part in parts], axis=0) if parts else np.zeros(rows.count, bool)
        links = self._links(rows, usable)
        linked = np.isin(rows.numbers, links["row"].to_numpy()) if len(links) else np.zeros(rows.count, bool)
        faults = self._rejects(rows, parts, why, has_id, gave | linked)
        self.tally.update(raw.counts)
        self._note_unreadable(parts, gave)
        for (place, what), count in (+rows.unusable).items():
            self.tally[f"Cells of “{self._header[place]}” that {what}; no id is taken from them"] += count
        events = _in_order([part.table for part in parts if part.table.num_rows])
        every = rows.count + len(raw.faults)
        return Chunk(events, links, every, (*raw.faults, *faults), raw.share_done)

    def _left_out(self, rows: Rows) -> list[_Why | None]:
        """For each row, why it is no event: the preset's rules, a cell too long; None where it may be one."""
        why: list[_Why | None] = [None] * rows.count
        for drop in self._plan.drops:
            cut = matching(rows.first(drop.columns), drop.matches)
            if drop.same_as:
                same = pc.equal(rows.first(drop.columns), rows.first(drop.same_as))
                cut &= pc.fill_null(same, False).to_numpy(zero_copy_only=False)
            for at in np.flatnonzero(cut).tolist():
                why[at] = "", drop.reason
        if self._plan.first_of:
            groups = rows.first(self._plan.first_of).to_pylist()
            for at, (group, before) in enumerate(zip(groups, [self._last_group, *groups], strict=False)):
                if group is not None and group == before:
                    why[at] = "", "another line of the same order"
            self._last_group = groups[-1] if groups else self._last_group
        for what, columns in self._short_columns():
            for place in columns:
                for at in np.flatnonzero(_too_long(rows.cells(place))).tolist():
                    why[at] = self._header[place], f"{what} is longer than {LONGEST} characters"
        return why

    def _short_columns(self) -> Iterator[tuple[str, Columns]]:
        """The columns whose cells may not be long, and what such a cell is."""
        for rule in self._plan.ids:
            if not rule.extract:
                yield "the id", rule.columns
        for event in self._plan.events:
            yield "the event name", event.name_columns

    def _events(self, rows: Rows, place: int, usable: np.ndarray) -> _Part:
        """One kind of event, where the rows hold it."""
        event = self._plan.events[place]
        moments = rows.times(event.at)
        asked = usable & rows.when(event)
        names = rows.names(event)
        mask = asked & (moments.state == times.FINE) & valid(names)
        table = self._table(rows, event, place, names, moments, mask)
        return _Part(event, mask, asked, np.where(asked, moments.state, times.EMPTY), valid(names), table)

    def _table(
        self,
        rows: Rows,
        event: PlannedEvent,
        place: int,
        names: pa.Array,
        moments: times.Times,
        mask: np.ndarray,
    ) -> pa.Table:
        plan, keep = self._plan, pa.array(mask)
        count = int(mask.sum())
        micros = moments.micros[mask]
        columns = {name: rows.field(name).filter(keep) for name in TEXT_FIELDS}
        columns["event"] = names.filter(keep)
        columns["amount"] = self._amount(rows, event).filter(keep)
        columns["properties"] = rows.properties.filter(keep)
        columns["occurred_at"] = pa.array(micros, pa.timestamp("us"))
        columns["day_only"] = pa.array(moments.day_only[mask])
        columns["source"] = pa.repeat(pa.scalar(plan.source), count)
        columns["system"] = pa.repeat(pa.scalar(plan.system), count)
        columns["raw_ids"] = rows.raw_ids.filter(keep)
        columns["row"] = pa.array(rows.numbers[mask])
        nth = place if rows.nth is None else place + rows.nth[mask]
        columns["ordinal"] = pa.array(self._ordinal(rows.numbers[mask], nth))
        columns["event_id"] = self._event_id(rows, columns["event"], micros, keep)
        source, system = plan.hashed_as or (plan.source, plan.system)
        hashed = {**columns, "source": pa.repeat(source, count), "system": pa.repeat(system, count)}
        columns["content_hash"] = content_hash(hashed, [ids.filter(keep) for ids in rows.ids_by_type])
        # An event's id is made of all its properties, and of no currency but that of a column, as it always was.
        columns["properties"] = rows.of_orders.filter(keep)
        told = cells.by_value(columns["currency"], numbers.currency)
        columns["currency"] = pc.coalesce(told, self._beside_amounts(rows, event).filter(keep))
        columns["one_of"] = self._one_of(rows, columns["event"], keep)
        columns["adds_up"] = pa.repeat(plan.adds_up, count)
        columns["at_once"] = pa.repeat(plan.at_once, count)
        return pa.table([columns[name] for name in EVENTS.names], schema=EVENTS)

    def _amount(self, rows: Rows, event: PlannedEvent) -> pa.Array:
        written = rows.first(event.amount)
        found = self._read_amounts(rows, event.amount)
        unreadable = found.null_count - written.null_count
        if unreadable:
            name = self._header[event.amount[0]]
            self.tally[f"Amounts in “{name}” that could not be read; their events are kept without"] += (
                unreadable
            )
        if self._plan.minor_units:
            found = _in_major_units(found, cells.by_value(rows.field("currency"), numbers.currency))
        return pc.negate(pc.abs(found)) if event.negate else found

    def _beside_amounts(self, rows: Rows, event: PlannedEvent) -> pa.Array:
        """The currency that the cell of an amount names itself."""
        return numbers.currencies(rows.first(event.amount))

    def _read_amounts(self, rows: Rows, places: Columns) -> pa.Array:
        """For each row the first amount that is written, read by the decimal mark of its column."""
        marks = {self._plan.marks.get(place, ".") for place in places}
        if len(marks) < 2:
            return numbers.amounts(rows.first(places), next(iter(marks), "."))
        found = pa.nulls(rows.count, pa.float64())
        taken = np.zeros(rows.count, bool)
        for place in places:
            written = cells.told(rows.cells(place))
            here = valid(written) & ~taken
            found = pc.if_else(
                pa.array(here), numbers.amounts(written, self._plan.marks.get(place, ".")), found
            )
            taken |= here
        return found

    def _ordinal(self, numbers_: np.ndarray, place: int | np.ndarray) -> np.ndarray:
        row = LAST_ROW - numbers_ if self._plan.newest_first else numbers_
        return (self._plan.rank << RANK_SHIFT) | (row << ROW_SHIFT) | np.minimum(place, LAST_PLACE)

    def _event_id(self, rows: Rows, names: pa.Array, micros: np.ndarray, keep: pa.Array) -> pa.Array:
        """The source's own id of the row, or of the milestone; null where it has none."""
        plan = self._plan
        source = plan.hashed_as[0] if plan.hashed_as else plan.source
        if plan.event_id:
            own = rows.first(plan.event_id).filter(keep)
            return pc.binary_join_element_wise(source, own, ":")
        if plan.record:
            own = rows.first(plan.record).filter(keep)
            iso = np.char.add(np.datetime_as_string(micros.view("datetime64[us]"), unit="us"), "Z")
            return pc.binary_join_element_wise(source, own, names, pa.array(iso, pa.string()), ":")
        return pa.nulls(len(names), pa.string())

    def _one_of(self, rows: Rows, names: pa.Array, keep: pa.Array) -> pa.Array:
        """Which order a row is a line of: the same customer, id and event; null where it names none."""
        if not self._plan.one_per:
            return pa.nulls(len(names), pa.string())
        source = self._plan.hashed_as or (self._plan.source, self._plan.system)
        who = cells.first_told(rows.written_ids, rows.count).filter(keep)
        order = cells.order_ids(rows.first(self._plan.one_per)).filter(keep)
        joined = pc.binary_join_element_wise(who, names, order, BETWEEN)  # null where one of them is
        start = BETWEEN.join((*source, "order", ""))
        return cells.by_value(joined, lambda each: _hash(start + each))

    def _links(self, rows: Rows, usable: np.ndarray) -> pa.Table:
        """Rows that name one person by two ids or more."""
        if not self._plan.links:
            return LINKS.empty_table()
        several = (
            np.sum([valid(ids) for ids in rows.ids], axis=0) >= 2 if rows.ids else np.zeros(rows.count, bool)
        )
        mask = usable & several
        count = int(mask.sum())
        source, system = (
            pa.repeat(pa.scalar(word), count) for word in (self._plan.source, self._plan.system)
        )
        reason = pa.repeat(pa.scalar(self._plan.link_reason), count)
        found = [rows.raw_ids.filter(pa.array(mask)), source, system, pa.array(rows.numbers[mask]), reason]
        return pa.table(found, schema=LINKS)

    def _rejects(
        self, rows: Rows, parts: list[_Part], why: list[_Why | None], has_id: np.ndarray, used: np.ndarray
    ) -> list[Fault]:
        """One reason for each row that gave nothing."""
        return [
            (int(rows.numbers[at]), *self._reason(at, parts, why[at], bool(has_id[at])))
            for at in np.flatnonzero(~used).tolist()
        ]

    def _reason(self, at: int, parts: list[_Part], why: _Why | None, has_id: bool) -> _Why:
        if why is not None:
            return why
        if not has_id:
            return self._header[self._plan.ids[0].columns[0]], "no customer id"
        if not parts:
            return "", "only one id, so there is nothing to link"
        for part in parts:
            if part.state[at] in times.BAD:
                return self._header[part.event.at], times.REASONS[int(part.state[at])]
        asked = [part for part in parts if part.asked[at]]
        if not asked:
            return "", "no kind of event that is kept"
        if len(parts) > 1 and all(part.state[at] == times.EMPTY for part in asked):
            return self._header[asked[0].event.at], "none of its dates is filled in"
        part = asked[0]
        if part.state[at] == times.EMPTY:
            return self._header[part.event.at], times.REASONS[times.EMPTY]
        return self._header[part.event.name_columns[0]] if part.event.name_columns else "", "no event name"

    def _note_unreadable(self, parts: list[_Part], gave: np.ndarray) -> None:
        for part in parts:
            bad = gave & ~part.mask & np.isin(part.state, times.BAD)
            if bad.any():
                name = self._header[part.event.at]
                what = f"Dates in “{name}” that could not be read; other events of the row are kept"
                self.tally[what] += int(bad.sum())


@dataclass(frozen=True)
class _Part:
    """The events of one kind, and for each row whether it gave one, was asked for, and how its time looked."""

    event: PlannedEvent
    mask: np.ndarray
    asked: np.ndarray
    state: np.ndarray
    named: np.ndarray
    table: pa.Table


def _too_long(values: pa.Array) -> np.ndarray:
    if (pc.max(pc.binary_length(values)).as_py() or 0) <= LONGEST:
        return np.zeros(len(values), bool)
    long = pc.greater(pc.utf8_length(values), LONGEST)
    return pc.fill_null(long, False).to_numpy(zero_copy_only=False)


def _in_major_units(amounts: pa.Array, currencies: pa.Array) -> pa.Array:
    """Cents, or thousandths, as whole units, as far as the currency divides."""
    whole = pc.fill_null(pc.is_in(currencies, pa.array(WITHOUT_CENTS)), False)
    thousandths = pc.fill_null(pc.is_in(currencies, pa.array(IN_THOUSANDTHS)), False)
    parts = pc.if_else(whole, 1.0, pc.if_else(thousandths, 1000.0, 100.0))
    return pc.divide(amounts, parts)


def content_hash(columns: dict[str, pa.Array], ids: list[pa.Array]) -> pa.Array:
    """What makes two events the same: 96 bits of BLAKE2b over ids, event, time and every other field.

    The text that is hashed is built from integers, shortest floats and UTF-8 only, so the same
    content has the same hash on every platform and release.
    """
    amount = pa.array(
        [None if a is None else numbers.amount_text(a) for a in columns["amount"].to_pylist()], pa.string()
    )
    fields = [
        columns["source"],
        columns["system"],
        *ids,
        columns["event"],
        columns["occurred_at"].cast(pa.int64()).cast(pa.string()),
        pc.if_else(columns["day_only"], "day", "time"),
        amount,
        *(columns[name] for name in TEXT_FIELDS),
        columns["properties"],
    ]
    joined = pc.binary_join_element_wise(*(pc.fill_null(f, "") for f in fields), BETWEEN)
    texts = joined.cast(pa.binary()).to_pylist()
    return pa.array([blake2b(text, digest_size=HASH_BYTES).hexdigest() for text in texts], pa.string())


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=HASH_BYTES).hexdigest()


def _in_order(tables: list[pa.Table]) -> pa.Table:
    """Events of all kinds in the order of the file."""
    if not tables:
        return EVENTS.empty_table()
    if len(tables) == 1:
        return tables[0]
    events = pa.concat_tables(tables)
    return events.take(pc.sort_indices(events, [("row", "ascending"), ("ordinal", "ascending")]))
