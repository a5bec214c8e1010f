"""Is what a file says here already, as it is or read otherwise?

Source: docs/decisions/028-whose-numbers-are-these.md
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from journey_app.engine import overlaps
from journey_app.engine.batches import BatchFolder, Written
from journey_app.errors import BadChoice
from journey_app.intake.prepared import Prepared
from journey_app.workspace.file_names import INSIDE
from journey_app.workspace.keeping import content_of
from journey_app.workspace.workspace import Workspace

# Of new events: fewer are two clicks within a second.
FEWEST_TWINS, MOST_TWINS = 3, 0.05
# An export is cut within a day (its clock may make that two): who buys again on it is no twin by that alone.
# Nor is, on whatever days, who buys again beside as many rows that are known again: so the cells are the same.
CUT_DAYS, MOST_CUT_TWINS = 2, 0.5
# Other names are better evidence of other events than other cells are: fewer rows that agree may do so by chance.
FEWEST_RENAMED = 10
A_WEEK = timedelta(weeks=1)  # clocks are changed less often


@dataclass(frozen=True)
class Seen:
    """What the imports in force tell of a file that is to be read.

    same_file: the import that holds these very bytes, read otherwise; empty where none does. clocks: batch →
    the zone of its times that named none, of those where that is known.
    """

    same_file: str = ""
    clocks: Mapping[str, str] = field(default_factory=dict)


NOTHING_SEEN = Seen()


def identity_of(table: Prepared, content: str) -> str:
    """Same bytes, read the same way, have the same identity. content: the SHA-256 of the file."""
    reading = repr([table.file, table.recognised_as, sorted(table.mapping.items()), table.answered])
    return f"{content}:{hashlib.sha256(reading.encode()).hexdigest()[:16]}"


def same_as(
    table: Prepared, bodies: Sequence[dict[str, Any]], content: str | None = None
) -> dict[str, Any] | None:
    """The batch that holds these very bytes, read the same way.

    content: the SHA-256 of the file, where it is known already. None where some of its events had not
    happened yet: they may have by now.
    """
    identity = identity_of(table, content or content_of(table.path))
    return next((body for body in bodies if body["identity"] == identity and not body.get("ahead")), None)


def seen_of(
    space: Workspace,
    table: Prepared,
    imports: Sequence[tuple[str, dict[str, Any]]],
    content: str | None = None,
) -> Seen:
    """What is here of a file already. imports: those it is compared with, as id and body. content: as for `same_as`.

    Another sheet or member of the same file is not the same bytes, nor is one whose events had not all happened
    yet: more of them may have by now.
    """
    begins = f"{content or content_of(table.path)}:"
    named = space.batch_files.forgotten().named(table.file)
    same_file = next(
        (
            batch
            for batch, body in imports
            if body["identity"].startswith(begins)
            and not _are_parts_of_one(body["report"]["file"], named)
            and not body.get("ahead")
            and (body["report"]["events"] or body["report"]["already_there"])
        ),
        "",
    )
    return Seen(same_file, {batch: body["clock"] for batch, body in imports if body.get("clock")})


def _are_parts_of_one(one: str, other: str) -> bool:
    """Whether two names are of different sheets, members or lists; a part is known again by its own name."""
    (_, inside, part), (_, also_inside, other_part) = one.rpartition(INSIDE), other.rpartition(INSIDE)
    return bool(inside and also_inside) and part != other_part


def insist_on_news(
    folder: BatchFolder, batch: str, table: Prepared, before: Sequence[str], result: Written, seen: Seen
) -> None:
    """Raise BadChoice where what looks new is here already, read otherwise or with other columns.

    batch: what was written of the table. before: the batches it is compared with.
    """
    changed = (
        overlaps.orders_changed(folder, batch, seen.same_file) if seen.same_file and result.changed else 0
    )
    if seen.same_file and (result.events or changed):
        would = (
            f"{result.events:,} of its events would count twice"
            if result.events
            else f"{changed:,} of its orders would have another amount"
        )
        raise BadChoice(
            f"“{table.file}” is here already, read otherwise: {would}.",
            f"Take the import {seen.same_file} back first, then import it again as you want it read.",
        )
    if result.events:
        _insist_on_one_clock(folder, batch, table, result, seen)
        _insist_on_the_same_cells(folder, batch, table, before, result)


def _insist_on_one_clock(
    folder: BatchFolder, batch: str, table: Prepared, result: Written, seen: Seen
) -> None:
    """Raise BadChoice where events of its source are here as they would be on another clock."""
    if table.clock is None:
        return
    for clock in sorted({clock for clock in seen.clocks.values() if clock != table.clock}):
        others = [other for other, read_on in seen.clocks.items() if read_on == clock]
        shifts = _shifts(overlaps.span(folder, batch), clock, table.clock)
        twins = overlaps.twins(folder, batch, others, shifts)
        shifted = twins.timed_twins + twins.daily_twins
        if shifted >= FEWEST_TWINS and shifted > MOST_TWINS * result.events:
            raise BadChoice(
                f"{shifted:,} of the {result.events:,} new events of “{table.file}” are in “{table.source}” already, "
                f"with their times read as {clock}; as {table.clock} they would count twice.",
                f"Read it as {clock}, too (--timezone {clock}), or take the earlier imports back first and import them "
                f"again as {table.clock}.",
            )


def _shifts(span: tuple[datetime, datetime], one: str, other: str) -> list[timedelta]:
    """By how much times in this span differ on two clocks. span: UTC."""
    shifts = {_offset(at, other) - _offset(at, one) for at in _weeks(span)}
    return sorted(shifts - {timedelta()})


def _offset(at: datetime, zone: str) -> timedelta:
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset


def _weeks(span: tuple[datetime, datetime]) -> Iterator[datetime]:
    at, last = (each.replace(tzinfo=UTC) for each in span)
    while at < last:
        yield at
        at += A_WEEK
    yield last


def _insist_on_the_same_cells(
    folder: BatchFolder, batch: str, table: Prepared, before: Sequence[str], result: Written
) -> None:
    """Raise BadChoice where events of its source are here with the same customer and time, but other cells."""
    twins = overlaps.twins(folder, batch, before)
    _insist_on_the_same_names(table, twins)
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


def _insist_on_the_same_names(table: Prepared, twins: overlaps.Twins) -> None:
    """Raise BadChoice where what happened would be told by another column than before, of the same rows."""
    mostly = twins.renamed > MOST_CUT_TWINS * twins.unheard or (
        twins.covered >= FEWEST_RENAMED and twins.covered > MOST_CUT_TWINS * twins.there
    )
    if twins.renamed >= FEWEST_RENAMED and mostly:
        raise BadChoice(
            f"{twins.renamed:,} new events of “{table.file}” have the customer and time of events that are in "
            f"“{table.source}” already under other names: they would count twice.",
            "Where they are the same rows, say which column tells what happened as it did before (--map event=COLUMN, "
            "or --map event==NAME for all of them), or take the earlier import back first. Where they are other "
            "events, give their source another name (--source).",
        )
