"""How is long work shown? A bar, the sentence of what is being done, and a button that stops it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import streamlit as st

from journey_app.errors import JourneyError
from journey_app.ui.markdown import md

Progress = Callable[[float, str], None]
OFTEN_ENOUGH_S = 0.15


@contextmanager
def working(sentence: str, *, key: str, on_stop: Callable[[], None] | None = None) -> Iterator[Progress]:
    """Lends a progress callback (share 0 to 1, sentence) while the work inside goes on.

    Pressing Stop, like anything else that starts the page anew, ends the work at its next call of
    the callback; the work itself must leave nothing half done. on_stop: what to note down then.
    """
    place = st.empty()
    with place.container(horizontal=True, vertical_alignment="center", key=f"working-{key}"):
        bar = st.progress(0.0, md(sentence))
        st.button("Stop", key=f"{key}.stop", icon=":material/stop:", on_click=on_stop, width="content")
    drawn_at, drawn = 0.0, ""

    def show(share: float, sentence: str) -> None:
        nonlocal drawn_at, drawn
        if sentence != drawn or monotonic() - drawn_at > OFTEN_ENOUGH_S:
            drawn_at, drawn = monotonic(), sentence
            bar.progress(min(1.0, max(0.0, share)), md(f"{sentence} …"))

    try:
        yield show
    except JourneyError:
        place.empty()
        raise
    place.empty()
