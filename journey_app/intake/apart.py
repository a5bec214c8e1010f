"""How is a file read without this process being at its mercy? By another one, under caps.

`prepare` and `read_as` here give what those of `prepare.py` give, except that every table they hand
out is read elsewhere: a file that takes too much memory or time, or breaks the libraries that read it,
costs one process, and is answered with a sentence.
Source: docs/decisions/020-files-are-read-apart.md
"""

from __future__ import annotations

import logging
import signal
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from journey_app.errors import BadFile
from journey_app.intake.away import KINDS, Away
from journey_app.intake.child import TOLD, Recipe, Source
from journey_app.intake.contract import EVENTS, LINKS, Answers, Chunk
from journey_app.intake.frames import BrokenFrame, Frame, error_of
from journey_app.intake.limits import Caps, Limits
from journey_app.intake.nursery import GRACE_S, NURSERY, Child
from journey_app.intake.prepare import NO_LIMITS_SET
from journey_app.intake.prepare import read_as as read_as_here
from journey_app.intake.prepared import Prepared
from journey_app.intake.source import display_label

DEFAULT_CAPS = Caps()
# By number where not every system has a name for it.
KILLED, OUT_OF_TIME = 9, 24  # SIGKILL, SIGXCPU
SMALLER = "Export a shorter period or fewer columns, or save it as CSV, and import that."
AGAIN = "Export it again and import the new file; if it is large, export a shorter period."
MOST_WAITING = (
    8  # processes that wait to be asked, each of 11 to 30 MB; one that ended begins again in moments
)
PATIENCE = 10  # how much longer than it may work it may wait for its turn on a busy machine
Heard = Callable[[int], None]
log = logging.getLogger(__name__)


def unheard(_bytes_read: int) -> None:
    """For callers that show no progress."""


class ReaderFailed(Exception):
    """A bug in the process that reads, with its own traceback."""


def prepare(
    path: Path,
    name: str,
    answers: Answers,
    *,
    timezone: str = "UTC",
    limits: Limits = NO_LIMITS_SET,
    caps: Caps = DEFAULT_CAPS,
    heard: Heard = unheard,
) -> tuple[Prepared, ...]:
    """Like `prepare.prepare`. heard: told, while it goes on, how many bytes have been read.

    Raises what that raises, and BadFile for a file that passes a cap or breaks its reader.
    """
    reader = Reader(path, name, timezone, limits, caps)
    return reader.prepare(answers, heard)


def read_as(table: Prepared, answers: Answers, *, timezone: str) -> Prepared:
    """The same table by other answers; raises what `prepare.read_as` raises."""
    return (
        table.read_as(answers, timezone)
        if isinstance(table, Away)
        else read_as_here(table, answers, timezone=timezone)
    )


def answers_of(table: Prepared) -> Answers:
    """The answers a table was read by."""
    return table.answers if isinstance(table, Away) else table._answers


def warm() -> None:
    """Begin to load what reading needs."""
    NURSERY.warm()


class Reader:
    """The process that reads one upload. It ends when nobody holds a table of it, or nobody asks for long.

    It is begun again when it is needed, so a table can be asked for as long as its file is there.
    """

    def __init__(self, path: Path, name: str, timezone: str, limits: Limits, caps: Caps) -> None:
        self.path, self.caps = path, caps
        self._label = display_label(name)
        self._source = Source(str(path.absolute()), name, timezone, limits)
        self._looked_at = _state(path)
        self._idle: list[Child] = []
        self._lock = threading.Lock()
        weakref.finalize(self, _hang_up, self._idle)

    def prepare(self, answers: Answers, heard: Heard) -> tuple[Prepared, ...]:
        with self._asked({"first": answers}) as messages:
            frame = _last(messages, heard)
        recipe = Recipe(answers, 0, None, self._source.timezone)
        tables = frame.message["last"]
        if not isinstance(tables, list):
            raise self.nonsense()
        return tuple(
            Away(self, replace(recipe, place=place), self._told(frame, table))
            for place, table in enumerate(tables)
        )

    @property
    def unchanged(self) -> bool:
        """Whether the file is still the one that was looked at."""
        return _state(self.path) == self._looked_at

    def told(self, recipe: Recipe) -> dict[str, Any]:
        """What is known about a table."""
        with self._asked({"recipe": recipe}) as messages:
            frame = _last(messages, unheard)
        return self._told(frame, frame.message["last"])

    def call(self, table: Away, method: str, args: tuple[Any, ...], kind: Any) -> Any:
        """What a method of the table says; `kind` is the type of it."""
        with self._asked(table.request(method, args)) as messages:
            frame = _last(messages, unheard)
        table.learn(self._told(frame, frame.message["told"]))
        return self._value(frame, kind, frame.message["last"])

    def stream(self, table: Away, method: str, args: tuple[Any, ...], kind: Any) -> Iterator[Any]:
        """What a method of the table gives one after another. Stopped half way, the process is ended."""
        with self._asked(table.request(method, args)) as messages:
            for frame in messages:
                if "last" in frame.message:
                    table.learn(self._told(frame, frame.message["told"]))
                elif "items" in frame.message:
                    yield from self._value(frame, list[kind], frame.message["items"])

    @contextmanager
    def _asked(self, request: dict[str, Any]) -> Iterator[Iterator[Frame]]:
        """The messages that answer a request. After the last one the process waits for the next request."""
        talk = _Talk(self, {"source": self._source, **request})
        try:
            yield talk.frames()
        finally:
            if talk.in_order:
                self._wait_with(talk.child)
            else:
                talk.child.end()

    def waiting(self) -> Child | None:
        """The process that waits to be asked."""
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _wait_with(self, child: Child) -> None:
        with self._lock:
            self._idle.append(child)
            superfluous = self._idle[:-1]
            del self._idle[:-1]
        for each in superfluous:
            each.end()
        WAITING.add(self)

    def _told(self, frame: Frame, plain: Any) -> dict[str, Any]:
        """What is told of a table, each as what it should be."""
        try:
            return {name: frame.value(KINDS[name], plain[name]) for name in TOLD}
        except (BrokenFrame, KeyError, TypeError) as error:
            raise self.nonsense() from error

    def _value(self, frame: Frame, kind: Any, plain: Any) -> Any:
        try:
            value = frame.value(kind, plain)
        except BrokenFrame as error:
            raise self.nonsense() from error
        chunks = [item for item in value if isinstance(item, Chunk)] if isinstance(value, list) else []
        if any(c.events.schema != EVENTS or c.links.schema != LINKS for c in chunks):
            raise self.nonsense()
        return value

    def ended(self, child: Child) -> BadFile:
        """Why a process ended before it had answered."""
        status = child.end(wait=GRACE_S)
        log.warning("the reader of an upload ended with status %s", status)
        if child.gave_up:
            what = (
                f"Reading “{self._label}” was given up: it did not get on for {self.caps.silence_s} seconds."
            )
            return BadFile(what, SMALLER)
        if status == -OUT_OF_TIME:
            what = f"“{self._label}” takes more than {self.caps.cpu_s:,} seconds of processor time to read."
            return BadFile(what, SMALLER)
        if status in (-signal.SIGTERM, -KILLED):
            what = f"Reading “{self._label}” was stopped from outside, by a person or for want of memory."
            return BadFile(what, "Import it again; if that does not help, export a shorter period.")
        what = (
            f"“{self._label}” broke off its reader: it is damaged, or needs more than {self._memory} to read."
        )
        return BadFile(what, AGAIN)

    def too_large(self) -> BadFile:
        return BadFile(f"“{self._label}” needs more memory than {self._memory} to read.", SMALLER)

    def nonsense(self) -> BadFile:
        return BadFile(f"“{self._label}” made its reader say things that make no sense.", AGAIN)

    @property
    def _memory(self) -> str:
        return f"{self.caps.memory_mb:,} MB"


class _Waiting:
    """The readers whose processes wait to be asked, the latest last: of many, those that wait longest end."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._readers: list[weakref.ref[Reader]] = []
        self._lock = threading.Lock()

    def add(self, reader: Reader) -> None:
        with self._lock:
            others = [one for one in self._readers if one() not in (None, reader)]
            self._readers = [*others, weakref.ref(reader)]
            over, self._readers = self._readers[: -self._most], self._readers[-self._most :]
        for one in over:
            found = one()
            child = found.waiting() if found else None
            if child is not None:
                child.end()


WAITING = _Waiting(MOST_WAITING)


def _state(path: Path) -> tuple[int, ...] | None:
    """What tells a file from what it was before somebody wrote into it; None when it is not there."""
    try:
        at = path.stat()
    except OSError:
        return None
    return at.st_ino, at.st_size, at.st_mtime_ns


class _Talk:
    """One request and the frames that answer it. in_order: the process has said all it had to say."""

    def __init__(self, reader: Reader, request: dict[str, Any]) -> None:
        self._reader, self._request = reader, request
        self.in_order = False
        waiting = reader.waiting()
        self._may_have_gone = waiting is not None
        self.child = waiting or NURSERY.begin(reader.caps)
        self._pace = _Pace(reader.caps.silence_s)

    def frames(self) -> Iterator[Frame]:
        frame = self._first()
        while True:
            self._raise_what_it_says(frame)
            if not self._pace.gets_on(frame):
                self.child.give_up()
                raise self._reader.ended(self.child)
            self.in_order = "last" in frame.message
            yield frame
            if self.in_order:
                return
            frame = self._next()

    def _first(self) -> Frame:
        """The first answer; a process that waited too long to be asked, or was ended meanwhile, is replaced."""
        try:
            self.child.ask(self._request)
            return self.child.next()
        except (OSError, EOFError, ValueError, BrokenFrame) as error:
            if not self._may_have_gone or self.child.gave_up:
                raise self._broken(error) from error
        self.child.end()
        self._may_have_gone = False
        self.child = NURSERY.begin(self._reader.caps)
        return self._first()

    def _next(self) -> Frame:
        try:
            return self.child.next()
        except (EOFError, BrokenFrame) as error:
            raise self._broken(error) from error

    def _broken(self, error: Exception) -> BadFile:
        nonsense = isinstance(error, BrokenFrame)
        return self._reader.nonsense() if nonsense else self._reader.ended(self.child)

    def _raise_what_it_says(self, frame: Frame) -> None:
        said = frame.message
        if "error" in said:
            try:
                error = error_of(said["error"])
            except (ValueError, TypeError, KeyError) as broken:
                raise self._reader.nonsense() from broken
            self.in_order = True
            raise error
        if said.get("out_of") == "memory":
            raise self._reader.too_large()
        if "bug" in said:
            raise ReaderFailed(str(said["bug"]))


class _Pace:
    """Whether a process gets on: it reads more of its file, or says something."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._read, self._spent, self._at = -1, 0.0, monotonic()

    def gets_on(self, frame: Frame) -> bool:
        """False when it has spent too much since it last did; told by the frames it sends meanwhile."""
        said = frame.message
        if "read" not in said or said["read"] != self._read:
            self._read, self._at = said.get("read", -1), monotonic()
            self._spent = float(said.get("spent", self._spent))
            return True
        spent = float(said.get("spent", 0.0)) - self._spent
        return spent < self._seconds and monotonic() - self._at < PATIENCE * self._seconds


def _last(messages: Iterator[Frame], heard: Heard) -> Frame:
    """The last message; those before it only say how far it has got."""
    for frame in messages:
        if "last" in frame.message:
            return frame
        heard(int(frame.message.get("read", 0)))
    raise AssertionError("the last message ends them")


def _hang_up(children: list[Child]) -> None:
    for child in children:
        child.hang_up()


def let_go(tables: Iterable[Prepared]) -> None:
    """End the processes of these tables; asked again, they begin anew."""
    for table in tables:
        if isinstance(table, Away):
            table.let_go()
