"""How do two processes speak when one of them may have been taken over by the file it reads?

A frame is JSON and, beside it, Arrow tables as streams of their own. Nothing is unpickled, every
length is checked before it is believed, and a table must keep what its form promises.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from threading import Lock
from typing import IO, Any, cast

import pyarrow as pa

from journey_app import errors
from journey_app.errors import JourneyError
from journey_app.plain import converter

HEAD = struct.Struct(">II")  # bytes of JSON, number of tables
LENGTH = struct.Struct(">Q")
MOST_TABLES = 16
PIECE = 1 << 20

_TABLES: ContextVar[Sequence[pa.Table]] = ContextVar("tables", default=())


class BrokenFrame(Exception):
    """What came is no frame of ours."""


class Frames:
    """Frames over a stream in and a stream out. most_bytes: the longest frame that is taken."""

    def __init__(self, receiving: IO[bytes], sending: IO[bytes], most_bytes: int) -> None:
        self._in, self._out, self.most_bytes = receiving, sending, most_bytes
        self._one_at_a_time = Lock()

    def send(self, message: Mapping[str, Any]) -> None:
        """Raises BrokenPipeError when nobody listens any more."""
        tables: list[pa.Buffer] = []

        def beside(value: Any) -> Any:
            if isinstance(value, pa.Table):
                tables.append(_packed(value))
                return len(tables) - 1
            return value.item()  # a number of numpy's

        text = json.dumps(_CONVERT.unstructure(message), default=beside).encode("ascii")
        with self._one_at_a_time:
            self._out.write(HEAD.pack(len(text), len(tables)))
            self._out.write(text)
            for table in tables:
                self._out.write(LENGTH.pack(table.size))
                self._out.write(table)
            self._out.flush()

    def receive(self) -> Frame:
        """The next frame. Raises EOFError at the end, BrokenFrame when it is none."""
        length, count = HEAD.unpack(self._exactly(HEAD.size))
        if count > MOST_TABLES:
            raise BrokenFrame(f"{count} tables")
        text = self._exactly(length)
        tables = [self._exactly(*LENGTH.unpack(self._exactly(LENGTH.size))) for _ in range(count)]
        try:
            message = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BrokenFrame("no JSON") from error
        if not isinstance(message, dict):
            raise BrokenFrame("no message")
        return Frame(message, tables)

    def _exactly(self, size: int) -> bytes | bytearray:
        if size > self.most_bytes:
            raise BrokenFrame(f"{size:,} bytes at once")
        if size <= PIECE:
            data: bytes | bytearray = self._in.read(size)
        else:  # grown as it comes, so that a length alone takes no memory
            data = bytearray()
            while len(data) < size and (piece := self._in.read(min(PIECE, size - len(data)))):
                data += piece
        if len(data) < size:
            raise EOFError
        return data

    def close(self) -> None:
        for stream in (self._in, self._out):
            try:
                stream.close()
            except OSError:
                continue  # the other side is gone: what was not flushed has no reader


def frames_over(line: socket.socket, most_bytes: int) -> Frames:
    """Frames over a connected socket, which the streams then hold."""
    with line:
        sending = cast(IO[bytes], line.makefile("wb", buffering=PIECE))
        return Frames(line.makefile("rb"), sending, most_bytes)


class Frame:
    """A message and the tables beside it."""

    def __init__(self, message: dict[str, Any], tables: Sequence[bytes | bytearray]) -> None:
        self.message = message
        self._tables = tables

    def value(self, kind: Any, plain: Any) -> Any:
        """A part of the message as what it should be. Raises BrokenFrame when it is not."""
        try:
            with_tables = _TABLES.set([_unpacked(table) for table in self._tables])
            try:
                return _CONVERT.structure(plain, kind)
            finally:
                _TABLES.reset(with_tables)
        except Exception as error:  # whatever a hostile sender can make these libraries say
            raise BrokenFrame(str(kind)) from error


def _packed(table: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as out:
        out.write_table(table)
    return sink.getvalue()


def _unpacked(data: bytes | bytearray) -> pa.Table:
    """A table whose every offset and character has been checked: it was not made here."""
    table = pa.ipc.open_stream(pa.py_buffer(data)).read_all()
    table.validate(full=True)
    return table


def plain_error(error: JourneyError) -> dict[str, Any]:
    """A sentence for people as JSON values."""
    return {"kind": type(error).__name__, **{k: v for k, v in vars(error).items() if _may_travel(v)}}


def _may_travel(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(k, str) and isinstance(v, str) for k, v in value.items())
    return isinstance(value, str | int | None)


def error_of(plain: Any, _kind: Any = None) -> JourneyError:
    """The error that `plain_error` wrote; only kinds that `errors.py` knows, only plain values in it."""
    said = dict(plain)
    kind = getattr(errors, str(said.pop("kind")), None)
    if not (isinstance(kind, type) and issubclass(kind, JourneyError)):
        raise ValueError("no such error")
    if not all(isinstance(name, str) and _may_travel(value) for name, value in said.items()):
        raise ValueError("an error holds texts")
    made = kind.__new__(kind)
    JourneyError.__init__(made, str(said.pop("what")), str(said.pop("do")))
    vars(made).update(said)
    return made


def _is_error(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, JourneyError)


_CONVERT = converter()
_CONVERT.register_unstructure_hook_func(_is_error, plain_error)
_CONVERT.register_structure_hook_func(_is_error, error_of)
_CONVERT.register_structure_hook(pa.Table, lambda place, _: _TABLES.get()[place])
