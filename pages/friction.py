"""Friction: where it hurts, ranked by what it costs the goal."""

import streamlit as st

from journey_app import ui
from journey_app.analysis.friction import SHOWN, friction, people_behind
from journey_app.charts import claims, text
from journey_app.charts import friction as pictures
from journey_app.charts.theme import LIGHT

space = ui.require("read")
at = ui.standing(space)
found = ui.ask(friction, space, goal=at.goal, clock=at.clock)
shown = found[:SHOWN]

claim = claims.friction_claim(found, at.goal)
ui.markup.show(
    ui.markup.page_head(
        f"Friction · entered in the last twelve decided weeks · data to {text.short_day(at.clock.last_day)}",
        claim.sentence,
        claim.uncertain,
    )
)
if shown:
    keys = [pictures.key_of(each) for each in found]
    focus = st.session_state.get("friction.focus", keys[0])
    focus = focus if focus in keys else keys[0]
    clicked = ui.picture(
        pictures.friction_chart(shown, focus=focus),
        key="friction.picture",
        says=pictures.describe(shown),
        selections=["friction"],
    )
    picked = clicked.get("friction", {}).get("friction")
    if picked in keys and picked != focus:
        st.session_state["friction.focus"] = picked
        st.rerun()
    chosen = found[keys.index(focus)]
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="card-focus"):
        ui.markup.show(
            ui.cards.card_head(
                f"In focus · {pictures.KINDS[chosen.kind].lower()}",
                "",
                chosen.sentence,
                claims.friction_worth(chosen),
            )
        )
        with st.container(width=300, horizontal=True):
            if ui.may_write() and st.button("Plan a change", type="primary", key="friction.plan"):
                ui.plan_from(chosen.measure, chosen.sentence)
            opened = st.button(f"Open the {text.count(chosen.customers)}", key="friction.open")
    others = [key for key in keys if key not in keys[:SHOWN]]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.selectbox(
            "In focus",
            keys,
            index=keys.index(focus),
            format_func=lambda key: found[keys.index(key)].sentence,
            key="friction.choice",
            label_visibility="collapsed",
            on_change=lambda: st.session_state.update(
                {"friction.focus": st.session_state["friction.choice"]}
            ),
        )
        ui.data_behind(
            [
                {
                    "Kind": pictures.KINDS[each.kind],
                    "Place": each.place,
                    "What": each.sentence,
                    "Customers": each.customers,
                    "Of": each.rate.of,
                    "Share": each.rate.share,
                    "Low": each.rate.low,
                    "High": each.rate.high,
                    "Worth low": each.worth.low if each.worth else None,
                    "Worth high": each.worth.high if each.worth else None,
                }
                for each in found
            ],
            "friction",
            lambda: pictures.friction_chart(shown, focus=focus, colours=LIGHT),
        )
    if opened:
        people = ui.ask(people_behind, space, goal=at.goal, friction=chosen, clock=at.clock)
        ui.people_behind(ui.md(chosen.sentence), people, key="friction.people")

ui.the_same_in_code(
    space.name,
    ["friction"],
    "from journey_app.analysis.friction import friction\n"
    "from journey_app.analysis.series import clock_at\n"
    "from journey_app.workspace import decisions\n\n"
    "goal = decisions.goal(space).value\n"
    "friction(space.events(), goal, clock=clock_at(space.events(), goal.steps, None))",
)
