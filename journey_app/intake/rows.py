"""What do the cells of some rows say, cleaned: times, ids, names, fields and everything else?"""

from __future__ import annotations

import json
import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey_app.intake import cells, times
from journey_app.intake import ids as ids_
from journey_app.intake.counted import by_digits
from journey_app.intake.plan import USER_IDS, Columns, Plan, PlannedEvent, PlannedId
from journey_app.intake.raw import RawChunk
from journey_app.vocabulary import BOT_AGENTS

NEEDS_ESCAPING = r'["\\\x00-\x1f]'
FIELD_OF = {"session_id": "session", "account_id": "account"}
HANDHELD = re.compile(r"iphone|android.*mobile|mobile|windows phone", re.IGNORECASE)
TABLET = re.compile(r"ipad|tablet|android(?!.*mobile)", re.IGNORECASE)
BOT = re.compile("|".join(BOT_AGENTS), re.IGNORECASE)


class Rows:
    """Cells of some rows, cleaned when first asked for."""

    def __init__(self, plan: Plan, raw: RawChunk) -> None:
        self._plan, self._raw = plan, raw
        self._present: dict[int, pa.Array] = {}
        self._times: dict[int, times.Times] = {}
        self._fields: dict[str, pa.Array] = {}
        self.numbers = raw.rows
        self.nth = raw.nth
        self.count = len(raw.rows)
        self.unusable: Counter[tuple[int, str]] = Counter()
        self.written_ids, self.ids = self._typed_ids()
        by_type = sorted(zip(plan.ids, self.written_ids, strict=True), key=lambda pair: pair[0].type)
        self.ids_by_type = [ids for _, ids in by_type]
        self.raw_ids = _lists(self.ids, self.count)
        self.properties = self._properties()
        self.of_orders = self._properties(plan.of_lines) if plan.of_lines else self.properties

    def cells(self, place: int) -> pa.Array:
        if place not in self._present:
            self._present[place] = cells.present(self._raw.columns[place])
        return self._present[place]

    def first(self, places: Columns) -> pa.Array:
        """For each row, the first of these columns that says something."""
        return cells.first_told((self.cells(place) for place in places), self.count)

    def times(self, place: int) -> times.Times:
        if place not in self._times:
            self._times[place] = times.read_times(cells.told(self.cells(place)), self._plan.readings[place])
        return self._times[place]

    def when(self, event: PlannedEvent) -> np.ndarray:
        """Where the conditions of an event hold."""
        holds = np.ones(self.count, bool)
        for columns, pattern in event.when:
            holds &= matching(self.first(columns), pattern)
        return holds

    def names(self, event: PlannedEvent) -> pa.Array:
        if not event.name_columns:
            return pa.repeat(pa.scalar(event.name), self.count)
        told = self.first(event.name_columns)
        if event.otherwise is not None:
            told = pc.fill_null(told, "")

        def name(value: str) -> str | None:
            word = event.values.get(value.casefold(), event.otherwise) if event.otherwise else value
            return cells.event_name(event.name.replace("{}", word)) if word else None

        return cells.by_value(told, name)

    def field(self, name: str) -> pa.Array:
        """A text field of the events contract."""
        if name not in self._fields:
            found = self.first(self._plan.fields.get(FIELD_OF.get(name, name), ()))
            if name == "currency":
                found = pc.utf8_upper(found)  # ids of events are made of it, so it stays what it was
            if name == "device" and "user_agent" in self._plan.fields:
                agent = self.first(self._plan.fields["user_agent"])
                found = pc.coalesce(cells.by_value(agent, bot_of), found, cells.by_value(agent, device_of))
            self._fields[name] = found
        return self._fields[name]

    def _typed_ids(self) -> tuple[list[pa.Array], list[pa.Array]]:
        """Typed ids, such as email:ana@example.com, null where a row has none: with plain numbers as they are
        written, of which ids of events were always made, and by their digits, as customers are known by."""
        written, kept = [], []
        for rule in self._plan.ids:
            kind, values = rule.own or rule.type, self._ids(rule)
            alike = by_digits(values) if rule.type == USER_IDS else values
            written.append(pc.binary_join_element_wise(kind, values, ":"))
            same = alike is values
            kept.append(written[-1] if same else pc.binary_join_element_wise(kind, alike, ":"))
        return written, kept

    def _ids(self, rule: PlannedId) -> pa.Array:
        """The ids of one type; null where the row has none."""
        found = []
        for place in rule.columns:
            values = cells.customer_ids(self.cells(place))
            if rule.skip:
                values = pc.if_else(
                    pa.array(matching(values, rule.skip)), pa.scalar(None, pa.string()), values
                )
            if rule.extract:
                values = cells.by_value(values, lambda cell: _extracted(cell, rule.extract or ""))
            found.append(self._usable(values, place, rule.type))
        return cells.first_told(found, self.count)

    def _usable(self, values: pa.Array, place: int, kind: str) -> pa.Array:
        """The ids of a column that can be one; the others are counted."""
        usable = cells.without_control(values)
        self.unusable[place, ids_.CONTROL] += usable.null_count - values.null_count
        if kind not in ids_.NONE:
            return usable
        written = cells.by_value(usable, ids_.NORMAL[kind])
        self.unusable[place, ids_.NONE[kind]] += written.null_count - usable.null_count
        return written

    def _properties(self, without: Columns = ()) -> pa.Array:
        """Everything else as one JSON object per row, empty cells left out, names in order."""
        parts = []
        for name, place in self._plan.properties:
            if place in without:
                continue
            values = cells.told(self.cells(place))
            if values.null_count < self.count:
                parts.append(
                    pc.binary_join_element_wise(json.dumps(name, ensure_ascii=False), _quoted(values), ":")
                )
        if not parts:
            return pa.repeat(pa.scalar("{}"), self.count)
        # Arrow 26 drops a row where every joined value is null, so an empty one leads each row.
        led = pc.binary_join_element_wise("", *parts, ",", null_handling="skip")
        return pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(led, 1), "}", "")


def _quoted(values: pa.Array) -> pa.Array:
    if pc.any(pc.match_substring_regex(values, NEEDS_ESCAPING)).as_py():
        return cells.by_value(values, lambda value: json.dumps(value, ensure_ascii=False))
    return pc.binary_join_element_wise('"', values, '"', "")


def _extracted(value: str, pattern: str) -> str | None:
    found = re.search(pattern, value)
    return found.group(1) if found else None


def device_of(user_agent: str) -> str:
    """mobile, tablet or desktop, by what a browser says of itself."""
    if TABLET.search(user_agent):
        return "tablet"
    return "mobile" if HANDHELD.search(user_agent) else "desktop"


def bot_of(user_agent: str) -> str | None:
    """“bot” for a program that says so; it is marked here because the user agent itself is not kept."""
    return "bot" if BOT.search(user_agent) else None


def valid(values: pa.Array) -> np.ndarray:
    """Where something is written."""
    return values.is_valid().to_numpy(zero_copy_only=False)


def matching(values: pa.Array, pattern: str) -> np.ndarray:
    """Where a cell matches, whatever its case; an empty one never does."""
    found = pc.match_substring_regex(values, pattern, ignore_case=True)
    return pc.fill_null(found, False).to_numpy(zero_copy_only=False)


def _lists(columns: list[pa.Array], rows: int) -> pa.Array:
    """Columns as one list per row, nulls left out."""
    if not columns:
        return pa.array([[]] * rows, pa.list_(pa.string()))
    filled = np.stack([valid(column) for column in columns], axis=1)
    offsets = np.concatenate([[0], np.cumsum(filled.sum(axis=1))])
    places = np.arange(rows)[:, None] + rows * np.arange(len(columns))
    values = pa.concat_arrays([pa.array(c) if not isinstance(c, pa.Array) else c for c in columns])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values.take(pa.array(places[filled])))
