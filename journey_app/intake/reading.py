"""How must the times and amounts of a file be read, looking at all of it where a part does not tell?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey_app.errors import BadChoice, Question
from journey_app.intake import cells, numbers, times
from journey_app.intake.contract import Answers
from journey_app.intake.plan import Plan
from journey_app.intake.preset import Preset
from journey_app.intake.raw import RawTable

ORDERS = ("dmy", "mdy", "ymd")
SAYS_UTC = re.compile(r"\((?:UTC|GMT)\)|(?:^|[_\s])utc$", re.IGNORECASE)
SAYS_DATE = re.compile(r"date|time|day|when|stamp|datum|zeit|fecha|(?:^|[\s_])(?:at|on|ts)$", re.IGNORECASE)
HAS_ZONE = r":\d{2}(?:[.,]\d+)?\s*(?:[zZ]|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})$|^\d{9,}(?:\.\d+)?$"
HAS_CLOCK = r"\d{1,2}:\d{2}|^[2-7]\d{4}\.\d+$|^\d{14}"
SEPARATED = r"\d[.,]\d"


@dataclass
class _Evidence:
    """What the cells of a file show, summed over as many rows as were looked at."""

    dates: dict[int, times.DateEvidence] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)
    separated: bool = False

    @property
    def all_dates(self) -> times.DateEvidence:
        return sum(self.dates.values(), times.DateEvidence())


def zone_named(name: str) -> ZoneInfo:
    """The time zone of this IANA name. Raises BadChoice."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadChoice(
            f"No time zone is called “{name}”.", "Use a name such as Europe/Berlin, America/New_York or UTC."
        ) from error


def checked_order(dates: str | None) -> str | None:
    if dates is not None and dates not in ORDERS:
        raise BadChoice(
            f"“{dates}” is not an order of day, month and year.", f"Use one of: {', '.join(ORDERS)}."
        )
    return dates


def with_readings(
    plan: Plan,
    raw: RawTable,
    sample: Sequence[pa.Array],
    preset: Preset | None,
    answers: Answers,
    timezone: str,
) -> tuple[Plan, Question | None, tuple[str, ...]]:
    """The plan with its times and amounts decided, the question that remains, and notes.

    sample: the first cells of each column, null where empty. timezone: the workspace's zone.
    """
    told_order = checked_order(answers.dates)
    seen = _evidence(plan, raw, sample)
    dates = seen.all_dates
    order = told_order or dates.order
    readings, notes = _readings(plan, raw, sample, preset, answers, zone_named(timezone), seen, order)
    if order and not told_order and dates.example:
        notes.append(_order_note(dates, order))
    backwards = bool(order) and _newest_first(plan, sample, readings)
    if backwards:
        notes.append("The file runs from new to old; events at the same time are put in true order.")
    mark, about_mark = _mark(seen, raw)
    decided = replace(plan, readings=readings, mark=mark, newest_first=backwards)
    return decided, None if order else _question(seen, raw.header), (*notes, *about_mark)


def _readings(
    plan: Plan,
    raw: RawTable,
    sample: Sequence[pa.Array],
    preset: Preset | None,
    answers: Answers,
    workspace: ZoneInfo,
    seen: _Evidence,
    order: str | None,
) -> tuple[dict[int, times.Reading], list[str]]:
    """How to read each time column, and what to say about it; columns read alike share a note."""
    answered = zone_named(answers.timezone) if answers.timezone else None
    readings: dict[int, times.Reading] = {}
    about: defaultdict[str, list[str]] = defaultdict(list)
    for place in plan.time_columns:
        name = raw.header[place]
        zone, why = _zone(name, preset, answered, workspace)
        whole = not seen.dates[place].clock
        readings[place] = times.Reading(zone, workspace, order, bool(SAYS_DATE.search(name)), whole)
        about[_time_note(sample[place], zone, why, whole)].append(name)
    return readings, [f"{_listed(names)}: {note}" for note, names in about.items() if note]


def _evidence(plan: Plan, raw: RawTable, sample: Sequence[pa.Array]) -> _Evidence:
    """What the sample shows, or the whole file where the sample does not settle it."""
    seen = _look(plan, sample, _Evidence())
    dates = seen.all_dates
    undecided = bool(dates.day_first) == bool(dates.month_first) and (dates.example or dates.day_first)
    midnights = any(not e.clock and _names_clock(sample[place]) for place, e in seen.dates.items())
    money = seen.separated and len(seen.marks) != 1
    if not (undecided or midnights or money or _no_dates(plan, sample)):
        return seen
    whole = _Evidence()
    for columns in _needed(plan, raw):
        _look(plan, columns, whole)
    return whole


def _no_dates(plan: Plan, sample: Sequence[pa.Array]) -> bool:
    """Whether a time column is empty in the sample, so that only the rest of the file can tell."""
    return any(sample[place].null_count == len(sample[place]) for place in plan.time_columns)


def _needed(plan: Plan, raw: RawTable) -> Iterator[dict[int, pa.Array]]:
    places = {*plan.time_columns, *plan.amount_columns}
    for chunk in raw.chunks():
        yield {place: cells.present(chunk.columns[place]) for place in places}


def _look(plan: Plan, columns: Sequence[pa.Array] | dict[int, pa.Array], seen: _Evidence) -> _Evidence:
    for place in plan.time_columns:
        found = times.date_evidence(cells.told(columns[place]))
        seen.dates[place] = seen.dates.get(place, times.DateEvidence()) + found
    for place in plan.amount_columns:
        seen.marks |= numbers.marks(cells.told(columns[place]))
        seen.separated |= cells.share_matching(columns[place], SEPARATED) > 0
    return seen


def _names_clock(values: pa.Array) -> bool:
    return cells.share_matching(values, HAS_CLOCK) > 0


def _zone(
    name: str, preset: Preset | None, answered: ZoneInfo | None, workspace: ZoneInfo
) -> tuple[ZoneInfo, str]:
    """The clock of times that name no zone, and why."""
    if SAYS_UTC.search(name):
        return ZoneInfo("UTC"), "its name says so"
    if preset is not None and preset.timezone:
        return ZoneInfo(preset.timezone), preset.timezone_why
    if answered is not None:
        return answered, "you said so"
    return workspace, "it is the workspace's zone and the file names none"


def _time_note(sample: pa.Array, zone: ZoneInfo, why: str, whole: bool) -> str:
    """How the times of a column are read; empty where the sample holds none."""
    filled = sample.drop_null()
    if not len(filled):
        return ""
    if whole:
        return "days without a time of day; the order within a day is the order of the file."
    zoned = pc.match_substring_regex(filled, HAS_ZONE)
    clock = pc.match_substring_regex(filled, HAS_CLOCK)
    if pc.any(pc.and_(clock, pc.invert(zoned))).as_py():
        return f"times are read as {zone.key}, since {why}."
    return "times say their own zone."


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


def _order_note(dates: times.DateEvidence, order: str) -> str:
    first = {"dmy": "day", "mdy": "month"}[order]
    suggested = {"dmy": "the dots suggest", "mdy": "AM and PM suggest"}[order]
    reason = "other cells prove" if dates.day_first or dates.month_first else suggested
    return f"Dates such as “{dates.example}” are read {first} first, as {reason}."


def _question(seen: _Evidence, header: Sequence[str]) -> Question | None:
    """The order of day and month, asked about the first column that leaves it open."""
    for place, evidence in seen.dates.items():
        if evidence.order is None:
            return times.ask_order(header[place], seen.all_dates)
    first = next(iter(seen.dates), None)
    return None if first is None else times.ask_order(header[first], seen.all_dates)


def _mark(seen: _Evidence, raw: RawTable) -> tuple[str, tuple[str, ...]]:
    """The decimal mark of amounts; a point unless the cells prove a comma."""
    if seen.marks == {","}:
        return ",", ("Amounts are read with a decimal comma.",)
    if not seen.marks and seen.separated:
        semicolons = any("semicolons" in note for note in raw.notes)
        mark = "," if semicolons else "."
        word = "comma" if semicolons else "point"
        return mark, (f"No amount proves its decimal mark; they are read with a decimal {word}.",)
    return ".", ()


def _newest_first(plan: Plan, sample: Sequence[pa.Array], readings: dict[int, times.Reading]) -> bool:
    """Whether times mostly go down from row to row."""
    if not plan.time_columns:
        return False
    place = plan.time_columns[0]
    found = times.read_times(cells.told(sample[place]), readings[place])
    steps = np.diff(found.micros[found.state == times.FINE])
    down, up = int((steps < 0).sum()), int((steps > 0).sum())
    return down >= 3 and down > 9 * up
