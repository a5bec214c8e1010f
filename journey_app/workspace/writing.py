"""How does a table become a batch, under the source that its events turn out to be of?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import pyarrow as pa

from journey_app.engine import overlaps
from journey_app.engine.batches import BatchFolder, Written
from journey_app.errors import BadChoice
from journey_app.intake.prepared import Prepared
from journey_app.workspace.orders import insist_on_one_reading
from journey_app.workspace.placing import joined
from journey_app.workspace.reading import Reading, streamed

# Of new events: fewer are two clicks within a second.
FEWEST_TWINS, MOST_TWINS = 3, 0.05
# An export is cut within a day (its clock may make that two): who buys again on it is no twin by that alone.
# Nor is, on whatever days, who buys again beside as many rows that are known again: so the cells are the same.
CUT_DAYS, MOST_CUT_TWINS = 2, 0.5
Stream = Iterator[tuple[pa.Table, pa.Table]]


def written(
    folder: BatchFolder,
    batch: str,
    table: Prepared,
    before: Sequence[str],
    say: Callable[[float], None],
    now: datetime | None,
    watched: Callable[[Stream], Stream] = lambda tables: tables,
    same_file: str = "",
) -> tuple[Prepared, Reading, Written]:
    """Write a table as a batch; returns it as it was kept, what was read, and what was written.

    A log whose events are here under another source is more of that: it is read once more, as such.
    before: the batches it is compared with. watched: sees what streams by, from the start each time.
    same_file: the import in force that holds these very bytes, read otherwise; empty where none does.
    Raises what reading raises, and BadChoice where a person says that it is another source, or where events
    would count twice; no batch is left then.
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
        _insist_on_news(folder, batch, table, before, result, same_file)
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


def _insist_on_news(
    folder: BatchFolder, batch: str, table: Prepared, before: Sequence[str], result: Written, same_file: str
) -> None:
    """Raise BadChoice where what looks new is here already, read otherwise or with other columns."""
    if same_file and (result.events or result.changed):
        would = (
            f"{result.events:,} of its events would count twice"
            if result.events
            else f"{result.changed:,} of its orders would have another amount"
        )
        raise BadChoice(
            f"“{table.file}” is here already, read otherwise: {would}.",
            f"Take the import {same_file} back first, then import it again as you want it read.",
        )
    if not result.events:
        return
    twins = overlaps.twins(folder, batch, before)
    cut = twins.days <= CUT_DAYS or twins.daily_twins <= result.already_there
    most = MOST_CUT_TWINS if cut else MOST_TWINS
    timed = twins.timed_twins > MOST_TWINS * twins.timed and twins.timed_twins >= FEWEST_TWINS
    daily = twins.daily_twins > most * twins.daily and twins.daily_twins >= FEWEST_TWINS
    if timed or daily:
        raise BadChoice(
            f"{twins.timed_twins + twins.daily_twins:,} of the {result.events:,} new events of “{table.file}” are "
            f"in “{table.source}” already, with the same customer, event and time but other cells: they would count "
            "twice.",
            "Where it is the same export with other columns, take the earlier import back first, then import this "
            "one. Where they are other events, give their source another name (--source).",
        )
