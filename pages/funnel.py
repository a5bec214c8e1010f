"""Funnel: how far customers get, and where they leave."""

from datetime import timedelta

import streamlit as st

from journey_app import ui
from journey_app.analysis.context import beside
from journey_app.analysis.funnel import behind, funnel
from journey_app.analysis.series import clock_at
from journey_app.analysis.ties import tie_band
from journey_app.analysis.velocity import velocity
from journey_app.charts import funnel as pictures
from journey_app.charts import text
from journey_app.charts.claims import besides_the_steps, counted_by_goal, funnel_claim, loss_of
from journey_app.charts.theme import LIGHT

space = ui.require("read")
ORDERS = {"In order": "ordered", "Strict": "strict", "Any order": "any"}
PARTS = {"All": None, "Channel": "channel", "Device": "device", "Week": "local_week"}
PERIODS = {"All time": None, "Last 12 decided weeks": 12, "Last 4 decided weeks": 4}

head, canvas = st.container(), st.container()
with st.container(horizontal=True, vertical_alignment="center"):
    part = PARTS[ui.pick_one("Break down by", list(PARTS), "funnel.by")]
    order = ORDERS[ui.pick_one("Order", list(ORDERS), "funnel.order")]
    within = ui.pick_window(space, "funnel.window")
    period = ui.pick_from("Entered", list(PERIODS), "funnel.period")
    steps = ui.pick_steps(space, "funnel.steps")

clock = ui.ask(clock_at, space, names=steps, today=None)
weeks = PERIODS[period]
since = clock.today - (within or timedelta()) - timedelta(weeks=weeks) if weeks else None
answer = ui.ask(funnel, space, steps=steps, within=within, now=clock.now, order=order, by=part, since=since)
ordered = order == "ordered"
paces = ui.ask(velocity, space, steps=steps, within=within, since=since) if ordered else ()
direct = ui.ask(funnel, space, steps=[steps[0], steps[-1]], within=within, now=clock.now, since=since)
band = ui.ask(tie_band, space, steps=steps, within=within, now=clock.now, since=since) if ordered else None

claim = funnel_claim(answer, band)
with head:
    ui.markup.show(
        ui.markup.page_head(
            f"Funnel · {ui.window_days(within)} · {period.lower()} · "
            f"data of these steps to {text.short_day(clock.last_day)}",
            claim.sentence,
            f"{ui.pickers.stand_in_said(space, steps)} {claim.uncertain}".strip(),
        )
    )
with canvas:
    clicked = ui.picture(
        pictures.funnel_chart(answer, paces, focus=ui.focused_step(steps)),
        key="funnel.picture",
        says=pictures.describe(answer, paces),
        selections=["step"],
    )
    if apart := besides_the_steps(answer, direct, order):
        held = ui.goal_form.held_goal(space)
        counted = counted_by_goal(held.value, steps, within) if held else ""
        ui.markup.show(ui.markup.caption(f"{apart} {counted}".strip()))

focus, fate = ui.step_and_fate(clicked, steps, pictures.worst_step(answer))
with st.container(horizontal=True, vertical_alignment="center"):
    st.markdown(f"**In focus.** {ui.md(loss_of(answer, min(focus, len(steps) - 2)))}")
    number = pictures.number_behind(answer, focus, fate)
    opened = st.button(
        f"Open the {text.count(number)} {pictures.FATES[fate]} {ui.md(steps[focus])}",
        type="primary",
        key="funnel.open",
        disabled=not number,
    )
    ui.data_behind(
        pictures.table_of(answer), "funnel", lambda: pictures.funnel_chart(answer, paces, colours=LIGHT)
    )
if answer.by:
    after = min(focus, len(steps) - 2) + 1
    shown = pictures.shown_parts(answer, after, in_time=part == "local_week")
    title = f"{steps[after - 1]} → {steps[after]}, by {(part or '').replace('local_', '')}"
    ui.markup.show(ui.markup.section(title, pictures.left_out(answer, shown)))
    ui.picture(
        pictures.breakdown_chart(shown), key="funnel.breakdown", says=pictures.describe_breakdown(shown)
    )
if opened:
    people = ui.ask(
        behind,
        space,
        steps=steps,
        step=focus,
        fate=fate,
        within=within,
        now=clock.now,
        order=order,
        since=since,
    )
    ui.people_behind(
        f"{pictures.FATES[fate].capitalize()} {ui.md(steps[focus])}", people, key="funnel.people"
    )

told = ui.ask(beside, space, steps=steps, within=within, clock=clock, order=order)
ui.beside_the_funnel(told, steps)

window = f"{within.days}d" if within else "none"
ui.the_same_in_code(
    space.name,
    [
        "funnel",
        *steps,
        "--window",
        window,
        "--order",
        order,
        *(["--by", part] if part else []),
        *(["--since", since.isoformat()] if since else []),
    ],
    "from datetime import date, timedelta\n\n"
    "from journey_app.analysis.clock import clock\n"
    "from journey_app.analysis.funnel import funnel\n\n"
    f"steps = {steps!r}\n"
    "now = clock(space.events(), steps).now\n"
    f"within = {f'timedelta(days={within.days})' if within else None}\n"
    f"since = {f'date.fromisoformat({since.isoformat()!r})' if since else None}\n"
    f"funnel(space.events(), steps, within, now=now, order={order!r}, by={part!r}, since=since)",
)
