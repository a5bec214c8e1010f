"""Who is behind a number: the list is as long as the number says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from journey_app.charts.text import count
from journey_app.ui.downloads import as_csv

ROWS_SHOWN = 1_000


def people_behind(title: str, people: Sequence[Any], *, key: str) -> None:
    """A table of people (dataclasses with `label`), the first thousand shown and all of them downloadable."""
    rows = [
        {"Customer": person.label, "Entered": person.entered_at, "Last step": person.last_step_at, "Id": person.key}
        for person in people
    ]
    st.markdown(f"**{title}: {count(len(rows))} customers**")
    st.dataframe(rows[:ROWS_SHOWN], hide_index=True, width="stretch", height=260, key=f"{key}.table")
    if len(rows) > ROWS_SHOWN:
        st.caption(f"The first {count(ROWS_SHOWN)} are shown; the download holds all {count(len(rows))}.")
    st.download_button(
        "Download the list", lambda: as_csv(rows), f"{key}.csv", "text/csv", key=f"{key}.csv", icon=":material/download:"
    )
