"""Made-up logs too long to write as a diary: rows for `event_table`, and the snapshot they become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from journey_app.engine.embedded import Snapshot
from journey_app.intake.contract import LINKS
from journey_app.vocabulary import CleanUp
from tests.conftest import event_table, snapshot_of


def row(who: str, event: str, at: datetime, **fields: object) -> dict:
    """One event of one customer; an id without a colon is a user id."""
    return {
        "raw_ids": [who if ":" in who else f"user_id:{who}"],
        "event": event,
        "occurred_at": at,
        **fields,
    }


def log(
    folder: Path,
    rows: Iterable[dict],
    clean_up: CleanUp | None = None,
    people: Mapping[str, Sequence[str]] | None = None,
) -> Snapshot:
    """Rows → a snapshot on the real engine. people: system → the user ids that a file of people names."""
    links = [
        {"raw_ids": [f"user_id:{who}"], "source": f"{system}.people", "system": system, "row": number}
        for system, names in (people or {}).items()
        for number, who in enumerate(names)
    ]
    told = pa.Table.from_pylist(links, schema=LINKS)
    return snapshot_of(folder, [(event_table(list(rows)), told)], clean_up=clean_up)
