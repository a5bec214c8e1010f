"""A snapshot that grew from the one before is the one that a full build makes: every table, row by row."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from journey_app.engine import growing
from journey_app.engine.batches import BatchFolder
from journey_app.engine.connection import Limits
from journey_app.engine.embedded import open_snapshot
from journey_app.engine.growing import CannotGrow, GrownWrong
from journey_app.engine.snapshot import BUILDING
from journey_app.errors import NoRoom
from journey_app.intake.contract import EVENTS, LINKS
from journey_app.vocabulary import CleanUp, Cut, LeaveOut, Shaping
from journey_app.workspace.rebuilding import Ground, Since, build, forget_old_snapshots, grow, version_of
from tests.conftest import event_table, moment

LIMITS = Limits(memory_mb=256, threads=2)


@pytest.fixture(autouse=True)
def however_much_is_touched(monkeypatch):
    """In a small world nearly everything is."""
    monkeypatch.setattr(growing, "MOST_REWRITTEN", 1e9)
    monkeypatch.setattr(growing, "MOST_SCATTERED", 1e9)


# ---------------------------------------------------------------- worlds of batches


@dataclass
class World:
    """Batches as they come: the ground, which of them are in force, and the next row's number."""

    ground: Ground
    batches: list[str]
    rows: int = 0

    def arrive(self, name: str, events: list[dict], links: list[dict] = ()) -> Since:
        """Events and links become a batch, or the grown batch of that name; returns what there was before."""
        files, before = self.ground.batches, tuple(self.batches)
        old = next((batch for batch in before if batch.rpartition("-")[0] == name), None)
        new = f"{name}-{self.rows:06d}"
        numbered = []
        for row in events:
            self.rows += 1
            numbered.append({"ordinal": self.rows << 8, "row": self.rows, "event_id": f"m{self.rows}"} | row)
        said = [
            {"source": "live", "system": "product", "row": self.rows + n} | row for n, row in enumerate(links)
        ]
        self.rows += 1 + len(said)
        tables = [(event_table(numbered), pa.Table.from_pylist(said, schema=LINKS))]
        if old is not None:
            tables = [*files.read(old, EVENTS, LINKS), *tables]
        files.write(new, tables, [batch for batch in before if batch != old])
        self.batches = sorted([*(batch for batch in before if batch != old), new])
        return Since(before, {old: new} if old else {})


def world_in(folder: Path, shaping: Shaping = Shaping(), timezone: str = "UTC") -> World:  # noqa: B008 — frozen
    kept = BatchFolder(folder / "batches", LIMITS)
    return World(Ground(kept, folder / "snapshots", "w", timezone, LIMITS, shaping), [])


@pytest.fixture
def world(tmp_path) -> World:
    return world_in(tmp_path)


def act(who: str, event: str, day: int, clock: str = "09:00", **more) -> dict:
    ids = [each if ":" in each else f"user_id:{each}" for each in who.split("+")]
    return {"raw_ids": ids, "event": event, "occurred_at": moment(day, clock), "source": "live"} | more


# ---------------------------------------------------------------- the same as a full build


def insist_on_the_same(world: World, since: Since) -> None:
    """Grow and build in full, side by side; every table must be the same, and what is said of them too."""
    grown = grow(world.ground, world.batches, since)
    apart = replace(world.ground, snapshots=world.ground.snapshots.with_name("built"))
    built = build(apart, world.batches)
    assert grown == built
    ours, theirs = (contents(g.snapshots / f"{grown.version}.duckdb") for g in (world.ground, apart))
    assert sorted(ours) == sorted(theirs)
    for table in ours:
        assert ours[table] == theirs[table], table


def contents(file: Path) -> dict[str, object]:
    """Every table with its columns' types and its rows, events by their position."""
    with closing(open_snapshot(file, LIMITS).cursor()) as con:
        assert not con.execute("select view_name from duckdb_views() where not internal").fetchall()
        found: dict[str, object] = {}
        for (table,) in con.execute("select table_name from duckdb_tables() order by 1").fetchall():
            query = "select column_name, data_type from duckdb_columns() where table_name = $t order by 1"
            columns = con.execute(query, {"t": table}).fetchall()
            names = ", ".join(f'"{name}"' for name, _type in columns if name != "scattered")
            order = "position" if table == "events" else "all"
            found[table] = (columns, con.execute(f"select {names} from {table} order by {order}").fetchall())  # noqa: S608
        return found


IDS = st.one_of(
    st.sampled_from([f"user_id:u{n}" for n in range(6)]),
    st.sampled_from(
        ["email:ana@x.com", "email:info@x.com", "phone:+4912345", "crm_contact:7", "user_id:null"]
    ),
    st.sampled_from([f"anonymous_id:a{n}" for n in range(4)]),
)
WORDS = st.sampled_from(["visit", "pay", "Ärger", "open", "b"])
SETS = st.lists(IDS, min_size=1, max_size=3, unique=True)
HAPPENINGS = st.fixed_dictionaries(
    {
        "raw_ids": SETS,
        "event": WORDS,
        "occurred_at": st.integers(0, 5).map(lambda n: datetime(2026, 3, 28, 22) + timedelta(minutes=40 * n)),
        "channel": st.sampled_from([None, "ads", "mail"]),
        "source": st.sampled_from(["live", "web"]),
    },
    optional={"event_id": st.sampled_from(["d1", "d2", "d3"])},  # may come again, in any batch
)
SAID = st.fixed_dictionaries(
    {"raw_ids": st.lists(IDS, min_size=2, max_size=3, unique=True)}
    | {"reason": st.sampled_from(["identify", "alias", "merge"])}
)
ARRIVALS = st.tuples(
    st.sampled_from(["00001-00", "00002-00", "live-2026-11-23", "live-2026-11-24"]),
    st.lists(HAPPENINGS, max_size=6),
    st.lists(SAID, max_size=2),
)
CUTS = st.lists(
    st.tuples(IDS, IDS).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: Cut(*sorted(pair))),
    max_size=2,
    unique=True,
)
SHAPINGS = st.builds(Shaping, cuts=CUTS.map(tuple), matching=st.sampled_from(["normal", "strict", "loose"]))


FEW = max(8, settings.default.max_examples // 3)  # each builds a handful of snapshots


@settings(max_examples=FEW)
@given(st.lists(ARRIVALS, min_size=2, max_size=4), SHAPINGS, st.sampled_from(["UTC", "Europe/Berlin"]))
def test_whatever_arrives_growing_makes_what_a_full_build_makes(arrivals, shaping, zone):
    with TemporaryDirectory() as folder:
        world = world_in(Path(folder), shaping, zone)
        first, *later = arrivals
        known = first[1]
        world.arrive(*first)
        build(world.ground, world.batches)
        for name, events, links in later:
            known = [*known, *events]
            since = world.arrive(name, events, links)
            try:
                insist_on_the_same(world, since)
            except CannotGrow:
                said = [row["event_id"] for row in known if "event_id" in row]
                assert len(said) > len(set(said))  # one stands in two batches
                build(world.ground, world.batches)
                event("built in full")
            else:
                event("grown")


# ---------------------------------------------------------------- what may come, and what is built in full


def test_hundreds_of_small_batches_become_one_snapshot_in_little_memory(world):
    world.arrive("00000-00", [act("ana", "visit", 1)])
    files, (first,) = world.ground.batches, world.batches
    event_of, links = (pq.read_table(file(first)) for file in (files.events_file, files.links_file))
    for number in range(1, 400):
        name = f"{number:05d}-00"
        ids = pa.array([[f"user_id:u{number % 50}"]])
        other = {"raw_ids": ids, "event_id": pa.array([name]), "batch_id": pa.array([name])}
        columns = [other.get(field, event_of[field]) for field in event_of.column_names]
        pq.write_table(pa.table(columns, names=event_of.column_names), files.events_file(name))
        pq.write_table(links, files.links_file(name))
        world.batches.append(name)
    assert build(world.ground, world.batches).customers == 51


def test_a_new_customer_in_the_middle_moves_everybody_after(world):
    world.arrive("00001-00", [act("ana", "visit", 1), act("zoe", "visit", 1), act("zoe", "pay", 2)])
    build(world.ground, world.batches)
    insist_on_the_same(world, world.arrive("live-2026-11-23", [act("ben", "visit", 3), act("ana", "pay", 1)]))


def test_an_id_that_joins_two_old_customers_makes_them_one_and_a_cut_keeps_them_apart(tmp_path):
    for shaping in (Shaping(), Shaping(cuts=(Cut("user_id:ana", "user_id:zoe"),))):
        world = world_in(tmp_path / str(len(shaping.cuts)), shaping)
        world.arrive("00001-00", [act(who, "visit", 1) for who in ("ana", "ben", "zoe")])
        build(world.ground, world.batches)
        since = world.arrive("live-2026-11-23", [], [{"raw_ids": ["user_id:ana", "user_id:zoe"]}])
        insist_on_the_same(world, since)
        assert build(world.ground, world.batches).customers == 2 + len(shaping.cuts)


def test_a_new_event_name_takes_its_place_among_the_others(world):
    world.arrive("00001-00", [act("ana", "open", 1), act("ana", "visit", 2)])
    build(world.ground, world.batches)
    insist_on_the_same(world, world.arrive("live-2026-11-23", [act("ana", "pay", 1, channel="ads")]))


def test_a_batch_that_grows_for_days_is_the_same_each_time(world):
    world.arrive("00001-00", [act(f"u{n}", "visit", 1 + n % 3) for n in range(8)])
    build(world.ground, world.batches)
    for turn in range(3):
        rows = [act(f"u{turn}+email:{turn}@x.com", "pay", 4), act(f"new{turn}", "visit", 5)]
        insist_on_the_same(world, world.arrive(f"live-2026-11-{23 + turn // 2}", rows))


def test_an_event_that_an_earlier_batch_holds_counts_as_it_does_there(world):
    world.arrive("00001-00", [act("ana", "visit", 1, event_id="m", text="first")])
    build(world.ground, world.batches)
    again = [act("ana", "visit", 1, event_id="m", text="again"), act("ben", "visit", 1)]
    insist_on_the_same(world, world.arrive("live-2026-11-23", again))


def refused(world: World, since: Since) -> str:
    """Why it cannot grow; then a full build stands in."""
    with pytest.raises(CannotGrow) as why:
        grow(world.ground, world.batches, since)
    assert build(world.ground, world.batches, since).version == version_of(world.ground, world.batches)
    assert not list(world.ground.snapshots.glob(".*"))
    return str(why.value)


def test_a_mistake_of_growing_costs_a_full_build_and_never_the_data(world, monkeypatch, caplog):
    world.arrive("00001-00", [act("ana", "visit", 1), act("ben", "visit", 1)])
    build(world.ground, world.batches)
    since = world.arrive("live-2026-11-23", [act("ana", "pay", 1)])
    rewrite = growing._rewrite_events

    def forgetful(con):
        rewrite(con)
        con.execute("delete from events where rowid = (select min(rowid) from events)")

    monkeypatch.setattr(growing, "_rewrite_events", forgetful)
    with pytest.raises(GrownWrong):
        grow(world.ground, world.batches, since)
    built = build(world.ground, world.batches, since)
    assert built.version == version_of(world.ground, world.batches) and "made a mistake" in caplog.text
    assert not list(world.ground.snapshots.glob(".*"))


def test_an_event_that_now_counts_as_an_earlier_batch_has_it_needs_a_full_build(world):
    world.arrive("live-2026-11-24", [act("ana", "visit", 1, event_id="m")])
    build(world.ground, world.batches)
    assert "earlier batch" in refused(
        world, world.arrive("live-2026-11-23", [act("ana", "visit", 2, event_id="m")])
    )


def test_a_batch_that_lost_a_row_or_was_taken_out_needs_a_full_build(world):
    world.arrive("00001-00", [act("ana", "visit", 1)])
    world.arrive("live-2026-11-23", [act("ana", "pay", 1)])
    build(world.ground, world.batches)
    before = tuple(world.batches)
    world.batches = world.batches[:1]
    world.arrive("live-2026-11-23", [act("ana", "pay", 2)])
    assert "taken out" in refused(world, Since(before))
    forged = Since(before, {before[1]: world.batches[1]})
    (world.ground.snapshots / f"{version_of(world.ground, world.batches)}.duckdb").unlink()
    assert "not there any more" in refused(world, forged)


def test_what_is_left_out_and_what_is_not_kept_need_a_full_build(tmp_path, monkeypatch):
    cleaned = world_in(tmp_path / "cleaned", Shaping(clean_up=CleanUp((LeaveOut("event", "bot", "ours"),))))
    cleaned.arrive("00001-00", [act("ana", "visit", 1)])
    build(cleaned.ground, cleaned.batches)
    assert "left out" in refused(cleaned, cleaned.arrive("live-2026-11-23", [act("ana", "pay", 1)]))
    gone = world_in(tmp_path / "gone")
    gone.arrive("00001-00", [act("ana", "visit", 1)])
    assert "cannot be copied" in refused(gone, gone.arrive("live-2026-11-23", [act("ana", "pay", 1)]))
    monkeypatch.setattr(growing, "MOST_REWRITTEN", 0.1)
    assert "too many" in refused(gone, gone.arrive("live-2026-11-23", [act("ana", "pay", 2)]))


def test_rows_that_have_left_their_place_are_put_in_order_by_a_full_build_now_and_then(world, monkeypatch):
    world.arrive("00001-00", [act(f"u{n}", "visit", 1) for n in range(4)])
    build(world.ground, world.batches)
    monkeypatch.setattr(growing, "MOST_SCATTERED", 0.5)
    insist_on_the_same(world, world.arrive("live-2026-11-23", [act("u1", "pay", 1)]))
    insist_on_the_same(world, world.arrive("live-2026-11-23", [act("u2", "pay", 1)]))
    assert "left their place" in refused(world, world.arrive("live-2026-11-23", [act("u3", "pay", 1)]))


def test_a_full_disk_is_a_sentence_and_leaves_the_snapshot_before(world, monkeypatch):
    world.arrive("00001-00", [act("ana", "visit", 1)])
    build(world.ground, world.batches)
    since = world.arrive("live-2026-11-23", [act("ana", "pay", 1)])

    def full(_source, target):
        Path(target).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as there:
        there.setattr(growing.shutil, "copyfile", full)
        with pytest.raises(NoRoom, match="no room"):
            build(world.ground, world.batches, since)
    assert [file.suffix for file in world.ground.snapshots.iterdir()] == [".duckdb"]
    insist_on_the_same(world, since)


STEPS = [
    "_insist_on_form",
    "_rename_batches",
    "_extend_codes",
    "_rewrite_events",
    "write_contexts",
    "put_in_place",
]


@pytest.mark.parametrize("step", STEPS)
def test_whoever_is_killed_while_it_grows_leaves_the_old_one_and_the_next_try_makes_the_new(world, step):
    world.arrive("00001-00", [act("ana", "visit", 1)])
    older = build(world.ground, world.batches)
    before = contents(world.ground.snapshots / f"{older.version}.duckdb")
    since = world.arrive("live-2026-11-23", [act("ana", "pay", 1), act("ben", "pay", 1)])
    killed = KILLED.Process(
        target=_grow_and_die, args=(world.ground.snapshots.parent, world.batches, since, step)
    )
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    left = list(world.ground.snapshots.glob(f".*{BUILDING}*"))
    assert (
        left and not (world.ground.snapshots / f"{version_of(world.ground, world.batches)}.duckdb").exists()
    )
    assert contents(world.ground.snapshots / f"{older.version}.duckdb") == before
    insist_on_the_same(world, since)
    for file in left:
        os.utime(file, (0, 0))
    forget_old_snapshots(world.ground, version_of(world.ground, world.batches))
    assert not list(world.ground.snapshots.glob(".*"))


def _grow_and_die(folder: Path, batches: list[str], since: Since, step: str) -> None:
    growing.MOST_REWRITTEN = growing.MOST_SCATTERED = 1e9
    setattr(growing, step, lambda *_of: os.kill(os.getpid(), signal.SIGKILL))
    grow(world_in(folder).ground, batches, since)


KILLED = multiprocessing.get_context("spawn")
