"""What does a report without people change of what is here, and may it?

Source: docs/decisions/018-spend-and-traffic-beside-the-funnel.md
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from journey_app.engine.batches import BatchFolder
from journey_app.engine.corrections import Replaced, foreign, replaced
from journey_app.errors import BadChoice
from journey_app.intake.prepared import Prepared
from journey_app.vocabulary import ImportReport, Observation
from journey_app.workspace.file_names import INSIDE
from journey_app.workspace.keeping import content_of

CORRECTED, HERE = "told before", "imported before"  # kinds of what is said about it
_MADE_OF = b"made of"  # in the metadata of a context file
ADDS_NOTHING = "This very file was imported before; nothing of it is new."


def same_report(
    folder: BatchFolder, table: Prepared, bodies: Mapping[str, dict[str, Any]], content: str
) -> dict[str, Any] | None:
    """The batch that holds these very bytes, under whatever file name, and tells the same by them.

    bodies: of the imports in force, by their batch. content: the SHA-256 of the file.
    """
    if table.context is None:
        return None
    rows = table.context.rows
    holds = (batch for batch, body in bodies.items() if body["identity"].startswith(f"{content}:"))
    return next((bodies[batch] for batch in holds if _tells(folder, batch, rows)), None)


def _tells(folder: BatchFolder, batch: str, rows: pa.Table) -> bool:
    file = folder.context_file(batch)
    return file.exists() and bool(pq.read_table(file).equals(rows))


def compared(folder: BatchFolder, batch: str, table: Prepared, before: Sequence[str]) -> Prepared:
    """Keep what a report says as this batch; returns it with a sentence about what it tells otherwise than before.

    Raises BadChoice where it would replace numbers in another currency, or count the same file twice.
    """
    assert table.context is not None
    rows = table.context.rows.replace_schema_metadata({_MADE_OF: _made_of(table)})
    folder.write_context(batch, rows)
    same_file = [earlier for earlier in before if _of_same_file(folder, earlier, _made_of(table))]
    if any(_tells(folder, earlier, rows) for earlier in same_file):
        return table.remarked(Observation(HERE, ADDS_NOTHING, "note", "imported before"))
    if same_file:
        raise BadChoice(
            f"“{table.file}” is here already, read otherwise: its numbers would count twice or be overwritten.",
            f"Take the import {same_file[0]} back first, then import it again as you want it read.",
        )
    _insist_on_one_currency(folder, batch, table, before)
    for about in _about(replaced(folder, batch, before)):
        table = table.remarked(about)
    return table


def _made_of(table: Prepared) -> str:
    """The SHA-256 of its file, and which sheet or member of it."""
    _name, inside, part = table.file.rpartition(INSIDE)
    return f"{content_of(table.path)} {part if inside else ''}"


def _of_same_file(folder: BatchFolder, batch: str, made_of: str) -> bool:
    file = folder.context_file(batch)
    noted = (pq.read_schema(file).metadata if file.exists() else None) or {}
    return bool(noted.get(_MADE_OF) == made_of.encode())


def known_again(report: ImportReport) -> bool:
    """Whether a report was played through that is here already, byte for byte."""
    return any(seen.kind == HERE for seen in report.checkup)


def what_changes(checkup: Sequence[Observation]) -> Iterator[str]:
    """What a report says of those before it, in sentences."""
    yield from (seen.says for seen in checkup if seen.kind in (CORRECTED, HERE))


def _insist_on_one_currency(folder: BatchFolder, batch: str, table: Prepared, before: Sequence[str]) -> None:
    found = foreign(folder, batch, before)
    if found is None:
        return
    spans = _spans(found.spans, found.single)
    raise BadChoice(
        f"“{table.file}” tells {spans} in {' and '.join(found.new)} that “{table.source}” holds in "
        f"{' and '.join(found.here)} already: its numbers would take the place of those, so nothing was stored.",
        "Where it is another account, name another source (--source NAME, or under “How it was read”) and both are "
        "kept. Where the currency was wrong, take the earlier import back first.",
    )


def _about(found: Replaced) -> Iterator[Observation]:
    """“2 days that were told before have other amounts: EUR 200.00 → 170.00; the newer import counts.”"""
    if not found.spans:
        return
    have = "has" if found.spans == 1 else "have"
    spans = (
        f"{_spans(found.spans, found.single)} that {'was' if found.spans == 1 else 'were'} told before {have}"
    )
    money = [
        f"{code or 'unknown currency'} {_amount(was)} → {_amount(now)}"
        for code, (was, now) in found.spend.items()
        if was != now
    ]
    counts = [
        f"{name} {_count(was)} → {_count(now)}" for name, (was, now) in found.counts.items() if was != now
    ]
    what = "other amounts" if money else "other numbers"
    sums = ", ".join([*money, *counts]) or "other rows, with the same sums"
    brief = f"{_spans(found.spans, found.single)} corrected"
    says = f"{spans} {what}: {sums}; the newer import counts."
    yield Observation(CORRECTED, says, "note", brief, found.spans)


def _spans(number: int, single: bool) -> str:
    noun = "day" if single else "period"
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _amount(sum_: float | None) -> str:
    return "none told" if sum_ is None else f"{sum_:,.2f}"


def _count(sum_: float | None) -> str:
    return "none told" if sum_ is None else f"{sum_:,.2f}".removesuffix(".00")
