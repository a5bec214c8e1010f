"""How is a person's text taken out of a history that nobody can change?

The one audited path that rewrites bodies: who, when, and why stay on record as a
document of the kind `redaction`; the texts do not.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

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


def sweep(engine: Engine, file: Path | None) -> None:
    """Rewrite the file, so that no free page and no journal still holds the old text."""
    if file is None:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM FULL documents")
        return
    with closing(connect_sqlite(file)) as own:
        own.execute("VACUUM")
        own.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def drop_deleted(connection: Connection, kind: str, prefix: str, at_least: int) -> int:
    """Take out deleted documents of a kind whose names begin so, when there are at least so many.

    A dropped name must never be used again: its versions would begin anew. The guard is lifted as in `rewrite`.
    """
    mine = (DOCUMENTS.c.kind == kind, DOCUMENTS.c.doc_id.startswith(prefix, autoescape=True))
    gone = connection.execute(select(DOCUMENTS.c.doc_id).where(*mine, DOCUMENTS.c.deleted)).scalars().all()
    if len(gone) < at_least:
        return 0
    brand = connection.dialect.name
    connection.exec_driver_sql(WITHOUT_NO_DELETE[brand])
    for doc_id in gone:
        connection.execute(DOCUMENTS.delete().where(DOCUMENTS.c.kind == kind, DOCUMENTS.c.doc_id == doc_id))
    connection.exec_driver_sql(NO_DELETE[brand])
    return len(gone)
