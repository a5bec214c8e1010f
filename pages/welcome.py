"""Workspaces: one per client, fully apart; open one, make one, or look around a made-up company."""

import streamlit as st

from journey_app import ui
from journey_app.ui import sample, workspaces

mine = ui.admit()
found = workspaces.listed()
with st.container(key="no-strip"):
    workspaces.head(found)
workspaces.rows(found, may_write=mine.write)

if mine.write:
    with st.container(key="card-new"):
        ui.markup.show(ui.markup.section("New workspace", "its data stays in a folder of its own"))
        workspaces.new_workspace(primary=bool(found))
    if workspaces.sample_offered(found):
        with st.container(key="card-sample"):
            ui.markup.show(
                ui.markup.section(
                    "A made-up company, to try everything", "six months of data, a goal, a sprint"
                )
            )
            sample.button("Open the made-up company", primary=not found)
