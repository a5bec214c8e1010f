"""How does a process that reads one file begin, and how is it ended?"""

from __future__ import annotations

import atexit
import json
import os
import queue
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from journey_app.intake.frames import Frame, Frames, frames_over
from journey_app.intake.limits import MEGABYTE, Caps

ROOT = Path(__file__).parents[2]
MODULE = "journey_app.intake.child"
# A process that was forked from a loaded one is there in milliseconds. Elsewhere than on Linux, forking a
# process that has loaded the system's frameworks is not safe, so there each one begins from nothing.
FORKS = sys.platform == "linux"
GRACE_S = 1.0  # for a process whose stream has ended to be seen as ended
KEPT_OF_THE_ENVIRONMENT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "TEMP",
    "SYSTEMROOT",
    "VIRTUAL_ENV",
    "PYTHONPATH",
)


def environment() -> dict[str, str]:
    """What a reading process may know of ours: no settings, no passwords; and one thread is enough for it."""
    kept = {name: os.environ[name] for name in KEPT_OF_THE_ENVIRONMENT if name in os.environ}
    return kept | {"MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


# Those nobody speaks with any more. A queue that a collector may write to while somebody reads it.
GONE: queue.SimpleQueue[Child] = queue.SimpleQueue()


class _Body(Protocol):
    """A process, however it was begun."""

    def end(self, wait: float) -> int: ...


class Child:
    """A process that reads for us, and the frames to speak with it."""

    def __init__(self, body: _Body, frames: Frames, caps: Caps) -> None:
        self._body, self._frames, self._caps = body, frames, caps
        self._ending = threading.Lock()
        self.status: int | None = None  # how it ended: 0 by itself, below 0 by which signal
        self.gave_up = False  # it was ended because it did not get on
        frames.send({"caps": caps})

    def ask(self, request: dict[str, Any]) -> None:
        """Raises OSError when it is not there any more."""
        self._frames.send(request)

    def next(self) -> Frame:
        """What it says next; when it says nothing for too long, it is ended. Raises EOFError when it has ended."""
        patience = threading.Timer(self._caps.silence_s, self.give_up)
        patience.daemon = True
        patience.start()
        try:
            return self._frames.receive()
        except (OSError, ValueError) as error:
            raise EOFError from error
        finally:
            patience.cancel()

    def give_up(self) -> None:
        """End it because it does not get on."""
        self.gave_up = True
        self.end()

    def hang_up(self) -> None:
        """Let it end by itself. For the collector of garbage, which may come at any moment and must not wait."""
        self._frames.close()
        GONE.put(self)

    def end(self, wait: float = 0.0) -> int:
        """End it, or see how it ended. wait: how long it may take to end by itself."""
        with self._ending:
            if self.status is None:
                self.status = self._body.end(wait)
        self._frames.close()
        return self.status


class _Forked:
    def __init__(self, mother: _Mother, number: int) -> None:
        self._mother, self._number = mother, number

    def end(self, wait: float) -> int:
        try:
            return int(self._mother.order({"do": "end", "child": self._number, "wait": wait}))
        except OSError:
            return -9  # its mother is gone, and none of hers outlives her


class _Begun:
    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def end(self, wait: float) -> int:
        try:
            return self._process.wait(wait)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


class _Mother:
    """The process that has everything loaded and forks others; see `child.Mother`."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._one_at_a_time = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", MODULE, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
                env=environment(),
                start_new_session=True,  # Ctrl-C is for us to answer
            )

    def begin(self, caps: Caps) -> Child:
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                number = int(self.order({"do": "begin"}, theirs.fileno()))
            frames = frames_over(ours, caps.memory_mb * MEGABYTE)
        return Child(_Forked(self, number), frames, caps)

    def order(self, what: dict[str, Any], *lines: int) -> Any:
        """Raises ConnectionError when it is not there any more."""
        with self._one_at_a_time:
            socket.send_fds(self._line, [json.dumps(what).encode()], lines)
            answer = self._line.recv(4096)
        if not answer:
            raise ConnectionResetError
        return json.loads(answer)

    def end(self) -> None:
        self._line.close()
        self._process.wait()


class Nursery:
    """Where reading processes begin. There is one, and what it began ends with this process."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._mother: _Mother | None = None

    def forked(self) -> None:
        """After a fork of this very process: the mother belongs to the other one, and so does her line."""
        if self._mother is not None:
            self._mother._line.close()
        self._forget()

    def warm(self) -> None:
        """Begin to load what reading needs, so that the first file does not wait for it."""
        if FORKS:
            with self._lock:
                self._mother = self._mother or _Mother()

    def begin(self, caps: Caps) -> Child:
        """A new process under these caps."""
        with suppress(queue.Empty):
            while True:
                GONE.get_nowait().end(GRACE_S)
        if not FORKS:
            return _begun(caps)
        for _ in range(2):
            self.warm()
            mother = self._mother
            assert mother is not None
            try:
                return mother.begin(caps)
            except OSError:  # somebody ended her
                with self._lock:
                    if self._mother is mother:
                        self._mother = None
                mother.end()
        return _begun(caps)

    def close(self) -> None:
        with self._lock:
            mother, self._mother = self._mother, None
        if mother is not None:
            mother.end()


def _begun(caps: Caps) -> Child:
    """A process that begins from nothing."""
    process = subprocess.Popen(
        [sys.executable, "-m", MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment(),
        start_new_session=True,
    )
    assert process.stdin is not None and process.stdout is not None
    frames = Frames(process.stdout, process.stdin, caps.memory_mb * MEGABYTE)
    return Child(_Begun(process), frames, caps)


NURSERY = Nursery()
atexit.register(NURSERY.close)
with suppress(AttributeError):  # Windows does not fork
    os.register_at_fork(after_in_child=NURSERY.forked)
