"""When does a sprint begin, and which of its days go into a calendar?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from journey_app.decide.blocks import WEEK, window_days
from journey_app.decide.evidence import result_day
from journey_app.decide.phrase import day, percent
from journey_app.decide.review import DAY_30, RECENT_WEEKS
from journey_app.errors import BadChoice
from journey_app.vocabulary import Change, Goal, Sprint

SPRINT_LENGTH = 4 * WEEK


@dataclass(frozen=True)
class Appointment:
    """A whole local day. name: stays the same when the day moves, so that a calendar updates it."""

    name: str
    when: date
    title: str
    notes: str


def next_monday(today: date) -> date:
    """The first Monday that is not before `today`."""
    return today + timedelta(days=-today.weekday() % 7)


def begin_sprint(goal: Goal, starts: date, earlier: Sequence[Sprint], worth: float) -> Sprint:
    """A sprint of four empty weeks, the goal frozen as it is now.

    worth: the smallest relative effect worth having.
    Raises BadChoice when it would overlap an earlier sprint, or when `worth` is no part of a whole.
    """
    if not 0 < worth < 1:
        raise BadChoice(f"{worth:g} is no smallest effect.", "Choose one above 0 % and below 100 %.")
    for other in earlier:
        if abs((starts - other.starts).days) < SPRINT_LENGTH.days:
            raise BadChoice(
                f"A sprint that starts {day(starts)} overlaps the one that started {day(other.starts)}.",
                f"Start {day(other.starts + SPRINT_LENGTH)} or later.",
            )
    taken = {other.sprint_id for other in earlier}
    number = next(n for n in range(len(earlier) + 1, len(earlier) + 1000) if f"sprint-{n}" not in taken)
    return Sprint(f"sprint-{number}", starts, goal, (), worth)


def review_day(sprint: Sprint) -> date:
    """The first day on which the review can be held: 30 days, and four weeks with their window over."""
    window = timedelta(days=window_days(sprint.goal.measure.within))
    return max(sprint.starts + DAY_30, sprint.starts + RECENT_WEEKS * WEEK + window)


def appointments(sprint: Sprint) -> tuple[Appointment, ...]:
    """Each change's first day and its result day, and the review, in order of their days."""
    goal = sprint.goal
    review = Appointment(
        f"{sprint.sprint_id}-review",
        review_day(sprint),
        f"Sprint review: {goal.measure.name}",
        f"Target {percent(goal.target_share)} by {day(goal.by)} {goal.by.year}; "
        f"{percent(goal.start.share)} when it was set.",
    )
    found = [each for change in sprint.changes for each in _of_change(sprint, change)]
    return tuple(sorted([*found, review], key=lambda each: (each.when, each.name)))


def _of_change(sprint: Sprint, change: Change) -> tuple[Appointment, Appointment]:
    name = f"{sprint.sprint_id}-week-{change.week}"
    plan = f"Roll-back plan: {change.roll_back}" if change.roll_back.strip() else "No roll-back plan yet."
    judged = f"{change.measure.name}, target {percent(change.target_share)}."
    return (
        Appointment(
            f"{name}-live",
            change.goes_live,
            f"Week {change.week} goes live: {change.title}",
            f"Owner {change.owner}. Judged by {judged} {plan}",
        ),
        Appointment(
            f"{name}-result",
            result_day(change.goes_live, change.measure.within),
            f"Week {change.week}, result: {change.title}",
            f"Owner {change.owner}. Judged by {judged}",
        ),
    )
