"""How does one come to the made-up company? In one click: made, imported and opened, or just opened."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from journey_app.sample import load_sample
from journey_app.ui.door import forget_opened, settings, wall
from journey_app.ui.working import working
from journey_app.workspace.sample import SAMPLE_NAME, is_ready

TAKES = "Takes about half a minute."


def button(label: str, *, primary: bool = False) -> None:
    """Open the made-up company; make it first when it is not there."""
    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    if st.button(label, key="sample.open", icon=":material/science:", type=kind, help=TAKES):
        if not is_ready(settings()):
            make()
        enter(SAMPLE_NAME)


def make() -> None:
    """Make it with its progress; stopped or failed half way, nothing of it stays (see `load_sample`)."""
    now = wall()
    try:
        with working("Making up a company", key="sample.making") as progress:
            load_sample(settings(), until=now.date(), now=now, progress=progress)
    finally:
        forget_opened()


def enter(name: str, page: str = "findings") -> None:
    """Go into a workspace, leaving every choice of the last one behind."""
    forget_opened()
    st.session_state["workspace"] = name
    st.switch_page(st.session_state["pages"][page], query_params={"workspace": name})
