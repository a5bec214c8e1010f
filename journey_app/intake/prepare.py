"""How will this upload be read, and what must be asked first?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pyarrow as pa

from journey_app.errors import BadFile
from journey_app.intake import cells, people
from journey_app.intake.clocks import Clocks, about_clocks, clocks_in, with_clock, without_parts
from journey_app.intake.columnar import parquet_table
from journey_app.intake.context import read_context
from journey_app.intake.contract import Answers
from journey_app.intake.counted import about_digits, plain_numbers
from journey_app.intake.delimited import delimited_table
from journey_app.intake.doctor import about_ids, about_numbers
from journey_app.intake.guess_steps import guess_steps
from journey_app.intake.limits import Limits
from journey_app.intake.lines import with_lines
from journey_app.intake.meaning import Meaning, match_of, meaning_of, to_confirm, unconfirmed
from journey_app.intake.plan import (
    Plan,
    mapped_columns,
)
from journey_app.intake.prepared import SHOWN_ROWS, Prepared
from journey_app.intake.preset import Match
from journey_app.intake.raw import Layout, RawTable, no_rows
from journey_app.intake.reading import (
    SAYS_DATE,
    check_answers,
    with_readings,
)
from journey_app.intake.records import json_tables, looks_like_json
from journey_app.intake.reshape import reshaped
from journey_app.intake.source import Member, unpack
from journey_app.intake.unused import (
    unused_answers,
    unused_ids,
    unused_in_report,
    unused_kind,
    unused_layout,
    unused_system,
)
from journey_app.intake.whole import about_whole_numbers, whole_numbers
from journey_app.intake.workbook import workbook_tables
from journey_app.vocabulary import Observation

SAMPLE_ROWS = 5000
MOST_ROUNDED = 0.2  # of a sample of ids; with more, the column tells customers apart no more
NO_LIMITS_SET = Limits()


def prepare(
    path: Path, name: str, answers: Answers, *, timezone: str = "UTC", limits: Limits = NO_LIMITS_SET
) -> tuple[Prepared, ...]:
    """Every table of an upload, recognised or guessed, ready to be read.

    path: where the bytes are. name: what the file was called; it is only shown. timezone: the
    workspace's zone. Raises BadFile, UnknownName for a mapped column that is not there, and
    BadChoice for a zone or an order nobody knows. Only of several tables may some be left out.
    """
    check_answers(answers, timezone)
    upload = unpack(path, name, limits)
    found: list[Prepared] = []
    refused: list[BadFile] = []
    left_out = list(upload.left_out)
    for member in upload.members:
        try:
            tables, skipped = _tables(member, limits, Layout.of(answers))
            left_out += skipped
            for raw in tables:
                try:
                    found.append(_prepared(path, raw, answers, timezone))
                except BadFile as bad:
                    refused.append(bad)
        except BadFile as bad:
            refused.append(bad)
    if not found:
        raise refused[0]
    found = _without_asides(found, left_out)
    left_out += [f"Left out: {bad.what}" for bad in refused]
    return (replace(found[0], _left_out=tuple(left_out)), *found[1:])


def read_as(table: Prepared, answers: Answers, *, timezone: str) -> Prepared:
    """The same table by other answers, without looking at the rest of its upload again.

    Raises what `prepare` raises about answers and about a table that cannot be read.
    """
    check_answers(answers, timezone)
    raw, layout = table._raw, Layout.of(answers)
    if raw.anew is not None and layout != Layout.of(table._answers):
        raw = raw.anew(layout)
    return replace(_prepared(table.path, raw, answers, timezone), _left_out=table._left_out)


def _without_asides(found: list[Prepared], left_out: list[str]) -> list[Prepared]:
    """Where some tables of an upload can be read, those that are no event logs are left out."""
    readable = [table for table in found if not table.missing]
    if not readable or len(readable) == len(found):
        return found
    left_out += [f"Left out: {table.problem.what}" for table in found if table.problem]
    return readable


def _tables(member: Member, limits: Limits, layout: Layout) -> tuple[tuple[RawTable, ...], tuple[str, ...]]:
    if member.kind == "workbook":
        return workbook_tables(member, limits, layout)
    if member.kind == "parquet":
        return (parquet_table(member, limits),), ()
    if looks_like_json(member):
        return json_tables(member, limits)
    return (delimited_table(member, limits, layout),), ()


def _prepared(path: Path, file: RawTable, answers: Answers, timezone: str) -> Prepared:
    match = match_of(file, answers)
    raw = reshaped(file, match.preset, Limits().columns) if match else file
    sample, rows, shown = _first_rows(raw)
    if match is not None and match.preset.context is not None:
        return _report(path, raw, shown, match, answers, timezone)
    clocks = Clocks() if match else _clocks(raw, sample)
    if clocks.pair is not None:
        raw = with_clock(raw, clocks.pair)
        sample, rows, shown = _first_rows(raw)
    personal = {place for place, name in enumerate(raw.header) if cells.is_personal(name, sample[place])}
    known = meaning_of(raw, match, sample, personal, answers, clocks)
    plan = _planned(known, raw, sample, answers, clocks)
    plan, question, about = with_readings(plan, raw, sample, rows, known.preset, answers, timezone)
    if known.key == "generic.events" and not plan.missing:
        plan, about_lines, seen_lines = with_lines(plan, raw, sample, answers)
        question, about = question or about_lines, (*about, *seen_lines)
    return Prepared(
        path=path,
        file=raw.label,
        recognised_as=known.key,
        title=known.title,
        system=plan.system,
        confidence=known.confidence,
        why=known.why,
        header=raw.header,
        sample=shown,
        mapping=known.mapping,
        missing=plan.missing,
        question=question,
        fingerprint=fingerprint(file.first_names or file.header),
        answered=_answered(answers, timezone),
        shape=known.shape,
        unconfirmed=unconfirmed(known, answers),
        first_names=file.first_names or file.header,
        numbers=plain_numbers(plan, sample),
        says_who_is_who=_says_who_is_who(known, raw, sample),
        _raw=file,
        _shaped=raw,
        _plan=plan,
        _answers=answers,
        _seen=(
            *raw.seen,
            *(Observation("reading", note) for note in (*raw.notes, *known.notes)),
            *known.doubts,
            *about,
            *_about_columns(plan, raw, sample, {*personal, *known.people}, clocks),
            *_unused(answers, known, plan, raw, sample, about),
        ),
    )


def _says_who_is_who(known: Meaning, raw: RawTable, sample: Sequence[pa.Array]) -> bool:
    """Whether a table that says nothing of when says which ids are one person."""
    if known.key != "generic.events" or "time" not in known.plan.missing or not known.plan.ids:
        return False
    columns = {"customer": known.plan.ids[0].columns[0]}
    return len(people.ids_of_people(raw.header, sample, columns, known.plan.ids[0].type)) >= people.FEWEST


def _planned(
    known: Meaning, raw: RawTable, sample: Sequence[pa.Array], answers: Answers, clocks: Clocks
) -> Plan:
    """The plan of a table as a person answered. Raises BadFile where its only id tells nobody apart."""
    plan = replace(known.plan, source=answers.source) if answers.source else known.plan
    if answers.system and known.preset is None:
        plan = replace(plan, system=answers.system)
    _refuse_rounded_ids(plan, raw, sample)
    plan = replace(plan, whole=whole_numbers(plan, sample))
    return plan if clocks.pair is None else without_parts(plan, raw.header, clocks.pair)


def _about_columns(
    plan: Plan, raw: RawTable, sample: Sequence[pa.Array], personal: Collection[int], clocks: Clocks
) -> Iterator[Observation]:
    """What the first cells show of ids, clocks and numbers, and which columns are not kept."""
    for place in (place for planned in plan.ids for place in planned.columns):
        yield from about_ids(raw.header[place], sample[place])
    yield from about_clocks(plan, raw.header, clocks)
    yield from about_whole_numbers(plan, raw, sample)
    yield from about_digits(plan, raw, sample)
    yield from _rounded_times(plan, raw, sample)
    yield from _not_kept(plan, raw, personal)


def _unused(
    answers: Answers,
    known: Meaning,
    plan: Plan,
    raw: RawTable,
    sample: Sequence[pa.Array],
    about: Sequence[Observation],
) -> Iterator[Observation]:
    """Every answer that changed nothing about this table."""
    yield from unused_layout(answers, raw.seen)
    yield from unused_kind(answers, known.key, known.title)
    if known.preset is not None:
        yield from unused_system(answers, known.title, plan.system)
    if known.preset is not None and not plain_numbers(plan, sample):
        yield from unused_ids(answers, known.title)
    yield from unused_answers(answers, plan, raw, sample, mapped_columns(answers.map, raw.header), about)


def _report(
    path: Path,
    raw: RawTable,
    shown: tuple[Mapping[str, str], ...],
    match: Match,
    answers: Answers,
    timezone: str,
) -> Prepared:
    """A report without people: no journeys, but spend and traffic to keep beside them."""
    preset = match.preset
    source = answers.source or preset.key
    context, question = read_context(raw, preset, answers, source)
    said_of_it = (context.what, context.do, *filter(None, [context.kept]), *raw.notes, *context.notes)
    return Prepared(
        path=path,
        file=raw.label,
        recognised_as=preset.key,
        title=preset.title,
        system=preset.system,
        confidence=match.confidence,
        why=match.why,
        header=raw.header,
        sample=shown,
        mapping={},
        missing=(),
        question=question,
        fingerprint=fingerprint(raw.first_names or raw.header),
        answered=_answered(answers, timezone),
        first_names=raw.first_names or raw.header,
        shape=preset.shape,
        unconfirmed=to_confirm(preset.key, preset.title, preset.asks, answers),
        context=context,
        _raw=raw,
        _shaped=raw,
        _plan=Plan(source=source, system=preset.system, rank=preset.rank),
        _answers=answers,
        _seen=(
            *raw.seen,
            *(Observation("report", said) for said in said_of_it),
            *unused_layout(answers, raw.seen),
            *unused_kind(answers, preset.key, preset.title),
            *unused_system(answers, preset.title, preset.system),
            *unused_ids(answers, preset.title),
            *unused_in_report(answers),
        ),
    )


def _refuse_rounded_ids(plan: Plan, raw: RawTable, sample: Sequence[pa.Array]) -> None:
    """An id column that a spreadsheet rounded tells nobody apart, so it is no id at all."""
    for rule in plan.ids if len(plan.ids) == 1 else ():
        for place in rule.columns if len(rule.columns) == 1 else ():
            if cells.share_matching(sample[place], cells.EXCEL_DAMAGE) > MOST_ROUNDED:
                example = next(c for c in sample[place].to_pylist() if c and cells.is_rounded(c))
                raise BadFile(
                    f"“{raw.header[place]}” of “{raw.label}” holds ids that a spreadsheet rounded, such as {example}:"
                    " many customers have become one.",
                    "Export it again and import that file without saving it in a spreadsheet, or choose another id.",
                )


def _rounded_times(plan: Plan, raw: RawTable, sample: Sequence[pa.Array]) -> Iterator[Observation]:
    """Why no column says when: the one that would holds rounded numbers."""
    if "time" in plan.missing:
        for place, name in enumerate(raw.header):
            if SAYS_DATE.search(name):
                yield from (
                    o for o in about_numbers(name, sample[place], None, False) if o.severity == "fault"
                )


def _clocks(raw: RawTable, sample: Sequence[pa.Array]) -> Clocks:
    """The days and clocks of a log nobody described; none of the pairs of a table with steps."""
    found = clocks_in(raw.header, sample)
    if found.pair is not None and guess_steps(raw.header, sample, (), {}) is not None:
        return Clocks()
    return found


def _first_rows(raw: RawTable) -> tuple[list[pa.Array], np.ndarray, tuple[Mapping[str, str], ...]]:
    """The first cells of each column, null where empty, their row numbers, and the first rows as they are."""
    first = next(raw.chunks(), None)
    if first is None or (not len(first.rows) and not first.faults):
        raise no_rows(raw.label)
    sample = [cells.present(column.slice(0, SAMPLE_ROWS)) for column in first.columns]
    shown = zip(*(column.slice(0, SHOWN_ROWS).to_pylist() for column in first.columns), strict=True)
    rows = first.rows[:SAMPLE_ROWS]
    return sample, rows, tuple(dict(zip(raw.header, row, strict=True)) for row in shown)


def fingerprint(header: Sequence[str]) -> str:
    """The same for every file with these column names, whatever their order and case."""
    names = sorted(cells.normal_name(name) for name in header)
    return blake2b("\n".join(names).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _answered(answers: Answers, timezone: str) -> tuple[tuple[str, str], ...]:
    told = {
        "timezone": answers.timezone,
        "dates": answers.dates,
        "source": answers.source,
        "system": answers.system,
        "ids": answers.ids,
        "header row": None if answers.header_row is None else str(answers.header_row),
        "delimiter": answers.delimiter,
        "decimal": answers.decimal,
        "epoch": answers.epoch,
        "drop duplicates": "yes" if answers.drop_duplicates else None,
        "midnight is a day": "yes" if answers.midnight_is_a_day else None,
        "one per": answers.one_per,
        "amount of": answers.amount_of,
    }
    options = {f"map {ours}": theirs for ours, theirs in answers.map.items()}
    options.update({name: value for name, value in told.items() if value is not None})
    return tuple(sorted({**options, "workspace zone": timezone}.items()))


def _not_kept(plan: Plan, raw: RawTable, personal: Collection[int]) -> tuple[Observation, ...]:
    """Which personal columns are not stored at all."""
    names = [raw.header[place] for place in sorted(set(personal) - plan.used)]
    if not names:
        return ()
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    says = f"Not stored, because they hold names, addresses or free text: {shown}."
    return (Observation("private", says, count=len(names)),)
