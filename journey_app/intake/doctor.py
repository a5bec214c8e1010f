"""What did a check-up of a file see, in plain words, and what can be done about it with one click?

Each function turns what some part of reading found into `Observation`s; `Watch` counts what only
shows once the whole file has streamed by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey_app.errors import Question
from journey_app.intake import cells, times
from journey_app.intake.contract import Chunk
from journey_app.intake.plan import Plan
from journey_app.intake.raw import NumberedRow, RawChunk
from journey_app.vocabulary import Fix, Observation

HEADER_CHOICES = 6  # how many of the first rows may be named as the header with one click
SHOWN_CHARS = 48
EXAMPLES = 3
EXCEL_ROWS = 1_048_576
SPIKE = 0.2  # share of times at one minute of the day from which it is no chance
FEWEST_TIMES = 20
FEWEST_FOR_CONSTANT = 20
MOST_VALUES = 8
MOST_JUNK = 1_000  # different unusable ids that are remembered; of further ones only how many there are
DELIMITER_WORDS = {",": "commas", ";": "semicolons", "tab": "tabs", "|": "bars", "fixed": "fixed width"}
FIRST = times.FIRST
TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}  # of each unit in a second


def rows_said(number: int, noun: str = "row") -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _short(text: str) -> str:
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
        str(number): f"row {number}: {_short(', '.join(cells))}" for number, cells in head[:HEADER_CHOICES]
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
        shown = tuple(_short(line) for line in preamble[:EXAMPLES])
        seen[0] = Observation("header", says, "note" if above else "fine", brief, above, shown, fix)
    if groups:
        listed = ", ".join(f"“{_short(group)}”" for group in groups[:4])
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
        listed = ", ".join(f"“{_short(name)}”" for name in repeated[:EXAMPLES])
        changed = next(n for n, w in zip(names, plain, strict=False) if w in repeated and n != w)
        says = f"More than one column is called {listed}; they are told apart, such as “{_short(changed)}”."
        seen.append(Observation("names", says, "note", "names repeat", len(repeated)))
    if blank:
        says = f"{rows_said(len(blank), 'column')} without a name; called {', '.join(blank[:EXAMPLES])}."
        seen.append(Observation("names", says, "note", "", len(blank)))
    return tuple(seen)


# ---------------------------------------------------------------- times and amounts


def about_dates(
    names: Sequence[str], order: str, evidence: times.DateEvidence, told: bool, elsewhere: bool
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
    read = {order: times.in_words(example, order) for order in times.ORDERS}
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
    seen: list[Observation] = []
    filled = written.drop_null()
    counted = {
        "s": r"^\d{9,10}(\.\d+)?$",
        "ms": r"^\d{12,13}(\.\d+)?$",
        "us": r"^\d{15,16}$",
        "ns": r"^\d{18,19}$",
    }
    hits = {unit: filled.filter(pc.match_substring_regex(filled, shape)) for unit, shape in counted.items()}
    hits = {unit: found for unit, found in hits.items() if len(found)}
    if hits:
        unit = epoch if epoch in counted else max(hits, key=lambda each: len(hits[each]))
        words = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}
        example = next(iter(hits.values()))[0].as_py()
        mixed = len(hits) > 1
        says = f"“{name}” counts {words[unit]} since 1970: {example} is {_moment(example, unit)}" + (
            f"; others are read by their length ({', '.join(words[each] for each in hits)})."
            if mixed
            else "."
        )
        fix = Fix("epoch", "--epoch", {each: words[each] for each in counted}, unit)
        severity = "note" if mixed or epoch else "fine"
        seen.append(Observation("epoch", says, severity, f"{words[unit]} since 1970", fix=fix))
    serial = filled.filter(pc.match_substring_regex(filled, r"^[2-7]\d{4}(\.\d+)?$"))
    if len(serial):
        zero = 1904 if from_1904 else 1900
        says = (
            f"“{name}” holds day numbers such as {serial[0].as_py()}; they are counted from {zero}, as Excel does. "
            "Workbooks from an old Mac count from 1904: then every day would be four years and a day later."
        )
        choices = {"excel1904": "days since 1904", "excel1900": "days since 1900"}
        fix = Fix("epoch", "--epoch", choices, f"excel{zero}")
        seen.append(Observation("serials", says, "note", "Excel day numbers", len(serial), fix=fix))
    damaged = filled.filter(pc.match_substring_regex(filled, cells.EXCEL_DAMAGE))
    if len(damaged):
        says = (
            f"“{name}” holds times that a spreadsheet rounded, such as {damaged[0].as_py()}; "
            "they cannot be read. Export the file again and do not save it in a spreadsheet on the way."
        )
        seen.append(Observation("damage", says, "fault", "times rounded by a spreadsheet", len(damaged)))
    return tuple(seen)


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


# ---------------------------------------------------------------- the whole file


class Watch:
    """What the rows of a table show while they stream by, counted once and for all."""

    def __init__(self, plan: Plan, header: Sequence[str], drops_duplicates: bool) -> None:
        self._plan, self._header, self._drops = plan, header, drops_duplicates
        self._zone = next((plan.readings[place].zone for place in plan.time_columns), ZoneInfo("UTC"))
        self._midnight_told = any(reading.midnight for reading in plan.readings.values())
        self.rows = self._last_row = self._day_only = self._timed = 0
        self._at: Counter[str] = Counter()
        self._junk: Counter[str] = Counter()
        self._blank = self._further_junk = self._rounded = 0
        self._rounded_id = ""
        self._faults: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._reason_rows: dict[str, list[int]] = {}
        self._days: Counter[int] = Counter()
        self._zones: dict[int, Counter[str]] = {place: Counter() for place in plan.time_columns}
        self._constant: dict[int, str | None] = {}
        self._hashes: list[np.ndarray] = []
        self._own: list[np.ndarray] = []
        self._moments: list[np.ndarray] = []
        self._counted: tuple[int, int, int] | None = None

    def see(self, raw: RawChunk, chunk: Chunk) -> None:
        """Count what is in some rows and in the events they gave."""
        self.rows += chunk.rows
        if len(raw.rows):
            self._last_row = int(raw.rows[-1])
        self._see_rejects(raw, chunk)
        self._see_columns(raw)
        if chunk.events.num_rows:
            self._see_times(chunk.events)
            self._see_repeats(chunk.events)

    def _see_rejects(self, raw: RawChunk, chunk: Chunk) -> None:
        nobody = [row for row, _, reason in chunk.rejects if reason == "no customer id"]
        for row, _, reason in chunk.rejects:
            self._reasons[reason] += 1
            rows = self._reason_rows.setdefault(reason, [])
            if len(rows) < EXAMPLES:
                rows.append(row)
        if nobody and self._plan.ids:
            column = raw.columns[self._plan.ids[0].columns[0]]
            places = np.searchsorted(raw.rows, np.asarray(nobody, np.int64))
            for value, count in Counter(column.take(pa.array(places)).to_pylist()).items():
                self._see_unusable((value or "").strip()[:SHOWN_CHARS], count)

    def _see_unusable(self, value: str, count: int) -> None:
        if not value:
            self._blank += count
        elif cells.is_rounded(value):
            self._rounded += count
            self._rounded_id = self._rounded_id or value
        elif value in self._junk or len(self._junk) < MOST_JUNK:
            self._junk[value] += count
        else:
            self._further_junk += count

    def _see_columns(self, raw: RawChunk) -> None:
        for place, column in enumerate(raw.columns):
            if not len(column):
                continue
            first = self._constant.setdefault(place, column[0].as_py())
            if first is not None and not pc.all(pc.equal(column, first)).as_py():
                self._constant[place] = None
        for place, counts in self._zones.items():
            counts.update(_zone_counts(pc.utf8_trim_whitespace(raw.columns[place]), len(counts) < 2))

    def _see_times(self, events: pa.Table) -> None:
        day = events["day_only"].combine_chunks()
        micros = events["occurred_at"].cast(pa.int64()).to_numpy()
        days, counts = np.unique(micros // times.DAY, return_counts=True)
        self._days.update(dict(zip(days.tolist(), counts.tolist(), strict=True)))
        timed = ~day.to_numpy(zero_copy_only=False)
        self._day_only += int((~timed).sum())
        self._timed += int(timed.sum())
        if not timed.any():
            return
        stamps = pa.array(micros[timed], pa.timestamp("us", "UTC"))
        local = stamps.cast(pa.timestamp("us", self._zone.key))
        for clock, moments in (("local", pc.local_timestamp(local)), ("utc", stamps)):
            of_day = moments.cast(pa.int64()).to_numpy() % times.DAY
            self._at[f"{clock} 0"] += int((of_day == 0).sum())
            self._at[f"{clock} 12"] += int((of_day == times.DAY // 2).sum())

    def _see_repeats(self, events: pa.Table) -> None:
        """Keep 64 bits of each event's content, own id, and customer with time."""
        own = events["event_id"].combine_chunks()
        without = pc.is_null(own)
        if own.null_count:
            self._hashes.append(_of_hex(events["content_hash"].combine_chunks().filter(without)))
        if own.null_count < len(own):
            self._own.append(_hashed(own.drop_null()))
        raw_ids = events["raw_ids"].combine_chunks()
        firsts = raw_ids.flatten().take(pa.array(_offsets(raw_ids)[:-1]))
        timed = pc.invert(events["day_only"].combine_chunks())
        moments = events["occurred_at"].cast(pa.int64()).to_numpy().view(np.uint64)
        mixed = _hashed(firsts) ^ (moments * np.uint64(0x9E3779B97F4A7C15))
        self._moments.append(mixed[timed.to_numpy(zero_copy_only=False)])

    def close(self) -> None:
        """All rows have been seen; what was kept to be compared is let go."""
        self._counted = (_repeats(self._hashes), _repeats(self._own), _repeats(self._moments))
        self._hashes, self._own, self._moments = [], [], []

    def contradiction(self, raw: RawChunk, chunk: Chunk, told: bool) -> tuple[int, times.DateEvidence] | None:
        """The column in which dates fit only another order than the one the file was read in."""
        if told:
            return None
        unreadable = times.REASONS[times.UNREADABLE]
        for place in self._plan.time_columns:
            reading = self._plan.readings[place]
            rows = [r for r, name, why in chunk.rejects if why == unreadable and name == self._header[place]]
            if not rows or reading.order is None:
                continue
            numbers = np.asarray(rows, np.int64)
            at = np.searchsorted(raw.rows, numbers)
            written = cells.told(cells.present(raw.columns[place].take(pa.array(at))))
            found = times.date_evidence(written, numbers)
            if any(order != reading.order for order in found.only):
                return place, found
        return None

    # ------------------------------------------------------------ in words

    def observations(self) -> tuple[Observation, ...]:
        """What the whole file shows; nothing before it was read to its end."""
        if self._counted is None:
            return ()
        return (
            *self._about_ids(),
            *self._about_rows(),
            *self._about_times(),
            *self._about_repeats(),
            *self._about_columns(),
        )

    def ahead_of(self, now: datetime) -> tuple[Observation, ...]:
        """Events that are said to happen later than tomorrow. now: UTC."""
        today = int(now.replace(tzinfo=UTC).timestamp() if now.tzinfo is None else now.timestamp()) // 86_400
        ahead = sum(count for day, count in self._days.items() if day > today + 1)
        if not ahead:
            return ()
        latest = datetime.fromtimestamp(max(self._days) * 86_400, UTC)
        says = (
            f"{rows_said(ahead, 'event')} {'lies' if ahead == 1 else 'lie'} in the future, the last on "
            f"{latest.day} {latest:%B %Y}: plans, or day and month mixed up. Not used."
        )
        return (Observation("future", says, "fault", f"{ahead:,} in the future", ahead),)

    def _about_ids(self) -> list[Observation]:
        blank, junk, rounded = self._blank, self._junk, self._rounded
        seen = []
        if blank:
            says = f"{rows_said(blank)} without a customer id {'is' if blank == 1 else 'are'} not used."
            seen.append(Observation("ids", says, "note", f"{blank:,} without id", blank))
        if junk:
            listed = ", ".join(f"“{value}” {count:,} times" for value, count in junk.most_common(MOST_VALUES))
            total = junk.total() + self._further_junk
            says = f"{rows_said(total)} of nobody in particular, not used: {listed}."
            seen.append(
                Observation("junk", says, "note", f"{total:,} junk ids", total, tuple(junk)[:EXAMPLES])
            )
        if rounded:
            says = (
                f"{rows_said(rounded)} with an id that a spreadsheet rounded, such as {self._rounded_id}: it "
                "stands for many customers, so they are not used. Export again without saving it in a spreadsheet."
            )
            seen.append(Observation("damage", says, "fault", "ids rounded by a spreadsheet", rounded))
        return seen

    def _about_rows(self) -> list[Observation]:
        seen = []
        long = {reason: n for reason, n in self._reasons.items() if " cells where the header has " in reason}
        if long:
            total = sum(long.values())
            rows = [row for reason in long for row in self._reason_rows[reason]]
            says = f"{rows_said(total)} with more cells than the header, not used; the first is row {min(rows):,}."
            seen.append(
                Observation("ragged", says, "fault", f"{total:,} too long", total, tuple(map(str, rows)))
            )
        if self._last_row == EXCEL_ROWS or self.rows in (EXCEL_ROWS - 1, EXCEL_ROWS):
            says = (
                f"The file ends at row {EXCEL_ROWS:,}, the last row a spreadsheet can hold, so it is most likely cut "
                "off. Export a shorter period, or CSV straight from the tool."
            )
            seen.append(Observation("cut", says, "fault", "cut off at Excel's last row", self.rows))
        return seen

    def _about_times(self) -> list[Observation]:
        seen = []
        for place, counts in self._zones.items():
            if counts["zone"] and counts["none"]:
                says = (
                    f"In “{self._header[place]}”, {counts['zone']:,} times name their zone and {counts['none']:,} "
                    f"do not; those are read as {self._zone.key}."
                )
                fix = Fix("timezone", "--timezone", {}, self._zone.key)
                seen.append(Observation("zones", says, "note", "mixed zones", counts["none"], fix=fix))
        if self._timed < FEWEST_TIMES:
            return seen
        midnight = max(self._at["local 0"], self._at["utc 0"])
        noon = max(self._at["local 12"], self._at["utc 12"])
        fix = Fix(
            "midnight_is_a_day",
            "--midnight-is-a-day",
            {"true": "a day without a time", "false": "midnight"},
            "false",
        )
        if midnight >= SPIKE * self._timed and not self._midnight_told:
            says = f"{midnight:,} of {self._timed:,} times are exactly 00:00: probably days whose time nobody knows."
            seen.append(Observation("midnight", says, "note", "many at 00:00", midnight, fix=fix))
        if noon >= SPIKE * self._timed:
            says = (
                f"{noon:,} of {self._timed:,} times are exactly 12:00: probably a time that a tool fills in."
            )
            seen.append(Observation("noon", says, "note", "many at 12:00", noon))
        if self._day_only and not self._midnight_told:
            says = (
                f"{self._day_only:,} events know their day only and {self._timed:,} their time too; "
                "within a day their order is not known."
            )
            seen.append(Observation("days", says, "note", "", self._day_only))
        return seen

    def _about_repeats(self) -> list[Observation]:
        assert self._counted is not None
        equal, own, ties = self._counted
        seen = []
        if equal or self._drops:
            fix = Fix(
                "drop_duplicates",
                "--drop-duplicates",
                {"false": "keep them", "true": "leave them out"},
                "true" if self._drops else "false",
            )
            kept = (
                "they are left out, since you said so."
                if self._drops
                else "they are kept, since the file has no event id of its own and two equal rows may be two purchases."
            )
            are = "is" if equal == 1 else "are"
            says = f"{rows_said(equal, 'event')} {are} exactly like an earlier one; {kept}"
            severity = "note" if equal else "fine"
            seen.append(Observation("duplicates", says, severity, f"{equal:,} repeated", equal, fix=fix))
        if own:
            says = f"{rows_said(own, 'event')} repeat an event id of the source; each id counts once."
            seen.append(Observation("duplicates", says, "note", f"{own:,} repeated", own))
        if ties > equal:
            tied = rows_said(ties - equal, "event")
            says = f"{tied} share customer and time with an earlier one; their order is that of the file."
            seen.append(Observation("ties", says, "fine", "", ties - equal))
        return seen

    def _about_columns(self) -> list[Observation]:
        if self.rows < FEWEST_FOR_CONSTANT:
            return []
        same = {self._header[place]: value for place, value in self._constant.items() if value is not None}
        empty = [name for name, value in same.items() if not value.strip()]
        told = {name: value for name, value in same.items() if value.strip()}
        seen = []
        if told:
            listed = ", ".join(
                f"“{name}” is always “{_short(value)}”" for name, value in list(told.items())[:EXAMPLES]
            )
            hold = "holds" if len(told) == 1 else "hold"
            says = f"{rows_said(len(told), 'column')} {hold} one value in every row: {listed}."
            seen.append(Observation("constant", says, "fine", "", len(told)))
        if empty:
            says = f"{rows_said(len(empty), 'column')} are empty in every row: {', '.join(empty[:EXAMPLES])}."
            seen.append(Observation("empty", says, "fine", "", len(empty)))
        return seen


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


def _zone_counts(column: pa.Array, alike: bool) -> Counter[str]:
    """How many times name their zone, and how many do not.

    alike: so far all were written alike; then cells of one length need no second look.
    """
    lengths = pc.min_max(pc.binary_length(column)).as_py()
    weight = 1
    if alike and lengths["min"] == lengths["max"] and len(column):
        column, weight = column.slice(0, 1), len(column)
    clock = column.filter(pc.match_substring_regex(column, times.HAS_CLOCK))
    zoned = pc.sum(pc.match_substring_regex(clock, times.HAS_ZONE)).as_py() or 0
    found = {"zone": zoned * weight, "none": (len(clock) - zoned) * weight}
    return Counter({kind: count for kind, count in found.items() if count})


def _of_hex(hashes: pa.Array) -> np.ndarray:
    """Content hashes (24 hexadecimal digits each) as 64 bits."""
    if not len(hashes):
        return np.empty(0, np.uint64)
    packed = pc.binary_join(pa.array([hashes.to_pylist()], pa.list_(pa.string())), "")[0].as_py().encode()
    words = np.frombuffer(packed, np.uint64).reshape(len(hashes), -1)
    mixed = np.zeros(len(hashes), np.uint64)
    for at in range(words.shape[1]):
        mixed = (mixed ^ words[:, at]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return mixed


def _hashed(texts: pa.Array) -> np.ndarray:
    """64 bits of each text; quick where texts repeat."""
    coded = texts.dictionary_encode()
    words = pd.util.hash_array(np.asarray(coded.dictionary.to_pylist(), object), categorize=False)
    return words[coded.indices.to_numpy()]


def _offsets(lists: pa.Array) -> np.ndarray:
    return lists.offsets.to_numpy() - lists.offsets[0].as_py()


def _repeats(parts: Sequence[np.ndarray]) -> int:
    """How many values are equal to an earlier one."""
    if not parts:
        return 0
    values = np.sort(np.concatenate(parts))
    return int((values[1:] == values[:-1]).sum())
