"""What did each week of a sprint bring, and the sprint as a whole?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journey_app.analysis.series import MeasureSeries
from journey_app.decide.review import Review, review
from journey_app.decide.verdict import verdict
from journey_app.vocabulary import Change, Measure, Sprint, Verdict


@dataclass(frozen=True)
class Judged:
    """A sprint with its verdicts, week by week, and the day-30 review of its goal."""

    sprint: Sprint
    weeks: tuple[tuple[Change, Verdict], ...]
    review: Review


def measures_of(sprint: Sprint) -> tuple[Measure, ...]:
    """What must be measured to judge a sprint: each change's own measure, and the goal's."""
    return (*(change.measure for change in sprint.changes), sprint.goal.measure)


def judged(
    sprint: Sprint, series: Sequence[MeasureSeries], zone: str, others: Sequence[Sprint] = ()
) -> Judged:
    """Verdicts and review from the series of `measures_of(sprint)`, in that order.

    zone: the workspace's, to read moments of tracking gaps as local days. others: all the workspace's
    sprints (this one among them is passed over); what they changed is not laid at this one's door.
    """
    *own, goal = series
    elsewhere = changes_elsewhere(sprint, others)
    weeks = tuple(
        (change, verdict(change, sprint, each.days, each.today, each.gaps, zone, elsewhere))
        for change, each in zip(sprint.changes, own, strict=True)
    )
    return Judged(sprint, weeks, review(sprint, goal.days, goal.today, goal.gaps, zone, elsewhere))


def changes_elsewhere(sprint: Sprint, others: Sequence[Sprint]) -> tuple[Change, ...]:
    """Every change of the other sprints."""
    return tuple(
        change for other in others if other.sprint_id != sprint.sprint_id for change in other.changes
    )
