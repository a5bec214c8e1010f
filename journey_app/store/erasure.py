"""How is a person's text taken out of a history that nobody can change?

The one path that rewrites bodies: the decision, its author and its day stay, the words do not. Who
asked for it is on record where the forgetting is (docs/decisions/014-forgetting-one-customer.md).
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select

from journey_app.store.database import connect_sqlite
from journey_app.store.rows import body_text, fingerprint
from journey_app.store.schema import DOCUMENTS, NO_DELETE, NO_UPDATE, WITHOUT_NO_DELETE, WITHOUT_NO_UPDATE

Key = tuple[str, str]  # the kind and the name of a document
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
    changed: Counter[Key] = Counter()
    rows = [dict(row) for row in connection.execute(select(DOCUMENTS)).mappings()]
    theirs = {_key(row) for row in rows if row["kind"] in gone and gone[row["kind"]](json.loads(row["body"]))}
    names = _new_names(rows, cleaned, theirs, _named_after(rows, cleaned, named))
    connection.exec_driver_sql(WITHOUT_NO_UPDATE[brand])
    for row in rows:
        name, goes = names.get(_key(row), row["doc_id"]), _key(row) in theirs
        whole = goes or row["kind"] not in gone
        text = body_text(cleaned(json.loads(row["body"]))) if whole else row["body"]
        author = str(cleaned(row["author"]))
        if (text, author, name) != (row["body"], row["author"], row["doc_id"]):
            _rewrite(connection, row, name, text, author, goes)
            changed[row["kind"], name] += 1
    connection.exec_driver_sql(NO_UPDATE[brand])
    for kind, name in changed:
        _one_version_more(connection, kind, name, now)
    return [(kind, name, versions) for (kind, name), versions in sorted(changed.items())]


def _new_names(
    rows: Sequence[Mapping[str, Any]],
    cleaned: Callable[[Any], Any],
    theirs: Collection[Key],
    named_after: Mapping[Key, str],
) -> dict[Key, str]:
    """How the documents are called from now on whose names must go; the others are not in it.

    named_after: names made anew from what stays of a body, which one takes that is free.
    """
    taken = {_key(row) for row in rows}
    names: dict[Key, str] = {}
    for (kind, old), name in named_after.items():
        if (kind, name) not in taken:
            names[kind, old] = name
            taken.add((kind, name))
    for row in rows:
        key = _key(row)
        if key in theirs or key in named_after or cleaned(row["doc_id"]) != row["doc_id"]:
            names.setdefault(key, f"forgotten-{secrets.token_hex(6)}")
    return names


def _rewrite(
    connection: Connection, row: Mapping[str, Any], name: str, text: str, author: str, goes: bool
) -> None:
    """One version of one document as it may stay."""
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


def _named_after(
    rows: Sequence[Mapping[str, Any]],
    cleaned: Callable[[Any], Any],
    named: Mapping[str, Callable[[Any], str]],
) -> dict[Key, str]:
    """The documents whose names were made from the words, with the names they have without."""
    found = {}
    for row in rows:
        whole = json.loads(row["body"])
        if row["kind"] in named and whole:
            name = named[row["kind"]](cleaned(whole))
            if name != named[row["kind"]](whole):
                found[_key(row)] = name
    return found


def _key(row: Mapping[str, Any]) -> Key:
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
