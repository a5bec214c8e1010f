"""How do dropped files, their first events and past imports look? Words and boxes; shown by `markup.show`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from journey_app.charts.text import NBSP, count, shorten
from journey_app.errors import JourneyError
from journey_app.ui import cards
from journey_app.ui.import_words import STATES, checkup_line, read_events, rows_said, rows_used
from journey_app.ui.markup import pill
from journey_app.ui.tags import EMPTY, Html, join, tag
from journey_app.ui.tray import Drop, Piece
from journey_app.vocabulary import ImportReport, Observation
from journey_app.workspace.corrections import what_changes
from journey_app.workspace.importing import KnownExport
from journey_app.workspace.numbering import WHOSE
from journey_app.workspace.placing import SYSTEM_SAID
from journey_app.workspace.previewing import SeenEvent
from journey_app.workspace.remembering import source_in

# option → what is asked, on the card of its file
QUESTIONS = {
    "--dates": "day or month first?",
    "--map": "in which currency?",
    "--one-per": "are rows lines of orders?",
    "--amount-of": "whose amount is it?",
    WHOSE: "whose numbers?",
}
ORDERS = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}
LONGEST_TEXT = 60
MAIN = ("customer", "event", "time")
MEMORY = "This kind is known from memory only."
PROPOSED = "Each date is taken for a step."


# ---------------------------------------------------------------- one card a table


def piece_card(piece: Piece) -> Html:
    """A table: what it is, how sure, kept and dropped, rows → events, and what it still needs."""
    table = piece.table
    if piece.trouble is not None:
        return trouble_card(table.file, table.title, piece.trouble)
    if table.missing:
        what, do = f"Which of its {len(table.header)} columns says {_and(table.missing)}?", EMPTY
        if table.problem is not None and "time" in table.missing:
            what = table.problem.what
            said = table.problem.do.partition(" If a column")[0].replace(" (--as generic.people)", "")
            do = tag("p", said, cls="j-caption")
        return tag(
            "div",
            tag("h3", "Not recognised" if table.recognised_as.startswith("generic") else table.title),
            tag("p", table.file, cls="j-caption j-file"),
            pill("unsure", STATES[piece.state][0]),
            tag("p", what),
            do,
            cls="j-filecard",
        )
    if table.context is not None and table.question is None and table.unconfirmed is None:
        return report_card(piece)
    if piece.preview is None:
        waiting = tag("p", "Not read yet.", cls="j-caption")
        file = tag("p", table.file, cls="j-caption j-file")
        return tag("div", tag("h3", table.title), file, waiting, cls="j-filecard")
    report = piece.preview.report
    units = read_events(report.events, report.already_there)  # says more than the card's own count would
    note = " · ".join(part for part in (units, _note(piece)) if part)
    once = replace(report, already_there=0)
    card = cards.file_card(once, title=table.title, sure=table.confidence, note=note)
    return join(card, tag("p", checkup_line(piece.checkup), cls="j-caption"), _place(piece))


def _place(piece: Piece) -> Html:
    """Of a log that nobody described, the source and the kind of place its events count for."""
    table = piece.table
    if not table.recognised_as.startswith("generic"):
        return EMPTY
    chosen_below = any(seen.fix and seen.fix.answer == "system" for seen in piece.checkup)
    place = "" if chosen_below else f" · counts for: {SYSTEM_SAID[table.system]}"
    return tag("p", f"Source: “{shorten(table.source, 40)}”{place}", cls="j-caption")


def report_card(piece: Piece) -> Html:
    """A summary without people: what is kept of it, why it holds no journeys, and how to get what does."""
    table = piece.table
    assert table.context is not None
    dropped = piece.preview.report.rejected if piece.preview else 0
    left = tag("p", f"{rows_said(dropped)} not used", cls="j-caption j-dropped") if dropped else EMPTY
    return tag(
        "div",
        tag("h3", table.title),
        tag("p", table.file, cls="j-caption j-file"),
        pill("reported", f"{table.context.kept.partition(':')[0].lower()} context"),
        tag("p", tag("b", "Summary without people. "), table.context.kept),
        left,
        *(tag("p", says) for says in what_changes(piece.checkup)),
        tag("p", f"{_after_file(table.context.what)} {table.context.do}", cls="j-caption"),
        cls="j-filecard",
    )


def _after_file(what: str) -> str:
    """The sentence without the file's name, which stands on the card already."""
    return what.partition("”: ")[2] or what


def _and(names: Sequence[str]) -> str:
    """“customer, event and time”."""
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _note(piece: Piece) -> str:
    """The one thing worth knowing about how a table is read."""
    assert piece.preview is not None
    if piece.table.question is not None:
        option = piece.table.question.option
        asked = "what happened?" if option == "--map" and piece.table.context is None else QUESTIONS[option]
        return f"1 question: {asked}"
    if piece.remark:
        return piece.remark
    if piece.recalled:
        return piece.recalled
    if piece.table.unconfirmed is not None:
        proposed = piece.table.recognised_as.startswith("generic")
        return f"1 question: are its events right? {PROPOSED if proposed else MEMORY}"
    if piece.preview.links and not piece.preview.report.events:
        return f"{rows_said(piece.preview.links)} about which ids are one person"
    return _columns_used(piece)


def _columns_used(piece: Piece) -> str:
    """Of a guessed log, which columns were taken; of a known export there is no need to say."""
    if not piece.table.recognised_as.startswith("generic"):
        return ""
    said = [f"{piece.table.mapping[ours]} = {ours}" for ours in MAIN if ours in piece.table.mapping]
    guessed = "" if piece.table.confidence >= cards.SURE_FROM else "please check: "
    return guessed + shorten(", ".join(said), 70)


def drop_card(drop: Drop) -> Html:
    """A file of which nothing can be read: its two sentences."""
    assert drop.trouble is not None
    return trouble_card(drop.name, "Cannot be read", drop.trouble)


def trouble_card(file: str, title: str, error: JourneyError) -> Html:
    return tag(
        "div",
        tag("h3", title),
        tag("p", file, cls="j-caption j-file"),
        pill("red", "not used"),
        tag("p", error.what),
        tag("p", error.do, cls="j-caption"),
        cls="j-filecard",
        role="alert",
    )


MARKS = {"fine": "✓", "note": "•", "ask": "?", "fault": "▲"}


def seen_row(seen: Observation) -> Html:
    """One thing the check-up saw, with the cells that show it."""
    shown = ", ".join(f"“{shorten(example, 40)}”" for example in seen.examples)
    examples = tag("span", f" Such as {shown}.", cls="j-caption") if shown else ""
    return tag("p", tag("b", MARKS[seen.severity]), f" {seen.says}", examples, cls="j-seen")


# ---------------------------------------------------------------- the first events


def first_events(rows: Sequence[tuple[SeenEvent, str, bool]], zone: str) -> Html:
    """Events as they will read: (event, tool, whether its date is a guess), in the workspace's zone."""
    years = {_local(event.at, zone).year for event, _tool, _guess in rows}
    place = zone.split("/")[-1].replace("_", " ")
    when = f"When ({place})" if len(years) != 1 else f"When ({place}, {years.pop()})"
    with_year = "," not in when
    heads = (when, "Customer", "Event", "From", "Detail")
    body = [
        tag(
            "tr",
            tag("td", _moment(event, zone, with_year) + (" (a guess)" if guess else "")),
            tag("td", shorten(event.customer, 22)),
            tag("td", shorten(event.event, 30)),
            tag("td", tool),
            tag("td", detail(event)),
        )
        for event, tool, guess in rows
    ]
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in heads)))
    return tag("div", tag("table", head, tag("tbody", *body)), cls="j-table")


def detail(event: SeenEvent) -> str:
    """What else an event says: money, else what was written, else how they came and on what."""
    if event.amount is not None:
        return f"{event.currency or ''}{NBSP if event.currency else ''}{event.amount:,.2f}"
    if event.text:
        return f"“{shorten(event.text, LONGEST_TEXT)}”"
    return " · ".join(part for part in (event.channel, event.device) if part)


def _local(at: datetime, zone: str) -> datetime:
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))


def _moment(event: SeenEvent, zone: str, with_year: bool) -> str:
    local = _local(event.at, zone)
    day = f"{local.day}{NBSP}{local:%b}" + (f"{NBSP}{local:%Y}" if with_year else "")
    return day if event.day_only else f"{day}{NBSP}{local:%H:%M}"


# ---------------------------------------------------------------- past imports, help


def import_title(body: Mapping[str, Any]) -> str:
    """What an import in force is called: its tool, or the source of a log and what its events count for."""
    if not body["report"]["recognised_as"].startswith("generic"):
        return str(body["title"])
    return f"{body['title']} · {shorten(source_in(body), 40)} · {SYSTEM_SAID[body['system']]}"


def import_row(
    title: str, report: ImportReport, at: datetime, author: str, zone: str, goal_said: str = ""
) -> Html:
    """An import in force, in one line. goal_said: what it changed in the goal."""
    local = _local(at, zone)
    when = f"{local.day} {local:%b %Y, %H:%M} · {author}"
    return tag(
        "div",
        tag("div", tag("b", title), tag("p", report.file, cls="j-caption j-file")),
        _brought(report),
        tag("div", rows_used(report), cls="j-caption"),
        tag("div", when, tag("p", goal_said) if goal_said else EMPTY, cls="j-caption"),
        cls="j-importrow",
    )


def stored_row(report: ImportReport) -> Html:
    """What became of one file, right after storing."""
    changes = " ".join(what_changes(report.checkup))
    usual = changes or "beside the funnel" if report.kept else "no event twice"
    again = read_events(report.events, report.already_there) or usual
    return tag(
        "div",
        tag("div", tag("b", report.file), tag("p", report.title or report.recognised_as, cls="j-caption")),
        _brought(report),
        tag("div", rows_used(report), cls="j-caption"),
        tag("div", again, cls="j-caption"),
        cls="j-importrow",
    )


def _brought(report: ImportReport) -> Html:
    """What a file brought: events, or of a report without people what is kept of it."""
    if report.kept:
        return tag("div", report.kept)
    if report.rows > report.rejected and not report.events and not report.already_there:
        return tag("div", f"{rows_said(report.rows)} → ", tag("b", "who is who"))
    return tag("div", f"{rows_said(report.rows)} → ", tag("b", count(report.events)), _new_events(report))


def _new_events(report: ImportReport) -> str:
    return " new event" if report.events == 1 else " new events"


def how_to_get(exports: Sequence[KnownExport]) -> Html:
    """How to get each known export, three lines each."""
    return tag("div", *(_how(export) for export in exports), cls="j-howto")


def _how(export: KnownExport) -> Html:
    return tag("div", tag("b", export.title), tag("ol", *(tag("li", line) for line in export.how_to_get)))


def notes(report: ImportReport) -> Html:
    """How a table was read, line by line."""
    return join(*(tag("p", note, cls="j-caption") for note in report.notes)) if report.notes else EMPTY
