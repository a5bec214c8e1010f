"""What is known about a table that was found, and what does it hold once it is read?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from journey_app.errors import BadFile, Question
from journey_app.intake import doctor
from journey_app.intake.context import Context
from journey_app.intake.contract import EVENTS, LINKS, Answers, Chunk
from journey_app.intake.normalise import Normaliser
from journey_app.intake.plan import USER_IDS as USER_IDS
from journey_app.intake.plan import Plan
from journey_app.intake.raw import RawTable
from journey_app.intake.reading import (
    how_to_write,
    question_from,
    unread_time,
)
from journey_app.intake.watch import Watch
from journey_app.intake.whole import without_fractions
from journey_app.vocabulary import Observation

SHOWN_ROWS = 20
WHOSE = "--ids"  # the option that says whose numbers the customers of a log have
EXPORT_EVENTS = (
    "Export the events behind it instead: one row for each thing that happened, with who, what and when, "
    "such as page views, orders, payments or cancellations with their dates."
)
WHO_IS_WHO = "To learn from it which ids are one person, read it as a list of people (--as generic.people)."
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
    a report that holds no journeys; such a table gives no events. settled: whether `kept_as` said what
    its events are kept as. numbers: the first few user ids that are plain numbers, as any list counts; none
    where there are hardly any. says_who_is_who: whether it holds no times, but several ids in a row.
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
    settled: bool = False
    numbers: tuple[str, ...] = ()
    says_who_is_who: bool = False
    _watched: list[Watch] = field(default_factory=list, repr=False, compare=False)

    @property
    def source(self) -> str:
        """What its events will name as their source."""
        return self._plan.source

    @property
    def id_type(self) -> str | None:
        """What its user ids are typed as; None where it holds none to begin with."""
        planned = next((one for one in self._plan.ids if one.type == USER_IDS), None)
        return (planned.own or planned.type) if planned else None

    @property
    def clock(self) -> str | None:
        """The zone of its times that name none; None where all do, as far as they were read, or without times."""
        kinds = {seen.kind for seen in self.checkup}
        if doctor.OWN_ZONE in kinds and not kinds & {"zone", "zones"}:
            return None
        reading = next((self._plan.readings[place] for place in self._plan.time_columns), None)
        return reading.zone.key if reading else None

    @property
    def customer_column(self) -> str:
        """The column of its customers; empty without one."""
        return self.mapping.get("customer", "")

    @property
    def user_id_column(self) -> str:
        """The column of its user ids; empty where it holds none."""
        places = (place for one in self._plan.ids if one.type == USER_IDS for place in one.columns)
        return next((self.header[place] for place in places), "")

    def told(self, answer: str) -> str | None:
        """What a person said to one question about it, as `answered` has it."""
        return dict(self.answered).get(answer)

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

    def kept_as(
        self,
        source: str,
        system: str,
        says: Sequence[Observation],
        *,
        ids: str | None = None,
        asks: Question | None = None,
    ) -> Prepared:
        """The same table, its events under a source and system that were settled after it was found.

        says: about them, in the place of what was said of their kind before. ids: what ids are typed as that
        are user ids as far as the file tells; None where that stays as it is. asks: what must be answered
        about all this, in the place of what was asked about it before.
        """
        about = {_about(seen) for seen in says}
        seen = (*(each for each in self._seen if _about(each) not in about), *says)
        plan = replace(self._plan, source=source, system=system)
        if ids is not None:
            own = "" if ids == USER_IDS else ids
            planned = (replace(one, own=own) if one.type == USER_IDS else one for one in plan.ids)
            plan = replace(plan, ids=tuple(planned))
        asked = self.question if self.question and self.question.option != WHOSE else None
        return replace(self, system=system, settled=True, question=asked or asks, _plan=plan, _seen=seen)

    def unasked(self) -> Prepared:
        """The same table as it reads while nobody has answered: to be shown, never to be stored."""
        return replace(self, question=None)

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
            links = f"{WHO_IS_WHO} " if self.says_who_is_who else ""
            return BadFile(
                f"No column of “{self.file}” holds a time: its rows say how things stand, not what happened when.",
                f"{links}{EXPORT_EVENTS} If a column does hold times, name it with {options}; its columns are: {have}.",
            )
        same = " (or --map event==NAME where every row is the same event)" if "event" in self.missing else ""
        return BadFile(
            f"No column of “{self.file}” says {what}.",
            f"Name it with {options}{same}; its columns are: {have}.",
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


def _about(seen: Observation) -> tuple[str, str]:
    """What an observation is about: its kind; among answers that were not used, which one."""
    return seen.kind, seen.brief if seen.kind == "unused" else ""


def _each_once(events: pa.Table) -> pa.Table:
    """Events whose content is their id, so that those exactly alike count once.

    The number is that of the first of its kind, so a later import without this finds it again.
    """
    number = events.schema.get_field_index("event_id")
    own = pc.coalesce(events["event_id"], pc.binary_join_element_wise(events["content_hash"], "#1", ""))
    return events.set_column(number, events.schema.field(number), own)
