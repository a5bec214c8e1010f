"""How will this upload be read, and what must be asked first?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey_app.errors import BadFile, Question
from journey_app.intake import cells, doctor
from journey_app.intake.clocks import Clocks, about_clocks, clocks_in, with_clock, without_parts
from journey_app.intake.columnar import parquet_table
from journey_app.intake.context import Context, read_context
from journey_app.intake.contract import EVENTS, LINKS, Answers, Chunk
from journey_app.intake.delimited import delimited_table
from journey_app.intake.doctor import about_ids, about_numbers
from journey_app.intake.guess import guess, guess_steps
from journey_app.intake.limits import Limits
from journey_app.intake.normalise import Normaliser
from journey_app.intake.plan import (
    Plan,
    fixed_event,
    mapped_columns,
    plan_of_log,
    plan_of_preset,
    plan_of_steps,
)
from journey_app.intake.preset import Match, Preset, confidence, preset_called, recognise
from journey_app.intake.raw import Layout, RawTable, no_rows
from journey_app.intake.reading import (
    SAYS_DATE,
    check_answers,
    how_to_write,
    question_from,
    unread_time,
    with_readings,
)
from journey_app.intake.records import json_tables, looks_like_json
from journey_app.intake.reshape import reshaped
from journey_app.intake.source import Member, unpack
from journey_app.intake.unused import (
    unused_answers,
    unused_in_report,
    unused_kind,
    unused_layout,
    unused_system,
)
from journey_app.intake.watch import Watch
from journey_app.intake.whole import about_whole_numbers, whole_numbers, without_fractions
from journey_app.intake.workbook import workbook_tables
from journey_app.vocabulary import Observation

SAMPLE_ROWS = 5000
GENERIC = ("generic.events", "generic.milestones")
SHOWN_ROWS = 20
MOST_ROUNDED = 0.2  # of a sample of ids; with more, the column tells customers apart no more
NO_LIMITS_SET = Limits()
EXPORT_EVENTS = (
    "Export the events behind it instead: one row for each thing that happened, with who, what and when, "
    "such as page views, orders, payments or cancellations with their dates."
)
WHAT_IS_MISSING = {
    "customer": "who did it (an id or an e-mail address)",
    "event": "what happened",
    "time": "when it happened",
}


@dataclass(frozen=True)
class Prepared:
    """A table that was found, and how it will be read; nothing is stored by making one.

    file: label for display. recognised_as: preset key, generic.events or generic.milestones.
    shape: one of `preset.SHAPES`. confidence: 0 to 1.
    sample: first rows as they are. mapping: ours → theirs. missing: of customer, event and time,
    what no column was found for. question: what must be answered before it can be read.
    fingerprint: the same for every file with these column names, to remember answers.
    first_names: the column names as the file showed them before anybody said where they are.
    answered: what a person told us and the workspace's zone. unconfirmed: what a person must look at
    before it is stored; whoever shows the events first need not ask again. context: what is kept of
    a report that holds no journeys; such a table gives no events.
    """

    path: Path
    file: str
    recognised_as: str
    title: str
    system: str
    confidence: float
    why: str
    header: tuple[str, ...]
    sample: tuple[Mapping[str, str], ...]
    mapping: Mapping[str, str]
    missing: tuple[str, ...]
    question: Question | None
    fingerprint: str
    answered: tuple[tuple[str, str], ...]
    shape: str
    unconfirmed: Question | None
    _raw: RawTable = field(repr=False)
    _shaped: RawTable = field(repr=False)
    _plan: Plan = field(repr=False)
    _seen: tuple[Observation, ...] = field(repr=False)
    _answers: Answers = field(repr=False)
    first_names: tuple[str, ...] = ()
    _left_out: tuple[str, ...] = field(default=(), repr=False)
    _tally: Counter[str] = field(default_factory=Counter, repr=False, compare=False)
    context: Context | None = field(default=None, repr=False)
    _watched: list[Watch] = field(default_factory=list, repr=False, compare=False)

    @property
    def source(self) -> str:
        """What its events will name as their source."""
        return self._plan.source

    @property
    def unchanged(self) -> bool:
        """Whether its file is still the one that was looked at, as far as size and time of change tell."""
        return True

    @property
    def notes(self) -> tuple[str, ...]:
        """How it is read, in plain words; after `chunks()` also what could not be read."""
        as_usual = {("header", "fine")}
        return tuple(seen.says for seen in self.checkup if (seen.kind, seen.severity) not in as_usual)

    @property
    def checkup(self) -> tuple[Observation, ...]:
        """What there is to say of the file and its reading; after `chunks()` also what all of it shows."""
        return (
            *self._seen,
            *(Observation("left out", says, "note") for says in self._left_out),
            *doctor.counted(self._tally),
            *(seen for watch in self._watched for seen in watch.observations()),
        )

    def remarked(self, seen: Observation) -> Prepared:
        """The same table with one thing more to say of it, before all else."""
        return replace(self, _seen=(seen, *self._seen))

    def kept_as(self, source: str, system: str, says: Sequence[Observation]) -> Prepared:
        """The same table, its events under a source and system that were settled after it was found.

        says: about both, in the place of what was said of their kind before.
        """
        kinds = {seen.kind for seen in says}
        seen = (*(each for each in self._seen if each.kind not in kinds), *says)
        plan = replace(self._plan, source=source, system=system)
        return replace(self, system=system, _plan=plan, _seen=seen)

    def asked(self, question: Question) -> Prepared:
        """The same table with a question that arose while it was read."""
        return replace(self, question=question).remarked(doctor.about_question(question))

    def ahead_of(self, now: datetime) -> tuple[Observation, ...]:
        """After `chunks()`: what lies in the future. now: UTC."""
        return tuple(seen for watch in self._watched for seen in watch.ahead_of(now))

    @property
    def problem(self) -> BadFile | None:
        """Why it cannot be read yet, naming the option that helps; None when it can."""
        if not self.missing:
            return None
        what = " and ".join(WHAT_IS_MISSING[name] for name in self.missing)
        options = " ".join(f"--map {name}=COLUMN" for name in self.missing)
        have = ", ".join(self.header[:12]) + (" …" if len(self.header) > 12 else "")
        unread = unread_time(self.sample) if "time" in self.missing else None
        if unread is not None:
            column, cell = unread
            return BadFile(
                f"No column of “{self.file}” could be read as a time: “{column}” holds “{cell[:60]}”.",
                f"{how_to_write(cell)} If another column holds times, name it with {options}; "
                f"its columns are: {have}.",
            )
        if "time" in self.missing:
            return BadFile(
                f"No column of “{self.file}” holds a time: its rows say how things stand, not what happened when.",
                f"{EXPORT_EVENTS} If a column does hold times, name it with {options}; its columns are: {have}.",
            )
        return BadFile(
            f"No column of “{self.file}” says {what}.", f"Name it with {options}; its columns are: {have}."
        )

    @property
    def timeless(self) -> bool:
        """Whether no column was found that says when, nor one that tries to: its rows say how things stand."""
        return "time" in self.missing and unread_time(self.sample) is None

    def insist(self) -> None:
        """Raise what stands in the way of reading: a missing column, or the open question."""
        if self.problem is not None:
            raise self.problem
        if self.question is not None:
            raise self.question

    def chunks(self) -> Generator[Chunk, None, None]:
        """The whole table as events, links and rejects, some rows at a time."""
        self.insist()
        self._tally.clear()
        if self.context is not None:
            nothing = EVENTS.empty_table(), LINKS.empty_table()
            yield Chunk(*nothing, self.context.read, self.context.left_out, 1.0)
            return
        told = self._answers
        reader, watch = (
            Normaliser(self._plan, self.header),
            Watch(self._plan, self.header, told.drop_duplicates),
        )
        self._watched[:] = [watch]
        for found in self._shaped.chunks():
            raw = without_fractions(found, self._plan.whole)
            chunk = reader.chunk(raw)
            self._tally.clear()
            self._tally.update(reader.tally)
            watch.see(raw, chunk)
            against = watch.contradiction(raw, chunk, told.dates is not None)
            if against is not None:
                raise question_from(self._plan, self.header, *against)
            yield replace(chunk, events=_each_once(chunk.events)) if told.drop_duplicates else chunk
        watch.close()

    def rows_as_they_are(self, numbers: Collection[int]) -> Iterator[tuple[int, Mapping[str, str]]]:
        """These rows of the file, each cell as text; rows that fit no columns have none and are left out."""
        wanted = pa.array(sorted(numbers), pa.int64())
        for raw in self._shaped.chunks():
            places = pc.indices_nonzero(pc.is_in(pa.array(raw.rows), wanted))
            cut = (column.take(places).to_pylist() for column in raw.columns)
            for place, row in zip(places.to_pylist(), zip(*cut, strict=True), strict=True):
                yield int(raw.rows[place]), dict(zip(self.header, row, strict=True))

    def events_preview(self, limit: int = SHOWN_ROWS) -> pa.Table:
        """The first `limit` events, in the columns of the events contract."""
        found: list[pa.Table] = []
        for chunk in self.chunks():
            found.append(chunk.events)
            if sum(table.num_rows for table in found) >= limit:
                break
        return pa.concat_tables(found).slice(0, limit) if found else EVENTS.empty_table()


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


def _each_once(events: pa.Table) -> pa.Table:
    """Events whose content is their id, so that those exactly alike count once.

    The number is that of the first of its kind, so a later import without this finds it again.
    """
    number = events.schema.get_field_index("event_id")
    own = pc.coalesce(events["event_id"], pc.binary_join_element_wise(events["content_hash"], "#1", ""))
    return events.set_column(number, events.schema.field(number), own)


@dataclass(frozen=True)
class _Recognised:
    """What a table was taken for, and the columns that follow from it."""

    key: str
    title: str
    confidence: float
    why: str
    plan: Plan
    mapping: Mapping[str, str]
    preset: Preset | None
    shape: str
    notes: tuple[str, ...] = ()
    asks: str = ""


def _prepared(path: Path, file: RawTable, answers: Answers, timezone: str) -> Prepared:
    match = _match(file, answers)
    raw = reshaped(file, match.preset, Limits().columns) if match else file
    sample, rows, shown = _first_rows(raw)
    if match is not None and match.preset.context is not None:
        return _report(path, raw, shown, match, answers, timezone)
    clocks = Clocks() if match else _clocks(raw, sample)
    if clocks.pair is not None:
        raw = with_clock(raw, clocks.pair)
        sample, rows, shown = _first_rows(raw)
    personal = {place for place, name in enumerate(raw.header) if cells.is_personal(name, sample[place])}
    known = _recognised(raw, match, sample, personal, answers, clocks)
    plan = replace(known.plan, source=answers.source) if answers.source else known.plan
    if answers.system and known.preset is None:
        plan = replace(plan, system=answers.system)
    _refuse_rounded_ids(plan, raw, sample)
    plan = replace(plan, whole=whole_numbers(plan, sample))
    if clocks.pair is not None:
        plan = without_parts(plan, raw.header, clocks.pair)
    plan, question, about = with_readings(plan, raw, sample, rows, known.preset, answers, timezone)
    ids = (
        seen for i in plan.ids for place in i.columns for seen in about_ids(raw.header[place], sample[place])
    )
    notes = (*raw.notes, *known.notes)
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
        unconfirmed=_unconfirmed(known, answers),
        first_names=file.first_names or file.header,
        _raw=file,
        _shaped=raw,
        _plan=plan,
        _answers=answers,
        _seen=(
            *raw.seen,
            *(Observation("reading", note) for note in notes),
            *about,
            *ids,
            *about_clocks(plan, raw.header, clocks),
            *about_whole_numbers(plan, raw, sample),
            *_rounded_times(plan, raw, sample),
            *_not_kept(plan, raw, personal),
            *unused_layout(answers, raw.seen),
            *unused_kind(answers, known.key, known.title),
            *(unused_system(answers, known.title, plan.system) if known.preset else ()),
            *unused_answers(answers, plan, raw, sample, mapped_columns(answers.map, raw.header), about),
        ),
    )


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
        unconfirmed=_to_confirm(preset.key, preset.title, preset.asks, answers),
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


def _match(raw: RawTable, answers: Answers) -> Match | None:
    """The exporter that wrote a table, or the one a person says it was; None where nobody knows.

    Raises BadFile where its files hold no journeys, and BadChoice for a kind of export nobody knows.
    """
    found = recognise(raw.header, raw.preamble, raw.label)
    told = [key for key in answers.read_as if key not in GENERIC]
    asked = [preset_called(key) for key in told]
    if (found is None or found.preset not in asked) and len(answers.read_as) == 1:
        if not asked:
            return None
        found = Match(asked[0], confidence(asked[0], raw.header), "You said so.")
    if found is None or _is_another_log(found.preset, answers):
        return None
    if found.preset.refuse is not None and found.preset.context is None:
        raise BadFile(f"“{raw.label}”: {found.preset.refuse.what}", found.preset.refuse.do)
    return found


def _recognised(
    raw: RawTable,
    match: Match | None,
    sample: Sequence[pa.Array],
    personal: Collection[int],
    answers: Answers,
    clocks: Clocks,
) -> _Recognised:
    """What a known exporter's columns mean, or else a log with guessed columns."""
    mapped = mapped_columns(answers.map, raw.header)
    if match is None:
        if clocks.pair is not None:
            mapped = {"time": len(raw.header) - 1, **mapped}
        return _guessed(raw, sample, personal, answers, mapped)
    preset = match.preset
    plan = plan_of_preset(preset, raw.header, mapped, personal)
    return _Recognised(
        preset.key,
        preset.title,
        match.confidence,
        match.why,
        plan,
        plan.mapping(raw.header),
        preset,
        preset.shape,
        asks=preset.asks,
    )


def _unconfirmed(known: _Recognised, answers: Answers) -> Question | None:
    """What stays to be confirmed: a meaning from memory or a proposal, until a person names it."""
    return None if known.plan.missing else _to_confirm(known.key, known.title, known.asks, answers)


def _to_confirm(key: str, title: str, asks: str, answers: Answers) -> Question | None:
    if not asks or key in answers.read_as:
        return None
    return Question(
        f"We read this as “{title}”, but {asks}",
        f"Look at what is read first (--dry-run shows it), then confirm with --as {key}.",
        "--as",
        {key: title, "generic.events": "an event log; name its columns with --map"},
    )


def _is_another_log(preset: Preset, answers: Answers) -> bool:
    """Whether a person named an event or time where the preset has no single one: then their word counts."""
    renamed = {"event", "time"} & set(answers.map)
    single = len(preset.events) == 1 and preset.events[0].pattern is None
    return bool(renamed) and (not single or fixed_event(answers.map) is not None)


def _guessed(
    raw: RawTable,
    sample: Sequence[pa.Array],
    personal: Collection[int],
    answers: Answers,
    mapped: Mapping[str, int],
) -> _Recognised:
    steps = _proposed_steps(raw, sample, personal, answers, mapped)
    if steps is not None:
        return steps
    found = guess(raw.header, sample, personal, mapped, fixed_event(answers.map))
    plan = plan_of_log(raw.header, found.columns, found.customer_type, found.event_name, personal)
    core = [(ours, raw.header[place]) for ours, place in found.columns.items() if ours in WHAT_IS_MISSING]
    names = [f"“{name}” says the {ours}" for ours, name in core]
    why = f"No known export; by names and values, {', '.join(names) or 'no column fits'}."
    confidence = 0.0 if plan.missing else found.confidence
    mapping = {ours: raw.header[place] for ours, place in found.columns.items()}
    return _Recognised(
        "generic.events", "Event log", confidence, why, plan, mapping, None, "events", found.notes
    )


def _proposed_steps(
    raw: RawTable,
    sample: Sequence[pa.Array],
    personal: Collection[int],
    answers: Answers,
    mapped: Mapping[str, int],
) -> _Recognised | None:
    """A table with several dates per row, proposed as steps; None where it is a log or a person said so."""
    if answers.read_as == ("generic.events",) or {"event", "time"} & set(answers.map):
        return None
    found = None if "time" in mapped else guess_steps(raw.header, sample, personal, mapped)
    if found is None:
        return None
    plan = plan_of_steps(raw.header, found, personal)
    dates = ", ".join(f"“{raw.header[place]}”" for place in found.steps)
    one = raw.header[found.columns["customer"]] if "customer" in found.columns else None
    mapping = {ours: raw.header[place] for ours, place in found.columns.items()}
    return _Recognised(
        "generic.milestones",
        "Table with several dates per row",
        0.0 if plan.missing else 0.6,
        f"No known export; its rows hold several dates ({dates}), each of which may be a step.",
        plan,
        {**mapping, "time": raw.header[found.steps[0]]},
        None,
        "milestones",
        found.notes,
        asks=f"nobody said so: each of {dates} would be an event of the “{one}” in its row.",
    )


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
        "header row": None if answers.header_row is None else str(answers.header_row),
        "delimiter": answers.delimiter,
        "decimal": answers.decimal,
        "epoch": answers.epoch,
        "drop duplicates": "yes" if answers.drop_duplicates else None,
        "midnight is a day": "yes" if answers.midnight_is_a_day else None,
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
