"""Do the lines of half a million orders come together in bounded memory, wherever in their file they stand?

    python benchmarks/import_orders.py [--orders 480000] [--keep FOLDER]

Writes a shop's export with one row for each good of an order, shuffled, imports it by the same road as
everybody, then drops it again by another name: that must bring nothing. Linux only, for /proc.
"""

from __future__ import annotations

import argparse
import os
import shutil
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

GOODS = ("jam", "bread", "tea", "honey", "salt", "oil")
MOST_LINES = 7
SEED = 20261124


def write_orders(file: Path, orders: int) -> tuple[int, int]:
    """One to seven lines an order, shuffled; returns how many rows, and the sum of their cents."""
    rng = np.random.default_rng(SEED)
    lines = rng.integers(1, MOST_LINES + 1, orders)
    order = np.repeat(np.arange(orders), lines)
    who = np.repeat(rng.integers(0, max(1, orders // 4), orders), lines)
    when = np.datetime64("2026-01-01T00:00:00") + np.repeat(rng.integers(0, 180 * 86_400, orders), lines)
    cents = rng.integers(100, 9_000, len(order))
    table = pa.table(
        {
            "order_number": [f"A-{number:07d}" for number in order],
            "customer": [f"c{number:07d}" for number in who],
            "ordered_at": np.char.replace(np.datetime_as_string(when), "T", " "),
            "item": np.array(GOODS)[rng.integers(0, len(GOODS), len(order))],
            "amount": np.char.mod("%.2f", cents / 100),
        }
    ).take(rng.permutation(len(order)))
    pa_csv.write_csv(table, file, pa_csv.WriteOptions(quoting_style="needed"))
    return len(order), int(cents.sum())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=480_000)
    parser.add_argument("--keep", type=Path, help="Where the export and the workspace stay.")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = chosen.keep or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        file, again = place / "orders.csv", place / "orders again.csv"
        rows, cents = write_orders(file, chosen.orders)
        print(
            f"{rows:,} rows of {chosen.orders:,} orders, {file.stat().st_size / 1e6:,.0f} MB of CSV",
            flush=True,
        )
        now = datetime.now(UTC)
        space = open_workspace(f"bench{os.getpid()}", Settings(home=place / "home"), create=True, now=now)
        watch, began = Watch(), time.perf_counter()
        watch.start()
        imported = import_files(space, [(file, file.name)], author="bench", now=now)
        print(f"{time.perf_counter() - began:8.1f} s  in all", flush=True)
        watch.over.set()
        watch.join()
        print("\n".join(watch.lines()))
        money = space.events().run(space.events().table.aggregate(n=space.events().table.amount.sum()))
        assert imported.events == chosen.orders, f"{imported.events:,} events"
        assert round(100 * money["n"][0].as_py()) == cents, "money was lost or doubled"
        shutil.copy(file, again)
        report = import_files(space, [(again, again.name)], author="bench", now=now).files[0]
        print(f"By another name: {report.events:,} new, {report.already_there:,} already here")
        assert sum(batch.body["report"]["events"] for batch in space.batches()) == chosen.orders


if __name__ == "__main__":
    main()
