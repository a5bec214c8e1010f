"""What are events called: names that look alike, renaming and merging them, and hiding some?"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from journey_app.analysis.catalog import Totals, totals_of
from journey_app.analysis.naming import Suggestion
from journey_app.charts.text import count
from journey_app.errors import JourneyError
from journey_app.ui import markup
from journey_app.ui.asking import ask
from journey_app.ui.cleaning import KEY, Edit, State, as_it_would_be, change, goal_line, how_many, shown_names
from journey_app.ui.door import may_write
from journey_app.ui.explaining import say, self_explaining
from journey_app.ui.frame import counted
from journey_app.ui.import_words import events_said
from journey_app.ui.markdown import md
from journey_app.ui.moved import moved_said
from journey_app.ui.saving import resolve
from journey_app.ui.tags import Html, tag
from journey_app.vocabulary import CleanUp
from journey_app.workspace import decisions, edits, tidying
from journey_app.workspace.cleaning import Effect
from journey_app.workspace.workspace import Workspace

NAMES_SHOWN = 8


def names(space: Workspace, at: State) -> None:
    """What could be one event, every event by its export's name, and the ways to rename and hide."""
    markup.show(markup.section("Event names", f"{how_many(len(at.names), 'name')} in the exports"))
    for number, each in enumerate(at.suggested[:NAMES_SHOWN]):
        with st.container(horizontal=True, vertical_alignment="center", key=f"row-name-{number}"):
            with st.container(width="stretch"):
                markup.show(_suggestion(each, _goal_of(space, at, each)))
            if may_write() and st.button(_verb(each), key=f"cleanup.name.{number}", type="tertiary"):
                _apply(space, at, each)
    if may_write():
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Rename or merge", key="cleanup.rename", icon=":material/edit:"):
                rename_dialog(space, at)
            if st.button("Hide or show", key="cleanup.hide", icon=":material/visibility_off:"):
                hide_dialog(space, at)
    rows = [
        {
            "In the export": name.raw,
            "Called here": "hidden" if name.hidden else name.shown,
            "Events": name.events,
            "Customers": name.customers,
            "First": name.first and name.first.date(),
            "Last": name.last and name.last.date(),
        }
        for name in at.names
    ]
    st.dataframe(
        rows,
        hide_index=True,
        column_config=counted(rows),
        width="stretch",
        height=min(380, 38 + 35 * len(at.names)),
        key="cleanup.names",
    )


def _goal_of(space: Workspace, at: State, each: Suggestion) -> str:
    """What a suggestion does to the goal; asked only where the goal knows one of its events."""
    goal = decisions.goal(space)
    if goal is None or each.name is None or not {*each.events, each.name} & {*goal.value.steps}:
        return ""
    return goal_line(space, _renaming(at, each.events, each.name)(at.held))


def _suggestion(each: Suggestion, goal: str) -> Html:
    name = f"→ {each.name}" if each.name else "→ hide"
    return tag(
        "div",
        tag("div", tag("b", " · ".join(each.events)), tag("p", each.why, cls="j-caption")),
        tag("div", name),
        tag("div"),
        tag("div", goal, cls="j-caption"),
        cls="j-importrow",
    )


def _verb(each: Suggestion) -> str:
    if each.name is None:
        return "Hide it"
    return "Make them one" if len(each.events) > 1 else "Rename it"


def _apply(space: Workspace, at: State, each: Suggestion) -> None:
    if each.name is None:
        hide_dialog(space, at, each.events)  # what it does is said first
        return
    edit = _renaming(at, each.events, each.name)
    if tidying.uses(space, edit(at.held)):
        rename_dialog(space, at, each.events, each.name)  # the goal or a sprint uses one: that is asked first
    else:
        change(space, at, edit, f"Called “{each.name}” now.")


def _renaming(at: State, shown: Sequence[str], name: str) -> Edit:
    raws = [raw for old in shown for raw in edits.raws_of(at.names, old)]
    return lambda held: edits.renamed(held, raws, name)


@st.dialog("Rename or merge events")
@self_explaining
def rename_dialog(space: Workspace, at: State, chosen: Sequence[str] = (), offered: str = "") -> None:
    """Several may become one; where the goal or a sprint uses one, the new name is carried there or nothing is done."""
    known = [name for name, _often in shown_names(at.names)]
    events = st.multiselect("Events", known, list(chosen), key="cleanup.rename.events")
    called = st.text_input("Called from now on", offered, key="cleanup.rename.name", max_chars=200).strip()
    if not events or not called:
        st.caption(
            "Choose events and say what to call them. To undo it, call one by its name in the export again."
        )
        return
    try:
        edit = _renaming(at, events, called)
        uses = tidying.uses(space, edit(at.held))
    except JourneyError as error:
        say(error.what, error.do)
        return
    st.markdown(md(goal_line(space, edit(at.held))))
    places = list(dict.fromkeys(use.place for use in uses))
    carry = True
    if places:
        st.markdown(
            f"Used in {md(' and '.join(places))}. Without the new name there, its numbers would be gone."
        )
        carry = st.checkbox(f"Write the new name into {' and '.join(places)} too", key="cleanup.carry")
    if st.button("Rename", type="primary", key="cleanup.rename.yes", disabled=not carry):
        change(space, at, edit, f"Called “{called}” now.", carry=bool(places))
    resolve(KEY)


@st.dialog("Hide or show events")
@self_explaining
def hide_dialog(space: Workspace, at: State, chosen: Sequence[str] = ()) -> None:
    """What no question shall see; it stays in the imports. What that does is said before it is stored."""
    known = list(dict.fromkeys([*(name for name, _often in shown_names(at.names)), *at.held.hidden]))
    offered = list(dict.fromkeys([*at.held.hidden, *chosen]))
    hidden = st.multiselect("Hidden", known, offered, key="cleanup.hidden")
    new = [name for name in hidden if name not in at.held.hidden]

    def edit(held: CleanUp) -> CleanUp:
        shown_again = [name for name in at.held.hidden if name not in hidden and name in held.hidden]
        return edits.hiding(edits.unhiding(held, shown_again), new)

    wanted = edit(at.held)
    if wanted == at.held:
        st.caption(
            "Choose what to hide, and what it does appears here. Nothing is changed before you confirm."
        )
        return
    effect, before, after = as_it_would_be(space, wanted)
    tidying.refuse_what_breaks(space, wanted, effect)
    concerned = ask(totals_of, space, names=new) if new and at.before.events else Totals(0, 0)
    st.markdown(hiding_said(concerned, effect))
    st.markdown(md(moved_said(before, after)))
    if st.button("Save what is hidden", type="primary", key="cleanup.hide.yes"):
        change(space, at, edit, "Saved what is hidden.")
    resolve(KEY)


def hiding_said(concerned: Totals, effect: Effect) -> str:
    """What hiding does. concerned: the events that are newly hidden, and the customers who did any of them."""
    said = []
    if concerned.events:
        who = how_many(concerned.customers, "customer")
        said.append(f"**{events_said(concerned.events)} of {who}** would be seen by no question.")
    again = concerned.events - effect.events
    if again:
        said.append(f"**{events_said(again)}** would be seen again.")
    if effect.customers > 0:
        of = how_many(effect.before.customers, "customer")
        said.append(
            f"**{count(effect.customers)} of {of}** would have no events left, and be gone from every number."
        )
    elif effect.customers < 0:
        said.append(f"**{how_many(-effect.customers, 'customer')}** would be back.")
    elif concerned.events:
        said.append("Everybody keeps other events.")
    return " ".join(said or ["Nothing that counts now is called so."])
