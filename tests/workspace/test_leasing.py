"""Only one changes the data at a time; who was held up too long finds out before it counts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from journey_app.analysis.catalog import totals
from journey_app.errors import BadChoice
from journey_app.workspace import importing, leasing
from journey_app.workspace.importing import sweep, undo
from journey_app.workspace.leasing import alone, running_clock
from tests.workspace.conftest import NOW, log


def taken_by_another(space, seconds_later: float) -> bool:
    later = NOW + timedelta(seconds=seconds_later)
    return space.store.lease("import", holder="another", now=later, seconds=60)


def another_came_and_went(space, seconds_later: float = 3600) -> None:
    """Another begins while this one is held up, clears away what is not in force, and gives back."""
    with alone(space.store, "import", now=NOW + timedelta(seconds=seconds_later)) as lease:
        sweep(space, lease)


def test_the_lease_of_the_living_is_renewed_without_a_word_of_progress(space, monkeypatch):
    monkeypatch.setattr(leasing, "LEASE_S", 0.4)
    monkeypatch.setattr(leasing, "RENEWED_EVERY_S", 0.05)
    with alone(space.store, "import", now=NOW):
        time.sleep(0.8)
        assert not taken_by_another(space, 0.8)
    assert taken_by_another(space, 0.8), "it was given back"


def test_a_killed_holder_keeps_the_next_one_waiting_for_a_minute_at_most(space):
    lease = leasing.Lease(space.store, "import", running_clock(NOW))
    assert lease.take()
    assert not taken_by_another(space, 30)
    assert taken_by_another(space, 61)


def test_what_is_running_says_so_to_the_next_one(space):
    second = alone(space.store, "import", now=NOW)
    with alone(space.store, "import", now=NOW), pytest.raises(BadChoice, match="Another import"), second:
        pytest.fail("two at once")


def test_the_clock_goes_on_from_the_time_it_was_given():
    clock = running_clock(NOW)
    time.sleep(0.02)
    assert timedelta(seconds=0.02) <= clock() - NOW < timedelta(seconds=5)


def test_an_import_that_lost_its_lease_is_refused_and_leaves_nothing(space, put):
    put(space, log(100))
    before = sorted(str(f) for f in space.folder.rglob("*.*") if not f.name.startswith("state"))

    def held_up(_share: float, words: str) -> None:
        if words.startswith("Joining"):
            assert taken_by_another(space, 3600)

    with pytest.raises(BadChoice, match="held up"):
        put(space, log(50, 100), "more.csv", progress=held_up)
    assert totals(space.events()).events == 100 and len(space.batches()) == 1
    assert before == sorted(str(f) for f in space.folder.rglob("*.*") if not f.name.startswith("state"))
    assert not space.store.lease("import", holder="third", now=NOW, seconds=1), "the other's lease stays"


def test_an_undo_that_lost_its_lease_is_refused(space, put, monkeypatch):
    batch = put(space, log(100)).files[0].batch
    build = importing.build

    def held_up(*of):
        assert taken_by_another(space, 3600)
        return build(*of)

    monkeypatch.setattr(importing, "build", held_up)
    with pytest.raises(BadChoice, match="held up"):
        undo(space, batch, author="ana", now=NOW)
    assert totals(space.events()).events == 100 and space.batch_files.events_file(batch).exists()


def test_an_undo_sees_what_was_imported_until_its_turn_came(space, put, monkeypatch):
    batch = put(space, log(100)).files[0].batch
    real, waited = importing.alone, []

    @contextmanager
    def after_another_import(*of, **how) -> Iterator[leasing.Lease]:
        if not waited:
            waited.append(True)
            put(space, log(50, 100), "more.csv")
        with real(*of, **how) as lease:
            yield lease

    monkeypatch.setattr(importing, "alone", after_another_import)
    left = undo(space, batch, author="ana", now=NOW)
    assert (left.events, left.version) == (50, space.version)
    assert space.store.get("pointer", "snapshot").body["version"] == space.version


def test_what_was_lost_stays_lost_though_the_other_gave_it_back(space):
    lease = leasing.Lease(space.store, "import", running_clock(NOW))
    assert lease.take() and lease.renew()
    another_came_and_went(space)
    assert not lease.renew(), "the beat in the background must not take it again either"
    with pytest.raises(BadChoice, match="held up"):
        lease.insist()


@pytest.mark.parametrize("when", ["Reading", "Joining", "Looking at the goal"])
def test_an_import_held_up_while_another_came_and_went_is_refused(space, put, when):
    put(space, log(100))
    before = space.version

    def held_up(_share: float, words: str) -> None:
        if words.startswith(when):
            another_came_and_went(space)

    with pytest.raises(BadChoice, match="held up"):
        put(space, log(50, 100), "more.csv", progress=held_up)
    assert (space.version, totals(space.events()).events, len(space.batches())) == (before, 100, 1)
    put(space, log(50, 100), "more.csv")
    assert totals(space.events()).events == 150


def test_an_undo_held_up_while_another_came_and_went_is_refused(space, put, monkeypatch):
    batch = put(space, log(100)).files[0].batch
    build = importing.build

    def held_up(*of):
        built = build(*of)
        another_came_and_went(space)
        return built

    monkeypatch.setattr(importing, "build", held_up)
    with pytest.raises(BadChoice, match="held up"):
        undo(space, batch, author="ana", now=NOW)
    assert totals(space.events()).events == 100


def test_who_lost_the_lease_sweeps_nothing_of_the_one_who_has_it(space, put):
    put(space, log(100))
    with alone(space.store, "import", now=NOW) as ours:
        assert taken_by_another(space, 3600)
        being_written = space.batch_files.folder / ".theirs.events"
        being_written.write_bytes(b"half")
        with pytest.raises(BadChoice, match="held up"):
            sweep(space, ours)
    assert being_written.exists()


def test_nothing_counts_whose_files_are_gone(space, put):
    put(space, log(100))

    def gone(_share: float, words: str) -> None:
        if words.startswith("Switching"):
            newest = max(space.batch_files.folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
            newest.unlink()

    with pytest.raises(BadChoice, match="disappeared"):
        put(space, log(50, 100), "more.csv", progress=gone)
    assert totals(space.events()).events == 100 and len(space.batches()) == 1
