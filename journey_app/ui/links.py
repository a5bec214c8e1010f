"""From one page to another, with the choice that was made: a ribbon to its funnel, a finding to its sprint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from journey_app.analysis.paths import CAME, LEFT, OTHER, Link
from journey_app.ui.pickers import USUAL_WINDOW, default_steps, windows
from journey_app.vocabulary import Finding, Goal
from journey_app.workspace.workspace import Workspace

Ribbon = tuple[int, str, str]


def first_step(space: Workspace) -> str:
    """Where a walk begins unless somebody says otherwise: the goal's first step."""
    steps = default_steps(space)
    return steps[0] if steps else ""


def picked_link(clicked: Mapping[str, Mapping[str, Any]], ribbons: Sequence[Ribbon]) -> Ribbon | None:
    """The ribbon that was clicked, or the widest one out of (else into) a clicked node."""
    if "link" in clicked:
        row = clicked["link"]
        found = (int(row["step"]), str(row["source"]), str(row["target"]))
        return found if found in ribbons else None
    if "node" in clicked:
        row = clicked["node"]
        column, event = int(row["column"]), str(row["event"])
        out_of = [r for r in ribbons if r[0] == column and r[1] == event]
        into = [r for r in ribbons if r[0] == column - 1 and r[2] == event]
        return next(iter(out_of or into), None)
    return None


def opens_as_funnel(link: Link) -> bool:
    """Whether a ribbon joins two named events: its ends and Other are no events one can ask about."""
    return not {link.source, link.target} & {LEFT, CAME, OTHER} and link.source != link.target


def open_funnel(
    steps: Sequence[str],
    *,
    by: str | None = None,
    step: int | None = None,
    period: str | None = None,
    window: timedelta | None = None,
) -> None:
    """The Funnel page with these steps.

    by: broken down by a field. step: that one in focus. period: as its picker says it. window: the
    time from entering, where the picker offers it.
    """
    st.session_state["funnel.steps"] = list(steps)
    st.session_state["funnel.focus"] = (tuple(steps), step)
    if by is not None:
        st.session_state["funnel.by"] = by.capitalize()
    if period is not None:
        st.session_state["funnel.period"] = period
    offered = {length: name for name, length in windows(USUAL_WINDOW).items()}
    if window is not None and window in offered:
        st.session_state["funnel.window"] = offered[window]
    go_to("funnel")


def focused_step(steps: Sequence[str]) -> int | None:
    """The step that another page asked to look at, for as long as the steps are the same."""
    held_steps, step = st.session_state.get("funnel.focus", ((), None))
    return step if held_steps == tuple(steps) else None


def step_and_fate(
    clicked: Mapping[str, Mapping[str, Any]], steps: Sequence[str], worst: int | None
) -> tuple[int, str]:
    """What the picture is asked about: what was clicked, else the step in focus, else the worst one."""
    row = clicked.get("step")
    if row is not None and int(row["step"]) < len(steps):
        return int(row["step"]), str(row["fate"])
    held = focused_step(steps)
    return (held if held is not None else worst or 0), "lost"


def go_to(page: str) -> None:
    """Another page of the app, by its file's name."""
    st.switch_page(st.session_state["pages"][page])


def field_of(finding: Finding) -> str:
    """The field in which a finding's two groups differ."""
    where = finding.measure.where if finding.measure else ()
    return where[-1].field if where else "device"


def stage_of(goal: Goal, place: str) -> int:
    """The number of a step on the way to the goal, for its colour; 0 for a place off the way."""
    return goal.steps.index(place) if place in goal.steps else 0
