"""Paths: how customers walk, step by step, and where they leave."""

from datetime import timedelta

import streamlit as st

from journey_app import ui
from journey_app.analysis.paths import Link, paths
from journey_app.charts import paths as pictures
from journey_app.charts import text
from journey_app.charts.claims import leaving_most, path_name, paths_claim, share_of
from journey_app.charts.theme import LIGHT

space = ui.require("read")
SESSIONS = {
    "Whole journeys": None,
    "30-minute sessions": timedelta(minutes=30),
    "1-day sessions": timedelta(days=1),
}

head, canvas = st.container(), st.container()
names = ui.event_names(space)
with st.container(horizontal=True, vertical_alignment="center"):
    forward = ui.pick_one("Direction", ["From", "To"], "paths.direction") == "From"
    anchor = st.selectbox(
        "Event",
        names,
        index=names.index(start) if (start := ui.first_step(space)) in names else 0,
        key="paths.event",
        label_visibility="collapsed",
        bind="query-params",
        width=240,
    )
    steps = int(ui.pick_one("Steps", ["3", "4", "5", "6", "8"], "paths.steps", default="4"))
    session = st.selectbox(
        "Session",
        list(SESSIONS),
        key="paths.session",
        label_visibility="collapsed",
        bind="query-params",
        width=210,
    )
    collapse = st.toggle("Repeats as one", value=True, key="paths.collapse", bind="query-params")

answer = ui.ask(
    paths,
    space,
    anchor=anchor,
    forward=forward,
    steps=steps,
    session=SESSIONS[session],
    collapse=collapse,
)

ribbons = {(link.step, link.source, link.target): link for link in answer.links}
focus: Link | None = ribbons.get(st.session_state.get("paths.focus", ())) or leaving_most(answer)
with canvas:
    chosen = (focus.step, focus.source, focus.target) if focus else None
    clicked = ui.picture(
        pictures.paths_chart(answer, focus=chosen),
        key="paths.picture",
        says=pictures.describe(answer),
        selections=["link", "node"],
    )
    if (picked := ui.picked_link(clicked, list(ribbons))) and picked != chosen:
        st.session_state["paths.focus"] = picked
        st.rerun()
claim = paths_claim(answer, focus)
with head:
    ui.markup.show(
        ui.markup.page_head(
            f"Paths · {'from' if forward else 'to'} {anchor} · {steps} steps · top 8 events · {session.lower()}",
            claim.sentence,
            claim.uncertain,
        )
    )

if focus is not None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="card-focus"):
        ui.markup.show(
            ui.cards.card_head(
                f"In focus · step {focus.step} → {focus.step + 1}",
                "",
                f"{path_name(focus.source)} → {path_name(focus.target)}: {text.count(focus.customers)} customers",
                f"{text.percent(share_of(answer, focus))} of those at “{path_name(focus.source)}” in this column.",
            )
        )
        if st.button(
            "Open as funnel", type="primary", key="paths.funnel", disabled=not ui.opens_as_funnel(focus)
        ):
            ui.open_funnel([focus.source, focus.target])
        if st.button("Clear focus", key="paths.clear", icon=":material/close:"):
            st.session_state.pop("paths.focus", None)
            st.rerun()

if answer.other:
    with st.expander("What stands behind Other"):
        for column in sorted(answer.other):
            st.markdown(f"**Step {column}** {ui.md(pictures.other_says(answer, column, most=12))}")
rows = [
    {"Step": x.step + 1, "From": path_name(x.source), "To": path_name(x.target), "Customers": x.customers}
    for x in answer.links
]
ui.data_behind(rows, "paths", lambda: pictures.paths_chart(answer, focus=chosen, colours=LIGHT))
longest = SESSIONS[session]
pause = f"{int(longest.total_seconds() // 60)}m" if longest else "none"
ui.the_same_in_code(
    space.name,
    [
        "paths",
        "--from" if forward else "--to",
        anchor,
        "--steps",
        str(steps),
        "--session",
        pause,
        *([] if collapse else ["--no-collapse"]),
    ],
    "from datetime import timedelta\n\n"
    "from journey_app.analysis.paths import paths\n\n"
    f"session = {f'timedelta(minutes={int(longest.total_seconds() // 60)})' if longest else None}\n"
    f"paths(space.events(), {anchor!r}, forward={forward}, steps={steps}, session=session, collapse={collapse})",
)
