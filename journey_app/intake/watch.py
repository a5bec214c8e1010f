"""What do the rows of a table show once all of it has streamed by?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey_app.intake import cells, times
from journey_app.intake.contract import Chunk
from journey_app.intake.date_order import DateEvidence, date_evidence
from journey_app.intake.doctor import EXAMPLES, SHOWN_CHARS, rows_said, short
from journey_app.intake.plan import Plan
from journey_app.intake.raw import RawChunk
from journey_app.vocabulary import Fix, Observation

EXCEL_ROWS = 1_048_576
SPIKE = 0.2  # share of times at one minute of the day from which it is no chance
FEWEST_TIMES = 20
FEWEST_FOR_CONSTANT = 20
MOST_VALUES = 8
MOST_JUNK = 1_000  # different unusable ids that are remembered; of further ones only how many there are


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
        self._money: Counter[str | None] = Counter()
        self._reasons: Counter[str] = Counter()
        self._reason_rows: dict[str, list[int]] = {}
        self._days: Counter[int] = Counter()
        self._zones: dict[int, Counter[str]] = {place: Counter() for place in plan.time_columns}
        self._constant: dict[int, str | None] = {}
        self._hashes: list[np.ndarray] = []
        self._own: list[np.ndarray] = []
        self._moments: list[np.ndarray] = []
        self._lines: list[np.ndarray] = []
        self._counted: tuple[int, int, int, int] | None = None

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
            if not self._plan.fields.get("currency"):
                told = chunk.events.filter(pc.is_valid(chunk.events["amount"]))["currency"]
                self._money.update({one["values"]: one["counts"] for one in told.value_counts().to_pylist()})

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
            self._own.append(hashed(own.drop_null()))
        raw_ids = events["raw_ids"].combine_chunks()
        firsts = raw_ids.flatten().take(pa.array(_offsets(raw_ids)[:-1]))
        timed = pc.invert(events["day_only"].combine_chunks())
        moments = events["occurred_at"].cast(pa.int64()).to_numpy().view(np.uint64)
        mixed = hashed(firsts) ^ (moments * np.uint64(0x9E3779B97F4A7C15))
        clocked = timed.to_numpy(zero_copy_only=False)
        self._moments.append(mixed[clocked])
        if self._plan.one_per:
            order = events["one_of"].combine_chunks()
            each = hashed(pc.coalesce(order, events["row"].combine_chunks().cast(pa.string())))
            self._lines.append((mixed ^ each)[clocked])

    def close(self) -> None:
        """All rows have been seen; what was kept to be compared is let go."""
        kept = (self._hashes, self._own, self._moments, self._lines)
        equal, own, ties, lines = map(_repeats, kept)
        self._counted = (equal, own, ties, lines)
        for values in kept:
            values.clear()

    def contradiction(self, raw: RawChunk, chunk: Chunk, told: bool) -> tuple[int, DateEvidence] | None:
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
            found = date_evidence(written, numbers)
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
            *self._about_money(),
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
        equal, own, ties, lines = self._counted
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
            if self._plan.one_per and not self._drops:
                kept = "they are kept and count in their order, since two equal rows may be two pieces."
            are, noun = "is" if equal == 1 else "are", "row" if self._plan.one_per else "event"
            says = f"{rows_said(equal, noun)} {are} exactly like an earlier one; {kept}"
            severity = "note" if equal else "fine"
            seen.append(Observation("duplicates", says, severity, f"{equal:,} repeated", equal, fix=fix))
        if own:
            says = f"{rows_said(own, 'event')} repeat an event id of the source; each id counts once."
            seen.append(Observation("duplicates", says, "note", f"{own:,} repeated", own))
        tied = ties - (lines if self._plan.one_per else equal)
        if tied > 0:
            who = rows_said(tied, "event")
            says = f"{who} share customer and time with an earlier one; their order is that of the file."
            seen.append(Observation("ties", says, "fine", "", tied))
        return seen

    def _about_money(self) -> list[Observation]:
        """The currencies that stand beside amounts, where no column names one."""
        if not any(self._money):
            return []
        if len(self._money) == 1:
            (one,) = self._money
            return [
                Observation("currency", f"Amounts are in {one}, as stands beside them.", "fine", f"in {one}")
            ]
        ranked = self._money.most_common()
        listed = ", ".join(f"{count:,} in {one or 'none that is named'}" for one, count in ranked)
        says = f"Amounts are not in one currency, as stands beside them: {listed}. None is converted."
        brief = f"{len(ranked)} currencies"
        return [Observation("currency", says, "fault", brief, sum(self._money.values()))]

    def _about_columns(self) -> list[Observation]:
        if self.rows < FEWEST_FOR_CONSTANT:
            return []
        same = {self._header[place]: value for place, value in self._constant.items() if value is not None}
        empty = [name for name, value in same.items() if not value.strip()]
        told = {name: value for name, value in same.items() if value.strip()}
        seen = []
        if told:
            listed = ", ".join(
                f"“{name}” is always “{short(value)}”" for name, value in list(told.items())[:EXAMPLES]
            )
            hold = "holds" if len(told) == 1 else "hold"
            says = f"{rows_said(len(told), 'column')} {hold} one value in every row: {listed}."
            seen.append(Observation("constant", says, "fine", "", len(told)))
        if empty:
            says = f"{rows_said(len(empty), 'column')} are empty in every row: {', '.join(empty[:EXAMPLES])}."
            seen.append(Observation("empty", says, "fine", "", len(empty)))
        return seen


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


def hashed(texts: pa.Array) -> np.ndarray:
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
