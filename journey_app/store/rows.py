"""How is a document written down as a row, and read back unharmed?"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping

from journey_app.errors import BadChoice
from journey_app.store.trouble import StoreTrouble

LONGEST_NAME = 200


@dataclass(frozen=True)
class Document:
    """One version of one decision, as saved.

    version: 1, 2, 3 … without gaps. saved_at: UTC. deleted: this version says the
    document is gone; its body is empty, or what was left of it without a person's words.
    """

    kind: str
    doc_id: str
    version: int
    body: dict[str, Any]
    author: str
    saved_at: datetime
    deleted: bool


@dataclass(frozen=True)
class Draft:
    """An edit ready to be saved: checked and written as text before any lock is taken."""

    kind: str
    doc_id: str
    text: str
    based_on: int
    author: str
    saved_at: str
    edit_id: str | None
    deleted: bool = False


def draft(
    kind: str,
    doc_id: str,
    body: dict[str, Any],
    *,
    based_on: int,
    author: str,
    now: datetime,
    edit_id: str | None,
    deleted: bool = False,
) -> Draft:
    """Check an edit and write its body as JSON.

    Raises BadChoice for a name that cannot be stored. A body that is not JSON, or a
    `now` without a zone, is a bug of the caller: TypeError or ValueError.
    """
    for what, name in (("kind", kind), ("name", doc_id), ("author", author), ("edit", edit_id or "-")):
        check_name(what, name)
    return Draft(kind, doc_id, body_text(body), based_on, author, moment_text(now), edit_id, deleted)


def check_name(what: str, name: str) -> None:
    """Raise BadChoice unless `name` has 1 to 200 characters that every database can hold."""
    storable = name.isprintable() and name == name.encode(errors="replace").decode()
    if not storable or not 0 < len(name.strip()) <= len(name) <= LONGEST_NAME:
        raise BadChoice(
            f"This {what} cannot be stored: it is empty, too long, or holds characters that do not print.",
            f"Give it 1 to {LONGEST_NAME} ordinary characters.",
        )


def body_text(body: dict[str, Any]) -> str:
    """The body as JSON in pure ASCII, so that any text, even a broken surrogate, survives."""
    return json.dumps(body, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def fingerprint(text: str) -> str:
    """SHA-256 of a body as stored, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def moment_text(moment: datetime) -> str:
    """A moment as ISO 8601 in UTC, always 32 characters, so that text order is time order."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone cannot be stored")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def row_of(new: Draft, version: int) -> dict[str, Any]:
    """The draft as the values of one row."""
    return {
        "kind": new.kind,
        "doc_id": new.doc_id,
        "version": version,
        "body": new.text,
        "body_sha256": fingerprint(new.text),
        "author": new.author,
        "saved_at": new.saved_at,
        "deleted": new.deleted,
        "edit_id": new.edit_id,
    }


def document_of(row: RowMapping | dict[str, Any]) -> Document:
    """The row as a document, once its fingerprint fits.

    Raises StoreTrouble when the body is not what was saved.
    """
    if fingerprint(row["body"]) != row["body_sha256"]:
        raise StoreTrouble(
            f"Version {row['version']} of the {row['kind']} “{row['doc_id']}” was changed from outside.",
            "Do not rely on it: restore your newest backup under another name (python -m journey_app restore).",
        )
    return Document(
        kind=row["kind"],
        doc_id=row["doc_id"],
        version=row["version"],
        body=json.loads(row["body"]),
        author=row["author"],
        saved_at=datetime.fromisoformat(row["saved_at"]),
        deleted=bool(row["deleted"]),
    )
