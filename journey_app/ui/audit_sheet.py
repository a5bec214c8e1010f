"""What stands in the audit page: the sheet that everybody shares, with its questions asked once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import cast

from journey_app.analysis.audit import NOTHING_TO_DO, Audit, audit
from journey_app.analysis.clock import Clock
from journey_app.analysis.series import clock_at
from journey_app.charts.audit import AuditRow, Grade
from journey_app.share.auditing import COLUMNS as COLUMNS
from journey_app.share.auditing import WORDS as WORDS
from journey_app.share.auditing import Place as Place
from journey_app.share.auditing import Sheet as Sheet
from journey_app.share.auditing import described, label_of, not_ours, sheet_of, stand_in
from journey_app.ui.asking import ask
from journey_app.ui.pickers import event_names
from journey_app.workspace import decisions
from journey_app.workspace.remembering import untimed
from journey_app.workspace.workspace import Workspace


def sheet(space: Workspace, today: date) -> Sheet:
    """The audit of a workspace; today: the date on the wall.

    Without a goal the most frequent event stands in for its steps. Raises NothingYet without events.
    """
    held = decisions.goal(space)
    steps = held.value.steps if held else stand_in(event_names(space))
    until = ask(clock_at, space, names=list(steps), today=None)
    measured = graded(space, steps, until, today)
    return sheet_of(space, measured, steps=steps, has_goal=held is not None, last_day=until.last_day)


def graded(space: Workspace, steps: Sequence[str], clock: Clock, today: date) -> Audit:
    """What the data and the imports say of each place, asked once for all pages that need it.

    today: the date on the wall.
    """
    return ask(
        audit,
        space,
        goal_steps=list(steps),
        clock=clock,
        today_wall=today,
        untimed=untimed(space),
        places=described(space),
        not_ours=not_ours(space),
    )


def grid_rows(places: Sequence[Place]) -> list[AuditRow]:
    """The places as the chart draws them; “nothing to do” stays muted there."""
    return [
        AuditRow(
            touchpoint=place.label,
            where=place.where,
            checks=tuple(cast("Grade | None", check.grade) for check in place.checks),
            measured=cast("Grade | None", place.measured),
            human=None if place.not_ours else cast("Grade | None", place.human),
            do="" if place.do == NOTHING_TO_DO else place.do.rstrip("."),
            elsewhere=tuple(label_of(check.at) for check in place.checks),
            not_ours=place.not_ours,
        )
        for place in places
    ]
