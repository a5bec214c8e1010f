"""What can be shown of a forgetting afterwards, that names nobody?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from journey_app.workspace.theirs import NEVER_REACHED, Person
from journey_app.workspace.workspace import Workspace

NOT_LOOKED_FOR = "short ids in texts; names nobody gave or spelled otherwise; numbers without their country"


@dataclass(frozen=True)
class Receipt:
    """Counts of what went. ids, decisions: by kind. not_reached: what a person must still see to."""

    workspace: str
    at: datetime
    ids: Mapping[str, int]
    events: int
    links: int
    stripped: int
    said: int
    waiting: int
    notes: int
    raw_files: int
    decisions: Mapping[str, int]
    not_reached: tuple[str, ...]


def receipt(space: Workspace, gone: Person, *, at: datetime) -> Receipt:
    """What to keep of a forgetting that is done. at: when, UTC."""
    named = space.batch_files.forgotten().named  # a backup may be called after them
    return Receipt(
        workspace=str(named(space.title)),
        at=at,
        ids=dict(sorted(Counter(raw.partition(":")[0] for raw in gone.raw_ids).items())),
        events=gone.events,
        links=gone.links,
        stripped=gone.stripped,
        said=gone.said,
        waiting=gone.waiting,
        notes=len(gone.notes),
        raw_files=len(gone.uploads),
        decisions=dict(sorted(Counter(each.kind for each in gone.decisions).items())),
        not_reached=tuple(map(str, map(named, (*gone.elsewhere, NEVER_REACHED, NOT_LOOKED_FOR)))),
    )


def as_lines(made: Receipt) -> list[str]:
    """The same to be printed."""
    by_kind = ", ".join(f"{number} × {kind}" for kind, number in made.ids.items())
    decided = ", ".join(f"{number} × {kind.replace('_', ' ')}" for kind, number in made.decisions.items())
    return [
        "One customer was forgotten",
        f"Workspace: {made.workspace}",
        f"When: {made.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        "",
        f"Ids: {by_kind}",
        f"Events removed: {made.events:,}",
        f"Rows that said which ids are theirs, removed: {made.links:,}",
        f"Calls that were no events yet, removed: {made.waiting:,}",
        f"Rows of others that lost a shared id: {made.stripped:,}",
        f"Rows of others whose texts named them, cleaned: {made.said:,}",
        f"Raw files removed whole: {made.raw_files:,}",
        f"Saved texts they were taken out of: {decided or 'none'}",
        f"Sources that remembered a file named after them: {made.notes:,}",
        "",
        "Whoever asked is kept out by keyed hashes when the same export comes again.",
        "Not reached:",
        *(f"  {each}" for each in made.not_reached),
    ]
