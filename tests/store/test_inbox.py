"""What is answered is on the disk, once; what is not on the disk is not answered."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading

import pytest

from journey_app.store import inbox as inbox_module
from journey_app.store.inbox import Inbox, Received
from journey_app.store.trouble import StoreTrouble

AT = "2026-11-24T09:00:00.000000+00:00"


def call(number, day=24):
    return Received(f"m{number}", AT.replace("-24T", f"-{day}T"), f'{{"n":{number}}}')


@pytest.fixture
def box(tmp_path):
    made = Inbox(tmp_path / "inbox.sqlite")
    yield made
    made.close()


def test_a_call_is_kept_once_in_the_order_it_came(box):
    assert box.submit([call(2), call(1), call(2)]).result() == 2
    assert box.submit([call(1), call(3)]).result() == 1
    assert [body for part in box.of_day("2026-11-24", 99) for _, body in part] == [
        '{"n":2}',
        '{"n":1}',
        '{"n":3}',
    ]


def test_days_are_told_apart_and_only_what_was_merged_is_erased(box):
    box.submit([call(1, 23), call(2, 24)]).result()
    last = box.newest()
    box.submit([call(3, 23)]).result()
    assert box.days(last) == ["2026-11-23", "2026-11-24"]
    assert [n for part in box.of_day("2026-11-23", last) for n, _ in part] == [1]
    box.remove(last)
    assert box.waiting().calls == 1


def test_a_number_is_never_given_twice(box):
    box.submit([call(1), call(2)]).result()
    box.remove(box.newest())
    box.submit([call(3)]).result()
    assert box.newest() == 3


def test_an_erased_call_is_on_the_disk_no_more(box, tmp_path):
    box.submit([Received("m1", AT, "canary-text" * 50)]).result()
    assert b"canary-text" in (tmp_path / "inbox.sqlite").read_bytes()
    box.remove(box.newest())
    left = b"".join(f.read_bytes() for f in tmp_path.iterdir())
    assert b"canary-text" not in left


def test_many_callers_share_a_commit(box, monkeypatch):
    sizes, gate, inside = [], threading.Event(), threading.Event()
    real = inbox_module._insert

    def counted(con, batch):
        sizes.append(len(batch))
        inside.set()
        gate.wait(10)
        return real(con, batch)

    monkeypatch.setattr(inbox_module, "_insert", counted)
    first = box.submit([call(0)])
    inside.wait(10)
    others = [box.submit([call(n)]) for n in range(1, 51)]
    gate.set()
    assert [future.result(10) for future in (first, *others)] == [1] * 51
    assert sizes == [1, 50]


def test_nothing_is_said_to_be_kept_when_the_commit_fails(box, monkeypatch):
    box.submit([call(1)]).result()

    def broken(*_args):
        raise sqlite3.DatabaseError("a fault of this program")

    monkeypatch.setattr(inbox_module, "_insert", broken)
    with pytest.raises(sqlite3.DatabaseError, match="a fault of this program"):
        box.submit([call(2)]).result(10)
    monkeypatch.undo()
    assert box.submit([call(3)]).result(10) == 1  # it goes on afterwards
    assert box.waiting().calls == 2


def test_a_file_that_was_taken_away_takes_no_more_calls_in_silence(box, tmp_path):
    box.submit([call(1)]).result()
    for file in tmp_path.glob("inbox.sqlite*"):
        file.unlink()
    with pytest.raises(StoreTrouble, match="cannot be opened or changed here"):
        box.submit([call(2)]).result(10)
    assert box.submit([call(3)]).result(10) == 1
    assert box.waiting().calls == 1


def test_too_many_at_once_are_told_to_come_again(box, monkeypatch):
    monkeypatch.setattr(inbox_module, "MOST_UNWRITTEN", 2)
    with pytest.raises(StoreTrouble, match="faster"):
        box.submit([call(n) for n in range(3)])
    assert box.submit([call(9)]).result(10) == 1


KILLED = """
import os, sys
from journey_app.store.inbox import Inbox, Received
box = Inbox(__import__("pathlib").Path(sys.argv[1]))
for n in range(100_000):
    box.submit([Received(f"m{n}", "2026-11-24T09:00:00", "{}")]).result()
    print(n, flush=True)
"""


def test_what_was_answered_survives_a_kill(tmp_path):
    path = tmp_path / "inbox.sqlite"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True)
    answered = [int(process.stdout.readline()) for _ in range(40)][-1]
    process.kill()
    answered = max([answered, *(int(line) for line in process.stdout if line.endswith("\n"))])
    process.wait()
    box = Inbox(path)
    kept = {n for part in box.of_day("2026-11-24", 10**9) for n, _ in part}
    assert kept >= set(range(1, answered + 2))
    assert len(kept) <= answered + 2
