"""Share: a frozen report for people who only read."""

import streamlit as st

from journey_app import ui

space = ui.require("read")
ui.goal_of(space)
ui.markup.show(
    ui.markup.page_head(
        f"Share · {space.title}",
        "A frozen report without personal data, readable on a phone.",
        "The goal, the funnel, what was found and what was tried, as they are now. It never moves by itself.",
    )
)
if not ui.may_write():
    ui.sharing.explain_reading()
    st.stop()

file, link = st.columns(2, gap="medium")
with file, st.container(key="card-share-file", height="stretch"):
    ui.sharing.file_card(space)
with link, st.container(key="card-share-link", height="stretch"):
    ui.sharing.link_card(space)

ui.sharing.made_band(space)
ui.sharing.links_table(space)
ui.sharing.left_out()
ui.sharing.preview(space)
ui.the_same_in_code(
    space.name,
    ["report", "--out", "report.html"],
    "from datetime import UTC, datetime\n\n"
    "from journey_app.share.making import make_frozen\n"
    "from journey_app.share.report import report_html\n\n"
    "report_html(make_frozen(space, made_at=datetime.now(UTC)))",
)
