"""What was measured when? Noted with every deed that changes the data or what people say of it.

Source: docs/decisions/015-what-the-audit-grades.md
"""

from __future__ import annotations

from datetime import datetime

from journey_app.analysis.series import clock_at
from journey_app.errors import JourneyError
from journey_app.share.auditing import audited
from journey_app.workspace import decisions
from journey_app.workspace.decisions import MeasuredThen
from journey_app.workspace.workspace import Workspace


def noted(space: Workspace, *, author: str, now: datetime) -> MeasuredThen | None:
    """Measure the current version and keep its grades; None where there is no goal or no event to judge by.

    The deed itself is done by then: what cannot be measured of it is not its failure.
    """
    held = decisions.goal(space)
    if held is None or space.version is None or space.store.read_only:
        return None
    steps = held.value.steps
    try:
        events = space.events()
        measured = audited(
            space, events.version, steps, clock=clock_at(events, steps, None), today=now.date()
        )
        rows = sorted(measured.rows, key=lambda row: row.touchpoint)
        grades = {row.touchpoint: row.grade for row in rows if not row.not_ours}
        found = MeasuredThen(events.version, steps, grades)
        decisions.note_measured(space, found, author=author, now=now)
    except JourneyError:
        return None  # the goal's events are not in these data, or another deed came first: theirs is noted
    return found
