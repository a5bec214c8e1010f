"""What becomes of a goal when it is set, or amended: what stays as agreed, and what is measured anew?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from journey_app.decide.goal import check_goal
from journey_app.decide.phrase import day, percent, plural
from journey_app.errors import NothingYet
from journey_app.vocabulary import Goal, Measure, Rate

ENTERS = re.compile(
    r"sign.?up|signed up|trial|register|account created|joined|subscribed|lead", re.IGNORECASE
)
PAYS = re.compile(r"pa(y|id)|purchas|order|subscription|won|contract|bought|convert", re.IGNORECASE)
UNDOES = re.compile(r"fail|refund|cancel|dispute|abandon|lost|error|declin", re.IGNORECASE)
USUAL_GAIN = 1.25  # what is proposed: a quarter more than today
USUAL_TIME = timedelta(days=90)


@dataclass(frozen=True)
class Proposal:
    """What a form offers until somebody says otherwise. target: a share, in steps of half a point."""

    target: float
    by: date


def proposal(current: Rate | None, today: date) -> Proposal:
    """A quarter more than today, in ninety days.

    current: the measure today, None while nobody's window is over. today: the local day on which it is offered.
    """
    wished = 0.10 if current is None else min(0.99, current.share * USUAL_GAIN)
    steps = max(1, round(wished * 200))
    if current is not None:
        steps = max(steps, int(current.share * 200) + 1)
    return Proposal(min(1.0, steps / 200), today + USUAL_TIME)


def goal_set(
    measure: Measure,
    steps: Sequence[str],
    current: Rate | None,
    target: float,
    by: date,
    today: date,
    wall: date,
) -> Goal:
    """A new goal, X as measured today.

    today: the first day the data do not cover. wall: the day on which it is set, so that it has not expired.
    Raises NothingYet while X cannot be measured, BadChoice for a goal nobody could reach.
    """
    if current is None:
        raise NothingYet(
            f"Nobody's window since “{measure.start}” is over yet, so X cannot be measured.",
            "Choose a shorter window or another first event, or import older data.",
        )
    wanted = Goal(measure, tuple(steps), current, target, by, today)
    check_goal(wanted, max(today, wall))
    return wanted


def goal_amended(
    old: Goal,
    measure: Measure,
    steps: Sequence[str],
    current: Rate | None,
    target: float,
    by: date,
    today: date,
    wall: date,
) -> Goal:
    """The goal in its next wording.

    X and the day it was set on stay as agreed while the same thing is measured, so that progress is not
    reset by a new target; another event or window is another number, measured anew.
    """
    same = (measure.start, measure.outcome, measure.within) == (
        old.measure.start,
        old.measure.outcome,
        old.measure.within,
    )
    if not same:
        return goal_set(measure, steps, current, target, by, today, wall)
    where = old.measure.where
    wanted = replace(
        old, measure=replace(measure, where=where), steps=tuple(steps), target_share=target, by=by
    )
    check_goal(wanted, max(today, wall))
    return wanted


def what_changed(old: Goal, new: Goal) -> tuple[str, ...]:
    """An amendment in words, one piece each; empty when nothing but the moment differs."""
    before, after = old.measure, new.measure
    pieces = [
        (before.name, after.name, "name “{}” → “{}”"),
        (before.start, after.start, "first event “{}” → “{}”"),
        (before.outcome, after.outcome, "outcome “{}” → “{}”"),
        (plural(before.within.days, "day"), plural(after.within.days, "day"), "window {} → {}"),
        (" → ".join(old.steps), " → ".join(new.steps), "steps {} instead of {}"),
        (percent(old.start.share), percent(new.start.share), "start measured anew: {} → {}"),
        (percent(old.target_share), percent(new.target_share), "target {} → {}"),
        (_date(old.by), _date(new.by), "date {} → {}"),
    ]
    said = []
    for was, is_now, words in pieces:
        if was != is_now:
            first, second = (is_now, was) if "instead" in words else (was, is_now)
            said.append(words.format(first, second))
    return tuple(said)


def _date(when: date) -> str:
    return f"{day(when)} {when.year}"


def likely_ends(customers: Mapping[str, int]) -> tuple[str | None, str | None]:
    """The first event and the outcome to offer before anybody chose, by name and by how many did them.

    customers: event → customers. An outcome is never something that undoes one. None when there is
    nothing to offer.
    """
    most_first = sorted(customers, key=lambda name: (-customers[name], name))
    gains = [name for name in most_first if not UNDOES.search(name)]
    outcome = next((name for name in gains if PAYS.search(name)), None)
    starts = [name for name in gains if name != outcome]
    first = next((name for name in starts if ENTERS.search(name)), starts[0] if starts else None)
    rest = [name for name in gains if name != first]
    return first, outcome or (rest[-1] if rest else None)
