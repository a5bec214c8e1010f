"""What can be chosen on a page, with the choice in the address so that a link reproduces what one sees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from journey_app.analysis.stages import event_names as event_names_question
from journey_app.errors import NothingYet
from journey_app.ui.asking import ask
from journey_app.workspace import decisions
from journey_app.workspace.workspace import NO_EVENTS, Workspace

DAYS = (1, 3, 7, 14, 30, 90)
USUAL_WINDOW = timedelta(days=14)


def event_names(space: Workspace) -> list[str]:
    """Every event name of the workspace, most frequent first. Raises NothingYet where reports are all there is."""
    names = ask(event_names_question, space)
    if not names:
        raise NothingYet(*NO_EVENTS)
    return names


def default_steps(space: Workspace) -> list[str]:
    """The goal's steps, or the three most frequent events until there is a goal."""
    known = event_names(space)
    held = decisions.goal(space)
    if held is not None and all(step in known for step in held.value.steps):
        return list(held.value.steps)
    return known[:3]


def stand_in_said(space: Workspace, steps: Sequence[str]) -> str:
    """That nobody chose these steps; empty where somebody did, or a goal."""
    if decisions.goal(space) is not None or list(steps) != default_steps(space):
        return ""
    return "No goal is set: these are only the most frequent events, so choose your steps."


def pick_steps(space: Workspace, key: str) -> list[str]:
    """Two to twelve events, in the order they were chosen."""
    with st.popover("Edit steps", icon=":material/tune:"):
        names = event_names(space)
        _offer(key, default_steps(space), names)
        return st.multiselect(
            "Steps, in order",
            names,
            key=key,
            max_selections=12,
            bind="query-params",
            help="Remove steps with their ×; a new one goes to the end.",
        )


def _offer(key: str, usual: list[str], names: Sequence[str]) -> None:
    """What is chosen before anybody chose, and when what was chosen belongs to other data."""
    held = st.session_state.get(key)
    if held is None and key not in st.query_params:
        st.session_state[key] = usual
    elif held is not None and not all(name in names for name in held):
        st.session_state[key] = [name for name in held if name in names] or usual


def windows(usual: timedelta) -> dict[str, timedelta | None]:
    """What can be chosen as time from entering, shortest first, `usual` among it; None is no limit."""
    limits = {days: f"{days} day{'' if days == 1 else 's'}" for days in {*DAYS, usual.days} if days}
    offered: dict[str, timedelta | None] = {limits[days]: timedelta(days=days) for days in sorted(limits)}
    return {**offered, "No limit": None}


def pick_window(space: Workspace, key: str) -> timedelta | None:
    """Time from entering, the goal's at first; None is no limit."""
    held = decisions.goal(space)
    usual = held.value.measure.within if held else USUAL_WINDOW
    offered = windows(usual)
    names = list(offered)
    chosen = st.selectbox(
        "Window",
        names,
        index=list(offered.values()).index(usual if usual in offered.values() else USUAL_WINDOW),
        key=key,
        label_visibility="collapsed",
        bind="query-params",
        width=130,
    )
    return offered[chosen]


def window_days(within: timedelta | None) -> str:
    """“14-day window”, as an eyebrow says it."""
    return "no time limit" if within is None else f"{within.days}-day window"


def pick_one(label: str, options: Sequence[str], key: str, default: str | None = None) -> str:
    """One of a few, side by side; always one is chosen."""
    chosen = st.segmented_control(
        label,
        list(options),
        default=default or options[0],
        required=True,
        key=key,
        label_visibility="collapsed",
        bind="query-params",
    )
    return str(chosen or default or options[0])


def pick_from(label: str, options: Sequence[str], key: str, width: int = 210) -> str:
    """One of several, in a list that opens."""
    return str(
        st.selectbox(
            label, list(options), key=key, label_visibility="collapsed", bind="query-params", width=width
        )
    )
