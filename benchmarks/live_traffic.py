"""Does everything arrive that a real tracking library sends, when the server is killed meanwhile?

    python -m benchmarks.live_traffic [--calls 10000] [--kills 2] [--seed 1]

The library is Segment's own for Python, as published. The server is the app, in a process of its own,
killed with SIGKILL and started again while the library goes on sending. Acknowledged is what the server
answered with 200; stored is what the workspace holds in the end.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow.parquet as pq

from journey_app.settings import Settings
from journey_app.workspace.home import open_workspace
from journey_app.workspace.inbox import live_batches, waiting
from journey_app.workspace.keys import create_key
from journey_app.workspace.workspace import Workspace

ROOT = Path(__file__).parents[1]
QUEUE_STAYS_BELOW = 5_000  # the library's own queue drops at 10,000


class Server:
    """The app over one home, on one port, however often it is killed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "journey_app", "--home", str(self.home), "--workspace", "acme"]
        self.process = subprocess.Popen(
            [*command, "serve", "--no-browser", "--port", str(self.port)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait_until_up(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server did not come up")

    def kill(self, how: int = signal.SIGKILL) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, how)
            self.process.wait(timeout=30)
            self.process = None


@dataclass
class Acknowledged:
    """What the server said yes to, seen from the library's own connection."""

    messages: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    others: Counter[int] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def watch(self, answer: Any, *_args: Any, **_kwargs: Any) -> None:
        body = answer.request.body
        packed = answer.request.headers.get("Content-Encoding") == "gzip"
        sent = json.loads(gzip.decompress(body) if packed else body)
        with self._lock:
            if answer.status_code != 200:
                self.others[answer.status_code] += 1
                return
            self.seconds.append(answer.elapsed.total_seconds())
            self.messages.update(call["messageId"] for call in sent["batch"])


@dataclass(frozen=True)
class Outcome:
    """sent: calls given to the library. stored: those that are events or links now. seconds: of sending."""

    sent: int
    acknowledged: int
    stored: int
    lost: int
    doubled: int
    failed: int
    kills: int
    seconds: float
    p95_ms: float
    visible_after_s: float
    answers: dict[int, int]


def run(home: Path, calls: int, kills: int, seed: int, per_s: float, threads: int = 2) -> Outcome:
    """Send, kill, and count what is there in the end."""
    from segment.analytics import request as library
    from segment.analytics.client import Client

    space = open_workspace("acme", Settings(home=home), create=True, now=datetime.now(UTC))
    key, _ = create_key(space.store, "benchmark", author="benchmark", now=datetime.now(UTC))
    seen, failed, rng = Acknowledged(), [], random.Random(seed)
    library._session.hooks["response"].append(seen.watch)
    server = Server(home)
    server.start()
    server.wait_until_up()
    client = Client(
        key,
        host=server.url,
        gzip=True,
        thread=threads,
        upload_size=100,
        upload_interval=0.1,
        on_error=lambda _error, batch: failed.extend(batch),
    )
    deaths = sorted(rng.uniform(0.15, 0.85) * calls for _ in range(kills))
    started = time.monotonic()
    try:
        for number in range(calls):
            if deaths and number >= deaths[0]:
                deaths.pop(0)
                server.kill()
                server.start()
            _send(client, number, rng)
            while client.queue.qsize() > QUEUE_STAYS_BELOW:
                time.sleep(0.05)
            time.sleep(max(0.0, started + number / per_s - time.monotonic()))
        client.flush()
        seconds = time.monotonic() - started
        visible = _until_merged(space)
    finally:
        client.join()
        library._session.hooks["response"].remove(seen.watch)
        server.kill(signal.SIGTERM)
    stored = stored_messages(space)
    missing = set(seen.messages) - set(stored)
    took = sorted(seen.seconds)
    return Outcome(
        sent=calls,
        acknowledged=len(seen.messages),
        stored=len(stored),
        lost=len(missing),
        doubled=sum(n - 1 for n in stored.values()),
        failed=len(failed),
        kills=kills,
        seconds=round(seconds, 1),
        p95_ms=round(1000 * took[int(len(took) * 0.95)], 1),
        visible_after_s=round(visible, 1),
        answers={200: len(took), **seen.others},
    )


def _send(client: Any, number: int, rng: random.Random) -> None:
    """Every call becomes exactly one event, so that none can hide behind another."""
    who = f"user-{rng.randrange(500)}"
    if number % 10 == 0:
        client.page(who, None, "Pricing", {"number": number})
    elif number % 10 == 1:
        client.screen(who, None, "Home", {"number": number})
    else:
        client.track(who, "Order Completed", {"number": number, "revenue": 9.5, "currency": "EUR"})


def _until_merged(space: Workspace, seconds: float = 120) -> float:
    """How long after the last answer everything was an event."""
    started = time.monotonic()
    while waiting(space).calls:
        if time.monotonic() - started > seconds:
            raise RuntimeError(f"calls still wait: {waiting(space)}")
        time.sleep(0.1)
    return time.monotonic() - started


def stored_messages(space: Workspace) -> Counter[str]:
    """messageId → how many events of the current version carry it, read from what questions see."""
    found: Counter[str] = Counter()
    if not live_batches(space):
        return found
    events = space.events()
    for batch in live_batches(space):
        ids = pq.read_table(space.batch_files.events_file(batch.doc_id), columns=["event_id"])["event_id"]
        found.update(text.partition(":")[2] for text in ids.to_pylist())
    counted = events.run(events.table.count().name("n").as_table())["n"].to_pylist()[0]
    if counted != sum(found.values()):
        raise RuntimeError(f"the batches hold {sum(found.values())} events, questions see {counted}")
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--calls", type=int, default=10_000)
    options.add_argument("--kills", type=int, default=2)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--per-second", type=float, default=400.0)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="journey-live-") as folder:
        found = run(Path(folder), chosen.calls, chosen.kills, chosen.seed, chosen.per_second)
    print(json.dumps({**found.__dict__, "calls_per_s": round(found.acknowledged / found.seconds)}))
    if found.lost or found.doubled or found.failed or found.stored != found.sent:
        sys.exit(1)


if __name__ == "__main__":
    main()
