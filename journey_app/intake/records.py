"""Which rows and columns are in a JSON file?"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from journey_app.errors import BadFile
from journey_app.intake.encoding import Encoding, encoding_of
from journey_app.intake.limits import MEGABYTE, Limits
from journey_app.intake.raw import NumberedRow, RawChunk, RawTable, in_columns
from journey_app.intake.source import Member

SPACE = re.compile(r"[\s,]*")
DECODER = json.JSONDecoder()
DEEPEST = 12
Json = dict[str, Any]


def looks_like_json(member: Member) -> bool:
    """Whether a text file starts like a list of records or one record."""
    with member.open() as stream:
        start = stream.read(4096).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t").replace(b"\0", b"")
    return start.startswith((b"[{", b"[]", b"{")) or re.match(rb"\[\s*[{\]]", start) is not None


def json_table(member: Member, limits: Limits) -> RawTable:
    """The records of a JSON array, of {"key": [...]}, or of one record per line, as a table.

    Nested fields become columns with dots in their names; lists stay JSON text. The row number
    is the number of the record, from 1. Raises BadFile where it is not JSON or holds no records.
    """
    encoding = encoding_of(member, limits)
    names = _all_keys(_records(member, encoding, limits), member.label, limits)

    def chunks() -> Iterator[RawChunk]:
        flat = (flattened(record) for record in _records(member, encoding, limits))
        rows: Iterable[NumberedRow] = (
            (number, [row.get(name, "") for name in names]) for number, row in enumerate(flat, start=1)
        )
        yield from in_columns(rows, names, _unknown_share)

    notes = ("Read from JSON; row numbers count its records.",)
    return RawTable(member.label, names, chunks, (), notes)


def _unknown_share() -> float:
    return 0.0


def _all_keys(records: Iterator[Json], label: str, limits: Limits) -> tuple[str, ...]:
    """The column names of all records, since a late record may bring a new one."""
    names: dict[str, None] = {}
    for record in records:
        names.update(dict.fromkeys(flattened(record)))
        if len(names) > limits.columns:
            raise BadFile(f"“{label}” has more than {limits.columns:,} fields.", "Export fewer properties.")
    if not names:
        raise BadFile(f"“{label}” is JSON without records.", "Export it again with a period that holds data.")
    return tuple(names)


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


def _records(member: Member, encoding: Encoding, limits: Limits) -> Iterator[Json]:
    """Every record of the file; something else in their place is a fault of the file."""
    text = _Text(member, encoding, limits)
    first = text.peek()
    values = text.items() if first == "[" else _from_objects(text)
    for number, value in enumerate(values, start=1):
        if not isinstance(value, dict):
            raise BadFile(
                f"“{member.label}” holds a plain value where record {number:,} should be.",
                "Export it as a list of records, one per event.",
            )
        yield value


def _from_objects(text: _Text) -> Iterator[Any]:
    """Records one after another, or the list inside a single object that wraps them."""
    try:
        first = text.value()
    except _TooLong:
        yield from text.wrapped_items()
        return
    if text.peek():
        yield from chain([first], text.values())
        return
    wrapped = [v for v in first.values() if isinstance(v, list) and v and all(isinstance(r, dict) for r in v)]
    yield from max(wrapped, key=len) if wrapped else [first]


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

    def wrapped_items(self) -> Iterator[Any]:
        """The items of the first list of records inside the object that starts here."""
        self._at += 1
        while self.peek() == '"':
            self._record()
            if self.peek() != ":":
                break
            self._at += 1
            if self.peek() == "[":
                yield from self.items()
                return
            self._record()
        raise self._broken()

    def _record(self) -> Any:
        try:
            return self.value()
        except _TooLong as error:
            raise BadFile(
                f"“{self._label}” is not valid JSON, or one record is longer than "
                f"{self._limits.record_chars // MEGABYTE} MB.",
                "Export one record per event.",
            ) from error

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
