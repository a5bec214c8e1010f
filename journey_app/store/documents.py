"""What did people decide, in which version, by whom — and who saved in between?"""

from __future__ import annotations

import builtins
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from journey_app.errors import BadChoice, NotAllowed
from journey_app.store import backup, edits, erasure, leases
from journey_app.store.database import WRITES, open_engine, sqlite_path
from journey_app.store.rows import Document, Draft, check_name, document_of, draft, moment_text
from journey_app.store.schema import DOCUMENTS, climb
from journey_app.store.trouble import in_plain_words

__all__ = ["Document", "Store", "open_store"]


def open_store(url_or_path: str | Path, *, read_only: bool = False) -> Store:
    """Open the state of one workspace, and create it when nobody has yet.

    url_or_path: a file (created with its folder), or postgresql://… — one database, or
    one schema on its search path, for each workspace.

    Raises NothingYet when read-only and nothing is there, BadChoice for an address of
    another kind, StoreTrouble when it cannot be opened or a newer program wrote it.
    """
    with in_plain_words():
        engine = open_engine(url_or_path, read_only=read_only)
        try:
            climb(engine, read_only=read_only)
        except BaseException:
            engine.dispose()
            raise
    return Store(engine, file=sqlite_path(url_or_path), read_only=read_only)


class _Here(threading.local):
    """The transaction this thread is in, if any."""

    connection: Connection | None = None


class Store:
    """Documents that are only ever added to. Safe to share between threads and processes.

    Every writing method raises NotAllowed on a read-only store, and StoreTrouble when
    the disk is full or another writer holds on too long; then nothing was saved.
    """

    def __init__(self, engine: Engine, *, file: Path | None, read_only: bool) -> None:
        self._engine = engine
        self._file = file
        self._here = _Here()
        self.read_only = read_only

    def get(self, kind: str, doc_id: str) -> Document | None:
        """The newest version; None when there is none, or when it says deleted."""
        with self._reading() as connection:
            row = edits.newest(connection, kind, doc_id)
        return None if row is None or row["deleted"] else document_of(row)

    def list(self, kind: str) -> builtins.list[Document]:
        """The newest version of each document of a kind that is not deleted, by doc_id."""
        newest = select(DOCUMENTS.c.doc_id, func.max(DOCUMENTS.c.version).label("version"))
        heads = newest.where(DOCUMENTS.c.kind == kind).group_by(DOCUMENTS.c.doc_id).subquery()
        same = (DOCUMENTS.c.doc_id == heads.c.doc_id) & (DOCUMENTS.c.version == heads.c.version)
        query = select(DOCUMENTS).join(heads, same).where(DOCUMENTS.c.kind == kind, ~DOCUMENTS.c.deleted)
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return sorted(map(document_of, rows), key=lambda document: document.doc_id)

    def history(self, kind: str, doc_id: str) -> builtins.list[Document]:
        """Every version, oldest first, deletions included; empty when there never was one."""
        with self._reading() as connection:
            rows = (
                connection.execute(edits.versions(kind, doc_id).order_by(DOCUMENTS.c.version))
                .mappings()
                .all()
            )
        return [document_of(row) for row in rows]

    def put(
        self,
        kind: str,
        doc_id: str,
        body: dict[str, Any],
        *,
        based_on: int,
        author: str,
        now: datetime,
        edit_id: str | None = None,
    ) -> Document:
        """Save a new version; once this returns, it survives a crash.

        based_on: the version the author saw, 0 when they saw none (or a deleted one).
        edit_id: one id for each intended edit; saving it again, after an unknown
        outcome, gives back the version it already became and adds nothing.

        Raises StaleEdit with both texts when another version is the newest, NothingYet when
        `based_on` names a version of a document that is not there.
        """
        new = draft(kind, doc_id, body, based_on=based_on, author=author, now=now, edit_id=edit_id)
        return self._append(new)

    def delete(
        self,
        kind: str,
        doc_id: str,
        *,
        based_on: int,
        author: str,
        now: datetime,
        edit_id: str | None = None,
    ) -> Document:
        """Save a version that says the document is gone; older versions stay readable.

        Raises what `put` raises, and NothingYet when there is nothing to delete.
        """
        gone = draft(
            kind, doc_id, {}, based_on=based_on, author=author, now=now, edit_id=edit_id, deleted=True
        )
        return self._append(gone)

    @contextmanager
    def transaction(self) -> Iterator[Store]:
        """Everything this thread saves inside counts together, or not at all.

        Other writers wait meanwhile: compute first, then enter. Inside another
        transaction it is a part of that one which can fail alone.
        """
        with self._writing() as connection:
            outer = self._here.connection
            self._here.connection = connection
            try:
                yield self
            finally:
                self._here.connection = outer

    def lease(self, name: str, *, holder: str, now: datetime, seconds: float) -> bool:
        """Take, or prolong, the right to do `name` alone until `now` + `seconds`.

        False while another holder has it. One that has run out may be taken: whoever
        held it must `prolong` it, in the transaction that makes the work count.
        """
        check_name("lease", name)
        check_name("holder", holder)
        with self._writing() as connection:
            return leases.take(connection, name, holder=holder, now=now, seconds=seconds)

    def prolong(self, name: str, *, holder: str, now: datetime, seconds: float) -> bool:
        """Keep the right to do `name` alone; False when `holder` has lost it, even if nobody has it now."""
        with self._writing() as connection:
            return leases.prolong(connection, name, holder=holder, now=now, seconds=seconds)

    def release(self, name: str, holder: str) -> None:
        """Give a lease back; nothing happens when `holder` no longer has it."""
        with self._writing() as connection:
            leases.give_back(connection, name, holder)

    def end_leases(self) -> None:
        """End what others held alone when this was copied: only for a copy that nobody works in yet."""
        with self._writing() as connection:
            leases.end_all(connection)

    def prune(self, kind: str, prefix: str, *, author: str, at_least: int) -> int:
        """Drop every version of documents that `author` deleted, once there are many; returns how many.

        kind, prefix: whose names begin so. author: the program itself, under the name it signs with. Only
        for what it writes about its own files, again and again: what people decided is never dropped.
        """
        with self._writing() as connection:
            return erasure.drop_deleted(connection, kind, prefix, author, at_least)

    def erase_words(
        self,
        cleaned: Callable[[Any], Any],
        *,
        gone: Mapping[str, Callable[[Any], bool]] | None = None,
        named: Mapping[str, Callable[[Any], str]] | None = None,
        now: datetime,
    ) -> builtins.list[tuple[str, str, int]]:
        """Take words out of every version of every document; part of a transaction, if there is one.

        cleaned: a JSON value as it may stay. gone, named: by kind, which bodies mean nothing without the
        words, and how a name is made from a body. Each document that changes gets one version more, by its
        author and of its day, so that an edit of the old text is too late (StaleEdit). Call `rewrite_file`
        once it counts: only then is the old text off the disk. Returns (kind, name, versions) of the
        documents that were changed.
        """
        with self._writing() as connection:
            return erasure.rewrite_mentions(connection, cleaned, gone or {}, named or {}, moment_text(now))

    def mentions(self, cleaned: Callable[[Any], Any]) -> builtins.list[Document]:
        """Every version of every document that `erase_words` would change."""
        with self._reading() as connection:
            rows = connection.execute(select(DOCUMENTS)).mappings().all()
        found = map(document_of, rows)
        return [d for d in found if any(cleaned(part) != part for part in (d.body, d.doc_id, d.author))]

    def rewrite_file(self) -> None:
        """Leave nothing of an erased text in free pages and journals."""
        if self._here.connection is not None:
            raise RuntimeError("the file cannot be rewritten inside a transaction")
        with in_plain_words():
            erasure.sweep(self._engine, self._file)

    def backup(self, path: Path) -> None:
        """Write one whole, consistent copy while others go on working (SQLite only).

        Raises BadChoice when `path` exists, or when the state is in Postgres.
        """
        if self._file is None:
            raise BadChoice("The decisions are kept in Postgres.", "Back them up with pg_dump.")
        with in_plain_words():
            backup.copy_whole(self._file, path)

    def close(self) -> None:
        """Let go of the database; call it before the file is moved or replaced."""
        self._engine.dispose()

    def _append(self, new: Draft) -> Document:
        with self._writing() as connection:
            return edits.append(connection, new)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if self._here.connection is not None:
            yield self._here.connection
            return
        with in_plain_words(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if self.read_only:
            raise NotAllowed("This view is for reading; nothing was changed.", "Ask an owner to change it.")
        outer = self._here.connection
        if outer is not None:
            with outer.begin_nested():
                yield outer
            return
        with in_plain_words(), self._engine.connect() as plain:
            connection = plain.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection
