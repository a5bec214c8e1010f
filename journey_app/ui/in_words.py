"""What do two wordings of one decision say differently, in words and not in JSON?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NOTHING = "nothing"
GRADES = {"R": "red", "A": "amber", "G": "green"}
LABELS = {
    "of": "Should pass here",
    "by": "By",
    "worth": "Smallest effect worth having",
    "within": "Window",
    "where": "Only",
    "target_share": "Target",
    "goes_live": "Goes live",
    "start": "Start",
    "steps": "Way",
    "telling": "What tells of it",
    "not_ours": "We have no such place",
}
NAMED_BY = ("title", "name", "field", "event")  # what a thing in a list is called by
DAY_S = 86_400


@dataclass(frozen=True)
class Difference:
    """One field that two wordings of a decision do not share."""

    field: str
    label: str
    theirs: str
    mine: str


def differences(theirs: Mapping[str, Any], mine: Mapping[str, Any]) -> list[Difference]:
    """Field by field where the two differ, in the order of mine; inside a field only what differs is said."""
    fields = dict.fromkeys([*mine, *theirs])
    return [
        Difference(field, label_of(field), *_apart(field, theirs.get(field), mine.get(field)))
        for field in fields
        if theirs.get(field) != mine.get(field)
    ]


def _apart(field: str, theirs: Any, mine: Any) -> tuple[str, str]:
    left, right = said(field, theirs), said(field, mine)
    words = [
        "; ".join(
            f"{name}: {text}" if name else text for name, text in side.items() if other.get(name) != text
        )
        for side, other in ((left, right), (right, left))
    ]
    return words[0] or NOTHING, words[1] or NOTHING


def said(field: str, value: Any) -> dict[str, str]:
    """A value as lines: name of the part → its words; one line without a name for a plain value."""
    if isinstance(value, Mapping):
        return {
            _joined(label_of(str(name)), below): text
            for name, part in value.items()
            for below, text in said(str(name), part).items()
        }
    if isinstance(value, (list, tuple)) and any(isinstance(each, Mapping) for each in value):
        return {
            _joined(_called(each, number), below): text
            for number, each in enumerate(value, 1)
            for below, text in said(field, each).items()
        }
    return {"": words(field, value)}


def _joined(name: str, below: str) -> str:
    return f"{name}, {below}" if below else name


def _called(thing: Any, number: int) -> str:
    if isinstance(thing, Mapping):
        if "week" in thing:
            return f"Week {thing['week']}"
        named = next((str(thing[name]) for name in NAMED_BY if thing.get(name)), "")
        if named:
            return named
    return f"{number}."


def words(field: str, value: Any) -> str:
    """One plain value as a person reads it."""
    if value is None or value == "" or value == []:
        return NOTHING
    if field == "grade":
        return GRADES.get(str(value), str(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return (" → " if field == "steps" else ", ").join(words("", each) for each in value)
    if isinstance(value, (int, float)):
        return _number(field, value)
    return str(value)


def _number(field: str, value: float) -> str:
    if field == "within":
        days = value / DAY_S
        return "1 day" if days == 1 else f"{days:g} days"
    if field.endswith("share") or field in ("low", "high", "worth"):
        return f"{value:.1%}"
    return f"{value:,}" if isinstance(value, int) or not math.isfinite(value) else f"{value:,g}"


def label_of(field: str) -> str:
    """The field's name as a form would call it."""
    return LABELS.get(field, field.replace("_", " ").capitalize())
