"""How is the state database opened, so that an acknowledged edit survives?

Every rule here was measured or has its reason in docs/decisions/005-append-only-state.md.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from journey_app.errors import BadChoice, NothingYet

BUSY_S = 5.0  # how long a writer waits for another one
WRITES = "journey_writes"  # the execution option that marks a writer's connection
_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",  # macOS: a plain fsync does not reach the platter
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA secure_delete = ON",  # what is erased is overwritten with zeros
)


def journal_mode(version: tuple[int, ...]) -> str:
    """ "wal" where SQLite has the fix of the WAL-reset race, "truncate" anywhere else.

    version: such as sqlite3.sqlite_version_info. Fixed in 3.51.3, and in the lines
    3.44 (from .6) and 3.50 (from .7). Source: https://sqlite.org/wal.html#walresetbug
    """
    line, patch = version[:2], version[2]
    backported = (line == (3, 44) and patch >= 6) or (line == (3, 50) and patch >= 7)
    return "wal" if backported or version >= (3, 51, 3) else "truncate"


def sqlite_path(url_or_path: str | Path) -> Path | None:
    """The file that is meant, or None when a server is meant."""
    if isinstance(url_or_path, Path):
        return url_or_path
    if url_or_path.startswith("sqlite:///"):
        return Path(url_or_path.removeprefix("sqlite:///"))
    return None if "://" in url_or_path else Path(url_or_path)


def connect_sqlite(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """One connection with every durability rule set.

    A reader opens the file for writing too, since only then can it roll back what a
    killed writer left behind; `query_only` is what keeps it from changing anything.
    """
    uri = f"{path.resolve().as_uri()}?mode={'rw' if read_only else 'rwc'}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        _set_journal(connection, journal_mode(sqlite3.sqlite_version_info))
        connection.execute(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")
    except BaseException:
        connection.close()
        raise
    return connection


def open_engine(url_or_path: str | Path, *, read_only: bool) -> Engine:
    """An engine whose writers queue up from their first statement, and whose readers never block.

    Raises NothingYet when a reader asks for a file that is not there, BadChoice for
    an address that is neither a file nor Postgres.
    """
    path = sqlite_path(url_or_path)
    engine = _postgres_engine(str(url_or_path)) if path is None else _sqlite_engine(path, read_only)
    event.listen(engine, "begin", _begin_postgres if path is None else _begin_sqlite)
    return engine


def _sqlite_engine(path: Path, read_only: bool) -> Engine:
    if read_only and not path.exists():
        raise NothingYet("Nothing has been saved here yet.", "Open this place once without read-only.")
    if not read_only:
        path.parent.mkdir(parents=True, exist_ok=True)
    return create_engine(
        "sqlite://",
        creator=lambda: connect_sqlite(path, read_only=read_only),
        poolclass=QueuePool,
        max_overflow=-1,  # as many as there are threads: nobody waits for a connection
    )


def _postgres_engine(address: str) -> Engine:
    try:
        url = make_url(address)
    except ArgumentError:
        raise _unknown_address() from None
    if url.drivername not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise _unknown_address()
    try:
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, max_overflow=-1)
    except ModuleNotFoundError as missing:
        raise BadChoice(
            "Keeping decisions in Postgres needs its driver, which is not installed.",
            "Run: pip install 'psycopg[binary]' — or use a file instead of an address.",
        ) from missing


def _unknown_address() -> BadChoice:
    # The address may hold a password, so it is not repeated.
    return BadChoice(
        "Decisions cannot be kept at this address.",
        "Give the path of a file, or an address that begins with postgresql://.",
    )


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock before it reads, so what it read is still true when it writes."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")


def _begin_postgres(connection: Connection) -> None:
    """The same meaning as on SQLite: one writer at a time, readers that cannot write."""
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return
    if not _writes(connection):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        return
    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
    connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_S:.0f}s'")
    connection.exec_driver_sql(
        "SELECT pg_advisory_xact_lock(hashtext('journey_app'), hashtext(current_schema()))"
    )


def _writes(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(WRITES))


def _set_journal(connection: sqlite3.Connection, wanted: str) -> None:
    """Switch the journal, which the busy timeout does not cover, unless it is already right."""

    def now() -> str:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])

    if now() != wanted:
        _patiently(lambda: connection.execute(f"PRAGMA journal_mode = {wanted}"))


def _patiently(deed: Callable[[], object]) -> None:
    until = time.monotonic() + BUSY_S
    while True:
        try:
            deed()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > until:
                raise
            time.sleep(0.02)
