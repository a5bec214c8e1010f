"""What is the goal's number in other events: before an import, or without what does not count?"""

from __future__ import annotations

from journey_app.analysis.goal import measure_goal
from journey_app.analysis.series import goal_clock
from journey_app.engine.base import Events
from journey_app.errors import NothingYet, UnknownName
from journey_app.vocabulary import Goal, Rate, Standing


def goal_in(events: Events, goal: Goal) -> Rate | None:
    """The goal as these events tell it, read until where they end.

    None when it cannot be told from them: a step never happens there, or nobody's window is over.
    """
    standing = standing_in(events, goal)
    return standing.rate if standing else None


def standing_in(events: Events, goal: Goal) -> Standing | None:
    """The same with the day until which these events speak."""
    try:
        clock = goal_clock(events, goal)
        now = measure_goal(events, goal.measure, clock=clock).now
    except (UnknownName, NothingYet):
        return None
    return Standing(now, clock.last_day) if now else None
