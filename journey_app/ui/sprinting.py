"""Which sprint is on the page, how is it judged, and how is an edit of it kept?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import streamlit as st

from journey_app.analysis.series import MeasureSeries, measured
from journey_app.decide.dates import SPRINT_LENGTH, appointments, next_monday
from journey_app.decide.judging import Judged, changes_elsewhere, judged, measures_of
from journey_app.decide.sprint import sprint_total
from journey_app.decide.weekly import Course, course
from journey_app.errors import JourneyError, NothingYet
from journey_app.plain import to_plain
from journey_app.ui.asking import ask
from journey_app.ui.door import me, wall
from journey_app.ui.explaining import say
from journey_app.ui.goal_strip import Standing
from journey_app.ui.ics import calendar
from journey_app.ui.saving import save
from journey_app.vocabulary import Measure, Sprint, Verdict
from journey_app.workspace import decisions
from journey_app.workspace.workspace import Workspace

Held = decisions.Decided[Sprint]
PREFILL = "sprint.prefill"


def plan_from(measure: Measure, title: str) -> None:
    """Take a finding's measure to the Sprint page, where its form opens with it."""
    st.session_state[PREFILL] = (measure, title)
    st.switch_page(st.session_state["pages"]["sprint"])


def wanted() -> tuple[Measure, str] | None:
    """The measure and title another page sent along, until a plan was made from it or it was dropped."""
    return st.session_state.get(PREFILL)


def drop_wanted() -> None:
    """Forget what another page sent along."""
    st.session_state.pop(PREFILL, None)


def sprints(space: Workspace) -> list[Held]:
    """All sprints, newest first."""
    return decisions.sprints(space)


def pick_sprint(found: Sequence[Held]) -> Held:
    """The newest sprint, or an earlier one when there are several."""
    if len(found) == 1:
        return found[0]
    names = [f"{each.value.sprint_id.replace('-', ' ').capitalize()}" for each in found]
    chosen = st.selectbox(
        "Sprint", names, key="sprint.which", label_visibility="collapsed", bind="query-params", width=140
    )
    return found[names.index(chosen)]


def series_of(space: Workspace, sprint: Sprint) -> tuple[MeasureSeries, ...]:
    """Every change's own measure, then the goal's, as the data tell them."""
    return ask(measured, space, measures=list(measures_of(sprint)), today=None, goal=sprint.goal)


def verdicts(space: Workspace, sprint: Sprint) -> Judged:
    """The weeks with their verdicts, and the review."""
    return judged(sprint, series_of(space, sprint), space.timezone, _all(space))


def _all(space: Workspace) -> list[Sprint]:
    return [held.value for held in sprints(space)]


def total(space: Workspace, sprint: Sprint) -> Verdict:
    """What all changes did to the goal together."""
    goal = series_of(space, sprint)[-1]
    elsewhere = changes_elsewhere(sprint, _all(space))
    return sprint_total(sprint, goal.measure, goal.days, goal.today, goal.gaps, space.timezone, elsewhere)


def courses(space: Workspace, sprint: Sprint) -> dict[str, Course]:
    """The goal and each change's measure week by week, by the name of the choice that shows it."""
    *own, goal = series_of(space, sprint)
    found = {"Goal": course(goal, sprint.goal.target_share, sprint.starts, space.timezone)}
    for change, each in zip(sprint.changes, own, strict=True):
        found[f"Week {change.week}"] = course(each, change.target_share, sprint.starts, space.timezone)
    return found


def calendar_of(space: Workspace, sprint: Sprint) -> bytes:
    """The sprint's days as a calendar file."""
    name = f"{space.title}: {sprint.sprint_id.replace('-', ' ')}"
    return calendar(name, appointments(sprint), scope=str(space.about["id"]), made_at=wall())


def keep_sprint(space: Workspace, seen: Held, edit: Callable[[Sprint, bool], Sprint], *, done: str) -> bool:
    """Save an edit of a sprint on the version that was seen; True when it was saved.

    edit: the sprint → the sprint edited; told whether somebody else's version lies below it, so that
    “Save mine” after a conflict changes only what this edit is about.
    """
    sprint_id = seen.value.sprint_id
    try:
        mine = _plain(edit(seen.value, False))
    except JourneyError as error:
        say(error.what, error.do)
        return False

    def write(based_on: int) -> None:
        latest = _held(space, sprint_id)
        newer = latest.version != seen.version and latest.version == based_on
        value = edit(latest.value if newer else seen.value, newer)
        decisions.save_sprint(space, value, based_on=based_on, author=me().who, now=wall())

    return save("sprint", seen.version, write, done=done, mine=mine)


def keep_new_sprint(space: Workspace, sprint: Sprint) -> bool:
    """Save a sprint that was not there; True when it was saved."""

    def write(based_on: int) -> None:
        decisions.save_sprint(space, sprint, based_on=based_on, author=me().who, now=wall())

    return save(
        "sprint", 0, write, done="The sprint is set up; the goal is frozen for it.", mine=_plain(sprint)
    )


def _held(space: Workspace, sprint_id: str) -> Held:
    found = next((each for each in decisions.sprints(space) if each.value.sprint_id == sprint_id), None)
    if found is None:
        raise NothingYet("This sprint is no longer there.", "Reload the page, and set up a new one.")
    return found


def _plain(sprint: Sprint) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(sprint)
    return plain


def under_way(found: Sequence[Held], today: date) -> Sprint | None:
    """The sprint whose four weeks hold `today`: it keeps its own copy of the goal."""
    return next((s.value for s in found if s.value.starts <= today < s.value.starts + SPRINT_LENGTH), None)


def next_start(at: Standing, found: Sequence[Held]) -> date:
    """When a new sprint can begin: the first Monday after the data end, not inside another sprint."""
    earliest = max([at.clock.today, *(each.value.starts + SPRINT_LENGTH for each in found)])
    return next_monday(earliest)
