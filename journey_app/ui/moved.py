"""What did something change in the goal: an import, a rule? Said in one line."""

from __future__ import annotations

from journey_app.charts.text import count, percent, short_day
from journey_app.vocabulary import Rate
from journey_app.workspace import decisions
from journey_app.workspace.importing import goal_moved
from journey_app.workspace.workspace import Workspace


def moved_said(before: Rate | None, after: Rate | None) -> str:
    """“Goal 12.4% → 12.9% (n 3,102 → 3,340)”, or that it stays; empty when neither can be told."""
    if before is None and after is None:
        return ""
    if before and after and (before.count, before.of) == (after.count, after.of):
        return f"Goal stays {percent(after.share)} (n {count(after.of)})"
    shares = [percent(rate.share) if rate else "–" for rate in (before, after)]
    if before and after:
        return f"Goal {shares[0]} → {shares[1]} (n {count(before.of)} → {count(after.of)})"
    return f"Goal {shares[0]} → {shares[1]}"


def when_imported(space: Workspace, batch: str) -> str:
    """What an import did to the goal, as it was counted then; empty where no goal was set then.

    docs/decisions/023-what-an-import-did-to-the-goal.md
    """
    moved = goal_moved(space, batch)
    if moved is None:
        return ""
    before, after = moved.before, moved.after
    told = after or before
    if told is None:
        return "Goal: not to be told from the data when this was imported"
    said = moved_said(*(each.rate if each else None for each in (before, after)))
    said += f" with this import, data then to {short_day(told.last_day)}"
    if moved.files > 1:
        said += f", stored together with {count(moved.files - 1)} more"
    held = decisions.goal(space)
    if held is None or held.value.measure != moved.measure:
        said += f". The goal has changed since; this is of “{moved.measure.name}” as it was then"
    return said
