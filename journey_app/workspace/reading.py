"""What was in a table that streamed by? Its rows, and what was left out and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from journey_app.engine.batches import Written
from journey_app.intake.contract import Chunk
from journey_app.intake.prepared import Prepared
from journey_app.vocabulary import ImportReport, Reject
from journey_app.workspace.orders import about_orders

FIRST_REJECTED_ROWS = 10
FORGOTTEN = "of people who asked to be forgotten"  # their row numbers are not kept either


AHEAD = "not yet: the date lies in the future"
# Clocks differ, and so do zones: what is dated tomorrow may have happened already.
LEEWAY_DAYS = 2


@dataclass
class Reading:
    """What is counted while a table streams by.

    now: what is dated later than tomorrow has not happened and is left out; None leaves nothing out.
    rejects: reason → first row numbers. ahead: events left out for their date.
    """

    now: datetime | None = None
    rows: int = 0
    rejected: int = 0
    ahead: int = 0
    rejects: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def note(self, rejects: Sequence[tuple[int, str, str]]) -> None:
        for row, _column, reason in rejects:
            self.rejected += 1
            self.counts[reason] += 1
            if len(self.rejects[reason]) < FIRST_REJECTED_ROWS:
                self.rejects[reason].append(row)

    def report(self, table: Prepared, written: Written, batch: str | None) -> ImportReport:
        """What became of `table`, once all of it was read. batch: None when it was only played through."""
        after = (*(table.ahead_of(self.now) if self.now else ()), *about_orders(written))
        return ImportReport(
            file=table.file,
            recognised_as=table.recognised_as,
            rows=self.rows,
            events=written.events,
            rejected=self.rejected + written.forgotten,
            already_there=written.already_there,
            batch=batch,
            rejects=self._most_frequent_first(written.forgotten),
            notes=(*table.notes, *(seen.says for seen in after)),
            title=table.title,
            kept=table.context.kept if table.context else "",
            checkup=(*table.checkup, *after),
        )

    def _most_frequent_first(self, forgotten: int) -> tuple[Reject, ...]:
        counts = {**self.counts, FORGOTTEN: forgotten} if forgotten else self.counts
        most_first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return tuple(Reject(reason, n, tuple(self.rejects.get(reason, ()))) for reason, n in most_first)


def streamed(
    table: Prepared, reading: Reading, say: Callable[[float], None]
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """The (events, links) of a table as it is read, counting rows and rejects into `reading`."""
    with closing(table.chunks()) as chunks:  # whoever stops half way ends the process that reads
        for whole in chunks:
            chunk, ahead = so_far(whole, reading.now)
            reading.ahead += ahead
            reading.rows += chunk.rows
            reading.note(chunk.rejects)
            say(chunk.share_done)
            yield chunk.events, chunk.links


def so_far(chunk: Chunk, now: datetime | None) -> tuple[Chunk, int]:
    """What of some rows has happened by `now`, and how many events have not.

    A plan is no event, and a date read month first instead of day first would close every window.
    Source: docs/decisions/011-until-when-the-data-speak.md
    """
    if now is None or not len(chunk.events):
        return chunk, 0
    day = (
        (now if now.tzinfo else now.replace(tzinfo=UTC))
        .astimezone(UTC)
        .replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    )
    late = pc.greater_equal(chunk.events["occurred_at"], pa.scalar(day + timedelta(days=LEEWAY_DAYS)))
    ahead = int(pc.sum(late).as_py() or 0)
    if not ahead:
        return chunk, 0
    events = chunk.events.filter(pc.invert(late))
    used = {*events["row"].to_pylist(), *chunk.links["row"].to_pylist()}
    lost = sorted({*chunk.events.filter(late)["row"].to_pylist()} - used)
    return replace(chunk, events=events, rejects=(*chunk.rejects, *((row, "", AHEAD) for row in lost))), ahead
