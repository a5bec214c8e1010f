"""What is a workspace? One folder: decisions, uploads, batches, snapshots — and the way to each."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from journey_app.engine.batches import BatchFolder
from journey_app.engine.connection import Limits
from journey_app.engine.embedded import Snapshot, open_snapshot
from journey_app.errors import NothingYet
from journey_app.settings import Settings
from journey_app.store.documents import Document, Store
from journey_app.store.trouble import StoreTrouble
from journey_app.workspace.leasing import LIVE_SUFFIX
from journey_app.workspace.rebuilding import Built, Ground, build, point_to, version_of
from journey_app.workspace.shaping import shaping_of
from journey_app.workspace.tombstones import forgotten_of

IMPORT = "import"  # the lease of whoever changes the data
LIVE = f"{IMPORT}{LIVE_SUFFIX}"  # held together with it while calls that arrived live are merged
# What happened, and what to do.
NO_EVENTS = ("There are no events here yet.", "Drop an export on the Import page, or open the sample.")
MOVED_ON = ("The data have changed since this was asked.", "Ask again, or load the page anew.")


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
        return BatchFolder(self.folder / "batches", self.limits, lambda: forgotten_of(self.store))

    @property
    def snapshots(self) -> Path:
        return self.folder / "snapshots"

    @property
    def ground(self) -> Ground:
        """What this workspace's snapshots are built from."""
        return Ground(
            self.batch_files,
            self.snapshots,
            str(self.about["id"]),
            self.timezone,
            self.limits,
            shaping_of(self.store),
        )

    @property
    def version(self) -> str | None:
        """The data version questions see now; None before the first import.

        It follows from the batches in force, so that it also changes when snapshots are built differently.
        """
        batches = self._in_force()
        return version_of(self.ground, batches) if batches else None

    def snapshot_file(self, version: str) -> Path:
        """Where the snapshot of a version is, or would be."""
        return self.snapshots / f"{version}.duckdb"

    def events(self) -> Snapshot:
        """The events at the current version. Raises NothingYet before the first import."""
        while True:
            batches = self._in_force()
            if not batches:
                raise NothingYet(*NO_EVENTS)
            try:
                return self._opened(batches)
            except Exception:
                if self._in_force() == batches:
                    raise  # otherwise an import or undo has just taken the ground away: look again

    def events_at(self, version: str) -> Snapshot:
        """The events at exactly this version: as long as its snapshot is there, or it is the current one.

        Raises NothingYet when the data have gone on and that version is not kept any more.
        """
        if version == self.version:
            held = self.events()
            if held.version == version:
                return held
        try:
            return open_snapshot(self.snapshot_file(Path(version).name), self.limits)
        except FileNotFoundError:
            raise NothingYet(*MOVED_ON) from None

    def _in_force(self) -> list[str]:
        return [batch.doc_id for batch in self.batches()]

    def _opened(self, batches: Sequence[str]) -> Snapshot:
        """The snapshot of these batches; it is derived, so it may be lost, or of an older form."""
        version = version_of(self.ground, batches)
        file = self.snapshot_file(version)
        if not file.exists():
            with self.rebuilding:
                built = build(self.ground, batches)
            self._note_rebuilt(built)
        return open_snapshot(file, self.limits)

    def _note_rebuilt(self, built: Built) -> None:
        """Let the pointer say what was built, unless somebody reads only or the batches have changed since.

        It takes nobody's turn: an import that is running writes its own in the transaction that counts.
        """
        if self.store.read_only:
            return
        try:
            with self.store.transaction():
                pointer = self.store.get("pointer", "snapshot")
                noted = pointer is not None and pointer.body["version"] == built.version
                if not noted and self._in_force() == list(built.batches):
                    point_to(self.store, built, author="app", now=datetime.now(UTC))
        except StoreTrouble:
            return  # nothing that is read depends on it

    def batches(self) -> list[Document]:
        """The imports that are in force, oldest first."""
        return sorted(self.store.list("batch"), key=lambda d: d.doc_id)

    def save(
        self, kind: str, doc_id: str, body: dict[str, Any], *, based_on: int, author: str, now: datetime
    ) -> Document:
        """Keep a decision; raises StaleEdit when somebody saved in between."""
        return self.store.put(kind, doc_id, body, based_on=based_on, author=author, now=now)
