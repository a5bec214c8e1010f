"""Clean-up: what does not count, and what events are called."""

from journey_app import ui
from journey_app.ui import cleaning, naming

space = ui.require("read")
state = cleaning.state(space)

ui.markup.show(ui.markup.page_head(*cleaning.head(state)))
ui.resolve("cleanup")
cleaning.rules(space, state)
cleaning.suspected(space, state)
naming.names(space, state)

ui.the_same_in_code(
    space.name,
    ["cleanup", "show"],
    "from journey_app.workspace import cleaning, edits\n\n"
    'rule = edits.rule_for("domain", ["acme.com"])\n'
    "cleaning.counted(space, [rule])",
)
