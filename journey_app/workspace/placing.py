"""Which source, and which kind of system, do the events of a log belong to that nobody described?

An exporter we know is its own source. A log we do not know is a source named after its file, and the next
file of that name is more of it; where the name says nothing, the columns for customer, event and time
decide. One source is one kind of system. A person's word counts before all that, and what is here under one
source is not stored under another.
Source: docs/decisions/026-which-source-an-unknown-log-is.md
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from journey_app.engine.overlaps import Elsewhere, numbers_by
from journey_app.errors import BadChoice, UnknownName
from journey_app.intake.cells import normal_name
from journey_app.intake.meaning import GENERIC
from journey_app.intake.people import KEY as PEOPLE
from journey_app.intake.prepared import USER_IDS, Prepared
from journey_app.vocabulary import SYSTEMS, Fix, Observation
from journey_app.workspace.file_names import LONGEST, folded, name_before_folders, system_said
from journey_app.workspace.file_names import UNNAMED as UNNAMED
from journey_app.workspace.file_names import name_of as name_of
from journey_app.workspace.numbering import KIND, WHOSE, Numbers, Whose, as_usual, stem, whose
from journey_app.workspace.read_before import read_as_earlier
from journey_app.workspace.remembering import MAIN, source_in
from journey_app.workspace.source_names import tidy
from journey_app.workspace.workspace import Workspace

SETTLED = ("source", "place", KIND)  # kinds of what is said about all this
MOST_BY_CHANCE = 0.01  # of the events of two logs that are of different places
OFFERED = 5  # other sources that one click may choose
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


@dataclass(frozen=True)
class Known:
    """What is in the workspace or comes before in the same import.

    columns: as `columns_of`; empty for what is no such log. None where it was stored before they were noted,
    when all logs were one source: it fits every log. called: what its file is called, as `name_of`. ids: what
    the ids of its customers are typed as; None where they are no user ids. column: that of its customers;
    None for a known export. numbered: whether those are plain numbers. noted: whether its columns were noted when
    it was stored, as they are since logs are told apart. eventful: whether events come of it, as of no list of people.
    """

    source: str
    system: str
    columns: tuple[str, ...] | None
    called: str
    ids: str | None
    column: str | None
    numbered: Callable[[], bool]
    noted: bool = True
    eventful: bool = True


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
        if table.missing or (table.settled and not anew):
            pass
        elif table.recognised_as in GENERIC:
            named = space.batch_files.forgotten().named
            names = (named(name_of(table.file)), named(name_before_folders(table.file)))
            table = _placed(table, known, names, settle)
        elif table.numbers:
            table = _export_placed(table, known, settle)
        elif table.context is not None:
            table = _report_placed(table, {one.source for one in known})
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


def _columns(table: Prepared) -> tuple[str, ...]:
    return columns_of(table) if table.recognised_as in GENERIC else ()


def _known(space: Workspace) -> Iterator[Known]:
    """Every import in force; what a known exporter wrote is like no log, but its source is taken."""
    for document in space.batches():
        body = document.body
        kind = body["report"]["recognised_as"]
        source, columns = source_in(body), body.get("columns")
        noted = columns is not None
        if kind not in GENERIC:
            columns = ()
        elif columns is None and source not in GENERIC:
            columns = ()  # stored before columns were noted, under a name that a person gave
        ids = body.get("ids", USER_IDS)
        yield Known(
            source,
            body["system"],
            None if columns is None else tuple(columns),
            body.get("called") or (source if noted else name_of(body["report"]["file"])),
            ids,
            _customer_of(columns) if kind in GENERIC else None,
            partial(_counts, space, document.doc_id, ids, body.get("numbered")),
            noted or kind not in GENERIC,
            kind != PEOPLE,
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
        eventful=table.recognised_as != PEOPLE,
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


def _placed(
    table: Prepared, known: Sequence[Known], names: tuple[str, str], settle: Callable[..., Whose]
) -> Prepared:
    """One log under its source and system, with a sentence about each and the click that changes it.

    names: what its file is called, and what it was called when months in folders were part of it.
    """
    newest = list(reversed(known))
    earlier = list(_earlier(table, names[0], newest))
    table, unclear = read_as_earlier(table, columns_of(table), earlier)
    source, why = _source_of(newest, columns_of(table), names)
    free = _free(names[0], {one.source for one in known})
    said = table.told("source")
    if said:
        source, why = said, "as you said"
    before = next((one.system for one in newest if one.source == source and one.eventful), None)
    told = table.told("system")
    named = system_said(source, amounts="amount" in table.mapping)
    system = before or told or named or GENERIC[table.recognised_as]
    logs = list(dict.fromkeys(one.source for one in newest if one.columns != ()))
    about = [_about_source(source, why, free, logs)]
    if table.recognised_as != PEOPLE:  # no event comes of it, so nothing counts for any place
        about.append(_about_system(source, system, before, told, by_name=system == named))
    ids = _whose(table, source, names[0], newest, settle)
    about += [Observation("columns", unclear.what, "ask", "what happened?")] if unclear else []
    return table.kept_as(source, system, (*about, *ids.says), ids=ids.kind, asks=unclear or ids.asks)


def _earlier(table: Prepared, own: str, newest: Sequence[Known]) -> Iterator[tuple[str, ...]]:
    """The columns of earlier files that are called so, or of the source it is said to be of."""
    told = table.told("source")
    for one in newest:
        same = folded(one.called) == folded(own) or (one.source == told and "event" not in table.mapping)
        if one.columns and same:
            yield one.columns


def _export_placed(table: Prepared, known: Sequence[Known], settle: Callable[..., Whose]) -> Prepared:
    """A known export, which has its source and system, with what must be asked about its numbers."""
    newest = list(reversed(known))
    earlier = (one.ids for one in newest if one.source == table.source and one.column is None)
    before = next(filter(None, earlier), None)
    ids = settle(table, table.source, before, () if before else _numbers(newest))
    if not ids.says and not table.settled:
        return table
    return table.kept_as(table.source, table.system, ids.says or as_usual(table), ids=ids.kind, asks=ids.asks)


def _report_placed(table: Prepared, taken: Collection[str]) -> Prepared:
    """A report without people, with the choice whether it is of another account than those that are here."""
    usual, source = table.recognised_as, table.source
    if usual not in taken:
        return table
    offered = dict.fromkeys((usual, source, _free(usual, taken)))
    choices = {name: f"{'more of' if name in taken else 'another account,'} “{name}”" for name in offered}
    kept = "join" if source in taken else "are kept as"
    said = ", as you said" if table.told("source") else ""
    says = f"Its numbers {kept} the source “{source}”{said}."
    about = Observation(
        "source", says, "fine" if said else "note", fix=Fix("source", "--source", choices, source)
    )
    return table.kept_as(source, table.system, (about,))


def _whose(
    table: Prepared, source: str, own: str, newest: Sequence[Known], settle: Callable[..., Whose]
) -> Whose:
    """Whose ids the customers of a log have, as `numbering.whose`. own: what its file is called.

    A source counts as it did once it has counted, by a column of the same name: another one, or numbers after
    words, may be somebody else's. What was stored before columns were noted goes on by its source or name.
    """
    if table.id_type is None:
        return settle(table, source, None, ())
    earlier = [one for one in newest if one.source == source and one.ids]
    if not table.numbers:
        return settle(table, source, earlier[0].ids if earlier else None, ())
    named = stem(table.customer_column)
    alike = (one.ids for one in earlier if one.column == named and one.numbered())
    before = next(alike, None)
    if before is None and (old := _unnoted(newest, source, own)) is not None:
        return settle(table, old.source, old.ids, ())
    return settle(table, source, before, () if before else _numbers(newest))


def _unnoted(newest: Sequence[Known], source: str, own: str) -> Known | None:
    """The newest import of this source, or of a file called so, whose customers were numbers before anybody
    noted which column they were: numbers were user ids then."""
    for one in newest:
        called = own != UNNAMED and folded(one.called) == folded(own)
        if not one.noted and one.ids == USER_IDS and (one.source == source or called) and one.numbered():
            return one
    return None


def _source_of(newest: Sequence[Known], columns: tuple[str, ...], names: tuple[str, str]) -> tuple[str, str]:
    """The source of a log, and why. newest: the newest import first. names: as for `_placed`."""
    own, before_folders = names
    logs = [one for one in newest if one.columns != ()]
    old = next((one.source for one in logs if one.columns is None), None)
    if old is not None:
        return old, "as all logs did when it was first imported"
    if before_folders != own and (one := _called(logs, columns, before_folders)):
        return one.source, "by the name of its file"
    if own == UNNAMED:
        alike = next((one.source for one in logs if one.columns == columns), None)
        if alike is not None:
            return alike, "which has the same columns"
        return _free(own, {one.source for one in newest}), "since its file's name says nothing"
    if one := _called(logs, columns, own):
        return one.source, "by the name of its file"
    return _free(own, {one.source for one in newest}), "named after its file"


def _called(logs: Sequence[Known], columns: tuple[str, ...], name: str) -> Known | None:
    """The newest log whose source is called so, or whose file was and which has the same columns."""
    for one in logs:
        same = one.columns == columns and folded(one.called) == folded(name)
        if name != UNNAMED and (same or folded(one.source) == folded(name)):
            return one
    return None


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


def _about_system(
    source: str, system: str, before: str | None, told: str | None, *, by_name: bool = False
) -> Observation:
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
        named = f", as “{source}” says" if by_name and not told else ""
        says = f"Its events count as those of {said}{', as the ones before' if before else named}."
    fix = None if before else Fix("system", "--system", SYSTEM_SAID, system)
    return Observation("place", says, "fine" if told or before else "note", fix=fix)
