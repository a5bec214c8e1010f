"""When is a number about tracking red, amber or green?

One table for the whole audit.
Source: docs/decisions/008-what-a-gap-is.md, docs/decisions/015-what-the-audit-grades.md
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

RED, AMBER, GREEN = "R", "A", "G"
SEVERITY = {RED: 0, AMBER: 1, GREEN: 2, None: 3}  # for sorting: worst first, unknown last


@dataclass(frozen=True)
class Limits:
    """Above `red` is red, above `amber` amber, else green.

    of: what is counted, as a sentence goes on after the number. reason: why the limits are there.
    unit: "share" (0 to 1), "hours" or "days".
    """

    amber: float
    red: float
    of: str
    reason: str
    unit: str = "share"


GRADES = {
    "coverage": Limits(
        0.10,
        0.20,
        "of the customers who should pass here are missing",
        "what a fifth of the customers do unseen cannot be told from what they do not do",
    ),
    "ids": Limits(
        0.10,
        0.20,
        "of the customers are not matched",
        "with over a fifth unmatched, every rate between two systems is off",
    ),
    "times": Limits(
        0.05, 0.20, "of the events have no time of day", "the order inside a day is then unknown"
    ),
    "lost": Limits(
        0.01,
        0.05,
        "of the rows were left out for want of a time",
        "a lost event looks like a lost customer",
    ),
    "gaps": Limits(
        12,
        24,
        "of silence where at least 7 events were to be expected",
        "a day without events pulls a weekly rate down by a seventh",
        "hours",
    ),
    "fresh": Limits(
        7,
        14,
        "since the last complete day",
        "exports come weekly, and one may be missed",
        "days",
    ),
}
FEWEST = 20  # customers or events; a share of fewer is an anecdote
LOOK_BACK = timedelta(weeks=26)  # older gaps touch no verdict: week noise is learnt from 26 weeks at most


def grade(check: str, value: float | None) -> str | None:
    """R, A or G for a value of one of GRADES; None when the value is unknown."""
    if value is None:
        return None
    limits = GRADES[check]
    return RED if value > limits.red else AMBER if value > limits.amber else GREEN


def explained(rule: str) -> str:
    """The limits of one of GRADES and why they are there, as a person reads them."""
    limits = GRADES[rule]
    red, amber = (_written(value, limits.unit) for value in (limits.red, limits.amber))
    return f"Red when over {red} {limits.of}, amber over {amber}: {limits.reason}."


def _written(value: float, unit: str) -> str:
    return f"{value:.0%}" if unit == "share" else f"{value:g} {unit}"


def worst(grades: Iterable[str | None]) -> str | None:
    """The worst grade there is; None when nothing is known."""
    return min(grades, key=SEVERITY.__getitem__, default=None)


def disagrees(measured: str | None, human: str | None) -> bool:
    """Whether a person's grade and the measured one say different things; silence disagrees with nobody."""
    return measured is not None and human is not None and measured != human
