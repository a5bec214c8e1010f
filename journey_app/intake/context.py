"""What does a report without people say about spend and traffic, per day and channel?

Such a report can never become journeys; its numbers are kept beside them. A number that is not
reported (“--”, “< 10”) is unknown, never 0. Source: docs/decisions/018-spend-and-traffic-beside-the-funnel.md
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from journey_app.errors import BadChoice, BadFile, Question
from journey_app.intake import cells, numbers
from journey_app.intake.adding_up import (
    CONTEXT,
    MOST_ROWS,
    Gathered,
    Places,
    names_one,
)
from journey_app.intake.clues import NAMES
from journey_app.intake.contract import Answers
from journey_app.intake.date_order import DateEvidence, ask_order, date_evidence
from journey_app.intake.periods import period_in
from journey_app.intake.plan import mapped_columns
from journey_app.intake.preset import MEASURES, ContextRule, Preset
from journey_app.intake.raw import Fault, RawTable

WHOLE = frozenset(MEASURES) - {"spend", "conversions"}  # counted in ones
IN_HEADER = re.compile(r"^(?P<name>.+?) \((?P<code>[A-Z]{3})\)$")
CODE = re.compile(r"[A-Z]{3}")
SIGNS = {"€": "EUR", "£": "GBP", "¥": "JPY"}
GROUPED = r"^[+-]?\d{1,3}(?:%s\d{3})+$"
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "CAD", "AUD", "JPY", "SEK", "PLN", "INR", "BRL")


@dataclass(frozen=True)
class Context:
    """A report as it is kept beside the journeys.

    what: why it holds no journeys. do: how to get an export that does. kept: what is kept of it, empty
    while a question is open. rows: columns of CONTEXT. read: rows of the file. left_out: rows that gave
    nothing, as (row, column, reason).
    """

    what: str
    do: str
    kept: str
    rows: pa.Table
    read: int
    left_out: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class _Seen:
    """What the whole file shows about how it is written."""

    dates: DateEvidence = field(default_factory=DateEvidence)
    marks: set[str] = field(default_factory=set)
    separated: bool = False
    signs: set[str] = field(default_factory=set)
    campaigns: bool = False
    currencies: bool = False
    rows: int = 0


def read_context(
    raw: RawTable, preset: Preset, answers: Answers, source: str
) -> tuple[Context, Question | None]:
    """The report as it is kept, and the question that must be answered first.

    Raises BadFile when it names no days, none that can be read, or nothing that is kept, BadChoice for
    an answer that makes no sense.
    """
    assert preset.refuse is not None and preset.context is not None
    rule, why = preset.context, (f"“{raw.label}”: {preset.refuse.what}", preset.refuse.do)
    places = _places(raw.header, rule, _told_columns(raw.header, answers))
    if not places.measures:
        raise BadFile(*why)
    period = None if places.first is not None else _period(raw, answers, preset.refuse.do)
    seen = _look(raw, places)
    currency = _currency(places, seen, answers)
    order = answers.dates or seen.dates.order
    question = None
    if places.first is not None and order is None:
        question = ask_order(raw.header[places.first], seen.dates)
    elif "spend" in places.measures and currency is None and not seen.currencies:
        question = _ask_currency(raw.header[places.measures["spend"]])
    if question is not None:
        return Context(*why, kept="", rows=CONTEXT.empty_table(), read=seen.rows), question
    mark, about_mark = _mark(seen, raw)
    gathered = Gathered(rule, places, seen.campaigns, source, currency, period)
    for chunk in raw.chunks():
        gathered.take(chunk, raw.header, order, mark)
    if not gathered.sums:
        raise BadFile(*_nothing_kept(raw, places, gathered, why))
    notes = (*_period_note(period), *about_mark, *gathered.notes())
    rows = gathered.table()
    kept = kept_sentence(rows, rule.kind)
    return Context(*why, kept, rows, seen.rows, tuple(gathered.left_out), notes), None


def _told_columns(header: Sequence[str], answers: Answers) -> Mapping[str, int]:
    """The columns a person named: channel, currency, and amount for what was spent."""
    named = {ours: theirs for ours, theirs in answers.map.items() if not theirs.startswith("=")}
    return mapped_columns(
        {ours: named[ours] for ours in ("channel", "currency", "amount") if ours in named}, header
    )


def _places(header: Sequence[str], rule: ContextRule, told: Mapping[str, int]) -> Places:
    """Each column by its name; a currency behind a name, “Amount spent (USD)”, is no part of it."""
    bare, codes = {}, {}
    for place, name in reversed(list(enumerate(header))):
        found = IN_HEADER.match(name)
        codes[place] = found["code"] if found else None
        bare[cells.normal_name(found["name"] if found else name)] = place
        bare[cells.normal_name(name)] = place

    def one(names: Iterable[str]) -> int | None:
        return next((bare[key] for name in names if (key := cells.normal_name(name)) in bare), None)

    found_measures = ((name, one(names)) for name, names in rule.measures.items())
    measures = {name: place for name, place in found_measures if place is not None}
    if "amount" in told:
        measures["spend"] = told["amount"]
    spans = (("day", rule.day), ("range", rule.since), ("week", rule.week), ("month", rule.month))
    found_spans = ((span, one(names)) for span, names in spans)
    span, first = next((pair for pair in found_spans if pair[1] is not None), ("", None))
    last = one(rule.until) if span == "range" else None
    if span == "range" and last is None:
        span, first = "", None
    spend = measures.get("spend")
    return Places(
        first=first,
        last=last,
        span=span or "period",
        channel=told.get("channel", one(rule.channel)),
        campaign=one(rule.campaign),
        currency=told.get("currency", one((*rule.currency, *NAMES["currency"]))),
        measures=measures,
        header_currency=codes[spend] if spend is not None else None,
        repeats=one(rule.repeats) is not None,
    )


def _period(raw: RawTable, answers: Answers, do: str) -> tuple[date, date]:
    """The days a report covers, as the lines above its header say. Raises BadFile."""
    found = period_in(raw.preamble, answers.dates)
    if found is None:
        raise BadFile(
            f"“{raw.label}” is a summary without people, and says nowhere which days it covers.",
            f"Export it again with a column of days, so that it can be kept as context. {do}",
        )
    return found


def _period_note(period: tuple[date, date] | None) -> tuple[str, ...]:
    if period is None or period[0] == period[1]:
        return ()
    first, last = period
    return (
        f"It has no column of days: kept as one total of {first.isoformat()} to {last.isoformat()}, spread over none.",
    )


def _look(raw: RawTable, places: Places) -> _Seen:
    """Read the whole file once for what settles how it is written."""
    seen = _Seen()
    for chunk in raw.chunks():
        seen.rows += len(chunk.rows) + len(chunk.faults)
        if seen.rows > MOST_ROWS:
            raise BadFile(
                f"“{raw.label}” is a summary with more than {MOST_ROWS:,} rows.",
                "Export it by day and campaign only.",
            )
        if places.first is not None:
            for place in {places.first, places.first if places.last is None else places.last}:
                seen.dates += date_evidence(cells.told(cells.present(chunk.columns[place])))
        if places.campaign is not None:
            seen.campaigns |= any(map(names_one, cells.present(chunk.columns[places.campaign]).to_pylist()))
        if places.currency is not None:
            told = cells.told(cells.present(chunk.columns[places.currency]))
            seen.currencies |= told.null_count < len(told)
        for name, place in places.measures.items():
            _look_at_numbers(seen, name, cells.told(cells.present(chunk.columns[place])))
    return seen


def _look_at_numbers(seen: _Seen, name: str, values: pa.Array) -> None:
    seen.marks |= numbers.marks(values)
    seen.separated |= cells.share_matching(values, r"\d[.,]\d") > 0
    if (
        name in WHOLE
    ):  # nobody is shown or clicked by halves: a group of three says which mark is the other one
        plain = numbers.bare(values)
        for group, mark in ((",", "."), (r"\.", ",")):
            if pc.any(pc.match_substring_regex(plain, GROUPED % group)).as_py():
                seen.marks.add(mark)
    if name == "spend":
        for sign, code in SIGNS.items():
            if pc.any(pc.match_substring(values, sign)).as_py():
                seen.signs.add(code)


def _mark(seen: _Seen, raw: RawTable) -> tuple[str, tuple[str, ...]]:
    """The decimal mark of the file. Raises BadFile when its numbers prove both."""
    if len(seen.marks) > 1:
        raise BadFile(
            f"“{raw.label}” writes some numbers as 1,234.50 and others as 1.234,50.",
            "Export it again with one number format, without opening it in a spreadsheet in between.",
        )
    if seen.marks:
        return next(iter(seen.marks)), ()
    semicolons = any(o.kind == "delimiter" and "semicolons" in o.says for o in raw.seen)
    mark, word = (",", "comma") if semicolons else (".", "point")
    said = f"No number proves its decimal mark; they are read with a decimal {word}."
    return mark, (said,) if seen.separated else ()


def _currency(places: Places, seen: _Seen, answers: Answers) -> str | None:
    """What money is in, where no column says it: as answered, as the header says, as every sign says."""
    told = answers.map.get("currency", "")
    if told.startswith("="):
        code = told[1:].strip().upper()
        if not CODE.fullmatch(code):
            raise BadChoice(f"“{told[1:]}” is no currency.", "Write its three letters, such as EUR or USD.")
        return code
    return places.header_currency or (next(iter(seen.signs)) if len(seen.signs) == 1 else None)


def _ask_currency(column: str) -> Question:
    return Question(
        f"In which currency is “{column}”?",
        "Say which: --map currency==EUR (or any other three letters).",
        "--map",
        {code: f"“{column}” is {code}" for code in CURRENCIES},
    )


def _nothing_kept(raw: RawTable, places: Places, gathered: Gathered, why: tuple[str, str]) -> tuple[str, str]:
    """Why not one row could be kept, and what to do."""
    bad = next((fault for fault in gathered.left_out if "day" in fault[2]), None)
    if bad is None or places.first is None:
        return f"{why[0]} It holds no numbers that could be kept as context either.", why[1]
    return (
        f"{why[0]} Kept as context it would need its days, and “{raw.header[places.first]}” holds none "
        f"that can be read (first in row {bad[0]:,}).",
        "Export it again with days written as 2026-09-01, or name their order with --dates.",
    )


def kept_sentence(rows: pa.Table, kind: str) -> str:
    """“Kept as spend: 3 days, 2 campaigns, EUR 412.50, 1,024 clicks.”"""
    spans = set(zip(rows["first_day"].to_pylist(), rows["last_day"].to_pylist(), strict=True))
    days = len(spans) if all(first == last for first, last in spans) else None
    said = [_counted(days, "day") if days else _counted(len(spans), "period")]
    for column in ("campaign", "channel"):
        names = len(set(rows[column].to_pylist()) - {None})
        if names > 1 or (names and column == "campaign"):
            said.append(_counted(names, column))
    for code, sum_, whole in _by_currency(rows):
        spent = f"{code} {sum_:,.2f}" if code else f"{sum_:,.2f} in an unknown currency"
        said.append(spent if whole else f"at least {spent}")
    for measure in ("clicks", "sessions", "views"):
        total = pc.sum(rows[measure]).as_py()
        if total is not None:
            least = "at least " if rows[measure].null_count else ""
            said.append(least + _counted(round(total), measure.removesuffix("s")))
    return f"Kept as {kind}: {', '.join(said)}."


def _by_currency(rows: pa.Table) -> Iterator[tuple[str | None, float, bool]]:
    """Each currency, what was spent in it, and whether every row of it says so."""
    wanted = [("spend", "sum"), ("spend", "count", pc.CountOptions(mode="only_null"))]
    sums = rows.group_by("currency").aggregate(wanted).sort_by("currency").to_pylist()
    yield from (
        (row["currency"], row["spend_sum"], not row["spend_count"])
        for row in sums
        if row["spend_sum"] is not None
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
