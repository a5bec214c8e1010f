"""What can be done in the audit: see it as it stands this moment, look at a place closely, grade, add, export.

The board and the place in focus renew themselves, so that several people see each other's grades; the
dialogs hang on the page, which the renewing leaves alone: a half-written note stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import streamlit as st

from journey_app.analysis.grades import explained
from journey_app.charts import audit as pictures
from journey_app.share.audit_file import table
from journey_app.share.auditing import grade_word
from journey_app.ui import audit_sheet, audit_words, cards, grading, markup
from journey_app.ui.audit_bringing import bring_dialog
from journey_app.ui.audit_history import history
from journey_app.ui.audit_sheet import COLUMNS, WORDS, Place, Sheet
from journey_app.ui.choosing_places import ours_dialog
from journey_app.ui.door import may_write, wall
from journey_app.ui.downloads import as_csv
from journey_app.ui.explaining import self_explaining
from journey_app.ui.frame import picture_again, spec_of
from journey_app.ui.markup import PillKind
from journey_app.ui.sheets import as_xlsx
from journey_app.ui.tags import EMPTY, Html, tag
from journey_app.workspace.workspace import Workspace

LEGEND = (
    "◆ R red · ▲ A amber · ● G green · outline = graded by a person · ≠ the two disagree · → counted at "
    "another place · not ours = counts nowhere"
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PILLS: dict[str | None, PillKind] = {"R": "red", "A": "amber", "G": "green", None: "unknown"}
RENEWED = "3s"  # what others do is seen within seconds
CHOSEN, CLICKED = "audit.place", "audit.clicked"


def _now(space: Workspace) -> Sheet:
    return audit_sheet.sheet(space, wall().date())


@st.fragment(run_every=RENEWED)
@self_explaining
def board(space: Workspace) -> None:
    """The claim, the killers and every place, as they stand this moment."""
    sheet = _now(space)
    rows = audit_sheet.grid_rows(sheet.places)
    markup.show(
        markup.page_head(
            f"Touchpoint audit · {len(sheet.ours)} places, measured just now",
            audit_words.claim(sheet),
            audit_words.muted(sheet),
        )
    )
    markup.show(markup.killer_tiles(audit_words.tiles(sheet)))
    clicked = picture_again(
        _drawn(tuple(rows)), key="audit.picture", says=pictures.describe(rows, COLUMNS), selections=["row"]
    )
    if _follow_click(clicked, [place.label for place in sheet.places]):
        st.rerun()


@lru_cache(maxsize=16)
def _drawn(rows: tuple[pictures.AuditRow, ...]) -> str:
    """The grid, worked out again only when a row changes: it is shown every few seconds."""
    return spec_of(pictures.audit_chart(rows, COLUMNS))


def _follow_click(clicked: Mapping[str, Mapping[str, Any]], labels: list[str]) -> bool:
    """Whether a newly clicked row became the chosen place; an old click does not undo a choice from the list."""
    label = clicked.get("row", {}).get("touchpoint")
    if label == st.session_state.get(CLICKED):
        return False
    st.session_state[CLICKED] = label
    if label not in labels:
        return False
    st.session_state[CHOSEN] = label
    return True


def controls(space: Workspace) -> None:
    """Which place is looked at, and the buttons."""
    sheet = _now(space)
    labels = [place.label for place in sheet.places]
    if st.session_state.get(CHOSEN) not in labels:
        st.session_state.pop(CHOSEN, None)  # somebody took it away
    with st.container(horizontal=True, vertical_alignment="center"):
        label = st.selectbox("Place", labels, key=CHOSEN, label_visibility="collapsed", width=170)
        place = sheet.place(str(label)) or sheet.places[0]
        if may_write():
            if st.button("Grade together", type="primary", key="audit.grade", icon=":material/group:"):
                grading.grade_dialog(space, place)
            if st.button("Which are ours", key="audit.ours", icon=":material/rule:"):
                ours_dialog(space, sheet)
            if st.button("Add a place", key="audit.add", icon=":material/add:"):
                grading.add_dialog(space, [*labels, *(place.key for place in sheet.places)])
        _export(space, sheet)
        history(space, sheet)
        if may_write() and st.button("Bring a sheet back", key="audit.back", icon=":material/upload:"):
            bring_dialog(space)
    markup.show(markup.caption(LEGEND))


def _export(space: Workspace, sheet: Sheet) -> None:
    """The audit as a sheet people can share; made when it is asked for."""
    name = f"audit-{space.name}"
    with st.popover("Export", icon=":material/download:"):
        st.download_button(
            "XLSX",
            lambda: as_xlsx(table(sheet.places, sheet.workspace), "Touchpoint audit"),
            f"{name}.xlsx",
            XLSX,
            key="audit.xlsx",
        )
        st.download_button(
            "CSV",
            lambda: as_csv(table(sheet.places, sheet.workspace)),
            f"{name}.csv",
            "text/csv",
            key="audit.csv",
        )


@st.fragment(run_every=RENEWED)
@self_explaining
def in_focus(space: Workspace) -> None:
    """Every check of the chosen place with its reason, the steps that mend it, and what people say."""
    sheet = _now(space)
    place = sheet.place(str(st.session_state.get(CHOSEN))) or sheet.places[0]
    with st.container(key="card-place"):
        head = cards.card_head(
            f"In focus · {place.where or 'no source'}", _said(place), place.label, place.do
        )
        markup.show(head)
        if place.not_ours:
            markup.show(markup.caption(audit_words.not_ours_said(place)))
            return
        markup.show(_repair(place))
        markup.show(_reasons(place))


def _said(place: Place) -> str:
    if place.said is None:
        return "not graded by a person yet"
    grade = grade_word(place.said.value)
    note = f": “{place.said.value.note}”" if place.said.value.note else ""
    owner = f", owner {place.owner}" if place.owner else ""
    return f"{place.said.author} says {grade}{owner}{note}"


def _repair(place: Place) -> Html:
    """The steps in the tool it comes from, and where we have them from."""
    if place.repair is None:
        return EMPTY
    steps = (tag("li", step) for step in place.repair.steps)
    return tag(
        "div",
        tag("b", f"How, in {place.repair.tool}"),
        tag("ol", *steps),
        tag("small", f"Known from {place.repair.known_from}."),
        cls="j-repair",
    )


def _reasons(place: Place) -> Html:
    pairs = zip(COLUMNS, place.checks, strict=True)
    lines = (
        tag(
            "li",
            markup.pill(PILLS[check.grade], _word(check.grade)),
            tag("b", name),
            tag("span", check.reason, _limits(check.grade, check.rule)),
        )
        for name, check in pairs
    )
    return tag("ul", *lines, cls="j-checks") if place.checks else EMPTY


def _limits(grade: str | None, rule: str) -> Html:
    """Why it is red or amber: the limit it was held against, and its reason."""
    return tag("em", explained(rule)) if grade in ("R", "A") and rule else EMPTY


def _word(grade: str | None) -> str:
    return "" if grade is None else WORDS[grade]
