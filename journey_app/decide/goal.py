"""Is this a goal one can reach, and is the pace enough?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from journey_app.decide.phrase import day, percent, plural
from journey_app.errors import BadChoice
from journey_app.vocabulary import Goal, Rate

SHORTEST_WINDOW = timedelta(days=1)
LONGEST_WINDOW = timedelta(days=90)


@dataclass(frozen=True)
class Pace:
    """Where the goal stands today.

    state: reached, ahead, on pace, too close to tell, behind or cannot tell yet. needed_today: the
    share that a straight line from start to target asks for today. days_left: 0 once the date has come.
    """

    state: str
    needed_today: float
    days_left: int
    reason: str


def check_goal(goal: Goal, today: date) -> None:
    """Refuse a goal that cannot be reached or measured.

    today: the local day on which it is set.
    Raises BadChoice, naming the first thing to put right.
    """
    measure = goal.measure
    if not measure.name.strip():
        raise BadChoice("The goal has no name.", "Give it one, such as “Trial to paid”.")
    if len(goal.steps) < 2:
        raise BadChoice("A way to the goal needs at least two steps.", "Choose a first event and an outcome.")
    if len(set(goal.steps)) < len(goal.steps):
        raise BadChoice("A step appears twice on the way to the goal.", "Leave each event in once.")
    if (goal.steps[0], goal.steps[-1]) != (measure.start, measure.outcome):
        raise BadChoice(
            f"The steps run from “{goal.steps[0]}” to “{goal.steps[-1]}”, the measure from “{measure.start}” "
            f"to “{measure.outcome}”.",
            "Begin and end the steps with the measure's two events.",
        )
    if not SHORTEST_WINDOW <= measure.within <= LONGEST_WINDOW:
        days = measure.within / timedelta(days=1)
        raise BadChoice(f"A window of {days:g} days cannot be used for a goal.", "Choose 1 to 90 days.")
    _check_target(goal, today)


def _check_target(goal: Goal, today: date) -> None:
    if not 0 < goal.target_share <= 1:
        raise BadChoice(f"{goal.target_share:g} is no share.", "Choose a target above 0 % and up to 100 %.")
    if goal.target_share <= goal.start.share:
        raise BadChoice(
            f"The target {percent(goal.target_share)} is not above today's {percent(goal.start.share)}.",
            "Choose a higher target.",
        )
    if goal.by <= today:
        raise BadChoice(f"The date {day(goal.by)} {goal.by.year} has passed.", "Choose a later date.")


def pace(goal: Goal, current: Rate | None, today: date, wall: date | None = None) -> Pace:
    """Whether the goal will be reached in time if things go on along a straight line.

    current: the measure's rate over recent customers whose window is over; None when there are none.
    today: the first day the data do not cover, which the straight line is read at. wall: the date on
    the wall, from which days are counted; None for `today`.
    Behind and ahead are said only when the whole 95 % range lies on one side of what is needed today;
    reached only when the whole range lies at the target or above. In between, on pace is a number at
    what is needed or above it; below it, it is too close to tell. Once the date has come, only data that
    reach to it tell.
    """
    needed = _needed(goal, today)
    left = max(0, (goal.by - (wall or today)).days)
    if current is None:
        return Pace("cannot tell yet", needed, left, "Nobody's window is over yet.")
    now = (
        f"{percent(current.share)} now ({percent(current.low)} to {percent(current.high)}, n {current.of:,})"
    )
    if wall is not None and today < goal.by <= wall:
        ends = day(today - timedelta(days=1))
        why = f"the date has come, but the data end on {ends}: import what came since"
        return Pace("cannot tell yet", needed, left, f"{now}; {why}.")
    state, why = _state(goal, current, needed)
    left_said = f"{plural(left, 'day')} left" if left else "the date has come"
    return Pace(state, needed, left, f"{now}, {percent(needed)} needed today: {why}; {left_said}.")


def _needed(goal: Goal, today: date) -> float:
    """A straight line from start to target, flat before and after."""
    whole = (goal.by - goal.set_on).days
    gone = 1.0 if whole <= 0 else min(1.0, max(0.0, (today - goal.set_on).days / whole))
    return goal.start.share + gone * (goal.target_share - goal.start.share)


def _state(goal: Goal, current: Rate, needed: float) -> tuple[str, str]:
    if current.low >= goal.target_share:
        return "reached", "the whole range is at the target or above"
    if current.high < needed:
        return "behind", "the whole range is below"
    if current.low > needed:
        return "ahead", "the whole range is above"
    if current.low <= goal.start.share and current.high >= goal.target_share:
        return "cannot tell yet", "the range still holds both the start and the target"
    if current.share >= needed:
        return "on pace", "at it or above, and the range holds it"
    return "too close to tell", "below it, but the range still holds it"
