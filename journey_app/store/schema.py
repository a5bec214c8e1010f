"""Which tables hold the state, and how does an old database become a new one?

A ladder: every step is written once and never edited; a database remembers how far it
climbed. All steps run in one writer's transaction, so two processes opening at once
agree, and a kill leaves the old schema or the new one.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    func,
    inspect,
    select,
)

from journey_app.store.database import WRITES
from journey_app.store.trouble import StoreTrouble

_METADATA = MetaData()
STEPS_TABLE = Table("schema_steps", _METADATA, Column("step", Integer, primary_key=True))
DOCUMENTS = Table(
    "documents",
    _METADATA,
    Column("kind", Text, primary_key=True),
    Column("doc_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("body", Text, nullable=False),  # JSON
    Column("body_sha256", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("saved_at", Text, nullable=False),  # ISO 8601, UTC
    Column("deleted", Boolean, nullable=False),
    Column("edit_id", Text, unique=True),
)
LEASES = Table(
    "leases",
    _METADATA,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Text, nullable=False),  # ISO 8601, UTC, fixed width: compares as text
)

_TABLES = (
    """CREATE TABLE documents (
        kind TEXT NOT NULL, doc_id TEXT NOT NULL, version INTEGER NOT NULL CHECK (version >= 1),
        body TEXT NOT NULL, body_sha256 TEXT NOT NULL, author TEXT NOT NULL, saved_at TEXT NOT NULL,
        deleted BOOLEAN NOT NULL, edit_id TEXT UNIQUE, PRIMARY KEY (kind, doc_id, version))""",
    "CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until TEXT NOT NULL)",
)
# The insert guard also stops INSERT OR REPLACE, which deletes without firing a delete trigger.
_GAPLESS = """NEW.version <> 1 + (SELECT COALESCE(MAX(version), 0) FROM documents
    WHERE kind = NEW.kind AND doc_id = NEW.doc_id)
    OR EXISTS (SELECT 1 FROM documents WHERE edit_id = NEW.edit_id)"""
NO_UPDATE = {
    "sqlite": """CREATE TRIGGER documents_no_update BEFORE UPDATE ON documents
        BEGIN SELECT RAISE(ABORT, 'documents are append-only'); END""",
    "postgresql": """CREATE TRIGGER documents_no_update BEFORE UPDATE ON documents
        FOR EACH STATEMENT EXECUTE FUNCTION documents_refuse()""",
}
WITHOUT_NO_UPDATE = {
    "sqlite": "DROP TRIGGER documents_no_update",
    "postgresql": "DROP TRIGGER documents_no_update ON documents",
}
NO_DELETE = {
    "sqlite": """CREATE TRIGGER documents_no_delete BEFORE DELETE ON documents
        BEGIN SELECT RAISE(ABORT, 'documents are append-only'); END""",
    "postgresql": """CREATE TRIGGER documents_no_delete BEFORE DELETE OR TRUNCATE ON documents
        FOR EACH STATEMENT EXECUTE FUNCTION documents_refuse()""",
}
WITHOUT_NO_DELETE = {
    "sqlite": "DROP TRIGGER documents_no_delete",
    "postgresql": "DROP TRIGGER documents_no_delete ON documents",
}
_GUARDS = {
    "sqlite": (
        NO_UPDATE["sqlite"],
        NO_DELETE["sqlite"],
        f"""CREATE TRIGGER documents_gapless BEFORE INSERT ON documents WHEN {_GAPLESS}
        BEGIN SELECT RAISE(ABORT, 'documents are append-only'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION documents_refuse() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RAISE EXCEPTION ''documents are append-only''; END'""",
        f"""CREATE FUNCTION documents_next() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN IF {_GAPLESS} THEN RAISE EXCEPTION ''documents are append-only''; END IF; RETURN NEW; END'""",
        NO_UPDATE["postgresql"],
        NO_DELETE["postgresql"],
        """CREATE TRIGGER documents_gapless BEFORE INSERT ON documents
        FOR EACH ROW EXECUTE FUNCTION documents_next()""",
    ),
}


def steps(brand: str) -> tuple[tuple[str, ...], ...]:
    """The ladder for one brand of database, oldest step first."""
    return ((*_TABLES, *_GUARDS[brand]),)


def climb(engine: Engine, *, read_only: bool) -> None:
    """Bring the schema up to this code's, once, whoever opens first.

    Raises StoreTrouble when a newer program wrote it, or when it is old and may not be changed.
    """
    ladder = steps(engine.dialect.name)
    with engine.connect() as connection, connection.begin():
        climbed = _climbed(connection)
    _refuse_newer(climbed, len(ladder))
    if climbed == len(ladder):
        return
    if read_only:
        raise StoreTrouble(
            "The saved decisions have the shape of an older version of this program.",
            "Open them once without read-only; they are brought up to date then.",
        )
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        _climb_on(connection, ladder)


def _climb_on(connection: Connection, ladder: tuple[tuple[str, ...], ...]) -> None:
    climbed = _climbed(connection)  # again: somebody may have climbed while we waited for the lock
    _refuse_newer(climbed, len(ladder))
    if climbed == 0:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS schema_steps (step INTEGER PRIMARY KEY)")
    for number, statements in enumerate(ladder[climbed:], start=climbed + 1):
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.execute(STEPS_TABLE.insert().values(step=number))


def _climbed(connection: Connection) -> int:
    if not inspect(connection).has_table(STEPS_TABLE.name):
        return 0
    return connection.execute(select(func.coalesce(func.max(STEPS_TABLE.c.step), 0))).scalar_one()


def _refuse_newer(climbed: int, known: int) -> None:
    if climbed > known:
        raise StoreTrouble(
            "The saved decisions were written by a newer version of this program.",
            "Update the program, or open a backup from before the update.",
        )
