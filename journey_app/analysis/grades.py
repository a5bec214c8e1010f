"""When is a number about tracking red, amber or green?

One table for the whole audit. Source: docs/decisions/008-what-a-gap-is.md
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

RED, AMBER, GREEN = "R", "A", "G"
SEVERITY = {RED: 0, AMBER: 1, GREEN: 2, None: 3}  # for sorting: worst first, unknown last


@dataclass(frozen=True)
class Limits:
    """Above `red` is red, above `amber` amber, else green. reason: why there."""

    amber: float
    red: float
    reason: str


GRADES = {
    "ids": Limits(0.10, 0.20, "share not matched; over a fifth, every rate between two systems is off"),
    "times": Limits(0.05, 0.20, "share without a time of day; the order inside a day is then unknown"),
    "lost": Limits(
        0.01, 0.05, "share of rows left out without a time; a lost event looks like a lost customer"
    ),
    "gaps": Limits(12, 24, "hours; a day without events pulls a weekly rate down by a seventh"),
    "fresh": Limits(7, 14, "days since the last complete one; exports come weekly, and one may be missed"),
}
FEWEST = 20  # customers or events; a share of fewer is an anecdote
LOOK_BACK = timedelta(weeks=26)  # older gaps touch no verdict: week noise is learnt from 26 weeks at most


def grade(check: str, value: float | None) -> str | None:
    """R, A or G for a value of one of GRADES; None when the value is unknown."""
    if value is None:
        return None
    limits = GRADES[check]
    return RED if value > limits.red else AMBER if value > limits.amber else GREEN


def worst(grades: Iterable[str | None]) -> str | None:
    """The worst grade there is; None when nothing is known."""
    return min(grades, key=SEVERITY.__getitem__, default=None)


def disagrees(measured: str | None, human: str | None) -> bool:
    """Whether a person's grade and the measured one say different things; silence disagrees with nobody."""
    return measured is not None and human is not None and measured != human
