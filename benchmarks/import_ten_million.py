"""Do ten million rows of CSV come in with less than 2 GB of memory, and how long does it take?

    python benchmarks/import_ten_million.py [--events 10000000] [--keep FOLDER]

Writes a log piece by piece, imports it by the same road as everybody, and watches the memory of this
process and of those that read for it, four times a second: what each held at most, and what all held
together (shared pages counted in each, so the sum is on the safe side). Linux only, for /proc.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.memory import Watch
from journey_app.settings import Settings
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files

EVENTS = ("page_view", "product_view", "add_to_cart", "checkout_start", "purchase", "search", "login")
CHANNELS = ("ads", "organic", "email", "direct")
DEVICES = ("mobile", "desktop")
AT_ONCE = 500_000
SEED = 20261124
BOUND_MB = 2048


def write_log(file: Path, events: int) -> None:
    """Ten events a customer over 180 days, as a CSV export holds them."""
    rng, start = np.random.default_rng(SEED), np.datetime64("2026-01-01T00:00:00")
    names = ["user_id", "event", "timestamp", "device", "channel"]
    with file.open("wb") as out:
        out.write((",".join(names) + "\n").encode())
        for first in range(0, events, AT_ONCE):
            n = min(AT_ONCE, events - first)
            who = rng.integers(0, max(1, events // 10), n)
            at = start + rng.integers(0, 180 * 86_400, n).astype("timedelta64[s]")
            columns = [
                pa.array([f"u{number:08d}" for number in who]),
                *(pa.array(np.array(EVENTS)[rng.integers(0, len(EVENTS), n)]),),
                pa.array(np.char.replace(np.datetime_as_string(at), "T", " ")),
                pa.array(np.array(DEVICES)[rng.integers(0, 2, n)]),
                pa.array(np.array(CHANNELS)[rng.integers(0, 4, n)]),
            ]
            table = pa.table(dict(zip(names, columns, strict=True)))
            options = pa_csv.WriteOptions(include_header=False, quoting_style="needed")
            pa_csv.write_csv(table, out, options)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--keep", type=Path, help="Where the log and the workspace stay.")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = chosen.keep or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        file = place / f"events-{chosen.events}.csv"
        if not file.exists():
            write_log(file, chosen.events)
        print(f"{chosen.events:,} events, {file.stat().st_size / 1e6:,.0f} MB of CSV", flush=True)
        now = datetime.now(UTC)
        space = open_workspace(f"bench{os.getpid()}", Settings(home=place / "home"), create=True, now=now)
        watch, began = Watch(), time.perf_counter()
        marks: dict[str, float] = {}
        told: list[float] = []

        def note(share: float, sentence: str) -> None:
            watch.stage = sentence.split(",")[0]
            told.append(share)
            if watch.stage not in marks:
                marks[watch.stage] = time.perf_counter() - began
                print(f"{marks[watch.stage]:8.1f} s  {sentence}", flush=True)

        watch.start()
        imported = import_files(space, [(file, file.name)], author="bench", now=now, progress=note)
        seconds = time.perf_counter() - began
        watch.over.set()
        watch.join()
        report = imported.files[0]
        print(f"{seconds:8.1f} s  in all; progress was told {len(told)} times", flush=True)
        print(f"{report.rows:,} rows, {imported.events:,} events of {imported.customers:,} customers")
        print("\n".join(watch.lines()))
        assert report.rows == chosen.events, "rows were lost"
        if watch.together > BOUND_MB:
            sys.exit(f"more than {BOUND_MB:,} MB")


if __name__ == "__main__":
    main()
