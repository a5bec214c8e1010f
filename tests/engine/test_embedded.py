"""Running questions: locked down, many readers at once, stopped when they take too long."""

import gc
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import ibis
import pandas as pd
import pytest

from journey_app.analysis.funnel import funnel
from journey_app.engine import embedded, running
from journey_app.engine.connection import Limits
from journey_app.engine.embedded import Snapshot, open_snapshot
from journey_app.errors import BadChoice
from tests.conftest import moment

LIMITS = Limits(memory_mb=256, threads=2)
STORY = "ana visit 1 09:00\nana pay 1 09:10\nbob visit 1 09:00"
ROOT = Path(__file__).parents[2]


def file_of(snapshot):
    return Path(
        snapshot._connection.execute("select path from duckdb_databases() where path is not null").fetchone()[
            0
        ]
    )


@pytest.fixture
def file(diary):
    """A finished snapshot that nobody has open."""
    snapshot = diary(STORY)
    path = file_of(snapshot)
    snapshot.close()
    return path


# ---------------------------------------------------------------- locked down

ATTEMPTS = {
    "read a csv": "select * from read_csv('/etc/passwd')",
    "read a text": "select * from read_text('/etc/passwd')",
    "read a blob": "select * from read_blob('/etc/passwd')",
    "read json": "select * from read_json('/etc/hostname')",
    "read parquet": "select * from read_parquet('{folder}/x.parquet')",
    "read by name": "select * from '/etc/passwd.csv'",
    "list files": "select * from glob('/etc/*')",
    "write a file": "copy (select 1) to '{folder}/out.csv'",
    "attach a file": "attach '{folder}/other.duckdb'",
    "install": "install httpfs",
    "load": "load httpfs",
    "export": "export database '{folder}/all'",
    "make a secret": "create secret s (type s3)",
    "give itself access": "set enable_external_access=true",
    "take more memory": "set memory_limit='64GB'",
    "take more threads": "set threads=64",
    "reset": "reset memory_limit",
    "unlock": "set lock_configuration=false",
    "allow a folder": "set allowed_directories=['/']",
    "write events": "delete from events",
    "drop events": "drop table events",
    "make a table": "create table mine as select 1",
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_question_cannot_reach_outside_its_snapshot(diary, tmp_path, attempt):
    snapshot = diary(STORY)
    (tmp_path / "x.parquet").write_bytes(b"")
    with pytest.raises(duckdb.Error):
        snapshot._run_sql(ATTEMPTS[attempt].format(folder=tmp_path))
    assert not list(tmp_path.glob("out.csv"))
    assert snapshot.run(snapshot.table.aggregate(n=snapshot.table.count()))["n"].to_pylist() == [3]


def test_a_question_cannot_read_our_own_variables(diary, monkeypatch):
    """DuckDB takes an unknown table's name for a variable of the calling module when it may."""
    monkeypatch.setattr(embedded, "secret_frame", pd.DataFrame({"secret": [1]}), raising=False)
    snapshot = diary(STORY)
    with pytest.raises(duckdb.CatalogException):
        snapshot._run_sql("select * from secret_frame")


def test_a_large_answer_may_still_spill_to_disk(tmp_path, diary):
    path = file_of(snapshot := diary(STORY))
    snapshot.close()
    small = Snapshot(path, Limits(memory_mb=64, threads=1))
    query = """
        select max(s) as m
        from (select range::varchar || repeat('x', 40) as s from range(2000000) order by s desc offset 10)
    """
    answer = small._run_sql(query)
    assert answer.num_rows == 1
    small.close()


# ---------------------------------------------------------------- many readers

READER = """
import sys
from pathlib import Path
from journey_app.analysis.catalog import totals
from journey_app.engine.connection import Limits
from journey_app.engine.embedded import Snapshot
print(totals(Snapshot(Path(sys.argv[1]), Limits(memory_mb=256))).events)
"""


def test_another_process_reads_while_this_one_does(diary):
    snapshot = diary(STORY)
    made = subprocess.run(
        [sys.executable, "-c", READER, str(file_of(snapshot))],
        capture_output=True, text=True, cwd=ROOT, check=True, timeout=60,
    )  # fmt: skip
    assert made.stdout.strip() == "3"
    assert snapshot.run(snapshot.table.aggregate(n=snapshot.table.count()))["n"].to_pylist() == [3]


def test_threads_share_a_snapshot(diary):
    snapshot = diary(STORY)
    answers, faults = [], []

    def ask():
        try:
            for _turn in range(8):
                answer = funnel(snapshot, ["visit", "pay"], None, now=moment(9))
                answers.append([step.customers for step in answer.steps])
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert answers == [[2, 1]] * 32


def test_a_snapshot_is_opened_once_and_shared(file):
    first = open_snapshot(file, LIMITS)
    assert open_snapshot(file, LIMITS) is first


def test_a_snapshot_pushed_out_of_memory_can_be_opened_again_while_somebody_reads_it(file, monkeypatch):
    monkeypatch.setattr(embedded, "_OPEN_LIMIT", 0)
    reading = open_snapshot(file, LIMITS)
    assert file not in embedded._OPEN
    again = open_snapshot(file, LIMITS)
    assert again is reading
    del reading, again
    gc.collect()
    assert file not in embedded._ALIVE


# ---------------------------------------------------------------- limits


def test_a_question_without_end_is_stopped_with_a_way_out(file):
    snapshot = Snapshot(file, Limits(memory_mb=256, threads=1, query_s=1))
    with pytest.raises(BadChoice, match="longer than 1 seconds"):
        snapshot._run_sql(
            "select count(*) from range(10000000) a, range(10000000) b where a.range % 7 = b.range % 11"
        )
    assert snapshot.run(snapshot.table.aggregate(n=snapshot.table.count()))["n"].to_pylist() == [3]
    snapshot.close()


def test_an_expression_is_compiled_once(diary, monkeypatch):
    snapshot = diary(STORY)
    visits = snapshot.table.filter(snapshot.table.event == "visit")
    question = visits.aggregate(n=visits.count())
    snapshot.run(question)
    monkeypatch.setattr(ibis, "to_sql", None)
    assert snapshot.run(question)["n"].to_pylist() == [2]


def test_memory_of_compiled_questions_is_bounded(diary, monkeypatch):
    monkeypatch.setattr(running, "_COMPILED_LIMIT", 3)
    snapshot = diary(STORY)
    for number in range(6):
        snapshot.run(snapshot.table.filter(snapshot.table.position == number).select("event"))
    assert len(running._COMPILED) == 3
