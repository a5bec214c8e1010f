"""kill -9 in the middle of an import leaves the old data or the new, never a mix.

    python -m tests.workspace.kills 50 [--seed 0]

Kills, at moments nobody can foresee, the process that imports, the one that reads for it, or both, and
looks each time at what is there: all events of the old data set or all of the new one, every file that
the state names, and a next import that sweeps what was left.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import signal
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from journey_app.analysis.catalog import totals
from journey_app.errors import BadFile
from journey_app.settings import Settings
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files, undo
from journey_app.workspace.workspace import Workspace
from tests.processes import alive, descendants, readers

# Not a fork of this process: a database that is open here would be open in both.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.workspace.kills"])
WHOM = ("importer", "reader", "both")
BEGAN = datetime(2026, 3, 20, 12, tzinfo=UTC)
BETWEEN = timedelta(minutes=2)  # longer than the lease of the killed
OLD, MORE = 2_000, 12_000


def log(rows: int, first: int) -> str:
    lines = [
        f"u{n % 500},step {n % 4},2026-03-{1 + n % 19:02d} {n % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d},{n}"
        for n in range(first, first + rows)
    ]
    return "\n".join(["user_id,event,timestamp,number", *lines]) + "\n"


def _import(home: Path, file: Path, now: datetime, ready: Path) -> None:
    space = open_workspace("acme", Settings(home=home))
    ready.touch()
    try:
        import_files(space, [(file, "more.csv")], author="ben", now=now)
    except BadFile as stopped:
        assert "stopped from outside" in stopped.what, stopped


def check(space: Workspace) -> str:
    """Which data set is there; raises when it is neither, or not whole."""
    held = totals(space.events()).events
    reports = [batch.body["report"] for batch in space.batches()]
    rows = [report["rows"] for report in reports]
    assert (held, rows) in ((OLD, [OLD]), (OLD + MORE, [OLD, MORE])), f"a mix: {held} events, {rows} rows"
    for batch in space.batches():
        assert space.batch_files.events_file(batch.doc_id).exists()
        assert (space.folder / "uploads" / batch.body["upload"]).exists()
    return "old" if held == OLD else "new"


def kill_once(home: Path, file: Path, now: datetime, whom: str, after: float) -> tuple[str, str]:
    """Kill somebody `after` so many seconds of an import; what is there then, and how the importer ended."""
    ready = home / "ready"
    ready.unlink(missing_ok=True)
    importer = PROCESSES.Process(target=_import, args=(home, file, now, ready))
    importer.start()
    assert importer.pid is not None
    while not ready.exists():
        assert importer.is_alive(), "the importer did not get as far as its workspace"
        time.sleep(0.002)
    if whom == "reader":  # which is there for a part of the time only
        while not readers(importer.pid) and importer.is_alive():
            time.sleep(0.002)
        after /= 4
    time.sleep(after)
    below, reading = descendants(importer.pid), readers(importer.pid)
    targets = ([importer.pid] if whom != "reader" else []) + (reading if whom != "importer" else [])
    for pid in targets:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)
    importer.join(120)
    assert importer.exitcode in (0, -signal.SIGKILL), importer.exitcode
    until = time.monotonic() + 10
    while any(alive(pid) for pid in below):
        assert time.monotonic() < until, "a reader outlived its importer"
        time.sleep(0.01)
    how = "killed" if importer.exitcode else "went on" if targets else "done before"
    return check(open_workspace("acme", Settings(home=home))), how


def _unhurt(home: Path, file: Path, now: datetime) -> float:
    """How many seconds an import takes that nobody kills."""
    began = time.monotonic()
    importer = PROCESSES.Process(target=_import, args=(home, file, now, home / "ready"))
    importer.start()
    importer.join(120)
    assert importer.exitcode == 0, importer.exitcode
    return time.monotonic() - began


def run(home: Path, kills: int, seed: int) -> Counter[str]:
    """Kill that many times; what was there after each."""
    rng, now, seen = random.Random(seed), BEGAN, Counter[str]()
    space = open_workspace("acme", Settings(home=home), create=True, now=now)
    old, more = home / "log.csv", home / "more.csv"
    old.write_text(log(OLD, 0))
    more.write_text(log(MORE, OLD))
    import_files(space, [(old, "log.csv")], author="ana", now=now)
    unhurt = _unhurt(home, more, now + BETWEEN)
    now += 2 * BETWEEN
    undo(space, space.batches()[-1].doc_id, author="ana", now=now)
    for turn in range(kills):
        now += BETWEEN
        whom = WHOM[turn % len(WHOM)]
        there, how = kill_once(home, more, now, whom, rng.uniform(0.0, 1.2 * unhurt))
        seen[f"{whom} {how}: {there}"] += 1
        space = open_workspace("acme", Settings(home=home))
        if there == "new":
            now += BETWEEN
            undo(space, space.batches()[-1].doc_id, author="ana", now=now)
    now += BETWEEN
    assert import_files(space, [(more, "more.csv")], author="ana", now=now).events == OLD + MORE
    kept = {batch.doc_id for batch in space.batches()}
    assert {file.name.split(".")[0] for file in space.batch_files.folder.iterdir()} == kept, "not swept"
    assert len(list((space.folder / "uploads").iterdir())) == len(kept), "not swept"
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kills", type=int)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        seen = run(Path(home), chosen.kills, chosen.seed)
    for what, times in sorted(seen.items()):
        print(f"{times:5d}  {what}")
    print(f"{chosen.kills} kills: the old data or the new each time, never a mix")


if __name__ == "__main__":
    main()
