"""How is a person's text taken out of a history that nobody can change?

The one path that rewrites bodies: the decision, its author and its day stay, the words do not. Who
asked for it is on record where the forgetting is (docs/decisions/014-forgetting-one-customer.md).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select

from journey_app.store.database import connect_sqlite
from journey_app.store.rows import body_text, fingerprint
from journey_app.store.schema import DOCUMENTS, NO_DELETE, NO_UPDATE, WITHOUT_NO_DELETE, WITHOUT_NO_UPDATE

ERASED = "erased "  # how the edit begins that words were taken out by


def rewrite_mentions(
    connection: Connection,
    cleaned: Callable[[Any], Any],
    gone: Mapping[str, Callable[[Any], bool]],
    named: Mapping[str, Callable[[Any], str]],
    now: str,
) -> list[tuple[str, str, int]]:
    """Take words out of every version of every document; returns (kind, name, versions) of those that had them.

    cleaned: a JSON value as it may stay. gone: for kinds that mean nothing without the words, whether a
    body is theirs; it reads as deleted from then on, under another name, and others of its kind keep
    their bodies. A name that holds the words becomes another. named: for kinds whose names are made from
    their bodies, how; such a name is made anew where the words stood in it. Each document that changes gets one
    version more that says the same: whoever edits the old text is too late. The guard is lifted and put back
    inside the caller's transaction: nobody else ever sees the table without it, and a crash brings it back.
    """
    brand = connection.dialect.name
    changed: dict[tuple[str, str], int] = {}
    names: dict[tuple[str, str], str] = {}
    rows = [dict(row) for row in connection.execute(select(DOCUMENTS)).mappings()]
    theirs = {_key(row) for row in rows if row["kind"] in gone and gone[row["kind"]](json.loads(row["body"]))}
    named_after = _named_after(rows, cleaned, named)
    taken = {_key(row) for row in rows}
    for key, name in named_after.items():
        if (key[0], name) not in taken:
            names[key] = name
            taken.add((key[0], name))
    connection.exec_driver_sql(WITHOUT_NO_UPDATE[brand])
    for row in rows:
        whole, name = json.loads(row["body"]), row["doc_id"]
        if _key(row) in theirs or cleaned(name) != name or _key(row) in named_after:
            name = names.setdefault(_key(row), f"forgotten-{secrets.token_hex(6)}")
        goes = _key(row) in theirs
        text = body_text(cleaned(whole)) if goes or row["kind"] not in gone else row["body"]
        author = str(cleaned(row["author"]))
        if (text, author, name) == (row["body"], row["author"], row["doc_id"]):
            continue
        this = (DOCUMENTS.c.kind == row["kind"]) & (DOCUMENTS.c.doc_id == row["doc_id"])
        connection.execute(
            DOCUMENTS.update()
            .where(this & (DOCUMENTS.c.version == row["version"]))
            .values(
                doc_id=name,
                body=text,
                body_sha256=fingerprint(text),
                author=author,
                deleted=bool(row["deleted"]) or goes,
                edit_id=None,
            )
        )
        changed[row["kind"], name] = changed.get((row["kind"], name), 0) + 1
    connection.exec_driver_sql(NO_UPDATE[brand])
    for kind, name in changed:
        _one_version_more(connection, kind, name, now)
    return [(kind, name, versions) for (kind, name), versions in sorted(changed.items())]


def _named_after(
    rows: Sequence[Mapping[str, Any]],
    cleaned: Callable[[Any], Any],
    named: Mapping[str, Callable[[Any], str]],
) -> dict[tuple[str, str], str]:
    """The documents whose names were made from the words, with the names they have without."""
    found = {}
    for row in rows:
        whole = json.loads(row["body"])
        if row["kind"] in named and whole:
            name = named[row["kind"]](cleaned(whole))
            if name != named[row["kind"]](whole):
                found[_key(row)] = name
    return found


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["kind"], row["doc_id"]


def _one_version_more(connection: Connection, kind: str, doc_id: str, now: str) -> None:
    """The newest version once more, by the same author and of the same day: the decision is the same."""
    query = select(DOCUMENTS).where(DOCUMENTS.c.kind == kind, DOCUMENTS.c.doc_id == doc_id)
    newest = connection.execute(query.order_by(DOCUMENTS.c.version.desc()).limit(1)).mappings().one()
    mark = f"{ERASED}{now} {secrets.token_hex(6)}"
    connection.execute(
        DOCUMENTS.insert().values({**newest, "version": newest["version"] + 1, "edit_id": mark})
    )


def erased_at(edit_id: str | None) -> str | None:
    """When words were taken out, where that is what made a version; ISO 8601, UTC."""
    return edit_id.removeprefix(ERASED).split()[0] if edit_id and edit_id.startswith(ERASED) else None


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

    A dropped name must never be used again: its versions would begin anew. The guard is lifted as above.
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
