"""How are files dropped, read and shown as events before anything is stored?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import streamlit as st

from journey_app.charts.text import count, percent, shorten
from journey_app.errors import NoColumnNames
from journey_app.ui import import_cards, imports, markup, sample, uploads
from journey_app.ui.answering import how_it_was_read, mapping_form, question_bands, where_it_counts
from journey_app.ui.cards import card_head
from journey_app.ui.explaining import self_explaining
from journey_app.ui.import_words import (
    KEPT_FOR,
    done_claim,
    files,
    not_stored,
    rows_said,
    store_label,
    tray_claim,
    unused_claim,
    were_waiting,
)
from journey_app.ui.markdown import md
from journey_app.ui.tray import Drop, Piece, Tray
from journey_app.ui.working import working
from journey_app.vocabulary import Reject
from journey_app.workspace.importing import known_exports
from journey_app.workspace.numbering import WHOSE
from journey_app.workspace.previewing import SeenEvent
from journey_app.workspace.workspace import Workspace

STORES = "import.store"  # the button; within a run it says whether it was what the run is for
CARDS_A_ROW = 4
LOOKS_EVERY_S = 3.0  # for files of a page of this browser that may be closing
ACROSS = {1: 3, 2: 3, 3: 3, 5: 5, 6: 3, 9: 3}  # how many cards → in one row, where four would leave a hole
EVENTS_SHOWN = 7
FEWEST_A_FILE = 2
Row = TypeVar("Row")
NOT_READ = (*uploads.UNREADABLE, "unread")
REASONS_SHOWN = 5
ROWS_NAMED = 4
KINDS = "CSV, TSV, XLSX, JSON, NDJSON, Parquet or fixed-width text, also packed as .gz or .zip"


def drop_zone(space: Workspace, tray: Tray, label: str) -> None:
    """The uploader. What it receives goes to disk at once and out of memory."""
    dropped = st.file_uploader(
        label,
        accept_multiple_files=True,
        key=f"import.drop.{tray.turn}",
        help=f"{KINDS}. Several at once are fine.",
    )
    if dropped:
        for sentence in uploads.take_all(tray, dropped):
            st.toast(md(sentence), icon=":material/info:")
        st.rerun()


def invitation(space: Workspace, tray: Tray) -> None:
    """Nothing dropped yet: where to drop, how to get exports, and something to try."""
    _offers(space)
    drop_zone(space, tray, f"Drop your exports here: {KINDS}")
    if space.version is not None:
        with st.popover("How to get the export from your tool", icon=":material/help:"):
            _how_to_get()
        return
    sample.button("Or look around a made-up company")
    markup.show(markup.section("How to get the export from your tool", "recognised without typing"))
    _how_to_get()


def _offers(space: Workspace) -> None:
    """What closed pages left, also where the server hears only later that a page was closed."""
    may_come = uploads.may_be_left(space)
    st.fragment(_offer_all, run_every=LOOKS_EVERY_S if may_come else None)(space)


@self_explaining
def _offer_all(space: Workspace) -> None:
    for left in uploads.waiting(space):
        _offer(space, left)


def _offer(space: Workspace, left: Tray) -> None:
    """Files that lay here when the page was reloaded or closed: go on with them, or delete them now."""
    names = [drop.name for drop in left.drops]
    them = "it" if len(names) == 1 else "them"
    tray = left.folder.path.name  # by its own name: another page may take the offer above it meanwhile
    with st.container(key=f"card-waiting-{tray}", horizontal=True, vertical_alignment="center"):
        markup.show(card_head("Not stored yet", "", were_waiting(names), KEPT_FOR))
        if st.button(f"Go on with {them}", type="primary", key=f"import.go_on.{tray}"):
            if not uploads.go_on_with(space, left):
                st.toast(f"Gone meanwhile: drop {them} again.")
            st.rerun()
        if st.button(f"Forget {them}", key=f"import.forget.{tray}"):
            if not uploads.throw_away(space, left):
                st.toast("Another page went on with them meanwhile: nothing was deleted.")
            st.rerun()


def _how_to_get() -> None:
    markup.show(import_cards.how_to_get(known_exports()))
    markup.show(
        markup.caption(
            "Anything else with one row an event works too: you will be asked which column is what."
        )
    )


def tray_head(tray: Tray) -> None:
    """What was dropped, and that nothing of it is stored; after storing, what was stored and what was not."""
    if tray.stored is not None:
        eyebrow = f"Import · {files(len(tray.stored.files))} stored, {count(len(_shown(tray)))} not"
        markup.show(markup.page_head(eyebrow, done_claim(tray.stored), not_stored(_left(tray))))
        return
    states = _states(tray)
    events = sum(piece.preview.report.events for piece in tray.pieces if piece.preview)
    markup.show(
        markup.page_head(
            f"Import · {files(len(tray.drops))} dropped, nothing stored yet",
            tray_claim(states, events, imports.anything_to_store(tray), imports.reports_to_store(tray)),
            "Recognised by header and values. You see the events before anything is stored, and every import can be"
            " taken back. After a reload they wait here for half an hour.",
        )
    )


def _shown(tray: Tray) -> list[Piece | Drop]:
    """What has a card: every table, then every file of which nothing can be read."""
    return [*tray.pieces, *(drop for drop in tray.drops if drop.trouble)]


def _states(tray: Tray) -> list[str]:
    return ["failed" if isinstance(card, Drop) else card.state for card in _shown(tray)]


def _left(tray: Tray) -> list[tuple[str, str]]:
    """The file and state of everything that still lies in the tray."""
    names = [card.name if isinstance(card, Drop) else card.table.file for card in _shown(tray)]
    return list(zip(names, _states(tray), strict=True))


def read_what_is_new(space: Workspace, tray: Tray) -> None:
    """Read what was dropped or answered since the last run, with its progress; then draw the page anew.

    Not where somebody has just pressed the button that stores what they were shown: storing compares it anew.
    """
    if tray.paused or not uploads.needs_reading(space, tray):
        return
    if st.session_state.get(STORES) and uploads.only_data_changed(space, tray):
        return

    def pause() -> None:
        tray.paused = True

    with working("Reading", key="import.reading", on_stop=pause) as progress:
        uploads.read(space, tray, progress)
    st.rerun()


def show_tray(space: Workspace, tray: Tray) -> None:
    """Cards, questions, the mapping that is open, first events, what will not be used, and the buttons.

    The buttons stay in sight at the foot of the window.

    After storing, before them the report of what was stored.
    """
    imports.say_if_stopped(space, tray)
    imports.what_next(space)
    parts = [_cards, question_bands, _mapping]
    if len(_shown(tray)) > ACROSS.get(
        len(_shown(tray)), CARDS_A_ROW
    ):  # below several rows nobody would see them
        parts = [question_bands, _mapping, _cards]
    for part in parts:
        part(space, tray)
    _events_and_rejects(space, tray)
    _buttons(space, tray)


def _cards(space: Workspace, tray: Tray) -> None:
    shown = _shown(tray)
    across = ACROSS.get(len(shown), CARDS_A_ROW)
    for first in range(0, len(shown), across):
        for at, column in enumerate(st.columns(across, gap="small"), start=first):
            if at < len(shown):
                with column, st.container(key=f"card-import-{at}", height="stretch", gap="small"):
                    _card(space, tray, shown[at], at)


def _card(space: Workspace, tray: Tray, card: Piece | Drop, at: int) -> None:
    markup.show(import_cards.drop_card(card) if isinstance(card, Drop) else import_cards.piece_card(card))
    if isinstance(card, Piece) and card.trouble is None:
        where_it_counts(space, card, at)
    if isinstance(card, Piece):  # of one that cannot be used, too: another reading may be the way out
        how_it_was_read(space, card, at)
    if (
        isinstance(card, Drop)
        and isinstance(card.trouble, NoColumnNames)
        and st.button("It has no column names", key=f"import.nameless.{at}")
    ):
        uploads.without_names(space, card)
        st.rerun()
    with st.container(horizontal=True, gap="small"):
        if (
            isinstance(card, Piece)
            and card.state == "timeless"
            and card.table.says_who_is_who
            and st.button("It says who is who", key=f"import.people.{at}", type="tertiary")
        ):
            uploads.answer(space, card, replace(card.answers, read_as=("generic.people",)))
            st.rerun()
        if (
            isinstance(card, Piece)
            and card.table.context is None
            and st.button("Change mapping", key=f"import.change.{at}", type="tertiary")
        ):
            st.session_state["import.mapping"] = card
            st.rerun()
        if st.button("Leave out", key=f"import.leave.{at}", type="tertiary"):
            if isinstance(card, Piece):
                tray.leave_out(card)
            else:
                tray.drops.remove(card)
            st.rerun()


def _mapping(space: Workspace, tray: Tray) -> None:
    """The mapping somebody asked for, else that of the first table that needs one."""
    asked = st.session_state.get("import.mapping")
    needed = next((piece for piece in tray.pieces if piece.state == "unmapped"), None)
    piece = asked if asked in tray.pieces else needed
    if piece is not None:
        mapping_form(space, piece)


def _events_and_rejects(space: Workspace, tray: Tray) -> None:
    rows = _some_of_every_file(tray)
    rejects = _rejects(tray)
    if not rows and not rejects:
        return
    left, right = st.columns([1.8, 1], gap="medium")
    with left:
        total = sum(piece.preview.report.events for piece in tray.pieces if piece.preview)
        which = "the newest of every file" if _several_give_events(tray) else "newest first"
        if rows:  # reports without people have none
            markup.show(
                markup.section("How they will read, as events", f"{len(rows)} of {count(total)} · {which}")
            )
            markup.show(import_cards.first_events(rows, space.timezone))
    with right:
        unused, read = sum(reject.rows for _, reject in rejects), _rows_read(tray)
        whole = sum(state in NOT_READ for state in _states(tray))
        markup.show(markup.section(unused_claim(unused, whole)))
        few = [(tool, replace(reject, first_rows=reject.first_rows[:ROWS_NAMED])) for tool, reject in rejects]
        markup.show(markup.rejects(few[:REASONS_SHOWN]))
        if len(rejects) > REASONS_SHOWN:
            markup.show(markup.caption(f"and {len(rejects) - REASONS_SHOWN} more reasons, in the download"))
        share = f"{percent(unused / read)} of {rows_said(read)}. " if unused and read else ""
        markup.show(markup.caption(share + imports.outlook_line(space, tray)))


def _some_of_every_file(tray: Tray) -> list[tuple[SeenEvent, str, bool]]:
    """The newest events of each table, with where they come from and whether their dates are our guess."""
    lists = [
        [(event, _from(tray, piece), _dates_are_a_guess(piece)) for event in piece.preview.newest]
        for piece in tray.pieces
        if piece.preview and piece.preview.newest
    ]
    return sorted(share_out(lists, EVENTS_SHOWN, FEWEST_A_FILE), key=lambda row: row[0].at, reverse=True)


def _dates_are_a_guess(piece: Piece) -> bool:
    asked = piece.table.question
    return piece.state == "asked" and (asked is None or asked.option not in (WHOSE, *uploads.ABOUT_ORDERS))


def _from(tray: Tray, piece: Piece) -> str:
    """The tool a table comes from; its file where nobody knows the tool, or several tables share it."""
    tools = [each.table.title.split(" · ")[0] for each in tray.pieces]
    tool = piece.table.title.split(" · ")[0]
    named = tools.count(tool) == 1 and not piece.table.recognised_as.startswith("generic")
    return tool if named else shorten(piece.table.file, 24)


def _several_give_events(tray: Tray) -> bool:
    return sum(bool(piece.preview and piece.preview.newest) for piece in tray.pieces) > 1


def share_out(lists: Sequence[Sequence[Row]], room: int, fewest: int) -> list[Row]:
    """The first rows of each list in turn: at least `fewest` of each where it has them, `room` in all."""
    longest = max(map(len, lists), default=0)
    turns = [(turn, rows[turn]) for turn in range(longest) for rows in lists if turn < len(rows)]
    return [row for at, (turn, row) in enumerate(turns) if turn < fewest or at < room]


def _rejects(tray: Tray) -> list[tuple[str, Reject]]:
    found = [
        (piece.table.title.split(" · ")[0], reject)
        for piece in tray.pieces
        if piece.preview
        for reject in piece.preview.report.rejects
    ]
    return sorted(found, key=lambda pair: -pair[1].rows)


def _rows_read(tray: Tray) -> int:
    return sum(piece.preview.report.rows for piece in tray.pieces if piece.preview)


def _buttons(space: Workspace, tray: Tray) -> None:
    """The one button that stores, named after what it does; then more files, the rejects, and away."""
    events, asked = imports.events_to_store(tray), any(piece.state == "asked" for piece in tray.pieces)
    with st.container(horizontal=True, vertical_alignment="center", key="import-bar"):
        if tray.paused and uploads.needs_reading(space, tray):
            st.button(
                "Read on", type="primary", key="import.on", on_click=lambda: setattr(tray, "paused", False)
            )
        anything_new = imports.anything_to_store(tray)
        if st.button(
            store_label(_states(tray), events, anything_new, imports.reports_to_store(tray)),
            type="primary" if anything_new and not asked else "secondary",
            key=STORES,
            icon=":material/check:",
            disabled=asked or not anything_new,
        ):
            imports.store(space, tray)
        with st.popover("Add files", icon=":material/add:"):
            drop_zone(space, tray, f"Drop more: {KINDS}")
        imports.download_rejects(space, tray)
        if st.button("Put everything away", key="import.away", type="tertiary", icon=":material/close:"):
            uploads.empty_tray(space)
            st.rerun()
