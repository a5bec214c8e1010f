"""How does a call reach the disk before we say that it has, when many arrive at once?

One small database beside the decisions, with the same durability rules. One thread writes: what
arrives while it commits goes into its next commit together, so that a hundred callers share one
flush. Whatever is here is waiting to become events and is erased as soon as it has.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from journey_app.store.database import connect_sqlite
from journey_app.store.trouble import StoreTrouble, in_plain_words

MOST_IN_ONE_COMMIT = 5_000
MOST_UNWRITTEN = 50_000  # calls in memory; beyond it callers are told to come again
SLICE = 2_000

_TABLES = (
    # autoincrement: a number is never given twice, since it orders events of the same moment
    """CREATE TABLE IF NOT EXISTS calls (
        n INTEGER PRIMARY KEY AUTOINCREMENT, message TEXT NOT NULL UNIQUE,
        day TEXT NOT NULL, received_at TEXT NOT NULL, body TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS calls_by_day ON calls (day, n)",
    """CREATE TABLE IF NOT EXISTS refused (
        reason TEXT PRIMARY KEY, calls INTEGER NOT NULL, last_at TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS merges (
        one INTEGER PRIMARY KEY CHECK (one = 1), tried_at TEXT NOT NULL, seconds REAL NOT NULL,
        trouble TEXT NOT NULL)""",
)
FULL = (
    "Calls arrive faster than this disk can write them; these were not kept.",
    "Send them again in a moment.",
)
READ = (
    "The inbox is being read, so that what was erased is still in its journal.",
    "It is tried again when this workspace is opened next.",
)
MOVED = ("The inbox was moved or deleted while it was open; this was not kept.", "Send it again.")


@dataclass(frozen=True)
class Received:
    """One call to keep. message: its id, twice the same is once. received_at: ISO 8601, UTC. body: JSON."""

    message: str
    received_at: str
    body: str


@dataclass(frozen=True)
class Waiting:
    """What lies in an inbox. last: the number of the newest call, 0 when it is empty.

    refused: reason → (calls, when the last one came), ever since. merge: when the last one was tried, how
    many seconds it took, and what went wrong, empty when nothing did; None before the first.
    """

    calls: int
    last: int
    since: str | None
    refused: dict[str, tuple[int, str]]
    merge: tuple[str, float, str] | None = None


class Inbox:
    """The calls of one workspace that are not events yet. Safe to share between threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._coming: queue.SimpleQueue[_Writing | None] = queue.SimpleQueue()
        self._unwritten = 0
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None
        self._inode = 0

    def submit(self, calls: Sequence[Received], refused: Sequence[tuple[str, str]] = ()) -> Future[int]:
        """Keep calls; the future is done once they survive a power cut, with how many were new.

        refused: (reason, when) of calls that could not be kept, to be counted. Raises StoreTrouble when
        too many wait already; the future carries what went wrong on the disk.
        """
        writing = _Writing(tuple(calls), tuple(refused), Future())
        writing.done.set_running_or_notify_cancel()  # from now on nobody who goes away can take it back
        with self._lock:
            if self._unwritten + len(calls) > MOST_UNWRITTEN:
                raise StoreTrouble(*FULL)
            self._unwritten += len(calls)
            if self._writer is None or not self._writer.is_alive():
                self._writer = threading.Thread(target=self._write_on, name="inbox", daemon=True)
                self._writer.start()
        self._coming.put(writing)
        return writing.done

    def waiting(self) -> Waiting:
        """How much lies here, since when, and what was refused."""
        if not self.path.exists():
            return Waiting(0, 0, None, {})
        with in_plain_words(), closing(self._open()) as con:
            calls, last, since = con.execute(
                "SELECT count(*), coalesce(max(n), 0), min(received_at) FROM calls"
            ).fetchone()
            refused = {r: (n, at) for r, n, at in con.execute("SELECT reason, calls, last_at FROM refused")}
            merge = con.execute("SELECT tried_at, seconds, trouble FROM merges").fetchone()
        return Waiting(calls, last, since, refused, merge)

    def newest(self) -> int:
        """The number of the newest call; 0 when none waits."""
        if not self.path.exists():
            return 0
        with in_plain_words(), closing(self._open()) as con:
            return int(con.execute("SELECT coalesce(max(n), 0) FROM calls").fetchone()[0])

    def days(self, upto: int) -> list[str]:
        """The days on which calls up to this number came, oldest first."""
        with in_plain_words(), closing(self._open()) as con:
            found = con.execute("SELECT DISTINCT day FROM calls WHERE n <= ? ORDER BY day", [upto])
            return [day for (day,) in found]

    def of_day(self, day: str, upto: int) -> Iterator[list[tuple[int, str]]]:
        """The (number, body) of a day's calls up to a number, in order, some at a time.

        Each part is read at once: on a file without a write-ahead log a reader keeps the writer waiting.
        """
        after = 0
        with closing(self._open()) as con:
            while True:
                with in_plain_words():
                    part = con.execute(
                        "SELECT n, body FROM calls WHERE day = ? AND n > ? AND n <= ? ORDER BY n LIMIT ?",
                        [day, after, upto, SLICE],
                    ).fetchall()
                if not part:
                    return
                yield part
                after = part[-1][0]

    def note_merge(self, tried_at: str, seconds: float, trouble: str) -> None:
        """Keep what became of the last merge, for people to see."""
        with in_plain_words(), closing(self._open()) as con:
            con.execute("INSERT OR REPLACE INTO merges VALUES (1, ?, ?, ?)", [tried_at, seconds, trouble])

    def remove(self, upto: int) -> None:
        """Erase the calls up to a number: they are events now."""
        with in_plain_words(), closing(self._open()) as con:
            con.execute("DELETE FROM calls WHERE n <= ?", [upto])
            con.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def bodies(self) -> Iterator[str]:
        """What waits, in order; each part is read at once, as in `of_day`."""
        after = 0
        while self.path.exists():
            with in_plain_words(), closing(self._open()) as con:
                part = con.execute(
                    "SELECT n, body FROM calls WHERE n > ? ORDER BY n LIMIT ?", [after, SLICE]
                ).fetchall()
            if not part:
                return
            yield from (body for _n, body in part)
            after = part[-1][0]

    def erase(self, kept: Callable[[str], str | None]) -> int:
        """Take calls out, or words out of them, for good; returns how many calls went.

        kept: a body as it may stay, None when the call goes. No free page and no journal holds them then.
        Raises StoreTrouble while another program reads the file for so long that it cannot be rewritten.
        """
        if not self.path.exists():
            return 0
        with in_plain_words(), closing(self._open()) as con:
            con.execute("BEGIN IMMEDIATE")
            gone, changed = [], []
            for n, body in con.execute("SELECT n, body FROM calls ORDER BY n"):
                stays = kept(body)
                if stays is None:
                    gone.append([n])
                elif stays != body:
                    changed.append([stays, n])
            con.executemany("DELETE FROM calls WHERE n = ?", gone)
            con.executemany("UPDATE calls SET body = ? WHERE n = ?", changed)
            con.execute("COMMIT")
            con.execute("VACUUM")
            busy = con.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise StoreTrouble(*READ)
        return len(gone)

    def close(self) -> None:
        """Write what has come, then stop."""
        with self._lock:
            writer, self._writer = self._writer, None
        if writer is not None:
            self._coming.put(None)
            writer.join()

    def _open(self) -> sqlite3.Connection:
        con = connect_sqlite(self.path)
        for table in _TABLES:
            con.execute(table)
        return con

    def _write_on(self) -> None:
        """Commit what has come, together, until told to stop."""
        con: sqlite3.Connection | None = None
        while True:
            batch, going_on = self._next()
            if batch:
                con = self._commit(con, batch)
            if not going_on:
                if con is not None:
                    con.close()
                return

    def _next(self) -> tuple[list[_Writing], bool]:
        """Everything that waits, once something does; and whether to go on after it."""
        batch: list[_Writing] = []
        first = self._coming.get()
        while first is not None:
            batch.append(first)
            if sum(len(each.calls) for each in batch) >= MOST_IN_ONE_COMMIT:
                return batch, True
            try:
                first = self._coming.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _commit(self, con: sqlite3.Connection | None, batch: list[_Writing]) -> sqlite3.Connection | None:
        """One commit for everybody in `batch`; who is told what follows from it alone."""
        try:
            with in_plain_words():
                if con is None:
                    con = self._open()
                    self._inode = self.path.stat().st_ino
                added = _insert(con, batch)
                if not self._still_there():
                    raise StoreTrouble(*MOVED)
        except BaseException as error:
            for writing in batch:
                writing.done.set_exception(error)
            if con is not None:
                con.close()
            con = None
        else:
            for writing, new in zip(batch, added, strict=True):
                writing.done.set_result(new)
        finally:
            with self._lock:
                self._unwritten -= sum(len(writing.calls) for writing in batch)
        return con

    def _still_there(self) -> bool:
        """Whether what was written to lies at its path: a deleted file takes writes in silence."""
        try:
            return self.path.stat().st_ino == self._inode
        except FileNotFoundError:
            return False


@dataclass(frozen=True)
class _Writing:
    calls: tuple[Received, ...]
    refused: tuple[tuple[str, str], ...]
    done: Future[int]


def _insert(con: sqlite3.Connection, batch: list[_Writing]) -> list[int]:
    """All of it in one transaction; how many calls of each were new."""
    added = []
    con.execute("BEGIN IMMEDIATE")
    try:
        for writing in batch:
            before = con.total_changes
            con.executemany(
                "INSERT OR IGNORE INTO calls (message, day, received_at, body) VALUES (?, ?, ?, ?)",
                [(c.message, c.received_at[:10], c.received_at, c.body) for c in writing.calls],
            )
            added.append(con.total_changes - before)
            con.executemany(
                """INSERT INTO refused VALUES (?, 1, ?)
                   ON CONFLICT (reason) DO UPDATE SET calls = calls + 1, last_at = excluded.last_at""",
                writing.refused,
            )
        con.execute("COMMIT")
    except BaseException:
        if con.in_transaction:
            con.execute("ROLLBACK")
        raise
    return added
