"""What was in a table that streamed by? Its rows, and what was left out and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from journey_app.engine.batches import Written
from journey_app.intake.prepare import Prepared
from journey_app.vocabulary import ImportReport, Reject

FIRST_REJECTED_ROWS = 10
FORGOTTEN = "of people who asked to be forgotten"  # their row numbers are not kept either


@dataclass
class Reading:
    """What is counted while a table streams by. rejects: reason → first row numbers."""

    rows: int = 0
    rejected: int = 0
    rejects: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def note(self, rejects: Sequence[tuple[int, str, str]]) -> None:
        for row, _column, reason in rejects:
            self.rejected += 1
            self.counts[reason] += 1
            if len(self.rejects[reason]) < FIRST_REJECTED_ROWS:
                self.rejects[reason].append(row)

    def report(
        self, table: Prepared, written: Written, batch: str | None, now: datetime | None = None
    ) -> ImportReport:
        """What became of `table`, once all of it was read.

        batch: None when it was only played through. now: after it, events lie in the future.
        """
        ahead = table.ahead_of(now) if now else ()
        return ImportReport(
            file=table.file,
            recognised_as=table.recognised_as,
            rows=self.rows,
            events=written.events,
            rejected=self.rejected + written.forgotten,
            already_there=written.already_there,
            batch=batch,
            rejects=self._most_frequent_first(written.forgotten),
            notes=(*table.notes, *(seen.says for seen in ahead)),
            kept=table.context.kept if table.context else "",
            checkup=(*table.checkup, *ahead),
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
        for chunk in chunks:
            reading.rows += chunk.rows
            reading.note(chunk.rejects)
            say(chunk.share_done)
            yield chunk.events, chunk.links
