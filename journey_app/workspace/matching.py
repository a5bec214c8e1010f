"""What would the data be under another matching? Built beside the workspace, lent, and thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from journey_app.engine.embedded import Snapshot, let_go, open_snapshot
from journey_app.errors import NothingYet, UnknownName
from journey_app.temporary import TemporaryFolder
from journey_app.vocabulary import MATCHINGS
from journey_app.workspace.rebuilding import build
from journey_app.workspace.workspace import NO_EVENTS, Workspace


@contextmanager
def events_under(space: Workspace, matching: str) -> Iterator[Snapshot]:
    """The workspace's events as they would be under `matching`, everything else as it is decided.

    The matching in force lends the workspace's own snapshot. Raises NothingYet before the first import.
    """
    if matching not in MATCHINGS:
        raise UnknownName("matching", matching, MATCHINGS)
    ground = space.ground
    if matching == ground.shaping.matching:
        yield space.events()
        return
    batches = [batch.doc_id for batch in space.batches()]
    if not batches:
        raise NothingYet(*NO_EVENTS)
    with TemporaryFolder("matching") as folder:
        aside = replace(ground, snapshots=Path(folder), shaping=replace(ground.shaping, matching=matching))
        built = build(aside, batches)
        file = Path(folder) / f"{built.version}.duckdb"
        try:
            yield open_snapshot(file, ground.limits)  # building may have opened it already, to count
        finally:
            let_go(file)
