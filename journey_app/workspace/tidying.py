"""How does a clean-up begin to count, together with the goal and the sprints that name its events?

Source: docs/decisions/013-what-does-not-count.md
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from journey_app.errors import BadChoice, NothingYet
from journey_app.plain import to_plain
from journey_app.vocabulary import Change, CleanUp, Goal, Measure, Shaping, Sprint
from journey_app.workspace import decisions
from journey_app.workspace.cleaning import NOTHING, Effect, as_if, built_version, clean_up_of, effect_of
from journey_app.workspace.rebuilding import Built
from journey_app.workspace.reshaping import reshape
from journey_app.workspace.shaping import CLEAN_UP
from journey_app.workspace.workspace import NO_EVENTS, Workspace


@dataclass(frozen=True)
class Use:
    """A decision that names an event. becomes: what it would be called; None when it would be gone."""

    place: str
    event: str
    becomes: str | None


def uses(space: Workspace, clean_up: CleanUp) -> tuple[Use, ...]:
    """Events that the goal or a sprint names and that this clean-up would call otherwise, or take away."""
    held, _version = clean_up_of(space)
    named = _named(space)
    if not named:
        return ()
    if built_version(space) is None:  # by their names alone: whatever comes will be called so
        raws = list(dict.fromkeys([*held.names, *clean_up.names]))
        left = {clean_up.names.get(raw, raw) for raw in raws} - {*clean_up.hidden}
    else:
        with as_if(space, clean_up) as then:
            left = {name.shown for name in then.raw_names(clean_up.hidden) if not name.hidden}
            left &= {row["event"] for row in then.run(then.table.select("event").distinct()).to_pylist()}
            raws = [name.raw for name in then.raw_names()]
    found = []
    for place, event in named:
        behind = [raw for raw in raws if held.names.get(raw, raw) == event]
        then_called = {clean_up.names.get(raw, raw) for raw in behind}
        becomes = then_called.pop() if len(then_called) == 1 else event if event in then_called else None
        if becomes is not None and becomes not in left:
            becomes = None
        if behind and becomes != event:
            found.append(Use(place, event, becomes))
    return tuple(found)


def _named(space: Workspace) -> list[tuple[str, str]]:
    """(where, event) for every event that a decision in force names."""
    goal = decisions.goal(space)
    found = [("the goal", event) for event in _events_of(goal.value)] if goal else []
    for sprint in decisions.sprints(space):
        where = f"the sprint of {sprint.value.starts.isoformat()}"
        found += [(where, event) for event in _events_of(sprint.value.goal)]
        found += [
            (where, e)
            for change in sprint.value.changes
            for e in (change.measure.start, change.measure.outcome)
        ]
    return list(dict.fromkeys(found))


def _events_of(goal: Goal) -> list[str]:
    return list(dict.fromkeys([*goal.steps, goal.measure.start, goal.measure.outcome]))


def refuse_what_breaks(space: Workspace, clean_up: CleanUp, effect: Effect) -> None:
    """Raise BadChoice when nothing would be left, or a step of the goal or a sprint would be gone."""
    if effect.before.events and not effect.after.events:
        raise BadChoice("Not one event would be left.", "Make the rule narrower; nothing was changed.")
    gone = [use for use in uses(space, clean_up) if use.becomes is None]
    if gone:
        raise BadChoice(
            f"“{gone[0].event}” is a step of {gone[0].place}, and it would be gone.",
            f"Change {gone[0].place} first, or leave this event as it is.",
        )
    _refuse_one_step_twice(space, carried(uses(space, clean_up)))


def _refuse_one_step_twice(space: Workspace, becomes: Mapping[str, str]) -> None:
    goal = decisions.goal(space)
    goals = [("the goal", goal.value)] if goal else []
    goals += [(f"the sprint of {s.value.starts.isoformat()}", s.value.goal) for s in decisions.sprints(space)]
    for place, value in goals:
        steps = [becomes.get(step, step) for step in value.steps]
        if len(set(steps)) < len(set(value.steps)):
            twice = next(step for step in steps if steps.count(step) > 1)
            raise BadChoice(
                f"Two steps of {place} would both be “{twice}”.",
                f"Change {place} first, or give the events different names.",
            )


def save_clean_up(
    space: Workspace, clean_up: CleanUp, *, based_on: int, carry: bool, author: str, now: datetime
) -> Built:
    """Make a clean-up count for every question, and keep what it was before.

    carry: write new names of events into the goal and the sprints that use them, in the same
    transaction; without it such a renaming is refused. Raises BadChoice with what stands in the
    way, StaleEdit when somebody saved a clean-up in between. Without any data, or while a rule in force
    keeps them from being built, there is only a way back: NothingYet for a rule or a name that would be new.
    """
    if built_version(space) is None:
        _insist_on_a_way_back(clean_up_of(space)[0], clean_up)
        effect = Effect(NOTHING, NOTHING)
    else:
        effect = effect_of(space, clean_up)
    refuse_what_breaks(space, clean_up, effect)
    named = uses(space, clean_up)
    if named and not carry:
        raise BadChoice(
            f"“{named[0].event}” is used in {' and '.join(dict.fromkeys(use.place for use in named))}.",
            f"Carry the new name “{named[0].becomes}” into it as well (--carry), or leave the old one.",
        )
    becomes = carried(named)

    def write() -> None:
        space.save(CLEAN_UP, CLEAN_UP, to_plain(clean_up), based_on=based_on, author=author, now=now)
        _carry(space, becomes, author=author, now=now)

    def cleaned(shaping: Shaping) -> Shaping:
        return replace(shaping, clean_up=clean_up)

    return reshape(space, cleaned, write, author=author, now=now)


def _insist_on_a_way_back(held: CleanUp, wanted: CleanUp) -> None:
    """Raise NothingYet for whatever is not decided already: nobody could see what it does."""
    if (
        not {*wanted.leave_out} <= {*held.leave_out}
        or not wanted.names.items() <= held.names.items()
        or not {*wanted.hidden} <= {*held.hidden}
    ):
        raise NothingYet(*NO_EVENTS)


def carried(named: Sequence[Use]) -> dict[str, str]:
    """Old name → new name, of events in use."""
    return {use.event: use.becomes for use in named if use.becomes is not None}


def _carry(space: Workspace, becomes: Mapping[str, str], *, author: str, now: datetime) -> None:
    """The new names in the goal and in every sprint, each as a version of its own."""
    if not becomes:
        return
    held = decisions.goal(space)
    if held is not None and (value := goal_called(held.value, becomes)) != held.value:
        decisions.save_goal(space, value, based_on=held.version, author=author, now=now)
    for sprint in decisions.sprints(space):
        called = _sprint_called(sprint.value, becomes)
        if called != sprint.value:
            decisions.save_sprint(space, called, based_on=sprint.version, author=author, now=now)


def goal_called(goal: Goal, becomes: Mapping[str, str]) -> Goal:
    """The goal with new names for its events."""
    steps = tuple(becomes.get(step, step) for step in goal.steps)
    return replace(goal, measure=_measure_called(goal.measure, becomes), steps=steps)


def _measure_called(measure: Measure, becomes: Mapping[str, str]) -> Measure:
    start, outcome = (becomes.get(event, event) for event in (measure.start, measure.outcome))
    return replace(measure, start=start, outcome=outcome)


def _sprint_called(sprint: Sprint, becomes: Mapping[str, str]) -> Sprint:
    def changed(change: Change) -> Change:
        return replace(change, measure=_measure_called(change.measure, becomes))

    return replace(
        sprint, goal=goal_called(sprint.goal, becomes), changes=tuple(map(changed, sprint.changes))
    )
