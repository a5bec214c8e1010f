"""How long do a million events take from CSV to the first funnel, and how much memory?

    python benchmarks/import_million.py [--events 1000000]

Prints the split of the way (read and write the batch, stitch and build the snapshot, first funnel), the peak
memory of the whole process, and two alternatives run on the same file in the same minute, as ratios:
DuckDB's own CSV reader into a table, and pandas.read_csv. Neither checks rows, joins customers or
survives a crash; they say how far the floor is.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from journey_app.analysis.funnel import funnel
from journey_app.analysis.series import clock_at
from journey_app.settings import Settings
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files

STEPS = ("page_view", "product_view", "add_to_cart", "checkout_start", "purchase")
OTHERS = ("search", "login", "email_open", "support_chat", "wishlist_add")
SEED = 20261121


def write_log(file: Path, events: int) -> None:
    """Ten events a customer over 180 days, second resolution, with device and channel."""
    rng = random.Random(SEED)
    start = datetime(2026, 1, 1)  # noqa: DTZ001 — written as the naive text an export holds
    names, weights = STEPS + OTHERS, (30, 18, 9, 5, 3, 12, 9, 7, 4, 3)
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["user_id", "event", "timestamp", "device", "channel"])
        for _number in range(events):
            when = start + timedelta(seconds=rng.randrange(180 * 86_400))
            writer.writerow(
                [
                    f"u{rng.randrange(events // 10):07d}",
                    rng.choices(names, weights)[0],
                    when.isoformat(sep=" "),
                    rng.choice(("mobile", "desktop")),
                    rng.choice(("ads", "organic", "email", "direct")),
                ]
            )


def peak_mb() -> float:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def ours(file: Path, home: Path) -> dict[str, float]:
    """Seconds for each part of the way, and the funnel's own."""
    now = datetime.now(UTC)
    space = open_workspace("bench", Settings(home=home), create=True, now=now)
    marks: dict[str, float] = {}
    began = time.perf_counter()

    def note(_share: float, sentence: str) -> None:
        marks.setdefault(sentence.split(" ")[0], time.perf_counter() - began)

    imported = import_files(space, [(file, file.name)], author="bench", now=now, progress=note)
    done = time.perf_counter() - began
    clock = clock_at(space.events(), STEPS, None)
    answer = funnel(space.events(), STEPS, timedelta(days=14), now=clock.now)
    first_funnel = time.perf_counter() - began - done
    assert imported.events > 0 and answer.steps[0].customers > 0
    return {
        "read, check, write the batch": marks["Joining"] - marks["Reading"],
        "join customers, build the snapshot": marks["Switching"] - marks["Joining"],
        "switch": done - marks["Switching"],
        "first funnel, five steps": first_funnel,
        "all": done + first_funnel,
    }


ALTERNATIVES = {
    "DuckDB read_csv into a table": (
        "import duckdb,sys; c=duckdb.connect(); c.execute('set threads=2'); "
        "c.execute('create table t as select * from read_csv(?)', [sys.argv[1]])"
    ),
    "pandas.read_csv": "import pandas,sys; pandas.read_csv(sys.argv[1], parse_dates=['timestamp'])",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000)
    events = parser.parse_args().events
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "events.csv"
        write_log(file, events)
        print(f"{events:,} events, {file.stat().st_size / 1e6:.0f} MB of CSV")
        split = ours(file, Path(folder) / "home")
        for part, seconds in split.items():
            print(f"{seconds:8.1f} s  {part}")
        print(f"{peak_mb():8.0f} MB peak memory of this process")
        for name, code in ALTERNATIVES.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", code, str(file)], check=True)
            seconds = time.perf_counter() - began
            print(f"{seconds:8.1f} s  {name}: ours takes {split['all'] / seconds:.1f} times as long")


if __name__ == "__main__":
    main()
