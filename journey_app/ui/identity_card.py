"""Which ids is this customer, why, and how does one say that two of them are two people?"""

from __future__ import annotations

import streamlit as st

from journey_app.analysis.identities import Identity, Pair, identity, pairs
from journey_app.charts.text import count
from journey_app.errors import JourneyError
from journey_app.ui import identity_words as words
from journey_app.ui import markup
from journey_app.ui.asking import ask
from journey_app.ui.door import may_write, me, wall
from journey_app.ui.explaining import say, self_explaining
from journey_app.ui.frame import table
from journey_app.ui.import_words import events_said
from journey_app.ui.markdown import md
from journey_app.ui.people import pick_row
from journey_app.vocabulary import Cut
from journey_app.workspace import identities as deeds
from journey_app.workspace.decisions import Decided
from journey_app.workspace.workspace import Workspace


def identity_card(space: Workspace, key: str) -> None:
    """Ids with where they were seen, every reason why they are one, and what was not followed."""
    who = ask(identity, space, key=key)
    table(words.id_rows(who.ids), key="customers.ids")
    if len(who.ids) > 1 and may_write():
        label = "These are two people: keep two of these ids apart …"
        if st.button(label, icon=":material/call_split:", key="customers.apart"):
            apart_dialog(space, who)
    followed = [pair for pair in pairs(who.links) if pair.followed]
    if followed:
        _reasons(space, who, followed)
    off = [each for each in who.beside if each.refused]
    if off:
        markup.show(markup.caption("In the same rows, but followed for nobody:"))
        table(words.refused_rows(off), key="customers.beside")
    sentence = words.beside_sentence(who)
    if sentence:
        markup.show(markup.caption(sentence))
    mine = {each.raw_id for each in (*who.ids, *who.beside)}
    cut_list(space, [held for held in deeds.cuts(space) if mine & {held.value.left, held.value.right}])


def _reasons(space: Workspace, who: Identity, followed: list[Pair]) -> None:
    files = {batch.doc_id: str(batch.body["report"]["file"]) for batch in space.batches()}
    hint = "select one that is wrong" if may_write() else ""
    markup.show(markup.section("Why they are one customer", hint))
    row = pick_row(words.link_rows(followed, files), key=f"customers.links.{who.key}.{space.version}")
    if row is None or not may_write():
        return
    pair = followed[row]
    with st.container(horizontal=True, vertical_alignment="center"):
        markup.show(markup.caption(f"{words.said(pair.left)} and {words.said(pair.right)}:"))
        if st.button("These two ids are two people …", icon=":material/call_split:", key="customers.cut"):
            cut_dialog(space, deeds.cut_of(pair.left, pair.right))


@st.dialog("Two people, not one", width="large")
@self_explaining
def apart_dialog(space: Workspace, who: Identity) -> None:
    """Which two ids, what keeping them apart would change, then the button that does it."""
    ids = [each.raw_id for each in who.ids]
    st.markdown("Choose one id of each person. You see first what it would change.")
    left, right = st.columns(2)
    one = left.selectbox("An id of one person", ids, format_func=words.said, key="cut.one")
    others = [raw_id for raw_id in ids if raw_id != one]
    other = right.selectbox("An id of the other", others, format_func=words.said, key="cut.other")
    _look_and_cut(space, deeds.cut_of(str(one), str(other)))


@st.dialog("Two people, not one", width="large")
@self_explaining
def cut_dialog(space: Workspace, cut: Cut) -> None:
    """What the cut would change, then the button that makes it."""
    _look_and_cut(space, cut)


def _look_and_cut(space: Workspace, cut: Cut) -> None:
    try:
        with st.spinner("Looking at what this would change …"):
            preview = deeds.preview_cut(space, cut)
    except JourneyError as error:
        say(error.what, error.do)
        return
    events = events_said(preview.before.events)
    becomes = f"becomes {_customers(len(preview.after))} · {events} now"
    markup.show(markup.section(preview.before.label, becomes))
    table(
        [
            {
                "Customer": part.label,
                "Events": part.events,
                "Keeps": ", ".join(words.said(raw) for raw in part.raw_ids),
            }
            for part in preview.after
        ],
        key="cut.parts",
    )
    if preview.nobody:
        names = ", ".join(words.said(raw) for raw in preview.nobody)
        them = "it" if len(preview.nobody) == 1 else "them"
        sentence = f"No row names {names} alone, so no event goes with {them}."
        markup.show(markup.caption(f"{sentence} Rows with both stay with the stronger id."))
    st.markdown("It stays so after later imports, and can be taken back at any time.")
    if st.button("Keep them apart", type="primary", key="cut.confirm") and _cut(space, cut):
        st.rerun()


def _customers(number: int) -> str:
    return "one customer still" if number == 1 else f"{count(number)} customers"


def _cut(space: Workspace, cut: Cut) -> bool:
    try:
        with st.spinner("Joining customers anew …"):
            deeds.cut_apart(space, cut, author=me().who, now=wall())
    except JourneyError as error:
        say(error.what, error.do)
        return False
    st.toast(f"{md(words.said(cut.left))} and {md(words.said(cut.right))} are two people now.")
    return True


def cut_list(space: Workspace, held: list[Decided[Cut]]) -> None:
    """Cuts in force, each with its way back."""
    if not held:
        return
    markup.show(markup.section("Kept apart by a person", f"{count(len(held))} in force"))
    for number, each in enumerate(held):
        with st.container(horizontal=True, vertical_alignment="center"):
            who, when = each.author, f"{each.saved_at:%Y-%m-%d}"
            names = f"{words.said(each.value.left)} and {words.said(each.value.right)}"
            markup.show(markup.caption(f"{names} · {who}, {when}"))
            wanted = may_write() and st.button("Take back", key=f"cut.back.{number}", icon=":material/undo:")
            if wanted and _back(space, each.value):
                st.rerun()


def _back(space: Workspace, cut: Cut) -> bool:
    try:
        with st.spinner("Joining customers anew …"):
            deeds.take_back(space, cut, author=me().who, now=wall())
    except JourneyError as error:
        say(error.what, error.do)
        return False
    st.toast("Taken back: rows may join them again.")
    return True
