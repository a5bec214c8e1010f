"""How does an edited sheet come back: what would change, who changed the same, and only then is it kept?"""

from __future__ import annotations

import streamlit as st

from journey_app.analysis.tracking import tellers
from journey_app.errors import JourneyError, StaleEdit
from journey_app.share import audit_file
from journey_app.share.audit_file import MINE, PLACE, THEIRS, Coming
from journey_app.share.audit_words import known_names
from journey_app.share.measured import noted
from journey_app.share.sheet_reading import MOST_BYTES, read_sheet
from journey_app.ui.asking import ask
from journey_app.ui.audit_sheet import sheet
from journey_app.ui.door import me, wall
from journey_app.ui.explaining import say, self_explaining
from journey_app.ui.frame import table
from journey_app.ui.pickers import event_names
from journey_app.workspace.workspace import Workspace

WHOSE = {THEIRS: "Keep what is here", MINE: "Take the sheet's words"}


@st.dialog("Bring an edited sheet back", width="large")
@self_explaining
def bring_dialog(space: Workspace) -> None:
    """A sheet that was exported here and edited: first what it changes, then the button that keeps it."""
    st.markdown(
        "The XLSX or CSV that was exported here, with grades, owners, notes or places edited. "
        "Nothing is stored before you have seen what changes."
    )
    file = st.file_uploader(
        "Sheet", type=["xlsx", "csv"], key="audit.sheet", max_upload_size=MOST_BYTES // 1_000_000
    )
    if file is None:
        return
    try:
        coming = audit_file.compare(
            space,
            sheet(space, wall().date()),
            read_sheet(file.getvalue(), file.name, head=PLACE),
            known_names(event_names(space), ask(tellers, space)),
        )
    except JourneyError as error:
        say(error.what, error.do)
        return
    if not coming.edits:
        st.markdown(f"Nothing is changed in this sheet of {coming.rows} places.")
        return
    _preview(coming)
    _keep(space, coming)


def _preview(coming: Coming) -> None:
    table(
        [
            {
                "Touchpoint": edit.place,
                "Field": "added" if edit.field == PLACE else edit.field,
                "Here now": edit.old,
                "In the sheet": edit.new,
                "Last said by": edit.author,
                "Changed by both": "≠" if edit.theirs else "",
            }
            for edit in coming.edits
        ],
    )


def _keep(space: Workspace, coming: Coming) -> None:
    clashes = None
    if coming.clashes:
        clashes = st.radio(
            f"{len(coming.clashes)} of these were changed here after the sheet had left (≠). Whose words count?",
            [THEIRS, MINE],
            format_func=WHOSE.__getitem__,
            key="audit.sheet.clashes",
        )
    fields = len(coming.edits) - (len(coming.clashes) if clashes == THEIRS else 0)
    label = f"Store {fields} change{'' if fields == 1 else 's'}"
    if not st.button(label, type="primary", key="audit.sheet.store", disabled=not fields):
        return
    try:
        audit_file.store(space, coming, clashes=clashes, author=me().who, now=wall())
    except StaleEdit as stale:
        say(stale.what, "Nothing was stored. Look at the changes again: they are compared anew.")
        return
    except JourneyError as error:
        say(error.what, error.do)
        return
    noted(space, author=me().who, now=wall())
    st.toast("Stored.", icon=":material/check:")
    st.rerun()
