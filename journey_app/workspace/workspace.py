"""What is a workspace? One folder: decisions, uploads, batches, snapshots — and the way to each."""

from __future__ import annotations

import threading
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from journey_app.engine.batches import BatchFolder
from journey_app.engine.connection import Limits
from journey_app.engine.embedded import Snapshot, open_snapshot
from journey_app.errors import NothingYet
from journey_app.settings import Settings
from journey_app.store.documents import Document, Store
from journey_app.workspace.rebuilding import Ground, build

NO_EVENTS = NothingYet(
    "There are no events here yet.", "Drop an export on the Import page, or open the sample."
)


class Workspace:
    """One client's data and decisions, fully apart from every other's."""

    def __init__(self, folder: Path, store: Store, settings: Settings) -> None:
        self.folder = folder
        self.store = store
        self.settings = settings
        self.rebuilding = threading.Lock()

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def about(self) -> dict[str, Any]:
        """id, title, timezone, currency."""
        document = self.store.get("workspace", "about")
        assert document is not None, "a workspace is created with its description"
        return document.body

    @property
    def title(self) -> str:
        return str(self.about["title"])

    @property
    def timezone(self) -> str:
        return str(self.about["timezone"])

    @property
    def limits(self) -> Limits:
        s = self.settings
        return Limits(s.memory_limit_mb, s.spill_limit_mb, s.threads, s.query_limit_s)

    @cached_property
    def batch_files(self) -> BatchFolder:
        return BatchFolder(self.folder / "batches", self.limits)

    @property
    def snapshots(self) -> Path:
        return self.folder / "snapshots"

    @property
    def ground(self) -> Ground:
        """What this workspace's snapshots are built from."""
        return Ground(self.batch_files, self.snapshots, str(self.about["id"]), self.timezone, self.limits)

    @property
    def version(self) -> str | None:
        """The data version questions see now; None before the first import."""
        pointer = self.store.get("pointer", "snapshot")
        return str(pointer.body["version"]) if pointer and pointer.body["version"] else None

    def events(self) -> Snapshot:
        """The events at the current version. Raises NothingYet before the first import."""
        version = self.version
        if version is None:
            raise NO_EVENTS
        file = self.snapshots / f"{version}.duckdb"
        if not file.exists():
            with self.rebuilding:  # it is derived, so it may be lost
                build(self.ground, [batch.doc_id for batch in self.batches()])
        return open_snapshot(file, self.limits)

    def batches(self) -> list[Document]:
        """The imports that are in force, oldest first."""
        return sorted(self.store.list("batch"), key=lambda d: d.doc_id)

    def save(
        self, kind: str, doc_id: str, body: dict[str, Any], *, based_on: int, author: str, now: datetime
    ) -> Document:
        """Keep a decision; raises StaleEdit when somebody saved in between."""
        return self.store.put(kind, doc_id, body, based_on=based_on, author=author, now=now)
