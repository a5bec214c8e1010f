"""The first line of every page: may this person be here, and in which workspace are they?"""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from journey_app.errors import JourneyError, UnknownName
from journey_app.ui.explaining import say
from journey_app.ui.rights import Rights, rights, settings
from journey_app.workspace.home import list_workspaces, open_workspace
from journey_app.workspace.unfinished import finish_forgetting
from journey_app.workspace.uploads import remove_old
from journey_app.workspace.workspace import Workspace


def wall() -> datetime:
    """The wall clock, UTC: for when something was saved and for deadlines, never for a rate."""
    return datetime.now(UTC)


def workspace_name() -> str | None:
    """The workspace of this session: named in the address, else the last one, else the operator's.

    It is written into the address, so that a reload or a bookmark opens the same one.
    Raises UnknownName for an address that names one that is not here.
    """
    known = list_workspaces(settings())
    named = st.query_params.get("workspace")
    by_hand = named is not None and named != st.session_state.get("workspace.written")
    if by_hand and named not in known:
        raise UnknownName("workspace", str(named), known)
    wanted = (named if by_hand else None, st.session_state.get("workspace"), named, settings().workspace)
    found = next((name for name in wanted if name in known), None)
    found = found or (known[0] if known else None)
    st.session_state["workspace"] = st.session_state["workspace.written"] = found
    if found is not None and named != found:
        st.query_params["workspace"] = found
    return found


@st.cache_resource(show_spinner=False, max_entries=64)
def opened(name: str) -> Workspace:
    space = open_workspace(name, settings())
    remove_old(space, now=wall())
    return space


def admit() -> Rights:
    """Whoever may look at all; otherwise a sentence, and the end. For pages that stand before any workspace."""
    mine = rights()
    if not mine.read:
        say(
            "This page is not open to you.",
            "Ask its owner for a share link, or for an account on the sign-in in front of the app.",
        )
        st.stop()
    return mine


def require(level: str) -> Workspace:
    """The workspace, for someone who may `read` or `write` it; otherwise a sentence, and the end."""
    mine = admit()
    try:
        name = workspace_name()
        if name is None:
            st.switch_page(st.session_state["pages"]["welcome"])
        assert name is not None
        space = opened(name)
        finish_forgetting(space, now=wall())
    except JourneyError as error:
        say(error.what, error.do)
        if welcome := st.session_state.get("pages", {}).get("welcome"):
            st.page_link(welcome, label="All workspaces", icon=":material/workspaces:")
        st.stop()
    if level == "write" and not mine.write:
        say("This app is open for reading only.", "Start it without --read-only to change anything.")
        st.stop()
    return space


def may_write() -> bool:
    """Whether buttons that change something are drawn at all."""
    return rights().write


def me() -> Rights:
    return rights()


def forget_opened() -> None:
    """Open workspaces anew: after one was made, restored or deleted."""
    opened.clear()
