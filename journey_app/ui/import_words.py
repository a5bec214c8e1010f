"""What does the Import page claim, before and after storing?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from journey_app.analysis.grades import FEWEST
from journey_app.charts.text import count, percent, shorten
from journey_app.vocabulary import Imported, ImportReport, MatchRate, Observation

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MUST_MATCH = 0.8  # of those who must be known in two systems; below it the audit is red
# state of a table → what one is, what several are
STATES = {
    "ready": ("is ready", "are ready"),
    "asked": ("has a question", "have a question"),
    "unmapped": ("needs its columns named", "need their columns named"),
    "timeless": ("holds no times", "hold no times"),
    "failed": ("cannot be used", "cannot be used"),
    "unread": ("is not read yet", "are not read yet"),
}
NEEDED = {
    "customer": "the customer (who did it)",
    "event": "the event (what happened)",
    "time": "the time (when it happened)",
}


def number_word(number: int) -> str:
    """“three”, as a sentence says it; digits from ten up."""
    return NUMBERS[number] if number < len(NUMBERS) else count(number)


def tray_claim(states: Sequence[str], events: int, anything_new: bool, reports: int = 0) -> str:
    """“Three files are ready, one has a question. 61,284 new events.”

    events: new ones, of every table that could be read. anything_new: whether storing would change
    anything (rows that only say which ids are one person do). reports: new ones without people, of
    the tables that are ready.
    """
    counts = Counter(states)
    parts: list[str] = []
    for state, (one, several) in STATES.items():
        number = counts[state]
        if number:
            noun = "" if parts else " file" if number == 1 else " files"
            parts.append(f"{number_word(number)}{noun} {one if number == 1 else several}")
    said = ", ".join(parts)
    brought = ""
    if events:
        brought = f" {events_said(events, 'new ')}."
    elif reports:
        brought = " Kept as spend and traffic beside the funnel."
    elif counts["ready"]:
        brought = " They say who is who." if anything_new else " All of it was imported before."
    return f"{said[:1].upper()}{said[1:]}.{brought}"


def store_label(states: Sequence[str], events: int, anything_new: bool, reports: int = 0) -> str:
    """What the button that stores says: what it does, else what must be done first.

    events: new ones of the tables that are ready. anything_new, reports: as for `tray_claim`.
    """
    counts = Counter(states)
    if counts["asked"]:
        return "Answer the question first" if counts["asked"] == 1 else "Answer the questions first"
    if events:
        return f"Store {events_said(events)}"
    if reports:
        return "Keep the summary" if reports == 1 else f"Keep the {number_word(reports)} summaries"
    if anything_new:
        return "Store who is who"
    if counts["unmapped"] and not counts["ready"]:
        return "Name the columns first"
    return "Nothing new to store"


def unused_claim(rows: int, whole_files: int) -> str:
    """What will not be used. rows: of the files that could be read. whole_files: those that could not."""
    whole = f"{number_word(whole_files)} whole file{'' if whole_files == 1 else 's'}"
    if rows and whole_files:
        return f"{rows_said(rows)} and {whole} will not be used"
    if rows:
        return f"{rows_said(rows)} will not be used"
    if whole_files:
        return f"{whole[:1].upper()}{whole[1:]} will not be used; of the rest, every row will"
    return "Every row will be used"


def rows_used(report: ImportReport) -> str:
    """“3 rows not used”, “every row used”; total rows, which tell of nobody, are named beside it."""
    used = f"{rows_said(report.rejected)} not used" if report.rejected else "every row used"
    totals = sum(seen.count for seen in report.checkup if seen.kind == "footer")
    return f"{used} · {rows_said(totals)} of totals left out" if totals else used


def not_stored(left: Sequence[tuple[str, str]]) -> str:
    """“Not stored: crm.csv (needs its columns named), logo.png (cannot be used). …” of (file, state)."""
    if not left:
        return ""
    said = ", ".join(f"{file} ({STATES[state][0].removeprefix('is ')})" for file, state in left)
    return f"Not stored: {said}. {'Its card is' if len(left) == 1 else 'Their cards are'} below."


def read_events(new: int, again: int) -> str:
    """What became of the events that a file's rows say, in events; empty where all are new."""
    if not again:
        return ""
    before = f"{count(again)} stored before or repeated"
    return f"{events_said(new + again)} in these rows: {count(new)} new, {before}"


def still_missing(missing: Sequence[str]) -> tuple[str, str]:
    """What no column was chosen for, and what to do about it. missing: of customer, event and time."""
    what = f"No column was chosen for {' and '.join(NEEDED[name] for name in missing)}, so nothing changed."
    fields = " and ".join(f"“{name.capitalize()}”" for name in missing)
    one_event = " (or “every row is the same event”)" if "event" in missing else ""
    do = f"Choose a column under {fields}{one_event} and press “Read it so” again."
    return what, f"{do} If it has no such column, leave the file out."


def done_claim(imported: Imported) -> str:
    """“Stored 61,284 new events: there are now 61,284, of 5,912 customers.”"""
    new = sum(report.events for report in imported.files)
    reports = sum(bool(report.kept) for report in imported.files)
    if reports and reports == len(imported.files):
        beside = f"kept beside {events_said(imported.events)} of {count(imported.customers)} customers."
        return f"{'The summary is' if reports == 1 else 'The summaries are'} {beside}"
    stored = f"Stored {events_said(new, 'new ')}" if new else "Stored, and no event was new"
    return f"{stored}: there are now {count(imported.events)}, of {count(imported.customers)} customers."


def events_said(number: int, kind: str = "") -> str:
    """“61,284 events”, “1 new event”."""
    return f"{count(number)} {kind}event{'' if number == 1 else 's'}"


def rows_said(number: int) -> str:
    """“5 rows”, “1 row”."""
    return f"{count(number)} row{'' if number == 1 else 's'}"


def files(number: int) -> str:
    """“4 files”, “1 file”."""
    return f"{count(number)} file{'' if number == 1 else 's'}"


def match_line(rates: Sequence[MatchRate], names: dict[str, str], *, verb: str) -> str:
    """The poorest match rate between two systems, and whether it is good enough; empty where too few share two.

    verb: “will be” before storing, “is” afterwards.
    """
    counted = [rate for rate in rates if rate.customers >= FEWEST]
    if not counted:
        return ""
    poorest = min(counted, key=lambda rate: rate.matched / rate.customers)
    share = poorest.matched / poorest.customers
    pair = f"{names.get(poorest.system, poorest.system)} ↔ {names.get(poorest.other, poorest.other)}"
    numbers = f"{percent(share, 0)} ({count(poorest.matched)} of {count(poorest.customers)})"
    needed = percent(MUST_MATCH, 0)
    if share < MUST_MATCH:
        return f"The match rate {pair} {verb} {numbers}, below the {needed} it needs: see the audit."
    return f"The poorest match rate, {pair}, {verb} {numbers}; {needed} is needed."


WEIGHT = ("ask", "fault", "note", "fine")
MOST_IN_LINE = 8


def checkup_line(checkup: Sequence[Observation]) -> str:
    """“UTF-8, commas, header in row 4, 2 total rows dropped”: how a file was read, the weightiest kept."""
    said = [seen for seen in checkup if seen.brief and seen.severity != "ask"]
    kept = sorted(said, key=lambda seen: WEIGHT.index(seen.severity))[:MOST_IN_LINE]
    line = ", ".join(dict.fromkeys(seen.brief for seen in said if seen in kept))
    return line[:1].upper() + line[1:]


def checkup_title(checkup: Sequence[Observation]) -> str:
    """What the expander with the whole check-up is called, with how much in it is worth a look."""
    worth = sum(seen.severity != "fine" for seen in checkup)
    return f"How it was read · {number_word(worth)} to look at" if worth else "How it was read"


KEPT_FOR = "Left alone, the copies are deleted half an hour after the page was closed or reloaded."
NAMED = 3


def were_waiting(names: Sequence[str]) -> str:
    """“Three files were waiting here: a.csv, b.csv and c.csv.”"""
    rest = len(names) - NAMED
    shown = [*(shorten(name, 60) for name in names[:NAMED]), *([f"{count(rest)} more"] if rest > 0 else [])]
    listed = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"{files(len(names))} {'was' if len(names) == 1 else 'were'} waiting here: {listed}."
