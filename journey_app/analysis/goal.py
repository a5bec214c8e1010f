"""Where does the goal stand, and how much of the way from X to Y is that?"""

from __future__ import annotations

from dataclasses import dataclass

from journey_app.analysis.clock import Clock
from journey_app.analysis.measure import Day, daily, latest
from journey_app.engine.base import Events
from journey_app.vocabulary import Goal, Interval, Measure, Rate


@dataclass(frozen=True)
class GoalNumbers:
    """What the data says about a measure today.

    now: the rate of the last 28 entry days whose window is over, None when nobody entered then.
    open: customers who entered and whose window is not over. days: every entry day, oldest first.
    """

    now: Rate | None
    open: int
    days: tuple[Day, ...]


@dataclass(frozen=True)
class GoalProgress:
    """The goal strip: from `start` to `target`, standing at `now`.

    way: the share of the way covered (0 at the start, 1 at the target, below 0 when it went
    backwards); its range is that of `now`. None when nobody is decided or there is no way to go.
    """

    start: Rate
    now: Rate | None
    target: float
    way: Interval | None


def measure_goal(events: Events, measure: Measure, *, clock: Clock) -> GoalNumbers:
    """X as the data has it: counted, never typed.

    Raises UnknownName when start or outcome never happens.
    """
    days = daily(events, measure, now=clock.now)
    undecided = sum(day.entered - day.decided for day in days)
    return GoalNumbers(latest(days, measure, clock.today), undecided, days)


def progress(goal: Goal, numbers: GoalNumbers) -> GoalProgress:
    """How far towards the target the measure stands.

    The start is the number that was agreed when the goal was set, so it is taken as it is; only
    today's rate carries a range. Whether the goal was reached, week noise counted, is for `decide`.
    """
    return GoalProgress(goal.start, numbers.now, goal.target_share, _way(goal, numbers.now))


def _way(goal: Goal, now: Rate | None) -> Interval | None:
    distance = goal.target_share - goal.start.share
    if now is None or distance == 0:
        return None
    ends = sorted((edge - goal.start.share) / distance for edge in (now.low, now.high))
    return Interval(ends[0], (now.share - goal.start.share) / distance, ends[1])
