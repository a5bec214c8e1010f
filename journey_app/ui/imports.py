"""How does what was dropped become part of the workspace, and how is it taken out again?"""

from __future__ import annotations

import streamlit as st

from journey_app.analysis.catalog import totals
from journey_app.analysis.evidence import between_ours, decisive
from journey_app.analysis.matches import match_rates, rates_of
from journey_app.analysis.since import standing_in
from journey_app.charts.text import count
from journey_app.errors import JourneyError
from journey_app.plain import from_plain
from journey_app.share.auditing import not_ours
from journey_app.share.measured import noted
from journey_app.ui import import_cards, markup, uploads
from journey_app.ui.asking import ask
from journey_app.ui.door import may_write, me, wall
from journey_app.ui.downloads import as_csv
from journey_app.ui.explaining import say, self_explaining
from journey_app.ui.import_words import done_claim, events_said, files, match_line, read_events, rows_said
from journey_app.ui.markdown import md
from journey_app.ui.moved import when_imported
from journey_app.ui.tray import Tray
from journey_app.ui.working import working
from journey_app.vocabulary import Imported, ImportReport, MatchRate
from journey_app.workspace import importing, replaced
from journey_app.workspace.corrections import known_again
from journey_app.workspace.decisions import goal
from journey_app.workspace.leaving import leaving
from journey_app.workspace.previewing import rejected_rows
from journey_app.workspace.remembering import remember
from journey_app.workspace.uploads import kept_file, remove_old
from journey_app.workspace.workspace import Workspace

SHOWN_AT_FIRST = 6
SYSTEM_NAMES = {"product": "product", "crm": "CRM", "billing": "billing", "support": "support"}


def store(space: Workspace, tray: Tray) -> None:
    """Store the tables that are ready, remember what was answered about them, and keep the report."""
    ready = [piece for piece in tray.pieces if piece.state == "ready"]
    before = space.version

    def stopped() -> None:
        tray.stopped = (before,)

    with working("Storing", key="import.storing", on_stop=stopped) as progress:
        imported = importing.import_prepared(
            space,
            [piece.table for piece in ready],
            author=me().who,
            now=wall(),
            progress=progress,
            judge=standing_in,
        )
    for piece in ready:
        remember(space, piece.table, uploads.said_by_storing(piece), author=me().who, now=wall())
    noted(space, author=me().who, now=wall())
    remove_old(space, now=wall())
    uploads.keep_only_unstored(space, ready, imported)
    st.rerun()


def say_if_stopped(space: Workspace, tray: Tray) -> None:
    """After Stop: what became of the data. A stopped import is taken back, unless it was just complete."""
    if tray.stopped is None:
        return
    (before,), tray.stopped = tray.stopped, None
    nothing = space.version == before
    st.toast(
        "Stopped; nothing was stored." if nothing else "Stopped, but all of it had just been stored.",
        icon=":material/stop:",
    )


def events_to_store(tray: Tray) -> int:
    """New events of the tables that are ready."""
    return sum(
        piece.preview.report.events for piece in tray.pieces if piece.state == "ready" and piece.preview
    )


def anything_to_store(tray: Tray) -> bool:
    """Whether storing would change anything: events, rows that say which ids are one person, or a report."""
    ready = [piece.preview for piece in tray.pieces if piece.state == "ready" and piece.preview]
    return any(p.report.events or (p.links and p.batch) for p in ready) or bool(reports_to_store(tray))


def reports_to_store(tray: Tray) -> int:
    """New reports without people among the tables that are ready."""
    ready = [piece for piece in tray.pieces if piece.state == "ready" and piece.table.context]
    previews = (piece.preview for piece in ready)
    return sum(bool(each and each.batch and not known_again(each.report)) for each in previews)


def head(space: Workspace) -> None:
    """What has just been stored, else what is here, else what this page is for."""
    done = just_stored(space)
    if done is not None:
        eyebrow = f"Import · {files(len(done.files))} stored"
        markup.show(markup.page_head(eyebrow, done_claim(done), match_now(space)))
        return
    if space.version is None:
        does = "Each is recognised, shown as events first, and can be taken back." if may_write() else ""
        claim = "Drop the exports you already have." if may_write() else "Nothing has been imported yet."
        markup.show(markup.page_head("Import · nothing here yet", claim, does))
        return
    held = ask(totals, space)
    claim = f"{count(held.events)} events of {count(held.customers)} customers are in force."
    markup.show(markup.page_head(f"Import · {files(len(space.batches()))} imported", claim, match_now(space)))


def what_next(space: Workspace) -> None:
    """After storing: each file's report, and where to go."""
    done = just_stored(space)
    if done is None:
        return
    for at, report in enumerate(done.files):
        with st.container(key=f"row-done-{at}"):
            markup.show(import_cards.stored_row(report))
    pages = st.session_state["pages"]
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Check what can be trusted", type="primary", key="import.next", icon=":material/checklist:"
        ):
            st.switch_page(pages["audit"])
        st.page_link(
            pages["goal"],
            label="Set the goal" if goal(space) is None else "See the goal",
            icon=":material/flag:",
        )
        st.page_link(pages["funnel"], label="See the funnel", icon=":material/filter_alt:")


def just_stored(space: Workspace) -> Imported | None:
    """The report of the import this session has just made, until the next file is dropped."""
    return uploads.tray_of(space).stored


def outlook_line(space: Workspace, tray: Tray) -> str:
    """The poorest match rate the workspace would have with what lies in the tray."""
    if tray.outlook is None:
        return ""
    outlook = tray.outlook[1]
    rows = [dict(row) for row in outlook.combinations]
    said = _poorest(space, rates_of(rows), "will be")
    return (
        f"{said} Whom the clean-up leaves out is still counted here."
        if said and not outlook.cleaned
        else said
    )


def match_now(space: Workspace) -> str:
    """The poorest match rate the workspace has, after an import."""
    return _poorest(space, ask(match_rates, space), "is")


def _poorest(space: Workspace, rates: tuple[MatchRate, ...], verb: str) -> str:
    """Judged as the audit judges: of the lines that decide, between places that are ours."""
    return match_line(decisive(between_ours(rates, not_ours(space))), SYSTEM_NAMES, verb=verb)


def download_rejects(space: Workspace, tray: Tray) -> None:
    """A button with every row that would not be used, why, and its cells; the file is made on the click."""
    rows = sum(piece.preview.report.rejected for piece in tray.pieces if piece.preview)
    if rows:
        st.download_button(
            f"Download the {rows_said(rows)}",
            lambda: _rejects_csv(space, tray),
            "rows-not-used.csv",
            "text/csv",
            key="import.rejects",
            icon=":material/download:",
            type="tertiary",
        )


def _rejects_csv(space: Workspace, tray: Tray) -> bytes:
    rows: list[dict[str, str]] = []
    for piece in tray.pieces:
        if piece.preview is not None and piece.preview.report.rejected:
            rows += rejected_rows(uploads.as_shown(space, piece), wall())
    columns = dict.fromkeys(name for row in rows for name in row)
    return as_csv([{name: row.get(name, "") for name in columns} for row in rows])


def in_force(space: Workspace) -> None:
    """The imports that make up the data, newest first, each with its report and a way back."""
    batches = list(reversed(space.batches()))
    if not batches:
        return
    markup.show(markup.section("Imports in force", f"{count(len(batches))} · every one can be taken back"))
    every = len(batches) <= SHOWN_AT_FIRST or st.session_state.get("import.every", False)
    for document in batches if every else batches[:SHOWN_AT_FIRST]:
        report = from_plain(ImportReport, document.body["report"])
        key = replaced.first_id(space, document)  # a click counts though somebody was forgotten meanwhile
        with st.container(horizontal=True, vertical_alignment="center", key=f"row-import-{key}"):
            goal_said = when_imported(space, document.doc_id)
            title = import_cards.import_title(document.body)
            row = import_cards.import_row(
                title, report, document.saved_at, document.author, space.timezone, goal_said
            )
            with st.container(width="stretch"):
                markup.show(row)
            with st.popover("Report", icon=":material/description:", type="tertiary"):
                show_report(document.body["title"], report)
                file = kept_file(space, document)
                if file is None:
                    markup.show(markup.caption("It was sent live, call by call: there never was a file."))
                elif not file.is_file():
                    markup.show(
                        markup.caption("Its raw file is not kept any more; its events are, and Undo works.")
                    )
            if may_write() and st.button(
                "Undo",
                key=f"import.undo.{key}",
                icon=":material/undo:",
                type="tertiary",
                on_click=_say_if_gone,
                args=(space, key),
            ):
                undo_dialog(space, document.doc_id, report)
    if not every:
        st.button(
            f"Show all {count(len(batches))} imports",
            key="import.more",
            on_click=lambda: st.session_state.update({"import.every": True}),
        )


def _say_if_gone(space: Workspace, batch: str) -> None:
    """After a click on a page that is older than the data: the row it was on is drawn no more."""
    if replaced.in_force(space, batch) is None:
        st.toast("This import was taken out already.", icon=":material/undo:")


def show_report(title: str, report: ImportReport) -> None:
    """What came in and what became of it."""
    markup.show(markup.section(title, report.file))
    again = read_events(report.events, report.already_there)
    kept = (
        f"{again[:1].upper()}{again[1:]}." if again else f"All of its {events_said(report.events)} are new."
    )
    st.markdown(
        f"{rows_said(report.rows)} read, {count(report.rejected)} not used. {md(report.kept) or kept}"
    )
    markup.show(import_cards.notes(report))
    if report.rejects:
        markup.show(markup.rejects([(title, reject) for reject in report.rejects]))


KEPT_GOES = "holds no people. What was kept of it beside the funnel goes."


def what_goes(goes: int, stays: int) -> str:
    """What happens to an import's events. stays: those that another import holds too."""
    links = "so does every link between ids that only this file made"
    if not goes and not stays:
        return f"holds no events. What it says of who is who goes: {links.removeprefix('so does ')}."
    if not goes:
        return f"brings none of its own: another import holds all {count(stays)}, and they stay."
    held = (
        f" {events_said(stays).capitalize()} of it stay, since another import holds them too."
        if stays
        else ""
    )
    return f"brings {events_said(goes)} that nothing else holds. They go, and {links}.{held}"


@st.dialog("Take this import out again?")
@self_explaining
def undo_dialog(space: Workspace, batch: str, report: ImportReport) -> None:
    held = replaced.in_force(space, batch)
    live = held is not None and "live" in held.body
    again = "They were sent live: nothing brings them back." if live else "The file can be imported again."
    with st.spinner("Counting what would go …"):
        found = leaving(space, batch)
    goes = what_goes(found.goes, found.stays) if not report.kept else KEPT_GOES
    st.markdown(f"**{md(report.file)}** {goes} What people decided stays. {again}")
    what = events_said(found.goes) if found.goes else "the summary" if report.kept else "this import"
    if st.button(f"Take out {what}", type="primary", key="import.undo.yes"):
        try:
            with st.spinner("Joining customers and sorting events …"):
                left = importing.undo(space, batch, author=me().who, now=wall())
                noted(space, author=me().who, now=wall())
        except JourneyError as error:
            say(error.what, error.do)
            return
        uploads.tray_of(space).stored = None
        st.toast(f"Taken out. {count(left.events)} events of {count(left.customers)} customers are left.")
        st.rerun()
    if st.button("Keep it", key="import.undo.no"):
        st.rerun()
