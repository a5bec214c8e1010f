"""What are the steps, in which tool, that mend what the audit found?

What we know about a tool is data: repairs.toml, by tool or system and by check, three steps at most.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from journey_app.analysis.audit import Row

DATA = Path(__file__).with_name("repairs.toml")
VISITS = "visits"  # ids of visitors: linking what came before somebody had a name
PLACES_OF_VISITS = ("site",)
MOST_STEPS = 3


@dataclass(frozen=True)
class Repair:
    """How one check is mended. tool: whose steps these are. known_from: where we have them from."""

    tool: str
    check: str
    steps: tuple[str, ...]
    known_from: str


@lru_cache(maxsize=1)
def repairs() -> dict[str, dict[str, Any]]:
    """The whole table: tool, system or touchpoint → its name, how its sources begin, and its checks."""
    with DATA.open("rb") as file:
        return tomllib.load(file)


def repair(row: Row, first_step: str = "") -> Repair | None:
    """The steps for the first of a row's worst checks; None when there is nothing to do.

    The tool that most of the row's events come from is asked first, then its kind of system, then
    the kind of place it is. first_step: the goal's, which is where visits are linked.
    """
    if row.about is None:
        return None
    visits = row.about == "ids" and row.touchpoint in (*PLACES_OF_VISITS, first_step)
    checks = (VISITS, "ids") if visits else (row.about,)
    source = row.where.split(", ")[0]
    for check in checks:
        found = _steps(check, source, row)
        if found is not None:
            return found
    return None


def _steps(check: str, source: str, row: Row) -> Repair | None:
    table = repairs()
    tools = [key for key, entry in table.items() if _begins(source, entry.get("sources", ()))]
    kinds = [f"system-{system}" for system in row.systems] if check != "tracked" or row.systems else []
    for key in (*tools, *kinds, f"place-{row.touchpoint}", "any"):
        entry = table.get(key, {})
        if check in entry:
            known = entry[check]
            return Repair(entry["title"], check, tuple(known["steps"]), known["known_from"])
    return None


def _begins(source: str, beginnings: Sequence[str]) -> bool:
    return any(source == each or source.startswith(f"{each}.") for each in beginnings)
