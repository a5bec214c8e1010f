"""What becomes of an edit: the next version, a replay of one, or too late?"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select

from journey_app.errors import NothingYet, StaleEdit
from journey_app.store.erasure import erased_at
from journey_app.store.rows import Document, Draft, document_of, row_of
from journey_app.store.schema import DOCUMENTS

WHO_ERASED = "Somebody who forgot a customer"


def append(connection: Connection, new: Draft) -> Document:
    """Add the next version, on a writer's connection; a replayed edit adds nothing.

    Raises StaleEdit when another version is the newest, NothingYet when it builds on
    a document that is not there, ValueError when an edit_id means two edits.
    """
    already = _same_edit(connection, new)
    if already is not None:
        return already
    head = newest(connection, new.kind, new.doc_id)
    _refuse_stale(new, head)
    row = row_of(new, version=1 if head is None else head["version"] + 1)
    connection.execute(DOCUMENTS.insert().values(row))
    return document_of(row)


def versions(kind: str, doc_id: str) -> Select[Any]:
    """The question for every row of one document, oldest first."""
    one = select(DOCUMENTS).where(DOCUMENTS.c.kind == kind, DOCUMENTS.c.doc_id == doc_id)
    return one.order_by(DOCUMENTS.c.version)


def newest(connection: Connection, kind: str, doc_id: str) -> RowMapping | None:
    """The row of the newest version, a deletion included; None when there never was one."""
    query = versions(kind, doc_id).order_by(None).order_by(DOCUMENTS.c.version.desc()).limit(1)
    return connection.execute(query).mappings().one_or_none()


def _same_edit(connection: Connection, new: Draft) -> Document | None:
    """The version this very edit already became, when it is a replay."""
    if new.edit_id is None:
        return None
    query = select(DOCUMENTS).where(DOCUMENTS.c.edit_id == new.edit_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    same_text = row["body"] == new.text and bool(row["deleted"]) == new.deleted
    if (row["kind"], row["doc_id"]) != (new.kind, new.doc_id) or not same_text:
        raise ValueError("one edit_id was used for two different edits")
    return document_of(row)


def _refuse_stale(new: Draft, head: RowMapping | None) -> None:
    gone = head is None or head["deleted"]
    if gone and (new.deleted or (head is None and new.based_on != 0)):
        raise nothing_there(new.kind)
    if head is None or new.based_on == head["version"] or (gone and new.based_on == 0):
        return
    theirs, erased = document_of(head), erased_at(head["edit_id"])
    raise StaleEdit(
        new.kind,
        None if theirs.deleted else theirs.body,
        theirs.version,
        WHO_ERASED if erased else theirs.author,
        erased or theirs.saved_at.isoformat(),
        mine=json.loads(new.text),
    )


def nothing_there(kind: str) -> NothingYet:
    return NothingYet(
        f"This {kind} is no longer there.", "Reload to see what there is now, or save it as a new one."
    )
