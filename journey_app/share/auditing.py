"""What stands in the audit: what the data says of each place, what people say beside it, and what to do?

The page, the command line and the sheet that leaves all show this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from journey_app.analysis.audit import CHECKS, NOT_LOOKED_AT, NOTHING_TO_DO, Audit, Check, Row, audit
from journey_app.analysis.clock import Clock
from journey_app.analysis.grades import AMBER, GREEN, RED, SEVERITY, disagrees
from journey_app.analysis.series import clock_at
from journey_app.analysis.stages import event_names
from journey_app.analysis.tracking import TOUCHPOINTS
from journey_app.decide.repairs import Repair, repair
from journey_app.errors import NothingYet
from journey_app.vocabulary import Grade, Telling
from journey_app.workspace import decisions
from journey_app.workspace.remembering import source_in, untimed
from journey_app.workspace.workspace import NO_EVENTS, Workspace

COLUMNS = ("Tracked", "Ids match", "Times", "No gaps", "Fresh", "Owner")
WORDS = {RED: "red", AMBER: "amber", GREEN: "green"}
NOT_OURS = "not ours"
ADDED_BY_HAND = "Added by people"
UNMEASURED_DO = {
    RED: "Say in its note what to do.",
    AMBER: "Say in its note what to do.",
    GREEN: NOTHING_TO_DO,
    None: "Grade it together.",
}


@dataclass(frozen=True)
class Place:
    """One line of the audit.

    key: its name in decisions. label: as it is shown. checks: one for each of COLUMNS.
    measured: what the data says, None when nothing was measured. said: what a person says of it.
    repair: the steps in the tool it comes from, None when there is nothing to do. not_ours: people
    said that there is no such place, so it counts nowhere. against: what in the data speaks against
    that.
    """

    key: str
    label: str
    where: str
    checks: tuple[Check, ...]
    measured: str | None
    do: str
    said: decisions.Decided[Grade] | None
    repair: Repair | None = None
    not_ours: bool = False
    against: str = ""

    @property
    def human(self) -> str | None:
        return self.said.value.grade if self.said else None

    @property
    def owner(self) -> str:
        return str(self.said.value.owner) if self.said else ""

    @property
    def telling(self) -> Telling:
        return self.said.value.telling if self.said else Telling()

    @property
    def disputed(self) -> bool:
        return disagrees(self.measured, self.human)


@dataclass(frozen=True)
class Sheet:
    """The whole audit. judged_by: the events that gaps and times were judged on; has_goal: whose they are.

    last_day: the last complete day of these events, as on every page; a source's own is on its row.
    tools: source or system → the one tool it comes from, “Zendesk”. workspace: its id.
    """

    audit: Audit
    places: tuple[Place, ...]
    last_day: date
    judged_by: tuple[str, ...]
    has_goal: bool
    zone: str
    tools: Mapping[str, str] = field(default_factory=dict)
    workspace: str = ""

    @property
    def ours(self) -> tuple[Place, ...]:
        """The places that count."""
        return tuple(place for place in self.places if not place.not_ours)

    @property
    def not_ours(self) -> tuple[Place, ...]:
        return tuple(place for place in self.places if place.not_ours)

    def count(self, grade: str) -> int:
        return sum(place.measured == grade for place in self.ours)

    def may_be_not_ours(self, place: Place) -> bool:
        """Whether people may say that there is no such place: of a standard touchpoint that is no goal step."""
        return place.key in TOUCHPOINTS and place.key not in self.judged_by

    def place(self, label: str) -> Place | None:
        return next((place for place in self.places if place.label == label), None)


def described(space: Workspace) -> dict[str, Telling]:
    """Place → what people said tells of it; a standard touchpoint by its own name, however it was typed."""
    return {
        _own_name(name): held.value.telling
        for name, held in decisions.grades(space).items()
        if held.value.telling
    }


def not_ours(space: Workspace) -> tuple[str, ...]:
    """The standard touchpoints that people said are not theirs, in text order."""
    said = (_own_name(name) for name, held in decisions.grades(space).items() if held.value.not_ours)
    return tuple(sorted(name for name in said if name in TOUCHPOINTS))


def _own_name(name: str) -> str:
    """A standard touchpoint's own name, however it was typed; any other as it is."""
    typed = name.strip().casefold()
    return typed if typed in TOUCHPOINTS else name


def audited(space: Workspace, version: str, steps: Sequence[str], *, clock: Clock, today: date) -> Audit:
    """The audit of one version of the data, with all that imports and people say of its places.

    today: the date on the wall.
    """
    return audit(
        space.events_at(version),
        steps,
        clock=clock,
        today_wall=today,
        untimed=untimed(space),
        places=described(space),
        not_ours=not_ours(space),
    )


def sheet_now(space: Workspace, *, today: date, ends: date | None = None) -> Sheet:
    """The audit of a workspace as it stands, judged on the goal's steps.

    Without a goal the most frequent event stands in for them. today: the date on the wall. ends: the first
    day that does not count, None for where the data of these steps end. Raises NothingYet without events.
    """
    held, events = decisions.goal(space), space.events()
    steps = held.value.steps if held else stand_in(event_names(events))
    until = clock_at(events, steps, ends)
    measured = audited(space, events.version, steps, clock=until, today=today)
    return sheet_of(space, measured, steps=steps, has_goal=held is not None, last_day=until.last_day)


def stand_in(names: Sequence[str]) -> tuple[str, ...]:
    """What the audit is judged on without a goal. names: of all events, most frequent first."""
    if not names:
        raise NothingYet(*NO_EVENTS)
    return (names[0],)


def sheet_of(
    space: Workspace, measured: Audit, *, steps: Sequence[str], has_goal: bool, last_day: date
) -> Sheet:
    """The audit of a workspace: what was measured, and what people say.

    steps: what it was judged on; without a goal an event that only stands in is no row.
    """
    tools = tools_of(space)
    said = _said(space, measured)
    rows = [r for r in measured.rows if has_goal or r.touchpoint in TOUCHPOINTS or r.touchpoint not in steps]
    first = steps[0] if has_goal else ""
    places = [measured_place(row, tools, said.pop(row.touchpoint, None), first) for row in rows]
    places += [added_place(name, decided) for name, decided in said.items()]
    return Sheet(
        audit=replace(measured, rows=tuple(rows)),
        places=tuple(sorted(places, key=lambda place: (place.not_ours, SEVERITY[place.measured]))),
        last_day=last_day,
        judged_by=tuple(steps),
        has_goal=has_goal,
        zone=space.timezone,
        tools=tools,
        workspace=str(space.about["id"]),
    )


def _said(space: Workspace, measured: Audit) -> dict[str, decisions.Decided[Grade]]:
    """People's grades by the place's name as the rows have it; capitals and blanks do not matter."""
    rows = {row.touchpoint.casefold(): row.touchpoint for row in measured.rows}
    return {
        rows.get(name.strip().casefold(), name): decided for name, decided in decisions.grades(space).items()
    }


def tools_of(space: Workspace) -> dict[str, str]:
    """source → the tool it comes from, and system → its tool where it has only one."""
    found: dict[str, str] = {}
    of_system: dict[str, set[str]] = {}
    for document in space.batches():
        source = source_in(document.body)
        title = str(document.body["title"]).split(" · ")[0]
        own_name = source.startswith("generic") or "." in source
        found[source] = title if own_name else source
        of_system.setdefault(document.body["system"], set()).add(found[source])
    return {**{system: tools.pop() for system, tools in of_system.items() if len(tools) == 1}, **found}


def measured_place(
    row: Row, tools: Mapping[str, str], said: decisions.Decided[Grade] | None, first_step: str = ""
) -> Place:
    """A place that the data tell of, or should."""
    names = dict.fromkeys(tools.get(source, source) for source in filter(None, row.where.split(", ")))
    owned = Check(None, NOT_LOOKED_AT) if row.not_ours else owner_check(row.grade, said)
    checks = (*(row.checks[name] for name in CHECKS), owned)
    return Place(
        key=row.touchpoint,
        label=label_of(row.touchpoint),
        where=", ".join(names),
        checks=checks,
        measured=row.grade,
        do=_do(row, said),
        said=said,
        repair=repair(row, first_step),
        not_ours=row.not_ours,
        against=row.against,
    )


def grade_word(grade: Grade) -> str:
    """What a person says of a place: “red”, “not ours”, “no grade”."""
    return NOT_OURS if grade.not_ours else WORDS.get(grade.grade or "", "no grade")


def label_of(touchpoint: str) -> str:
    return touchpoint.capitalize() if touchpoint in TOUCHPOINTS else touchpoint


def added_place(name: str, said: decisions.Decided[Grade]) -> Place:
    """A place nobody measures: people say how it stands."""
    unmeasured = Check(None, "Added by people; nobody has said yet which events or source tell of it.")
    checks = (*([unmeasured] * len(CHECKS)), owner_check(said.value.grade, said))
    do = said.value.note or UNMEASURED_DO[said.value.grade]
    return Place(name, name, ADDED_BY_HAND, checks, None, do, said)


def owner_check(grade: str | None, said: decisions.Decided[Grade] | None) -> Check:
    """Green with an owner; without one amber where there is something to do, else there is nothing to own."""
    if said is not None and said.value.owner:
        return Check(GREEN, f"{said.value.owner} owns it.")
    if grade in (RED, AMBER):
        return Check(AMBER, "Nobody owns it, and there is something to do.")
    return Check(None, "Nobody owns it; there is nothing to do.")


def _do(row: Row, said: decisions.Decided[Grade] | None) -> str:
    """What the data asks for; where the data is content and a person is not, to ask them."""
    if said is not None and row.grade == GREEN and said.value.grade in (RED, AMBER):
        return f"Ask {said.author} why it is graded {WORDS[said.value.grade]}."
    return row.do


def minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
