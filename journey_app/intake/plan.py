"""Given a header and a preset (or a guess), which column becomes what?"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from journey_app.errors import BadChoice, UnknownName
from journey_app.intake.cells import normal_name
from journey_app.intake.guess_steps import Steps
from journey_app.intake.preset import FIELDS, NUMBER, EventRule, Preset
from journey_app.intake.times import Reading
from journey_app.vocabulary import IDENTIFY
from journey_app.vocabulary import OURS as OURS

USER_IDS = "user_id"  # the type of ids that count for the same person wherever they stand
ID_TYPES = {"anonymous_id": "anonymous_id", "email": "email"}
NAMES_A_THING = ("session", "account")  # fields that hold an id
USER_AGENT = re.compile(r"user.?agent", re.IGNORECASE)
Columns = tuple[int, ...]


@dataclass(frozen=True)
class PlannedId:
    """A typed id and the columns that may hold it, first filled one first.

    own: what its ids are typed as instead, where they count apart from all others of that type.
    """

    type: str
    columns: Columns
    extract: str | None = None
    skip: str | None = None
    own: str = ""


@dataclass(frozen=True)
class PlannedEvent:
    """One kind of event a row may hold: its name (or the columns that hold it) and its time column."""

    name: str
    at: int
    name_columns: Columns = ()
    values: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    when: tuple[tuple[Columns, str], ...] = ()
    amount: Columns = ()
    negate: bool = False


@dataclass(frozen=True)
class PlannedDrop:
    """Rows that are no event: the cell matches, and is the same as in `same_as` where that is given."""

    columns: Columns
    matches: str
    reason: str
    same_as: Columns = ()


@dataclass(frozen=True)
class Plan:
    """Which columns become which fields of an event, by their place in the header.

    properties: (name, column) of everything else that is kept, in name order.
    readings: how to read each time column. marks: the decimal mark of each column of amounts.
    minor_units: amounts are in cents. newest_first: the file runs backwards, so equal times are put
    the other way round. whole: columns of ids whose whole numbers are written with “.0”.
    missing: of customer, event and time, what no column was found for. hashed_as: the source and system
    that ids of events are made with, where others than those they are kept as: a log nobody described may
    be called something else later, and is the same log.
    """

    source: str
    system: str
    rank: int
    ids: tuple[PlannedId, ...] = ()
    events: tuple[PlannedEvent, ...] = ()
    event_id: Columns = ()
    record: Columns = ()
    fields: Mapping[str, Columns] = field(default_factory=dict)
    drops: tuple[PlannedDrop, ...] = ()
    links: bool = False
    link_reason: str = IDENTIFY
    first_of: Columns = ()
    properties: tuple[tuple[str, int], ...] = ()
    readings: Mapping[int, Reading] = field(default_factory=dict)
    marks: Mapping[int, str] = field(default_factory=dict)
    minor_units: bool = False
    newest_first: bool = False
    whole: Columns = ()
    missing: tuple[str, ...] = ()
    hashed_as: tuple[str, str] | None = None
    one_per: Columns = ()
    adds_up: bool = True
    at_once: bool = True
    of_lines: Columns = ()

    @property
    def used(self) -> set[int]:
        """Every column that became something other than a property."""
        return _used(self.ids, self.events, self.fields) | {*self.event_id, *self.record}

    @property
    def id_columns(self) -> Columns:
        """Every column whose cells name a customer, an event or another thing."""
        named = (place for name in NAMES_A_THING for place in self.fields.get(name, ()))
        ids = (place for planned in self.ids for place in planned.columns)
        return tuple(dict.fromkeys((*ids, *self.event_id, *self.record, *named)))

    @property
    def time_columns(self) -> Columns:
        return tuple(dict.fromkeys(event.at for event in self.events))

    @property
    def amount_columns(self) -> Columns:
        return tuple(dict.fromkeys(c for event in self.events for c in event.amount))

    def mapping(self, header: Sequence[str]) -> dict[str, str]:
        """Ours → theirs, the first column of each."""
        named = [e for e in self.events if e.name_columns]
        found: dict[str, Columns] = {
            "customer": self.ids[0].columns if self.ids else (),
            "event": named[0].name_columns if named else (),
            "time": self.time_columns,
            **{i.type: i.columns for i in self.ids[1:] if i.type in ID_TYPES},
            **{name: places for name, places in self.fields.items() if name != "user_agent"},
            "amount": self.amount_columns or self.fields.get("amount", ()),
        }
        return {ours: header[columns[0]] for ours, columns in found.items() if columns}


def mapped_columns(answers: Mapping[str, str], header: Sequence[str]) -> dict[str, int]:
    """What a person mapped, ours → place in the header. Raises UnknownName and BadChoice."""
    places: dict[str, int] = {}
    by_name = {normal_name(name): place for place, name in reversed(list(enumerate(header)))}
    for ours, theirs in answers.items():
        if ours not in OURS:
            raise BadChoice(f"--map knows no “{ours}”.", f"Use one of: {', '.join(OURS)}.")
        if ours == "event" and theirs.startswith("="):
            continue
        if normal_name(theirs) not in by_name:
            raise UnknownName("column", theirs, header)
        places[ours] = header.index(theirs) if theirs in header else by_name[normal_name(theirs)]
    return places


def fixed_event(answers: Mapping[str, str]) -> str | None:
    """The event name in “--map event==Purchase”: every row is this event."""
    name = answers.get("event", "")
    return name[1:].strip() or None if name.startswith("=") else None


def plan_of_preset(
    preset: Preset, header: Sequence[str], mapped: Mapping[str, int], personal: Collection[int]
) -> Plan:
    """The columns of a recognised export; `mapped` columns win. personal: columns never kept as they are."""
    finder = _Finder(header)
    ids = tuple(_mapped_ids(mapped)) + tuple(
        PlannedId(rule.type, found, rule.extract, rule.skip)
        for rule in preset.ids
        if (found := finder.all_of(rule.columns)) and rule.type not in _mapped_types(mapped)
    )
    fields = {name: found for name in FIELDS if (found := finder.all_of(preset.fields.get(name, ())))}
    fields.update({name: (mapped[name],) for name in FIELDS if name in mapped})
    number = finder.all_of([f"{preset.unnest}.{NUMBER}"]) if preset.unnest else ()
    events = tuple(
        planned
        for rule in preset.events
        for planned in _planned(rule, finder, header, fields, mapped, number)
    )
    own = (*finder.all_of(preset.event_id), *finder.all_of(preset.record))
    used = _used(ids, events, fields) | set(own)
    missing = () if ids else ("customer",)
    return Plan(
        source=preset.key,
        system=preset.system,
        rank=preset.rank,
        ids=ids,
        events=events,
        event_id=finder.all_of(preset.event_id),
        record=finder.all_of(preset.record)[:1],
        fields=fields,
        drops=tuple(_drops(preset, finder)),
        links=preset.links,
        link_reason=preset.link_reason,
        first_of=finder.all_of(preset.first_of),
        properties=_properties(header, preset.leave_out, personal, used | {*number}, preset.property_prefix),
        minor_units=preset.minor_units,
        missing=missing if events or preset.links else (*missing, "time"),
    )


class _Finder:
    """Places of columns by name, whatever their case and spacing."""

    def __init__(self, header: Sequence[str]) -> None:
        self._places = {normal_name(name): place for place, name in reversed(list(enumerate(header)))}

    def all_of(self, names: Iterable[str]) -> Columns:
        found = (self._places.get(normal_name(name)) for name in names)
        return tuple(dict.fromkeys(place for place in found if place is not None))


def _mapped_types(mapped: Mapping[str, int]) -> set[str]:
    return {ID_TYPES.get(ours, USER_IDS) for ours in mapped if ours in ("customer", *ID_TYPES)}


def _mapped_ids(mapped: Mapping[str, int]) -> Iterator[PlannedId]:
    for ours in ("customer", *ID_TYPES):
        if ours in mapped:
            yield PlannedId(ID_TYPES.get(ours, USER_IDS), (mapped[ours],))


def _drops(preset: Preset, finder: _Finder) -> Iterator[PlannedDrop]:
    for drop in preset.drops:
        found, same = finder.all_of(drop.columns), finder.all_of(drop.same_as)
        if found and bool(same) == bool(drop.same_as):
            yield PlannedDrop(found, drop.matches, drop.reason, same)


def _planned(
    rule: EventRule,
    finder: _Finder,
    header: Sequence[str],
    fields: Mapping[str, Columns],
    mapped: Mapping[str, int],
    number: Columns,
) -> Iterator[PlannedEvent]:
    """The events a rule gives with this header: one, or one per column its pattern catches.

    number: the column that numbers the records of the preset's list; 0 is the row around them.
    """
    if rule.nested and not number:
        return
    amount = (
        fields.get("amount", ()) if rule.amount is None or "amount" in mapped else finder.all_of(rule.amount)
    )
    when = tuple((found, w.matches) for w in rule.when if (found := finder.all_of(w.columns)))
    if len(when) < len(rule.when):
        return
    if number:
        when = (*when, (number, "^[1-9]" if rule.nested else "^0$"))
    names = (mapped["event"],) if "event" in mapped else finder.all_of(rule.name_from)
    if rule.name_from and not names:
        return
    for place, caught in _times(rule, finder, header, mapped):
        name = rule.name if names else rule.name.replace("{}", caught)
        yield PlannedEvent(name, place, names, rule.values, rule.otherwise, when, amount, rule.negate)


def _times(
    rule: EventRule, finder: _Finder, header: Sequence[str], mapped: Mapping[str, int]
) -> Iterator[tuple[int, str]]:
    """The time columns of a rule, each with what its pattern caught."""
    if rule.pattern is None:
        found = (mapped["time"],) if "time" in mapped else finder.all_of(rule.at)
        yield from ((place, "") for place in found[:1])
        return
    for place, name in enumerate(header):
        match = re.search(rule.pattern, name, re.IGNORECASE)
        if match and not (rule.skip and re.search(rule.skip, name, re.IGNORECASE)):
            yield place, match.group(1)


def _used(
    ids: Iterable[PlannedId], events: Iterable[PlannedEvent], fields: Mapping[str, Columns]
) -> set[int]:
    """Columns that became a field, so they are not kept a second time as a property."""
    used = {place for i in ids for place in i.columns}
    used.update(place for e in events for place in (e.at, *e.name_columns))
    used.update(place for columns in fields.values() for place in columns)
    return used


def _properties(
    header: Sequence[str],
    leave_out: Sequence[str],
    personal: Collection[int],
    used: Collection[int],
    prefix: str = "",
) -> tuple[tuple[str, int], ...]:
    kept = [
        (name.removeprefix(prefix), place)
        for place, name in enumerate(header)
        if place not in used
        and place not in personal
        and not any(re.search(pattern, name, re.IGNORECASE) for pattern in leave_out)
    ]
    return tuple(sorted(kept))


def plan_of_log(
    header: Sequence[str],
    columns: Mapping[str, int],
    customer_type: str,
    event_name: str | None,
    personal: Collection[int],
) -> Plan:
    """The columns of an event log. columns: ours → place. event_name: for logs of one kind of event."""
    fields = {name: (columns[name],) for name in FIELDS if name in columns}
    agents = (at for at, name in enumerate(header) if USER_AGENT.search(name) and at not in columns.values())
    if (agent := next(agents, None)) is not None:
        fields["user_agent"] = (agent,)  # says device and bot; it is not kept itself
    ids = [PlannedId(customer_type, (columns["customer"],))] if "customer" in columns else []
    for ours, kind in ID_TYPES.items():
        if ours in columns and columns[ours] != columns.get("customer"):
            ids.append(PlannedId(kind, (columns[ours],)))
    names = (columns["event"],) if "event" in columns else ()
    events: tuple[PlannedEvent, ...] = ()
    if (names or event_name) and "time" in columns:
        amount = fields.get("amount", ())
        events = (PlannedEvent(event_name or "{}", columns["time"], names, amount=amount),)
    found = {*columns, "event"} if event_name else set(columns)
    used = _used(ids, events, fields) | ({columns["time"]} if "time" in columns else set())
    return Plan(
        source="generic.events",
        system="product",
        hashed_as=("generic.events", "product"),
        rank=80,
        ids=tuple(ids),
        events=events,
        fields=fields,
        properties=_properties(header, (), personal, used),
        missing=tuple(ours for ours in ("customer", "event", "time") if ours not in found),
    )


def plan_of_steps(header: Sequence[str], found: Steps, personal: Collection[int]) -> Plan:
    """The columns of a table with several dates per row: each date is an event named after its column."""
    fields = {name: (found.columns[name],) for name in FIELDS if name in found.columns}
    ids = (
        [PlannedId(found.customer_type, (found.columns["customer"],))] if "customer" in found.columns else []
    )
    ids += [
        PlannedId(kind, (found.columns[ours],))
        for ours, kind in ID_TYPES.items()
        if ours in found.columns and found.columns[ours] != found.columns.get("customer")
    ]
    last = found.steps[-1]
    events = tuple(
        PlannedEvent(
            step_name(header[place]) + (": {}" if place == last and found.status is not None else ""),
            place,
            (found.status,) if place == last and found.status is not None else (),
            amount=fields.get("amount", ()) if place == last else (),
        )
        for place in found.steps
    )
    record = () if found.record is None else (found.record,)
    used = _used(ids, events, fields)
    return Plan(
        source="generic.milestones",
        system="other",
        hashed_as=("generic.milestones", "other"),
        rank=81,
        ids=tuple(ids),
        events=events,
        record=record,
        fields=fields,
        properties=_properties(header, (), personal, used),
        missing=() if ids else ("customer",),
    )


def step_name(column: str) -> str:
    """“close_date” is Close, “Trial started at (UTC)” is Trial started."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column)
    words = " ".join(re.sub(r"[_\W]+", " ", words).split())
    short = re.sub(r"(?i)\s*\b(date|time|timestamp|at|on|utc|gmt|ts|day|dt)\b", "", words).strip() or words
    return short[:1].upper() + short[1:]
