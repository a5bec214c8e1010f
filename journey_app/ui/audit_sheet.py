"""What stands in the audit: what the data says of each place, what people say beside it, and what to do?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from journey_app.analysis.audit import CHECKS, Audit, Check, audit
from journey_app.analysis.clock import Clock, clock
from journey_app.analysis.grades import AMBER, GREEN, RED, SEVERITY, disagrees
from journey_app.analysis.series import clock_at
from journey_app.analysis.tracking import TOUCHPOINTS
from journey_app.charts.audit import AuditRow, Grade
from journey_app.ui.asking import ask
from journey_app.ui.pickers import event_names
from journey_app.workspace import decisions
from journey_app.workspace.remembering import untimed
from journey_app.workspace.workspace import Workspace

COLUMNS = ("Tracked", "Ids match", "Times", "No gaps", "Fresh", "Owner")
NOTHING_TO_DO = "Nothing to do."
WORDS = {RED: "red", AMBER: "amber", GREEN: "green"}
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
    """

    key: str
    label: str
    where: str
    checks: tuple[Check, ...]
    measured: str | None
    do: str
    said: decisions.Decided[Any] | None

    @property
    def human(self) -> str | None:
        return self.said.value.grade if self.said else None

    @property
    def owner(self) -> str:
        return str(self.said.value.owner) if self.said else ""

    @property
    def disputed(self) -> bool:
        return disagrees(self.measured, self.human)


@dataclass(frozen=True)
class Sheet:
    """The whole audit. judged_by: the events that gaps and times were judged on; has_goal: whose they are."""

    audit: Audit
    places: tuple[Place, ...]
    last_day: date
    judged_by: tuple[str, ...]
    has_goal: bool
    zone: str
    tools: Mapping[str, str]  # source or system → the one tool it comes from, “Zendesk”

    def count(self, grade: str) -> int:
        return sum(place.measured == grade for place in self.places)

    def place(self, label: str) -> Place | None:
        return next((place for place in self.places if place.label == label), None)


def sheet(space: Workspace, today: date) -> Sheet:
    """The audit of a workspace; today: the date on the wall.

    Without a goal the most frequent event stands in for its steps. Raises NothingYet without events.
    """
    held = decisions.goal(space)
    steps = held.value.steps if held else tuple(event_names(space)[:1])
    until = ask(clock_at, space, names=list(steps), today=None)
    measured = graded(space, steps, until, today)
    complete = ask(clock, space)
    tools = _tools(space)
    said = decisions.grades(space)
    rows = [row for row in measured.rows if held or row.touchpoint in TOUCHPOINTS]
    places = [_measured_place(row, tools, said.pop(row.touchpoint, None)) for row in rows]
    places += [_added_place(name, decided) for name, decided in said.items()]
    ordered = sorted(places, key=lambda place: SEVERITY[place.measured])
    return Sheet(
        measured, tuple(ordered), complete.last_day, tuple(steps), held is not None, space.timezone, tools
    )


def graded(space: Workspace, steps: Sequence[str], clock: Clock, today: date) -> Audit:
    """What the data and the imports say of each place, asked once for the audit and for the findings.

    today: the date on the wall.
    """
    return ask(audit, space, goal_steps=list(steps), clock=clock, today_wall=today, untimed=untimed(space))


def _tools(space: Workspace) -> dict[str, str]:
    """source → the tool it comes from, and system → its tool where it has only one."""
    found: dict[str, str] = {}
    of_system: dict[str, set[str]] = {}
    for document in space.batches():
        source = document.body.get("source", document.body["report"]["recognised_as"])
        title = str(document.body["title"]).split(" · ")[0]
        own_name = source.startswith("generic") or "." in source
        found[source] = title if own_name else source
        of_system.setdefault(document.body["system"], set()).add(found[source])
    return {**{system: tools.pop() for system, tools in of_system.items() if len(tools) == 1}, **found}


def _measured_place(row: Any, tools: Mapping[str, str], said: decisions.Decided[Any] | None) -> Place:
    names = dict.fromkeys(tools.get(source, source) for source in filter(None, row.where.split(", ")))
    label = row.touchpoint.capitalize() if row.touchpoint in TOUCHPOINTS else row.touchpoint
    checks = (*(row.checks[name] for name in CHECKS), owner_check(row.grade, said))
    return Place(row.touchpoint, label, ", ".join(names), checks, row.grade, _do(row, said), said)


def _added_place(name: str, said: decisions.Decided[Any]) -> Place:
    """A place nobody measures: people say how it stands."""
    unmeasured = Check(None, "Added by people; no import tells of it.")
    checks = (*([unmeasured] * len(CHECKS)), owner_check(said.value.grade, said))
    do = said.value.note or UNMEASURED_DO[said.value.grade]
    return Place(name, name, ADDED_BY_HAND, checks, None, do, said)


def owner_check(grade: str | None, said: decisions.Decided[Any] | None) -> Check:
    """Green with an owner; without one amber where there is something to do, else there is nothing to own."""
    if said is not None and said.value.owner:
        return Check(GREEN, f"{said.value.owner} owns it.")
    if grade in (RED, AMBER):
        return Check(AMBER, "Nobody owns it, and there is something to do.")
    return Check(None, "Nobody owns it; there is nothing to do.")


def _do(row: Any, said: decisions.Decided[Any] | None) -> str:
    """What the data asks for; where the data is content and a person is not, to ask them."""
    if said is not None and row.grade == GREEN and said.value.grade in (RED, AMBER):
        return f"Ask {said.author} why it is graded {WORDS[said.value.grade]}."
    return str(row.do)


def grid_rows(places: Sequence[Place]) -> list[AuditRow]:
    """The places as the chart draws them; “nothing to do” stays muted there."""
    return [
        AuditRow(
            touchpoint=place.label,
            where=place.where,
            checks=tuple(cast("Grade | None", check.grade) for check in place.checks),
            measured=cast("Grade | None", place.measured),
            human=cast("Grade | None", place.human),
            do="" if place.do == NOTHING_TO_DO else place.do.rstrip("."),
        )
        for place in places
    ]


def table(places: Sequence[Place]) -> list[dict[str, Any]]:
    """The audit as rows of one shape, for a sheet people can share."""
    return [
        {
            "Touchpoint": place.label,
            "Where": place.where,
            "Measured": place.measured or "",
            "Human": place.human or "",
            "Disagree": "≠" if place.disputed else "",
            "Owner": place.owner,
            "Note": place.said.value.note if place.said else "",
            "What to do": place.do,
            "Graded by": place.said.author if place.said else "",
            "Graded at (UTC)": _minute(place.said.saved_at) if place.said else "",
            **{
                f"{name}: grade": check.grade or "" for name, check in zip(COLUMNS, place.checks, strict=True)
            },
            **{f"{name}: why": check.reason for name, check in zip(COLUMNS, place.checks, strict=True)},
        }
        for place in places
    ]


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
