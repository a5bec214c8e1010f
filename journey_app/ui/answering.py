"""What must a person say about a dropped table? A question with our reading, or which column is what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from zoneinfo import available_timezones

import streamlit as st

from journey_app.charts.text import shorten
from journey_app.errors import JourneyError
from journey_app.ui import import_cards, markup, uploads
from journey_app.ui.explaining import say
from journey_app.ui.import_cards import ORDERS
from journey_app.ui.import_words import checkup_title
from journey_app.ui.markdown import md
from journey_app.ui.tray import Piece, Tray
from journey_app.vocabulary import Answers, Fix
from journey_app.workspace.numbering import WHOSE
from journey_app.workspace.placing import SYSTEM_SAID, checked_source
from journey_app.workspace.remembering import answered_with
from journey_app.workspace.workspace import Workspace

# ours → what it means to somebody who knows their customers but not us
OURS = {
    "customer": "Customer: who did it",
    "event": "Event: what happened",
    "time": "Time: when it happened",
    "email": "E-mail address",
    "anonymous_id": "Browser or device id",
    "channel": "Channel: how they came",
    "device": "Device",
    "amount": "Amount of money",
    "currency": "Currency",
    "text": "What they wrote",
    "session": "Session id",
    "account": "Company they belong to",
}
# field of the answers → what its choice is called
FIXES = {
    "header_row": "Which row holds the column names",
    "delimiter": "What separates cells",
    "dates": "How dates are written",
    "timezone": "Clock of times without a zone",
    "decimal": "How amounts are written",
    "epoch": "What these numbers count",
    "drop_duplicates": "Rows exactly alike",
    "midnight_is_a_day": "What 00:00 means",
    "one_per": "What one event is",
    "amount_of": "Whose amount it is",
    "source": "Which source it is",
    "system": "What kind of place it tells of",
    "ids": "Whose numbers its customers have",
}
FEW = 3  # choices that fit side by side
NONE, ONE_EVENT = "– none –", "every row is the same event"
AS_FOUND = "as found in the file"
ORDER_CHOICES = {
    AS_FOUND: None,
    "day first (03/04 is 3 April)": "dmy",
    "month first (03/04 is 4 March)": "mdy",
}


def question_bands(space: Workspace, tray: Tray) -> None:
    """Every open question in its amber band, our reading chosen; an answer is taken with its button."""
    for at, piece in enumerate(tray.pieces):
        if piece.state == "asked":
            _band(space, piece, at)


def _band(space: Workspace, piece: Piece, at: int) -> None:
    question = piece.table.question
    if question is None:
        _confirm_band(space, piece, at)
        return
    if question.option == "--map" and piece.table.context is None:
        _event_band(space, piece, at)
        return
    if question.option == "--map":
        _currency_band(space, piece, at)
        return
    if question.option == WHOSE:
        _whose_band(space, piece, at)
        return
    if question.option in uploads.ABOUT_ORDERS:
        _orders_band(space, piece, at)
        return
    readings = {order: _reading(order, said) for order, said in question.answers.items()}
    guess = ORDERS[next(iter(readings))]
    why = f"Nothing in the file proves it, so {guess} is only our guess. Your answer is remembered."
    ahead = next((seen.brief for seen in piece.checkup_shown if seen.kind == "future"), "")
    if ahead:
        why = f"Read {ORDERS[uploads.shown_order(piece)]}, it puts {ahead}, which would not be used. {why}"
    with _asks(at, f"{_named(piece)}: {_lower_first(question.what)}", why):
        chosen = st.segmented_control(
            "How dates are written",
            list(readings),
            format_func=readings.__getitem__,
            default=uploads.shown_order(piece),
            required=True,
            key=f"import.order.{at}.{piece.table.fingerprint}",
            label_visibility="collapsed",
        )
        order = str(chosen or uploads.shown_order(piece))
        if st.button("Use this", type="primary", key=f"import.use.{at}"):
            _taken(space, piece, replace(piece.answers, dates=order))
    if order != uploads.shown_order(piece):
        piece.shown_as = order
        st.rerun()


@contextmanager
def _asks(at: int, question: str, why: str) -> Iterator[None]:
    """The amber band of a question, with what is drawn inside beside it."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"ask-import-{at}"):
        markup.show(markup.question_band(question, why))
        yield


def _confirm_band(space: Workspace, piece: Piece, at: int) -> None:
    """A meaning that we know from memory, or only propose: somebody says that the events below are right."""
    question = piece.table.unconfirmed
    assert question is not None
    why = "Look at its events below, then say so; it is remembered for files with these columns."
    with _asks(at, f"{shorten(piece.table.file, 40)}: {_lower_first(question.what)}", why):
        if st.button("Its events are right", type="primary", key=f"import.use.{at}"):
            _taken(space, piece, replace(piece.answers, read_as=(piece.table.recognised_as,)))
        if st.button("Name its columns instead", key=f"import.instead.{at}"):
            st.session_state["import.mapping"] = piece
            st.rerun()


def _named(piece: Piece) -> str:
    """The export a question is about; of a log nobody described, and among several, its file."""
    generic = piece.table.recognised_as.startswith("generic")
    return (
        shorten(piece.table.file, 40) if generic else f"{piece.table.title}, {shorten(piece.table.file, 40)}"
    )


def _currency_band(space: Workspace, piece: Piece, at: int) -> None:
    """What the money of a report is in: nothing is guessed, and currencies are never added to each other."""
    question = piece.table.question
    assert question is not None
    why = "Nothing in the file says it. Your answer is remembered."
    with _asks(at, f"{_named(piece)}: {_lower_first(question.what)}", why):
        chosen = st.selectbox(
            "Currency",
            list(question.answers),
            index=None,
            placeholder="Three letters",
            accept_new_options=True,
            key=f"import.currency.{at}.{piece.table.fingerprint}",
            label_visibility="collapsed",
            width=160,
        )
        if st.button("Use this", type="primary", key=f"import.use.{at}", disabled=not chosen):
            _taken(space, piece, uploads.in_currency(piece.answers, str(chosen)))


def _event_band(space: Workspace, piece: Piece, at: int) -> None:
    """Whether a column says what happened that was not read in earlier files of this name."""
    question = piece.table.question
    assert question is not None
    why = "Take those imports back first where they hold rows of this one, and import them again after it."
    with _asks(at, question.what, why):
        ((told, says),) = question.answers.items()
        if st.button(md(says), type="primary", key=f"import.use.{at}"):
            _taken(space, piece, uploads.told_of(piece.answers, question, told))


def _whose_band(space: Workspace, piece: Piece, at: int) -> None:
    """Whose numbers the customers of a log have: the file cannot tell, so nothing is chosen beforehand."""
    question = piece.table.question
    assert question is not None
    why = "Nothing in the files tells. Until you say so they are shown as other people."
    with _asks(at, question.what, why):
        chosen = st.segmented_control(
            FIXES["ids"],
            list(question.answers),
            format_func=lambda choice: md(question.answers[choice]),
            key=f"import.ids.{at}.{piece.table.fingerprint}",
            label_visibility="collapsed",
        )
        if st.button("Use this", type="primary", key=f"import.use.{at}", disabled=not chosen):
            _taken(space, piece, replace(piece.answers, ids=str(chosen)))


def _orders_band(space: Workspace, piece: Piece, at: int) -> None:
    """Whether rows are lines of orders, or whose amount they hold: what is below is read as is chosen here."""
    question = piece.table.question
    assert question is not None
    shown = uploads.shown_order(piece)
    why = "Its events below are read as chosen here. Your answer is remembered."
    with _asks(at, f"{_named(piece)}: {_lower_first(question.what)}", why):
        chosen = st.segmented_control(
            FIXES[uploads.ANSWERS[question.option]],
            list(question.answers),
            format_func=lambda value: md(question.answers[value]),
            default=shown,
            required=True,
            key=f"import.orders.{at}.{piece.table.fingerprint}.{question.option}",
            label_visibility="collapsed",
        )
        told = str(chosen or shown)
        if st.button("Use this", type="primary", key=f"import.use.{at}"):
            _taken(space, piece, uploads.told_of(piece.answers, question, told))
    if told != shown:
        piece.shown_as = told
        st.rerun()


def _reading(order: str, said: str) -> str:
    """“3 April 2026 (day first)” from “03/04/2026 is 3 April 2026”."""
    return f"{said.rpartition(' is ')[2]} ({ORDERS[order]})"


def _lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _taken(space: Workspace, piece: Piece, answers: Answers, *, may_miss: bool = False) -> None:
    try:
        uploads.answer(space, piece, answers, may_miss=may_miss)
    except JourneyError as error:
        say(error.what, error.do)
        return
    st.session_state.pop("import.mapping", None)
    st.rerun()


def where_it_counts(space: Workspace, piece: Piece, at: int) -> None:
    """On the card itself, what kind of place a log tells of: unasked it is our site or app, which may be wrong."""
    fix = next((seen.fix for seen in piece.checkup if seen.fix and seen.fix.answer == "system"), None)
    if fix is None or piece.preview is None:
        return
    values = list(fix.choices)
    chosen = st.selectbox(
        "Its events count for",
        values,
        index=values.index(fix.now or values[0]),
        format_func=fix.choices.__getitem__,
        key=f"import.counts.{at}.{piece.table.fingerprint}.{fix.now}",
    )
    if chosen != fix.now:
        _taken(space, piece, answered_with(piece.answers, fix, str(chosen)), may_miss=True)


def how_it_was_read(space: Workspace, piece: Piece, at: int) -> None:
    """The whole check-up of a table, each finding with the one click that changes it."""
    with st.expander(checkup_title(piece.checkup)):
        for place, seen in enumerate(piece.checkup):
            markup.show(import_cards.seen_row(seen))
            if seen.fix is None or seen.severity == "ask" or len(seen.fix.choices) == 1:
                continue
            if seen.fix.answer == "system":  # it stands on the card
                continue
            key = f"import.fix.{at}.{piece.table.fingerprint}.{place}.{seen.fix.answer}"
            if seen.fix.answer == "recipe":
                if st.button("Do not read it like last time", key=key):
                    uploads.without_recipe(piece)
                    st.rerun()
            elif (told := _fixed(seen.fix, key)) != seen.fix.now:
                _taken(space, piece, answered_with(piece.answers, seen.fix, told), may_miss=True)


def _fixed(fix: Fix, key: str) -> str:
    """What is chosen for a fix: a choice of few side by side, of many in a list."""
    values = list(fix.choices) or sorted(available_timezones())
    label, now = FIXES[fix.answer], fix.now if fix.now in values else values[0]

    def said(value: str) -> str:
        return fix.choices.get(value, value)

    if len(values) <= FEW:
        chosen = st.segmented_control(
            label,
            values,
            format_func=lambda value: md(said(value)),  # these are read as markdown, and may be from the file
            default=now,
            required=True,
            key=key,
        )
    else:
        chosen = st.selectbox(label, values, index=values.index(now), format_func=said, key=key)
    return str(chosen or now)


def mapping_form(space: Workspace, piece: Piece) -> None:
    """Ours on the left, their columns to choose from, our guess chosen and real values beside it."""
    table, key = piece.table, f"import.map.{piece.table.fingerprint}"
    missing = f" It still needs: {', '.join(table.missing)}." if table.missing else ""
    with st.form(key, border=True):
        markup.show(markup.section(f"Which column of “{table.file}” is what?", table.title))
        st.caption(md(f"{table.why}{missing} Your answer is remembered for files with these columns."))
        with st.container(horizontal=True):
            chosen = {ours: _column(piece, ours, key) for ours in ("customer", "event", "time")}
            name = st.text_input(
                "Name of that event",
                key=f"{key}.fixed",
                width=220,
                help=f"Only for “{ONE_EVENT}”: such as Purchase.",
            )
        with st.expander("More columns, time zone, order of dates, source", expanded=False):
            more = _more_answers(piece, chosen, key)
        with st.container(horizontal=True):
            read = st.form_submit_button("Read it so", type="primary")
            closed = not table.missing and st.form_submit_button("Close")
    if closed:
        st.session_state.pop("import.mapping", None)
        st.rerun()
    if read:
        try:
            source = checked_source(more.source) if more.source else None
        except JourneyError as error:
            say(error.what, error.do)
            return
        _taken(space, piece, replace(more, map=_changed(piece, chosen, name), source=source))


def _more_answers(piece: Piece, chosen: dict[str, str], key: str) -> Answers:
    """What is seldom needed: more columns, which go to `chosen`, and how the whole table is read."""
    answers, columns = piece.answers, st.columns(4)
    for at, ours in enumerate(ours for ours in OURS if ours not in chosen):
        with columns[at % 4]:
            chosen[ours] = _column(piece, ours, key)
    zones = [AS_FOUND, *sorted(available_timezones())]
    at = zones.index(answers.timezone) if answers.timezone in zones else 0
    zone = columns[0].selectbox("Clock of times without a zone", zones, index=at, key=f"{key}.zone")
    held = list(ORDER_CHOICES.values()).index(answers.dates) if answers.dates != "ymd" else 0
    order = columns[1].selectbox("Order of dates", list(ORDER_CHOICES), index=held, key=f"{key}.dates")
    source = columns[2].text_input("What to call this source", answers.source or "", key=f"{key}.source")
    system = columns[3].selectbox(
        FIXES["system"],
        list(SYSTEM_SAID),
        index=list(SYSTEM_SAID).index(piece.table.system),
        format_func=SYSTEM_SAID.__getitem__,
        key=f"{key}.system",
        help="Such as support for a log of calls: the audit then counts it there.",
        disabled=not piece.table.recognised_as.startswith("generic"),
    )
    return replace(
        answers,
        timezone=None if zone == AS_FOUND else zone,
        dates=ORDER_CHOICES[order],
        source=source.strip() or None,
        system=system if system != piece.table.system else answers.system,
    )


def _column(piece: Piece, ours: str, key: str) -> str:
    """One selectbox: their columns with a value or two, our guess chosen."""
    header, guess = piece.table.header, piece.table.mapping.get(ours)
    options = [*([] if guess else [NONE]), *([ONE_EVENT] if ours == "event" else []), *header]
    chosen = st.selectbox(
        OURS[ours],
        options,
        index=options.index(guess) if guess in options else 0,
        format_func=lambda name: _with_values(piece, name),
        key=f"{key}.{ours}",
        width="stretch",
    )
    return str(chosen)


def _with_values(piece: Piece, column: str) -> str:
    """A column's name with the first values that stand in it."""
    if column in (NONE, ONE_EVENT):
        return column
    values = dict.fromkeys(str(row.get(column) or "").strip() for row in piece.table.sample)
    shown = [shorten(value, 22) for value in values if value][:2]
    return f"{column}  ·  {', '.join(shown)}" if shown else f"{column}  ·  empty"


def _changed(piece: Piece, chosen: Mapping[str, str], event_name: str) -> dict[str, str]:
    """Only what a person said: earlier answers, and choices that differ from our guess."""
    answers = dict(piece.answers.map)
    if chosen["event"] == NONE and event_name.strip():  # whoever names the event has said that it is one
        chosen = {**chosen, "event": ONE_EVENT}
    for ours, theirs in chosen.items():
        if theirs == NONE:
            answers.pop(ours, None)
        elif theirs == ONE_EVENT:
            answers[ours] = f"={event_name.strip() or 'Event'}"
        elif theirs != piece.table.mapping.get(ours):
            answers[ours] = theirs
    return answers
