"""How does one customer get what is known about them, and how are they forgotten? Both ask before they do."""

from __future__ import annotations

import streamlit as st

from journey_app.charts.text import count
from journey_app.errors import JourneyError
from journey_app.ui import uploads
from journey_app.ui.door import may_write, me, wall
from journey_app.ui.explaining import say
from journey_app.ui.markdown import md
from journey_app.workspace import forgetting, knowing
from journey_app.workspace.workspace import Workspace

TURN = "forgotten.turn"


def offer(space: Workspace, key: str) -> None:
    """Two buttons for the customer in focus."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Give out what is known",
            lambda: knowing.as_zip(knowing.known(space, key, now=wall())),
            "what-is-known.zip",
            "application/zip",
            key="customers.known",
            icon=":material/download:",
        )
        if may_write() and st.button(
            "Forget this customer", key="customers.forget", icon=":material/person_remove:", type="tertiary"
        ):
            forget_dialog(space, key)


@st.dialog("Forget this customer for good?", width="medium")
def forget_dialog(space: Workspace, key: str) -> None:
    """Everything that goes, and what is not reached; typed before it is done."""
    also = st.text_input(
        "Their name, as it may stand in notes and tickets",
        key="forget.also",
        placeholder="Optional; several with a comma",
    )
    words = [word for word in also.split(",") if word.strip()]
    try:
        found = forgetting.look(space, key, words)
    except JourneyError as error:
        say(error.what, error.do)
        return
    _list(found)
    value = key.partition(":")[2]
    typed = st.text_input(f"Type {value} to forget them", key="forget.typed")
    meant = typed.strip().casefold() == value.casefold()
    if typed.strip() and not meant:
        st.caption(f"That is not their id yet: it is written {md(value)}.")
    if st.button("Forget for good", type="primary", key="forget.yes", disabled=not meant):
        try:
            with st.spinner("Writing the data without them …"):
                forgetting.forget(space, key, words, author=me().who, now=wall())
        except JourneyError as error:
            say(error.what, error.do)
            return
        _let_go(space)
        st.toast("Forgotten. Nothing of theirs is left in this workspace, and no import brings them back.")
        st.rerun()
    if st.button("Keep them", key="forget.no"):
        st.rerun()


def _list(found: forgetting.Person) -> None:
    links = f" and {count(found.links)} rows that say who is who" if found.links else ""
    st.markdown(
        f"**{md(found.label)}**, known by {count(len(found.raw_ids))} ids: {count(found.events)} events{links} go."
        " There is no way back."
    )
    lines = []
    if found.uploads:
        files = ", ".join(md(name) for name in dict.fromkeys(name for name, _kept in found.uploads))
        lines.append(f"Raw files that hold them are removed whole: {files}. Everybody else’s events stay.")
    if found.decisions:
        kinds = ", ".join(sorted({each.kind.replace("_", " ") for each in found.decisions}))
        lines.append(f"Their ids are taken out of {count(len(found.decisions))} saved texts ({md(kinds)}).")
    if found.shared:
        lines.append(
            "Ids that others use too are only taken out of their rows: " + ", ".join(map(md, found.shared))
        )
    lines.append(
        "Not reached: " + "; ".join(md(each) for each in (*found.elsewhere, forgetting.NEVER_REACHED)) + "."
    )
    st.markdown("\n".join(f"- {line}" for line in lines))


def _let_go(space: Workspace) -> None:
    """Nothing of theirs stays in memory: answers, dropped files, what was searched for."""
    st.cache_data.clear()
    uploads.empty_tray(space)
    st.session_state[TURN] = turn() + 1


def turn() -> int:
    """How often somebody was forgotten here: new widgets then, for the browser keeps what was typed and chosen."""
    return int(st.session_state.get(TURN, 0))
