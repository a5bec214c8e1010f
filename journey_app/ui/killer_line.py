"""Which of the four killers stand, said on every page that shows numbers until they are fixed?"""

from __future__ import annotations

import streamlit as st

from journey_app.analysis.grades import RED
from journey_app.errors import JourneyError
from journey_app.ui import audit_sheet, audit_words, markup
from journey_app.ui.door import wall
from journey_app.workspace.workspace import Workspace

SAID_THERE = ("welcome", "audit", "findings")  # no numbers, or the killers are their headline


def killer_line(space: Workspace, page: str) -> None:
    """One red line with the way to the audit; nothing where nothing is red, or nothing can be told."""
    if page in SAID_THERE:
        return
    try:
        sheet = audit_sheet.sheet(space, wall().date())
    except JourneyError:
        return  # without events there is nothing wrong with them; the page says what is missing
    said = [audit_words.killer_said(killer, sheet) for killer in sheet.audit.killers if killer.grade == RED]
    if not said:
        return
    with st.container(key="killers", horizontal=True, vertical_alignment="center"):
        markup.show(markup.killer_line(said))
        st.page_link(
            st.session_state["pages"]["audit"], label="Fix the data", icon=":material/arrow_forward:"
        )
