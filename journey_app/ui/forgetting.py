"""How does one customer get what is known about them, and how are they forgotten? Both ask before they do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from journey_app.charts.text import count
from journey_app.errors import JourneyError
from journey_app.ui import uploads
from journey_app.ui.door import may_write, me, wall
from journey_app.ui.explaining import say, self_explaining
from journey_app.ui.import_words import rows_said
from journey_app.ui.markdown import as_typed, md
from journey_app.workspace import forgetting, knowing, receipts, theirs
from journey_app.workspace.unfinished import Unfinished
from journey_app.workspace.workspace import Workspace

TURN, RECEIPT = "forgotten.turn", "forgotten.receipt"
MOST_TITLES = 12


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
@self_explaining
def forget_dialog(space: Workspace, key: str) -> None:
    """Everything that goes, and what is not reached; typed before it is done."""
    also = st.text_input(
        "Their name, as it may stand in notes and tickets",
        key="forget.also",
        placeholder="Optional; several with a comma",
    )
    words = [word for word in also.split(",") if word.strip()]
    try:
        found = theirs.look(space, key, words)
    except JourneyError as error:
        say(error.what, error.do)
        return
    _list(found)
    value = key.partition(":")[2]
    typed = st.text_input(f"Type {md(value)} to forget them", key="forget.typed")
    meant = as_typed(typed).strip().casefold() == as_typed(value).casefold()
    if typed.strip() and not meant:
        st.caption(f"That is not their id yet: it is written {md(value)}.")
    if st.button("Forget for good", type="primary", key="forget.yes", disabled=not meant):
        _forget(space, key, words)
        st.rerun()
    if st.button("Keep them", key="forget.no"):
        st.rerun()


def _forget(space: Workspace, key: str, words: list[str]) -> None:
    """The deed, with a receipt also where a file of theirs could not be removed yet."""
    with st.spinner("Writing the data without them …"):
        try:
            gone = forgetting.forget(space, key, words, author=me().who, now=wall())
            done = "Forgotten. Nothing of theirs is left in this workspace, and no import brings them back."
        except Unfinished as error:
            gone, done = error.gone, f"{error.what} {error.do}"
    st.session_state[RECEIPT] = receipts.as_lines(receipts.receipt(space, gone, at=wall()))
    _let_go(space)
    st.toast(md(done))


def last_receipt() -> None:
    """What went with the customer who was forgotten last, to be kept; until it is put away."""
    lines = st.session_state.get(RECEIPT)
    if not lines:
        return
    with st.container(border=True, key="forgotten-receipt"):
        st.markdown("**Forgotten.** This receipt names nobody; keep it with the request.")
        st.code("\n".join(lines), language=None, wrap_lines=True)
        with st.container(horizontal=True):
            st.download_button(
                "Download the receipt",
                "\n".join(lines) + "\n",
                "forgotten.txt",
                "text/plain",
                key="forget.receipt",
                icon=":material/download:",
                on_click="ignore",
            )
            if st.button("Put it away", key="forget.away"):
                del st.session_state[RECEIPT]
                st.rerun()


def _list(found: theirs.Person) -> None:
    links = f" and {rows_said(found.links)} about who is who" if found.links else ""
    st.markdown(
        f"**{md(found.label)}**, known by {count(len(found.raw_ids))} ids: {count(found.events)} events{links} go."
        " There is no way back."
    )
    lines = []
    if found.uploads:
        files = ", ".join(md(name) for name in dict.fromkeys(name for name, _kept in found.uploads))
        lines.append(f"Raw files that hold them are removed whole: {files}. Everybody else’s events stay.")
    if found.decisions:
        lines.append(f"They are taken out of {texts_said(found.decisions)}.")
    if found.said:
        lines.append(f"In {rows_said(found.said)} of others a text names them; only their words go.")
    if found.waiting:
        lines.append(f"{count(found.waiting)} calls that arrived live and are no events yet go, too.")
    if found.notes:
        lines.append("A file named after them is remembered by: " + ", ".join(map(md, found.notes)))
    if found.spelled:
        lines.append(
            "Theirs by how an id is spelled, though no row says so: " + ", ".join(map(md, found.spelled))
        )
    if found.alike:
        lines.append(
            "These hold an address of theirs and are somebody else’s ids; they stay: "
            + ", ".join(map(md, found.alike))
        )
    if found.shared:
        lines.append(
            "Ids that others use too are only taken out of their rows: " + ", ".join(map(md, found.shared))
        )
    left = (*found.elsewhere, theirs.NEVER_REACHED, receipts.NOT_LOOKED_FOR)
    lines.append("Not reached: " + "; ".join(map(md, left)) + ".")
    st.markdown("\n".join(f"- {line}" for line in lines))


def texts_said(named_in: Sequence[theirs.Mention]) -> str:
    """How many saved texts name them and what those are called; a name that several share stands once."""
    sharing = Counter(f"{each.kind.replace('_', ' ')} “{md(each.title)}”" for each in named_in)
    titles = [
        name if alike == 1 else f"{name} ({count(alike)} of that name)" for name, alike in sharing.items()
    ]
    more = len(named_in) - sum(list(sharing.values())[:MOST_TITLES])
    listed = ", ".join(titles[:MOST_TITLES]) + (f" and {count(more)} more" if more > 0 else "")
    one = len(named_in) == 1
    return f"{'a saved text, which stays' if one else f'{count(len(named_in))} saved texts, which stay'}: {listed}"


def _let_go(space: Workspace) -> None:
    """Nothing of theirs stays in memory: answers, dropped files, what was searched for."""
    st.cache_data.clear()
    uploads.empty_tray(space)
    st.session_state[TURN] = turn() + 1


def turn() -> int:
    """How often somebody was forgotten here: new widgets then, for the browser keeps what was typed and chosen."""
    return int(st.session_state.get(TURN, 0))
