"""What do the rows of a report add up to, per day, channel and campaign?

Source: docs/decisions/018-spend-and-traffic-beside-the-funnel.md
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from journey_app.intake import cells, numbers, times
from journey_app.intake.periods import days_in
from journey_app.intake.preset import MEASURES, ContextRule
from journey_app.intake.raw import Fault, RawChunk

# One row per source, span of days, channel, campaign and currency, as a batch keeps it.
CONTEXT = pa.schema(
    [
        ("source", pa.string()),
        ("detail", pa.string()),  # which columns told it apart: reports of one detail correct each other
        ("first_day", pa.date32()),
        ("last_day", pa.date32()),
        ("channel", pa.string()),
        ("medium", pa.string()),  # what such visits are usually tagged as
        ("campaign", pa.string()),
        ("currency", pa.string()),
        *((measure, pa.float64()) for measure in MEASURES),
    ]
)
MOST_ROWS = 1_000_000
UNIX = date(1970, 1, 1)
TOTAL = "Totals, left out"
FURTHER = "a further table in the same file; export it alone"
FEW = "Numbers that are not told exactly (such as “< 10”), kept as unknown"


@dataclass(frozen=True)
class Places:
    """Where in the header what stands. last: the column of a row's last day, None where it follows from `span`."""

    first: int | None
    last: int | None
    span: str  # day, week, month or range; period where only the lines above the header say it
    channel: int | None
    campaign: int | None
    currency: int | None
    measures: Mapping[str, int]
    header_currency: str | None
    repeats: bool  # one visit may stand in several rows

    @property
    def detail(self) -> str:
        told = [name for name in ("channel", "campaign") if getattr(self, name) is not None]
        return " ".join(told) or "whole"


Key = tuple[date, date, str | None, str | None, str | None]


class Gathered:
    """The rows of a report added up, key by key."""

    def __init__(
        self,
        rule: ContextRule,
        places: Places,
        campaigns: bool,
        source: str,
        currency: str | None,
        period: tuple[date, date] | None,
    ) -> None:
        self._rule, self._places, self._campaigns = rule, places, campaigns
        self._source, self._currency, self._period = source, currency, period
        self._ended = False
        self._times = Counter[Key]()
        self.sums: dict[Key, dict[str, float | None]] = {}
        self.left_out: list[Fault] = []
        self.tally: Counter[str] = Counter()
        self.not_added: set[str] = set()

    def take(self, chunk: RawChunk, header: Sequence[str], order: str | None, mark: str) -> None:
        """Add the rows of a chunk."""
        places = self._places
        self.tally.update(chunk.counts)
        for row, column, reason in chunk.faults:
            if not self.sums and reason.startswith(f"{len(header) + 1} cells"):
                self.tally[TOTAL] += 1  # the line of totals that explorations put right below the header
                continue
            self.left_out.append((row, column, f"a total or a remark, since it has {reason}"))
        shown = [cells.present(column) for column in chunk.columns]
        told = {name: cells.told(shown[place]) for name, place in places.measures.items()}
        read = {name: numbers.amounts(values, mark).to_pylist() for name, values in told.items()}
        written = {name: values.to_pylist() for name, values in told.items()}
        days = self._days(shown, order)
        texts = [column.to_pylist() for column in shown]
        for at, row in enumerate(chunk.rows.tolist()):
            first_cell = next((column[at] for column in texts if column[at]), "")
            values = {name: column[at] for name, column in read.items()}
            said = {name: column[at] for name, column in written.items() if column[at] is not None}
            if self._ended or self._heads_another(said, values):
                self._ended = True
                self.left_out.append((row, header[0], FURTHER))
            elif cells.SUM.match(first_cell) or self._adds_up(texts, at):
                self.tally[TOTAL] += 1
            elif days[at] is None:
                place = places.first if places.first is not None else 0
                reason = "the day cannot be read" if texts[place][at] else "no day"
                self.left_out.append((row, header[place], reason))
            else:
                self.tally[FEW] += sum(values[name] is None for name in said)
                self._add(days[at], texts, at, values)

    @staticmethod
    def _heads_another(said: Mapping[str, str], values: Mapping[str, float | None]) -> bool:
        """Whether every measure holds a word: the names of a further table."""
        words = [name for name, cell in said.items() if values[name] is None and not re.search(r"\d", cell)]
        return bool(said) and len(words) == len(said)

    def _adds_up(self, texts: Sequence[Sequence[str | None]], at: int) -> bool:
        """Whether a row names no campaign where the others do: a total over all of them."""
        place = self._places.campaign
        return self._campaigns and place is not None and not names_one(texts[place][at])

    def _days(self, shown: Sequence[pa.Array], order: str | None) -> list[tuple[date, date] | None]:
        """First and last day of each row."""
        places = self._places
        if places.first is None:
            return [self._period] * len(shown[0])
        firsts = as_days(shown[places.first], order)
        if places.last is not None:
            lasts = as_days(shown[places.last], order)
        else:
            lasts = [_last_of(places.span, day) for day in firsts]
        pairs = zip(firsts, lasts, strict=True)
        return [(one, other) if one and other and one <= other else None for one, other in pairs]

    def _add(
        self,
        days: tuple[date, date] | None,
        texts: Sequence[Sequence[str | None]],
        at: int,
        values: Mapping[str, float | None],
    ) -> None:
        assert days is not None
        places = self._places

        def told(place: int | None) -> str | None:
            cell = None if place is None else texts[place][at]
            return None if cell is None or cell.casefold() in cells.MISSING else cell

        money = told(places.currency)
        currency = numbers.currency(money) if money else self._currency
        channel = told(places.channel) or self._rule.channel_is
        key = (*days, channel, told(places.campaign), currency if "spend" in places.measures else None)
        before = self.sums.setdefault(key, dict.fromkeys(places.measures))
        self._times[key] += 1
        again = self._times[key] > 1
        for name, value in values.items():
            old = before[name]
            if again and (name == "users" or (name == "sessions" and places.repeats)):
                before[name] = None
                self.not_added.add(name)
            elif value is not None:
                before[name] = value if old is None else old + value

    def notes(self) -> tuple[str, ...]:
        counted = tuple(f"{what}: {count:,}." for what, count in sorted(self.tally.items()) if count)
        words = " and ".join(sorted(self.not_added))
        unsure = f"Several rows a day may hold the same {words}; they are not added up and stay unknown."
        return (*counted, unsure) if words else counted

    def table(self) -> pa.Table:
        """Every key with its sums, in order."""
        ordered = sorted(self.sums, key=lambda key: tuple(str(part or "") for part in key))
        rows = [
            {
                "source": self._source,
                "detail": self._places.detail,
                "first_day": key[0],
                "last_day": key[1],
                "channel": key[2],
                "medium": self._rule.medium,
                "campaign": key[3],
                "currency": key[4],
                **self.sums[key],
            }
            for key in ordered
        ]
        return pa.Table.from_pylist(rows, schema=CONTEXT)


def as_days(values: pa.Array, order: str | None) -> list[date | None]:
    """Each cell as a day; a written-out month may be in another language."""
    utc = ZoneInfo("UTC")
    found = times.read_times(cells.told(values), times.Reading(utc, utc, order))
    texts = values.to_pylist()
    days: list[date | None] = []
    for micros, state, text in zip(found.micros.tolist(), found.state.tolist(), texts, strict=True):
        if state == times.FINE:
            days.append(UNIX + timedelta(days=micros // times.DAY))
        else:
            written = days_in(text or "", order)
            days.append(written[0] if len(written) == 1 else None)
    return days


def _last_of(span: str, first: date | None) -> date | None:
    if first is None or span == "day":
        return first
    if span == "week":
        return first + timedelta(days=6)
    following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    return following - timedelta(days=1)


def names_one(cell: str | None) -> bool:
    """Whether a campaign cell names one; “(not set)” does, in its way, “--” stands in rows of totals."""
    return cell is not None and cell not in ("-", "--", "–", "—")
