"""Sprint: four weeks, one change each, judged on its own measure."""

import streamlit as st

from journey_app import ui
from journey_app.charts import sprint as pictures
from journey_app.charts import sprint_claims as claims
from journey_app.charts import text
from journey_app.charts.theme import LIGHT
from journey_app.decide.dates import review_day
from journey_app.decide.sprint import weeks

space = ui.require("read")
at = ui.standing(space)
found = ui.sprinting.sprints(space)
ui.resolve("sprint")
earliest = ui.sprinting.next_start(at, found)

if not found:
    ui.markup.show(
        ui.markup.page_head(
            "Sprint · none yet",
            "Four weeks, one change each, and an honest answer every week.",
            f"The goal is frozen at the start: {at.goal.measure.name}, from {text.percent(at.goal.start.share)} "
            f"to {text.percent(at.goal.target_share)}.",
        )
    )
    ui.sprint_form.kept_for_later()
    if ui.may_write() and st.button("Start a sprint", type="primary", key="sprint.new"):
        ui.sprint_form.start_sprint(space, at.goal, earliest)
    st.stop()

top = st.container()
with st.container(horizontal=True, horizontal_alignment="right") if len(found) > 1 else st.container():
    held = ui.sprinting.pick_sprint(found)
sprint = held.value
answer = ui.sprinting.verdicts(space, sprint)
verdicts = {change.week: (change, verdict) for change, verdict in answer.weeks}
courses = ui.sprinting.courses(space, sprint)
free = next((week.number for week in weeks(sprint) if week.change is None), None)

claim = claims.sprint_claim(sprint, answer.weeks)
with top:
    ui.markup.show(
        ui.markup.page_head(
            f"{claims.sprint_eyebrow(sprint)} · data to {text.short_day(at.clock.last_day)}",
            claim.sentence,
            claim.uncertain,
        )
    )

for column, week in zip(st.columns(4, gap="small"), weeks(sprint), strict=True):
    with column, st.container(key=f"card-week-{week.number}", height="stretch"):
        if week.number in verdicts:
            ui.markup.show(ui.cards.verdict_card(*verdicts[week.number]))
        else:
            ui.markup.show(ui.sprint_cards.empty_card(week, at.clock.today))
        ui.sprint_form.week_buttons(space, held, week, first_free=week.number == free)

canvas = st.container()
with st.container(horizontal=True, vertical_alignment="center", key="row-measure"):
    shown = courses[ui.pick_one("Week by week", list(courses), "sprint.measure", claims.first_shown(courses))]
    ui.markup.show(ui.markup.caption(claims.course_sentence(shown)))
name = "Goal" if shown is courses["Goal"] else "Target"
drawn = claims.as_weeks(shown)
logged = [(change.goes_live, f"change {change.week}") for change in sprint.changes]
with canvas:
    ui.picture(
        pictures.sprint_chart(drawn, goal=shown.target, goal_name=name, usual=shown.usual, logged=logged),
        key="sprint.picture",
        says=pictures.describe(drawn, goal=shown.target, usual=shown.usual),
    )

with st.container(key="card-review", horizontal=True, vertical_alignment="center"):
    ui.markup.show(ui.sprint_cards.review_head(answer.review, review_day(sprint)))
    ui.markup.show(ui.sprint_cards.review_words(answer.review, sprint.goal))
    if st.button("Open the review", key="sprint.review", type="secondary" if free else "primary"):
        ui.sprint_review.open_review(answer, ui.sprinting.total(space, sprint))

for change, verdict in answer.weeks:
    with st.expander(f"Week {change.week}: {ui.md(change.title)} — {verdict.word.value}"):
        ui.sprint_review.week_details(change, verdict)
with st.container(horizontal=True):
    rows = [row for each in courses.values() for row in claims.course_rows(each)]
    ui.data_behind(
        rows,
        sprint.sprint_id,
        lambda: pictures.sprint_chart(
            drawn, goal=shown.target, goal_name=name, usual=shown.usual, logged=logged, colours=LIGHT
        ),
    )
    st.download_button(
        "Dates for a calendar",
        lambda: ui.sprinting.calendar_of(space, sprint),
        f"{space.name}-{sprint.sprint_id}.ics",
        "text/calendar",
        key="sprint.ics",
        icon=":material/event:",
    )
    if ui.may_write() and st.button("Start the next sprint", key="sprint.new"):
        ui.sprint_form.start_sprint(space, at.goal, earliest)
ui.sprint_form.open_wanted(space, held)

ui.the_same_in_code(
    space.name,
    ["sprint", "verdict", "--sprint", sprint.sprint_id],
    "from journey_app.analysis.series import measured\n"
    "from journey_app.decide.judging import judged, measures_of\n"
    "from journey_app.workspace import decisions\n\n"
    "sprints = [held.value for held in decisions.sprints(space)]\n"
    "sprint = sprints[0]\n"
    "series = measured(space.events(), measures_of(sprint), goal=sprint.goal)\n"
    "judged(sprint, series, space.timezone, sprints)",
)
