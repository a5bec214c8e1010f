"""How are spend and traffic shown beside the funnel? Picture, sentence, table, download, and one caution."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import streamlit as st

from journey_app.analysis.context import Beside
from journey_app.charts import context as pictures
from journey_app.charts.theme import LIGHT
from journey_app.ui import frame, markup
from journey_app.ui.markdown import md


def beside_the_funnel(answer: Beside | None, steps: Sequence[str]) -> None:
    """The section below the funnel; nothing where no report of spend or traffic was imported."""
    if answer is None:
        return
    markup.show(markup.section("Beside it: spend and traffic", "from reports without people"))
    st.markdown(f"**{md(pictures.context_claim(answer))}** {md(pictures.CAUTION)}")
    chart = pictures.context_chart(answer, steps)
    if chart is not None:
        says = pictures.describe(answer, steps)
        frame.picture(chart, key="funnel.beside", says=says)
    lines = [pictures.cost_line(cost) for cost in answer.costs]
    lines += pictures.not_whole_lines(answer) + pictures.total_lines(answer)
    for line in lines:
        markup.show(markup.caption(line))
    rows = pictures.table_of(answer)
    if chart is None:
        frame.table_behind(rows, "beside")
        return

    def plain() -> alt.TopLevelMixin:
        made = pictures.context_chart(answer, steps, colours=LIGHT)
        assert made is not None
        return made

    frame.data_behind(rows, "beside", plain)
