"""What has been dropped, how will it read, and what is still to be answered? Nothing here is stored.

A tray goes with its page, or waits on the shelf for its browser to come back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from journey_app.errors import BadChoice, JourneyError, Question
from journey_app.temporary import sweep_left_behind
from journey_app.ui.cards import SURE_FROM
from journey_app.ui.door import wall
from journey_app.ui.import_words import still_missing
from journey_app.ui.rights import browser, settings, signed_in
from journey_app.ui.shelf import Shelf
from journey_app.ui.tray import NOTHING_SAID, Drop, Dropped, Piece, Tray
from journey_app.ui.working import Progress
from journey_app.vocabulary import Answers, Imported
from journey_app.workspace.importing import Prepared, looking, prepare_file
from journey_app.workspace.numbering import WHOSE
from journey_app.workspace.placing import SETTLED, placed
from journey_app.workspace.previewing import Rehearsal, compared_with
from journey_app.workspace.remembering import MAIN, answered_anew, recalled
from journey_app.workspace.workspace import Workspace

# option of a question → field of the answers
ANSWERS = {"--dates": "dates", "--one-per": "one_per", "--amount-of": "amount_of"}
ABOUT_ORDERS = ("--one-per", "--amount-of")
MOST_QUESTIONS = 4  # that one table can raise one after another
UNREADABLE = ("failed", "timeless", "unmapped")


def _page_is_open(session: str) -> bool:
    return runtime.exists() and runtime.get_instance().is_active_session(session)


SHELF: Shelf[Tray] = Shelf(_page_is_open)


def tray_of(space: Workspace) -> Tray:
    """This session's tray for a workspace: another client's files never lie in it."""
    trays: dict[str, Tray] = st.session_state.setdefault("import.trays", {})
    tray = trays.get(space.name)
    if tray is None or SHELF.is_elsewhere(tray, _session()):
        sweep_left_behind()
        tray = trays[space.name] = Tray()
    owner = _owner(space)
    if tray.drops and owner is not None:
        SHELF.hold(tray, owner, _session())
    return tray


def waiting(space: Workspace) -> list[Tray]:
    """Trays with files that this browser's closed or reloaded pages left here, the newest last."""
    owner = _owner(space)
    return [tray for tray in SHELF.waiting(owner) if tray.drops] if owner else []


def may_be_left(space: Workspace) -> bool:
    """Whether other pages of this browser are open with files: what a reload left may seem open for seconds."""
    owner = _owner(space)
    return owner is not None and SHELF.at_hand(owner)


def go_on_with(space: Workspace, tray: Tray) -> bool:
    """Make a tray that waits this session's own; False when it has gone meanwhile."""
    owner = _owner(space)
    if owner is None or not SHELF.take(tray, owner, _session()):
        return False
    trays: dict[str, Tray] = st.session_state.setdefault("import.trays", {})
    if space.name in trays:
        trays[space.name].close()
    trays[space.name] = tray
    return True


def throw_away(space: Workspace, tray: Tray) -> bool:
    """Forget a tray that waits, and its files; False when it waits no more."""
    owner = _owner(space)
    if owner is None or not SHELF.take(tray, owner, _session()):
        return False
    _close(tray)
    return True


def _close(tray: Tray) -> None:
    SHELF.put_away(tray)
    tray.drops.clear()
    tray.close()


def _session() -> str:
    context = get_script_run_ctx()
    return context.session_id if context else ""


def _owner(space: Workspace) -> tuple[str, str] | None:
    """Whose a tray is: this browser's, and whoever is signed in there; None where it cannot be told again."""
    here = browser()
    return (f"{here} {signed_in(settings())}", space.name) if here else None


def keep_only_unstored(space: Workspace, stored: Sequence[Piece], report: Imported) -> None:
    """After storing: these tables go from the tray, with their copies; what was not stored stays."""
    tray = tray_of(space)
    for piece in stored:
        tray.leave_out(piece)
    if not tray.drops:
        empty_tray(space)
    tray_of(space).stored = report


def empty_tray(space: Workspace) -> None:
    """Put everything that was dropped away."""
    trays: dict[str, Tray] = st.session_state.get("import.trays", {})
    tray = trays.pop(space.name, None)
    if tray is not None:
        _close(tray)
        trays[space.name] = Tray(turn=tray.turn + 1)


def take_all(tray: Tray, files: Sequence[Dropped]) -> list[str]:
    """Spool what the uploader holds and make it let go; returns sentences about what was not taken."""
    said = []
    for file in files:
        try:
            if not tray.take(file.name, file):
                said.append(f"“{file.name}” is here already.")
        except JourneyError as error:
            said.append(f"{error.what} {error.do}")
        _let_go(file)
    tray.turn += 1
    tray.paused = False
    tray.stored = None
    return said


def _let_go(file: Dropped) -> None:
    """Streamlit keeps uploads in memory until the session ends, unless told otherwise."""
    context, file_id = get_script_run_ctx(), getattr(file, "file_id", None)
    if context is None or file_id is None:
        return
    let_go = getattr(context.uploaded_file_mgr, "remove_file", None)  # the one in memory has it
    if let_go is not None:
        let_go(context.session_id, file_id)


def read(space: Workspace, tray: Tray, progress: Progress) -> None:
    """Look at what is new in the tray and play its import through, table by table.

    A file that cannot be read keeps its error for its card; the others go on.
    """
    with tray.reading:
        _read(space, tray, progress)


def _read(space: Workspace, tray: Tray, progress: Progress) -> None:
    for at, drop in enumerate(tray.drops):
        if drop.pieces is None and drop.trouble is None:
            share = 0.1 * at / len(tray.drops)
            progress(share, f"Looking at {drop.name}")
            _look(space, drop, NOTHING_SAID, looking(drop.name, progress, share))
    todo = list(unread(space, tray))
    tables = placed(space, [piece.table for piece in tray.pieces], anew=True)
    for piece, table in zip(tray.pieces, tables, strict=True):
        if piece in todo or not piece.table.settled:  # others are kept as their events turned out to be
            piece.table = table
    rehearsal = Rehearsal(space, tray.folder.path, wall())
    for at, piece in enumerate(todo):

        def say(share: float, at: int = at, piece: Piece = piece) -> None:
            progress(0.1 + 0.8 * (at + share) / len(todo), f"Reading {piece.table.file}")

        say(0.0)
        _rehearse(space, tray, rehearsal, piece, say)
    progress(0.95, "Joining customers")
    previews = [piece.preview for piece in tray.pieces if piece.preview is not None]
    tray.outlook = (_outlook_key(space, tray), rehearsal.outlook(previews)) if previews else None


def needs_reading(space: Workspace, tray: Tray) -> bool:
    """Whether anything was dropped or answered since the last look."""
    if any(drop.pieces is None and drop.trouble is None for drop in tray.drops):
        return True
    stale = tray.outlook is None or tray.outlook[0] != _outlook_key(space, tray)
    return any(True for _ in unread(space, tray)) or (stale and any(p.preview for p in tray.pieces))


def unread(space: Workspace, tray: Tray) -> Iterator[Piece]:
    """Tables whose preview is not there, or not for these answers and this version of the data."""
    for piece in tray.pieces:
        if piece.state not in UNREADABLE and piece.read_for != _read_for(space, tray, piece):
            yield piece


def without_names(space: Workspace, drop: Drop) -> None:
    """Look at a file again, whose first row is data as all others are."""
    drop.trouble = None
    _look(space, drop, Answers(header_row=0))


def _look(
    space: Workspace, drop: Drop, answers: Answers, heard: Callable[[int], None] = lambda _: None
) -> None:
    try:
        tables = prepare_file(space, drop.path, drop.name, answers, heard)
    except JourneyError as error:
        drop.trouble = error
        return
    drop.pieces = [_recalled(space, table, answers) for table in tables]


def _recalled(space: Workspace, table: Prepared, said: Answers) -> Piece:
    """A table with what was answered about its like before, where that still fits."""
    found = recalled(space, table, said)
    return Piece(found.table, found.answers, recalled=found.said, remark=found.remark, as_found=table)


def without_recipe(piece: Piece) -> None:
    """Read a table as it was found, not as its like was read last time."""
    piece.table, piece.answers, piece.recalled = piece.as_found or piece.table, NOTHING_SAID, ""
    piece.remark, piece.shown_as, piece.trouble = "", None, None


def answer(space: Workspace, piece: Piece, answers: Answers, *, may_miss: bool = False) -> None:
    """Read a table as a person says. may_miss: its columns may be named afterwards.

    Raises what is wrong with the answers, and BadChoice where a customer, event or time is still missing;
    nothing has changed then.
    """
    table = answered_anew(space, piece.table, answers)
    if table.missing and not may_miss:
        raise BadChoice(*still_missing(table.missing))
    piece.table = table
    piece.answers, piece.recalled, piece.remark, piece.shown_as, piece.trouble = (
        answers,
        "",
        "",
        None,
        None,
    )


def _rehearse(
    space: Workspace, tray: Tray, rehearsal: Rehearsal, piece: Piece, say: Callable[[float], None]
) -> None:
    if piece.preview is not None:
        rehearsal.forget(piece.preview)
        piece.preview = None
    table = piece.table
    try:
        table = as_shown(space, piece)
        piece.preview = rehearsal.play(table, _earlier(tray, piece), say)
        _keep_as(piece, piece.preview.kept)
    except Question as question:  # the end of the file contradicts its beginning
        piece.table = table.asked(question)
        return
    except JourneyError as error:
        piece.trouble = error
    # As it stands now: its events may have answered a question.
    piece.read_for = (rehearsal.compared_with, *_read_for(space, tray, piece)[1:])


def _keep_as(piece: Piece, kept: Prepared | None) -> None:
    """Show a table under the source that its events turned out to be of."""
    if kept is not None and kept.source != piece.table.source:
        about = [seen for seen in kept.checkup if seen.kind in SETTLED]
        piece.table = piece.table.kept_as(kept.source, kept.system, about, ids=kept.id_type)


def shown_order(piece: Piece) -> str:
    """How dates are shown while their order is asked: as chosen, else the first of the answers."""
    assert piece.table.question is not None
    return piece.shown_as or next(iter(piece.table.question.answers))


def as_shown(space: Workspace, piece: Piece) -> Prepared:
    """A table by our reading of what is still asked of it: as chosen, and the first answer to all that follows."""
    table, answers = piece.table, piece.answers
    for _ in range(MOST_QUESTIONS):
        if table.question is None:
            break
        if table.question.option == WHOSE:
            return table.unasked()
        told = shown_order(piece) if table is piece.table else next(iter(table.question.answers))
        answers = told_of(answers, table.question, told)
        table = answered_anew(space, table, answers)
    if table is piece.table:
        return table
    return table.kept_as(piece.table.source, piece.table.system, (), ids=piece.table.id_type)


def told_of(answers: Answers, question: Question, told: str) -> Answers:
    """The same answers, and what a question is answered with."""
    if question.option == "--map":
        ours, names_a_column, theirs = told.partition("=")
        return (
            replace(answers, map={**answers.map, ours: theirs})
            if names_a_column
            else in_currency(answers, told)
        )
    said: dict[str, Any] = {ANSWERS[question.option]: told}
    return replace(answers, **said)


def said_by_storing(piece: Piece) -> Answers:
    """What a person said of a table; who stores a guess that was shown to them has said that it is right."""
    table, said = piece.table, piece.answers
    guessed = table.recognised_as == "generic.events" and table.confidence < SURE_FROM
    if not guessed or said.map or not all(ours in table.mapping for ours in MAIN):
        return said
    return replace(said, map={ours: table.mapping[ours] for ours in MAIN})


def in_currency(answers: Answers, code: str) -> Answers:
    """The same answers, and what the money of a report is in."""
    return replace(answers, map={**answers.map, "currency": f"={code}"})


def _earlier(tray: Tray, piece: Piece) -> list[str]:
    """Tables before this one that may hold the same events: those of its source, and logs like it."""
    before = tray.pieces[: tray.pieces.index(piece)]
    log = piece.table.recognised_as.startswith("generic")
    same = (
        p.preview
        for p in before
        if p.preview
        and (p.table.source == piece.table.source or (log and p.table.recognised_as.startswith("generic")))
    )
    return [preview.batch for preview in same if preview.batch]


def _read_for(space: Workspace, tray: Tray, piece: Piece) -> tuple[object, ...]:
    order = shown_order(piece) if piece.table.question else None
    return (compared_with(space), piece.answers, order, tuple(_earlier(tray, piece)))


def _outlook_key(space: Workspace, tray: Tray) -> tuple[object, ...]:
    batches = tuple(p.preview.batch for p in tray.pieces if p.preview)
    return (compared_with(space), space.ground.shaping, batches)


def only_data_changed(space: Workspace, tray: Tray) -> bool:
    """Whether nothing was dropped or answered since all of it was read: only what it is compared with is another."""
    new = any(drop.pieces is None and drop.trouble is None for drop in tray.drops)
    return not new and all(
        piece.read_for and piece.read_for[1:] == _read_for(space, tray, piece)[1:]
        for piece in tray.pieces
        if piece.state not in UNREADABLE
    )
