"""What stories are told with: a diary of customers becomes a real snapshot on the real engine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, settings

from journey_app.engine.batches import BatchFolder
from journey_app.engine.connection import Limits
from journey_app.engine.embedded import Snapshot
from journey_app.engine.snapshot import Recipe, build_snapshot
from journey_app.identity.stitch import stitch
from journey_app.intake.adding_up import CONTEXT
from journey_app.intake.contract import EVENTS, LINKS
from journey_app.vocabulary import CleanUp
from tests.by_hand import Log, random_log

settings.register_profile(
    "house", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.register_profile("thorough", settings.get_profile("house"), max_examples=400)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))

DATASETS = Path(__file__).parents[1].parent / "shared" / "datasets"
NO_LINKS = LINKS.empty_table()
FIRST_DAY = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday, before any change of clocks in Europe


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Put `__main__` back: AppTest leaves its script there, and a new process would run that first."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture
def datasets() -> Path:
    """Real files nobody here made; not part of the project."""
    if not DATASETS.is_dir():
        pytest.skip(f"no data sets at {DATASETS.name} beside the project")
    return DATASETS


def event_table(rows: list[dict]) -> pa.Table:
    """Rows with at least raw_ids, event and occurred_at as the table intake hands on."""
    filled = []
    for number, row in enumerate(rows, 1):
        filled.append(
            {
                "event_id": None,
                "content_hash": "|".join(str(row.get(k)) for k in ("raw_ids", "event", "occurred_at")),
                "day_only": False,
                "source": "diary",
                "system": "product",
                "properties": "{}",
                "ordinal": number << 8,
                "row": number,
            }
            | row
        )
    return pa.Table.from_pylist(filled, schema=EVENTS)


def snapshot_of(
    folder: Path,
    batches: list[tuple[pa.Table, pa.Table]],
    timezone: str = "UTC",
    clean_up: CleanUp | None = None,
) -> Snapshot:
    """Batches → a snapshot, by the same road an import takes."""
    limits = Limits(memory_mb=512, threads=2)
    kept = BatchFolder(folder / "batches", limits)
    names: list[str] = []
    for number, tables in enumerate(batches):
        name = f"batch{number}"
        kept.write(name, [tables], names)
        names.append(name)
    stitched = stitch(kept.id_sets(names))
    recipe = Recipe(
        f"{folder.name}-v",
        timezone,
        tuple(names),
        stitched.who,
        stitched.customers,
        clean_up=clean_up or CleanUp(),
    )
    return Snapshot(scattered(build_snapshot(kept, recipe, folder / "snapshots", limits)), limits)


def scattered(file: Path) -> Path:
    """A snapshot whose rows lie in no order, as in one that has grown: every question is asked of such."""
    with duckdb.connect(str(file)) as con:
        for (table,) in con.execute("select table_name from duckdb_tables()").fetchall():
            con.execute(f"create or replace table {table} as from {table} order by hash(rowid + 7)")
    return file


def context_table(rows: list[dict]) -> pa.Table:
    """Rows with at least first_day and last_day as a report without people is kept."""
    filled = ({"source": "ads", "detail": "campaign", "channel": "paid search"} | row for row in rows)
    return pa.Table.from_pylist(list(filled), schema=CONTEXT)


def snapshot_of_context(folder: Path, text: str, reports: Sequence[list[dict]]) -> Snapshot:
    """A diary (may be empty) and reports without people, oldest first → a snapshot."""
    limits = Limits(memory_mb=512, threads=2)
    kept = BatchFolder(folder / "batches", limits)
    names = ["batch0", *(f"report{number}" for number in range(len(reports)))]
    kept.write(names[0], [(event_table(diary_rows(text)), NO_LINKS)], [])
    for name, rows in zip(names[1:], reports, strict=True):
        kept.write_context(name, context_table(rows))
        kept.write(name, [(event_table([]), NO_LINKS)], names[:1])
    stitched = stitch(kept.id_sets(names))
    recipe = Recipe(f"{folder.name}-v", "UTC", tuple(names), stitched.who, stitched.customers)
    return Snapshot(scattered(build_snapshot(kept, recipe, folder / "snapshots", limits)), limits)


def snapshot_of_frame(folder: Path, frame: pd.DataFrame, timezone: str = "UTC") -> Snapshot:
    """A frame with customer, event and at (ISO 8601 text), in file order → a snapshot. Quick."""
    rows = len(frame)
    at = pd.to_datetime(frame["at"], utc=True, format="ISO8601").dt.tz_localize(None).astype("datetime64[us]")
    ids = pa.array(("user_id:" + frame["customer"]).tolist(), pa.string())
    given = {
        "content_hash": pa.array(frame["customer"] + "|" + frame["event"] + "|" + frame["at"]),
        "event": pa.array(frame["event"]),
        "occurred_at": pa.array(at),
        "day_only": pa.array([False] * rows),
        "source": pa.array(["published"] * rows),
        "system": pa.array(["product"] * rows),
        "properties": pa.array(["{}"] * rows),
        "raw_ids": pa.ListArray.from_arrays(pa.array(range(rows + 1), pa.int32()), ids),
        "ordinal": pa.array([row << 8 for row in range(rows)]),
        "row": pa.array(range(rows)),
    }
    columns = [given[f.name].cast(f.type) if f.name in given else pa.nulls(rows, f.type) for f in EVENTS]
    return snapshot_of(folder, [(pa.Table.from_arrays(columns, schema=EVENTS), NO_LINKS)], timezone)


def diary_rows(text: str, timezone: str = "UTC") -> list[dict]:
    """Lines of `who event day hh:mm [field=value …]`; day 1 is FIRST_DAY; `a+b` gives a row two ids.

    An underscore in an event's name stands for a space; an id without a colon is a user id.
    """
    rows = []
    for line in filter(None, map(str.strip, text.splitlines())):
        who, event, day, at, *fields = line.split()
        local = FIRST_DAY.replace(tzinfo=ZoneInfo(timezone)) + timedelta(days=int(day) - 1)
        hour, minute, *second = map(int, at.split(":"))
        moment = local.replace(hour=hour, minute=minute, second=second[0] if second else 0)
        row = {
            "raw_ids": [i if ":" in i else f"user_id:{i}" for i in who.split("+")],
            "event": event.replace("_", " "),
            "occurred_at": moment.astimezone(UTC).replace(tzinfo=None),
        }
        for pair in fields:
            name, value = pair.split("=")
            row[name] = float(value) if name == "amount" else value
        rows.append(row)
    return rows


@pytest.fixture
def diary(tmp_path):
    """A function: diary text → Events, on the real engine. Several texts are several imports."""
    made: list[Snapshot] = []

    def tell(*texts: str, timezone: str = "UTC") -> Snapshot:
        batches = [(event_table(diary_rows(text, timezone)), LINKS.empty_table()) for text in texts]
        folder = tmp_path / f"diary{len(made)}"
        made.append(snapshot_of(folder, batches, timezone))
        return made[-1]

    yield tell
    for snapshot in made:
        snapshot.close()


@pytest.fixture(scope="session")
def random_snapshot(tmp_path_factory):
    """A function: seed → (random log, its Events), each built once; every third log was imported twice."""
    folder = tmp_path_factory.mktemp("logs")

    @cache
    def built(seed: int) -> tuple[Log, Snapshot]:
        log = random_log(seed)
        batch = (
            event_table([{k: v for k, v in row.items() if k != "customer"} for row in log.rows]),
            NO_LINKS,
        )
        return log, snapshot_of(folder / f"log{seed}", [batch] * (1 + (seed % 3 == 0)), log.zone)

    return built


def utc(text: str) -> datetime:
    """A UTC moment, without zone, as events carry it: "2026-03-02 09:00"."""
    return datetime.fromisoformat(text)


def moment(day: int, clock: str = "00:00") -> datetime:
    """The UTC moment of a diary's day and time, without zone."""
    hour, minute = map(int, clock.split(":"))
    return (FIRST_DAY + timedelta(days=day - 1, hours=hour, minutes=minute)).replace(tzinfo=None)
