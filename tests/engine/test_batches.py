"""A batch is whole or not there, and the same event never counts twice."""

from collections import Counter
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_app.engine import batches
from journey_app.engine.batches import BatchFolder, Written
from journey_app.engine.connection import Limits
from tests.conftest import NO_LINKS, diary_rows, event_table, moment, snapshot_of

LIMITS = Limits(memory_mb=256, threads=2)


@pytest.fixture
def folder(tmp_path):
    return BatchFolder(tmp_path / "batches", LIMITS)


def table(text, **columns):
    return event_table([row | columns for row in diary_rows(text)])


def keep(folder, name, events, before=()):
    return folder.write(name, [(events, NO_LINKS)], before)


def held(folder, *names):
    """What a snapshot of these batches holds: (key, event, time) with its count."""
    snapshot = snapshot_of_names(folder, names)
    events = snapshot.table.join(snapshot.customers, "customer_id").select("key", "event", "occurred_at")
    rows = snapshot.run(events).to_pylist()
    snapshot.close()
    return Counter(tuple(row.values()) for row in rows)


def snapshot_of_names(folder, names):
    from journey_app.engine.embedded import Snapshot
    from journey_app.engine.snapshot import Recipe, build_snapshot
    from journey_app.identity.stitch import stitch

    stitched = stitch(folder.id_sets(names))
    recipe = Recipe("-".join(["v", *names]), "UTC", tuple(names), stitched.who, stitched.customers)
    return Snapshot(build_snapshot(folder, recipe, folder.folder / "made", LIMITS), LIMITS)


ANA = """
    ana visit 1 09:00
    ana view  1 09:05
    ana view  1 09:05
    ana pay   1 09:10
"""


# ---------------------------------------------------------------- whole or not at all


def test_a_file_that_breaks_half_way_leaves_nothing(folder):
    def breaking():
        yield table(ANA), NO_LINKS
        raise OSError("the disk was pulled")

    with pytest.raises(OSError, match="pulled"):
        folder.write("one", breaking(), [])
    assert list(folder.folder.iterdir()) == []


def test_being_stopped_by_a_person_leaves_nothing_either(folder):
    def stopped():
        yield table(ANA), NO_LINKS
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        folder.write("one", stopped(), [])
    assert list(folder.folder.iterdir()) == []


def test_a_failure_at_the_last_rename_takes_the_links_away_again(folder, monkeypatch):
    rename = batches.rename_durably

    def failing(source, target):
        if target == folder.events_file("one"):
            raise OSError("no space left")
        rename(source, target)

    monkeypatch.setattr(batches, "rename_durably", failing)
    with pytest.raises(OSError, match="no space"):
        keep(folder, "one", table(ANA))
    assert list(folder.folder.iterdir()) == []


def test_a_batch_is_two_finished_files(folder):
    keep(folder, "one", table(ANA))
    assert sorted(f.name for f in folder.folder.iterdir()) == ["one.links.parquet", "one.parquet"]


def test_chunks_of_a_file_count_as_one_file(folder):
    events = table(ANA)
    written = folder.write("one", [(events.slice(n, 1), NO_LINKS) for n in range(4)], [])
    assert written == Written(events=4, already_there=0)
    assert len(set(pq.read_table(folder.events_file("one"))["event_id"].to_pylist())) == 4


def test_a_file_without_rows_is_a_batch_and_a_file_without_chunks_is_a_bug(folder):
    assert keep(folder, "one", table("")) == Written(0, 0)
    assert not held(folder, "one")
    with pytest.raises(ValueError, match="at least one chunk"):
        folder.write("two", [], [])


# ---------------------------------------------------------------- importing again


def test_the_same_file_again_adds_nothing_and_real_twins_stay(folder):
    assert keep(folder, "one", table(ANA)) == Written(events=4, already_there=0)
    assert keep(folder, "two", table(ANA), ["one"]) == Written(events=0, already_there=4)
    assert held(folder, "one", "two") == held(folder, "one")
    assert held(folder, "one")["user_id:ana", "view", moment(1, "09:05")] == 2


def test_overlapping_files_merge_to_the_most_equal_rows_one_of_them_has(folder):
    keep(folder, "one", table("ana view 1 09:05\nana view 1 09:05\nana pay 1 09:10"))
    written = keep(folder, "two", table("ana view 1 09:05\nana view 1 09:05\nana view 1 09:05"), ["one"])
    assert written == Written(events=1, already_there=2)
    assert held(folder, "one", "two")["user_id:ana", "view", moment(1, "09:05")] == 3


def test_a_source_s_own_id_counts_once_within_a_file_and_across_files(folder):
    first = table(
        "ana visit 1 09:00\nana pay 1 09:05", event_id="e-1"
    )  # the same id twice: the first row counts
    assert keep(folder, "one", first) == Written(events=1, already_there=1)
    later = event_table(
        [
            row | {"event_id": n}
            for row, n in zip(diary_rows("ana x 1 09:00\nana y 1 09:00"), ["e-1", "e-2"], strict=True)
        ]
    )
    assert keep(folder, "two", later, ["one"]) == Written(events=1, already_there=1)
    assert {event for _key, event, _at in held(folder, "one", "two")} == {"visit", "y"}


def test_two_sources_may_use_the_same_number(folder):
    keep(folder, "one", table("ana ticket 1 09:00", event_id="7", source="desk"))
    charge = table("ana charge 1 09:00", event_id="7", source="till")
    assert keep(folder, "two", charge, ["one"]) == Written(events=1, already_there=0)
    both = event_table(
        [
            diary_rows("ana ticket 1 09:00")[0] | {"event_id": "8", "source": "desk"},
            diary_rows("ana charge 1 09:00")[0] | {"event_id": "8", "source": "till"},
        ]
    )
    assert keep(folder, "three", both, ["one", "two"]) == Written(events=2, already_there=0)
    assert held(folder, "one", "two", "three").total() == 4


def test_the_first_import_s_order_of_ties_stays(folder):
    keep(folder, "one", table("ana pay 1 09:00\nana visit 1 09:00"))
    keep(folder, "two", table("ana visit 1 09:00\nana pay 1 09:00"), ["one"])
    snapshot = snapshot_of_names(folder, ["one", "two"])
    rows = snapshot.run(snapshot.table.order_by("position").select("event", "batch_id")).to_pylist()
    snapshot.close()
    assert [row["event"] for row in rows] == ["pay", "visit"]
    assert {row["batch_id"] for row in rows} == {"one"}


def test_taking_an_import_out_equals_never_having_made_it(folder):
    keep(folder, "one", table(ANA))
    keep(
        folder,
        "two",
        table("ana view 1 09:05\nana+email:x@example.com help 1 10:00\nbob visit 2 09:00"),
        ["one"],
    )
    keep(folder, "three", table("bob visit 2 09:00\nbob pay 2 09:30"), ["one", "two"])
    without = held(folder, "one", "three")
    folder.discard("two")
    assert not folder.events_file("two").exists()
    assert not folder.links_file("two").exists()
    assert held(folder, "one", "three") == without
    only = BatchFolder(folder.folder / "elsewhere", LIMITS)
    keep(only, "one", table(ANA))
    keep(only, "three", table("bob visit 2 09:00\nbob pay 2 09:30"), ["one"])
    assert held(only, "one", "three") == without


FEW_ROWS = st.lists(st.sampled_from(["visit", "view", "pay"]), max_size=8)


@settings(max_examples=15)
@given(files=st.lists(FEW_ROWS, min_size=1, max_size=3))
def test_any_files_merge_to_the_largest_count_of_each_row(tmp_path_factory, files):
    folder = BatchFolder(tmp_path_factory.mktemp("merge"), LIMITS)
    names, new = [], 0
    for number, events in enumerate(files):
        written = keep(folder, f"b{number}", table("\n".join(f"ana {e} 1 09:00" for e in events)), names)
        names.append(f"b{number}")
        new += written.events
        assert written.already_there == len(events) - written.events
    largest = Counter()
    for events in files:
        largest |= Counter(events)
    assert Counter({e: n for (_k, e, _at), n in held(folder, *names).items()}) == largest
    assert new == largest.total()


# ---------------------------------------------------------------- id sets


def test_id_sets_are_the_distinct_ways_customers_were_named(folder):
    import pyarrow as pa

    from journey_app.intake.contract import LINKS

    links = pa.Table.from_pylist(
        [{"raw_ids": ["user_id:ana", "email:ana@example.com"], "source": "crm", "system": "crm", "row": 1}],
        schema=LINKS,
    )
    folder.write("one", [(table(ANA), links)], [])
    assert folder.id_sets(["one"]).to_pylist() == [
        {"raw_ids": ["user_id:ana"], "system": "product", "reason": "seen together", "seen": 4}
        | {"first_at": moment(1, "09:00")},
        {
            "raw_ids": ["user_id:ana", "email:ana@example.com"],
            "system": "crm",
            "reason": "identify",
            "seen": 1,
        }
        | {"first_at": None},
    ]
    assert folder.id_sets([]).num_rows == 0


def test_times_keep_their_microseconds(folder):
    at = moment(1, "09:00") + timedelta(microseconds=1)
    keep(folder, "one", event_table([diary_rows("ana visit 1 09:00")[0] | {"occurred_at": at}]))
    assert list(held(folder, "one")) == [("user_id:ana", "visit", at)]


def test_a_snapshot_of_texts_goes_the_same_road(tmp_path):
    snapshot = snapshot_of(tmp_path, [(table(ANA), NO_LINKS), (table(ANA), NO_LINKS)])
    assert snapshot.run(snapshot.table.count().as_table()).to_pylist()[0].popitem()[1] == 4
