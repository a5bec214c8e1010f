"""How long does a merge of live calls take in a large workspace, and when does a call appear?

python -m benchmarks.live_merges [--events 100000]
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.import_million import write_log
from journey_app.intake.calls import read_calls
from journey_app.settings import Settings
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files
from journey_app.workspace.inbox import keep, merge, rest_after

MERGES, CALLS = 5, 500


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=100_000)
    events = options.parse_args().events
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "events.csv"
        write_log(file, events)
        now = datetime.now(UTC)
        space = open_workspace("bench", Settings(home=Path(folder) / "home"), create=True, now=now)
        import_files(space, [(file, file.name)], author="bench", now=now)
        for turn in range(MERGES):
            batch = [
                {"type": "track", "event": "Paid", "userId": f"u{n % 97:07d}", "messageId": f"{turn}-{n}"}
                for n in range(CALLS)
            ]
            now = datetime.now(UTC)
            calls = read_calls("batch", {"batch": batch}, now)
            keep(space, calls.kept, calls.bad, now).result()
            merged = merge(space, now=datetime.now(UTC))
            assert merged is not None and merged.events == CALLS
            rest = rest_after(merged.seconds)
            print(
                f"{events:,} events, {CALLS} calls: merged in {merged.seconds:.1f} s, then {rest:.1f} s of rest; "
                f"a call appears after {merged.seconds:.1f} to {2 * merged.seconds + rest:.1f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
