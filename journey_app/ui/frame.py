"""Every chart sits in one frame: the picture, the sentence it says, its data as a table, its downloads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import altair as alt
import streamlit as st

from journey_app.charts.export import as_png, as_svg
from journey_app.charts.text import UNKNOWN
from journey_app.ui.downloads import as_csv


def picture(
    chart: alt.TopLevelMixin,
    *,
    key: str,
    says: str,
    selections: Sequence[str] = (),
) -> dict[str, dict[str, Any]]:
    """Draw a chart and return what was clicked: selection name → its first row, empty when nothing.

    says: the chart's numbers in words, for those who do not see it.
    """
    if not selections:
        st.altair_chart(chart, key=key, theme=None, width="stretch", alt=says)
        return {}
    event = st.altair_chart(
        chart,
        key=key,
        theme=None,
        width="stretch",
        on_select="rerun",
        selection_mode=list(selections),
        alt=says,
    )
    return _clicked(event, selections)


def picture_again(spec: str, *, key: str, says: str, selections: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The same for a picture that is shown over and over: `spec_of` its chart, worked out once."""
    event = st.vega_lite_chart(
        spec=json.loads(spec),
        key=key,
        theme=None,
        width="stretch",
        on_select="rerun",
        selection_mode=list(selections),
        alt=says,
    )
    return _clicked(event, selections)


def spec_of(chart: alt.TopLevelMixin) -> str:
    """A chart as the JSON that the browser draws it from."""
    with alt.theme.enable("none"):
        return json.dumps(chart.to_dict())


def _clicked(event: Any, selections: Sequence[str]) -> dict[str, dict[str, Any]]:
    clicked: dict[str, dict[str, Any]] = {}
    for name in selections:
        rows = event["selection"].get(name) or []
        first = next((row for row in rows if row), None)
        if first is not None:
            clicked[name] = first
    return clicked


def counted(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`column_config` of a table: whole numbers with the thousands marked as the reader's browser does."""
    names = {name for row in rows for name, value in row.items() if type(value) is int}
    return {name: st.column_config.NumberColumn(format="localized") for name in sorted(names)}


def table(rows: Sequence[Mapping[str, Any]], *, height: int | None = None, key: str | None = None) -> None:
    """Rows as a table to look at. What nobody knows is “–”, as everywhere, not the word None."""
    st.dataframe(
        list(rows),
        hide_index=True,
        width="stretch",
        height=height or "auto",
        column_config=counted(rows),
        placeholder=UNKNOWN,
        key=key,
    )


def known_columns(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows without the columns in which nothing is known of any."""
    known = {name for row in rows for name, value in row.items() if value not in (None, "")}
    return [{name: value for name, value in row.items() if name in known} for row in rows]


def table_behind(rows: Sequence[dict[str, Any]], name: str) -> None:
    """The numbers of a page without a chart, as a table and a CSV."""
    with st.popover("Table and download", icon=":material/table:"):
        table(rows)
        st.download_button("CSV", lambda: as_csv(rows), f"{name}.csv", "text/csv", key=f"{name}.csv")


def data_behind(
    rows: Sequence[dict[str, Any]], name: str, plain_chart: Callable[[], alt.TopLevelMixin]
) -> None:
    """The numbers of a picture as a table, and the files to take away; made only when asked for."""
    with st.popover("Table and downloads", icon=":material/table:"):
        table(rows)
        left, middle, right = st.columns(3)
        left.download_button(
            "CSV", lambda: as_csv(rows), f"{name}.csv", "text/csv", key=f"{name}.csv", width="stretch"
        )
        middle.download_button(
            "SVG",
            lambda: as_svg(plain_chart()),
            f"{name}.svg",
            "image/svg+xml",
            key=f"{name}.svg",
            width="stretch",
        )
        right.download_button(
            "PNG",
            lambda: as_png(plain_chart()),
            f"{name}.png",
            "image/png",
            key=f"{name}.png",
            width="stretch",
        )
