"""How do calls that arrive live become events: kept at once, merged soon, never twice?

A call is kept in the workspace's inbox before it is answered. A merge turns what waits there into the
live batch of its day, which grows: a new file and a new batch take the place of the old ones in one
transaction, and only then is the inbox emptied. Whatever is cut short before that is done again, and
what was there already is known by its id (docs/decisions/016-calls-that-arrive-live.md).
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pyarrow as pa

from journey_app.errors import BadChoice, JourneyError, NotAllowed
from journey_app.intake.calls import SOURCE, BadCall, Call, chunks_of
from journey_app.intake.contract import EVENTS, LINKS
from journey_app.plain import from_plain, to_plain
from journey_app.store.documents import Document
from journey_app.store.inbox import Inbox, Received, Waiting
from journey_app.vocabulary import ImportReport, Reject
from journey_app.workspace.importing import in_force_but, sweep
from journey_app.workspace.leasing import Lease, alone
from journey_app.workspace.reading import FIRST_REJECTED_ROWS, FORGOTTEN
from journey_app.workspace.rebuilding import Since, build, forget_old_snapshots, point_to, switching
from journey_app.workspace.workspace import IMPORT, LIVE, Workspace

AUTHOR = "live"
MOST_EVENTS_A_BATCH = 200_000  # rewriting a larger one would cost more than one batch more
PRUNED_FROM = 50  # replaced batches whose documents are swept together
POINTER_EVERY_S = 3600.0
LIVE_LEASE_S = 15.0  # a killed merge must not keep the next one waiting for long

SHORTEST_REST_S = 2.0
REST_PER_COST = 4.0  # at most a fifth of the time goes into merging …
# … unless events would otherwise appear later than promised: within 10 s, where merges are too slow
# for that within a minute. Always at least as much rest as work.
PROMISES_S = (9.0, 55.0)

READ_ONLY = ("This app is open for reading only.", "Send the calls to the one that takes them.")
_BOXES: dict[Path, Inbox] = {}
_LOCK = threading.Lock()


def inbox_of(space: Workspace) -> Inbox:
    """The inbox of a workspace, with one writer in this process."""
    path = space.folder / "inbox.sqlite"
    with _LOCK:
        return _BOXES.setdefault(path, Inbox(path))


def keep(space: Workspace, calls: Sequence[Call], bad: Sequence[BadCall], now: datetime) -> Future[int]:
    """Keep calls, and count those that could not be read; done once they survive a power cut.

    Raises NotAllowed on a read-only app, StoreTrouble when too many wait to be written.
    """
    if space.store.read_only:
        raise NotAllowed(*READ_ONLY)
    at = _text(now)
    received = [
        Received(call.message, at, json.dumps(call.row, ensure_ascii=True, separators=(",", ":")))
        for call in calls
    ]
    return inbox_of(space).submit(received, [(_reason(each), at) for each in bad])


def _text(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="microseconds")


def _reason(bad: BadCall) -> str:
    """What is wrong with a call, whichever of its batch it is."""
    return f"“{bad.field.rpartition('.')[2]}” {bad.reason}" if "." in bad.field else f"The call {bad.reason}"


def waiting(space: Workspace) -> Waiting:
    """What lies in the inbox and is not an event yet."""
    return inbox_of(space).waiting()


def rest_after(cost_s: float) -> float:
    """How long to wait after a merge that took so long, in seconds.

    A call that just missed a merge waits for the rest of it, for this, and for the next one.
    """
    for promised in PROMISES_S:
        left = promised - 2 * cost_s
        if left >= cost_s:
            return max(SHORTEST_REST_S, min(REST_PER_COST * cost_s, left))
    return cost_s


@dataclass(frozen=True)
class Merged:
    """What a merge did. calls: taken out of the inbox. events: new ones. seconds: what it cost."""

    calls: int
    events: int
    rejected: int
    version: str
    seconds: float


def merge(space: Workspace, *, now: datetime) -> Merged | None:
    """Turn what waits into events; None when nothing does.

    Raises BadChoice when an import is running: then the calls wait for the next merge.
    """
    started = monotonic()
    box = inbox_of(space)
    last = box.newest()
    if not last:
        return None
    with (
        alone(space.store, LIVE, now=now, seconds=LIVE_LEASE_S),
        alone(space.store, IMPORT, now=now, seconds=LIVE_LEASE_S, patient=False) as lease,
    ):
        sweep(space, lease)
        new: list[_Grown] = []
        try:
            for day in box.days(last):
                new.append(_grown(space, box, day, last, new))
            version = _switch(space, new, lease, now)
        except BaseException:
            for each in new:
                if each.batch not in {b.doc_id for b in space.batches()}:
                    space.batch_files.discard(each.batch)
            raise
        box.remove(last)
    cost = monotonic() - started
    calls, events, rejected = (sum(getattr(g, name) for g in new) for name in ("calls", "events", "rejected"))
    box.note_merge(_text(now), cost, "")
    return Merged(calls, events, rejected, version, cost)


@dataclass(frozen=True)
class _Grown:
    """A day's live batch with more in it. old: the document it takes the place of."""

    batch: str
    old: Document | None
    body: dict[str, Any]
    calls: int
    events: int
    rejected: int


def live_batches(space: Workspace) -> list[Document]:
    """The batches that calls became, oldest day first."""
    return [batch for batch in space.batches() if "live" in batch.body]


def _grown(space: Workspace, box: Inbox, day: str, upto: int, so_far: Sequence[_Grown]) -> _Grown:
    """The day's live batch with its waiting calls, written beside the one there is."""
    old = _growing(space, day)
    # After every import, in the order of days; one that grows keeps its place among those of its day.
    batch = f"live-{day}-{_full_batches(space, day):03d}-{secrets.token_hex(6)}"
    tally = _Tally()
    gone = {each.old.doc_id for each in so_far if each.old} | ({old.doc_id} if old else set())
    others = [
        b.doc_id for b in live_batches(space) if b.doc_id not in gone
    ]  # only these share a source with it
    before = [*others, *(each.batch for each in so_far)]
    tables = _tables(space, box, day, upto, old, tally)
    written = space.batch_files.write(batch, tables, before)
    had = from_plain(ImportReport, old.body["report"]) if old else None
    report = ImportReport(
        file=f"Live events of {_spoken(day)}",
        recognised_as=SOURCE,
        rows=tally.rows + (had.rows if had else 0),
        events=written.events,
        rejected=tally.rejected + written.forgotten + (had.rejected if had else 0),
        already_there=written.already_there + (had.already_there if had else 0),
        batch=batch,
        rejects=_together(had.rejects if had else (), (*tally.rejects, *_forgotten(written.forgotten))),
        notes=("Sent by a tracking library, one call at a time; each counts once, by its messageId.",),
    )
    body = {
        "report": to_plain(report),
        "upload": "",  # no file was uploaded
        "identity": f"live:{batch}",
        "title": "Segment · live calls",
        "system": "product",
        "source": SOURCE,
        "live": day,
    }
    grown_by = written.events - (had.events if had else 0)
    return _Grown(batch, old, body, tally.rows, grown_by, tally.rejected)


def _forgotten(rows: int) -> tuple[Reject, ...]:
    return (Reject(FORGOTTEN, rows, ()),) if rows else ()


def _spoken(day: str) -> str:
    found = date.fromisoformat(day)
    return f"{found.day} {found:%B %Y}"


def _growing(space: Workspace, day: str) -> Document | None:
    """The day's batch that may still grow."""
    small = [b for b in _of_day(space, day) if not _is_full(b)]
    return small[-1] if small else None


def _full_batches(space: Workspace, day: str) -> int:
    return sum(map(_is_full, _of_day(space, day)))


def _of_day(space: Workspace, day: str) -> list[Document]:
    return [batch for batch in live_batches(space) if batch.body["live"] == day]


def _is_full(batch: Document) -> bool:
    return int(batch.body["report"]["events"]) >= MOST_EVENTS_A_BATCH


class _Tally:
    """What was read: calls, and those that gave nothing, by reason."""

    def __init__(self) -> None:
        self.rows = self.rejected = 0
        self._why: dict[str, list[int]] = {}

    def note(self, rows: int, rejects: Sequence[tuple[int, str, str]]) -> None:
        self.rows += rows
        self.rejected += len(rejects)
        for row, _column, reason in rejects:
            self._why.setdefault(reason, []).append(row)

    @property
    def rejects(self) -> tuple[Reject, ...]:
        return tuple(
            Reject(why, len(rows), tuple(rows[:FIRST_REJECTED_ROWS])) for why, rows in self._why.items()
        )


def _together(old: Sequence[Reject], new: Sequence[Reject]) -> tuple[Reject, ...]:
    """Both by reason, most frequent first."""
    found: dict[str, Reject] = {}
    for each in (*old, *new):
        had = found.get(each.reason, Reject(each.reason, 0, ()))
        rows = (*had.first_rows, *each.first_rows)[:FIRST_REJECTED_ROWS]
        found[each.reason] = Reject(each.reason, had.rows + each.rows, rows)
    return tuple(sorted(found.values(), key=lambda reject: (-reject.rows, reject.reason)))


def _tables(
    space: Workspace, box: Inbox, day: str, upto: int, old: Document | None, tally: _Tally
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """What the batch held already, then what waits, as the engine writes it: never all of it in memory."""
    yield EVENTS.empty_table(), LINKS.empty_table()
    if old is not None:
        yield from space.batch_files.read(old.doc_id, EVENTS, LINKS)
    for part in box.of_day(day, upto):
        for chunk in chunks_of([(number, json.loads(body)) for number, body in part]):
            tally.note(chunk.rows, chunk.rejects)
            yield chunk.events, chunk.links


def _switch(space: Workspace, new: Sequence[_Grown], lease: Lease, now: datetime) -> str:
    """Build the next snapshot, then let the grown batches take the place of the old ones at once."""
    gone = {each.old.doc_id for each in new if each.old}
    batches = sorted([*in_force_but(space, gone), *(each.batch for each in new)])
    replaced = {each.old.doc_id: each.batch for each in new if each.old}
    ground = space.ground
    built = build(ground, batches, Since(in_force_but(space, ()), replaced))
    with switching(space.store, lease, ground, built):
        for each in new:
            space.store.put("batch", each.batch, each.body, based_on=0, author=AUTHOR, now=now)
            if each.old is not None:
                space.store.delete(
                    "batch", each.old.doc_id, based_on=each.old.version, author=AUTHOR, now=now
                )
        if _pointer_is_old(space, now):
            point_to(space.store, built, author=AUTHOR, now=now)
        space.store.prune("batch", "live-", author=AUTHOR, at_least=PRUNED_FROM)
    for each in new:
        if each.old is not None:
            space.batch_files.discard(each.old.doc_id)
    forget_old_snapshots(ground, built.version)
    return built.version


def _pointer_is_old(space: Workspace, now: datetime) -> bool:
    """The version follows from the batches; its record need not grow by a line every few seconds."""
    pointer = space.store.get("pointer", "snapshot")
    return pointer is None or (now - pointer.saved_at).total_seconds() > POINTER_EVERY_S


def merge_if_free(space: Workspace, *, now: datetime) -> Merged | None:
    """Merge, unless somebody imports just now: then the calls wait."""
    try:
        return merge(space, now=now)
    except BadChoice:
        return None


def note_trouble(space: Workspace, error: Exception, seconds: float, *, now: datetime) -> None:
    """Let people see why calls wait: a merge failed."""
    words = (
        str(error) if isinstance(error, JourneyError) else f"A fault of this program: {type(error).__name__}."
    )
    try:
        inbox_of(space).note_merge(_text(now), seconds, words)
    except (JourneyError, OSError):
        return  # the same disk; the log has it
