"""What did a check-up of a file see, in plain words, and what can be done about it with one click?

Each function turns what some part of reading found into `Observation`s; what only shows once the
whole file has streamed by is counted in watch.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from journey_app.errors import Question
from journey_app.intake import cells, times
from journey_app.intake.date_order import FIRST, DateEvidence, in_words
from journey_app.intake.raw import NumberedRow
from journey_app.vocabulary import Fix, Observation

OWN_ZONE = "own zone"  # what is seen of columns whose times all name their zone
HEADER_CHOICES = 6  # how many of the first rows may be named as the header with one click
SHOWN_CHARS = 48
EXAMPLES = 3
DELIMITER_WORDS = {",": "commas", ";": "semicolons", "tab": "tabs", "|": "bars", "fixed": "fixed width"}
TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}  # of each unit in a second
UNIT_WORDS = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}
SINCE_1970 = {
    "s": r"^\d{9,10}(\.\d+)?$",
    "ms": r"^\d{12,13}(\.\d+)?$",
    "us": r"^\d{15,16}$",
    "ns": r"^\d{18,19}$",
}  # what a moment of this century looks like, counted in each unit


def rows_said(number: int, noun: str = "row") -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def short(text: str) -> str:
    """A cell on one line, cut where it is long."""
    plain = " ".join(text.split())
    return plain if len(plain) <= SHOWN_CHARS else plain[: SHOWN_CHARS - 1] + "…"


# ---------------------------------------------------------------- the table in its file


def about_encoding(name: str, note: str, has_nul: bool) -> tuple[Observation, ...]:
    """How bytes became characters, and why so."""
    usual = name in ("UTF-8", "UTF-8 (with a byte order mark)")
    seen = [Observation("encoding", note, "fine" if usual else "note", name.split(",")[0].split(" (")[0])]
    if has_nul:
        seen.append(Observation("encoding", "NUL characters were removed.", "note"))
    return tuple(seen)


def about_delimiter(word: str, now: str, others: Sequence[str]) -> Observation:
    """What separates the cells. others: separators that would split the lines too."""
    choices = {
        mark: DELIMITER_WORDS[mark] for mark in dict.fromkeys((now, *others)) if mark in DELIMITER_WORDS
    }
    fix = Fix("delimiter", "--delimiter", choices, now) if now in choices else None
    said = "Cells stand in columns of fixed width." if now == "fixed" else f"Cells are separated by {word}."
    return Observation("delimiter", said, "fine", DELIMITER_WORDS.get(now, word), fix=fix)


def about_quoting(spaced: bool, escaped: bool) -> tuple[Observation, ...]:
    """What is unusual about the quotation marks around cells."""
    seen = []
    if spaced:
        says = "Spaces after separators are left out, since quotation marks follow them."
        seen.append(Observation("quotes", says, "note"))
    if escaped:
        says = "Quotation marks inside cells are written with a backslash; it is left out."
        seen.append(Observation("quotes", says, "note"))
    return tuple(seen)


def about_header(
    head: Sequence[NumberedRow],
    row: int,
    preamble: Sequence[str],
    written: Sequence[str],
    names: Sequence[str],
    groups: Sequence[str],
) -> tuple[Observation, ...]:
    """Where the column names are, and what is odd about them. written: as they stand in the file."""
    choices = {"0": "no row holds names"}
    choices |= {
        str(number): f"row {number}: {short(', '.join(cells))}" for number, cells in head[:HEADER_CHOICES]
    }
    if row:
        choices.setdefault(str(row), f"row {row}")
    fix = Fix("header_row", "--header-row", choices, str(row))
    if not row:
        says = f"No row holds column names; the columns are called {names[0]}, {names[-1]} and the like by place."
        return (Observation("header", says, "note", "no header", fix=fix),)
    seen = [Observation("header", "Column names are in the first row.", "fine", "", fix=fix)]
    if row > 1:
        above = len(preamble)
        aside = (
            f"; {rows_said(above, 'line')} above {'is' if above == 1 else 'are'} kept aside, not read as rows"
        )
        says = f"Column names are in row {row:,}{aside if above else ''}."
        brief = f"header in row {row:,}" if above else ""
        shown = tuple(short(line) for line in preamble[:EXAMPLES])
        seen[0] = Observation("header", says, "note" if above else "fine", brief, above, shown, fix)
    if groups:
        listed = ", ".join(f"“{short(group)}”" for group in groups[:4])
        says = f"The row above the column names holds groups ({listed}); only names that repeat carry them."
        seen.append(Observation("groups", says, "note", "two header rows", len(groups)))
    return (*seen, *_about_names(written, names))


def known_without_header() -> Observation:
    """An export that never has column names, and whose columns are known."""
    says = "It has no row of column names; they are known for this export."
    return Observation("header", says, "note", "no header, as known")


def _about_names(written: Sequence[str], names: Sequence[str]) -> tuple[Observation, ...]:
    plain = [" ".join(cell.split()) for cell in written[: len(names)]]
    repeated = [name for name, often in Counter(filter(None, plain)).items() if often > 1]
    blank = [names[at] for at, name in enumerate(plain) if not name]
    seen = []
    if repeated:
        listed = ", ".join(f"“{short(name)}”" for name in repeated[:EXAMPLES])
        changed = next(n for n, w in zip(names, plain, strict=False) if w in repeated and n != w)
        says = f"More than one column is called {listed}; they are told apart, such as “{short(changed)}”."
        seen.append(Observation("names", says, "note", "names repeat", len(repeated)))
    if blank:
        says = f"{rows_said(len(blank), 'column')} without a name; called {', '.join(blank[:EXAMPLES])}."
        seen.append(Observation("names", says, "note", "", len(blank)))
    return tuple(seen)


# ---------------------------------------------------------------- times and amounts


def about_dates(
    names: Sequence[str], order: str, evidence: DateEvidence, told: bool, elsewhere: bool
) -> Observation:
    """Which of day, month and year comes first, and the cell that settles it."""
    listed = ", ".join(f"“{name}”" for name in names[:EXAMPLES])
    brief, proof = FIRST[order], evidence.proofs.get(order)
    if told:
        why = "since you said so"
    elif proof and evidence.proven == order:
        where = "" if proof[0] is None else f" in row {proof[0]:,}"
        why = f"as “{proof[1]}”{where} proves"
    elif evidence.proven == order:
        why = "as no other order fits every date"
    elif elsewhere:
        why = "as other columns prove"
    elif order == "dmy" and order in evidence.hints:
        why = "as the dots suggest"
    else:
        why = "since otherwise its days would be the years"
    example = evidence.example or (proof[1] if proof else "")
    proven = told or evidence.proven == order or elsewhere
    return Observation(
        "dates",
        f"Dates such as “{example}” in {listed} are read {brief}, {why}.",
        "fine" if proven else "note",
        brief,
        evidence.only.get(order, 0),
        tuple(cell for _, cell in list(evidence.proofs.values())[:EXAMPLES]),
        Fix("dates", "--dates", _orders(example), order),
    )


def about_old_years(name: str, years: Sequence[int]) -> Observation:
    """Years of two digits that are of the last century. years: at least one."""
    says = f"Years of two digits in “{name}” are read as 1969 to 2068, such as {years[-1]} as 19{years[-1]}."
    return Observation("years", says, "note", "two-digit years", len(years))


def _orders(example: str) -> dict[str, str]:
    """Each order that an example can be read in, with the day it then is."""
    read = {order: in_words(example, order) for order in times.ORDERS}
    return {order: f"{day} ({FIRST[order]})" for order, day in read.items() if day}


def about_question(question: Question) -> Observation:
    """An open question, as the check-up lists it."""
    fix = Fix("dates", question.option, question.answers)
    return Observation("dates", question.what, "ask", "day or month first?", fix=fix)


def about_zone(names: str, zone: ZoneInfo, why: str, changeable: bool) -> Observation:
    """The clock of times that name no zone, and where it comes from."""
    fix = Fix("timezone", "--timezone", {}, zone.key) if changeable else None
    says = f"{names}: times are read as {zone.key}, since {why}."
    return Observation("zone", says, "fine", f"times in {zone.key}", fix=fix)


def about_numbers(
    name: str, written: pa.Array, epoch: str | None, from_1904: bool
) -> tuple[Observation, ...]:
    """What plain numbers in a time column count. written: its cells, null where empty."""
    filled = written.drop_null()
    return (*_ticks(name, filled, epoch), *_serials(name, filled, from_1904), *_damaged(name, filled))


def _ticks(name: str, filled: pa.Array, epoch: str | None) -> Iterator[Observation]:
    """Numbers that count seconds or parts of them since 1970, told apart by their length."""
    hits = {
        unit: filled.filter(pc.match_substring_regex(filled, shape)) for unit, shape in SINCE_1970.items()
    }
    hits = {unit: found for unit, found in hits.items() if len(found)}
    if not hits:
        return
    unit = epoch if epoch in SINCE_1970 else max(hits, key=lambda each: len(hits[each]))
    example = next(iter(hits.values()))[0].as_py()
    mixed = len(hits) > 1
    lengths = ", ".join(UNIT_WORDS[each] for each in hits)
    says = f"“{name}” counts {UNIT_WORDS[unit]} since 1970: {example} is {_moment(example, unit)}"
    says += f"; others are read by their length ({lengths})." if mixed else "."
    fix = Fix("epoch", "--epoch", UNIT_WORDS, unit)
    severity = "note" if mixed or epoch else "fine"
    yield Observation("epoch", says, severity, f"{UNIT_WORDS[unit]} since 1970", fix=fix)


def _serials(name: str, filled: pa.Array, from_1904: bool) -> Iterator[Observation]:
    """Numbers that count days, as Excel does."""
    serial = filled.filter(pc.match_substring_regex(filled, r"^[2-7]\d{4}(\.\d+)?$"))
    if len(serial):
        zero = 1904 if from_1904 else 1900
        says = (
            f"“{name}” holds day numbers such as {serial[0].as_py()}; they are counted from {zero}, as Excel does. "
            "Workbooks from an old Mac count from 1904: then every day would be four years and a day later."
        )
        choices = {"excel1904": "days since 1904", "excel1900": "days since 1900"}
        fix = Fix("epoch", "--epoch", choices, f"excel{zero}")
        yield Observation("serials", says, "note", "Excel day numbers", len(serial), fix=fix)


def _damaged(name: str, filled: pa.Array) -> Iterator[Observation]:
    """Numbers that a spreadsheet rounded."""
    damaged = filled.filter(pc.match_substring_regex(filled, cells.EXCEL_DAMAGE))
    if len(damaged):
        says = (
            f"“{name}” holds times that a spreadsheet rounded, such as {damaged[0].as_py()}; "
            "they cannot be read. Export the file again and do not save it in a spreadsheet on the way."
        )
        yield Observation("damage", says, "fault", "times rounded by a spreadsheet", len(damaged))


def _moment(number: str, unit: str) -> str:
    """“5 Nov 2025, 09:00:03 UTC”: what a number of seconds and so on since 1970 means."""
    at = datetime.fromtimestamp(float(number) / TICKS[unit], UTC)
    return f"{at.day} {at:%b %Y, %H:%M:%S} UTC"


def about_mark(
    names: Sequence[str], mark: str, why: str, severity: str, count: int = 0, told: bool = False
) -> Observation:
    """The decimal mark of amounts, and what proves it."""
    word = {",": "comma", ".": "point"}[mark]
    listed = ", ".join(f"“{name}”" for name in names[:EXAMPLES])
    says = f"Amounts in {listed} are read with a decimal {word}, {why}."
    choices = {".": "1,234.50 (decimal point)", ",": "1.234,50 (decimal comma)"}
    fix = Fix("decimal", "--decimal", choices, mark)
    return Observation("decimal", says, severity, f"decimal {word}", count, fix=fix)


def about_ids(name: str, sample: pa.Array) -> tuple[Observation, ...]:
    """Ids whose zeros in front are kept."""
    zeros = sample.filter(pc.fill_null(pc.match_substring_regex(sample, r"^0\d+$"), False))
    if not len(zeros):
        return ()
    says = f"“{name}” holds ids with zeros in front, such as {zeros[0].as_py()}; they are kept as they are."
    return (Observation("ids", says, "fine", "", len(zeros), (zeros[0].as_py(),)),)


def counted(tally: Mapping[str, int]) -> tuple[Observation, ...]:
    """What was put right or could not be read on the way, by what it is."""
    kinds = (
        ("Totals", "footer"),
        ("Short rows", "short"),
        ("Amounts", "amounts"),
        ("Rows that a stray", "quotes"),
        ("Lines whose", "crossed"),
    )
    briefs = {
        "footer": "{:,} total rows dropped",
        "short": "{:,} short rows filled",
        "amounts": "{:,} amounts unread",
    }
    seen = []
    for what, count in sorted(tally.items()):
        kind = next((kind for start, kind in kinds if what.startswith(start)), "count")
        brief = briefs.get(kind, "").format(count)
        if count == 1:
            brief = brief.replace("rows", "row").replace("amounts", "amount")
        severity = "fault" if kind in ("amounts", "crossed") else "note"
        seen.append(Observation(kind, f"{what}: {count:,}.", severity, brief, count))
    return tuple(seen)
