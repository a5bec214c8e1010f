"""What an import did to the goal is kept with it as numbers, whatever happens to the data afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from journey_app.analysis.since import standing_in
from journey_app.errors import BadChoice
from journey_app.settings import Settings
from journey_app.stats.rates import rate
from journey_app.vocabulary import Goal, Measure
from journey_app.workspace import decisions
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import goal_moved, import_files, undo
from journey_app.workspace.inbox import live_batches, merge
from journey_app.workspace.uploads import remove_old, uploads
from tests.workspace.conftest import NOW
from tests.workspace.test_inbox import send

MEASURE = Measure("Paying", "visit", "pay", timedelta(days=1))
GOAL = Goal(MEASURE, ("visit", "pay"), rate(1, 4), 0.5, date(2026, 12, 31), date(2026, 3, 20))
HEAD = "user_id,event,timestamp\n"
END = "x,visit,2026-03-16 09:00\n"  # by then every window below is over


def people(who, paying):
    """So many who visit, of whom so many pay."""
    visits = "".join(f"{who}{n},visit,2026-03-0{1 + n % 9} 09:00\n" for n in range(10))
    return visits + "".join(f"{who}{n},pay,2026-03-0{1 + n % 9} 10:00\n" for n in range(paying))


FIRST, SECOND = HEAD + people("a", 2) + END, HEAD + people("b", 8)


def with_goal(space, based_on=0, goal=GOAL):
    decisions.save_goal(space, goal, based_on=based_on, author="ana", now=NOW)


def counts(moved):
    return [each and (each.rate.count, each.rate.of) for each in (moved.before, moved.after)]


def store(put, space, text, name):
    return put(space, text, name, judge=standing_in).files[0].batch


@pytest.fixture
def second(space, put):
    """A workspace with a goal and two imports; the batch of the second."""
    store(put, space, FIRST, "first.csv")
    with_goal(space)
    return store(put, space, SECOND, "second.csv")


def test_the_goal_before_and_after_is_kept_with_its_version_counts_and_day(space, second):
    moved = goal_moved(space, second)
    assert counts(moved) == [(2, 10), (10, 20)]
    assert (moved.goal_version, moved.measure, moved.files) == (1, MEASURE, 1)
    assert moved.before.last_day == moved.after.last_day


def test_without_a_goal_nothing_is_kept_and_a_later_goal_does_not_reach_back(space, second):
    assert goal_moved(space, space.batches()[0].doc_id) is None


def test_live_merges_later_imports_undo_and_lost_snapshots_leave_it_as_it_was(space, second, put):
    kept = goal_moved(space, second)
    for turn in range(4):
        send(space, f"m{turn}", now=NOW + timedelta(hours=turn))
        merge(space, now=NOW + timedelta(hours=turn))
    third = store(put, space, HEAD + people("c", 0), "third.csv")
    for file in space.snapshots.glob("*.duckdb"):
        file.unlink()
    undo(space, space.batches()[0].doc_id, author="ana", now=NOW)
    with_goal(space, 1, replace(GOAL, measure=replace(MEASURE, within=timedelta(days=3))))
    assert goal_moved(space, second) == kept
    assert goal_moved(space, live_batches(space)[0].doc_id) is None
    undo(space, second, author="ana", now=NOW)
    assert goal_moved(space, second) is None
    assert goal_moved(space, third).before is not None


def test_an_import_after_everything_was_undone_has_only_an_after(space, second, put):
    for batch in space.batches():
        undo(space, batch.doc_id, author="ana", now=NOW)
    assert counts(goal_moved(space, store(put, space, FIRST, "first.csv"))) == [None, (2, 10)]


def test_a_goal_whose_events_are_gone_is_told_on_one_side(space, put):
    store(put, space, HEAD + END, "first.csv")
    with_goal(space)
    assert counts(goal_moved(space, store(put, space, SECOND, "second.csv")))[0] is None


def test_of_files_stored_together_the_last_one_says_it(space, second, tmp_path):
    files = []
    for name in ("p", "q"):
        files.append((tmp_path / f"{name}.csv", f"{name}.csv"))
        files[-1][0].write_text(HEAD + people(name, 5))
    done = import_files(space, files, author="ana", now=NOW, judge=standing_in)
    first, last = (report.batch for report in done.files)
    assert goal_moved(space, first) is None
    assert (goal_moved(space, last).files, counts(goal_moved(space, last))) == (2, [(10, 20), (20, 40)])


def test_a_goal_that_takes_too_long_does_not_stop_the_import(space, second, put):
    def slow(events, goal):
        raise BadChoice("It took too long.", "Ask for less.")

    batch = put(space, HEAD + people("d", 1), "d.csv", judge=slow).files[0].batch
    assert counts(goal_moved(space, batch)) == [None, None]


def test_calls_sent_live_have_no_raw_file_and_are_in_no_list_of_them(tmp_path, put):
    space = open_workspace("acme", Settings(home=tmp_path / "home"), create=True, now=NOW)
    send(space, "m")
    merge(space, now=NOW)
    batch = put(space, FIRST, "first.csv").files[0].batch
    assert [row.batch for row in uploads(space)] == [batch]
    assert remove_old(space, now=NOW + timedelta(days=400)) == 1
    assert [row.bytes for row in uploads(space)] == [None] and len(space.batches()) == 2
