"""What goes when an import is taken out, and what stays since another import holds it too?"""

from __future__ import annotations

from dataclasses import dataclass

from journey_app.engine.overlaps import shared_with
from journey_app.errors import BadChoice
from journey_app.workspace.replaced import in_force
from journey_app.workspace.workspace import Workspace


@dataclass(frozen=True)
class Leaving:
    """goes: its events that no other import holds. stays: those that another one holds too."""

    goes: int
    stays: int


def leaving(space: Workspace, batch: str) -> Leaving:
    """What taking this import out would do to the events; what is left out by a rule counts like the rest.

    batch: as for `importing.undo`. Raises BadChoice when it was taken out already.
    """
    held = in_force(space, batch)
    if held is None:
        raise BadChoice("This import was taken out already.", "Nothing is left to do.")
    others = [each.doc_id for each in space.batches() if each.doc_id != held.doc_id]
    events, shared = shared_with(space.batch_files, held.doc_id, others)
    return Leaving(goes=events - shared, stays=shared)
