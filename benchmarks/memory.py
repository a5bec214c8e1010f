"""How much memory do this process and those that read for it hold? Linux only, for /proc."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from pathlib import Path


class Watch(threading.Thread):
    """The memory of this process and its descendants, by what they are."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most: dict[str, float] = defaultdict(float)
        self.together = 0.0
        self.stage = ""
        self.by_stage: dict[str, float] = defaultdict(float)
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.25):
            held = self._now()
            for what, megabytes in held.items():
                self.most[what] = max(self.most[what], megabytes)
            total = sum(held.values())
            self.together = max(self.together, total)
            self.by_stage[self.stage] = max(self.by_stage[self.stage], total)

    def _now(self) -> dict[str, float]:
        parents = {pid: parent for pid in _processes() if (parent := _parent(pid)) is not None}
        held = {"this process": _rss(os.getpid())}
        mothers = [pid for pid, parent in parents.items() if parent == os.getpid()]
        held["mother of readers"] = sum(map(_rss, mothers))
        held["reader"] = sum(_rss(pid) for pid, parent in parents.items() if parent in mothers)
        return held

    def lines(self) -> list[str]:
        """What each held at most, what all held together, and while which stage."""
        most = [f"{held:8.0f} MB at most: {what}" for what, held in self.most.items()]
        stages = [f"{held:8.0f} MB together while: {stage}" for stage, held in self.by_stage.items()]
        return [*most, f"{self.together:8.0f} MB at most: all together", *stages]


def _processes() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except (OSError, IndexError):  # it has just ended
        return None


def _rss(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except (OSError, IndexError):
        return 0.0
