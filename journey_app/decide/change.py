"""Is this a change that one week can judge?"""

from __future__ import annotations

from datetime import timedelta

from journey_app.decide.phrase import day
from journey_app.errors import BadChoice
from journey_app.vocabulary import Change

LONGEST_WINDOW = timedelta(days=7)
LONG_WINDOW = timedelta(days=3)
WEEKS = range(1, 5)
EFFORTS = ("S", "M", "L")


def check_change(change: Change) -> None:
    """Refuse a change that no week could judge.

    Raises BadChoice for a week outside 1 to 4, a missing title, owner or hypothesis, an unknown effort,
    a target that is no share, or a measure whose window is not between 0 and 7 days.
    """
    if change.week not in WEEKS:
        raise BadChoice(f"A sprint has no week {change.week}.", "Choose week 1, 2, 3 or 4.")
    for what, text in (("title", change.title), ("owner", change.owner), ("hypothesis", change.hypothesis)):
        if not text.strip():
            raise BadChoice(f"The change of week {change.week} has no {what}.", f"Give it a {what}.")
    if change.effort not in EFFORTS:
        raise BadChoice(f"“{change.effort}” is no effort.", "Choose S, M or L.")
    if not 0 < change.target_share < 1:
        raise BadChoice(f"{change.target_share:g} is no target.", "Choose a share above 0 % and below 100 %.")
    if change.measure.start == change.measure.outcome:
        raise BadChoice("The measure starts and ends with the same event.", "Choose two different events.")
    _check_window(change.measure.within)


def _check_window(within: timedelta) -> None:
    if within <= timedelta(0):
        raise BadChoice("The measure gives customers no time.", "Choose a window of one to seven days.")
    if within > LONGEST_WINDOW:
        raise BadChoice(
            f"The measure's window is {within / timedelta(days=1):g} days; a week is judged on at most 7.",
            "Choose an earlier outcome, best one reached within 3 days; the goal keeps its own window.",
        )


def warnings_for(change: Change, usual: timedelta | None = None) -> tuple[str, ...]:
    """What is allowed but will hurt, one sentence each.

    usual: how long half of those who do the outcome take, whatever the window; None when unknown.
    """
    found = []
    if usual is not None and usual > change.measure.within:
        found.append(
            f"Half of those who do it take longer than {usual / timedelta(days=1):.1f} days, so most of them are not "
            "seen inside this window: choose an earlier step that leads to it, one that comes within a few days."
        )
    if change.measure.within > LONG_WINDOW:
        days = change.measure.within / timedelta(days=1)
        found.append(
            f"A window of {days:g} days delays the result by as much "
            "and reaches into the next change's week; up to 3 days is better."
        )
    if not change.roll_back.strip():
        found.append("There is no roll-back plan: write down how to undo it before it goes live.")
    return tuple(found)


def check_dates(change: Change, other: Change) -> None:
    """Refuse a change that would go live within another one's seven days.

    Raises BadChoice naming both days.
    """
    if abs((change.goes_live - other.goes_live).days) < 7:
        raise BadChoice(
            f"“{other.title}” goes live {day(other.goes_live)} and “{change.title}” {day(change.goes_live)}: "
            "less than seven days apart.",
            "Move one of them; two changes in the same seven days cannot be told apart.",
        )
