"""Who reads a file from outside? A process of its own, which may be ended at any moment.

Run as `python -m journey_app.intake.child` it answers requests over its standard streams. Given the
number of a socket it is the mother of such processes instead: it has everything loaded and forks
one for each upload, which takes milliseconds. None of them outlives the process they work for.
"""

from __future__ import annotations

import gc
import io
import json
import os
import queue
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_type_hints

import pyarrow as pa

from journey_app.errors import JourneyError
from journey_app.intake.contract import Chunk
from journey_app.intake.frames import Frames, frames_over, plain_error
from journey_app.intake.limits import MEGABYTE, Caps, Limits
from journey_app.intake.prepare import prepare, read_as
from journey_app.intake.prepared import Prepared
from journey_app.intake.watched import bytes_so_far
from journey_app.plain import from_plain, to_plain
from journey_app.vocabulary import Answers

IDLE_S = 60.0  # nobody asks for so long: whoever comes later gets a new process
TOLD_EVERY_S = 0.3
ITEMS_AT_ONCE = 500
MOST_ASKED = 64 * MEGABYTE
WRITES_BYTES = 1 * MEGABYTE
STACK_BYTES = MEGABYTE
WARNED_S = 5  # between the signal that says why and the one that cannot be refused
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>

# What is told of a table: its public fields, but never its path, and its public properties.
TOLD = tuple(
    [f.name for f in fields(Prepared) if not f.name.startswith("_") and f.name != "path"]
    + [n for n, v in vars(Prepared).items() if isinstance(v, property) and not n.startswith("_")]
)


@dataclass(frozen=True)
class Recipe:
    """How to find a table again. first: the answers its upload was prepared with; place: which table of it.

    answers: what it was read by since, None when nothing else was said. kept_as: its source, its system
    and the type of its ids, where those were settled afterwards.
    """

    first: Answers
    place: int
    answers: Answers | None
    timezone: str
    kept_as: tuple[str, str, str | None] | None = None


@dataclass(frozen=True)
class Source:
    """The upload that a process reads."""

    path: str
    name: str
    timezone: str
    limits: Limits


def told(table: Prepared) -> dict[str, Any]:
    """What the other side may know of a table."""
    return {name: getattr(table, name) for name in TOLD}


class Shelf:
    """The tables of one upload, each made once. It can be lost: every request says how to make its table."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[Prepared, ...]] = {}
        self._read: dict[str, Prepared] = {}

    def clear(self) -> None:
        self._found.clear()
        self._read.clear()

    def tables(self, source: Source, first: Answers) -> tuple[Prepared, ...]:
        key = repr((source, first))
        if key not in self._found:
            self._found[key] = prepare(
                Path(source.path), source.name, first, timezone=source.timezone, limits=source.limits
            )
        return self._found[key]

    def table(self, source: Source, recipe: Recipe) -> Prepared:
        if recipe.answers is None and recipe.kept_as is None:
            return self.tables(source, recipe.first)[recipe.place]
        key = repr((source, recipe))
        if key not in self._read:
            self._read[key] = self._made(source, recipe)
        return self._read[key]

    def _made(self, source: Source, recipe: Recipe) -> Prepared:
        if recipe.kept_as is not None:
            name, system, ids = recipe.kept_as
            return self.table(source, replace(recipe, kept_as=None)).kept_as(name, system, (), ids=ids)
        assert recipe.answers is not None
        found = self.tables(source, recipe.first)[recipe.place]
        return read_as(found, recipe.answers, timezone=recipe.timezone)


def answered(shelf: Shelf, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The messages that answer a request; the last one says that it is the last."""
    source = from_plain(Source, request["source"])
    if "first" in request:
        tables = shelf.tables(source, from_plain(Answers, request["first"]))
        yield {"last": [told(table) for table in tables]}
        return
    table = shelf.table(source, from_plain(Recipe, request["recipe"]))
    if "call" not in request:
        yield {"last": told(table)}
        return
    answer = getattr(table, request["call"])(*_as_declared(request["call"], request["with"]))
    if isinstance(answer, Iterator):
        for items in in_handfuls(answer):
            yield {"items": items}
        answer = None
    yield {"last": answer, "told": told(table)}


def _as_declared(method: str, arguments: Sequence[Any]) -> list[Any]:
    """The arguments of a method, moments as moments again."""
    hints = [kind for name, kind in get_type_hints(getattr(Prepared, method)).items() if name != "return"]
    return [
        datetime.fromisoformat(value) if kind is datetime else value
        for kind, value in zip(hints, arguments, strict=False)
    ]


def in_handfuls(items: Iterator[Any]) -> Iterator[list[Any]]:
    """Some at a time, but what holds tables one by one."""
    some: list[Any] = []
    for item in items:
        some.append(item)
        if isinstance(item, Chunk | pa.Table) or len(some) == ITEMS_AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def serve(frames: Frames) -> None:
    """Answer requests until nobody asks any more; the first frame says what may be used."""
    caps = from_plain(Caps, frames.receive().message["caps"])
    requests: queue.Queue[dict[str, Any]] = queue.Queue()
    shelf, busy = Shelf(), threading.Event()
    threading.stack_size(STACK_BYTES)
    threading.Thread(target=_listen, args=(frames, requests), daemon=True).start()
    threading.Thread(target=_tell_how_far, args=(frames, busy), daemon=True).start()
    confine(caps)  # after them: a thread that finds no memory to begin with is waited for without end
    while True:
        try:
            request = requests.get(timeout=IDLE_S)
        except queue.Empty:
            return
        busy.set()
        if not _answer(frames, shelf, request):
            return
        busy.clear()


def _answer(frames: Frames, shelf: Shelf, request: Mapping[str, Any]) -> bool:
    """Answer one request; False when this process had better not go on."""
    try:
        for message in answered(shelf, request):
            frames.send(message)
    except JourneyError as error:
        frames.send({"error": plain_error(error)})
    except MemoryError:
        shelf.clear()  # room for the answer
        frames.send({"out_of": "memory"})
        return False
    except BrokenPipeError:
        return False
    except Exception:
        frames.send({"bug": traceback.format_exc()})
    return True


def _listen(frames: Frames, requests: queue.Queue[dict[str, Any]]) -> None:
    """Take requests in. When the other side is gone, so is this process, whatever it is doing."""
    try:
        while True:
            requests.put(frames.receive().message)
    finally:
        os._exit(0)


def _tell_how_far(frames: Frames, busy: threading.Event) -> None:
    """A sign of life while a request is worked on: bytes read, and processor time spent."""
    while busy.wait():
        time.sleep(TOLD_EVERY_S)
        if busy.is_set():
            with suppress(OSError, ValueError):  # the listener ends this process
                frames.send({"read": bytes_so_far(), "spent": time.process_time()})


def confine(caps: Caps) -> None:
    """Hold this process to its caps, as far as the system can: on Linux all of them, on Windows none."""
    try:
        import resource
    except ImportError:
        return
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    spent = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
    bounds = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: WRITES_BYTES,
    }
    if (held := _address_space()) is not None:
        bounds[resource.RLIMIT_AS] = held + caps.memory_mb * MEGABYTE
    for what, most in bounds.items():
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
    seconds = spent + caps.cpu_s
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    last = seconds + WARNED_S if hard == resource.RLIM_INFINITY else min(seconds + WARNED_S, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (min(seconds, last), last))


def _address_space() -> int | None:
    """What this process takes before it reads anything; None where the system bounds no memory."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return None


def practise() -> None:
    """Read a small log once: what libraries keep from a first time is then there in every fork."""
    with TemporaryDirectory(prefix="journey-practice-") as folder:
        log = Path(folder) / "log.csv"
        log.write_text("user_id,event,timestamp\nu1,Signed up,2026-03-02 09:00\n", encoding="utf-8")
        source = to_plain(Source(str(log), log.name, "UTC", Limits()))
        recipe = to_plain(Recipe(Answers(), 0, None, "UTC"))
        frames = Frames(io.BytesIO(), io.BytesIO(), MOST_ASKED)
        shelf = Shelf()
        for request in ({"first": to_plain(Answers())}, {"recipe": recipe, "call": "chunks", "with": []}):
            for message in answered(shelf, {"source": source, **request}):
                frames.send(message)


class Mother:
    """Begins and ends processes for the one at the other end of a socket, and goes when that one goes."""

    def __init__(self, orders: socket.socket) -> None:
        self._orders = orders
        self._children: set[int] = set()

    def run(self) -> None:
        practise()
        gc.collect()
        gc.freeze()  # so that a fork's collector does not copy what is shared
        while True:
            try:
                said, lines, _, _ = socket.recv_fds(self._orders, 4096, 1)
            except OSError:
                said, lines = b"", []
            if not said:
                break
            order = json.loads(said)
            begins = order["do"] == "begin"
            answer = self._begin(lines[0]) if begins else self._end(order["child"], order["wait"])
            with suppress(OSError):  # whoever asked is gone: the next order says so
                self._orders.send(json.dumps(answer).encode())
        for child in self._children:
            os.kill(child, signal.SIGKILL)

    def _begin(self, line: int) -> int:
        child = os.fork()
        if child == 0:
            self._be_a_child(line)
        os.close(line)
        self._children.add(child)
        return child

    def _be_a_child(self, line: int) -> None:
        try:
            self._orders.close()
            _die_with_parent()
            serve(frames_over(socket.socket(fileno=line), MOST_ASKED))
        finally:
            os._exit(0)

    def _end(self, child: int, wait: float) -> int:
        """End a child and say how it ended: 0 by itself, below 0 by which signal. wait: seconds of grace."""
        if child not in self._children:
            return 0
        until = time.monotonic() + wait
        while (over := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < until:
            time.sleep(0.005)
        if over == (0, 0):
            os.kill(child, signal.SIGKILL)
            over = os.waitpid(child, 0)
        self._children.discard(child)
        return os.waitstatus_to_exitcode(over[1])


def _die_with_parent() -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)


def main(arguments: Sequence[str]) -> None:
    if arguments:
        Mother(socket.socket(fileno=int(arguments[0]))).run()
        return
    sending = os.fdopen(os.dup(1), "wb", buffering=MEGABYTE)
    os.dup2(2, 1)  # a library that prints must not speak in between
    serve(Frames(sys.stdin.buffer, sending, MOST_ASKED))
    os._exit(0)  # the listener still waits on the stream, which an orderly end would wait for


if __name__ == "__main__":
    main(sys.argv[1:])
