"""Why is a customer whom somebody searches for in none of the questions, and where is that taken back?"""

from __future__ import annotations

from typing import Any

import streamlit as st

from journey_app.plain import to_plain
from journey_app.ui import markup
from journey_app.workspace import cleaning, left_out
from journey_app.workspace.workspace import Workspace


def say_who(space: Workspace, wanted: str) -> None:
    """One sentence for each customer that the clean-up leaves out, and the way to it; nothing without any."""
    held, _version = cleaning.clean_up_of(space)
    found = _found(space.version, to_plain(held), wanted, space) if wanted.strip() else ()
    for each in found:
        markup.show(markup.caption(left_out.why_left_out(each)))
    if found:
        st.page_link(
            st.session_state["pages"]["cleanup"],
            label="Take it back on the Clean-up page",
            icon=":material/cleaning_services:",
        )


@st.cache_data(show_spinner=False, max_entries=100)
def _found(
    version: str | None, held: dict[str, Any], wanted: str, _space: Workspace
) -> tuple[left_out.LeftOut, ...]:
    return left_out.who_is_left_out(_space, wanted)
