"""A file becomes part of a workspace whole or not at all, whatever happens in between."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journey_app.analysis.catalog import totals
from journey_app.errors import BadChoice, JourneyError, NothingYet, UnknownName
from journey_app.settings import Settings
from journey_app.vocabulary import Answers
from journey_app.workspace import importing
from journey_app.workspace.home import delete_workspace, folder_name, list_workspaces, open_workspace
from journey_app.workspace.importing import import_files, undo
from journey_app.workspace.previewing import preview_files
from journey_app.workspace.workspace import Workspace

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


def log(rows: int, first: int = 0) -> str:
    lines = [
        f"u{n % 50},step {n % 4},2026-03-{1 + n % 19:02d} {n % 24:02d}:00:{n % 60:02d}"
        for n in range(first, first + rows)
    ]
    return "\n".join(["user_id,event,timestamp", *lines]) + "\n"


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return open_workspace("acme", Settings(home=tmp_path / "home"), create=True, now=NOW)


def put(space: Workspace, tmp_path: Path, text: str, name: str = "log.csv", **options: object):
    file = tmp_path / name
    file.write_text(text)
    return import_files(space, [(file, name)], author="ana", now=NOW, **options)  # type: ignore[arg-type]


def everything_in(space: Workspace) -> list[str]:
    """Every file of a workspace but the state, relative to it."""
    files = (file for file in space.folder.rglob("*") if file.is_file())
    return sorted(str(f.relative_to(space.folder)) for f in files if not f.name.startswith("state.sqlite"))


def test_before_the_first_import_there_is_nothing_and_that_is_said(space: Workspace):
    with pytest.raises(NothingYet, match="no events here yet"):
        space.events()


def test_the_version_names_the_workspace_and_changes_with_the_data(space: Workspace, tmp_path: Path):
    first = put(space, tmp_path, log(100)).version
    second = put(space, tmp_path, log(50, 100), "more.csv").version
    assert first != second
    assert first.startswith(space.about["id"]) and second.startswith(space.about["id"])
    assert space.events().version == second


def test_two_workspaces_with_the_same_file_have_different_versions(tmp_path: Path):
    spaces = [
        open_workspace(n, Settings(home=tmp_path / "home"), create=True, now=NOW) for n in ("one", "two")
    ]
    assert len({put(space, tmp_path, log(10)).version for space in spaces}) == 2


def test_a_session_keeps_reading_its_version_while_the_next_is_written(space: Workspace, tmp_path: Path):
    put(space, tmp_path, log(100))
    held = space.events()
    put(space, tmp_path, log(50, 100), "more.csv")
    assert totals(held).events == 100
    assert totals(space.events()).events == 150


def test_only_the_last_two_snapshots_are_kept(space: Workspace, tmp_path: Path):
    for turn in range(4):
        put(space, tmp_path, log(10, turn * 10), f"log{turn}.csv")
    assert len(list(space.snapshots.glob("*.duckdb"))) == 2


def test_a_lost_snapshot_is_built_again_from_its_batches(space: Workspace, tmp_path: Path):
    put(space, tmp_path, log(100))
    before = totals(space.events())
    version = space.version
    again = open_workspace("acme", space.settings)
    next(space.snapshots.glob("*.duckdb")).rename(tmp_path / "gone.duckdb")
    from journey_app.engine import embedded

    embedded._OPEN.clear()
    assert totals(again.events()) == before and again.version == version


@pytest.mark.parametrize("broken", ["build", "keep_upload", "_switch"])
def test_a_fault_in_the_middle_leaves_everything_as_it_was(
    space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
):
    put(space, tmp_path, log(100))
    before, version = everything_in(space), space.version

    def fail(*_args: object, **_options: object) -> None:
        raise OSError("the disk went away")

    monkeypatch.setattr(importing, broken, fail)
    with pytest.raises(OSError, match="went away"):
        put(space, tmp_path, log(50, 100), "more.csv")
    assert (everything_in(space), space.version) == (before, version)
    monkeypatch.undo()
    assert put(space, tmp_path, log(50, 100), "more.csv").events == 150, "the lease was given back"


def test_one_bad_file_among_several_stores_none_of_them(space: Workspace, tmp_path: Path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(log(10))
    bad.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    with pytest.raises(JourneyError):
        import_files(space, [(good, "good.csv"), (bad, "bad.csv")], author="ana", now=NOW)
    assert space.version is None and not list(space.batch_files.folder.iterdir())


def test_a_second_importer_is_told_to_wait(space: Workspace, tmp_path: Path):
    assert space.store.lease("import", holder="somebody", now=NOW, seconds=60)
    with pytest.raises(BadChoice, match="Another import"):
        put(space, tmp_path, log(10))
    later = NOW + timedelta(seconds=61)
    file = tmp_path / "log.csv"
    assert import_files(space, [(file, "log.csv")], author="ana", now=later).events == 10


def test_undo_is_as_if_it_had_never_been_imported(space: Workspace, tmp_path: Path):
    put(space, tmp_path, log(100))
    version, files = space.version, everything_in(space)
    batch = put(space, tmp_path, log(80, 60), "overlap.csv").files[0].batch
    assert totals(space.events()).events == 140
    assert batch is not None
    assert undo(space, batch, author="ana", now=NOW).events == 100
    assert space.version == version
    kept = [f for f in everything_in(space) if not f.startswith("snapshots")]
    assert kept == [f for f in files if not f.startswith("snapshots")]


def test_undoing_the_first_of_two_overlapping_files_keeps_what_the_second_brought(
    space: Workspace, tmp_path: Path
):
    first = put(space, tmp_path, log(100)).files[0].batch
    put(space, tmp_path, log(80, 60), "overlap.csv")
    assert first is not None
    assert undo(space, first, author="ana", now=NOW).events == 80


def test_undoing_the_only_import_leaves_an_empty_workspace(space: Workspace, tmp_path: Path):
    batch = put(space, tmp_path, log(10)).files[0].batch
    assert batch is not None
    assert undo(space, batch, author="ana", now=NOW).events == 0
    with pytest.raises(NothingYet):
        space.events()
    with pytest.raises(UnknownName):
        undo(space, batch, author="ana", now=NOW)


def test_a_preview_stores_nothing(space: Workspace, tmp_path: Path):
    file = tmp_path / "log.csv"
    file.write_text(log(100))
    assert preview_files(space, [(file, "log.csv")])[0].events == 100
    assert space.version is None and everything_in(space) == []


def test_progress_rises_and_names_the_file(space: Workspace, tmp_path: Path):
    told: list[tuple[float, str]] = []
    put(space, tmp_path, log(1000), progress=lambda share, words: told.append((share, words)))
    shares = [share for share, _words in told]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert any("log.csv" in words for _share, words in told)


def test_a_file_name_is_data_never_a_path(space: Workspace, tmp_path: Path):
    for name in (
        "../../evil.csv",
        "..\\evil.csv",
        "/etc/evil.csv",
        "CON.csv",
        "a\x00b.csv",
        "x" * 4000 + ".csv",
    ):
        file = tmp_path / "harmless.csv"
        file.write_text(log(5, random.Random(name).randrange(10_000)))
        import_files(space, [(file, name)], author="ana", now=NOW)
    assert not (tmp_path / "evil.csv").exists() and not (tmp_path.parent / "evil.csv").exists()
    assert all(len(Path(f).name) <= 64 for f in everything_in(space))


KILLED = """
import sys; sys.path.insert(0, {root!r})
from datetime import UTC, datetime
from pathlib import Path
from journey_app.settings import Settings
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files
space = open_workspace("acme", Settings(home=Path({home!r})))
print("ready", flush=True)
import_files(space, [(Path({file!r}), "more.csv")], author="ben", now=datetime(2026, 3, 21, {hour}, tzinfo=UTC))
print("done", flush=True)
"""


def test_kill_9_during_an_import_leaves_the_old_data_or_the_new_never_a_mix(space: Workspace, tmp_path: Path):
    put(space, tmp_path, log(2000))
    more = tmp_path / "more.csv"
    more.write_text(log(3000, 2000))
    rng = random.Random(9)
    seen = set()
    for turn in range(8):
        code = KILLED.format(root=str(ROOT), home=str(space.settings.home), file=str(more), hour=turn + 1)
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert child.stdout is not None and child.stdout.readline() == b"ready\n"
        time.sleep(rng.uniform(0.0, 0.9))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        held = open_workspace("acme", space.settings)
        events, files = totals(held.events()).events, [b.body["report"]["file"] for b in held.batches()]
        assert (events, files) in ((2000, ["log.csv"]), (5000, ["log.csv", "more.csv"]))
        seen.add(events)
        if events == 5000:
            undo(held, held.batches()[-1].doc_id, author="ana", now=NOW + timedelta(days=2 + turn))
    after = import_files(
        open_workspace("acme", space.settings),
        [(more, "more.csv")],
        author="ana",
        now=NOW + timedelta(days=30),
    )
    assert after.events == 5000
    assert 2000 in seen, "no kill came early enough to prove anything"


@pytest.mark.parametrize("title", ["", "   ", "///", "…"])
def test_a_workspace_needs_a_name(title: str):
    with pytest.raises(BadChoice, match="cannot be the name"):
        folder_name(title)


def test_workspaces_are_listed_and_deleted_for_good(tmp_path: Path):
    settings = Settings(home=tmp_path / "home")
    for name in ("Beta GmbH", "alpha"):
        open_workspace(name, settings, create=True, now=NOW)
    assert list_workspaces(settings) == ["alpha", "beta-gmbh"]
    delete_workspace("alpha", settings)
    assert list_workspaces(settings) == ["beta-gmbh"]
    with pytest.raises(UnknownName):
        open_workspace("alpha", settings)


def test_a_question_is_asked_before_anything_is_stored(space: Workspace, tmp_path: Path):
    text = "user_id,event,date\n" + "".join(f"u{n},visit,0{n}/04/2026\n" for n in range(1, 9))
    with pytest.raises(JourneyError):
        put(space, tmp_path, text)
    assert space.version is None
    file = tmp_path / "log.csv"
    answered = import_files(space, [(file, "log.csv")], Answers(dates="mdy"), author="ana", now=NOW)
    assert answered.events == 8
