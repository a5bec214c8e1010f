"""Funnel: how far customers get, and where they leave."""

import streamlit as st

from journey_app import ui
from journey_app.analysis.funnel import behind, funnel
from journey_app.analysis.series import clock_at
from journey_app.analysis.ties import tie_band
from journey_app.analysis.velocity import velocity
from journey_app.charts import funnel as pictures
from journey_app.charts import text
from journey_app.charts.claims import funnel_claim, loss_of
from journey_app.charts.theme import LIGHT

space = ui.require("read")
ORDERS = {"In order": "ordered", "Strict": "strict", "Any order": "any"}
PARTS = {"All": None, "Channel": "channel", "Device": "device", "Source": "source", "Week": "local_week"}

head, canvas = st.container(), st.container()
with st.container(horizontal=True, vertical_alignment="center"):
    part = PARTS[ui.pick_one("Break down by", list(PARTS), "funnel.by")]
    order = ORDERS[ui.pick_one("Order", list(ORDERS), "funnel.order")]
    within = ui.pick_window("funnel.window")
    steps = ui.pick_steps(space, "funnel.steps")

clock = ui.ask(clock_at, space, names=steps, today=None)
answer = ui.ask(funnel, space, steps=steps, within=within, now=clock.now, order=order, by=part)
ordered = order == "ordered"
paces = ui.ask(velocity, space, steps=steps, within=within) if ordered else ()
band = ui.ask(tie_band, space, steps=steps, within=within, now=clock.now) if ordered else None

claim = funnel_claim(answer, band)
with head:
    ui.markup.show(
        ui.markup.page_head(
            f"Funnel · {ui.window_days(within)} · one entry per customer · data to {text.short_day(clock.last_day)}",
            claim.sentence,
            claim.uncertain,
        )
    )
with canvas:
    clicked = ui.picture(
        pictures.funnel_chart(answer, paces),
        key="funnel.picture",
        says=pictures.describe(answer, paces),
        selections=["step"],
    )

focus = int(clicked["step"]["step"]) if "step" in clicked else pictures.worst_step(answer) or 0
focus = min(focus, len(steps) - 2)
left, right = st.columns([3, 2], vertical_alignment="top")
with left:
    if answer.by:
        st.markdown(
            f"**{ui.md(steps[focus])} → {ui.md(steps[focus + 1])}, by {(part or '').replace('local_', '')}**"
        )
        rates = {value: found[focus + 1].kept for value, found in answer.by.items()}
        shown = dict(list(rates.items())[:12])
        ui.picture(
            pictures.breakdown_chart(shown), key="funnel.breakdown", says=pictures.describe_breakdown(shown)
        )
    else:
        st.markdown(f"**In focus.** {ui.md(loss_of(answer, focus))}")
with right, st.container(horizontal=True, horizontal_alignment="right"):
    lost = answer.steps[focus].lost or 0
    opened = st.button(
        f"Open the {text.count(lost)} lost after {ui.md(steps[focus])}",
        type="primary",
        key="funnel.open",
        disabled=not lost,
    )
    rows = [
        {
            "Part": value,
            "Step": step.event,
            "Customers": step.customers,
            "Still open": step.open,
            "Decided": step.decided,
            "Kept": step.kept.share if step.kept else None,
            "Low": step.kept.low if step.kept else None,
            "High": step.kept.high if step.kept else None,
        }
        for value, found in {"all": answer.steps, **answer.by}.items()
        for step in found
    ]
    ui.data_behind(rows, "funnel", lambda: pictures.funnel_chart(answer, paces, colours=LIGHT))

if opened:
    people = ui.ask(
        behind, space, steps=steps, step=focus, fate="lost", within=within, now=clock.now, order=order
    )
    ui.people_behind(f"Lost after {ui.md(steps[focus])}", people, key="funnel.lost")

window = f"{within.days}d" if within else "none"
ui.the_same_in_code(
    space.name,
    ["funnel", *steps, "--window", window, "--order", order, *(["--by", part] if part else [])],
    "from datetime import timedelta\n\n"
    "from journey_app.analysis.clock import clock\n"
    "from journey_app.analysis.funnel import funnel\n\n"
    f"steps = {steps!r}\n"
    f"now = clock(space.events(), steps).now\n"
    f"within = {f'timedelta(days={within.days})' if within else None}\n"
    f"funnel(space.events(), steps, within, now=now, order={order!r}, by={part!r})",
)
