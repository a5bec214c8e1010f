"""What a snapshot adds to the batches: order, numbers, local days; the same recipe, the same snapshot."""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_app.analysis.catalog import catalog, totals
from journey_app.analysis.funnel import funnel
from journey_app.engine.batches import BatchFolder
from journey_app.engine.connection import Limits
from journey_app.engine.embedded import Snapshot
from journey_app.engine.snapshot import Recipe, build_snapshot
from journey_app.identity.stitch import stitch
from tests.conftest import NO_LINKS, diary_rows, event_table, moment, snapshot_of, snapshot_of_frame, utc

LIMITS = Limits(memory_mb=256, threads=2)


def rows(snapshot, *columns):
    return [
        tuple(r.values())
        for r in snapshot.run(snapshot.table.order_by("position").select(*columns)).to_pylist()
    ]


# ---------------------------------------------------------------- order and numbers


def test_positions_run_through_customers_times_and_file_order(diary):
    events = diary("""
        bob visit 1 08:00
        ana pay   1 09:00
        ana visit 1 09:00
        ana open  1 07:00
    """)
    assert rows(events, "position", "event", "next_event", "next_at", "next_position") == [
        (1, "open", "pay", moment(1, "09:00"), 2),
        (2, "pay", "visit", moment(1, "09:00"), 3),
        (3, "visit", None, None, None),
        (4, "visit", None, None, None),
    ]


def test_what_comes_next_is_right_in_every_part_of_a_large_table(tmp_path):
    """Several storage groups and threads: numbering leans on the order of the rows."""
    chance = np.random.default_rng(7)
    n = 300_000
    frame = pd.DataFrame({"customer": chance.integers(0, n // 8, n), "second": chance.integers(0, 500, n)})
    frame["event"] = chance.choice(["a", "b", "c"], n)
    at = pd.Timestamp("2026-03-02") + pd.to_timedelta(frame["second"], unit="s")
    told = pd.DataFrame(
        {
            "customer": frame["customer"].map("{:06d}".format),
            "event": frame["event"],
            "at": at.dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )
    snapshot = snapshot_of_frame(tmp_path, told)
    found = (
        snapshot.run(
            snapshot.table.select(
                "customer_id", "event", "position", "next_event", "next_position", "occurred_at", "next_at"
            )
        )
        .to_pandas()
        .sort_values("position")
    )
    expected = frame.assign(at=at).sort_values(["customer", "second"], kind="stable").reset_index(drop=True)
    assert found["position"].tolist() == list(range(1, n + 1))
    assert found["event"].tolist() == expected["event"].tolist()
    assert (found["occurred_at"].to_numpy() == expected["at"].to_numpy()).all()
    found["next_event"] = found["next_event"].astype(object)
    following = expected.groupby("customer")
    assert found["next_event"].fillna("").tolist() == following["event"].shift(-1).fillna("").tolist()
    same = (found["next_at"].to_numpy() == following["at"].shift(-1).to_numpy()) | found[
        "next_at"
    ].isna().to_numpy()
    assert same.all()
    assert (found["next_position"].isna() == found["next_event"].isna()).all()


# ---------------------------------------------------------------- local days


@pytest.mark.parametrize(
    ("zone", "utc", "day", "week"),
    [
        ("Europe/Berlin", utc("2026-03-28 22:59:59"), date(2026, 3, 28), date(2026, 3, 23)),
        ("Europe/Berlin", utc("2026-03-28 23:00"), date(2026, 3, 29), date(2026, 3, 23)),
        ("Europe/Berlin", utc("2026-03-29 21:59"), date(2026, 3, 29), date(2026, 3, 23)),
        ("Europe/Berlin", utc("2026-03-29 22:00"), date(2026, 3, 30), date(2026, 3, 30)),  # 23 hours
        ("Europe/Berlin", utc("2026-10-24 22:00"), date(2026, 10, 25), date(2026, 10, 19)),
        ("Europe/Berlin", utc("2026-10-25 22:59"), date(2026, 10, 25), date(2026, 10, 19)),
        ("Europe/Berlin", utc("2026-10-25 23:00"), date(2026, 10, 26), date(2026, 10, 26)),  # 25 hours
        ("Pacific/Auckland", utc("2026-03-01 10:59"), date(2026, 3, 1), date(2026, 2, 23)),
        ("Pacific/Auckland", utc("2026-03-01 11:00"), date(2026, 3, 2), date(2026, 3, 2)),
        (
            "Pacific/Auckland",
            utc("2026-04-05 12:00"),
            date(2026, 4, 6),
            date(2026, 4, 6),
        ),  # clocks went back
        ("Asia/Kathmandu", utc("2026-03-01 18:15"), date(2026, 3, 2), date(2026, 3, 2)),
        ("UTC", utc("2024-02-29 23:59:59"), date(2024, 2, 29), date(2024, 2, 26)),
    ],
)
def test_local_days_and_weeks(tmp_path, zone, utc, day, week):
    table = event_table([{"raw_ids": ["user_id:ana"], "event": "visit", "occurred_at": utc}])
    snapshot = snapshot_of(tmp_path, [(table, NO_LINKS)], timezone=zone)
    assert rows(snapshot, "local_date", "local_week") == [(day, week)]
    assert snapshot.timezone == zone


# ---------------------------------------------------------------- same recipe, same snapshot


def make(folder, text, version="v", who=None):
    kept = BatchFolder(folder / "batches", LIMITS)
    if not kept.events_file("one").exists():
        kept.write("one", [(event_table(diary_rows(text)), NO_LINKS)], [])
    stitched = stitch(kept.id_sets(["one"]))
    recipe = Recipe(version, "UTC", ("one",), stitched.who if who is None else who, stitched.customers)
    return build_snapshot(kept, recipe, folder / "snapshots", LIMITS)


UNTIDY = "\n".join(f"c{n % 7} e{n % 3} {1 + n % 2} 09:{n % 4:02d}" for n in range(60))


def test_equal_recipes_give_equal_snapshots(tmp_path):
    first, second = (Snapshot(make(tmp_path / name, UNTIDY), LIMITS) for name in ("one", "two"))
    assert rows(first, *first.table.columns) == rows(second, *second.table.columns)
    people = [s.run(s.customers.order_by("customer_id")).to_pylist() for s in (first, second)]
    assert people[0] == people[1]


def test_a_snapshot_that_is_there_is_never_written_again(tmp_path):
    file = make(tmp_path, UNTIDY)
    before = file.stat()
    assert make(tmp_path, UNTIDY) == file
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_recipe_that_forgets_somebody_is_refused_and_leaves_nothing(tmp_path):
    nobody = pa.table({"ids": pa.array([], pa.string()), "customer_id": pa.array([], pa.int32())})
    with pytest.raises(ValueError, match="no customer"):
        make(tmp_path, UNTIDY, who=nobody)
    assert list((tmp_path / "snapshots").iterdir()) == []


# ---------------------------------------------------------------- odd contents


def test_an_empty_workspace_can_be_asked(tmp_path):
    snapshot = snapshot_of(tmp_path, [])
    assert catalog(snapshot) == ()
    assert (totals(snapshot).events, totals(snapshot).customers) == (0, 0)


ODD_NAMES = [
    "'; drop table events; --",
    'say "hi"',
    "it's",
    "Käufe → 買う 🛒",
    "100%_\\d$1{x}",
    "a\nb\tc",
    "select",
    " ",
]


def test_odd_names_are_only_names(tmp_path):
    table = event_table(
        [
            {"raw_ids": [f"user_id:{name}"], "event": name, "occurred_at": moment(1 + n), "channel": name}
            for name in ODD_NAMES
            for n in range(2)
        ]
        + [
            {"raw_ids": ["user_id:'ana'"], "event": name, "occurred_at": moment(5) + timedelta(minutes=n)}
            for n, name in enumerate(ODD_NAMES)
        ]
    )
    snapshot = snapshot_of(tmp_path, [(table, NO_LINKS)])
    assert {c.event: c.count for c in catalog(snapshot)} == dict.fromkeys(ODD_NAMES, 3)
    answer = funnel(snapshot, ODD_NAMES, None, now=moment(9), by="channel")
    assert [step.customers for step in answer.steps] == [2] + [1] * (len(ODD_NAMES) - 1)
    assert set(answer.by) == {ODD_NAMES[0], "unknown"}
    assert totals(snapshot).events == 24


# ---------------------------------------------------------------- events that several batches hold


@settings(max_examples=10)  # each builds a snapshot
@given(st.lists(st.sets(st.integers(0, 7), max_size=8), min_size=2, max_size=4))
def test_of_an_event_in_several_batches_the_earliest_row_counts_whichever_is_largest(batches):
    tables = [
        event_table(
            [
                {"raw_ids": ["user_id:ana"], "event": f"e{n}", "event_id": str(n), "text": f"batch{at}"}
                | {"occurred_at": moment(1 + n)}
                for n in sorted(numbers)
            ]
        )
        for at, numbers in enumerate(batches)
    ]
    with TemporaryDirectory() as folder:
        snapshot = snapshot_of(Path(folder), [(table, NO_LINKS) for table in tables])
        kept = rows(snapshot, "event", "text")
        counted = [row["rows"] for row in snapshot.run(snapshot.ids).to_pylist()]
        snapshot.close()
    first = {n: at for at, numbers in reversed(list(enumerate(batches))) for n in numbers}
    assert kept == [(f"e{n}", f"batch{at}") for n, at in sorted(first.items())]
    assert counted == ([len(first)] if first else [])
