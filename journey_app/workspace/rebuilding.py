"""How does a snapshot come from batches? Stitch, build beside the old one, let the caller switch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from journey_app.engine.batches import BatchFolder
from journey_app.engine.connection import Limits
from journey_app.engine.snapshot import Recipe, build_snapshot
from journey_app.identity.stitch import Stitching, stitch
from journey_app.plain import to_plain

SNAPSHOT_FORM = 1  # raise when snapshots are built differently: old ones are then built anew
KEPT_SNAPSHOTS = 2


@dataclass(frozen=True)
class Ground:
    """What snapshots are built from and where they go. workspace_id: no other workspace has it."""

    batches: BatchFolder
    snapshots: Path
    workspace_id: str
    timezone: str
    limits: Limits


def version_of(ground: Ground, batches: Sequence[str]) -> str:
    """Workspace id + hash of everything a snapshot is made from."""
    made_of = "\n".join([str(SNAPSHOT_FORM), ground.timezone, *batches])
    return f"{ground.workspace_id}-{hashlib.blake2b(made_of.encode(), digest_size=5).hexdigest()}"


def build(ground: Ground, batches: Sequence[str]) -> tuple[str, Stitching]:
    """Write the snapshot of these batches; nothing sees it until the pointer is switched."""
    version = version_of(ground, batches)
    stitched = stitch(ground.batches.id_sets(batches))
    recipe = Recipe(version, ground.timezone, tuple(batches), stitched.who, stitched.customers)
    build_snapshot(ground.batches, recipe, ground.snapshots, ground.limits)
    return version, stitched


def forget_old_snapshots(ground: Ground, current: str) -> None:
    """Keep the last two: a session still reading the older one finishes its question on it."""
    files = sorted(ground.snapshots.glob("*.duckdb"), key=lambda f: f.stat().st_mtime, reverse=True)
    others = [f for f in files if f.stem != current]
    for file in others[KEPT_SNAPSHOTS - 1 :]:
        file.unlink(missing_ok=True)


def stitching_notes(stitched: Stitching) -> dict[str, object]:
    """What was refused and why, for the report: counts by reason and the first examples."""
    by_reason: dict[str, list[str]] = {}
    for refusal in stitched.refused:
        by_reason.setdefault(refusal.reason, []).append(refusal.raw_id)
    return {
        "refused": {reason: len(ids) for reason, ids in by_reason.items()},
        "examples": [to_plain(refusal) for refusal in stitched.refused[:20]],
    }
