"""Which calls that wait in the inbox are of somebody who asked to be forgotten, and how do they go?

They are not merged first: a fault in a merge must not stand in the way of forgetting. A call that comes
later is left out when it is merged. Source: docs/decisions/014-forgetting-one-customer.md
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from journey_app.engine.forgotten import Forgotten
from journey_app.intake.calls import ID_CELLS, raw_ids_of
from journey_app.workspace.inbox import inbox_of
from journey_app.workspace.workspace import Workspace

NO_WORDS = ("call", "message_id", "occurred_at", *ID_CELLS)


def calls_of(space: Workspace, people: Forgotten) -> list[dict[str, Any]]:
    """The waiting calls that go with these people."""
    waiting = (json.loads(body) for body in inbox_of(space).bodies())
    return [row for row in waiting if _goes(row, people)]


def erase_calls(space: Workspace, people: Forgotten, cleaned: Callable[[Any], Any]) -> int:
    """Take the waiting calls of these people out of the inbox, and their words out of the others.

    cleaned: a JSON value without their words. Returns how many calls went.
    """

    def kept(body: str) -> str | None:
        row = json.loads(body)
        if _goes(row, people):
            return None
        lost = {cell for cell, ids in raw_ids_of(row).items() if any(map(people.verdict, ids))}
        stays = {
            name: value if name in NO_WORDS else cleaned(value)
            for name, value in row.items()
            if name not in lost
        }
        return body if stays == row else json.dumps(stays, ensure_ascii=True, separators=(",", ":"))

    return inbox_of(space).erase(kept)


def _goes(row: dict[str, Any], people: Forgotten) -> bool:
    """As for a row of a file: it names one of their own ids, or a shared one and nobody else."""
    verdicts = {people.verdict(raw) for ids in raw_ids_of(row).values() for raw in ids}
    return 2 in verdicts or verdicts == {1}
