"""How have the grades come to be: what was measured at each change of the data, and what people said?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import streamlit as st

from journey_app.charts.text import UNKNOWN
from journey_app.share.auditing import grade_word, label_of
from journey_app.ui.audit_sheet import WORDS, Sheet
from journey_app.ui.downloads import as_csv
from journey_app.ui.frame import table
from journey_app.vocabulary import Grade
from journey_app.workspace import decisions
from journey_app.workspace.workspace import Workspace

MEASURED = "the data"


def history(space: Workspace, sheet: Sheet) -> None:
    """A button with every change of a grade, newest first, and the file to take away."""
    with st.popover("History", icon=":material/history:"):
        rows = changes(space, sheet)
        if not rows:
            st.caption("Nothing has changed yet: each import and each grade from now on is kept here.")
            return
        table(rows, key="audit.history")
        st.download_button(
            "CSV",
            lambda: as_csv(rows),
            f"audit-history-{space.name}.csv",
            "text/csv",
            key="audit.history.csv",
        )


def changes(space: Workspace, sheet: Sheet) -> list[dict[str, Any]]:
    """One row a change: When (UTC), Place, By, Was, Is, Owner, Note; places that were taken away are among them."""
    then = decisions.measured_history(space)
    known = {place.key for place in sheet.places}.union(*(each.value.grades for each in then))
    found = [*_measured(then), *(row for key in sorted(known) for row in _said(space, key))]
    return sorted(found, key=lambda row: row["When (UTC)"], reverse=True)


def _measured(then: list[decisions.Decided[decisions.MeasuredThen]]) -> Iterator[dict[str, Any]]:
    """Only where it differs from the time before."""
    before: dict[str, str | None] = {}
    for each in then:
        for key, grade in each.value.grades.items():
            if key not in before or before[key] != grade:
                was, now = (WORDS.get(said or "", UNKNOWN) for said in (before.get(key), grade))
                yield _row(each.saved_at, key, MEASURED, was, now)
        before = each.value.grades


def _said(space: Workspace, key: str) -> Iterator[dict[str, Any]]:
    before: Grade | None = None
    for each in decisions.grade_trail(space, key):
        was, now = (grade_word(said) if said else UNKNOWN for said in (before, each.value))
        row = _row(each.saved_at, key, each.author, was, now)
        said = {"Owner": each.value.owner, "Note": each.value.note} if each.value else {"Note": "taken away"}
        yield row | said
        before = each.value


def _row(at: Any, key: str, by: str, was: str, now: str) -> dict[str, Any]:
    return {
        "When (UTC)": at,
        "Place": label_of(key),
        "By": by,
        "Was": was,
        "Is": now,
        "Owner": "",
        "Note": "",
    }
