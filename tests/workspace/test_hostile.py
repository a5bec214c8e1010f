"""Files made to break whoever reads them are answered with a sentence, in time, by a server that lives on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import fields
from pathlib import Path

import pytest

from journey_app.engine.embedded import open_snapshot
from journey_app.errors import BadFile, JourneyError, Question
from journey_app.intake import apart, away, child, frames, nursery
from journey_app.intake.limits import Caps
from journey_app.intake.prepare import prepare
from journey_app.intake.prepared import Prepared
from journey_app.settings import Settings
from journey_app.vocabulary import Answers
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files, prepare_file
from journey_app.workspace.workspace import Workspace
from tests.intake.hostile import HEADER, LOG, MEGABYTE, NAMES, READ_RIGHT, REFUSED, ROW
from tests.processes import alive, descendants, readers
from tests.workspace.conftest import NOW

ANSWERED_WITHIN_S = 30


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """One workspace for all of them: whatever one leaves behind, the next one finds."""
    home = tmp_path_factory.mktemp("hostile")
    return open_workspace("acme", Settings(home=home), create=True, now=NOW)


def everything_in(space: Workspace) -> list[str]:
    folders = ("batches", "uploads", "snapshots")
    return sorted(str(f.relative_to(space.folder)) for n in folders for f in (space.folder / n).rglob("*"))


def held_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_with_a_sentence_and_nothing_is_stored(target: Workspace, tmp_path: Path, what: str):
    name, made = REFUSED[what]
    file = tmp_path / "upload"
    file.write_bytes(made())
    before, held, began = everything_in(target), held_mb(), time.monotonic()
    with pytest.raises(JourneyError) as refused:
        import_files(target, [(file, name)], author="ana", now=NOW)
    assert time.monotonic() - began < ANSWERED_WITHIN_S
    assert refused.value.what and refused.value.do
    assert target.version is None and everything_in(target) == before
    assert held_mb() - held < 100, "what is too large is not held here"


@pytest.mark.parametrize("what", READ_RIGHT)
def test_it_looks_wrong_and_is_read_whole(target: Workspace, tmp_path: Path, what: str):
    name, made, rows = READ_RIGHT[what]
    file = tmp_path / "upload"
    file.write_bytes(made())
    tables = prepare_file(target, file, name, Answers())
    assert sum(chunk.rows for table in tables for chunk in table.chunks()) == rows


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_is_only_shown(target: Workspace, tmp_path: Path, name: str):
    file = tmp_path / "upload"
    file.write_text(LOG)
    (table,) = prepare_file(target, file, name, Answers())
    assert 0 < len(table.file) <= 120 and table.file.isprintable()
    assert [each.name for each in tmp_path.iterdir()] == ["upload"]


# ------------------------------------------------------------------ the process that reads


def read_by(file: Path, caps: Caps) -> tuple[Prepared, ...]:
    tables = apart.prepare(file, "log.csv", Answers(), caps=caps)
    for table in tables:
        list(table.chunks())
    return tables


@pytest.fixture(params=["forked", "begun anew"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways in which a reading process begins; elsewhere than on Linux there is only the second."""
    monkeypatch.setattr(nursery, "FORKS", request.param == "forked")
    return request.param


ALIKE = (
    "segment_pages",
    "salesforce_history_object",
    "shopify_orders",
    "stripe_payments",
    "google_ads_report",
)


def _comparable(value: object) -> object:
    """A question is an exception, and two of those are equal by what they say."""
    return (str(value), value.option, value.answers) if isinstance(value, Question) else value


def test_a_table_read_apart_is_told_and_read_as_one_read_here(way: str, tmp_path: Path):
    folder = Path(__file__).parents[2] / "sample_data" / "exports"
    for export in (folder / f"{name}.csv" for name in ALIKE):
        (there,) = apart.prepare(export, export.name, Answers())
        (here,) = prepare(export, export.name, Answers())
        chunks, same = list(there.chunks()), list(here.chunks())
        assert [c.events for c in chunks] == [c.events for c in same]
        assert [c.links for c in chunks] == [c.links for c in same]
        for name in [f.name for f in fields(Prepared) if not f.name.startswith("_")] + ["source", "notes"]:
            assert _comparable(getattr(there, name)) == _comparable(getattr(here, name)), name
        rows = [1, 2]
        assert list(there.rows_as_they_are(rows)) == list(here.rows_as_they_are(rows))
        if way == "begun anew":
            break


def test_everything_a_table_offers_is_offered_for_one_that_is_read_apart():
    for name, what in vars(Prepared).items():
        if not name.startswith("_") and (callable(what) or isinstance(what, property)):
            assert name in vars(away.Away) or name in away.LOCAL, name


def test_a_question_comes_back_as_it_was_asked_and_is_answered(tmp_path: Path):
    file = tmp_path / "dates.csv"
    file.write_text("id,event,date\n1,a,03/04/2026\n2,b,05/06/2026\n")
    (there,) = apart.prepare(file, "dates.csv", Answers())
    (here,) = prepare(file, "dates.csv", Answers())
    assert there.question is not None and here.question is not None
    assert vars(there.question) == vars(here.question)
    answered = apart.read_as(there, Answers(dates="dmy"), timezone="UTC")
    assert answered.question is None
    assert next(answered.chunks()).events["occurred_at"][0].as_py().month == 4


def test_more_memory_than_allowed_is_a_sentence(way: str, tmp_path: Path):
    file = tmp_path / "log.csv"
    file.write_text(HEADER.strip() + ",text\n" + (ROW.strip() + "," + "x" * 2_000 + "\n") * 20_000)
    with pytest.raises(BadFile, match="24 MB"):
        read_by(file, Caps(memory_mb=24))
    file.write_text(LOG)
    assert len(read_by(file, Caps())) == 1


def test_more_processor_time_than_allowed_is_a_sentence(way: str, tmp_path: Path):
    file = tmp_path / "log.csv"
    file.write_text(HEADER + ROW * 2_000_000)
    with pytest.raises(BadFile, match="processor time"):
        read_by(file, Caps(cpu_s=1))


def test_a_reader_that_does_not_get_on_is_given_up(way: str, tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    holder = os.open(pipe, os.O_RDWR)
    os.write(holder, b"x" * 100)
    stuck = nursery.NURSERY.begin(Caps(silence_s=1))
    began = time.monotonic()
    with pytest.raises(EOFError):  # nothing was asked, so nothing is said
        stuck.next()
    assert stuck.gave_up and time.monotonic() - began < 5
    os.close(holder)


def test_a_reader_killed_half_way_is_a_sentence_and_the_next_one_reads(way: str, tmp_path: Path):
    file = tmp_path / "log.csv"
    file.write_text(HEADER + ROW * 500_000)
    (table,) = apart.prepare(file, "log.csv", Answers())
    chunks = table.chunks()
    next(chunks)
    for pid in readers(os.getpid()):
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(BadFile, match="stopped from outside"):
        list(chunks)
    assert sum(chunk.rows for chunk in table.chunks()) == 500_000


def test_a_mother_that_was_killed_is_replaced(tmp_path: Path):
    file = tmp_path / "log.csv"
    file.write_text(LOG)
    (table,) = apart.prepare(file, "log.csv", Answers())
    mother = nursery.NURSERY._mother
    assert mother is not None
    hers = descendants(mother._process.pid)
    mother._process.kill()
    while any(alive(pid) for pid in (mother._process.pid, *hers)):
        time.sleep(0.01)
    assert sum(chunk.rows for chunk in table.chunks()) == 3


def test_many_files_that_wait_to_be_stored_do_not_each_hold_a_process(tmp_path: Path):
    before, tables = len(readers(os.getpid())), []
    for n in range(apart.MOST_WAITING + 4):
        file = tmp_path / f"{n}.csv"
        file.write_text(HEADER + ROW * (n + 1))
        tables += apart.prepare(file, file.name, Answers())
    until = time.monotonic() + 30
    while len(readers(os.getpid())) > before + apart.MOST_WAITING and time.monotonic() < until:
        time.sleep(0.05)  # those that were ended are gone in a moment
    assert len(readers(os.getpid())) <= before + apart.MOST_WAITING
    rows = [sum(chunk.rows for chunk in table.chunks()) for table in tables]
    assert rows == [n + 1 for n in range(len(tables))]


def test_many_threads_at_once_each_get_their_own(tmp_path: Path):
    found: dict[int, int] = {}

    def one(n: int) -> None:
        file = tmp_path / f"{n}.csv"
        file.write_text(HEADER + ROW * (n + 1))
        (table,) = apart.prepare(file, "log.csv", Answers())
        found[n] = sum(chunk.rows for chunk in table.chunks())

    threads = [threading.Thread(target=one, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == {n: n + 1 for n in range(6)}


def test_readers_end_with_the_process_they_read_for(tmp_path: Path):
    file = tmp_path / "log.csv"
    file.write_text(HEADER + ROW * 1_000_000)
    code = (
        "import sys; from pathlib import Path\n"
        "from journey_app.intake import apart; from journey_app.vocabulary import Answers\n"
        f"table, = apart.prepare(Path({str(file)!r}), 'log.csv', Answers())\n"
        "next(table.chunks()); print('ready', flush=True); list(table.chunks())\n"
    )
    child_env = {**os.environ, "PYTHONPATH": str(nursery.ROOT)}
    app = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=child_env)
    assert app.stdout is not None and app.stdout.readline() == b"ready\n"
    until = time.monotonic() + 30
    while not readers(app.pid):  # the first reading ends, and the second begins a moment later
        assert app.poll() is None and time.monotonic() < until, "nothing reads for it"
        time.sleep(0.02)
    theirs = descendants(app.pid)
    app.kill()
    app.wait()
    until = time.monotonic() + 5
    while any(alive(pid) for pid in theirs):
        assert time.monotonic() < until, "they outlive it"
        time.sleep(0.02)


# ------------------------------------------------------------------ a reader that was taken over


def test_what_a_reader_says_is_not_believed(tmp_path: Path):
    """It cannot name another file to be kept, nor send tables, lengths or errors of its own making."""
    assert "path" not in child.TOLD
    with pytest.raises(ValueError):
        frames.error_of({"kind": "__import__", "what": "a", "do": "b"})
    with pytest.raises(ValueError):
        frames.error_of({"kind": "BadFile", "what": "a", "do": "b", "args": [1]})
    file = tmp_path / "log.csv"
    file.write_text(LOG)
    (table,) = apart.prepare(file, "log.csv", Answers())
    for said in (b"\xff" * 64, b"\0\0\0\x02\0\0\0\0[]", b"\0\0\0\x02\0\0\0\x01{}" + b"\0\0\1" * 8):
        reading, writing = os.pipe()
        os.write(writing, said)
        os.close(writing)
        with os.fdopen(reading, "rb") as stream, pytest.raises((frames.BrokenFrame, EOFError)):
            frames.Frames(stream, stream, 1000).receive()
    assert table.path == file


def test_a_table_with_false_offsets_is_not_taken():
    import pyarrow as pa

    good = pa.table({"a": ["x", "y"]})
    packed = bytearray(frames._packed(good).to_pybytes())
    place = packed.rfind(b"\1\0\0\0\2\0\0\0")
    packed[place : place + 8] = b"\1\0\0\0\xff\xff\xff\x0f"
    with pytest.raises(frames.BrokenFrame):
        frames.Frame({}, [bytes(packed)]).value(pa.Table, 0)
    assert frames.Frame({}, [frames._packed(good).to_pybytes()]).value(pa.Table, 0) == good


def test_the_reader_knows_nothing_of_our_settings(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JOURNEY_HOME", "/somewhere")
    monkeypatch.setenv("DATABASE_URL", "a://secret")
    assert not {"JOURNEY_HOME", "DATABASE_URL"} & set(nursery.environment())


def test_after_all_that_a_good_file_comes_in(target: Workspace, tmp_path: Path):
    file = tmp_path / "log.csv"
    file.write_text(LOG)
    imported = import_files(target, [(file, "log.csv")], author="ana", now=NOW)
    assert (imported.files[0].rows, imported.events, imported.customers) == (3, 3, 2)
    assert open_snapshot(target.snapshot_file(imported.version), target.limits).version == imported.version
