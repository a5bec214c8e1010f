"""Customers: what kinds there are by their first week, and each one's timeline."""

import streamlit as st

from journey_app import ui
from journey_app.analysis.clusters import clusters, members
from journey_app.analysis.customer import count_customers, find_customers, timeline
from journey_app.charts import claims
from journey_app.charts import clusters as pictures
from journey_app.charts.theme import LIGHT
from journey_app.ui import forgetting, identity_words, left_out, matching_view
from journey_app.ui.identity_card import identity_card

space = ui.require("read")
VIEWS = ["Kinds", "People", "Matching"]
head = st.container()
view = ui.pick_one("View", VIEWS, "customers.view")

if view == "Kinds":
    at = ui.standing(space)
    found = ui.ask(clusters, space, steps=list(at.goal.steps), clock=at.clock, measure=at.goal.measure)
    rows = [
        pictures.ClusterRow(
            str(kind.number),
            kind.name,
            claims.kind_words(kind),
            kind.customers,
            found.customers,
            kind.converted,
        )
        for kind in found.clusters
    ]
    focus = st.session_state.get("customers.kind", rows[0].key)
    focus = focus if focus in [row.key for row in rows] else rows[0].key
    clicked = ui.picture(
        pictures.clusters_chart(rows, focus=focus),
        key="customers.picture",
        says=pictures.describe(rows),
        selections=["cluster"],
    )
    picked = clicked.get("cluster", {}).get("cluster")
    if picked and picked != focus:
        st.session_state["customers.kind"] = picked
        st.rerun()
    claim = claims.clusters_claim(found)
    with head:
        ui.markup.show(
            ui.markup.page_head(
                "Customers · kinds by the first week after entering", claim.sentence, claim.uncertain
            )
        )
    chosen = next(kind for kind in found.clusters if str(kind.number) == focus)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="card-focus"):
        ui.markup.show(ui.cards.card_head("In focus", "", chosen.name, claims.kind_sentence(chosen)))
        opened = st.button(f"Open the {chosen.customers:,}", type="primary", key="customers.open")
    ui.data_behind(
        [
            {
                "Kind": kind.name,
                "Customers": kind.customers,
                "More than others": ", ".join(kind.more),
                "Less than others": ", ".join(kind.less),
                "Reach the goal": kind.converted.share if kind.converted else None,
                "Low": kind.converted.low if kind.converted else None,
                "High": kind.converted.high if kind.converted else None,
                "First steps": " → ".join(kind.first_steps),
            }
            for kind in found.clusters
        ],
        "kinds",
        lambda: pictures.clusters_chart(rows, focus=focus, colours=LIGHT),
    )
    if opened:
        people = ui.ask(members, space, found=found, number=chosen.number, clock=at.clock)
        ui.names_behind(f"“{ui.md(chosen.name)}”", people, key="customers.members")
    ui.the_same_in_code(
        space.name,
        ["clusters"],
        "from journey_app.analysis.clusters import clusters\n"
        "from journey_app.analysis.series import clock_at\n"
        "from journey_app.workspace import decisions\n\n"
        "goal = decisions.goal(space).value\n"
        "clock = clock_at(space.events(), goal.steps, None)\n"
        "clusters(space.events(), goal.steps, clock=clock, measure=goal.measure)",
    )
elif view == "Matching":
    with ui.explaining():
        readings = matching_view.readings(space) if matching_view.is_wanted(space) else {}
        with head:
            ui.markup.show(
                ui.markup.page_head(
                    "Customers · what changes if ids are joined another way",
                    identity_words.matching_claim(readings, matching_view.in_force(space)),
                    "The same imports, joined three ways, side by side. Nothing changes until you choose.",
                )
            )
        if readings:
            matching_view.comparison(space, readings)
        matching_view.not_followed(space)
        matching_view.chains(space)
        matching_view.all_cuts(space)
        ui.the_same_in_code(
            space.name,
            ["identities", "what-if"],
            "from journey_app.analysis.whatif import reading\n"
            "from journey_app.workspace.matching import events_under\n\n"
            'with events_under(space, "strict") as events:\n'
            "    reading(events, None, None)",
        )
else:
    wanted = st.text_input(
        "Search by any id",
        key=f"customers.search.{forgetting.turn()}",
        placeholder="An e-mail address, a user id, a customer number …",
    )
    matching = ui.ask(find_customers, space, wanted=wanted)
    with head:
        ui.markup.show(
            ui.markup.page_head(
                "Customers · people",
                claims.people_claim(matching, wanted, ui.ask(count_customers, space, wanted=wanted)),
                claims.how_to_open(len(matching)),
            )
        )
    left_out.say_who(space, wanted)
    forgetting.last_receipt()
    row = ui.pick_row(
        [
            {
                "Customer": each.label,
                "Events": each.events,
                "Systems": ", ".join(each.systems),
                "Ids": len(each.raw_ids),
            }
            for each in matching
        ],
        key=f"customers.people.{forgetting.turn()}.{wanted.strip()}".rstrip("."),
        first=0 if len(matching) == 1 else None,
    )
    if row is not None:
        person = matching[row]
        forgetting.offer(space, person.key)
        ui.markup.show(ui.markup.section(person.label, f"{person.events:,} events"))
        identity_card(space, person.key)
        ui.markup.show(ui.markup.section("What they did", "oldest first"))
        ui.table(
            ui.known_columns(
                [
                    {
                        "When (UTC)": each.at,
                        "Event": each.event,
                        "From": each.source,
                        "Channel": each.channel,
                        "Device": each.device,
                        "Amount": each.amount,
                        "Currency": each.currency,
                        "Detail": each.text,
                    }
                    for each in ui.ask(timeline, space, key=person.key)
                ]
            ),
            height=380,
            key="customers.timeline",
        )
    ui.the_same_in_code(
        space.name,
        ["customers", wanted] if wanted else ["customers"],
        "from journey_app.analysis.customer import find_customers, timeline\n\n"
        f"found = find_customers(space.events(), {wanted!r})\n"
        "timeline(space.events(), found[0].key)",
    )
