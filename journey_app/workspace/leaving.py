"""What goes when an import is taken out, and what stays since another import holds it too?"""

from __future__ import annotations

from dataclasses import dataclass

from journey_app.errors import BadChoice
from journey_app.workspace.workspace import Workspace


@dataclass(frozen=True)
class Leaving:
    """goes: its events that no other import holds. stays: those that another one holds too."""

    goes: int
    stays: int


def leaving(space: Workspace, batch: str) -> Leaving:
    """What taking this import out would do to the events; what is left out by a rule counts like the rest.

    Raises BadChoice when it was taken out already.
    """
    in_force = [each.doc_id for each in space.batches()]
    if batch not in in_force:
        raise BadChoice("This import was taken out already.", "Nothing is left to do.")
    others = [each for each in in_force if each != batch]
    held, shared = space.batch_files.shared_with(batch, others)
    return Leaving(goes=held - shared, stays=shared)
