"""Who is behind a number: the list is as long as the number says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from journey_app.charts.text import UNKNOWN, count
from journey_app.ui.downloads import as_csv
from journey_app.ui.frame import counted, table

ROWS_SHOWN = 1_000
ALL_IN_SIGHT = 8  # rows; longer tables scroll


def people_behind(title: str, people: Sequence[Any], *, key: str) -> None:
    """A table of people (dataclasses with `label`), the first thousand shown and all of them downloadable."""
    rows = [
        {
            "Customer": person.label,
            "Entered": person.entered_at,
            "Last step": person.last_step_at,
            "Id": person.key,
        }
        for person in people
    ]
    _listed(title, rows, key=key)


def names_behind(title: str, people: Sequence[Any], *, key: str) -> None:
    """A table of people of whom only key and label are known."""
    _listed(title, [{"Customer": person.label, "Id": person.key} for person in people], key=key)


def _listed(title: str, rows: Sequence[dict[str, Any]], *, key: str) -> None:
    st.markdown(f"**{title}: {count(len(rows))} customers**")
    table(rows[:ROWS_SHOWN], height=260, key=f"{key}.table")
    if len(rows) > ROWS_SHOWN:
        st.caption(f"The first {count(ROWS_SHOWN)} are shown; the download holds all {count(len(rows))}.")
    st.download_button(
        "Download the list",
        lambda: as_csv(rows),
        f"{key}.csv",
        "text/csv",
        key=f"{key}.csv",
        icon=":material/download:",
    )


def pick_row(rows: Sequence[dict[str, Any]], *, key: str, first: int | None = None) -> int | None:
    """A table in which one row can be chosen; its number, None while none is.

    first: the row that is chosen before anybody chose. key: another one for other rows, since what was
    chosen is remembered by its number.
    """
    event = st.dataframe(
        list(rows),
        hide_index=True,
        width="stretch",
        height="content" if len(rows) <= ALL_IN_SIGHT else 320,
        column_config=counted(rows),
        placeholder=UNKNOWN,
        selection_default=None if first is None else {"selection": {"rows": [first]}},
        key=key,
        on_select="rerun",
        selection_mode="single-row",
    )
    chosen = event["selection"]["rows"]
    return int(chosen[0]) if chosen and chosen[0] < len(rows) else None
