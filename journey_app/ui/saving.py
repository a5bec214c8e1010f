"""How is an edit saved when several people edit? On its own version; a conflict shows both texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from journey_app.errors import JourneyError, StaleEdit
from journey_app.ui.explaining import say
from journey_app.ui.markdown import md

Save = Callable[[int], None]


def save(key: str, based_on: int, write: Save, *, done: str, mine: dict[str, Any] | None = None) -> bool:
    """Call `write(version)`; True when it was saved, with a short notice.

    On a conflict nothing is overwritten: `resolve(key)` then shows theirs and yours.
    """
    try:
        write(based_on)
    except StaleEdit as stale:
        st.session_state[f"conflict.{key}"] = (stale, mine or {}, write)
        return False
    except JourneyError as error:
        say(error.what, error.do)
        return False
    st.toast(md(done), icon=":material/check:")
    return True


def resolve(key: str) -> None:
    """Show an unresolved conflict of this form, with the two ways out."""
    held = st.session_state.get(f"conflict.{key}")
    if held is None:
        return
    stale, mine, write = held
    with st.container(border=True, key=f"conflict-{key.replace('.', '-')}"):
        st.markdown(f"**{md(stale.what)}** {md(stale.do)}")
        theirs_column, mine_column = st.columns(2)
        theirs_column.caption(f"Theirs ({md(stale.author)})")
        theirs_column.json(stale.theirs)
        mine_column.caption("Yours")
        mine_column.json(mine)
        if theirs_column.button("Take theirs", key=f"theirs.{key}"):
            del st.session_state[f"conflict.{key}"]
            st.rerun()
        if mine_column.button("Save mine as the new version", key=f"mine.{key}"):
            del st.session_state[f"conflict.{key}"]
            if save(key, stale.version, write, done="Saved yours as the new version.", mine=mine):
                st.rerun()
