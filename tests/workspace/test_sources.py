"""Saved sources bring what has changed, once; what stands in the way is seen and stops nothing else."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from journey_app.analysis.catalog import totals
from journey_app.errors import BadChoice, BadFile, NotAllowed, UnknownName
from journey_app.intake.fetching import Fetched
from journey_app.settings import Settings
from journey_app.vocabulary import Answers
from journey_app.workspace import refreshing, source_files, sources, syncing
from journey_app.workspace.freshness import due, freshness
from journey_app.workspace.home import open_workspace
from journey_app.workspace.leasing import alone
from journey_app.workspace.remembering import remember
from journey_app.workspace.source_notes import SourceNotes
from journey_app.workspace.sources import Source, remove_source, save_source
from journey_app.workspace.syncing import sync, try_source

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
HEAD = "user_id,event,timestamp\n"
ROW = "zoe,Came,2026-11-20 09:00\n"


@pytest.fixture
def space(tmp_path):
    return open_workspace("acme", Settings(home=tmp_path / "home"), create=True, now=NOW)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "exports"
    made.mkdir()
    (made / "a.csv").write_text(HEAD + ROW)
    return made


def saved(space, where, kind="folder", name="shop", **more):
    return save_source(space, Source(name, kind, str(where), **more), author="me", now=NOW)


def held(space):
    return totals(space.events()).events if space.version else 0


def test_a_folder_brings_its_files_once_and_then_what_changed(space, folder):
    source = saved(space, folder)
    assert freshness(space, source, NOW).state == "never"
    (first,) = sync(space, now=NOW)
    assert (first.ok, first.files, first.events) == (True, 1, 1)
    (second,) = sync(space, now=NOW)
    assert (second.files, second.events) == (0, 0)
    (folder / "a.csv").write_text(HEAD + ROW + "zoe,Left,2026-11-21 09:00\n")
    (folder / "b.csv").write_text(HEAD + "bob,Came,2026-11-20 10:00\n")
    (third,) = sync(space, now=NOW)
    assert (third.files, third.events, held(space)) == (2, 2, 3)


def test_what_it_brings_is_an_import_by_sync_that_can_be_taken_back(space, folder):
    saved(space, folder / "*.csv")
    sync(space, now=NOW)
    (batch,) = space.batches()
    assert batch.author == "sync" and batch.body["report"]["file"] == "shop › a.csv"


def test_a_file_that_was_only_touched_is_not_read_again(space, folder):
    saved(space, folder)
    sync(space, now=NOW)
    (folder / "a.csv").write_text(HEAD + ROW)
    assert sync(space, now=NOW)[0].files == 0


def test_a_question_is_asked_and_never_guessed(space, folder):
    source = saved(space, folder / "d.csv")
    (folder / "d.csv").write_text("id,event,date\n1,a,03/04/2026\n2,b,05/06/2026\n")
    (done,) = sync(space, now=NOW)
    how = freshness(space, source, NOW)
    assert not done.ok and how.state == "asks" and "--dates" in how.do and held(space) == 0
    saved(space, folder / "d.csv", answers=Answers(dates="dmy"))
    assert sync(space, now=NOW)[0].ok and held(space) == 2
    assert freshness(space, source, NOW).state == "fresh"


def test_an_answer_given_by_hand_counts_for_the_source_too(space, folder):
    (folder / "d.csv").write_text("id,event,date\n1,a,03/04/2026\n2,b,05/06/2026\n")
    saved(space, folder / "d.csv")
    (table,) = try_source(space, sources.source_named(space, "shop"))
    assert table.question is not None and held(space) == 0
    remember(space, table, Answers(dates="mdy"), author="me", now=NOW)
    assert sync(space, now=NOW)[0].ok
    assert (
        str(space.events().run(space.events().table.occurred_at.min().name("m").as_table())["m"][0])[:10]
        == "2026-03-04"
    )


def test_one_that_fails_stops_no_other_and_says_why(space, folder):
    bad = saved(space, folder / "missing-*.csv", name="bad")
    good = saved(space, folder, name="good")
    assert [each.ok for each in sync(space, now=NOW)] == [False, True]
    assert freshness(space, bad, NOW).state == "failed" and "no file" in freshness(space, bad, NOW).what
    later = NOW + timedelta(hours=25)
    assert freshness(space, good, later).state == "due"
    assert due(space, NOW) == [] and due(space, later) == ["bad", "good"]
    (folder / "missing-1.csv").write_text(HEAD + "bob,Came,2026-11-20 10:00\n")
    sync(space, ["bad"], now=later)
    assert freshness(space, bad, later).state == "fresh" and freshness(space, bad, later).ok_at == later


def test_a_file_that_may_not_be_read_is_a_sentence(space, folder, monkeypatch):
    saved(space, folder)

    def refused(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("journey_app.workspace.syncing.prepare_file", refused)
    (done,) = sync(space, now=NOW)
    assert not done.ok and "Permission denied" in done.what


def test_all_files_of_a_source_or_none(space, folder):
    saved(space, folder)
    (folder / "b.csv").write_text("nothing to see")
    assert not sync(space, now=NOW)[0].ok
    assert held(space) == 0 and not space.batches()


def test_every_file_of_a_source_that_is_in_the_way_is_named(space, folder):
    saved(space, folder)
    (folder / "b.csv").write_text("wer,was\nana,Kauf\n")
    (folder / "c.csv").write_text("id,event,date\n1,a,03/04/2026\n2,b,05/06/2026\n")
    (synced,) = sync(space, now=NOW)
    assert not synced.ok and "2 of the 3 files" in synced.what and held(space) == 0
    assert "b.csv: " in synced.do and "c.csv: " in synced.do and "--dates" in synced.do
    assert freshness(space, sources.sources(space)[0], NOW).state == "asks"


def test_numbers_of_customers_that_may_be_somebody_elses_are_asked_about(space, folder):
    (folder / "a.csv").write_text(HEAD + "3,Came,2026-11-20 09:00\n")
    calls = folder.parent / "calls"
    calls.mkdir()
    (calls / "calls.csv").write_text("case,event,timestamp\n3,rang,2026-11-20 09:00\n")
    saved(space, folder)
    source = saved(space, calls, name="support")
    shop, asked = sync(space, now=NOW)
    assert shop.ok and not asked.ok and "--ids" in asked.do and held(space) == 1
    (tried,) = try_source(space, source)
    assert tried.question is not None and tried.question.option == "--ids"
    version = space.store.get("source", "support").version
    save_source(space, replace(source, answers=Answers(ids="own")), based_on=version, author="me", now=NOW)
    assert all(each.ok for each in sync(space, now=NOW)) and held(space) == 2
    assert totals(space.events()).customers == 2


def test_a_web_address_costs_nothing_when_it_is_as_before(space, folder, monkeypatch):
    asked = []

    def answer(_url, target, *, etag, modified, most_mb):
        asked.append((etag, modified))
        if etag:
            return Fetched(False, etag, modified, "a.csv")
        target.write_text(HEAD + ROW)
        return Fetched(True, '"1"', "Mon", "a.csv")

    monkeypatch.setattr(source_files, "fetch", answer)
    saved(space, "https://example.com/a.csv", "https")
    assert [sync(space, now=NOW)[0].files for _ in range(2)] == [1, 0]
    assert asked == [("", ""), ('"1"', "Mon")]


def test_a_table_of_a_database_is_compared_by_what_it_holds(space, tmp_path, monkeypatch):
    file = tmp_path / "shop.db"
    con = sqlite3.connect(file)
    con.execute("create table log (user_id text, event text, timestamp text)")
    con.execute("insert into log values ('zoe', 'Came', '2026-11-20T09:00:00Z')")
    con.commit()
    monkeypatch.setenv("JOURNEY_SOURCE_SHOP", f"sqlite:///{file}")
    saved(space, "JOURNEY_SOURCE_SHOP", "database", table="log")
    assert [sync(space, now=NOW)[0].files for _ in range(2)] == [1, 0]
    con.execute("insert into log values ('zoe', 'Left', '2026-11-21T09:00:00Z')")
    con.commit()
    assert sync(space, now=NOW)[0].events == 1
    stored = b"".join(f.read_bytes() for f in space.folder.rglob("*") if f.is_file())
    assert b"sqlite:///" not in stored


@pytest.mark.parametrize(
    ("kind", "where", "more", "why"),
    [
        ("https", "http://example.com/a.csv", {}, "begin with https"),
        ("https", "https://ana:secret@example.com/a.csv", {}, "a user name or a password"),
        ("folder", "exports/*.csv", {}, "by its whole path"),
        ("database", "postgresql://u:p@h/d", {"table": "t"}, "the environment variable that holds"),
        ("database", "JOURNEY_SOURCE_X", {}, "needs a table"),
        ("ftp", "x", {}, "“ftp” is no kind of source"),
        ("folder", "/x", {"name": "not/a name"}, "cannot be the name of a source"),
        ("folder", "/x", {"every": timedelta(seconds=1)}, "cannot be refreshed that often"),
    ],
)
def test_what_can_never_be_fetched_is_not_saved(space, kind, where, more, why):
    with pytest.raises(BadChoice, match=why):
        saved(space, where, kind, **more)
    assert sources.sources(space) == []


def test_the_operator_decides_which_kinds_there_are(tmp_path, folder):
    def opened(**settings):
        return open_workspace("acme", Settings(home=tmp_path / "h", **settings), create=True, now=NOW)

    assert sources.kinds_allowed(Settings(home=tmp_path)) == ("folder", "https", "database", "s3")
    assert sources.kinds_allowed(Settings(home=tmp_path, behind_sign_in=True)) == ()
    assert sources.kinds_allowed(Settings(home=tmp_path, sources="none")) == ()
    with pytest.raises(BadChoice, match="“ftp”, which is no kind of source"):
        sources.kinds_allowed(Settings(home=tmp_path, sources="folder,ftp"))
    saved(opened(), folder)
    with pytest.raises(NotAllowed, match="JOURNEY_SOURCES"):
        saved(opened(behind_sign_in=True), folder)
    (done,) = sync(opened(sources="https"), now=NOW)  # one that was saved before it was switched off
    assert not done.ok and "switched off" in done.what


def test_nothing_outside_of_the_operators_folder_is_read_whatever_a_link_says(tmp_path, folder):
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.csv").symlink_to(folder / "a.csv")
    space = open_workspace(
        "acme", Settings(home=tmp_path / "h", source_folder=str(inside)), create=True, now=NOW
    )
    for where in (folder, inside / ".." / "exports" / "*.csv"):
        with pytest.raises(NotAllowed, match="JOURNEY_SOURCE_FOLDER"):
            saved(space, where)
    saved(space, inside)
    assert not sync(space, now=NOW)[0].ok and held(space) == 0


def test_too_many_files_are_not_read_by_mistake(space, folder, monkeypatch):
    monkeypatch.setattr(source_files, "MOST_FILES", 1)
    (folder / "b.csv").write_text(HEAD + ROW)
    with pytest.raises(BadFile, match="more than 1 file"):
        try_source(space, saved(space, folder))


def test_a_removed_source_leaves_what_it_brought(space, folder):
    saved(space, folder)
    sync(space, now=NOW)
    remove_source(space, "shop", author="me", now=NOW)
    assert sources.sources(space) == [] and held(space) == 1
    with pytest.raises(UnknownName, match="No source is called “shop”"):
        sync(space, ["shop"], now=NOW)


def test_two_do_not_sync_at_once_and_a_reader_never(space, folder):
    saved(space, folder)
    with alone(space.store, "sync", now=NOW), pytest.raises(BadChoice, match="already"):
        sync(space, now=NOW)
    reading = open_workspace("acme", Settings(home=space.folder.parent, read_only=True))
    with pytest.raises(NotAllowed, match="open for reading only"):
        sync(reading, now=NOW)


def test_a_refresh_in_the_background_ends_and_says_so(space, folder):
    saved(space, folder)
    begun = refreshing.refresh_in_background(space, due(space, NOW), clock=lambda: NOW)
    until = time.monotonic() + 60
    while not begun.over and time.monotonic() < until:
        time.sleep(0.05)
    assert begun.over and begun.done[0].ok and held(space) == 1
    assert refreshing.refreshing(space) is begun


def test_files_of_one_name_in_two_folders_are_two_files(space, folder):
    for name in ("north", "south"):
        (folder / name).mkdir()
        (folder / name / "log.csv").write_text(HEAD + f"{name},Came,2026-11-20 09:00\n")
    saved(space, folder / "**" / "log.csv")
    assert [(each.files, each.events) for each in sync(space, now=NOW)] == [(2, 2)]
    assert [(each.files, each.events) for each in sync(space, now=NOW)] == [(0, 0)]
    names = sorted(batch.body["report"]["file"] for batch in space.batches())
    assert names == ["shop › north/log.csv", "shop › south/log.csv"]


def test_what_was_noted_under_a_bare_name_still_counts(space, folder):
    (folder / "north").mkdir()
    (folder / "north" / "log.csv").write_text(HEAD + ROW)
    saved(space, folder / "**" / "log.csv")
    sync(space, now=NOW)
    notes = SourceNotes(space)
    held = notes.get("shop")
    files = {"shop › log.csv": held["files"]["shop › north/log.csv"]}
    notes.put("shop", {**held, "files": files})
    assert sync(space, now=NOW)[0].files == 0


def test_a_failure_nobody_foresaw_is_noted_for_its_source_and_stops_no_other(
    space, folder, monkeypatch, caplog
):
    bad, good = saved(space, folder, name="bad"), saved(space, folder, name="good")
    real, address = syncing.prepare_file, "postgresql://ana:s3cret@host"

    def breaks(space, path, label, *rest):
        if label.startswith("bad"):
            raise MemoryError(address)
        return real(space, path, label, *rest)

    monkeypatch.setattr(syncing, "prepare_file", breaks)
    done = sync(space, now=NOW)
    assert [each.ok for each in done] == [False, True] and held(space) == 1
    how = freshness(space, bad, NOW)
    assert (
        how.state == "failed" and "MemoryError" in how.what and freshness(space, good, NOW).state == "fresh"
    )
    assert "s3cret" not in f"{how}{done}{caplog.text}" and "MemoryError" in caplog.text


def test_a_malformed_address_of_a_database_stops_no_other(space, folder, monkeypatch):
    monkeypatch.setenv("JOURNEY_SOURCE_SHOP", "postgresql://ana:s3cret@host:54x32/shop")
    bad = saved(space, "JOURNEY_SOURCE_SHOP", "database", "bad", table="orders")
    saved(space, folder, name="good")
    assert [each.ok for each in sync(space, now=NOW)] == [False, True]
    assert "no address" in freshness(space, bad, NOW).what and "s3cret" not in str(freshness(space, bad, NOW))


def test_what_is_written_into_a_file_while_it_is_read_comes_with_the_next_sync(space, folder, monkeypatch):
    saved(space, folder)
    file, real = folder / "a.csv", syncing.prepare_file

    def meanwhile(*of):
        tables = real(*of)
        with file.open("a") as out:
            out.write("bob,Came,2026-11-20 10:00\n")
        return tables

    monkeypatch.setattr(syncing, "prepare_file", meanwhile)
    assert sync(space, now=NOW)[0].events == 1
    monkeypatch.undo()
    assert sync(space, now=NOW)[0].events == 1 and held(space) == 2
    assert list((space.folder / "incoming").iterdir()) == []


def test_what_an_import_by_hand_would_show_is_told_of_what_came_by_itself(space, folder):
    head = "user_id,event,timestamp,order_id,product,amount\n"
    rows = [f"u{n},Bought,2026-11-{n:02d} 09:00,{n},p{k},{n}.{k}\n" for n in range(1, 13) for k in range(2)]
    (folder / "a.csv").write_text(head + "".join(rows[:-1]))
    source = saved(space, folder)
    (first,) = sync(space, now=NOW)
    assert (first.events, first.warnings) == (12, ())
    (folder / "a.csv").write_text(head + "".join(rows))
    (second,) = sync(space, now=NOW)
    assert second.ok and second.events == 0
    assert len(second.warnings) == 1 and "1 order is here already with another amount" in second.warnings[0]
    assert freshness(space, source, NOW).warnings == 1
    sync(space, now=NOW)
    assert freshness(space, source, NOW).warnings == 1, "until another file comes"
