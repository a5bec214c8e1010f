"""How does a new decision about ids or events become the data?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from journey_app.vocabulary import Shaping
from journey_app.workspace.leasing import alone
from journey_app.workspace.rebuilding import Built, build, forget_old_snapshots, point_to
from journey_app.workspace.workspace import IMPORT, Workspace


def reshape(
    space: Workspace, shaping: Shaping, write: Callable[[], object], *, author: str, now: datetime
) -> Built:
    """Build what the data are by a new `shaping`, then keep the decision and switch, in one transaction.

    write: saves the documents that make `shaping.shaping_of` say this. Raises what it raises (StaleEdit:
    nothing has changed then), and BadChoice when an import is running.
    """
    with alone(space.store, IMPORT, now=now) as lease:
        ground = replace(space.ground, shaping=shaping)
        built = build(ground, [batch.doc_id for batch in space.batches()])
        with space.store.transaction():
            lease.insist()
            write()
            point_to(space.store, built, author=author, now=now)
        forget_old_snapshots(ground, built.version)
    return built
