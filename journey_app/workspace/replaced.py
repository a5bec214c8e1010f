"""Which import is meant by an id that was noted before a forgetting wrote it anew?

Whoever forgets a customer rewrites batches under new ids; each says which one it took the place of.
Source: docs/decisions/014-forgetting-one-customer.md
"""

from __future__ import annotations

from collections.abc import Iterator

from journey_app.store.documents import Document
from journey_app.workspace.workspace import Workspace

WAS = "was"  # of a batch's document: the id of the batch whose place it took


def in_force(space: Workspace, batch: str) -> Document | None:
    """The import of this id, whichever of its ids that is; None when it was taken out, or never was."""
    known = {document.doc_id: document for document in space.batches()}
    if batch in known:
        return known[batch]
    return next((each for each in known.values() if batch in _before(space, each)), None)


def first_id(space: Workspace, document: Document) -> str:
    """The id an import was stored under at first: it stays the same, however often it is written anew."""
    return next(reversed([document.doc_id, *_before(space, document)]))


def _before(space: Workspace, document: Document) -> Iterator[str]:
    """Every id it had before, the newest first."""
    name = document.body.get(WAS)
    while name:
        yield str(name)
        versions = space.store.history("batch", str(name))
        name = next((each.body[WAS] for each in versions if WAS in each.body), None)
