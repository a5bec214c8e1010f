"""How are ids, links and matchings said to somebody who knows their customers but not us?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from journey_app.analysis.identities import Chained, Identity, KnownId, Pair, Refusals
from journey_app.analysis.whatif import Reading
from journey_app.charts.text import count, percent, rate_percent, rate_span, shorten
from journey_app.vocabulary import MATCHINGS, Rate

TYPES = {
    "user_id": "User id",
    "email": "E-mail",
    "phone": "Phone",
    "anonymous_id": "Browser or device",
}
WHY = {
    "seen together": "named in the same rows",
    "identify": "a file of people names both",
    "alias": "an alias row says they are one",
    "merge": "a merge row says they are one",
}
NOT_FOLLOWED = {
    "shared id": "It sits with too many others to be one person's.",
    "role mailbox": "A desk's or a test's address with more than one person behind it.",
    "shared device": "A device on which several known customers signed in.",
    "junk id": "It says nothing: it stands where no id is known.",
    "cut off": "Cut off by a person, and no row names it alone.",
    "not stated": "Only seen beside another id; strict matching follows what files state.",
}
OFF = {
    "shared id": ("id shared by many", "ids shared by many"),
    "role mailbox": ("desk's or test's address", "desks' or tests' addresses"),
    "shared device": ("shared device", "shared devices"),
    "junk id": ("id that says nothing", "ids that say nothing"),
    "cut off": ("id cut off by a person", "ids cut off by a person"),
    "not stated": ("id that no file states", "ids that no file states"),
}
MATCHING = {
    "strict": "Strict: only what a file of people, an alias or a merge states",
    "normal": "Normal: ids in the same row, but a device joins nobody",
    "loose": "Loose: devices join, too, and limits are higher",
}
SYSTEM_WORDS = {"billing": "payers", "support": "ticket authors", "product": "named users"}


def id_rows(ids: Sequence[KnownId]) -> list[dict[str, Any]]:
    """One line an id: what it is, where and when it was seen."""
    return [
        {
            "What": type_of(each.raw_id),
            "Id": value_of(each.raw_id),
            "Rows": each.rows,
            "From": ", ".join(each.sources),
            "Systems": ", ".join(each.systems),
            "First seen (UTC)": each.first_at,
            "Last seen (UTC)": each.last_at,
        }
        for each in ids
    ]


def link_rows(links: Sequence[Pair], files: Mapping[str, str]) -> list[dict[str, Any]]:
    """One line two ids, with every reason why they are one. files: batch → the name of its file."""
    return [
        {
            "One id": value_of(pair.left),
            "Other id": value_of(pair.right),
            "Why they are one": "; ".join(dict.fromkeys(WHY.get(r.reason, r.reason) for r in pair.reasons)),
            "Rows": pair.rows,
            "From": ", ".join(dict.fromkeys(link.source for link in pair.reasons)),
            "First row": "; ".join(
                f"{files.get(link.batch_id, link.batch_id)}, row {count(link.row)}" for link in pair.reasons
            ),
        }
        for pair in links
    ]


def refused_rows(ids: Sequence[KnownId]) -> list[dict[str, Any]]:
    return [
        {
            "What": type_of(each.raw_id),
            "Id": value_of(each.raw_id),
            "Why it joins nobody": NOT_FOLLOWED.get(each.refused or "", each.refused),
            "Seen with": each.would_join,
            "Within a day": each.in_a_day or None,
            "Rows": each.rows,
            "From": ", ".join(each.sources),
        }
        for each in ids
    ]


def chained_rows(found: Sequence[Chained]) -> list[dict[str, Any]]:
    return [{"Customer": each.label, "Id": value_of(each.key), "Ids": each.ids} for each in found]


def off_lines(off: Sequence[Refusals]) -> list[str]:
    """Why ids join nobody: each reason with its count, what it means and an example."""
    return [
        f"{_off_name(each.reason, each.ids)}, such as {said(each.example)}: {_meaning(each.reason)}"
        for each in off
    ]


def _off_name(reason: str, ids: int) -> str:
    one, many = OFF.get(reason, (reason, reason))
    return f"{count(ids)} {one if ids == 1 else many}"


def _meaning(reason: str) -> str:
    words = NOT_FOLLOWED.get(reason, reason)
    return words[:1].lower() + words[1:]


def type_of(raw_id: str) -> str:
    kind, dot, _source = raw_id.partition(":")[0].partition(".")
    said = TYPES.get(kind, kind.replace("_", " ").capitalize())
    return (
        f"{said} (own)" if dot else said
    )  # of one source alone: docs/decisions/028-whose-numbers-are-these.md


def value_of(raw_id: str) -> str:
    return raw_id.partition(":")[2]


def said(raw_id: str) -> str:
    """“E-mail ana@example.com”."""
    return f"{type_of(raw_id)} {shorten(value_of(raw_id), 60)}"


def beside_sentence(who: Identity) -> str:
    """Ids in the same rows that are somebody else's; empty when there are none."""
    others = [each for each in who.beside if each.refused is None]
    if not others:
        return ""
    names = ", ".join(said(each.raw_id) for each in others[:5])
    more = f" and {count(len(others) - 5)} more" if len(others) > 5 else ""
    return f"In the same rows, but somebody else's: {names}{more}."


def matching_claim(found: Mapping[str, Reading], chosen: str) -> str:
    """What changes if ids are joined another way."""
    if chosen not in found:
        return f"Ids are joined the {chosen} way here."
    mine = found[chosen]
    others = [name for name in MATCHINGS if name != chosen and name in found]
    if mine.goal is None or any(found[name].goal is None for name in others):
        parts = [f"{count(found[name].customers)} under {name}" for name in others]
        return f"{count(mine.customers)} customers under {chosen} matching; {', '.join(parts)}."
    if all(_same(found[name].goal, mine.goal) for name in others):
        return f"However ids are joined, the goal reads {rate_percent(mine.goal)}."
    parts = [f"{rate_percent(found[name].goal)} under {name}" for name in others]
    return f"The goal reads {rate_percent(mine.goal)} under {chosen} matching; {', '.join(parts)}."


def _same(one: Rate | None, other: Rate | None) -> bool:
    return rate_percent(one) == rate_percent(other)


def matching_rows(found: Mapping[str, Reading], chosen: str) -> list[dict[str, Any]]:
    """One line a number, one column a matching."""
    names = [name for name in MATCHINGS if name in found]

    def row(what: str, cells: Mapping[str, str]) -> dict[str, Any]:
        return {"": what, **{_heading(name, chosen): cells[name] for name in names}}

    rows = [
        row(
            "Goal, with its range",
            {n: _goal(found[n].goal) for n in names},
        ),
        row("Customers", {n: count(found[n].customers) for n in names}),
        row("of them known by name", {n: count(found[n].known) for n in names}),
        row("Ids that join nobody", {n: count(found[n].refused) for n in names}),
    ]
    for reason in dict.fromkeys(each.reason for name in names for each in found[name].off):
        ids = {name: sum(o.ids for o in found[name].off if o.reason == reason) for name in names}
        rows.append(row(f"of them {OFF.get(reason, ('', reason))[1]}", {n: count(ids[n]) for n in names}))
    pairs = dict.fromkeys((m.system, m.other) for name in names for m in found[name].matches)
    for system, other in pairs:
        cells = {name: _match(found[name], system, other) for name in names}
        rows.append(row(f"{SYSTEM_WORDS.get(system, system).capitalize()} known in {_home(other)}", cells))
    return rows


def _goal(rate: Rate | None) -> str:
    return f"{rate_percent(rate)} ({rate_span(rate)})" if rate else rate_percent(rate)


def _heading(name: str, chosen: str) -> str:
    return f"{name.capitalize()} (in force)" if name == chosen else name.capitalize()


def _home(other: str) -> str:
    return {"crm": "the CRM", "product": "the product", "billing": "billing"}.get(other, other)


def _match(found: Reading, system: str, other: str) -> str:
    match = next((m for m in found.matches if (m.system, m.other) == (system, other)), None)
    if match is None or not match.customers:
        return "–"
    return f"{percent(match.matched / match.customers)} ({count(match.matched)} of {count(match.customers)})"
