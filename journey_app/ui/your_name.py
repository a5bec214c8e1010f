"""Who changes something here? Asked once, where nobody signs people in, and kept for this browser."""

from __future__ import annotations

import streamlit as st

from journey_app.errors import JourneyError
from journey_app.ui.explaining import say
from journey_app.ui.rights import NAMELESS, browser, own_name, rights, settings, signed_in
from journey_app.workspace.names import LONGEST, keep_name

HELP = "Stands beside what you change: in conflicts, grades and histories. Kept for this browser only."


def your_name(place: str) -> None:
    """A field with the name that stands beside what this person changes. place: where it is asked, for its key."""
    here = browser()
    if here is None or not rights().write or signed_in(settings()):
        return
    key = f"{place}.your_name"
    st.session_state.setdefault(key, own_name())
    st.text_input(
        "Your name",
        key=key,
        placeholder=NAMELESS,
        max_chars=LONGEST,
        help=HELP,
        on_change=_keep,
        args=(key, here),
    )


def ask_name(place: str) -> None:
    """The same, only as long as nobody has said it: just before their first words are saved."""
    if not own_name():
        your_name(place)


def _keep(key: str, here: str) -> None:
    try:
        keep_name(settings(), here, str(st.session_state[key]))
    except JourneyError as error:
        say(error.what, error.do)
