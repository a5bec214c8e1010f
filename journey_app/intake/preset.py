"""Which exporter wrote this file, and what do its columns mean?

Everything known about an exporter is data: one TOML file in `presets/` each. A new exporter is a
new file there and a small export in `sample_data/exports/`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import cattrs

from journey_app.intake.cells import normal_name
from journey_app.vocabulary import ALIAS, IDENTIFY, MERGE, SYSTEMS

FOLDER = Path(__file__).with_name("presets")
FIELDS = ("channel", "device", "user_agent", "amount", "currency", "text", "session", "account")
MEASURES = ("spend", "impressions", "clicks", "conversions", "sessions", "users", "views")
CONTEXT_KINDS = ("spend", "traffic")
Columns = tuple[str, ...]


@dataclass(frozen=True)
class Recognise:
    """Which headers belong to this exporter; names are compared by `normal_name`.

    all: every one is there. any: of each group at least one is. none: no one is. prefix: so many
    headers start like this. preamble: a line above the header matches this pattern (and then the
    header does not matter).
    """

    all: Columns = ()
    any: tuple[Columns, ...] = ()
    none: Columns = ()
    prefix: Mapping[str, int] = field(default_factory=dict)
    preamble: str | None = None


@dataclass(frozen=True)
class IdRule:
    """A typed id: the first of `columns` that is filled. extract: the part of the cell in the first
    group of this pattern, the row has no such id where it does not match. skip: cells that are no id."""

    type: str
    columns: Columns
    extract: str | None = None
    skip: str | None = None


@dataclass(frozen=True)
class When:
    """A row counts only where the cell matches the pattern (case does not matter)."""

    columns: Columns
    matches: str


@dataclass(frozen=True)
class EventRule:
    """One kind of event that a row may hold.

    name: its name; "{}" stands for what `name_from` says or what `pattern` caught in the header.
    name_from: columns that hold the name, the first filled one wins. values: names for some cells,
    by lower-case cell; otherwise: the name for all other cells.
    at: columns that hold the time, the first one present is used. pattern: every column whose
    header matches is such a time; skip: but not these headers.
    amount: columns of this event's amount instead of the preset's; negate: money that goes back.
    """

    name: str = "{}"
    name_from: Columns = ()
    values: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    at: Columns = ()
    pattern: str | None = None
    skip: str | None = None
    when: tuple[When, ...] = ()
    amount: Columns | None = None
    negate: bool = False


@dataclass(frozen=True)
class Drop:
    """Rows that are no event, with the reason a person reads."""

    columns: Columns
    matches: str
    reason: str


@dataclass(frozen=True)
class Refusal:
    """Why a file of this exporter holds no journeys, and what to export instead."""

    what: str
    do: str


@dataclass(frozen=True)
class ContextRule:
    """What is kept of a report without people: spend and traffic per day, channel and campaign.

    kind: spend or traffic. measures: ours (MEASURES) = columns, the first one present is used; a currency
    in brackets behind a name, “Cost (EUR)”, is no part of the name. A row's days are told by `day`, else
    by `since` with `until`, else by the `week` or `month` that begins there, else by the lines above the
    header. channel_is: the channel where no column names one. medium: what such visits are usually tagged
    as (utm_medium), to find the customers they brought. repeats: columns that put one visit in several rows
    (pages), so that visits are not added up.
    """

    kind: str
    measures: Mapping[str, Columns]
    day: Columns = ()
    since: Columns = ()
    until: Columns = ()
    week: Columns = ()
    month: Columns = ()
    channel: Columns = ()
    channel_is: str | None = None
    medium: str | None = None
    campaign: Columns = ()
    currency: Columns = ()
    repeats: Columns = ()


@dataclass(frozen=True)
class Preset:
    """What is known about one kind of export.

    rank: orders equal times of different sources, unique. facts: where each fact was seen.
    how_to_get: at most three lines, how a person gets this export out of the tool.
    timezone: the clock of times without a zone; None = the account's, which we must be told.
    event_id: columns with the row's own id. record: columns with the id of a thing that passes
    several milestones. links: rows also say which ids are one person. link_reason: “identify”; “alias” or
    “merge” where the file is there to say so, which then joins two anonymous ids, too. first_of: only the first of
    neighbouring rows with the same value counts. leave_out: patterns of headers not kept as properties.
    property_prefix: what is cut off the names of those that are. context: what is kept of a report
    that is refused as journeys.
    """

    key: str
    title: str
    system: str
    rank: int
    facts: tuple[str, ...]
    recognise: Recognise
    timezone: str | None = None
    timezone_why: str = ""
    ids: tuple[IdRule, ...] = ()
    events: tuple[EventRule, ...] = ()
    event_id: Columns = ()
    record: Columns = ()
    fields: Mapping[str, Columns] = field(default_factory=dict)
    drops: tuple[Drop, ...] = ()
    links: bool = False
    link_reason: str = IDENTIFY
    first_of: Columns = ()
    leave_out: Columns = ()
    property_prefix: str = ""
    refuse: Refusal | None = None
    context: ContextRule | None = None
    how_to_get: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """A preset that fits a header. confidence: 0 to 1. why: one sentence."""

    preset: Preset
    confidence: float
    why: str


@cache
def presets() -> tuple[Preset, ...]:
    """Every preset, checked: a mistake in a preset is a bug and stops here."""
    found = tuple(load(file) for file in sorted(FOLDER.glob("*.toml")))
    for name in ("key", "rank"):
        values = [getattr(preset, name) for preset in found]
        if len(set(values)) != len(values):
            raise ValueError(f"two presets share a {name}")
    return found


def load(file: Path) -> Preset:
    """One preset from its TOML file. Raises ValueError naming the file where it makes no sense."""
    converter = cattrs.Converter(forbid_extra_keys=True)
    try:
        preset = converter.structure(tomllib.loads(file.read_text("utf-8")), Preset)
        _check(preset)
    except (cattrs.BaseValidationError, tomllib.TOMLDecodeError, re.error, ValueError) as error:
        raise ValueError(f"{file.name}: {error!r}") from error
    return preset


def _check(preset: Preset) -> None:
    patterns = [r.preamble for r in [preset.recognise]] + [d.matches for d in preset.drops]
    patterns += [p for e in preset.events for p in (e.pattern, e.skip, *(w.matches for w in e.when))]
    patterns += [p for i in preset.ids for p in (i.extract, i.skip)]
    for pattern in filter(None, patterns):
        re.compile(pattern)
    if preset.system not in SYSTEMS:
        raise ValueError(f"unknown system {preset.system}")
    if preset.link_reason not in (IDENTIFY, ALIAS, MERGE):
        raise ValueError(f"unknown link_reason {preset.link_reason}")
    if unknown := set(preset.fields) - set(FIELDS):
        raise ValueError(f"unknown fields {sorted(unknown)}")
    if not preset.facts:
        raise ValueError("say where the facts were seen")
    if len(preset.how_to_get) > 3:
        raise ValueError("how to get it, in three lines at most")
    if preset.context is not None:
        _check_context(preset.context, preset.refuse)
    if preset.refuse is None and not preset.ids:
        raise ValueError("no ids: nobody could be found in it")


def _check_context(rule: ContextRule, refuse: Refusal | None) -> None:
    if refuse is None:
        raise ValueError("what is kept as context must say why it holds no journeys")
    if rule.kind not in CONTEXT_KINDS:
        raise ValueError(f"context is one of {CONTEXT_KINDS}")
    if not rule.measures or (unknown := set(rule.measures) - set(MEASURES)):
        raise ValueError(
            f"context needs measures, and knows no {sorted(unknown) if rule.measures else 'other'}"
        )


def recognise(header: Sequence[str], preamble: Sequence[str] = ()) -> Match | None:
    """The preset whose rules fit best, most named columns first; None when none fits."""
    names = [normal_name(name) for name in header]
    fitting = [(marks, p) for p in presets() if (marks := _marks(p.recognise, names, preamble))]
    if not fitting:
        return None
    marks, preset = max(fitting, key=lambda found: len(found[0]))
    wanted = _used_columns(preset)
    share = len(wanted & set(names)) / len(wanted) if wanted else 1.0
    shown = ", ".join(f"“{mark}”" for mark in marks[:4])
    return Match(preset, round(0.9 + 0.1 * share, 2), f"It has what marks {preset.title}: {shown}.")


def _marks(rule: Recognise, names: Sequence[str], preamble: Sequence[str]) -> tuple[str, ...]:
    """The names or lines that prove the rule; empty when it does not fit."""
    if rule.preamble is not None:
        lines = [line for line in preamble if re.search(rule.preamble, line, re.IGNORECASE)]
        if lines:
            return (lines[0], *rule.all)
        if not rule.all and not rule.any:
            return ()
    here = set(names)
    one_of = [next((n for n in group if normal_name(n) in here), None) for group in rule.any]
    starting = [sum(name.startswith(p) for name in names) >= least for p, least in rule.prefix.items()]
    fits = (
        all(normal_name(n) in here for n in rule.all)
        and all(n is not None for n in one_of)
        and not any(normal_name(n) in here for n in rule.none)
        and all(starting)
    )
    return (*rule.all, *(n for n in one_of if n), *rule.prefix) if fits else ()


def _used_columns(preset: Preset) -> set[str]:
    """The columns that a whole export of this kind would have, alternatives counted once."""
    groups = [rule.columns for rule in preset.ids] + [e.at for e in preset.events if e.at]
    return {normal_name(group[0]) for group in groups if group}
