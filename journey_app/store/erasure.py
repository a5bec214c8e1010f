"""How is a person's text taken out of a history that nobody can change?

The one audited path that rewrites bodies: who, when, and why stay on record as a
document of the kind `redaction`; the texts do not.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select

from journey_app.store.database import connect_sqlite
from journey_app.store.rows import body_text, fingerprint
from journey_app.store.schema import DOCUMENTS, NO_DELETE, NO_UPDATE, WITHOUT_NO_DELETE, WITHOUT_NO_UPDATE

REDACTION = "redaction"


def rewrite(connection: Connection, kind: str, doc_id: str, reason: str) -> int:
    """Replace every version's body by the reason; returns how many versions that were.

    The guard is lifted and put back inside the caller's transaction: nobody else ever
    sees the table without it, and a crash brings it back.
    """
    brand = connection.dialect.name
    text = body_text({"redacted": reason})
    connection.exec_driver_sql(WITHOUT_NO_UPDATE[brand])
    changed = connection.execute(
        DOCUMENTS.update()
        .where(DOCUMENTS.c.kind == kind, DOCUMENTS.c.doc_id == doc_id)
        .values(body=text, body_sha256=fingerprint(text), deleted=True)
    )
    connection.exec_driver_sql(NO_UPDATE[brand])
    return changed.rowcount


def rewrite_mentions(
    connection: Connection, cleaned: Callable[[Any], Any], gone: Mapping[str, Callable[[Any], bool]]
) -> list[tuple[str, str, int]]:
    """Take words out of every version of every document; returns (kind, name, versions) of those that had them.

    cleaned: a JSON value as it may stay. gone: for kinds that mean nothing without the words, whether a
    body is theirs; it reads as deleted from then on, and others of its kind stay as they are. A name that
    holds the words becomes another.
    """
    brand = connection.dialect.name
    changed: dict[tuple[str, str], int] = {}
    names: dict[tuple[str, str], str] = {}
    rows = connection.execute(select(DOCUMENTS)).mappings().all()
    connection.exec_driver_sql(WITHOUT_NO_UPDATE[brand])
    for row in rows:
        kind, doc_id = row["kind"], row["doc_id"]
        theirs = kind in gone and gone[kind](json.loads(row["body"]))
        if kind in gone and not theirs:
            continue
        body, author = cleaned(json.loads(row["body"])), str(cleaned(row["author"]))
        new_name = doc_id
        if cleaned(doc_id) != doc_id:
            new_name = names.setdefault((kind, doc_id), f"forgotten-{secrets.token_hex(6)}")
        text = body_text(body)
        if (text, author, new_name) == (row["body"], row["author"], doc_id):
            continue
        changed[kind, new_name] = changed.get((kind, new_name), 0) + 1
        this = (DOCUMENTS.c.kind == kind) & (DOCUMENTS.c.doc_id == doc_id)
        connection.execute(
            DOCUMENTS.update()
            .where(this & (DOCUMENTS.c.version == row["version"]))
            .values(
                doc_id=new_name,
                body=text,
                body_sha256=fingerprint(text),
                author=author,
                deleted=bool(row["deleted"]) or theirs,
            )
        )
    connection.exec_driver_sql(NO_UPDATE[brand])
    return [(kind, doc_id, versions) for (kind, doc_id), versions in sorted(changed.items())]


def sweep(engine: Engine, file: Path | None) -> None:
    """Rewrite the file, so that no free page and no journal still holds the old text."""
    if file is None:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM FULL documents")
        return
    with closing(connect_sqlite(file)) as own:
        own.execute("VACUUM")
        own.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def drop_deleted(connection: Connection, kind: str, prefix: str, author: str, at_least: int) -> int:
    """Take out documents of a kind whose names begin so and that `author` deleted, when there are so many.

    A dropped name must never be used again: its versions would begin anew. The guard is lifted as in `rewrite`.
    """
    mine = (DOCUMENTS.c.kind == kind, DOCUMENTS.c.doc_id.startswith(prefix, autoescape=True))
    by_it = (DOCUMENTS.c.deleted, DOCUMENTS.c.author == author)
    gone = connection.execute(select(DOCUMENTS.c.doc_id).where(*mine, *by_it)).scalars().all()
    if len(gone) < at_least:
        return 0
    brand = connection.dialect.name
    connection.exec_driver_sql(WITHOUT_NO_DELETE[brand])
    for doc_id in gone:
        connection.execute(DOCUMENTS.delete().where(DOCUMENTS.c.kind == kind, DOCUMENTS.c.doc_id == doc_id))
    connection.exec_driver_sql(NO_DELETE[brand])
    return len(gone)
