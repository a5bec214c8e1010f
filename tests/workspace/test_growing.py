"""A snapshot that grew from the one before is the one that a full build makes: every table, row by row."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from journey_app.engine import growing
from journey_app.engine.batches import BatchFolder
from journey_app.engine.connection import Limits
from journey_app.engine.embedded import open_snapshot
from journey_app.engine.growing import CannotGrow
from journey_app.intake.contract import EVENTS, LINKS
from journey_app.vocabulary import CleanUp, Cut, LeaveOut, Shaping
from journey_app.workspace.rebuilding import Ground, Since, build, grow, version_of
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
        said = [{"source": "live", "system": "product", "row": self.rows + n} | row for n, row in enumerate(links)]
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
            names = ", ".join(f'"{name}"' for name, _type in columns)
            order = "position" if table == "events" else "all"
            found[table] = (columns, con.execute(f"select {names} from {table} order by {order}").fetchall())
        return found


IDS = st.one_of(
    st.sampled_from([f"user_id:u{n}" for n in range(6)]),
    st.sampled_from(["email:ana@x.com", "email:info@x.com", "phone:+4912345", "crm_contact:7", "user_id:null"]),
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


@settings(phases=[Phase.generate],report_multiple_bugs=False,max_examples=max(8, settings.default.max_examples // 3))  # each builds a handful of snapshots
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
                assert any("event_id" in row for row in known)  # it stands in two batches
                build(world.ground, world.batches)
                event("built in full")
            else:
                event("grown")
