"""How is an expression run: compiled once, and stopped when it takes too long?"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import ibis

from journey_app.engine.connection import Limits
from journey_app.errors import BadChoice


@contextmanager
def within(limits: Limits, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Stop what takes longer than the limit; it raises BadChoice then."""
    watchdog = threading.Timer(limits.query_s, cursor.interrupt)
    watchdog.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise BadChoice(
            f"The answer took longer than {limits.query_s} seconds and was stopped.",
            "Ask for fewer steps or a shorter period, or raise JOURNEY_QUERY_LIMIT_S.",
        ) from error
    finally:
        watchdog.cancel()


_COMPILED: OrderedDict[ibis.Table, str] = OrderedDict()
_COMPILED_LIMIT = 512
_LOCK = threading.Lock()


def compiled(expression: ibis.Table) -> str:
    """Compiling costs 13–47 ms a question (engine.md), so each expression is compiled once."""
    key = expression.op()
    with _LOCK:
        if key in _COMPILED:
            _COMPILED.move_to_end(key)
            return _COMPILED[key]
    query = str(ibis.to_sql(expression, dialect="duckdb"))
    with _LOCK:
        _COMPILED[key] = query
        while len(_COMPILED) > _COMPILED_LIMIT:
            _COMPILED.popitem(last=False)
    return query
