"""How does a table become a batch, under the source that its events turn out to be of?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import pyarrow as pa

from journey_app.engine import overlaps
from journey_app.engine.batches import BatchFolder, Written
from journey_app.intake.prepared import Prepared
from journey_app.workspace.corrections import compared
from journey_app.workspace.orders import insist_on_one_reading
from journey_app.workspace.placing import joined
from journey_app.workspace.reading import Reading, streamed
from journey_app.workspace.seen_before import NOTHING_SEEN, Seen, insist_on_news

Stream = Iterator[tuple[pa.Table, pa.Table]]


def written(
    folder: BatchFolder,
    batch: str,
    table: Prepared,
    before: Sequence[str],
    say: Callable[[float], None],
    now: datetime | None,
    watched: Callable[[Stream], Stream] = lambda tables: tables,
    seen: Seen = NOTHING_SEEN,
) -> tuple[Prepared, Reading, Written]:
    """Write a table as a batch; returns it as it was kept, what was read, and what was written.

    A log whose events are here under another source is more of that: it is read once more, as such. What a
    report without people says is kept beside its batch, which holds no events.
    before: the batches it is compared with. watched: sees what streams by, from the start each time.
    seen: what the imports in force tell of its file.
    Raises what reading raises, and BadChoice where a person says that it is another source, or where events
    would count twice or money give way to another currency; no batch is left then.
    """
    try:
        reading, result = _read(folder, batch, table, before, say, now, watched)
        insist_on_one_reading(table, overlaps.read_otherwise(folder, batch, before))
        elsewhere = overlaps.elsewhere(folder, batch, before) if table.settled else []
        more = joined(table, result.events + result.already_there, elsewhere)
        if more is not None:
            folder.discard(batch)
            table = more
            reading, result = _read(folder, batch, table, before, say, now, watched)
        insist_on_news(folder, batch, table, before, result, seen)
        if table.context is not None:
            table = compared(folder, batch, table, before)
    except BaseException:
        folder.discard(batch)
        raise
    return table, reading, result


def _read(
    folder: BatchFolder,
    batch: str,
    table: Prepared,
    before: Sequence[str],
    say: Callable[[float], None],
    now: datetime | None,
    watched: Callable[[Stream], Stream],
) -> tuple[Reading, Written]:
    reading = Reading(now)
    return reading, folder.write(batch, watched(streamed(table, reading, say)), before)
