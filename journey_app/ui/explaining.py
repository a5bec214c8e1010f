"""How is an error shown? What happened and what to do, with the button that does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec

import streamlit as st

from journey_app.errors import JourneyError, NothingYet
from journey_app.ui.markdown import md

Given = ParamSpec("Given")


def say(what: str, do: str) -> None:
    """Two sentences, calmly."""
    st.warning(f"**{md(what)}** {md(do)}", icon=":material/info:")


@contextmanager
def explaining() -> Iterator[None]:
    """Turn a JourneyError inside into its two sentences; a bug stays a bug and reaches the log."""
    try:
        yield
    except NothingYet as error:
        _empty(error)
    except JourneyError as error:
        say(error.what, error.do)


def self_explaining(inside: Callable[Given, None]) -> Callable[Given, None]:
    """For a dialog or a fragment: Streamlit runs these again without the page and its `explaining` around them."""

    @wraps(inside)
    def told(*args: Given.args, **named: Given.kwargs) -> None:
        with explaining():
            inside(*args, **named)

    return told


def _empty(error: NothingYet) -> None:
    """An empty page says what to do next, and offers it: the goal where it is missing, else data, else the sample."""
    pages = st.session_state.get("pages", {})
    with st.container(key="empty"):
        st.subheader(md(error.what), anchor=False)
        st.markdown(md(error.do))
        if "goal" in error.do.lower() and "goal" in pages:
            st.page_link(pages["goal"], label="Set the goal", icon=":material/flag:")
        if "import" in pages:
            st.page_link(pages["import"], label="Import your exports", icon=":material/upload_file:")
        if "welcome" in pages:
            st.page_link(pages["welcome"], label="Look around a made-up company", icon=":material/science:")
