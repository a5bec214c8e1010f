"""What can be done in the audit: look at a place closely, grade it, add one, take the sheet away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from journey_app.ui import cards, grading, markup
from journey_app.ui.audit_sheet import COLUMNS, WORDS, Place, Sheet, table
from journey_app.ui.door import may_write
from journey_app.ui.downloads import as_csv
from journey_app.ui.markup import PillKind
from journey_app.ui.sheets import as_xlsx
from journey_app.ui.tags import EMPTY, Html, tag
from journey_app.workspace.workspace import Workspace

LEGEND = "◆ R red · ▲ A amber · ● G green · outline = graded by a person · ≠ the two disagree"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PILLS: dict[str | None, PillKind] = {"R": "red", "A": "amber", "G": "green", None: "unknown"}


def controls(space: Workspace, sheet: Sheet, clicked: Mapping[str, Mapping[str, Any]]) -> Place:
    """Which place is looked at (by a click or the list), and the buttons. Returns the place."""
    labels = [place.label for place in sheet.places]
    _follow_click(clicked, labels)
    with st.container(horizontal=True, vertical_alignment="center"):
        label = st.selectbox("Place", labels, key="audit.place", label_visibility="collapsed", width=170)
        place = sheet.place(str(label)) or sheet.places[0]
        if may_write():
            if st.button("Grade together", type="primary", key="audit.grade", icon=":material/group:"):
                grading.grade_dialog(space, place)
            if st.button("Add a place", key="audit.add", icon=":material/add:"):
                grading.add_dialog(space, [*labels, *(place.key for place in sheet.places)])
        _export(space, sheet)
        markup.show(markup.caption(LEGEND))
    return place


def _follow_click(clicked: Mapping[str, Mapping[str, Any]], labels: list[str]) -> None:
    """A newly clicked row becomes the chosen place; an old click does not undo a choice from the list."""
    label = clicked.get("row", {}).get("touchpoint")
    if label in labels and label != st.session_state.get("audit.clicked"):
        st.session_state["audit.place"] = label
    st.session_state["audit.clicked"] = label


def _export(space: Workspace, sheet: Sheet) -> None:
    """The audit as a sheet people can share; made when it is asked for."""
    name = f"audit-{space.name}"
    with st.popover("Export", icon=":material/download:"):
        st.download_button(
            "XLSX",
            lambda: as_xlsx(table(sheet.places), "Touchpoint audit"),
            f"{name}.xlsx",
            XLSX,
            key="audit.xlsx",
        )
        st.download_button(
            "CSV", lambda: as_csv(table(sheet.places)), f"{name}.csv", "text/csv", key="audit.csv"
        )


def in_focus(place: Place) -> None:
    """Every check of one place with its reason, and what people say."""
    with st.container(key="card-place"):
        markup.show(
            cards.card_head(f"In focus · {place.where or 'no source'}", _said(place), place.label, place.do)
        )
        markup.show(_reasons(place))


def _said(place: Place) -> str:
    if place.said is None:
        return "not graded by a person yet"
    grade = WORDS.get(place.human or "", "no grade")
    note = f": “{place.said.value.note}”" if place.said.value.note else ""
    owner = f", owner {place.owner}" if place.owner else ""
    return f"{place.said.author} says {grade}{owner}{note}"


def _reasons(place: Place) -> Html:
    pairs = zip(COLUMNS, place.checks, strict=True)
    lines = (
        tag(
            "li",
            markup.pill(PILLS[check.grade], _word(check.grade)),
            tag("b", name),
            tag("span", check.reason),
        )
        for name, check in pairs
    )
    return tag("ul", *lines, cls="j-checks") if place.checks else EMPTY


def _word(grade: str | None) -> str:
    return "" if grade is None else WORDS[grade]
