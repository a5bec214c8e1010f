"""The rules of durability are in force, and every way of not opening says what to do."""

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from journey_app.errors import BadChoice, NotAllowed, StaleEdit
from journey_app.store import backup, database, schema
from journey_app.store.database import connect_sqlite, journal_mode, open_engine
from journey_app.store.documents import open_store
from journey_app.store.trouble import BUSY, StoreTrouble, _meaning
from tests.store.conftest import NOON

ANA = {"author": "ana", "now": NOON}


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "truncate"),
        ((3, 44, 5), "truncate"),
        ((3, 44, 6), "wal"),
        ((3, 45, 9), "truncate"),
        ((3, 50, 6), "truncate"),
        ((3, 50, 7), "wal"),
        ((3, 51, 2), "truncate"),
        ((3, 51, 3), "wal"),
        ((3, 52, 0), "wal"),
        ((4, 0, 0), "wal"),
    ],
)
def test_the_journal_avoids_the_wal_reset_race(version, mode):
    assert journal_mode(version) == mode


def test_every_connection_has_the_rules(file):
    with closing(connect_sqlite(file)) as connection:
        rules = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("busy_timeout", "synchronous", "trusted_schema", "cell_size_check", "secure_delete")
        }
        assert rules == {
            "busy_timeout": 5000,
            "synchronous": 2,
            "trusted_schema": 0,
            "cell_size_check": 1,
            "secure_delete": 1,
        }
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    assert mode == journal_mode(sqlite3.sqlite_version_info)


@pytest.mark.parametrize(("before", "after"), [("wal", "truncate"), ("truncate", "wal")])
def test_a_database_from_another_sqlite_changes_its_journal(file, monkeypatch, before, after):
    for mode in (before, after):
        monkeypatch.setattr(database, "journal_mode", lambda version, mode=mode: mode)
        opened = open_store(file)
        opened.put("note", mode, {}, based_on=0, **ANA)
        opened.close()
    with closing(sqlite3.connect(file)) as looker:
        assert looker.execute("PRAGMA journal_mode").fetchone()[0] == ("wal" if after == "wal" else "delete")
        assert looker.execute("SELECT count(*) FROM documents").fetchone() == (2,)


def test_a_writer_holds_the_lock_from_its_first_statement_and_a_reader_does_not(store, file):
    other = sqlite3.connect(file, timeout=0, isolation_level=None)
    with store._reading():
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    with store.transaction(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()


def test_a_writer_that_waits_too_long_is_told_so(file, monkeypatch):
    monkeypatch.setattr(database, "BUSY_S", 0.05)
    store = open_store(file)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreTrouble, match="try again"):
        store.put("goal", "main", {}, based_on=0, **ANA)
    other.execute("ROLLBACK")
    assert store.put("goal", "main", {}, based_on=0, **ANA).version == 1
    other.close()


def test_many_threads_lose_no_update(store):
    def count_up():
        for _ in range(20):
            while True:
                head = store.get("counter", "c")
                version, n = (head.version, head.body["n"]) if head else (0, 0)
                try:
                    store.put("counter", "c", {"n": n + 1}, based_on=version, **ANA)
                    break
                except StaleEdit:
                    continue

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = store.history("counter", "c")
    assert len(rows) == 80 and all(row.body == {"n": row.version} for row in rows)


# ---------------------------------------------------------------- the ladder


def test_an_old_schema_climbs_only_the_steps_it_lacks(file, monkeypatch):
    open_store(file).put("goal", "main", {"x": 1}, based_on=0, **ANA)
    ladder = (*schema.steps("sqlite"), ("CREATE TABLE extra (x TEXT)",))
    monkeypatch.setattr(schema, "steps", lambda brand: ladder)
    with pytest.raises(StoreTrouble, match="Open them once without read-only"):
        open_store(file, read_only=True)
    assert open_store(file).get("goal", "main").body == {"x": 1}
    assert open_store(file, read_only=True).get("goal", "main").body == {"x": 1}
    with closing(sqlite3.connect(file)) as looker:
        assert looker.execute("SELECT step FROM schema_steps ORDER BY step").fetchall() == [(1,), (2,)]


def test_a_step_that_fails_leaves_the_old_schema(file, monkeypatch):
    open_store(file).put("goal", "main", {"x": 1}, based_on=0, **ANA)
    broken = (*schema.steps("sqlite"), ("CREATE TABLE extra (x TEXT)", "CREATE TABLE documents (x TEXT)"))
    with monkeypatch.context() as patch, pytest.raises(Exception, match="already exists"):
        patch.setattr(schema, "steps", lambda brand: broken)
        open_store(file)
    assert open_store(file).get("goal", "main").body == {"x": 1}
    with closing(sqlite3.connect(file)) as looker:
        assert looker.execute("SELECT name FROM sqlite_master WHERE name = 'extra'").fetchall() == []


@pytest.mark.parametrize("read_only", [False, True])
def test_a_schema_newer_than_the_program_is_refused(file, read_only):
    open_store(file).close()
    with closing(sqlite3.connect(file)) as newer:
        newer.execute("INSERT INTO schema_steps VALUES (99)")
        newer.commit()
    with pytest.raises(StoreTrouble, match="newer version of this program"):
        open_store(file, read_only=read_only)


# ---------------------------------------------------------------- what cannot be opened


def test_a_file_that_is_no_database_is_said_to_be_damaged(file):
    file.write_text("customer,event\n" * 500)
    with pytest.raises(StoreTrouble, match="restore your newest backup"):
        open_store(file)
    assert file.read_text().startswith("customer,event")


def test_a_folder_in_place_of_the_file_is_said_plainly(tmp_path):
    with pytest.raises(StoreTrouble, match="cannot be opened"):
        open_store(tmp_path)


def test_a_path_may_hold_any_character_and_a_url_means_the_same(tmp_path):
    odd = tmp_path / "new folder" / "a?b#c %20 ü.sqlite"
    open_store(str(odd)).put("goal", "main", {}, based_on=0, **ANA)
    assert odd.exists()
    assert open_store(f"sqlite:///{odd}").get("goal", "main")


@pytest.mark.parametrize("address", ["mysql://u:pa55@example.com/x", "https://pa55@example.com", "://pa55"])
def test_an_address_of_another_kind_is_refused_without_repeating_its_password(address):
    with pytest.raises(BadChoice, match="cannot be kept at this address") as refused:
        open_store(address)
    assert "postgresql://" in str(refused.value) and "pa55" not in str(refused.value)


def test_postgres_without_its_driver_names_the_driver(monkeypatch):
    def no_driver(*args, **kwargs):
        raise ModuleNotFoundError("No module named 'psycopg'")

    monkeypatch.setattr(database, "create_engine", no_driver)
    with pytest.raises(BadChoice, match="psycopg"):
        open_engine("postgres://user@db.example.com/journeys", read_only=False)


class Complaint(Exception):
    def __init__(self, sqlstate):
        self.sqlstate = sqlstate


class OperationalError(Exception):
    """Named as the drivers name a lost connection, which has no code."""


def test_postgres_complaints_are_told_apart():
    said = {code: _meaning(Complaint(code)) for code in ("55P03", "53100", "08006", "57P01", "23505")}
    assert said["55P03"] == BUSY and "full" in said["53100"][0] and said["23505"] is None
    for gone in (said["08006"], said["57P01"], _meaning(OperationalError())):
        assert "does not answer" in gone[0]


def test_a_bug_stays_a_bug(store):
    with (
        pytest.raises(IntegrityError, match="NOT NULL constraint"),
        store._writing() as connection,
    ):
        connection.exec_driver_sql("INSERT INTO leases VALUES ('import', NULL, NULL)")


# ---------------------------------------------------------------- backup


def test_a_backup_is_equal_and_opens(store, file, tmp_path):
    for version in range(30):
        store.put("goal", "main", {"n": version}, based_on=version, **ANA)
    store.backup(tmp_path / "copy.sqlite")
    copy = open_store(tmp_path / "copy.sqlite")
    assert copy.history("goal", "main") == store.history("goal", "main")
    assert copy.put("goal", "main", {}, based_on=30, **ANA).version == 31
    outsider = sqlite3.connect(tmp_path / "copy.sqlite")
    with closing(outsider), pytest.raises(sqlite3.IntegrityError, match="append-only"):
        outsider.execute("DELETE FROM documents")


def test_a_backup_under_a_writer_is_whole(store, tmp_path):
    ended = threading.Event()

    def keep_writing():
        version = 0
        while not ended.is_set():
            with store.transaction():
                store.put("a", "x", {"n": version}, based_on=version, **ANA)
                store.put("b", "x", {"n": version}, based_on=version, **ANA)
            version += 1

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        for number in range(5):
            store.backup(tmp_path / f"{number}.sqlite")
    finally:
        ended.set()
        writer.join()
    for number in range(5):
        copy = open_store(tmp_path / f"{number}.sqlite", read_only=True)
        ours = [replace(d, kind="") for d in copy.history("a", "x")]
        assert ours == [replace(d, kind="") for d in copy.history("b", "x")]
        assert [d.version for d in ours] == list(range(1, len(ours) + 1))


def test_a_reader_may_make_a_backup(store, file, tmp_path):
    store.put("goal", "main", {}, based_on=0, **ANA)
    reader = open_store(file, read_only=True)
    reader.backup(tmp_path / "copy.sqlite")
    assert open_store(tmp_path / "copy.sqlite").get("goal", "main")
    with pytest.raises(NotAllowed, match="This view is for reading; nothing was changed"):
        reader.put("goal", "main", {}, based_on=1, **ANA)


def test_a_backup_never_replaces_a_file_and_leaves_no_half(store, tmp_path, monkeypatch):
    taken = tmp_path / "copy.sqlite"
    taken.write_text("precious")
    with pytest.raises(BadChoice, match="already there"):
        store.backup(taken)
    assert taken.read_text() == "precious"

    def fails(file):
        raise OSError("no power")

    monkeypatch.setattr(backup, "_flush", fails)
    with pytest.raises(OSError, match="no power"):
        store.backup(tmp_path / "other.sqlite")
    assert sorted(f.name for f in tmp_path.iterdir() if "other" in f.name) == []
