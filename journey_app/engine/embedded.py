"""Who runs a question on this machine? DuckDB over one snapshot: read-only, locked, many readers."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from functools import cached_property
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa

from journey_app.engine.base import CONTEXT, CUSTOMERS, EVENTS, IDS, LINKS, Events
from journey_app.engine.connection import Limits, open_locked
from journey_app.engine.running import compiled, within
from journey_app.engine.trial import Unhidden
from journey_app.temporary import TemporaryFolder


class Snapshot:
    """The events of one workspace at one version (implements `engine.base.Events`)."""

    table = EVENTS
    customers = CUSTOMERS
    context = CONTEXT
    ids = IDS
    links = LINKS

    def __init__(self, file: Path, limits: Limits) -> None:
        self.limits = limits
        self._spill = TemporaryFolder("spill")
        self._connection = open_locked(file, limits, str(self._spill.path))
        about = self._connection.cursor().execute("select version, timezone from about").fetchone()
        assert about is not None, f"{file} has no description of itself"
        self.version, self.timezone = str(about[0]), str(about[1])

    def run(self, expression: ibis.Table) -> pa.Table:
        """The small answer of an expression over `table`, `customers` and `context`, fetched whole.

        Raises BadChoice when it takes longer than the limit (settings: JOURNEY_QUERY_LIMIT_S).
        """
        return self._run_sql(compiled(expression))

    def _run_sql(self, query: str) -> pa.Table:
        cursor = self.cursor()
        try:
            with within(self.limits, cursor):
                return cursor.sql(query).to_arrow_table()
        finally:
            cursor.close()

    @property
    def unhidden(self) -> Events:
        """The same customers with what a clean-up hides of them put back; itself where it hides nothing."""
        return self._unhidden or self

    @cached_property
    def _unhidden(self) -> Unhidden | None:
        hidden = self._run_sql(
            "select count(*) from left_out_events where customer_id not in (from left_out_whole)"
        )
        return Unhidden(self) if hidden[0][0].as_py() else None

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of one's own to this snapshot, for this room; whoever takes it closes it."""
        return self._connection.cursor()

    def close(self) -> None:
        self._connection.close()
        self._spill.cleanup()


_LOCK = threading.Lock()
_OPEN: OrderedDict[Path, Snapshot] = OrderedDict()
_OPEN_LIMIT = 8
# DuckDB lets one process open a file once: whoever still reads a snapshot shares it with the next one.
_ALIVE: weakref.WeakValueDictionary[Path, Snapshot] = weakref.WeakValueDictionary()


def open_snapshot(file: Path, limits: Limits) -> Snapshot:
    """The snapshot, opened once a process; the oldest of many is left to its last reader.

    Raises FileNotFoundError when nobody here reads it and the file is gone.
    """
    with _LOCK:
        if file not in _ALIVE and not file.exists():
            raise FileNotFoundError(file)
        snapshot = _ALIVE.get(file) or Snapshot(file, limits)
        _ALIVE[file] = _OPEN[file] = snapshot
        _OPEN.move_to_end(file)
        while len(_OPEN) > _OPEN_LIMIT:
            _OPEN.popitem(last=False)
        return snapshot


def let_go(file: Path) -> None:
    """Do not keep a snapshot open for those who come later; who reads it now finishes."""
    with _LOCK:
        _OPEN.pop(file, None)
