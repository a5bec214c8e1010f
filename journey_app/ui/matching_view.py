"""What changes if ids are joined strictly, normally or loosely, and how is another way adopted?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from journey_app.analysis.identities import chained, refusals, refused
from journey_app.analysis.series import goal_clock
from journey_app.analysis.whatif import Reading, how_many, reading
from journey_app.charts.text import count
from journey_app.plain import to_plain
from journey_app.ui import identity_words as words
from journey_app.ui import markup
from journey_app.ui.asking import ask
from journey_app.ui.door import may_write, me, wall
from journey_app.ui.frame import table, table_behind
from journey_app.ui.identity_card import cut_list
from journey_app.ui.saving import resolve, save
from journey_app.vocabulary import MATCHINGS, Goal
from journey_app.workspace import decisions
from journey_app.workspace import identities as deeds
from journey_app.workspace.matching import events_under
from journey_app.workspace.workspace import Workspace

REFUSED_SHOWN = 200
AT_ONCE = 2_000_000  # events; more take minutes to join two other ways, so they wait for a click


@st.cache_data(show_spinner=False, max_entries=60)
def _reading(
    version: str, matching: str, goal: dict[str, Any] | None, _goal: Goal | None, _space: Workspace
) -> Reading:
    """One matching's numbers, built once a data version; the goal is part of what was asked."""
    with events_under(_space, matching) as events:
        clock = goal_clock(events, _goal) if _goal is not None else None
        return reading(events, _goal.measure if _goal is not None else None, clock)


def readings(space: Workspace) -> dict[str, Reading]:
    """Every matching's numbers. Raises NothingYet before the first import."""
    held = decisions.goal(space)
    goal = held.value if held else None
    version = space.version or space.events().version
    found = {}
    for name in MATCHINGS:
        with st.spinner(f"Joining customers the {name} way …"):
            found[name] = _reading(version, name, to_plain(goal) if goal else None, goal, space)
    return found


def is_wanted(space: Workspace) -> bool:
    """Whether to compare now: at once while that takes seconds, else after a click."""
    events = ask(how_many, space)
    if events <= AT_ONCE or st.session_state.get("matching.wanted") == space.version:
        return True
    label = f"Compare three ways of joining ids ({count(events)} events: this takes minutes)"
    if not st.button(label, type="primary", key="matching.compare"):
        return False
    st.session_state["matching.wanted"] = space.version
    return True


def in_force(space: Workspace) -> str:
    """How far ids are followed now."""
    return space.ground.shaping.matching


def comparison(space: Workspace, found: Mapping[str, Reading]) -> None:
    """The table, and the buttons that adopt another way."""
    now, chosen = in_force(space), deeds.matching(space)
    rows = words.matching_rows(found, now)
    table(rows, key="matching.table")
    with st.container(horizontal=True, vertical_alignment="center"):
        if may_write():
            for name in MATCHINGS:
                if name != now and st.button(f"Use {name} matching", key=f"matching.use.{name}"):
                    _adopt(space, name, chosen.version if chosen else 0)
        table_behind(rows, "matching")
    resolve("matching")
    for name in MATCHINGS:
        markup.show(markup.caption(f"{words.MATCHING[name]}."))
    if chosen is not None:
        by = f"{chosen.value.capitalize()} matching was chosen by {chosen.author} on {chosen.saved_at:%Y-%m-%d}."
        markup.show(markup.caption(by))


def _adopt(space: Workspace, name: str, based_on: int) -> None:
    def write(version: int) -> None:
        with st.spinner("Joining customers anew …"):
            deeds.adopt(space, name, based_on=version, author=me().who, now=wall())

    done = f"{name.capitalize()} matching from now on."
    if save("matching", based_on, write, done=done, mine={"matching": name}):
        st.rerun()


def not_followed(space: Workspace) -> None:
    """Ids that join nobody, those that would have joined most first."""
    found = ask(refused, space, limit=REFUSED_SHOWN)
    if not found:
        markup.show(markup.caption("Every id here was followed."))
        return
    markup.show(markup.section("Ids that join nobody", "their events count; they only link no other ids"))
    for line in words.off_lines(ask(refusals, space)):
        markup.show(markup.caption(line))
    table(words.refused_rows(found), key="matching.refused")
    if len(found) == REFUSED_SHOWN:
        markup.show(markup.caption(f"The first {count(REFUSED_SHOWN)}; the command line lists them all."))


def chains(space: Workspace) -> None:
    """Customers made of unusually many ids; nothing where there are none."""
    found = ask(chained, space, more_than=deeds.MANY_IDS)
    if not found:
        return
    line = (
        f"Each has more than {deeds.MANY_IDS} user ids, addresses and phone numbers, joined one by one. "
        "Nothing was refused; look at their links on the card and cut two ids where it is not one person."
    )
    markup.show(markup.section("Customers made of many ids", "worth a look"))
    markup.show(markup.caption(line))
    table(words.chained_rows(found), key="matching.chains")


def all_cuts(space: Workspace) -> None:
    cut_list(space, deeds.cuts(space))
