"""Why is a customer in none of the questions?

Source: docs/decisions/013-what-does-not-count.md
"""

from __future__ import annotations

from dataclasses import dataclass

from journey_app.errors import BadChoice
from journey_app.vocabulary import CleanUp, LeaveOut
from journey_app.workspace.cleaning import built_version, clean_up_of, everything
from journey_app.workspace.workspace import Workspace

MOST_LEFT_OUT = 5  # customers named to whoever searches for one of their ids


@dataclass(frozen=True)
class LeftOut:
    """A customer in none of the questions. rules: those that take them, by their numbers from 1.

    hidden: whether events that are hidden belong to what they did.
    """

    label: str
    rules: tuple[tuple[int, LeaveOut], ...]
    hidden: bool


def who_is_left_out(space: Workspace, wanted: str, most: int = MOST_LEFT_OUT) -> tuple[LeftOut, ...]:
    """Customers with an id that contains `wanted` whom the clean-up in force leaves out, and why."""
    held, _version = clean_up_of(space)
    if held == CleanUp() or not wanted.strip() or built_version(space) is None:
        return ()
    with everything(space) as now:
        return tuple(
            LeftOut(
                label,
                tuple(
                    (number, rule)
                    for number, rule in enumerate(held.leave_out, start=1)
                    if now.touched(CleanUp((rule,)), who)
                ),
                bool(held.hidden) and now.touched(CleanUp(hidden=held.hidden), who),
            )
            for who, label in now.left_out(wanted.strip(), most)
        )


def why_left_out(found: LeftOut) -> str:
    """“bob@acme.com is left out by rule 1, “Colleagues”.”"""
    by = [f"rule {number}, “{rule.reason}”" for number, rule in found.rules]
    by += ["hiding all that they did" if not by else "hiding some of what they did"] * found.hidden
    return f"{found.label} is left out by {' and by '.join(by)}."


def insist_not_left_out(space: Workspace, wanted: str) -> None:
    """Raise BadChoice for an id of a customer whom the clean-up leaves out, with the way back."""
    for found in who_is_left_out(space, wanted, 1):
        ways = [f"rule {number} back (cleanup remove {number})" for number, _rule in found.rules]
        ways += ["hidden events back (cleanup unhide)"] * found.hidden
        raise BadChoice(why_left_out(found), f"Take {' and '.join(ways)}, here or on the Clean-up page.")
