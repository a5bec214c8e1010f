"""Findings: what stands between the team and its goal, most first."""

from typing import Literal

import streamlit as st

from journey_app import ui
from journey_app.analysis.findings import findings
from journey_app.charts import claims, text
from journey_app.ui import audit_sheet

SHOWN = 5

space = ui.require("read")
at = ui.standing(space)
checked = audit_sheet.graded(space, at.goal.steps, at.clock, ui.wall().date())
found = ui.ask(findings, space, goal=at.goal, clock=at.clock, audit=checked)
urgent = [finding for finding in found if finding.kind == "red_data"]
ranked = [finding for finding in found if finding.kind != "red_data"]

claim = claims.findings_claim(ranked, at.goal, at.numbers.now)
ui.markup.show(
    ui.markup.page_head(f"Findings · data to {text.day(at.clock.last_day)}", claim.sentence, claim.uncertain)
)
if urgent:
    with st.container(key="alert-data", horizontal=True, vertical_alignment="center"):
        ui.markup.show(
            ui.markup.alert_banner(
                "Fix the data first.",
                " ".join(finding.claim for finding in urgent) + " Numbers below rest on it.",
            )
        )
        if st.button("See the audit", key="findings.audit"):
            ui.go_to("audit")

if ranked:
    heads, _over_buttons = st.columns([6, 1])
    with heads:
        ui.markup.show(ui.cards.finding_heads())
effects = [finding.effect for finding in ranked[:SHOWN] if finding.effect is not None]
for number, finding in enumerate(ranked[:SHOWN]):
    with st.container(key=f"card-finding-{number}"):
        row, buttons = st.columns([6, 1], vertical_alignment="center")
        with row:
            ui.markup.show(
                ui.cards.finding_row(finding, stage=ui.stage_of(at.goal, finding.place), shared=effects)
            )
        with buttons:
            if ui.may_write() and finding.measure is not None:
                kind: Literal["primary", "secondary"] = "primary" if number == 0 else "secondary"
                if st.button("Plan a change", key=f"findings.plan.{number}", type=kind, width="stretch"):
                    ui.plan_from(finding.measure, finding.claim)
            see = f"findings.see.{number}"
            if st.button("Evidence", key=see, icon=":material/search:", width="stretch", type="tertiary"):
                ui.open_funnel(
                    list(at.goal.steps),
                    by=ui.field_of(finding) if finding.kind == "widest_gap" else None,
                    step=max(ui.stage_of(at.goal, finding.place) - 1, 0),
                    period="Last 12 decided weeks",
                    window=at.goal.measure.within,
                )

folded = len(ranked) - SHOWN
rest = f" {folded} smaller findings are in the table." if folded > 0 else ""
ui.markup.show(
    ui.markup.caption(
        "Ranked by the middle of the effect on the goal; a drop-off counts what winning back one in twenty "
        f"of those lost would bring.{rest} "
        f"Data to {text.day(at.clock.last_day)} · version {space.version}"
    )
)
ui.table_behind(
    [
        {
            "Kind": finding.kind,
            "Place": finding.place,
            "Finding": finding.claim,
            "Share": finding.rate.share if finding.rate else None,
            "Low": finding.rate.low if finding.rate else None,
            "High": finding.rate.high if finding.rate else None,
            "Customers": finding.customers,
            "Effect low": finding.effect.low if finding.effect else None,
            "Effect high": finding.effect.high if finding.effect else None,
        }
        for finding in found
    ],
    "findings",
)
ui.the_same_in_code(
    space.name,
    ["findings"],
    "from datetime import date\n\n"
    "from journey_app.analysis.findings import findings\n"
    "from journey_app.analysis.series import goal_clock\n"
    "from journey_app.share.auditing import audited\n"
    "from journey_app.workspace import decisions\n\n"
    "goal = decisions.goal(space).value\n"
    "clock = goal_clock(space.events(), goal)\n"
    "checked = audited(space, space.version, goal.steps, clock=clock, today=date.today())\n"
    "findings(space.events(), goal, clock=clock, audit=checked)",
)
