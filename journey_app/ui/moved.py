"""What did something change in the goal: the last import, a rule? Said in one line."""

from __future__ import annotations

from typing import Any

import streamlit as st

from journey_app.analysis.since import goal_in
from journey_app.charts.text import count, percent
from journey_app.errors import NothingYet
from journey_app.plain import from_plain, to_plain
from journey_app.vocabulary import Goal, Rate
from journey_app.workspace import decisions
from journey_app.workspace.importing import last_change
from journey_app.workspace.workspace import Workspace

UNTOLD = "Goal: –, the data before this import are not kept"


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


def since_import(space: Workspace, batch: str) -> str:
    """What the newest import changed in the goal; empty without a goal, and for every older import.

    The last two versions of the data are kept: “–” when the one before is gone, or none was.
    """
    held = decisions.goal(space)
    imports = [document.doc_id for document in space.batches() if "live" not in document.body]
    if held is None or not imports or batch != max(imports):
        return ""
    change = last_change(space)
    if change is None or change[1] is None:
        return UNTOLD
    goal = to_plain(held.value)
    before, after = _goal_at(change[1], goal, space), _goal_at(change[2], goal, space)
    return f"{moved_said(before, after)} since this import" if before and after else UNTOLD


@st.cache_data(show_spinner=False, max_entries=50)
def _goal_at(version: str, goal: dict[str, Any], _space: Workspace) -> Rate | None:
    try:
        return goal_in(_space.events_at(version), from_plain(Goal, goal))
    except NothingYet:
        return None
