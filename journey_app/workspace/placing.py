"""Which source, and which kind of system, do the events of a log belong to that nobody described?

An exporter we know is its own source. A log we do not know is the source of an earlier log with the same
columns for customer, event and time, or else a new one, named after its file; one source is one kind of
system. A person's word counts before that.
Source: docs/decisions/026-which-source-an-unknown-log-is.md
"""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from journey_app.errors import BadChoice
from journey_app.intake.cells import normal_name
from journey_app.intake.meaning import GENERIC
from journey_app.intake.prepared import Prepared
from journey_app.vocabulary import SYSTEMS, Fix, Observation
from journey_app.workspace.remembering import MAIN
from journey_app.workspace.workspace import Workspace

UNNAMED = "Event log"  # where the file's name says nothing
LONGEST = 60
OFFERED = 5  # other sources that one click may choose
INSIDE = " › "  # stands between a file and what lies in it
SYSTEM_SAID = {
    "product": "your site or app",
    "crm": "sales",
    "support": "support",
    "billing": "billing",
    "email": "e-mail",
    "survey": "surveys and reviews",
    "ads": "advertising",
    "other": "none of these",
}
assert set(SYSTEM_SAID) == set(SYSTEMS)

_ENDING = re.compile(
    r"(?i)(\.(csv|tsv|txt|tab|log|json|jsonl|ndjson|xlsx?|xlsm|parquet|gz|zip|bz2|xz|zst))+$"
)
_BETWEEN = re.compile(r"[\s_\-.,;()\[\]{}+]+")
_SAYS_WHEN_OR_NOTHING = {
    *(name.lower() for name in (*month_name, *month_abbr)),
    *("sheet", "sheet1", "tabelle1", "feuil1", "hoja1", "data", "export", "download", "copy", "final", "new"),
}


@dataclass(frozen=True)
class Known:
    """What is in the workspace or comes before in the same import.

    columns: as `columns_of`; empty for what is no such log. None where it was stored before they were noted,
    when all logs were one source: it fits every log.
    """

    source: str
    system: str
    columns: tuple[str, ...] | None


def placed(space: Workspace, tables: Sequence[Prepared], *, anew: bool = False) -> list[Prepared]:
    """The same tables, in their order, each log that nobody described under its source and system.

    A table keeps the source it was shown with, unless `anew`: then as if it had not been looked at.
    """
    bodies = [document.body for document in space.batches()]
    known = list(_known(bodies))
    found = []
    for table in tables:
        if table.recognised_as in GENERIC and not table.missing and (anew or not table.settled):
            own = space.batch_files.forgotten().named(name_of(table.file))
            table = _placed(table, known, own)
        known.append(Known(table.source, table.system, _columns(table)))
        found.append(table)
    return found


def insist_on_one_place(space: Workspace, table: Prepared, content: str) -> None:
    """Raise BadChoice where this very file is here under another source: its events would count twice.

    content: the SHA-256 of the file.
    """
    for document in space.batches() if table.recognised_as in GENERIC else ():
        body = document.body
        same = body["identity"].startswith(f"{content}:") and body["report"]["recognised_as"] in GENERIC
        same = same and _within(body["report"]["file"]) == _within(table.file)
        if same and body.get("source", table.source) != table.source:
            raise BadChoice(
                f"“{table.file}” is here already as a part of the source “{body['source']}”: as "
                f"“{table.source}” its events would count twice.",
                "Take that import back first, then import it again.",
            )


def _within(label: str) -> str:
    """Which table of its file it is; empty for the only one."""
    return label.partition(INSIDE)[2]


def columns_of(table: Prepared) -> tuple[str, ...]:
    """What a log is known by: the columns of customer, event and time, in a spelling of their own."""
    main = (f"{ours}={normal_name(table.mapping[ours])}" for ours in MAIN if ours in table.mapping)
    same = dict(table.answered).get("map event", "")
    return (table.recognised_as, *main, *([f"event{same}"] if same.startswith("=") else []))


def name_of(label: str) -> str:
    """What to call the source of a file: its name without numbers, dates and endings.

    “calls_2026-03 (1).csv” is “calls”; what says nothing, or may name a person, is `UNNAMED`.
    """
    inner = label.rpartition(INSIDE)[2]
    for part in (inner, label.partition(INSIDE)[0]):
        words = _BETWEEN.split(_ENDING.sub("", part))
        told = [
            w for w in words if w.lower() not in _SAYS_WHEN_OR_NOTHING and not any(c.isdigit() for c in w)
        ]
        if "@" not in part and any(c.isalpha() for c in "".join(told)):
            return " ".join(filter(None, told))[:LONGEST].rstrip()
    return UNNAMED


def _columns(table: Prepared) -> tuple[str, ...]:
    return columns_of(table) if table.recognised_as in GENERIC else ()


def _known(bodies: Sequence[Mapping[str, Any]]) -> Iterator[Known]:
    """Every import in force; what a known exporter wrote is like no log, but its source is taken."""
    for body in bodies:
        kind = body["report"]["recognised_as"]
        source, columns = body.get("source", kind), body.get("columns")
        if kind not in GENERIC:
            columns = ()
        elif columns is None and source not in GENERIC:
            columns = ()  # stored before columns were noted, under a name that a person gave
        yield Known(source, body["system"], None if columns is None else tuple(columns))


def _placed(table: Prepared, known: Sequence[Known], own: str) -> Prepared:
    """One log under its source and system, with a sentence about each and the click that changes it."""
    told, newest = dict(table.answered), list(reversed(known))
    alike = _alike(newest, columns_of(table), own)
    free = own if own == alike else _free(own, {one.source for one in known})
    source = told.get("source") or alike or free
    before = next((one.system for one in newest if one.source == source), None)
    system = before or told.get("system") or GENERIC[table.recognised_as]
    others = list(dict.fromkeys(one.source for one in newest if one.columns != ()))
    by_name = alike == own and all(one.columns != columns_of(table) for one in newest if one.source == own)
    about = _about_source(source, [*filter(None, [alike]), free], others, told.get("source"), by_name=by_name)
    return table.kept_as(source, system, (about, _about_system(source, system, before, told.get("system"))))


def _alike(newest: Sequence[Known], columns: tuple[str, ...], own: str) -> str | None:
    """The source of an earlier log with these columns, the one called alike first; else the one of that name."""
    logs = [one for one in newest if one.columns != ()]
    same = [one.source for one in logs if one.columns in (columns, None)]
    named = [one.source for one in logs if one.source == own != UNNAMED]
    return next((source for source in same if source == own), None) or next(iter([*same, *named]), None)


def _free(name: str, taken: Collection[str]) -> str:
    """The name, or with a number behind it where another source has it."""
    number = 2
    free = name
    while free in taken:
        free = f"{name} {number}"
        number += 1
    return free


def _about_source(
    source: str, ours: Sequence[str], others: Sequence[str], told: str | None, *, by_name: bool
) -> Observation:
    """ours: what would be chosen without a word. others: the logs that are here. told: what a person says."""
    joins = source in others
    if told:
        says = f"Its events {'join' if joins else 'are kept as'} the source “{source}”, as you said."
    elif joins:
        why = "is named after a file of the same name" if by_name else "has the same columns"
        says = f"Its events join the source “{source}”, which {why}."
    else:
        says = f"Its events are kept as the source “{source}”, named after the file."
    offered = dict.fromkeys([source, *ours, *others[:OFFERED]])
    choices = {name: f"more of “{name}”" if name in others else f"a new one, “{name}”" for name in offered}
    fix = Fix("source", "--source", choices, source)
    return Observation("source", says, "fine" if told else "note", fix=fix)


def _about_system(source: str, system: str, before: str | None, told: str | None) -> Observation:
    said = SYSTEM_SAID[system]
    if told and told != system:
        says = (
            f"--system was not used: “{source}” counts as {said} since it was first imported. "
            "Take that import back to change it, or call this source something else."
        )
        return Observation("unused", says, "note", "--system not used")
    if system == "other":
        says = "Its events count for no touchpoint until you say which kind of place they come from."
    else:
        says = f"Its events count as those of {said}{', as the ones before' if before else ''}."
    fix = None if before else Fix("system", "--system", SYSTEM_SAID, system)
    return Observation("place", says, "fine" if told or before else "note", fix=fix)
