"""An acknowledged edit survives kill -9, races, and a full disk."""

import os
import random
import sqlite3
import time

import pytest

from journey_app.store.documents import open_store
from tests.store.writers import (
    PROCESSES,
    count_up,
    digest,
    fill_until_refused,
    open_and_put,
    save_until_killed,
)

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 needs a POSIX system")


def run_together(target, *each):
    """Start one process for each tuple of arguments, let them loose at once, and wait for all."""
    start = PROCESSES.Barrier(len(each))
    running = [PROCESSES.Process(target=target, args=(*args, start)) for args in each]
    for process in running:
        process.start()
    for process in running:
        process.join(60)
    assert [process.exitcode for process in running] == [0] * len(each)


def test_two_processes_lose_no_update_of_one_counter(file):
    run_together(count_up, (file, 125), (file, 125))
    rows = open_store(file).history("counter", "c")
    assert len(rows) == 250 and all(row.body == {"n": row.version} for row in rows)
    assert len({row.author for row in rows}) == 2


def test_processes_that_create_the_database_at_once_agree(tmp_path):
    for attempt in range(4):
        file = tmp_path / f"{attempt}.sqlite"
        run_together(open_and_put, *((file, f"n{number}") for number in range(4)))
        assert len(open_store(file).list("note")) == 4


def wait_for_notes(files):
    until = time.monotonic() + 120
    while not all(file.exists() and file.stat().st_size for file in files):
        assert time.monotonic() < until, "the writers never began"
        time.sleep(0.005)


def kill_two_writers(file, notes, rng, journal):
    """Let two writers race for a moment that nobody can foresee, then kill both."""
    writers = [(file, note, rng.random(), journal) for note in notes]
    running = [PROCESSES.Process(target=save_until_killed, args=args) for args in writers]
    for process in running:
        process.start()
    wait_for_notes(notes)
    time.sleep(rng.uniform(0.02, 0.2))
    for process in running:
        process.kill()
    for process in running:
        process.join(30)
    assert [process.exitcode for process in running] == [-9, -9]


@pytest.mark.parametrize("journal", ["truncate", "wal"])
def test_no_acknowledged_edit_is_lost_by_kill_9(file, tmp_path, journal):
    rng = random.Random(5)
    acknowledged = {}
    for kill in range(5):
        notes = [tmp_path / f"{kill}-{writer}.txt" for writer in range(2)]
        kill_two_writers(file, notes, rng, journal)
        for line in "".join(note.read_text() for note in notes).splitlines():
            name, version, body = line.split()
            assert (name, int(version)) not in acknowledged, "one version was acknowledged twice"
            acknowledged[name, int(version)] = body
        check_everything_is_there(file, acknowledged)
    assert len(acknowledged) > 50


def check_everything_is_there(file, acknowledged):
    store = open_store(file)
    rows = {name: store.history("note", name) for name in {name for name, _ in acknowledged}}
    for name, versions in rows.items():
        assert [row.version for row in versions] == list(range(1, len(versions) + 1)), f"gaps in {name}"
    stored = {(name, row.version): digest(row.body) for name, versions in rows.items() for row in versions}
    assert {key: stored.get(key) for key in acknowledged} == acknowledged
    store.close()
    looker = sqlite3.connect(file)
    assert looker.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    looker.close()


def test_a_full_disk_is_said_plainly_loses_nothing_and_needs_no_restart(file):
    mine, theirs = PROCESSES.Pipe()
    filler = PROCESSES.Process(target=fill_until_refused, args=(file, 300_000, theirs))
    filler.start()
    assert mine.poll(30)
    acknowledged, (kind, said), kept, after = mine.recv()
    filler.join(30)
    assert kind == "StoreTrouble" and "full" in said and "Free some space" in said
    assert acknowledged > 10 and kept == list(range(1, acknowledged + 1))
    assert after == acknowledged + 1
