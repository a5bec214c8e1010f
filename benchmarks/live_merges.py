"""How long does a merge of live calls take in a large workspace, and when does a call appear?

python -m benchmarks.live_merges [--events 100000] [--home FOLDER] [--merges 5]

--home: merge into the workspace that `import_ten_million.py --keep` left in this folder's `home`.
After each merge the same batches are also built in full, in the same minute: the ratio is what growing saves.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.import_million import write_log
from journey_app.intake.calls import read_calls
from journey_app.settings import Settings
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files
from journey_app.workspace.inbox import keep, merge, rest_after
from journey_app.workspace.rebuilding import build
from journey_app.workspace.workspace import Workspace

MERGES, CALLS = 5, 500


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--events", type=int, default=100_000)
    options.add_argument("--home", type=Path)
    options.add_argument("--merges", type=int, default=MERGES)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        space = _kept(chosen.home) if chosen.home else _new(Path(folder), chosen.events)
        for turn in range(chosen.merges):
            _merge(space, turn)
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB at most in this process")


def _new(folder: Path, events: int) -> Workspace:
    file, now = folder / "events.csv", datetime.now(UTC)
    write_log(file, events)
    space = open_workspace("bench", Settings(home=folder / "home"), create=True, now=now)
    import_files(space, [(file, file.name)], author="bench", now=now)
    return space


def _kept(folder: Path) -> Workspace:
    home = folder / "home"
    (name,) = (state.parent.name for state in home.glob("*/state.sqlite"))
    return open_workspace(name, Settings(home=home))


def _merge(space: Workspace, turn: int) -> None:
    now, spent = datetime.now(UTC), process_time()
    batch = [
        {"type": "track", "event": "Paid", "userId": f"u{n % 97:07d}", "messageId": f"{now}-{turn}-{n}"}
        for n in range(CALLS)
    ]
    calls = read_calls("batch", {"batch": batch}, now)
    keep(space, calls.kept, calls.bad, now).result()
    merged = merge(space, now=datetime.now(UTC))
    assert merged is not None and merged.events == CALLS
    spent = process_time() - spent
    rest = rest_after(merged.seconds)
    print(
        f"{CALLS} calls merged in {merged.seconds:.1f} s ({spent:.1f} s of processor), then "
        f"{rest:.1f} s of rest; a call appears after {merged.seconds:.1f} to {2 * merged.seconds + rest:.1f} s",
        flush=True,
    )
    wall, processor = _in_full(space)
    print(
        f"  built in full: {wall:.1f} s ({processor:.1f} s of processor), {processor / spent:.1f} times as much",
        flush=True,
    )


def _in_full(space: Workspace) -> tuple[float, float]:
    """Seconds by the clock and of the processor for the same snapshot without the one before."""
    with tempfile.TemporaryDirectory() as folder:
        began, spent = perf_counter(), process_time()
        built = build(
            replace(space.ground, snapshots=Path(folder)), [batch.doc_id for batch in space.batches()]
        )
        seconds = perf_counter() - began, process_time() - spent
    assert built.version == space.version, "not the same snapshot"
    return seconds


if __name__ == "__main__":
    main()
