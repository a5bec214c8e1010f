"""What kind of export is a table, and which of its columns mean what?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from journey_app.errors import BadFile, Question
from journey_app.intake import people
from journey_app.intake.clocks import Clocks
from journey_app.intake.contract import Answers
from journey_app.intake.doubts import doubts
from journey_app.intake.guess import guess
from journey_app.intake.guess_steps import guess_steps
from journey_app.intake.plan import (
    Plan,
    fixed_event,
    mapped_columns,
    plan_of_log,
    plan_of_preset,
    plan_of_steps,
)
from journey_app.intake.prepared import WHAT_IS_MISSING
from journey_app.intake.preset import Match, Preset, confidence, preset_called, recognise
from journey_app.intake.raw import RawTable
from journey_app.vocabulary import Observation

# What a table is when no export is known by it, and the system it counts for until somebody says.
GENERIC = {"generic.events": "product", "generic.milestones": "other", people.KEY: "other"}


@dataclass(frozen=True)
class Meaning:
    """What a table was taken for, and the columns that follow from it.

    people: columns that hold people's names, beside those that any table shows to be personal.
    doubts: columns taken by a name that may mean another thing.
    """

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
    people: tuple[int, ...] = ()
    doubts: tuple[Observation, ...] = ()


def match_of(raw: RawTable, answers: Answers) -> Match | None:
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


def meaning_of(
    raw: RawTable,
    match: Match | None,
    sample: Sequence[pa.Array],
    personal: Collection[int],
    answers: Answers,
    clocks: Clocks,
) -> Meaning:
    """What a known exporter's columns mean, or else a log with guessed columns."""
    mapped = mapped_columns(answers.map, raw.header)
    if match is None:
        if clocks.pair is not None:
            mapped = {"time": len(raw.header) - 1, **mapped}
        return _guessed(raw, sample, personal, answers, mapped)
    preset = match.preset
    plan = plan_of_preset(preset, raw.header, mapped, personal)
    return Meaning(
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


def unconfirmed(known: Meaning, answers: Answers) -> Question | None:
    """What stays to be confirmed: a meaning from memory or a proposal, until a person names it."""
    return None if known.plan.missing else to_confirm(known.key, known.title, known.asks, answers)


def to_confirm(key: str, title: str, asks: str, answers: Answers) -> Question | None:
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
) -> Meaning:
    if answers.read_as == (people.KEY,):
        return _list_of_people(raw, sample, personal, mapped)
    steps = _proposed_steps(raw, sample, personal, answers, mapped)
    if steps is not None:
        return steps
    found = guess(raw.header, sample, personal, mapped, fixed_event(answers.map))
    plan = plan_of_log(
        raw.header, found.columns, found.customer_type, found.event_name, {*personal, *found.people}
    )
    core = [(ours, raw.header[place]) for ours, place in found.columns.items() if ours in WHAT_IS_MISSING]
    names = [f"“{name}” says the {ours}" for ours, name in core]
    why = f"No known export; by names and values, {', '.join(names) or 'no column fits'}."
    confidence = 0.0 if plan.missing else found.confidence
    mapping = {ours: raw.header[place] for ours, place in found.columns.items()}
    return Meaning(
        "generic.events",
        "Event log",
        confidence,
        why,
        plan,
        mapping,
        None,
        "events",
        found.notes,
        people=found.people,
        doubts=tuple(doubts(raw.header, sample, found.columns, mapped)),
    )


def _list_of_people(
    raw: RawTable, sample: Sequence[pa.Array], personal: Collection[int], mapped: Mapping[str, int]
) -> Meaning:
    """What a person said is a list of who is who."""
    found = guess(raw.header, sample, personal, mapped)
    ids = people.ids_of_people(raw.header, sample, found.columns, found.customer_type)
    plan = people.plan_of_people(ids)
    names = ", ".join(f"“{raw.header[one.columns[0]]}”" for one in ids)
    why = f"You said so: {names} of one row are one person."
    return Meaning(people.KEY, people.TITLE, 1.0, why, plan, plan.mapping(raw.header), None, "people")


def _proposed_steps(
    raw: RawTable,
    sample: Sequence[pa.Array],
    personal: Collection[int],
    answers: Answers,
    mapped: Mapping[str, int],
) -> Meaning | None:
    """A table with several dates per row, proposed as steps; None where it is a log or a person said so."""
    if answers.read_as == ("generic.events",) or {"event", "time"} & set(answers.map):
        return None
    found = None if "time" in mapped else guess_steps(raw.header, sample, personal, mapped)
    if found is None:
        return None
    plan = plan_of_steps(raw.header, found, {*personal, *found.people})
    dates = ", ".join(f"“{raw.header[place]}”" for place in found.steps)
    one = raw.header[found.columns["customer"]] if "customer" in found.columns else None
    mapping = {ours: raw.header[place] for ours, place in found.columns.items()}
    return Meaning(
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
        people=found.people,
    )
