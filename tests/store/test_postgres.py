"""On Postgres the store means the same as on SQLite."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy

from journey_app.errors import BadChoice, NotAllowed, NothingYet, StaleEdit
from journey_app.store.documents import open_store
from tests.store.conftest import NOON, without

ANA = {"author": "ana", "now": NOON}


@pytest.fixture
def store(postgres_url):
    """A store in a schema of its own, which is dropped afterwards."""
    server = sqlalchemy.create_engine(
        sqlalchemy.make_url(postgres_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with server.connect() as connection:
        connection.exec_driver_sql("DROP SCHEMA IF EXISTS journey_test CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA journey_test")
    joint = "&" if "?" in postgres_url else "?"
    opened = open_store(f"{postgres_url}{joint}options=-csearch_path%3Djourney_test")
    yield opened
    opened.close()
    with server.connect() as connection:
        connection.exec_driver_sql("DROP SCHEMA journey_test CASCADE")
    server.dispose()


def test_edits_replays_deletions_and_stale_edits(store):
    first = store.put("goal", "main", {"x": "ü \x00"}, based_on=0, edit_id="e1", **ANA)
    assert store.put("goal", "main", {"x": "ü \x00"}, based_on=0, edit_id="e1", **ANA) == first
    with pytest.raises(StaleEdit) as late:
        store.put("goal", "main", {"x": 2}, based_on=0, **ANA)
    assert late.value.theirs == {"x": "ü \x00"}
    store.delete("goal", "main", based_on=1, **ANA)
    assert store.get("goal", "main") is None and store.list("goal") == []
    assert store.put("goal", "main", {"x": 3}, based_on=0, **ANA).version == 3
    assert [d.version for d in store.history("goal", "main")] == [1, 2, 3]


def test_a_transaction_is_all_or_nothing_and_goes_on_after_a_failure_inside(store):
    with pytest.raises(NothingYet), store.transaction():
        store.put("batch", "b1", {}, based_on=0, **ANA)
        store.put("batch", "b2", {}, based_on=5, **ANA)
    assert store.list("batch") == []
    with store.transaction():
        with pytest.raises(NothingYet):
            store.put("batch", "b2", {}, based_on=5, **ANA)
        store.put("batch", "b1", {}, based_on=0, **ANA)
    assert [d.doc_id for d in store.list("batch")] == ["b1"]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE documents SET body = '{}'",
        "DELETE FROM documents",
        "TRUNCATE documents",
        "INSERT INTO documents SELECT kind, doc_id, 9, body, body_sha256, author, saved_at, deleted"
        " FROM documents",
    ],
)
def test_history_cannot_be_changed_even_past_this_program(store, tampering):
    store.put("goal", "main", {"x": 1}, based_on=0, **ANA)
    with pytest.raises(sqlalchemy.exc.DBAPIError, match="append-only"), store._writing() as connection:
        connection.exec_driver_sql(tampering)
    assert [d.body for d in store.history("goal", "main")] == [{"x": 1}]


def test_threads_lose_no_update(store):
    def count_up():
        done = 0
        while done < 15:
            head = store.get("counter", "c")
            version, n = (head.version, head.body["n"]) if head else (0, 0)
            try:
                store.put("counter", "c", {"n": n + 1}, based_on=version, **ANA)
                done += 1
            except StaleEdit:
                continue

    threads = [threading.Thread(target=count_up) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = store.history("counter", "c")
    assert len(rows) == 45 and all(row.body == {"n": row.version} for row in rows)


def test_leases_erasing_and_readers(store):
    assert store.lease("import", holder="ana", now=NOON, seconds=60)
    assert not store.lease("import", holder="bob", now=NOON, seconds=60)
    assert store.lease("import", holder="bob", now=NOON + timedelta(minutes=1), seconds=60)
    store.put("note", "n", {"text": "secret"}, based_on=0, **ANA)
    assert store.erase_words(without("secret"), now=NOON) == [("note", "n", 1)]
    store.rewrite_file()
    assert [each.body for each in store.history("note", "n")] == [{"text": "(gone)"}] * 2
    with pytest.raises(sqlalchemy.exc.DBAPIError, match="append-only"), store._writing() as connection:
        connection.exec_driver_sql("UPDATE documents SET body = '{}'")
    store.read_only = True
    with pytest.raises(NotAllowed, match="This view is for reading"):
        store.put("note", "m", {}, based_on=0, **ANA)


def test_a_backup_is_the_servers_own_work(store, tmp_path):
    with pytest.raises(BadChoice, match="pg_dump"):
        store.backup(tmp_path / "copy.sqlite")
