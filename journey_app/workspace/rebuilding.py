"""How does a snapshot come from batches? Stitch, build beside the old one, let the caller switch.

Where a few rows are new it grows from the one before, which makes the same: docs/decisions/022-incremental-snapshots.md
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from journey_app.engine.batches import BatchFolder
from journey_app.engine.connection import Limits
from journey_app.engine.durable import unlink_unless_in_use
from journey_app.engine.embedded import open_snapshot
from journey_app.engine.growing import CannotGrow, GrownWrong, Growth, Joined, grow_snapshot
from journey_app.engine.identities import REFUSED
from journey_app.engine.snapshot import BUILDING, Recipe, build_snapshot
from journey_app.engine.trial import customers_held, refused_held
from journey_app.errors import BadChoice
from journey_app.identity.stitch import REASONS, Refusal, Stitching, stitch
from journey_app.plain import to_plain
from journey_app.store.documents import Store
from journey_app.vocabulary import CleanUp, Shaping
from journey_app.workspace.leasing import Lease

LOG = logging.getLogger(__name__)
SNAPSHOT_FORM = 5  # raise when snapshots are built differently: old ones are then built anew
KEPT_SNAPSHOTS = 2
ABANDONED_S = 3600.0  # nobody builds one snapshot for so long without writing
MISSING = (
    "A file of these data disappeared while this went on, so nothing of it was kept.",
    "Let nothing else change the workspace's folder, then try again.",
)


@dataclass(frozen=True)
class Ground:
    """What snapshots are built from and where they go. workspace_id: no other workspace has it.

    shaping: what people decided about ids and events, which makes other snapshots of the same batches.
    """

    batches: BatchFolder
    snapshots: Path
    workspace_id: str
    timezone: str
    limits: Limits
    shaping: Shaping = field(default_factory=Shaping)


def version_of(ground: Ground, batches: Sequence[str]) -> str:
    """Workspace id + hash of everything a snapshot is made from."""
    shaped = [] if ground.shaping == Shaping() else [json.dumps(to_plain(ground.shaping), sort_keys=True)]
    made_of = "\n".join([str(SNAPSHOT_FORM), ground.timezone, *shaped, *batches])
    return f"{ground.workspace_id}-{hashlib.blake2b(made_of.encode(), digest_size=5).hexdigest()}"


@dataclass(frozen=True)
class Built:
    """A snapshot that lies ready. customers: how many it holds. notes: see `stitching_notes`."""

    version: str
    batches: tuple[str, ...]
    customers: int
    notes: dict[str, object]


def joined(ground: Ground, batches: Sequence[str]) -> Stitching:
    """Who is one customer in these batches, by what people have decided."""
    shaping = ground.shaping
    return stitch(ground.batches.id_sets(batches), shaping.cuts, shaping.matching)


@dataclass(frozen=True)
class Since:
    """What a snapshot may grow from. batches: those in force until now. replaced: old name → new name."""

    batches: Sequence[str]
    replaced: Mapping[str, str] = field(default_factory=dict)


def build(ground: Ground, batches: Sequence[str], since: Since | None = None) -> Built:
    """Write the snapshot of these batches; nothing sees it until the pointer is switched.

    since: where given, only what has changed since then is worked out, if that makes the same.
    """
    if since is not None and batches:
        try:
            return grow(ground, batches, since)
        except CannotGrow as why:
            LOG.info("built in full: %s", why)
        except GrownWrong:
            LOG.exception("growing made a mistake; built in full")
    version = version_of(ground, batches)
    id_sets = ground.batches.id_sets(batches)
    stitched = stitch(id_sets, ground.shaping.cuts, ground.shaping.matching)
    pa.default_memory_pool().release_unused()  # a million ids leave 200 MB that building can use
    clean_up = ground.shaping.clean_up
    recipe = Recipe(
        version,
        ground.timezone,
        tuple(batches),
        stitched.who,
        stitched.customers,
        _table_of(stitched.refused),
        clean_up,
        id_sets,
    )
    file = build_snapshot(ground.batches, recipe, ground.snapshots, ground.limits)
    customers = stitched.customers.num_rows
    if clean_up != CleanUp():
        customers = customers_held(open_snapshot(file, ground.limits))
    return Built(version, tuple(batches), customers, stitching_notes(stitched.refused))


def grow(ground: Ground, batches: Sequence[str], since: Since) -> Built:
    """The same from the snapshot before. Raises CannotGrow where only a full build makes it."""
    shaping = ground.shaping
    if shaping.clean_up != CleanUp():
        raise CannotGrow("something is left out or renamed")
    # Its name says that it was built in the same form, for the same zone and by the same decisions.
    older = ground.snapshots / f"{version_of(ground, since.batches)}.duckdb"
    growth = Growth(
        version_of(ground, batches),
        ground.timezone,
        tuple(since.batches),
        tuple(batches),
        since.replaced,
        [(cut.left, cut.right) for cut in shaping.cuts],
    )

    def rejoin(id_sets: pa.Table) -> Joined:
        stitched = stitch(id_sets, shaping.cuts, shaping.matching)
        return Joined(stitched.who, stitched.customers, _table_of(stitched.refused))

    file = grow_snapshot(ground.batches, growth, older, rejoin, ground.snapshots, ground.limits)
    snapshot = open_snapshot(file, ground.limits)
    refused = [Refusal(*row) for row in refused_held(snapshot)]
    in_order = sorted(refused, key=lambda each: REASONS.index(each.reason))
    return Built(growth.version, growth.batches, customers_held(snapshot), stitching_notes(in_order))


def _table_of(refused: Sequence[Refusal]) -> pa.Table:
    columns = {name: [getattr(each, name) for each in refused] for name in REFUSED.names}
    return pa.table(columns, schema=REFUSED)


@contextmanager
def switching(
    store: Store, lease: Lease, ground: Ground, built: Built, uploads: Sequence[Path] = ()
) -> Iterator[None]:
    """The transaction in which what was built begins to count: nobody else was at it, every file lies there.

    uploads: raw files that come with it. Raises BadChoice, and nothing has changed then.
    """
    with store.transaction():
        lease.insist()
        batches = ground.batches
        files = [file(b) for b in built.batches for file in (batches.events_file, batches.links_file)]
        if not all(file.is_file() for file in (*files, *uploads)):
            raise BadChoice(*MISSING)
        yield


def point_to(store: Store, built: Built, *, author: str, now: datetime) -> None:
    """Write down what the data are now; part of the transaction that changes the batches."""
    pointer = store.get("pointer", "snapshot")
    body = {"version": built.version if built.batches else None, "stitching": built.notes}
    based_on = pointer.version if pointer else 0
    store.put("pointer", "snapshot", body, based_on=based_on, author=author, now=now)


def forget_old_snapshots(ground: Ground, current: str) -> None:
    """Keep the last two: a session still reading the older one finishes its question on it.

    What is in use, on a system that then refuses to remove it, goes the next time.
    """
    files = sorted(ground.snapshots.glob("*.duckdb"), key=_changed_at, reverse=True)
    others = [f for f in files if f.stem != current]
    for file in others[KEPT_SNAPSHOTS - 1 :]:
        unlink_unless_in_use(file)
    for left in ground.snapshots.glob(f".*{BUILDING}*"):
        if time.time() - _changed_at(left) > ABANDONED_S:
            unlink_unless_in_use(left)


def _changed_at(file: Path) -> float:
    """When a file was written last; 0 when another process has just removed it."""
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def stitching_notes(refused: Sequence[Refusal]) -> dict[str, object]:
    """What was refused and why, for the report: counts by reason and the first examples."""
    by_reason: dict[str, list[str]] = {}
    for refusal in refused:
        by_reason.setdefault(refusal.reason, []).append(refusal.raw_id)
    return {
        "refused": {reason: len(ids) for reason, ids in by_reason.items()},
        "examples": [to_plain(refusal) for refusal in refused[:20]],
    }
