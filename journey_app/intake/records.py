"""Which rows and columns are in a JSON file?"""

from __future__ import annotations

import codecs
import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from journey_app.errors import BadFile
from journey_app.intake.clues import NAMES, key_of
from journey_app.intake.encoding import Encoding, encoding_of
from journey_app.intake.limits import MEGABYTE, Limits
from journey_app.intake.raw import NumberedRow, RawChunk, RawTable, in_columns
from journey_app.intake.source import Member, display_label

SPACE = re.compile(r"[\s,]*")
DECODER = json.JSONDecoder()
DEEPEST = 12
SAYS_WHO = {*NAMES["customer"], *NAMES["anonymous_id"], "email", "mail", "e_mail"}
Json = dict[str, Any]


def looks_like_json(member: Member) -> bool:
    """Whether a text file starts like a list of records or one record."""
    with member.open() as stream:
        start = stream.read(4096).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t").replace(b"\0", b"")
    return start.startswith((b"[{", b"[]", b"{")) or re.match(rb"\[\s*[{\]]", start) is not None


def json_tables(member: Member, limits: Limits) -> tuple[tuple[RawTable, ...], tuple[str, ...]]:
    """The tables of a JSON file: one, or one per list of records in {"key": [...]}; and what was left out.

    Nested fields become columns with dots in their names; lists inside records stay JSON text. The row
    number is the number of the record, from 1. Raises BadFile where it is not JSON or holds no records.
    """
    encoding = encoding_of(member, limits)
    lists, inside = _lists(member, encoding, limits)
    if not lists:

        def records() -> Iterator[Any]:
            return _records(_Text(member, encoding, limits), member.label)

        names = _all_keys(records(), member.label, limits)
        return (_table(member.label, names, records, inside),), ()
    tables, left_out = [], []
    for key, names in lists.items():
        label = member.label if len(lists) == 1 else display_label(f"{member.label} › {key}")
        if len(names) > limits.columns:
            left_out.append(_too_wide(label, limits))
            continue
        tables.append(_table(label, names, partial(_records_of, key, member, encoding, limits)))
    if not tables:
        raise left_out[0]
    return tuple(tables), tuple(f"Left out: {reason.what}" for reason in left_out)


def _table(
    label: str, names: Sequence[str], records: Callable[[], Iterator[Json]], inside: Sequence[str] = ()
) -> RawTable:
    """inside: the lists of a record that is alone in its file."""

    def chunks() -> Iterator[RawChunk]:
        flat = map(flattened, records())
        rows: Iterable[NumberedRow] = (
            (number, [row.get(name, "") for name in names]) for number, row in enumerate(flat, start=1)
        )
        yield from in_columns(rows, names, _unknown_share)

    notes = ["Read from JSON; row numbers count its records."]
    if inside:
        listed = ", ".join(f"“{key}”" for key in inside)
        notes.append(
            f"Read as one record; its {'list' if len(inside) == 1 else 'lists'} {listed} "
            f"{'stays a cell' if len(inside) == 1 else 'stay cells'} of it."
        )
    return RawTable(label, tuple(names), chunks, (), tuple(notes))


def _unknown_share() -> float:
    return 0.0


def _all_keys(records: Iterator[Json], label: str, limits: Limits) -> tuple[str, ...]:
    """The column names of all records, since a late record may bring a new one."""
    names: dict[str, None] = {}
    for record in records:
        names.update(dict.fromkeys(flattened(record)))
        if len(names) > limits.columns:
            raise _too_wide(label, limits)
    if not names:
        raise BadFile(f"“{label}” is JSON without records.", "Export it again with a period that holds data.")
    return tuple(names)


def _too_wide(label: str, limits: Limits) -> BadFile:
    return BadFile(f"“{label}” has more than {limits.columns:,} fields.", "Export fewer properties.")


def flattened(record: Json, prefix: str = "", depth: int = 0) -> dict[str, str]:
    """A record as text cells: {"a": {"b": 1}} becomes {"a.b": "1"}."""
    cells: dict[str, str] = {}
    for key, value in record.items():
        name = f"{prefix}{_utf8(key)}"
        if isinstance(value, dict) and value and depth < DEEPEST:
            cells.update(flattened(value, f"{name}.", depth + 1))
        else:
            cells[name] = json_cell(value)
    return cells


def json_cell(value: Any) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, str):
        return _utf8(value)
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), default=str)


def _utf8(text: str) -> str:
    """JSON may hold half a character (a lone surrogate), which no file may."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _lists(
    member: Member, encoding: Encoding, limits: Limits
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """The lists of records inside the one object of a file, each with its column names; none where
    records stand on their own. Also the lists of an object that is a record itself."""
    text = _Text(member, encoding, limits)
    if text.peek() != "{":
        return {}, ()
    try:
        first = text.value()
    except _TooLong:
        lists = _names_of_lists(_Text(member, encoding, limits), limits)
        if not lists:
            raise text.too_long() from None
        return lists, ()
    if text.peek():
        return {}, ()
    inside = {key: value for key, value in first.items() if _are_records(value)}
    if inside and _is_an_event(first, inside):
        return {}, tuple(inside)
    return {key: _names(value, limits) for key, value in inside.items()}, ()


def _are_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _is_an_event(one: Json, lists: Mapping[str, list[Json]]) -> bool:
    """Whether an object says who and when by itself, and the records in its lists do not."""
    own = {key: value for key, value in one.items() if not isinstance(value, (dict, list))}
    return _says_who_and_when(own) and not any(_says_who_and_when(flattened(r[0])) for r in lists.values())


def _says_who_and_when(record: Mapping[str, Any]) -> bool:
    keys = {key_of(name) for name in record}
    return bool(keys & SAYS_WHO) and bool(keys & set(NAMES["time"]))


def _names(records: Iterable[Any], limits: Limits) -> tuple[str, ...]:
    """The column names of all records, one too many where there are too many; none where some is no record."""
    names: dict[str, None] = {}
    for record in records:
        if not isinstance(record, dict):
            return ()
        names.update(dict.fromkeys(flattened(record)))
        if len(names) > limits.columns:
            break
    return tuple(names)


def _names_of_lists(text: _Text, limits: Limits) -> dict[str, tuple[str, ...]]:
    text.peek()
    found: dict[str, tuple[str, ...]] = {}
    for key, items in text.lists():
        if names := _names(items, limits):
            found[key] = tuple(dict.fromkeys((*found.get(key, ()), *names)))
    return found


def _records_of(key: str, member: Member, encoding: Encoding, limits: Limits) -> Iterator[Json]:
    """Every record in the list of this name inside the one object of a file."""
    text = _Text(member, encoding, limits)
    text.peek()
    for name, items in text.lists():
        if name == key:
            yield from items


def _records(text: _Text, label: str) -> Iterator[Json]:
    """Every record of the file; something else in their place is a fault of the file."""
    values = text.items() if text.peek() == "[" else text.values()
    for number, value in enumerate(values, start=1):
        if not isinstance(value, dict):
            raise BadFile(
                f"“{label}” holds a plain value where record {number:,} should be.",
                "Export it as a list of records, one per event.",
            )
        yield value


class _TooLong(Exception):
    """One JSON value is longer than a record may be."""


class _Text:
    """A text file as a stream of JSON values, holding one record at a time."""

    def __init__(self, member: Member, encoding: Encoding, limits: Limits) -> None:
        self._label, self._limits = member.label, limits
        self._blocks = _blocks(member, encoding)
        self._buffer, self._at = "", 0

    def peek(self) -> str:
        """The next character that is not space or a comma; empty at the end."""
        while True:
            match = SPACE.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer) or not self._more():
                return self._buffer[self._at : self._at + 1]

    def value(self) -> Any:
        """The next JSON value."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError) as error:
                if isinstance(error, RecursionError):
                    raise self._broken() from error
                if len(self._buffer) - self._at > self._limits.record_chars:
                    raise _TooLong from error
                if not self._more():
                    raise self._broken() from error
                continue
            if end == len(self._buffer) and not isinstance(value, (dict, list, str)) and self._more():
                continue  # a number may go on in the next block
            self._at = end
            return value

    def values(self) -> Iterator[Any]:
        while self.peek():
            yield self._record()

    def items(self) -> Iterator[Any]:
        """The items of the array that starts here."""
        self._at += 1
        while (mark := self.peek()) != "]":
            if not mark:
                raise self._broken()
            yield self._record()
        self._at += 1

    def lists(self) -> Iterator[tuple[str, Iterator[Any]]]:
        """Each list inside the object that starts here, by its key; everything else is passed over."""
        self._at += 1
        while self.peek() == '"':
            key = self._record()
            if self.peek() != ":":
                raise self._broken()
            self._at += 1
            if self.peek() == "[":
                items = self.items()
                yield key, items
                deque(items, 0)
            else:
                self._record()
        if self.peek() != "}":
            raise self._broken()

    def too_long(self) -> BadFile:
        return BadFile(
            f"“{self._label}” is not valid JSON, or one record is longer than "
            f"{self._limits.record_chars // MEGABYTE} MB.",
            "Export one record per event.",
        )

    def _record(self) -> Any:
        try:
            return self.value()
        except _TooLong as error:
            raise self.too_long() from error

    def _more(self) -> bool:
        block = next(self._blocks, "")
        self._buffer, self._at = self._buffer[self._at :] + block, 0
        return bool(block)

    def _broken(self) -> BadFile:
        return BadFile(
            f"“{self._label}” starts like JSON but is damaged or cut off.",
            "Export it again and import the new file.",
        )


def _blocks(member: Member, encoding: Encoding) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding.codec)("strict")
    with member.open() as stream:
        while block := stream.read(MEGABYTE):
            yield decoder.decode(block).replace("\0", "")
