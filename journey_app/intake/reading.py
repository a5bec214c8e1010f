"""How must the times and amounts of a file be read, looking at all of it where a part does not tell?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey_app.errors import BadChoice, Question
from journey_app.intake import cells, doctor, numbers, times
from journey_app.intake.contract import Answers
from journey_app.intake.date_order import FIRST, DateEvidence, ask_order, date_evidence
from journey_app.intake.plan import Plan
from journey_app.intake.preset import Preset
from journey_app.intake.raw import RawTable
from journey_app.vocabulary import EPOCHS, Fix, Observation

SAYS_UTC = re.compile(r"\((?:UTC|GMT)\)|(?:^|[_\s])utc$", re.IGNORECASE)
SAYS_DATE = re.compile(r"date|time|day|when|stamp|datum|zeit|fecha|(?:^|[\s_])(?:at|on|ts)$", re.IGNORECASE)
SEPARATED = r"\d[.,]\d"
SAYS_WHEN = re.compile(r"\d{1,2}:\d{2}.*\b(?:19|20)\d{2}\b|\b(?:19|20)\d{2}\b.*\d{1,2}:\d{2}")
PLAIN_NUMBER = re.compile(r"[+-]?[\d.,]+%?")
LETTERS_OF_A_ZONE = re.compile(r"\d\s*([A-Z]{2,5})$")


@dataclass
class _Evidence:
    """What the cells of a file show, summed over as many rows as were looked at.

    marks: column → the decimal marks it proves, each with the row and text of the first that does.
    """

    dates: dict[int, DateEvidence] = field(default_factory=dict)
    marks: dict[int, dict[str, tuple[int, str]]] = field(default_factory=dict)
    separated: set[int] = field(default_factory=set)


def zone_named(name: str) -> ZoneInfo:
    """The time zone of this IANA name. Raises BadChoice."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadChoice(
            f"No time zone is called “{name}”.", "Use a name such as Europe/Berlin, America/New_York or UTC."
        ) from error


def unread_time(rows: Sequence[Mapping[str, str]]) -> tuple[str, str] | None:
    """A column that should say when something happened, and a cell of it that is not read; None without one.

    rows: the first rows of a file, by the names of its columns.
    """
    for row in rows:
        for name, cell in row.items():
            written = cell.strip()
            meant = SAYS_WHEN.search(written) or (SAYS_DATE.search(name) and re.search(r"\d", written))
            if meant and not PLAIN_NUMBER.fullmatch(written) and not times.looks_like_time(written):
                return name, written
    return None


def how_to_write(cell: str) -> str:
    """What to do about a time that is not read."""
    zone = LETTERS_OF_A_ZONE.search(cell)
    if zone and times.looks_like_time(cell[: zone.start(1)].strip()):
        return (
            f"“{zone[1]}” may be several zones: take it out of the cells, and name the zone with --timezone, "
            "such as Asia/Kolkata or Europe/London."
        )
    return "Write its cells as 2026-09-01 10:00 and import the file again."


def check_answers(answers: Answers, timezone: str) -> None:
    """Raise BadChoice for a zone, an order, a mark or a unit nobody knows."""
    zone_named(answers.timezone or timezone)
    if answers.dates is not None and answers.dates not in times.ORDERS:
        raise BadChoice(
            f"“{answers.dates}” is not an order of day, month and year.",
            f"Use one of: {', '.join(times.ORDERS)}.",
        )
    if answers.decimal is not None and answers.decimal not in (",", "."):
        raise BadChoice(f"“{answers.decimal}” is no decimal mark.", "Use a comma or a point.")
    if answers.amount_of not in (None, "row", "order"):
        raise BadChoice(f"An amount is not of “{answers.amount_of}”.", "Use row or order.")
    if answers.epoch is not None and answers.epoch not in EPOCHS:
        raise BadChoice(f"“{answers.epoch}” is no unit of times.", f"Use one of: {', '.join(EPOCHS)}.")


@dataclass(frozen=True)
class _Orders:
    """For each column of dates, the order it is read in, None where it must be asked.

    elsewhere: columns that follow what other columns prove.
    """

    by_column: Mapping[int, str | None]
    elsewhere: frozenset[int] = frozenset()


def with_readings(
    plan: Plan,
    raw: RawTable,
    sample: Sequence[pa.Array],
    rows: np.ndarray,
    preset: Preset | None,
    answers: Answers,
    timezone: str,
) -> tuple[Plan, Question | None, tuple[Observation, ...]]:
    """The plan with its times and amounts decided, the question that remains, and what was seen.

    sample: the first cells of each column, null where empty; rows: their numbers in the file.
    timezone: the workspace's zone.
    """
    seen = _evidence(plan, raw, sample, rows, answers)
    orders = _orders(seen, answers.dates)
    readings, about = _readings(plan, raw, sample, preset, answers, zone_named(timezone), seen, orders)
    about += _about_orders(seen, orders, raw.header, answers.dates)
    backwards = None not in orders.by_column.values() and _newest_first(plan, sample, readings)
    if backwards:
        says = "The file runs from new to old; events at the same time are put in true order."
        about.append(Observation("order", says))
    marks, about_marks = _marks(plan, seen, raw, answers.decimal)
    decided = replace(plan, readings=readings, marks=marks, newest_first=backwards)
    question = _question(seen, orders, raw.header)
    asked = [doctor.about_question(question)] if question else []
    return decided, question, (*asked, *about, *about_marks)


def question_from(plan: Plan, header: Sequence[str], place: int, found: DateEvidence) -> Question:
    """The question that arises where dates further down fit another order than those before.

    found: what they show. The order so far counts as shown too.
    """
    order = plan.readings[place].order or "dmy"
    both = replace(found, possible=frozenset(), only={order: 0, **found.only})
    fewer = replace(both, only={o: n for o, n in both.only.items() if n})
    asked = ask_order(header[place], fewer)
    what = f"The dates of “{header[place]}” were read {FIRST[order]}, but further down: {asked.what}"
    return Question(what, asked.do, asked.option, asked.answers)


def _orders(seen: _Evidence, told: str | None) -> _Orders:
    """The order of each column: as told, by its own dates, else as all other columns have it."""
    own = {place: told or evidence.order for place, evidence in seen.dates.items()}
    if told:
        return _Orders(own)
    weighed = [e for e in seen.dates.values() if e.example or e.only]
    proven = {e.proven for e in weighed if e.proven} or {e.order for e in weighed if e.order}
    if len(proven) != 1:
        return _Orders(own)
    shared = next(iter(proven))
    follow = {
        p for p, e in seen.dates.items() if own[p] is None and not e.contradicts and shared in e.possible
    }
    return _Orders({p: shared if p in follow else order for p, order in own.items()}, frozenset(follow))


def _about_orders(
    seen: _Evidence, orders: _Orders, header: Sequence[str], told: str | None
) -> list[Observation]:
    """What settled the order of each column's dates; columns settled alike are said together."""
    about: dict[tuple[object, ...], list[int]] = {}
    for place, order in orders.by_column.items():
        evidence = seen.dates[place]
        if order is not None and (evidence.example or evidence.only):
            key = (order, place in orders.elsewhere, tuple(evidence.proofs.items()), evidence.example)
            about.setdefault(key, []).append(place)
    old = {place: seen.dates[place].old_years(order) for place, order in orders.by_column.items()}
    years = [doctor.about_old_years(header[place], found) for place, found in old.items() if found]
    return years + [
        doctor.about_dates(
            [header[place] for place in places],
            orders.by_column[places[0]] or "dmy",
            seen.dates[places[0]],
            told is not None,
            places[0] in orders.elsewhere,
        )
        for places in about.values()
    ]


def _readings(
    plan: Plan,
    raw: RawTable,
    sample: Sequence[pa.Array],
    preset: Preset | None,
    answers: Answers,
    workspace: ZoneInfo,
    seen: _Evidence,
    orders: _Orders,
) -> tuple[dict[int, times.Reading], list[Observation]]:
    """How to read each time column, and what to say about it; columns read alike share a sentence."""
    answered = zone_named(answers.timezone) if answers.timezone else None
    from_1904 = answers.epoch == "excel1904" or (raw.days_from_1904 and answers.epoch != "excel1900")
    readings: dict[int, times.Reading] = {}
    about: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    numbered: list[Observation] = []
    for place in plan.time_columns:
        name = raw.header[place]
        zone, why, changeable = _zone(name, preset, answered, workspace)
        whole = not seen.dates[place].clock
        readings[place] = times.Reading(
            zone,
            workspace,
            orders.by_column[place],
            bool(SAYS_DATE.search(name)),
            whole,
            answers.epoch if answers.epoch in EPOCHS[:4] else None,
            from_1904,
            answers.midnight_is_a_day,
        )
        kind = _kind_of_times(sample[place], whole)
        about[(kind, zone.key, why, "changeable" if changeable else "")].append(name)
        numbered += doctor.about_numbers(name, sample[place], answers.epoch, from_1904)
    said = [o for key, names in about.items() if (o := _about_times(_listed(names), *key))]
    if answers.midnight_is_a_day:
        choices = {"true": "a day without a time", "false": "midnight"}
        fix = Fix("midnight_is_a_day", "--midnight-is-a-day", choices, "true")
        says = "Times at exactly 00:00 are taken for days whose time is not known, since you said so."
        said.append(Observation("midnight", says, "fine", "00:00 is a day", fix=fix))
    return readings, [*said, *numbered]


def _evidence(
    plan: Plan, raw: RawTable, sample: Sequence[pa.Array], rows: np.ndarray, answers: Answers
) -> _Evidence:
    """What the sample shows, or the whole file where the sample does not settle it."""
    seen = _look(plan, sample, rows, _Evidence())
    undecided = not answers.dates and any(e.example and not e.proven for e in seen.dates.values())
    midnights = any(not e.clock and _names_clock(sample[place]) for place, e in seen.dates.items())
    money = not answers.decimal and any(len(seen.marks.get(place, ())) != 1 for place in seen.separated)
    if not (undecided or midnights or money or _no_dates(plan, sample)):
        return seen
    whole = _Evidence()
    for numbers_, columns in _needed(plan, raw):
        _look(plan, columns, numbers_, whole)
    return whole


def _no_dates(plan: Plan, sample: Sequence[pa.Array]) -> bool:
    """Whether a time column is empty in the sample, so that only the rest of the file can tell."""
    return any(sample[place].null_count == len(sample[place]) for place in plan.time_columns)


def _needed(plan: Plan, raw: RawTable) -> Iterator[tuple[np.ndarray, dict[int, pa.Array]]]:
    places = {*plan.time_columns, *plan.amount_columns}
    for chunk in raw.chunks():
        yield chunk.rows, {place: cells.present(chunk.columns[place]) for place in places}


def _look(
    plan: Plan, columns: Sequence[pa.Array] | dict[int, pa.Array], rows: np.ndarray, seen: _Evidence
) -> _Evidence:
    for place in plan.time_columns:
        found = date_evidence(cells.told(columns[place]), rows)
        seen.dates[place] = seen.dates.get(place, DateEvidence()) + found
    for place in plan.amount_columns:
        for mark, (at, cell) in numbers.proofs(cells.told(columns[place])).items():
            seen.marks.setdefault(place, {}).setdefault(mark, (int(rows[at]), cell))
        if cells.share_matching(columns[place], SEPARATED) > 0:
            seen.separated.add(place)
    return seen


def _names_clock(values: pa.Array) -> bool:
    return cells.share_matching(values, times.HAS_CLOCK) > 0


def _zone(
    name: str, preset: Preset | None, answered: ZoneInfo | None, workspace: ZoneInfo
) -> tuple[ZoneInfo, str, bool]:
    """The clock of times that name no zone, why, and whether a person may say otherwise."""
    if SAYS_UTC.search(name):
        return ZoneInfo("UTC"), "its name says so", False
    if preset is not None and preset.timezone:
        return ZoneInfo(preset.timezone), preset.timezone_why, False
    if answered is not None:
        return answered, "you said so", True
    return workspace, "it is the workspace's zone and the file names none", True


def _kind_of_times(sample: pa.Array, whole: bool) -> str:
    """days, clock (times that name no zone), zoned, or nothing where the sample holds none."""
    filled = sample.drop_null()
    if not len(filled):
        return ""
    if whole:
        return "days"
    zoned = pc.match_substring_regex(filled, times.HAS_ZONE)
    clock = pc.match_substring_regex(filled, times.HAS_CLOCK)
    return "clock" if pc.any(pc.and_(clock, pc.invert(zoned))).as_py() else "zoned"


def _about_times(listed: str, kind: str, zone: str, why: str, changeable: str) -> Observation | None:
    """How the times of some columns are read; None where they hold none."""
    if kind == "days":
        says = f"{listed}: days without a time of day; the order within a day is the order of the file."
        return Observation("days", says, "note", "days only")
    if kind == "zoned":
        return Observation(doctor.OWN_ZONE, f"{listed}: times say their own zone.", "fine", "")
    return doctor.about_zone(listed, ZoneInfo(zone), why, bool(changeable)) if kind else None


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


def _question(seen: _Evidence, orders: _Orders, header: Sequence[str]) -> Question | None:
    """The order of day and month, asked about the first column that leaves it open."""
    for place, order in orders.by_column.items():
        if order is None:
            return ask_order(header[place], seen.dates[place])
    return None


def _marks(
    plan: Plan, seen: _Evidence, raw: RawTable, told: str | None
) -> tuple[dict[int, str], list[Observation]]:
    """The decimal mark of each column of amounts, and what proves it; a point unless a comma is proven."""
    marks: dict[int, str] = {}
    about: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    shared = {next(iter(proven)) for proven in seen.marks.values() if len(proven) == 1}
    semicolons = any("semicolons" in o.says for o in raw.seen if o.kind == "delimiter")
    for place in plan.amount_columns:
        name, proven = raw.header[place], seen.marks.get(place, {})
        if told:
            marks[place], key = told, ("since you said so", "fine")
        elif len(proven) == 1:
            marks[place] = next(iter(proven))
            row, cell = proven[marks[place]]
            key = (f"as “{cell}” in row {row:,} proves", "fine")
        elif proven:
            marks[place] = min(proven, key=lambda mark: proven[mark][0])
            cells_ = " but ".join(f"“{cell}” in row {row:,}" for row, cell in sorted(proven.values()))
            key = (
                f"but they are mixed: {cells_}; those of the other kind are left without an amount",
                "fault",
            )
        elif len(shared) == 1:
            marks[place], key = next(iter(shared)), ("as in the other columns", "fine")
        else:
            marks[place] = "," if semicolons else "."
            key = ("though none of them proves it", "note")
        if place in seen.separated:
            about[(marks[place], *key)].append(name)
    return marks, [
        doctor.about_mark(names, mark, why, severity) for (mark, why, severity), names in about.items()
    ]


def _newest_first(plan: Plan, sample: Sequence[pa.Array], readings: dict[int, times.Reading]) -> bool:
    """Whether times mostly go down from row to row."""
    if not plan.time_columns:
        return False
    place = plan.time_columns[0]
    found = times.read_times(cells.told(sample[place]), readings[place])
    steps = np.diff(found.micros[found.state == times.FINE])
    down, up = int((steps < 0).sum()), int((steps > 0).sum())
    return down >= 3 and down > 9 * up
