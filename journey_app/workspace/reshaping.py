"""How does a new decision about ids or events become the data?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from journey_app.vocabulary import Shaping
from journey_app.workspace.leasing import alone
from journey_app.workspace.rebuilding import Built, build, forget_old_snapshots, point_to, switching
from journey_app.workspace.shaping import shaping_of
from journey_app.workspace.workspace import IMPORT, Workspace


def reshape(
    space: Workspace,
    change: Callable[[Shaping], Shaping],
    write: Callable[[], object],
    *,
    author: str,
    now: datetime,
) -> Built:
    """Build what the data are after `change`, then keep the decision and switch, in one transaction.

    change: what the new decision makes of those in force; asked once nobody else can decide, so that of
    two decisions saved at once neither is lost. write: saves the documents that make
    `shaping.shaping_of` say the same. Raises what either raises (StaleEdit: nothing has changed then),
    and BadChoice when an import is running.
    """
    with alone(space.store, IMPORT, now=now) as lease:
        ground = space.ground
        ground = replace(ground, shaping=change(ground.shaping))
        built = build(ground, [batch.doc_id for batch in space.batches()])
        with switching(space.store, lease, ground, built):
            write()
            _insist_on_what_was_built(space, ground.shaping)
            point_to(space.store, built, author=author, now=now)
        forget_old_snapshots(ground, built.version)
    return built


def _insist_on_what_was_built(space: Workspace, built: Shaping) -> None:
    """The decisions in force must be those the snapshot was built with."""
    kept = shaping_of(space.store)
    if kept != built:
        raise ValueError(f"the snapshot was built with {built}, and {kept} was saved")
