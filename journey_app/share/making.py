"""Ask everything the report says, once, and freeze it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from journey_app.analysis.findings import findings
from journey_app.analysis.funnel import funnel
from journey_app.analysis.goal import measure_goal
from journey_app.analysis.grades import RED
from journey_app.analysis.series import goal_clock, measured
from journey_app.decide.goal import pace
from journey_app.decide.judging import judged, measures_of
from journey_app.errors import NothingYet
from journey_app.share.auditing import Sheet, audited, sheet_of
from journey_app.share.frozen import Frozen, freeze
from journey_app.share.killer_words import killer_said
from journey_app.vocabulary import Goal
from journey_app.workspace import decisions
from journey_app.workspace.workspace import Workspace

MOST_FINDINGS = 5


def make_frozen(
    space: Workspace,
    *,
    made_at: datetime,
    today: date | None = None,
    title: str | None = None,
    ends: date | None = None,
) -> Frozen:
    """The report as of now: goal, funnel, findings, verdicts of the newest sprint.

    made_at: UTC. today: the first day that does not count, None for where the goal's data end.
    title: the workspace's own unless given. ends: the last day its link opens, None for a file.
    Raises NothingYet without a goal.
    """
    goal, events = _goal(space), space.events()
    until = goal_clock(events, goal, today)
    numbers = measure_goal(events, goal.measure, clock=until)
    checked = audited(space, events.version, goal.steps, clock=until, today=made_at.date())
    sheet = sheet_of(
        space, checked, steps=goal.steps, has_goal=True, last_day=until.today - timedelta(days=1)
    )
    every = [held.value for held in decisions.sprints(space)]
    series = measured(events, measures_of(every[0]), today=today, goal=every[0].goal) if every else ()
    return freeze(
        title or space.title,
        goal,
        current=numbers.now,
        pace=pace(goal, numbers.now, until.today, made_at.date()),
        funnel=funnel(events, goal.steps, goal.measure.within, now=until.now, where=goal.measure.where),
        findings=findings(events, goal, clock=until, audit=checked)[:MOST_FINDINGS],
        weeks=judged(every[0], series, space.timezone, every).weeks if every else (),
        version=events.version,
        data_to=until.today - timedelta(days=1),
        timezone=space.timezone,
        made_at=made_at,
        ends=ends,
        warnings=_warnings(sheet),
        not_ours=_not_ours(sheet),
    )


def _warnings(sheet: Sheet) -> list[str]:
    """The killers that stand red, in the words of the pages."""
    return [killer_said(killer, sheet) for killer in sheet.audit.killers if killer.grade == RED]


def _not_ours(sheet: Sheet) -> list[str]:
    """What nobody judged because there is no such place; and where the data tell of one all the same."""
    return [
        f"{place.label} (though the data tell of it)" if place.against else place.label
        for place in sheet.not_ours
    ]


def _goal(space: Workspace) -> Goal:
    held = decisions.goal(space)
    if held is None:
        raise NothingYet("A report needs a goal.", "Set the goal first, on the Goal page.")
    return held.value
