"""Which exporter wrote this file, and what do its columns mean?

Everything known about an exporter is data: one TOML file in `presets/` each. A new exporter is a
new file there and a small export in `sample_data/exports/`. The shape of the file comes first, the
tool second: docs/decisions/021-shapes-and-what-rests-on-memory.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import cattrs

from journey_app.errors import BadChoice
from journey_app.intake.cells import normal_name
from journey_app.vocabulary import ALIAS, IDENTIFY, MERGE, SYSTEMS

FOLDER = Path(__file__).with_name("presets")
FIELDS = ("channel", "device", "user_agent", "amount", "currency", "text", "session", "account")
MEASURES = ("spend", "impressions", "clicks", "conversions", "sessions", "users", "views")
CONTEXT_KINDS = ("spend", "traffic")
Columns = tuple[str, ...]
# What a file is before anybody asks which tool wrote it, and what its rows become.
SHAPES = {
    "events": "one row is one event, and a column names it",
    "milestones": "one row is one thing, with a date for each step it took",
    "changes": "one row is one change of one field, from an old value to a new one",
    "record": "one row is one event, and the kind of file names it",
    "visits": "one row is a visit, ticket or conversation that holds a list of what happened",
    "lines": "several rows are one order or ticket",
    "people": "one row says which ids are one person",
    "report": "totals, with nobody's steps in them",
    "lookup": "a table that describes others and holds no steps of its own",
}
REFUSED_SHAPES = ("report", "lookup")
SOURCES = ("real file", "documentation", "code", "memory")
CONVERTER = cattrs.Converter(forbid_extra_keys=True)
NUMBER = "#"  # what the number of a record within its list is called, after the name of the list


@dataclass(frozen=True)
class Recognise:
    """Which headers belong to this exporter; names are compared by `normal_name`.

    all: every one is there. any: of each group at least one is. one_of: at least one group is there
    as a whole, and with `only` nothing else is. none: no one is. prefix: so many headers start like
    this. preamble: a line above the header matches this pattern (and then the header does not
    matter). path: the name of the file, with its folder in an archive, matches this pattern.
    """

    all: Columns = ()
    any: tuple[Columns, ...] = ()
    one_of: tuple[Columns, ...] = ()
    only: bool = False
    none: Columns = ()
    prefix: Mapping[str, int] = field(default_factory=dict)
    preamble: str | None = None
    path: str | None = None


@dataclass(frozen=True)
class Headerless:
    """A file of this exporter that has no row of names: what its columns are called, in order.

    cells: by column, a pattern that its cell in each of the first rows matches.
    """

    names: Columns
    cells: Mapping[str, str]


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
    nested: it happens in each record of the preset's list, not in the row around it.
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
    nested: bool = False


@dataclass(frozen=True)
class Drop:
    """Rows that are no event, with the reason a person reads.

    matches: the pattern of the cell. same_as: or, the cell is the same as in these columns.
    """

    columns: Columns
    reason: str
    matches: str = "."
    same_as: Columns = ()


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

    shape: one of SHAPES. rank: orders equal times of different sources, unique.
    facts: where each fact was seen, one of SOURCES in front. asks: what a person must look at before
    a first file of this kind is stored, since we know its meaning from memory only.
    how_to_get: at most three lines, how a person gets this export out of the tool.
    timezone: the clock of times without a zone; None = the account's, which we must be told.
    event_id: columns with the row's own id. record: columns with the id of a thing that passes
    several milestones. links: rows also say which ids are one person. link_reason: “identify”; “alias” or
    “merge” where the file is there to say so, which then joins two anonymous ids, too. first_of: only the first of
    neighbouring rows with the same value counts. leave_out: patterns of headers not kept as properties.
    property_prefix: what is cut off the names of those that are.
    spread: columns that hold an object or a list of keys and values, of which each key becomes a column.
    unnest: a column that holds a list of records, each of which becomes a row beside the row itself.
    path: a pattern for the name of the file; what its named groups catch becomes columns “path.group”.
    minor_units: amounts are in cents, or whatever the smallest unit of their currency is.
    context: what is kept of a report that is refused as journeys.
    """

    key: str
    title: str
    system: str
    shape: str
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
    spread: Columns = ()
    unnest: str = ""
    path: str | None = None
    minor_units: bool = False
    headerless: Headerless | None = None
    asks: str = ""
    refuse: Refusal | None = None
    context: ContextRule | None = None
    how_to_get: tuple[str, ...] = ()

    @property
    def known_from(self) -> tuple[str, ...]:
        """Where its facts come from, the surest first."""
        told = {fact.split(":")[0] for fact in self.facts}
        return tuple(source for source in SOURCES if source in told)


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
    try:
        preset = CONVERTER.structure(tomllib.loads(file.read_text("utf-8")), Preset)
        _check(preset)
    except (cattrs.BaseValidationError, tomllib.TOMLDecodeError, re.error, ValueError) as error:
        raise ValueError(f"{file.name}: {error!r}") from error
    return preset


def _check(preset: Preset) -> None:
    patterns = [preset.recognise.preamble, preset.recognise.path, preset.path]
    patterns += [d.matches for d in preset.drops]
    patterns += list(preset.headerless.cells.values()) if preset.headerless else []
    patterns += [p for e in preset.events for p in (e.pattern, e.skip, *(w.matches for w in e.when))]
    patterns += [p for i in preset.ids for p in (i.extract, i.skip)]
    for pattern in filter(None, patterns):
        re.compile(pattern)
    if preset.system not in SYSTEMS:
        raise ValueError(f"unknown system {preset.system}")
    if preset.link_reason not in (IDENTIFY, ALIAS, MERGE):
        raise ValueError(f"unknown link_reason {preset.link_reason}")
    if preset.shape not in SHAPES:
        raise ValueError(f"unknown shape {preset.shape}")
    if (preset.refuse is not None) != (preset.shape in REFUSED_SHAPES):
        raise ValueError("reports and lookups are refused, and nothing else is")
    if unknown := set(preset.fields) - set(FIELDS):
        raise ValueError(f"unknown fields {sorted(unknown)}")
    if not preset.facts or any(fact.split(":")[0] not in SOURCES for fact in preset.facts):
        raise ValueError(f"say where each fact was seen, beginning with one of {SOURCES}")
    if preset.known_from == ("memory",) and not preset.asks and preset.refuse is None:
        raise ValueError("all of it is from memory, so it must ask")
    if any(event.nested for event in preset.events) and not preset.unnest:
        raise ValueError("nested events need the list they are in")
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


def recognise(header: Sequence[str], preamble: Sequence[str] = (), path: str = "") -> Match | None:
    """The preset whose rules fit best, most named columns first; None when none fits."""
    fitting = [(marks, p) for p in presets() if (marks := marks_of(p.recognise, header, preamble, path))]
    if not fitting:
        return None
    marks, preset = max(fitting, key=lambda found: len(found[0]))
    shown = ", ".join(f"“{mark}”" for mark in marks[:4])
    return Match(preset, confidence(preset, header), f"It has what marks {preset.title}: {shown}.")


def confidence(preset: Preset, header: Sequence[str]) -> float:
    """0.9 and up by the share of its columns that are there; less where its meaning is from memory."""
    names = {normal_name(name) for name in header}
    wanted = _used_columns(preset)
    share = len(wanted & names) / len(wanted) if wanted else 1.0
    return round((0.6 if preset.asks else 0.9) + 0.1 * share, 2)


def preset_called(key: str) -> Preset:
    """The preset of this key. Raises BadChoice with the nearest ones."""
    known = {preset.key: preset for preset in presets()}
    if key not in known:
        near = get_close_matches(key, known, n=3) or sorted(known)[:8]
        raise BadChoice(f"No kind of export is called “{key}”.", f"Nearest are: {', '.join(near)}.")
    return known[key]


def names_without_header(rows: Sequence[Sequence[str]]) -> Columns | None:
    """The column names of a file that has none, where its first rows are an exporter's beyond doubt."""
    for preset in presets():
        known = preset.headerless
        if known is not None and rows and all(_fits(known, row) for row in rows):
            return known.names
    return None


def _fits(known: Headerless, row: Sequence[str]) -> bool:
    return len(row) == len(known.names) and all(
        re.search(pattern, row[known.names.index(name)]) for name, pattern in known.cells.items()
    )


def marks_of(
    rule: Recognise, header: Sequence[str], preamble: Sequence[str] = (), path: str = ""
) -> tuple[str, ...]:
    """The names or lines that prove the rule; empty when it does not fit."""
    if rule.preamble is not None:
        lines = [line for line in preamble if re.search(rule.preamble, line, re.IGNORECASE)]
        if lines:
            return (lines[0], *rule.all)
        if not rule.all and not rule.any and not rule.one_of:
            return ()
    if rule.path is not None and not re.search(rule.path, path, re.IGNORECASE):
        return ()
    names = [normal_name(name) for name in header]
    here = set(names)
    some = [next((n for n in group if normal_name(n) in here), None) for group in rule.any]
    whole = next((group for group in rule.one_of if _is_whole(group, here, rule.only)), None)
    starting = [sum(name.startswith(p) for name in names) >= least for p, least in rule.prefix.items()]
    fits = (
        all(normal_name(n) in here for n in rule.all)
        and all(n is not None for n in some)
        and (whole is not None or not rule.one_of)
        and not any(normal_name(n) in here for n in rule.none)
        and all(starting)
    )
    return (*rule.all, *(n for n in some if n), *(whole or ()), *rule.prefix) if fits else ()


def _is_whole(group: Columns, here: Set[str], only: bool) -> bool:
    names = {normal_name(name) for name in group}
    return names == here if only else names <= here


def _used_columns(preset: Preset) -> set[str]:
    """The columns that a whole export of this kind would have, alternatives counted once."""
    groups = [rule.columns for rule in preset.ids] + [e.at for e in preset.events if e.at]
    return {normal_name(group[0]) for group in groups if group}
