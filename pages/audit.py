"""Touchpoint audit: which places are tracked well enough to trust, and what to fix first."""

from journey_app import ui
from journey_app.charts import audit as pictures
from journey_app.ui import audit_parts, audit_sheet, audit_words
from journey_app.ui.audit_sheet import COLUMNS

space = ui.require("read")
sheet = audit_sheet.sheet(space, ui.wall().date())
rows = audit_sheet.grid_rows(sheet.places)

ui.markup.show(
    ui.markup.page_head(
        f"Touchpoint audit · {len(sheet.places)} places, measured just now",
        audit_words.claim(sheet),
        audit_words.muted(sheet),
    )
)
ui.markup.show(ui.markup.killer_tiles(audit_words.tiles(sheet)))
clicked = ui.picture(
    pictures.audit_chart(rows, COLUMNS),
    key="audit.picture",
    says=pictures.describe(rows, COLUMNS),
    selections=["row"],
)
place = audit_parts.controls(space, sheet, clicked)
audit_parts.in_focus(place)

steps = list(sheet.judged_by)
ui.the_same_in_code(
    space.name,
    ["audit"],
    "from datetime import date\n\n"
    "from journey_app.analysis.audit import audit\n"
    "from journey_app.analysis.clock import clock\n"
    "from journey_app.workspace.remembering import untimed\n\n"
    f"steps = {steps!r}\n"
    "events = space.events()\n"
    "ends = clock(events, steps)\n"
    "audit(events, steps, clock=ends, today_wall=date.today(), untimed=untimed(space))",
)
