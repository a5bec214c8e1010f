"""Calls that wait become events once, whatever is cut short, and a person's import is not refused."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from journey_app.analysis.catalog import totals
from journey_app.errors import BadChoice, NotAllowed
from journey_app.intake.calls import read_calls
from journey_app.plain import from_plain
from journey_app.settings import Settings
from journey_app.vocabulary import ImportReport
from journey_app.workspace import inbox, leasing
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files, undo
from journey_app.workspace.inbox import keep, live_batches, merge, rest_after, waiting
from journey_app.workspace.leasing import alone
from journey_app.workspace.workspace import IMPORT, LIVE

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
LATER = timedelta(minutes=5)


@pytest.fixture
def space(tmp_path):
    return open_workspace("acme", Settings(home=tmp_path), create=True, now=NOW)


def send(space, *messages, now=NOW, **more):
    items = [
        {"type": "track", "event": "Paid", "userId": f"user-{m}", "messageId": m, **more} for m in messages
    ]
    found = read_calls("batch", {"batch": items}, now)
    keep(space, found.kept, found.bad, now).result(10)


def held(space):
    return totals(space.events()).events


def report(space, place=-1):
    return from_plain(ImportReport, live_batches(space)[place].body["report"])


def test_what_waits_becomes_events_and_waits_no_more(space):
    send(space, "a", "b")
    merged = merge(space, now=NOW)
    assert (merged.calls, merged.events, merged.rejected) == (2, 2, 0)
    assert merged.version == space.version
    assert held(space) == 2 and waiting(space).calls == 0
    assert merge(space, now=NOW) is None


def test_a_day_has_one_batch_that_grows(space):
    for turn in range(3):
        send(space, f"a{turn}", f"b{turn}")
        merge(space, now=NOW + LATER * turn)
    (batch,) = live_batches(space)
    assert held(space) == 6
    assert (report(space).rows, report(space).events, report(space).already_there) == (6, 6, 0)
    files = sorted(file.name for file in space.batch_files.folder.iterdir())
    assert files == [f"{batch.doc_id}.links.parquet", f"{batch.doc_id}.parquet"]


def test_days_are_batches_of_their_own_and_each_can_be_taken_back(space):
    send(space, "a", now=NOW - timedelta(days=1))
    send(space, "b", "c")
    merge(space, now=NOW)
    assert [b.body["live"] for b in live_batches(space)] == ["2026-11-23", "2026-11-24"]
    undo(space, live_batches(space)[1].doc_id, author="me", now=NOW)
    assert held(space) == 1
    send(space, "d")
    merge(space, now=NOW)
    assert held(space) == 2


def test_a_large_batch_grows_no_more(space, monkeypatch):
    monkeypatch.setattr(inbox, "MOST_EVENTS_A_BATCH", 2)
    for turn in range(3):
        send(space, f"a{turn}", f"b{turn}")
        merge(space, now=NOW)
    assert [from_plain(ImportReport, b.body["report"]).events for b in live_batches(space)] == [2, 2, 2]
    assert held(space) == 6


def test_the_same_message_counts_once_also_on_another_day(space):
    send(space, "a", now=NOW - timedelta(days=1))
    merge(space, now=NOW)
    send(space, "a", "b")
    merged = merge(space, now=NOW)
    assert held(space) == 2
    assert merged.events == 1 and report(space).already_there == 1


def test_a_call_that_gives_nothing_is_counted_with_its_reason_over_all_merges(space):
    for turn in range(2):
        found = read_calls("identify", {"userId": "ana", "messageId": f"i{turn}"}, NOW)
        keep(space, found.kept, (), NOW).result(10)
        send(space, f"a{turn}")
        merge(space, now=NOW)
    (reject,) = report(space).rejects
    assert (reject.rows, reject.reason) == (2, "only one id, so there is nothing to link")
    assert report(space).rows == 4


def test_who_is_who_survives_every_merge(space):
    send(space, "a", userId=None, anonymousId="browser")
    merge(space, now=NOW)
    found = read_calls("identify", {"userId": "ana", "anonymousId": "browser"}, NOW)
    keep(space, found.kept, (), NOW).result(10)
    send(space, "b", userId="ana")
    merge(space, now=NOW)
    send(space, "c", userId="ana")
    merge(space, now=NOW)
    assert totals(space.events()).customers == 1 and held(space) == 3


@pytest.mark.parametrize("place", ["build", "point_to", "forget_old_snapshots", "_grown"])
def test_a_merge_that_is_cut_short_is_done_again_with_nothing_lost_or_twice(space, monkeypatch, place):
    send(space, "a")
    merge(space, now=NOW)
    send(space, "b", now=NOW - timedelta(days=1))
    send(space, "c")

    def cut(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(inbox, place, cut)
    monkeypatch.setattr(inbox, "POINTER_EVERY_S", -1.0)
    with pytest.raises(KeyboardInterrupt):
        merge(space, now=NOW)
    monkeypatch.undo()
    assert waiting(space).calls == 2
    assert held(space) in (1, 3)  # the old data or the new, never a mix
    merge(space, now=NOW)
    assert held(space) == 3 and waiting(space).calls == 0
    names = {batch.doc_id for batch in space.batches()}
    assert {file.name.split(".")[0] for file in space.batch_files.folder.iterdir()} == names


def test_a_kill_before_the_inbox_is_emptied_doubles_nothing(space, monkeypatch):
    send(space, "a", "b")
    monkeypatch.setattr(
        "journey_app.store.inbox.Inbox.remove", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        merge(space, now=NOW)
    monkeypatch.undo()
    assert (held(space), waiting(space).calls) == (2, 2)
    merged = merge(space, now=NOW)
    assert (held(space), waiting(space).calls, merged.events) == (2, 0, 0)


def test_calls_wait_while_somebody_imports(space):
    send(space, "a")
    with (
        alone(space.store, IMPORT, now=NOW),
        pytest.raises(BadChoice, match=r"Another import .* is running"),
    ):
        merge(space, now=NOW)
    assert waiting(space).calls == 1
    assert merge(space, now=NOW).events == 1


def test_an_import_waits_for_a_merge_and_only_for_a_merge(space, tmp_path, monkeypatch):
    file = tmp_path / "log.csv"
    file.write_text("user_id,event,timestamp\nzoe,Came,2026-11-20 09:00\n")
    began, go_on = threading.Event(), threading.Event()

    def merging():
        with alone(space.store, LIVE, now=NOW), alone(space.store, IMPORT, now=NOW):
            began.set()
            go_on.wait(10)

    thread = threading.Thread(target=merging)
    thread.start()
    began.wait(10)
    monkeypatch.setattr(leasing, "sleep", lambda seconds: (go_on.set(), time.sleep(seconds)))
    import_files(space, [(file, file.name)], author="me", now=NOW)
    thread.join()
    assert held(space) == 1
    started = time.monotonic()
    with (
        alone(space.store, IMPORT, now=NOW),
        pytest.raises(BadChoice, match=r"Another import .* is running"),
    ):
        import_files(space, [(file, file.name)], author="me", now=NOW)
    assert time.monotonic() - started < leasing.PATIENCE_S / 4


def test_imports_and_merges_live_side_by_side(space, tmp_path):
    file = tmp_path / "log.csv"
    file.write_text("user_id,event,timestamp\nzoe,Came,2026-11-20 09:00\n")
    send(space, "a")
    merge(space, now=NOW)
    import_files(space, [(file, file.name)], author="me", now=NOW)
    send(space, "b")
    merge(space, now=NOW)
    assert held(space) == 3
    assert [b.doc_id.startswith("live-") for b in space.batches()] == [False, True]


def test_merging_for_weeks_does_not_fill_the_state(space, monkeypatch):
    monkeypatch.setattr(inbox, "PRUNED_FROM", 2)
    for turn in range(5):
        send(space, f"m{turn}")
        merge(space, now=NOW + timedelta(seconds=turn))
    history = [len(space.store.history("batch", b.doc_id)) for b in space.batches()]
    assert history == [1] and held(space) == 5
    assert len(space.store.history("pointer", "snapshot")) == 1
    with space.store._reading() as connection:
        rows = connection.exec_driver_sql("select count(*) from documents where kind = 'batch'").scalar()
    assert rows <= 1 + 2 * 2
    with pytest.raises(Exception, match="append-only"), space.store._writing() as connection:
        connection.exec_driver_sql("delete from documents")


def test_an_app_for_reading_keeps_nothing(space):
    reading = open_workspace("acme", Settings(home=space.folder.parent, read_only=True))
    with pytest.raises(NotAllowed, match="open for reading only"):
        keep(reading, (), (), NOW)


@pytest.mark.parametrize("cost", [0.01, 0.1, 0.5, 1, 2, 3])
def test_where_merges_are_quick_a_call_appears_within_ten_seconds(cost):
    assert 2 * cost + rest_after(cost) <= 10
    assert rest_after(cost) >= min(cost, 2)


@pytest.mark.parametrize("cost", [3.5, 5, 10, 18])
def test_where_they_are_not_within_a_minute(cost):
    assert 2 * cost + rest_after(cost) <= 60


@pytest.mark.parametrize("cost", [20, 60, 600])
def test_there_is_never_more_work_than_rest(cost):
    assert rest_after(cost) >= cost
