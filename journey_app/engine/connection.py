"""How is DuckDB opened? Bounded always, and locked wherever a question could reach it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from journey_app.temporary import TemporaryFolder


@dataclass(frozen=True)
class Limits:
    """What one connection may use: memory before it spills, disk for spilling, processor threads."""

    memory_mb: int = 1024
    spill_mb: int = 8192
    threads: int = 2
    query_s: int = 60


# What a writer takes of that: beside it lie what stitching knows, and the process that reads the upload.
WRITERS_SHARE = 0.6

# Set after opening, in this order: afterwards nothing can be read, written, installed or unset.
LOCKS = (
    "set autoinstall_known_extensions=false",
    "set autoload_known_extensions=false",
    "set allow_community_extensions=false",
    "set python_enable_replacements=false",
    "set enable_external_access=false",
    "set lock_configuration=true",
)


def _config(limits: Limits, spill: str) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "threads": limits.threads,
        "memory_limit": f"{limits.memory_mb}MB",
        "temp_directory": spill,
        "max_temp_directory_size": f"{limits.spill_mb}MB",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


@contextmanager
def scratch(limits: Limits, file: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A writer's connection over our own Parquet files; closed, and its spill gone, at the end."""
    with TemporaryFolder("spill") as spill:
        own = replace(limits, memory_mb=round(limits.memory_mb * WRITERS_SHARE))
        con = duckdb.connect(str(file) if file else ":memory:", config=_config(own, str(spill)))
        try:
            con.execute("set python_enable_replacements=false")
            yield con
        finally:
            con.close()


def open_locked(file: Path, limits: Limits, spill: str) -> duckdb.DuckDBPyConnection:
    """A reader's connection to a finished snapshot: read-only and locked down."""
    con = duckdb.connect(str(file), read_only=True, config=_config(limits, spill))
    for lock in LOCKS:
        con.execute(lock)
    return con
