"""Import: drop exports, see them as events, store them, take them back."""

from journey_app import ui
from journey_app.ui import dropping, flowing, imports, uploads

space = ui.require("read")
tray = uploads.tray_of(space)

if not ui.may_write():
    imports.head(space)
elif tray.drops:
    dropping.read_what_is_new(space, tray)
    dropping.tray_head(tray)
    dropping.show_tray(space, tray)
else:
    imports.head(space)
    imports.what_next(space)
    dropping.invitation(space, tray)

imports.in_force(space)
flowing.sources_section(space)
flowing.live_section(space)

names = [drop.name for drop in tray.drops] or ["export.csv"]
ui.the_same_in_code(
    space.name,
    ["import", *names],
    "from datetime import UTC, datetime\nfrom pathlib import Path\n\n"
    "from journey_app.workspace.importing import import_files\n\n"
    f"files = [(Path(name), name) for name in {names!r}]\n"
    'import_files(space, files, author="notebook", now=datetime.now(UTC))',
)
