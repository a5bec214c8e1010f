"""Goal and pace: from X to Y by a date, where it stands, and what was agreed when."""

import streamlit as st

from journey_app import ui
from journey_app.analysis.funnel import funnel
from journey_app.analysis.series import measured
from journey_app.charts import goal as pictures
from journey_app.charts import text
from journey_app.charts.claims import besides_the_steps
from journey_app.charts.sprint_claims import course_rows, goal_claim, missing_said
from journey_app.charts.theme import LIGHT
from journey_app.decide.weekly import weeks_until
from journey_app.ui.goal_strip import clock_caveats

space = ui.require("read")
held = ui.goal_form.held_goal(space)
ui.resolve("goal")

if held is None:
    ui.markup.show(
        ui.markup.page_head(
            "Goal · none yet",
            "Choose the one number that this team will move.",
            "From X to Y by a date. X is measured from the data, never typed; everything else is ranked by it.",
        )
    )
    if ui.may_write():
        with st.container(key="card-goal-form"):
            ui.goal_form.goal_form(space, None)
    st.stop()

with ui.explaining():
    at = ui.standing(space)
    goal = at.goal
    (series,) = ui.ask(measured, space, measures=[goal.measure], today=None, goal=goal)
    found = weeks_until(series, goal.target_share, space.timezone)
    weeks = [pictures.GoalWeek(week.starts, week.rate, week.gap, week.short) for week in found.weeks]
    way, direct = (
        ui.ask(
            funnel,
            space,
            steps=list(steps),
            within=goal.measure.within,
            now=at.clock.now,
            where=goal.measure.where,
        )
        for steps in (goal.steps, (goal.steps[0], goal.steps[-1]))
    )

    claim = goal_claim(goal, at.numbers.now, at.pace, at.numbers.open)
    window = f"{goal.measure.within.days}-day window"
    ui.markup.show(
        ui.markup.page_head(
            f"Goal · from {text.percent(goal.start.share)} to {text.percent(goal.target_share)} by "
            f"{text.short_day(goal.by)} {goal.by.year} · {window} · data to {text.short_day(at.clock.last_day)}",
            claim.sentence,
            claim.uncertain,
        )
    )
    ui.picture(
        pictures.goal_chart(
            goal, weeks, today=at.clock.today, needed=at.pace.needed_today, usual=found.usual
        ),
        key="goal.picture",
        says=pictures.describe(goal, weeks, needed=at.pace.needed_today),
    )
    if missing := missing_said(found, space.timezone):
        ui.markup.show(ui.markup.caption(missing))
    steps, story = st.columns([5, 6], gap="medium")
    with steps, st.container(key="card-goal-steps", height="stretch"):
        ui.markup.show(ui.markup.section("The way to the goal", window))
        ui.markup.show(ui.cards.phone_funnel(way))
        if apart := besides_the_steps(way, direct):
            counts = "The goal counts the latter; where it stands is counted from the last 28 days that can be told."
            ui.markup.show(ui.markup.caption(f"Since the data begin, {apart} {counts}"))
    with story, st.container(key="card-goal-story", height="stretch"):
        ui.markup.show(ui.markup.section("Progress"))
        ui.markup.show(ui.goal_form.progress_line(space, at, series))
        ui.markup.show(ui.markup.section("What was agreed"))
        ui.markup.show(ui.goal_form.agreed(space))
        with st.container(horizontal=True):
            if st.button("See where they leave", type="primary", key="goal.funnel"):
                ui.open_funnel(goal.steps)
            ui.data_behind(
                course_rows(found),
                "goal",
                lambda: pictures.goal_chart(
                    goal,
                    weeks,
                    today=at.clock.today,
                    needed=at.pace.needed_today,
                    usual=found.usual,
                    colours=LIGHT,
                ),
            )

if caveats := clock_caveats(at.clock):
    ui.markup.show(ui.markup.caption(caveats))
if ui.may_write():
    with st.expander("Amend the goal", icon=":material/edit:"):
        ui.goal_form.goal_form(space, held)
ui.the_same_in_code(
    space.name,
    ["goal", "show"],
    "from journey_app.analysis.goal import measure_goal\n"
    "from journey_app.analysis.series import goal_clock\n"
    "from journey_app.workspace import decisions\n\n"
    "goal = decisions.goal(space).value\n"
    "measure_goal(space.events(), goal.measure, clock=goal_clock(space.events(), goal))",
)
