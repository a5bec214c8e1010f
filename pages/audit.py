"""Touchpoint audit: which places are tracked well enough to trust, and what to fix first."""

from journey_app import ui
from journey_app.ui import audit_parts, audit_sheet

space = ui.require("read")
steps = list(audit_sheet.sheet(space, ui.wall().date()).judged_by)

audit_parts.board(space)
audit_parts.controls(space)
audit_parts.in_focus(space)

ui.the_same_in_code(
    space.name,
    ["audit"],
    "from datetime import date\n\n"
    "from journey_app.analysis.clock import clock\n"
    "from journey_app.share.auditing import audited\n\n"
    f"steps = {steps!r}\n"
    "events = space.events()\n"
    "audited(space, space.version, steps, clock=clock(events, steps), today=date.today())",
)
