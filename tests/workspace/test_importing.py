"""A file becomes part of a workspace whole or not at all, whatever happens in between."""

from __future__ import annotations

import errno
import gc
import gzip
import hashlib
import itertools
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import Workbook

from journey_app.analysis.catalog import totals
from journey_app.engine import embedded
from journey_app.errors import BadChoice, BadFile, NoRoom, NothingYet, Question, UnknownName
from journey_app.settings import Settings
from journey_app.vocabulary import Answers
from journey_app.workspace import gathering, importing, keeping
from journey_app.workspace.home import delete_workspace, folder_name, list_workspaces, open_workspace
from journey_app.workspace.importing import import_files, import_prepared, prepare_file, undo
from journey_app.workspace.troubles import NotAllFiles
from journey_app.workspace.workspace import Workspace
from tests.workspace.conftest import NOW, log, preview_files

ROOT = Path(__file__).parents[2]


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
    embedded._OPEN.clear()
    assert totals(again.events()) == before and again.version == version


@pytest.mark.parametrize("broken", ["build", "keep_upload", "_switch", "point_to"])
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


def test_a_fault_between_the_batch_and_the_pointer_leaves_both_as_they_were(
    space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    put(space, tmp_path, log(100))
    pointer, batches, files = space.store.get("pointer", "snapshot"), space.batches(), everything_in(space)
    kept = space.store.put
    done: list[str] = []

    def failing(kind: str, *args: Any, **options: Any) -> Any:
        if kind == "pointer":
            raise OSError("the disk went away")
        done.append(kind)
        return kept(kind, *args, **options)

    monkeypatch.setattr(space.store, "put", failing)
    with pytest.raises(OSError, match="went away"):
        put(space, tmp_path, log(50, 100), "more.csv")
    assert done == ["batch"], "the batch had been written when the pointer failed"
    assert (space.store.get("pointer", "snapshot"), space.batches()) == (pointer, batches)
    assert everything_in(space) == files and totals(space.events()).events == 100


class Stopped(BaseException):
    """What Streamlit raises in the middle of a callback, and Ctrl-C anywhere."""


def calls_of_an_import(space: Workspace, tmp_path: Path) -> int:
    calls: list[float] = []
    put(space, tmp_path, log(50, 100), "more.csv", progress=lambda share, _words: calls.append(share))
    return len(calls)


def test_stopped_at_any_call_of_progress_an_import_is_whole_or_not_there(space: Workspace, tmp_path: Path):
    put(space, tmp_path, log(100))
    twin = open_workspace("twin", space.settings, create=True, now=NOW)
    put(twin, tmp_path, log(100))
    seen = set()
    for last in range(calls_of_an_import(twin, tmp_path)):
        before, calls = everything_in(space), itertools.count()

        def stop(_share: float, _words: str, calls: Iterator[int] = calls, last: int = last) -> None:
            if next(calls) == last:
                raise Stopped

        with pytest.raises(Stopped):
            put(space, tmp_path, log(50, 100), "more.csv", progress=stop)
        held, named = totals(space.events()).events, [b.doc_id for b in space.batches()]
        assert (held, len(named)) in ((100, 1), (150, 2))
        assert all(space.batch_files.events_file(name).exists() for name in named)
        assert held == 150 or everything_in(space) == before
        seen.add(held)
    assert seen == {100, 150}, "it was stopped before the commit and after it"
    for batch in [b.doc_id for b in space.batches()][1:]:
        assert undo(space, batch, author="ana", now=NOW).events == 100


@pytest.mark.parametrize("after", ["forget_old_snapshots", "transaction"])
def test_what_goes_wrong_after_the_commit_costs_nothing(
    space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: str
):
    put(space, tmp_path, log(100))
    whole = space.store.transaction

    @contextmanager
    def stopped_at_its_end() -> Iterator[object]:
        with whole() as store:
            yield store
        if len(space.batches()) == 2:
            raise Stopped

    def fail(*_args: object) -> None:
        raise Stopped

    if after == "transaction":
        monkeypatch.setattr(space.store, "transaction", stopped_at_its_end)
    else:
        monkeypatch.setattr(importing, after, fail)
    with pytest.raises(Stopped):
        put(space, tmp_path, log(50, 100), "more.csv")
    monkeypatch.undo()
    uploads = {b.body["upload"] for b in space.batches()}
    assert len(uploads) == 2 and all((space.folder / "uploads" / name).exists() for name in uploads)
    for file in space.snapshots.glob("*.duckdb"):
        file.unlink()
    again = open_workspace("acme", space.settings)
    embedded._OPEN.clear()
    gc.collect()
    assert totals(again.events()).events == 150, "and it can be built anew from its batches"


def test_what_an_archive_may_grow_to_is_what_the_operator_set(tmp_path: Path):
    packed = tmp_path / "log.csv.gz"
    rng = random.Random(3)
    rows = "".join(f"u{rng.randrange(10**9)},e{rng.randrange(10**9)},2026-03-02\n" for _ in range(60_000))
    packed.write_bytes(gzip.compress(b"user_id,event,timestamp\n" + rows.encode()))
    assert len(rows) > 1024 * 1024
    narrow, wide = (
        open_workspace(name, Settings(home=tmp_path / "home", unpacked_limit_mb=limit), create=True, now=NOW)
        for name, limit in (("narrow", 1), ("wide", 4))
    )
    with pytest.raises(BadFile, match="unpacks to more than 1 MB"):
        import_files(narrow, [(packed, "log.csv.gz")], author="ana", now=NOW)
    assert narrow.version is None
    assert import_files(wide, [(packed, "log.csv.gz")], author="ana", now=NOW).events == 60_000


def test_one_bad_file_among_several_stores_none_of_them(space: Workspace, tmp_path: Path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(log(10))
    bad.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    with pytest.raises(NotAllFiles, match="1 of the 2 files cannot be read") as said:
        import_files(space, [(bad, "bad.csv"), (good, "good.csv")], author="ana", now=NOW)
    assert [label for label, _error in said.value.troubles] == ["bad.csv"]
    assert space.version is None and not list(space.batch_files.folder.iterdir())


def test_what_was_prepared_of_files_that_are_not_stored_is_let_go(space, tmp_path, monkeypatch):
    let_go: list[str] = []
    real = gathering.let_go

    def noted(tables: Any) -> None:
        let_go.extend(table.file for table in tables)
        real(tables)

    copies: list[int] = []

    def looked_at(*of: Any) -> Any:
        copies.append(len(list((space.folder / "incoming").glob("*/*"))))
        return prepare_file(*of)

    monkeypatch.setattr(gathering, "let_go", noted)
    monkeypatch.setattr(gathering, "prepare_file", looked_at)
    for name, text in (("a.csv", log(5)), ("b.csv", "no table"), ("c.csv", log(9)), ("d.csv", log(3))):
        (tmp_path / name).write_text(text)
    files = [(tmp_path / f"{name}.csv", f"{name}.csv") for name in "abcd"]
    with pytest.raises(NotAllFiles, match="1 of the 4 files cannot be read"):
        import_files(space, files, author="ana", now=NOW)
    assert let_go == ["a.csv", "c.csv", "d.csv"]
    assert copies == [1, 2, 1, 1], "once nothing can be stored, no copy is kept"


def test_tables_of_one_workbook_are_named_each(space: Workspace, tmp_path: Path):
    book = Workbook()
    for sheet in (book.active, book.create_sheet("B")):
        for row in (["id", "event", "date"], [1, "a", "03/04/2026"], [2, "b", "05/06/2026"]):
            sheet.append(row)
    book.active.title = "A"
    book.save(tmp_path / "b.xlsx")
    with pytest.raises(NotAllFiles, match="2 tables of the file cannot be read or need an answer") as said:
        import_files(space, [(tmp_path / "b.xlsx", "b.xlsx")], author="ana", now=NOW)
    assert [label for label, _error in said.value.troubles] == ["b.xlsx › A", "b.xlsx › B"]


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
    with pytest.raises(NothingYet, match="no events here yet"):
        space.events()
    with pytest.raises(UnknownName, match="Import a file first"):
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
    with pytest.raises(UnknownName, match="No workspace is called “alpha” here"):
        open_workspace("alpha", settings)


def test_a_question_is_asked_before_anything_is_stored(space: Workspace, tmp_path: Path):
    text = "user_id,event,date\n" + "".join(f"u{n},visit,0{n}/04/2026\n" for n in range(1, 9))
    with pytest.raises(Question, match="--dates"):
        put(space, tmp_path, text)
    assert space.version is None
    file = tmp_path / "log.csv"
    answered = import_files(
        space, [(file, "log.csv")], Answers(dates="mdy"), author="ana", now=NOW.replace(year=2027)
    )
    assert answered.events == 8


def test_what_has_not_happened_yet_is_left_out_until_it_has(space, tmp_path):
    """A plan is no event; and one far-off reading of a date must not close every window."""
    file = tmp_path / "plans.csv"
    file.write_text(
        "user_id,event,timestamp\nana,Signed up,2026-03-01 10:00\n"
        "ana,Renewed,2026-03-21 10:00\nben,Renewed,2027-03-01\n"
    )
    now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    report = import_files(space, [(file, "plans.csv")], author="ana", now=now).files[0]
    assert (report.events, report.rejected) == (2, 1), "tomorrow by this clock may be today by another"
    assert [(r.reason, r.first_rows) for r in report.rejects] == [
        ("not yet: the date lies in the future", (4,))
    ]
    assert any(seen.kind == "future" and seen.severity == "fault" for seen in report.checkup)
    again = import_files(space, [(file, "plans.csv")], author="ana", now=now).files[0]
    assert again.events == 0
    later = import_files(space, [(file, "plans.csv")], author="ana", now=now.replace(year=2027)).files[0]
    assert (later.events, later.already_there, later.rejected) == (1, 2, 0)
    assert import_files(space, [(file, "plans.csv")], author="ana", now=now.replace(year=2027)).events == 3


# ---------------------------------------------------------------- a file that somebody goes on writing


def test_what_comes_while_a_file_is_read_is_new_the_next_time(space, tmp_path, monkeypatch):
    file = tmp_path / "growing.csv"
    file.write_text(log(100))
    tail = "".join(log(5, 100).splitlines(keepends=True)[1:])

    def meanwhile(_share: float, words: str) -> None:
        if words.startswith("Reading") and file.read_text() == log(100):
            with file.open("a") as out:
                out.write(tail)

    first = import_files(space, [(file, "g.csv")], author="ana", now=NOW, progress=meanwhile)
    again = import_files(space, [(file, "g.csv")], author="ana", now=NOW)
    assert (first.files[0].events, again.files[0].events, again.events) == (100, 5, 105)
    same = import_files(space, [(file, "g.csv")], author="ana", now=NOW)
    assert "imported before" in same.files[0].notes[0]


def test_what_is_kept_of_a_file_is_what_was_read_of_it(space, tmp_path):
    file = tmp_path / "growing.csv"
    file.write_text(log(100))

    def meanwhile(_share: float, words: str) -> None:
        if words.startswith("Reading"):
            file.write_text(log(3))

    import_files(space, [(file, "g.csv")], author="ana", now=NOW, progress=meanwhile)
    (batch,) = space.batches()
    kept = space.folder / "uploads" / batch.body["upload"]
    assert kept.read_text() == log(100)
    assert batch.body["identity"].startswith(hashlib.sha256(kept.read_bytes()).hexdigest())
    assert list((space.folder / "incoming").iterdir()) == []


@pytest.mark.parametrize("when", ["before", "Reading"])
def test_a_file_that_changed_since_it_was_shown_is_not_stored(space, tmp_path, when):
    file = tmp_path / "shown.csv"
    file.write_text(log(100))
    tables = prepare_file(space, file, "shown.csv", Answers())

    def change(_share: float, words: str) -> None:
        if words.startswith(when):
            file.write_text(log(120))

    change(0.0, "before")
    with pytest.raises(BadFile, match="has changed since it was looked at"):
        import_prepared(space, tables, author="ana", now=NOW, progress=change)
    assert space.version is None and not any((space.folder / "uploads").glob("*"))


def test_what_a_killed_import_copied_goes_with_the_next_one(space, tmp_path):
    left = space.folder / "incoming" / "journey-import---killed"
    left.mkdir(parents=True)
    (left / "0").write_text("somebody's")
    long_ago = time.time() - 3600
    for path in (left / "0", left):
        os.utime(path, (long_ago, long_ago))
    put(space, tmp_path, log(10))
    assert not left.exists()


def test_a_full_disk_is_a_sentence(space, tmp_path, monkeypatch):
    def full(*_of, **_how):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(keeping, "os", SimpleNamespace(fstat=full))
    with pytest.raises(NoRoom, match="no room for a copy"):
        put(space, tmp_path, log(10))
