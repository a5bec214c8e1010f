"""How is an edit saved when several people edit? On its own version; a conflict shows both in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from journey_app.errors import JourneyError, StaleEdit
from journey_app.ui.explaining import say
from journey_app.ui.in_words import Difference, differences
from journey_app.ui.markdown import md

Save = Callable[[int], None]
Merge = Callable[[int, dict[str, Any]], None]
THEIRS, MINE = "theirs", "mine"


@dataclass(frozen=True)
class Conflict:
    """An edit that came too late. base: what it was made from; merge: None where fields cannot be mixed."""

    stale: StaleEdit
    mine: dict[str, Any]
    write: Save
    base: Mapping[str, Any] | None
    merge: Merge | None


def save(
    key: str,
    based_on: int,
    write: Save,
    *,
    done: str,
    mine: dict[str, Any] | None = None,
    base: Mapping[str, Any] | None = None,
    merge: Merge | None = None,
) -> bool:
    """Call `write(version)`; True when it was saved, with a short notice.

    On a conflict nothing is overwritten: `resolve(key)` then shows theirs and yours. mine: the edit in
    plain values. base: what the edit was made from, so that it is known who changed which field.
    merge: writes a mixture of both, field by field.
    """
    try:
        write(based_on)
    except StaleEdit as stale:
        st.session_state[_held(key)] = Conflict(stale, mine or {}, write, base, merge)
        return False
    except JourneyError as error:
        say(error.what, error.do)
        return False
    st.toast(md(done), icon=":material/check:")
    return True


def _held(key: str) -> str:
    return f"conflict.{key}"


def resolve(key: str) -> None:
    """Show an unresolved conflict of this form, with the ways out: theirs, yours, or field by field."""
    conflict = st.session_state.get(_held(key))
    if not isinstance(conflict, Conflict):
        return
    stale = conflict.stale
    theirs = stale.theirs if isinstance(stale.theirs, Mapping) else None
    apart = differences(theirs or {}, conflict.mine) if theirs is not None else []
    mixable = conflict.merge is not None and theirs is not None and len(apart) > 1
    at = f"{key}.{stale.version}"  # a later conflict of the same form has controls of its own
    place = st.empty()
    with place.container(border=True, key=f"conflict-{at.replace('.', '-')}"):
        st.markdown(f"**{md(stale.what)}** {md(stale.do)}")
        if theirs is None:
            st.markdown(md(f"{stale.author} took it away; yours would bring it back."))
        elif not apart:
            st.markdown("Both say the same.")
        chosen = {each.field: _one_field(at, each, conflict, mixable) for each in apart}
        with st.container(horizontal=True):
            taken = st.button("Take theirs", key=f"theirs.{at}")
            merged = mixable and st.button("Save what is chosen", key=f"merged.{at}", type="primary")
            kept = st.button("Save mine as the new version", key=f"mine.{at}")
    if taken:
        del st.session_state[_held(key)]
        st.rerun()
    if merged:
        _save_mixture(key, conflict, dict(theirs or {}), chosen)
    if kept:
        _save_again(key, conflict, conflict.write, "Saved yours as the new version.", conflict.mine)
    if merged or kept:  # somebody saved yet another version in between: that is the next question
        place.empty()
        resolve(key)


def _one_field(key: str, apart: Difference, conflict: Conflict, mixable: bool) -> str:
    """What both say of one field; where they can be mixed, which of the two is wanted."""
    author = conflict.stale.author
    if not mixable:
        st.markdown(f"**{md(apart.label)}**  \n{md(author)}: {md(apart.theirs)}  \nYours: {md(apart.mine)}")
        return THEIRS
    said = {THEIRS: f"{md(author)}: {md(apart.theirs)}", MINE: f"Yours: {md(apart.mine)}"}
    return str(
        st.radio(
            md(apart.label),
            [THEIRS, MINE],
            index=1 if _only_i_changed(apart.field, conflict) else 0,
            format_func=said.__getitem__,
            key=f"choice.{key}.{apart.field}",
        )
    )


def _only_i_changed(field: str, conflict: Conflict) -> bool:
    """Whether theirs is what this edit began with, so that nothing of theirs is lost by taking mine."""
    theirs = conflict.stale.theirs
    return (
        conflict.base is not None
        and isinstance(theirs, Mapping)
        and conflict.base.get(field) == theirs.get(field)
    )


def _save_mixture(key: str, conflict: Conflict, theirs: dict[str, Any], chosen: Mapping[str, str]) -> None:
    merge = conflict.merge
    assert merge is not None
    mixture = theirs | {field: conflict.mine.get(field) for field, side in chosen.items() if side == MINE}

    def write(version: int) -> None:
        merge(version, mixture)

    _save_again(key, conflict, write, "Saved what was chosen of both.", mixture)


def _save_again(key: str, conflict: Conflict, write: Save, done: str, mine: dict[str, Any]) -> None:
    """On the version that was shown; when yet another one came meanwhile, that is the next conflict."""
    del st.session_state[_held(key)]
    base = conflict.stale.theirs if isinstance(conflict.stale.theirs, Mapping) else None
    if save(key, conflict.stale.version, write, done=done, mine=mine, base=base, merge=conflict.merge):
        st.rerun()
