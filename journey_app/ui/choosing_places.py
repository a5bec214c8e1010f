"""Which of the standard touchpoints does the company have? Several are said at once, on the versions that were seen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import streamlit as st

from journey_app.analysis.tracking import TOUCHPOINTS
from journey_app.errors import JourneyError, StaleEdit
from journey_app.share.auditing import Place, Sheet
from journey_app.share.measured import noted
from journey_app.ui.door import me, wall
from journey_app.ui.explaining import say, self_explaining
from journey_app.ui.your_name import ask_name
from journey_app.vocabulary import Grade
from journey_app.workspace import decisions
from journey_app.workspace.workspace import Workspace

KEY = "audit.not_ours"


@st.dialog("Which of these places do you have?")
@self_explaining
def ours_dialog(space: Workspace, sheet: Sheet) -> None:
    """The standard touchpoints; a tick says that customers meet the company there. sheet: as it was opened on."""
    st.markdown(
        "Take the tick out where customers cannot meet you. Such a place counts for no colour, no warning and "
        "no total, and is shown last; you can put the tick back at any time."
    )
    ask_name(KEY)
    asked = sorted(
        filter(sheet.may_be_not_ours, sheet.places), key=lambda place: TOUCHPOINTS.index(place.key)
    )
    with st.form(KEY, border=False):
        left, right = st.columns(2)
        absent = [
            place.key
            for number, place in enumerate(asked)
            if not (left, right)[number % 2].checkbox(
                place.label, not place.not_ours, key=f"{KEY}.{place.key}"
            )
        ]
        saved = st.form_submit_button("Save", type="primary")
    if saved and _saved(space, asked, absent):
        st.rerun()


def _saved(space: Workspace, asked: Collection[Place], absent: Collection[str]) -> bool:
    """Keep what was changed, all of it or nothing."""
    changed = [place for place in asked if place.not_ours != (place.key in absent)]
    try:
        with space.store.transaction():
            for place in changed:
                held = place.said.value if place.said else Grade(place.key, None)
                decisions.save_grade(
                    space,
                    replace(held, not_ours=place.key in absent),
                    based_on=place.said.version if place.said else 0,
                    author=me().who,
                    now=wall(),
                )
    except StaleEdit as stale:
        say(stale.what, "Nothing was stored. Close this and open it again: it then shows what is new.")
        return False
    except JourneyError as error:
        say(error.what, error.do)
        return False
    if changed:
        noted(space, author=me().who, now=wall())
        st.toast("Saved.", icon=":material/check:")
    return True
