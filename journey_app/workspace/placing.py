"""Which source, and which kind of system, do the events of a log belong to that nobody described?

An exporter we know is its own source. A log we do not know is a source named after its file, and the next
file of that name is more of it; where the name says nothing, the columns for customer, event and time
decide. One source is one kind of system. A person's word counts before all that, and what is here under one
source is not stored under another.
Source: docs/decisions/026-which-source-an-unknown-log-is.md
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from journey_app.engine.overlaps import Elsewhere, numbers_by
from journey_app.errors import BadChoice, UnknownName
from journey_app.intake.cells import normal_name
from journey_app.intake.meaning import GENERIC
from journey_app.intake.people import KEY as PEOPLE
from journey_app.intake.periods import month_named
from journey_app.intake.prepared import USER_IDS, Prepared
from journey_app.vocabulary import SYSTEMS, Fix, Observation
from journey_app.workspace.numbering import KIND, WHOSE, Numbers, Whose, stem, whose
from journey_app.workspace.remembering import MAIN, source_in
from journey_app.workspace.source_names import tidy
from journey_app.workspace.workspace import Workspace

SETTLED = ("source", "place", KIND)  # kinds of what is said about all this
UNNAMED = "Event log"  # where the file's name says nothing
LONGEST = 60
MOST_BY_CHANCE = 0.01  # of the events of two logs that are of different places
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
_SAYS_WHEN_OR_NOTHING = frozenset(
    {
        "first", "second", "third", "fourth", "part", "one", "two", "three", "four", "next", "later", "more", "again",
        "old", "older", "newer", "last", "rest", "all", "sheet", "tabelle", "feuil", "hoja", "data", "export",
        "download", "copy", "final", "new", "kw", "week", "woche", "semaine", "semana", "quarter", "quartal", "month",
        "monat", "mois", "mes", "year", "jahr",
    }
)  # fmt: skip
_MONTHS_CUT_SHORT = frozenset(
    {"jan", "feb", "fev", "mar", "mär", "mrz", "apr", "avr", "abr", "mai", "may", "jun", "jul", "aug", "sep", "okt",
     "oct", "out", "nov", "dez", "dec", "déc", "fév"}
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What is in the workspace or comes before in the same import.

    columns: as `columns_of`; empty for what is no such log. None where it was stored before they were noted,
    when all logs were one source: it fits every log. called: what its file is called, as `name_of`. ids: what
    the ids of its customers are typed as; None where they are no user ids. column: that of its customers.
    numbered: whether those are plain numbers.
    """

    source: str
    system: str
    columns: tuple[str, ...] | None
    called: str
    ids: str | None
    column: str | None
    numbered: Callable[[], bool]


def placed(space: Workspace, tables: Sequence[Prepared], *, anew: bool = False) -> list[Prepared]:
    """The same tables, in their order, each log that nobody described under its source and system.

    A table keeps the source it was shown with, unless `anew`: then as if it had not been looked at, and what
    was said of it was said of it alone. Otherwise an answer about whose numbers the customers are was given for
    all tables, and counts for those that need one; where none does, for all.
    Raises UnknownName where such an answer names no source, unless `anew`: then it is asked again.
    """
    every = anew or not _any_asks(space, tables)
    return _all_placed(space, tables, anew, partial(_as_said if every else _as_needed, lenient=anew))


def _any_asks(space: Workspace, tables: Sequence[Prepared]) -> bool:
    """Whether any table needs to be told whose numbers its customers are, where something was said of that."""
    if len(tables) < 2 or not any(table.told("ids") for table in tables):
        return False
    return any(_asks(table) for table in _all_placed(space, tables, False, _unsaid))


def _all_placed(
    space: Workspace, tables: Sequence[Prepared], anew: bool, settle: Callable[..., Whose]
) -> list[Prepared]:
    known = list(_known(space))
    found = []
    for table in tables:
        if table.recognised_as in GENERIC and not table.missing and (anew or not table.settled):
            own = space.batch_files.forgotten().named(name_of(table.file))
            table = _placed(table, known, own, settle)
        known.append(_as_known(table))
        found.append(table)
    return found


def _asks(table: Prepared) -> bool:
    return table.question is not None and table.question.option == WHOSE


def _unsaid(table: Prepared, source: str, before: str | None, others: Sequence[Numbers]) -> Whose:
    return whose(table, source, before, others, None)


def _as_said(
    table: Prepared, source: str, before: str | None, others: Sequence[Numbers], *, lenient: bool
) -> Whose:
    try:
        return whose(table, source, before, others, table.told("ids"))
    except UnknownName:
        if not lenient:
            raise
        return _unsaid(table, source, before, others)  # the source it named was left out, or taken back


def _as_needed(
    table: Prepared, source: str, before: str | None, others: Sequence[Numbers], *, lenient: bool
) -> Whose:
    unsaid = _unsaid(table, source, before, others)
    return unsaid if unsaid.asks is None else _as_said(table, source, before, others, lenient=lenient)


def joined(table: Prepared, events: int, elsewhere: Sequence[Elsewhere]) -> Prepared | None:
    """The table as more of the source that holds events of it already; None where none does.

    events: how many it gives. elsewhere: as `overlaps.elsewhere`, of those events.
    Raises BadChoice where a person says that it is another source: they would count twice.
    """
    there = next(iter(elsewhere), None)
    if table.recognised_as not in GENERIC or there is None or there.events < MOST_BY_CHANCE * events:
        return None
    source, system, held = there.source, there.system, there.events
    these = "all its events are" if held == events else f"{held:,} of its {events:,} events are"
    if table.told("source"):
        raise BadChoice(
            f"“{table.file}” would be the source “{table.source}”, but {these} here as “{source}” already: "
            "they would count twice.",
            f"Leave it in that source (--source “{source}”), or take that import back first.",
        )
    says = f"Its events join the source “{source}”: {these} there already."
    about_system = _about_system(source, system, system, table.told("system"))
    told = table.told("ids")
    ids = whose(table, source, there.ids, (), told) if there.ids and table.id_type else Whose(table.id_type)
    about = (Observation("source", says, "note"), about_system, *ids.says)
    return table.kept_as(source, system, about, ids=ids.kind)


def checked_source(name: str) -> str:
    """What a person calls a source, as it is kept. Raises BadChoice for what nobody could read on a page."""
    tidied = tidy(name)
    if not tidied or len(tidied) > LONGEST or not tidied.isprintable():
        raise BadChoice(
            f"A source cannot be called “{''.join(c for c in tidied if c.isprintable())[:LONGEST]}”.",
            f"Give it a name of 1 to {LONGEST} letters, digits and signs that can be seen, such as “web log”.",
        )
    return tidied


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
        told = [word for word in map(_word, _BETWEEN.split(_ENDING.sub("", part))) if word]
        if "@" not in part and any(c.isalpha() for c in "".join(told)):
            return " ".join(told)[:LONGEST].rstrip()
    return UNNAMED


def _word(written: str) -> str:
    """A word of a file's name without the numbers around it; empty for one that says when, or nothing."""
    word = written.strip("0123456789")
    says_nothing = len(word) == 1 and word.isascii()  # such as a, q1, v2
    short = word.casefold()
    a_month = (len(short) > 3 or short in _MONTHS_CUT_SHORT) and month_named(short) is not None
    return "" if says_nothing or a_month or short in _SAYS_WHEN_OR_NOTHING else word


def _columns(table: Prepared) -> tuple[str, ...]:
    return columns_of(table) if table.recognised_as in GENERIC else ()


def _known(space: Workspace) -> Iterator[Known]:
    """Every import in force; what a known exporter wrote is like no log, but its source is taken."""
    for document in space.batches():
        body = document.body
        kind = body["report"]["recognised_as"]
        source, columns = source_in(body), body.get("columns")
        if kind not in GENERIC:
            columns = ()
        elif columns is None and source not in GENERIC:
            columns = ()  # stored before columns were noted, under a name that a person gave
        ids = body.get("ids", USER_IDS)
        yield Known(
            source,
            body["system"],
            None if columns is None else tuple(columns),
            body.get("called") or source,
            ids,
            _customer_of(columns) if kind in GENERIC else None,
            partial(_counts, space, document.doc_id, ids, body.get("numbered")),
        )


def _as_known(table: Prepared) -> Known:
    generic = table.recognised_as in GENERIC
    return Known(
        table.source,
        table.system,
        _columns(table),
        name_of(table.file),
        table.id_type,
        stem(table.customer_column) if generic else None,
        lambda: bool(table.numbers),
    )


def _customer_of(columns: Sequence[str] | None) -> str:
    """The column of the customers among those a log is known by; empty where it was not noted."""
    named = (one.partition("=")[2] for one in columns or () if one.startswith("customer="))
    return stem(next(named, ""))


def _counts(space: Workspace, batch: str, ids: str | None, noted: bool | None) -> bool:
    """Whether the customers of an import in force are plain numbers. noted: None where nobody looked then."""
    if ids is None or noted is not None:
        return bool(noted)
    return numbers_by(space.batch_files, batch, ids)


def _numbers(newest: Sequence[Known]) -> tuple[Numbers, ...]:
    """Every source that numbers its customers, by the newest import that does."""
    others: dict[str, Numbers] = {}
    for one in newest:
        if one.ids and one.source not in others and one.numbered():
            others[one.source] = Numbers(one.source, one.ids, one.column)
    return tuple(others.values())


def _placed(table: Prepared, known: Sequence[Known], own: str, settle: Callable[..., Whose]) -> Prepared:
    """One log under its source and system, with a sentence about each and the click that changes it."""
    newest = list(reversed(known))
    source, why = _source_of(newest, columns_of(table), own)
    free = _free(own, {one.source for one in known})
    said = table.told("source")
    if said:
        source, why = said, "as you said"
    before = next((one.system for one in newest if one.source == source), None)
    told = table.told("system")
    system = before or told or GENERIC[table.recognised_as]
    logs = list(dict.fromkeys(one.source for one in newest if one.columns != ()))
    about = [_about_source(source, why, free, logs)]
    if table.recognised_as != PEOPLE:  # no event comes of it, so nothing counts for any place
        about.append(_about_system(source, system, before, told))
    ids = _whose(table, source, newest, settle)
    return table.kept_as(source, system, (*about, *ids.says), ids=ids.kind, asks=ids.asks)


def _whose(table: Prepared, source: str, newest: Sequence[Known], settle: Callable[..., Whose]) -> Whose:
    """Whose ids the customers of a log have, as `numbering.whose`.

    A source counts as it did once it has counted, by a column of the same name: another one, or numbers after
    words, may be somebody else's.
    """
    if table.id_type is None:
        return settle(table, source, None, ())
    earlier = [one for one in newest if one.source == source and one.ids]
    if not table.numbers:
        return settle(table, source, earlier[0].ids if earlier else None, ())
    named = stem(table.customer_column)
    alike = (one.ids for one in earlier if one.column == named and one.numbered())
    before = next(alike, None)
    return settle(table, source, before, () if before else _numbers(newest))


def _source_of(newest: Sequence[Known], columns: tuple[str, ...], own: str) -> tuple[str, str]:
    """The source of a log, and why. newest: the newest import first. own: what its file is called."""
    logs = [one for one in newest if one.columns != ()]
    old = next((one.source for one in logs if one.columns is None), None)
    if old is not None:
        return old, "as all logs did when it was first imported"
    if own == UNNAMED:
        alike = next((one.source for one in logs if one.columns == columns), None)
        if alike is not None:
            return alike, "which has the same columns"
        return _free(own, {one.source for one in newest}), "since its file's name says nothing"
    for one in logs:
        if _folded(one.source) == _folded(own) or (
            one.columns == columns and _folded(one.called) == _folded(own)
        ):
            return one.source, "by the name of its file"
    return _free(own, {one.source for one in newest}), "named after its file"


def _folded(name: str) -> str:
    """What two names share that differ in capitals, or in how a system writes accents."""
    return unicodedata.normalize("NFC", name).casefold()


def _free(name: str, taken: Collection[str]) -> str:
    """The name, or with a number behind it where another source has it."""
    number = 2
    free = name
    while free in taken:
        free = f"{name} {number}"
        number += 1
    return free


def _about_source(source: str, why: str, free: str, logs: Sequence[str]) -> Observation:
    """free: a name that no source has yet. logs: the sources of unknown logs that are here, newest first."""
    joins = source in logs
    says = f"Its events {'join' if joins else 'are kept as'} the source “{source}”, {why}."
    offered = dict.fromkeys([source, *([] if source == free else [free]), *logs[:OFFERED]])
    choices = {name: f"more of “{name}”" if name in logs else f"a new one, “{name}”" for name in offered}
    fix = Fix("source", "--source", choices, source)
    return Observation("source", says, "fine" if why == "as you said" else "note", fix=fix)


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
