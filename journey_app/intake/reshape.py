"""How do lists and objects inside the cells of a known export become rows and columns?"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from journey_app.errors import BadFile
from journey_app.intake.cells import normal_name
from journey_app.intake.preset import NUMBER, Preset
from journey_app.intake.raw import RawChunk, RawTable, unique_names
from journey_app.intake.records import flattened

Record = Mapping[str, str]
NO_JSON = "Cells of “{}” that are no JSON and were left out"


def reshaped(table: RawTable, preset: Preset, most_columns: int) -> RawTable:
    """The table with one row per event and one column per field, as the preset says.

    Raises BadFile where that makes more than `most_columns` columns.
    """
    shaped = _with_path(table, preset.path) if preset.path else table
    for name in preset.spread:
        shaped = _spread(shaped, name, most_columns)
    return _unnested(shaped, preset, most_columns) if preset.unnest else shaped


def _with_path(table: RawTable, pattern: str) -> RawTable:
    """Columns that say what the name of the file says: the groups of a pattern."""
    found = re.search(pattern, table.label, re.IGNORECASE)
    told = {f"path.{name}": value for name, value in found.groupdict("").items()} if found else {}
    if not told:
        return table

    def widened(chunk: RawChunk) -> RawChunk:
        rows = len(chunk.rows)
        same = (pa.repeat(pa.scalar(value.casefold()), rows) for value in told.values())
        return replace(chunk, columns=(*chunk.columns, *same))

    return _changed(table, (*table.header, *told), widened)


def _spread(table: RawTable, name: str, most: int) -> RawTable:
    """Each key of the object in a column as a column of its own, called “column.key”.

    A list of keys and values counts as an object, as do the parameters of a GA4 event.
    """
    place = _place(table.header, name)
    if place is None:
        return table
    prefix = f"{table.header[place]}."
    keys = _keys(
        (
            _parsed(cell, Counter(), "")
            for chunk in table.chunks()
            for cell in chunk.columns[place].to_pylist()
        ),
        table.label,
        most,
    )
    kept = [at for at in range(len(table.header)) if at != place]
    header = [*(table.header[at] for at in kept), *(prefix + key for key in keys)]

    def widened(chunk: RawChunk) -> RawChunk:
        bad: Counter[str] = Counter()
        records = [_parsed(cell, bad, name) for cell in chunk.columns[place].to_pylist()]
        columns = (*(chunk.columns[at] for at in kept), *_columns(records, keys))
        return replace(chunk, columns=columns, counts=Counter(chunk.counts) + bad)

    return _changed(table, header, widened)


def _parsed(cell: str, bad: Counter[str], name: str) -> Record:
    """The object in a cell, its nested fields with dots; empty where there is none."""
    if not cell.strip():
        return {}
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        bad[NO_JSON.format(name)] += 1
        return {}
    if isinstance(value, list) and all(isinstance(pair, dict) and "key" in pair for pair in value):
        value = {str(pair["key"]): _only_value(pair.get("value")) for pair in value}
    return flattened(value) if isinstance(value, dict) else {}


def _only_value(value: Any) -> Any:
    """Of {"string_value": null, "int_value": 7}, the one that is given."""
    if not isinstance(value, dict):
        return value
    return next((v for key, v in value.items() if v is not None and key.endswith("_value")), None)


@dataclass(frozen=True)
class _Listed:
    """Where a list stands in a table: as JSON in the column `place`, or spread over `numbered` columns."""

    name: str
    place: int | None
    numbered: Mapping[int, Mapping[str, int]]

    @property
    def columns(self) -> set[int | None]:
        return {at for fields in self.numbered.values() for at in fields.values()} | {self.place}

    def records(self, chunk: RawChunk, bad: Counter[str]) -> list[list[Record]]:
        """The list of each row; what could not be read is counted in `bad`."""
        if self.place is not None:
            return [_records(cell, bad, self.name) for cell in chunk.columns[self.place].to_pylist()]
        return _gathered(chunk, self.numbered)


def _unnested(table: RawTable, preset: Preset, most: int) -> RawTable:
    """One row per record of a list, after the row the list stands in.

    The list is JSON in one column, or spread over numbered columns such as “actions_0_type”. A last
    column numbers the records from 1; 0 is the row around them, which is left out where the preset
    makes no event of it and the list holds any.
    """
    name = preset.unnest
    listed = _Listed(name, _place(table.header, name), _numbered(table.header, name))
    if listed.place is None and not listed.numbered:
        return table
    inside = listed.columns
    kept = [at for at in range(len(table.header)) if at not in inside]
    every = (each for chunk in table.chunks() for found in listed.records(chunk, Counter()) for each in found)
    fields = _keys(every, table.label, most - len(kept) - 1)
    header = [
        *(table.header[at] for at in kept),
        *(f"{name}.{field}" for field in fields),
        f"{name}.{NUMBER}",
    ]
    around = any(not event.nested for event in preset.events)

    def deepened(chunk: RawChunk) -> RawChunk:
        return _deepened(chunk, listed, kept, fields, around)

    note = f"Each row holds a list, “{name}”; what is in it is counted as rows."
    return replace(_changed(table, header, deepened), notes=(*table.notes, note))


def _deepened(
    chunk: RawChunk, listed: _Listed, kept: Sequence[int], fields: Sequence[str], around: bool
) -> RawChunk:
    """The rows of a chunk and, after each, its records. around: a row with records stays itself."""
    bad: Counter[str] = Counter()
    parents: list[int] = []
    records: list[Record] = []
    order: list[int] = []
    for at, found in enumerate(listed.records(chunk, bad)):
        first = 0 if around or not found else 1
        some = [{}, *found][first:]
        parents += [at] * len(some)
        records += some
        order += range(first, first + len(some))
    taken, nth = np.array(parents, np.int64), np.array(order, np.int64)
    columns = (
        *(chunk.columns[at].take(pa.array(taken)) for at in kept),
        *_columns(records, fields),
        pa.array(map(str, order), pa.string()),
    )
    counts = Counter(chunk.counts) + bad
    return replace(chunk, columns=columns, rows=chunk.rows[taken], counts=counts, nth=nth)


def _records(cell: str, bad: Counter[str], name: str) -> list[Record]:
    if not cell.strip():
        return []
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        bad[NO_JSON.format(name)] += 1
        return []
    if isinstance(found, dict):  # such as Intercom's {"conversation_parts": [...], "total_count": 2}
        found = next((value for value in found.values() if isinstance(value, list)), [])
    return (
        [flattened(record) for record in found if isinstance(record, dict)] if isinstance(found, list) else []
    )


def _numbered(header: Sequence[str], name: str) -> dict[int, dict[str, int]]:
    """Number of the record → its fields → their places, for columns such as “name_0_field”."""
    pattern = re.compile(rf"{re.escape(name)}[._](\d{{1,4}})[._](.+)$", re.IGNORECASE)
    found: dict[int, dict[str, int]] = {}
    for place, column in enumerate(header):
        match = pattern.match(column)
        if match:
            found.setdefault(int(match.group(1)), {})[match.group(2)] = place
    return dict(sorted(found.items()))


def _gathered(chunk: RawChunk, numbered: Mapping[int, Mapping[str, int]]) -> list[list[Record]]:
    """The records of each row out of numbered columns, without those that are empty."""
    rows: list[list[Record]] = [[] for _ in range(len(chunk.rows))]
    for fields in numbered.values():
        cells = {field: chunk.columns[place].to_pylist() for field, place in fields.items()}
        for at, found in enumerate(rows):
            record = {field: values[at] for field, values in cells.items()}
            if any(value.strip() for value in record.values()):
                found.append(record)
    return rows


def _columns(records: Sequence[Record], keys: Sequence[str]) -> Iterator[pa.Array]:
    for key in keys:
        yield pa.array([record.get(key, "") for record in records], pa.string())


def _keys(records: Iterable[Record], label: str, most: int) -> tuple[str, ...]:
    """The keys of all records, since a late one may bring a new one."""
    keys: dict[str, None] = {}
    for record in records:
        keys.update(dict.fromkeys(record))
        if len(keys) > most:
            raise BadFile(f"“{label}” has more than {most:,} fields.", "Export fewer properties.")
    return tuple(keys)


def _place(header: Sequence[str], name: str) -> int | None:
    names = [normal_name(column) for column in header]
    return names.index(normal_name(name)) if normal_name(name) in names else None


def _changed(table: RawTable, header: Sequence[str], change: Callable[[RawChunk], RawChunk]) -> RawTable:
    """The same table under another header, each chunk changed as it is read."""

    def chunks() -> Iterator[RawChunk]:
        return (change(chunk) for chunk in table.chunks())

    return replace(table, header=unique_names(header), chunks=chunks)
