"""What is in a table of somebody else's database? Read in parts, changing nothing.

The address of the database holds a password, so it is never stored: a source names the environment
variable that holds it.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchTableError, SQLAlchemyError

from journey_app.errors import BadChoice, BadFile, UnknownName

PREFIX = "JOURNEY_SOURCE_"
ROWS_AT_ONCE = 10_000
_VARIABLE = re.compile(rf"{PREFIX}[A-Z0-9_]{{1,60}}")
_READ_ONLY = {"postgresql": "SET TRANSACTION READ ONLY", "mysql": "SET SESSION TRANSACTION READ ONLY"}


def checked_variable(name: str) -> str:
    """The name of a variable that may hold a database's address. Raises BadChoice."""
    if not _VARIABLE.fullmatch(name):
        raise BadChoice(
            "A database is named by the environment variable that holds its address.",
            f"Set one such as {PREFIX}SHOP=postgresql://… and give its name; the address is never stored.",
        )
    return name


def export_table(
    variable: str,
    table: str,
    target: Path,
    *,
    most_mb: int,
    environment: Mapping[str, str] = os.environ,
    progress: Callable[[int], None] = lambda _rows: None,
) -> int:
    """Write a table or view, whole, as CSV; returns its rows. Nothing in the database is changed.

    variable: which environment variable holds its address. table: its name, with its schema before a
    point where there is one. Moments with a zone are written in UTC. Raises BadChoice, BadFile, UnknownName.
    """
    engine = _engine(variable, environment)
    try:
        with (
            engine.connect().execution_options(stream_results=True) as connection,
            connection.begin() as work,
        ):
            _only_read(connection)
            rows = _written(connection, _found(connection, table), target, most_mb, progress)
            work.rollback()
            return rows
    except (DBAPIError, SQLAlchemyError) as error:
        # the driver's own words may repeat the address
        raise BadFile(
            f"The database behind {variable} did not give the table “{table}” ({type(error).__name__}).",
            "Check that it runs, and that its user may read this table.",
        ) from None
    finally:
        engine.dispose()


def _engine(variable: str, environment: Mapping[str, str]) -> Engine:
    """The database whose address a variable holds. Raises BadChoice, which repeats nothing of the address."""
    address = environment.get(checked_variable(variable))
    if not address:
        raise BadChoice(
            f"The variable {variable} is not set.", "Set it where the app and its commands are started."
        )
    try:
        return create_engine(make_url(address))
    except (ArgumentError, ValueError):  # the address may hold a password, so nothing of it is repeated
        raise BadChoice(
            f"{variable} holds no address of a database.", "It looks like postgresql://…"
        ) from None
    except ModuleNotFoundError as missing:
        raise BadChoice(
            f"The driver for this database, {missing.name}, is not installed.",
            "For Postgres run: pip install 'psycopg[binary]' and write postgresql+psycopg://…",
        ) from None


def _only_read(connection: Connection) -> None:
    brand = connection.dialect.name
    if brand == "sqlite":
        connection.exec_driver_sql("PRAGMA query_only = ON")
    elif brand in _READ_ONLY:
        connection.exec_driver_sql(_READ_ONLY[brand])


def _found(connection: Connection, name: str) -> Table:
    """The table as the database describes it: a name is looked up, never pasted into a query."""
    schema, _, short = name.rpartition(".")
    inspector = inspect(connection)
    known = [*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)]
    if short not in known:
        raise UnknownName("table", name, sorted(f"{schema}.{each}" if schema else each for each in known))
    try:
        return Table(short, MetaData(), schema=schema or None, autoload_with=connection)
    except NoSuchTableError:
        raise UnknownName("table", name, known) from None


def _written(
    connection: Connection, table: Table, target: Path, most_mb: int, progress: Callable[[int], None]
) -> int:
    rows = 0
    with target.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        answer = connection.execute(select(table)).yield_per(ROWS_AT_ONCE)
        out.writerow(answer.keys())
        for part in answer.partitions():
            out.writerows([_cell(value) for value in row] for row in part)
            rows += len(part)
            progress(rows)
            if file.tell() > most_mb * 1024 * 1024:
                raise BadFile(
                    f"The table “{table.name}” is larger than {most_mb:,} MB as text.",
                    "Make a view with fewer columns or a shorter period, and name that.",
                )
    return rows


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).isoformat()
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    return str(value)
