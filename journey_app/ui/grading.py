"""How do people grade a place together: on the version they saw, with a way back?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import streamlit as st

from journey_app.analysis.tracking import TOUCHPOINTS, tellers
from journey_app.plain import from_plain, to_plain
from journey_app.share.auditing import NOT_OURS
from journey_app.share.measured import noted
from journey_app.ui.asking import ask
from journey_app.ui.audit_sheet import WORDS, Place
from journey_app.ui.door import me, wall
from journey_app.ui.explaining import say, self_explaining
from journey_app.ui.markdown import md
from journey_app.ui.pickers import event_names
from journey_app.ui.saving import resolve, save
from journey_app.ui.your_name import ask_name
from journey_app.vocabulary import Grade, Telling
from journey_app.workspace import decisions
from journey_app.workspace.workspace import Workspace

LONGEST_NAME = 60
GRADES = {"R": "◆ R red", "A": "▲ A amber", "G": "● G green", "": "– no grade"}


@st.dialog("Grade together")
@self_explaining
def grade_dialog(space: Workspace, place: Place) -> None:
    """A person's grade, owner and note of a place, based on the version this dialog was opened with."""
    st.markdown(f"**{md(place.label)}** · {_measured_said(place)} {md(place.do)}")
    key = f"grade.{place.key}"
    ask_name(key)
    held = place.said.value if place.said else Grade(place.key, None)
    with st.form(key, border=False):
        not_ours = _not_ours(space, held, key)
        value = replace(_fields(space, held, key), not_ours=not_ours)
        saved = st.form_submit_button("Save this grade", type="primary")
    if saved and _saved(space, value, place.said.version if place.said else 0, held):
        st.rerun()
    resolve(key)
    _history(space, place)


def _measured_said(place: Place) -> str:
    if place.not_ours:
        return ""
    return f"The data says {WORDS[place.measured]}." if place.measured else "The data says nothing here."


@st.dialog("Add a place")
@self_explaining
def add_dialog(space: Workspace, taken: Sequence[str]) -> None:
    """A place where customers meet the company that no export tells of. taken: names that are there."""
    st.markdown(
        "Somewhere else customers meet you, such as a trade fair or a partner's site. Say what in the data "
        "tells of it, and it is measured like the others; if nothing does, people grade it."
    )
    ask_name("grade.new")
    with st.form("grade.new", border=False):
        name = st.text_input("Name of the place", key="grade.new.name", max_chars=LONGEST_NAME).strip()
        value = _fields(space, Grade(name, None), "grade.new")
        added = st.form_submit_button("Add this place", type="primary")
    if not added:
        return
    if not name:
        say("The place has no name yet.", "Call it what your team calls it.")
    elif name.casefold() in {other.casefold() for other in taken}:
        say(f"“{name}” is in the audit already.", "Select it there and grade it.")
    elif _saved(space, value, 0, Grade(name, None)):
        st.rerun()


def _fields(space: Workspace, held: Grade, key: str) -> Grade:
    """Grade, owner, note and what tells of the place, filled with what is held."""
    grade = st.segmented_control(
        "Grade",
        list(GRADES),
        format_func=GRADES.__getitem__,
        default=held.grade or "",
        required=True,
        key=f"{key}.grade",
    )
    owner = st.text_input(
        "Owner", held.owner, key=f"{key}.owner", max_chars=LONGEST_NAME, placeholder="Who looks after it"
    )
    note = st.text_area("Note", held.note, key=f"{key}.note", max_chars=500, height=80)
    telling = _telling(space, held, key)
    return replace(
        held, grade=str(grade) if grade else None, owner=owner.strip(), note=note.strip(), telling=telling
    )


def _not_ours(space: Workspace, held: Grade, key: str) -> bool:
    """Whether there is no such place; asked of standard touchpoints only, and a goal step is always ours."""
    goal = decisions.goal(space)
    if held.touchpoint not in TOUCHPOINTS or (goal and held.touchpoint in goal.value.steps):
        return held.not_ours
    return st.checkbox(
        "We have no such place",
        held.not_ours,
        key=f"{key}.not_ours",
        help="It then counts for no colour, no warning and no total, and is shown last.",
    )


def _telling(space: Workspace, held: Grade, key: str) -> Telling:
    """What in the data tells of a place; a goal step is told of by itself."""
    goal = decisions.goal(space)
    if space.version is None or (goal and held.touchpoint in goal.value.steps):
        return held.telling
    said, here = held.telling, ask(tellers, space)
    names = event_names(space)
    standard = held.touchpoint in TOUCHPOINTS
    with st.expander("What else tells of it" if standard else "What tells of it", expanded=bool(said)):
        st.caption("An event counts when it matches everything that is chosen.")
        events = _several("Events", names, said.events, f"{key}.events")
        sources = _several("Sources", here.sources, said.sources, f"{key}.sources")
        channels = _several("Channels", here.channels, said.channels, f"{key}.channels")
        options = ["", *dict.fromkeys([*names, *filter(None, [said.of])])]
        of = st.selectbox(
            "Who should pass here: whoever did",
            options,
            index=options.index(said.of),
            format_func=lambda name: name or "nobody has to",
            key=f"{key}.of",
        )
    return Telling(events, sources, channels, str(of or ""))


def _several(label: str, names: Sequence[str], chosen: Sequence[str], key: str) -> tuple[str, ...]:
    options = list(dict.fromkeys([*names, *chosen]))
    return tuple(st.multiselect(label, options, default=list(chosen), key=key))


def _saved(space: Workspace, value: Grade, based_on: int, held: Grade) -> bool:
    """Save on the version that was seen; a conflict can be settled field by field."""

    def keep(version: int, said: Grade) -> None:
        decisions.save_grade(space, said, based_on=version, author=me().who, now=wall())
        _measured_anew(space, held, said)

    def write(version: int) -> None:
        keep(version, value)

    def merge(version: int, body: dict[str, Any]) -> None:
        keep(version, from_plain(Grade, body))

    return save(
        f"grade.{value.touchpoint}",
        based_on,
        write,
        done="Saved.",
        mine=to_plain(value),
        base=to_plain(held),
        merge=merge,
    )


def _measured_anew(space: Workspace, held: Grade, said: Grade) -> None:
    """Only what tells of a place and whether it is ours change what is measured."""
    if (said.telling, said.not_ours) != (held.telling, held.not_ours):
        noted(space, author=me().who, now=wall())


def _history(space: Workspace, place: Place) -> None:
    """Who graded what and when, and the way back to the version before."""
    history = decisions.grade_history(space, place.key)
    if not history or place.said is None:
        return
    with st.expander(f"Earlier grades ({len(history)})"):
        for decided in reversed(history[-8:]):
            grade = NOT_OURS if decided.value.not_ours else GRADES[decided.value.grade or ""]
            owner = f", owner {md(decided.value.owner)}" if decided.value.owner else ""
            st.markdown(
                f"{_when(decided.saved_at)} · {md(decided.author)}: {grade}{owner} {md(decided.value.note)}"
            )
        label = "Take back the last change" if len(history) > 1 else "Take this grade away"
        if st.button(label, key=f"grade.{place.key}.back", icon=":material/undo:"):
            _take_back(space, place, history)


def _take_back(space: Workspace, place: Place, history: Sequence[decisions.Decided[Grade]]) -> None:
    """The version before the newest, saved again; with only one, no grade at all."""
    assert place.said is not None
    held = place.said.value
    before = history[-2].value if len(history) > 1 else None

    def write(version: int) -> None:
        if before is not None:
            decisions.save_grade(space, before, based_on=version, author=me().who, now=wall())
        else:
            decisions.remove_grade(space, place.key, based_on=version, author=me().who, now=wall())
        _measured_anew(space, held, before or Grade(place.key, None))

    mine = to_plain(before) if before is not None else {}
    if save(f"grade.{place.key}", place.said.version, write, done="Taken back.", mine=mine):
        st.rerun()


def _when(at: datetime) -> str:
    return f"{at.day} {at:%b %Y, %H:%M} UTC"
