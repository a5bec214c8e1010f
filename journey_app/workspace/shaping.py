"""What did people decide about ids and events, and how does a new decision become the data?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from journey_app.plain import from_plain
from journey_app.store.documents import Store
from journey_app.vocabulary import CleanUp, Cut, Shaping
from journey_app.workspace.leasing import alone
from journey_app.workspace.rebuilding import Built, build, forget_old_snapshots, point_to

if TYPE_CHECKING:
    from journey_app.workspace.workspace import Workspace

CUT, CLEAN_UP, MATCHING = "cut", "clean_up", "matching"  # kinds of documents; the last two have one each


def shaping_of(store: Store) -> Shaping:
    """Every decision in force that shapes a snapshot."""
    clean_up, matching = store.get(CLEAN_UP, CLEAN_UP), store.get(MATCHING, MATCHING)
    return Shaping(
        cuts=tuple(from_plain(Cut, document.body) for document in store.list(CUT)),
        clean_up=from_plain(CleanUp, clean_up.body) if clean_up else CleanUp(),
        matching=str(matching.body["matching"]) if matching else Shaping().matching,
    )


def reshape(
    space: Workspace, shaping: Shaping, write: Callable[[], object], *, author: str, now: datetime
) -> Built:
    """Build what the data are by a new `shaping`, then keep the decision and switch, in one transaction.

    write: saves the documents that make `shaping_of` say this. Raises what it raises (StaleEdit:
    nothing has changed then), and BadChoice when an import is running.
    """
    with alone(space.store, "import", now=now) as lease:
        ground = replace(space.ground, shaping=shaping)
        built = build(ground, [batch.doc_id for batch in space.batches()])
        with space.store.transaction():
            lease.insist()
            write()
            point_to(space.store, built, author=author, now=now)
        forget_old_snapshots(ground, built.version)
    return built
