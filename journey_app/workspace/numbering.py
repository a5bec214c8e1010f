"""When the customers of a log are plain numbers, whose numbers are they?

Customer 3 of a list of calls and customer 3 of a web log are one person only where both lists count the same
people. An address or a long id says so by itself, a small number does not: every list that counts begins
with 1. So a log that nobody described shares its numbers with another one where both call them the same;
numbers that its own name makes nobody's user ids stay its own; anything else is asked.
Source: docs/decisions/028-whose-numbers-are-these.md
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count

from journey_app.errors import Question, UnknownName
from journey_app.intake.meaning import GENERIC
from journey_app.intake.prepared import USER_IDS, Prepared
from journey_app.intake.prepared import WHOSE as WHOSE
from journey_app.vocabulary import Fix, Observation

KIND = "whose ids"  # of what is said about it
USER, OWN = "user", "own"
HASH_BYTES = 3  # enough to tell the sources of one workspace apart
LONGEST = 30
SHOWN = 3
SAID, BY_NAME = "As you said", "By their name"
COUNTED_AS = {
    OWN: "this source's own: the same number elsewhere is somebody else",
    USER: "your user ids: the same number elsewhere is the same person",
}
# What a column of those who use a product or buy in a shop is called, as `stem` writes it.
CALLS_A_USER = frozenset(
    {
        "user", "u", "customer", "customernumber", "customerno", "client", "member", "accountuser", "buyer",
        "shopper", "kunde", "kunden", "kundennummer", "kundennr", "cliente", "utilisateur", "usuario", "nutzer",
    }
)  # fmt: skip
YOUR_USER = frozenset({"user", "u"})  # what exports of known tools mean by the user's id
SAYS_NOTHING = frozenset({"", "number", "no", "nr", "num", "key", "index", "row", "code", "ref"})


@dataclass(frozen=True)
class Numbers:
    """A source whose customers are numbers. kind: the type of its ids. column: what its log calls them, as
    `stem` writes it; None for a known export."""

    source: str
    kind: str
    column: str | None


@dataclass(frozen=True)
class Whose:
    """What the user ids of a log are typed as (None: it has none), what is to be said of it, and what must be
    asked first."""

    kind: str | None = USER_IDS
    says: tuple[Observation, ...] = ()
    asks: Question | None = None


def stem(column: str) -> str:
    """A column's name without “id” and what stands between words: “Case ID” and “case_id” are “case”."""
    word = re.sub(r"[\W_]+", "", column.casefold())
    return re.sub(r"ids?$|^id(?=\w{3})", "", word)


def own_kind(table: Prepared, source: str, taken: Collection[str] = ()) -> str:
    """The type of ids that one source alone counts by: the name of its column and a mark of the source.

    A mark and not its name: a file, and so its source, may be named after a person. taken: the types of other
    sources, which one that was taken back may have left to them.
    """
    column = re.sub(r"[\W_]+", "_", _column(table).casefold())[:LONGEST].strip("_") or "id"
    marks = (blake2b(f"{source}{turn}".encode(), digest_size=HASH_BYTES).hexdigest() for turn in _turns())
    return next(kind for kind in (f"{column}.{mark}" for mark in marks) if kind not in taken)


def _turns() -> Iterator[str]:
    yield ""
    yield from (f" {turn}" for turn in count(2))


def whose(
    table: Prepared, source: str, before: str | None, others: Sequence[Numbers], told: str | None
) -> Whose:
    """Whose numbers the customers of a log have, or of a known export.

    before: the type of ids in earlier files of this source that counted the same way, None without one.
    others: the sources of numbers, the newest first. told: what a person said. Raises UnknownName where that
    names a source which is none of them.
    """
    if before is not None and (before != USER_IDS or table.recognised_as in GENERIC):
        return Whose(before, tuple(_as_before(table, source, before, told)))
    if table.recognised_as not in GENERIC:
        return _of_export(table, source, others, told)
    if not table.numbers:
        return Whose(table.id_type, tuple(_not_used(told, "its customers are no plain numbers")))
    kinds = {**{_choice(one): one.kind for one in others}, USER: USER_IDS}
    kinds[OWN] = own_kind(table, source, kinds.values())
    if told is not None:
        if told not in kinds:
            raise UnknownName("source of numbered customers", told, kinds)
        return Whose(kinds[told], (_about(table, told, kinds, others, SAID),))
    same = [one for one in others if _same_name(table, one)]
    alike = same[0] if len({one.kind for one in same}) == 1 else None
    if alike is not None:
        why = f"Since “{alike.source}” has the same column" if alike.column is not None else BY_NAME
        return Whose(alike.kind, (_about(table, _choice(alike), kinds, others, why),))
    if others:
        asks = _asked(table, others)
        fix = Fix("ids", WHOSE, asks.answers, OWN)
        return Whose(kinds[OWN], (Observation(KIND, asks.what, "ask", "whose numbers?", fix=fix),), asks)
    named = stem(table.customer_column)
    guess, why = (USER, BY_NAME) if named in CALLS_A_USER else (OWN, "Until you say that they are user ids")
    return Whose(kinds[guess], (_about(table, guess, kinds, others, why),))


def _of_export(table: Prepared, source: str, others: Sequence[Numbers], told: str | None) -> Whose:
    """Whose numbers a known export has: yours, by definition.

    Asked is only whether those of logs are yours too that count so by nothing but the name of their column: had the
    export come first, they would have been asked about.
    """
    by_name = [one for one in others if one.kind == USER_IDS]
    if not by_name or any(one.column not in CALLS_A_USER - YOUR_USER for one in by_name):
        return Whose(USER_IDS, tuple(_not_used(told, f"“{table.title}” says itself what its ids are")))
    kinds = {USER: USER_IDS, OWN: own_kind(table, source, [one.kind for one in others])}
    if told is not None:
        if told not in kinds:
            raise UnknownName("answer to whose numbers these are", told, kinds)
        return Whose(kinds[told], (_about(table, told, kinds, by_name, SAID),))
    asks = _asked(table, by_name)
    fix = Fix("ids", WHOSE, asks.answers, OWN)
    return Whose(kinds[OWN], (Observation(KIND, asks.what, "ask", "whose numbers?", fix=fix),), asks)


def as_usual(table: Prepared) -> tuple[Observation, ...]:
    """What is said of a known export about which nothing has to be asked any more."""
    return (Observation(KIND, f"The numbers of “{table.title}” are your user ids.", "fine"),)


def _column(table: Prepared) -> str:
    return table.customer_column if table.recognised_as in GENERIC else table.user_id_column


def _as_before(table: Prepared, source: str, before: str, told: str | None) -> Iterator[Observation]:
    """That one source counts one way, and that another answer was not used."""
    choice = USER if before == USER_IDS else OWN
    if table.numbers:
        says = f"Its customers are numbers ({_examples(table)}). As in earlier files of “{source}” they count as "
        counted = "your user ids" if choice == USER else "numbers that are not your user ids"
        yield Observation(KIND, f"{says}{counted}.")
    if told in (OWN, USER) and told != choice:
        yield from _not_used(told, f"“{source}” counts its customers as since its first import")


def _same_name(table: Prepared, other: Numbers) -> bool:
    named = stem(table.customer_column)
    if other.column is None:
        return named in YOUR_USER and other.kind == USER_IDS
    return named == other.column and named not in SAYS_NOTHING


def _choice(other: Numbers) -> str:
    """What a person says to mean the people of another source."""
    if other.kind == USER_IDS:
        return USER
    return f"source {other.source}" if other.source in (USER, OWN) else other.source


def _said(choice: str) -> str:
    if choice == OWN:
        return "other people: its own numbers"
    return "your user ids" if choice == USER else f"the same people as in “{choice}”"


def _choices(others: Sequence[Numbers]) -> dict[str, str]:
    return {choice: _said(choice) for choice in dict.fromkeys([OWN, USER, *map(_choice, others)])}


def _about(
    table: Prepared, choice: str, kinds: Mapping[str, str], others: Sequence[Numbers], why: str
) -> Observation:
    says = (
        f"Its customers are numbers ({_examples(table)}). {why}, they count as {_counted_as(choice, kinds)}."
    )
    fix = Fix("ids", WHOSE, _choices(others), choice)
    return Observation(KIND, says, "fine" if why == SAID else "note", fix=fix)


def _counted_as(choice: str, kinds: Mapping[str, str]) -> str:
    if choice in COUNTED_AS:
        return COUNTED_AS[choice]
    return f"those of “{choice}”: the same number there is the same person"


def _examples(table: Prepared) -> str:
    more = " …" if len(table.numbers) == SHOWN else ""
    return f"“{_column(table)}” {', '.join(table.numbers)}{more}"


def _asked(table: Prepared, others: Sequence[Numbers]) -> Question:
    names, number = [f"“{one.source}”" for one in others[:SHOWN]], table.numbers[0]
    there = f"{number} there" if len(names) == 1 else f"{number} in one of these"
    replies = {choice: _reply(choice, others) for choice in _choices(others)}
    return Question(
        f"The customers of “{table.file}” are numbers ({_examples(table)}), and so are those of "
        f"{' and '.join(names)}: is {number} here the same person as {there}?",
        f"Say so with {WHOSE}: {', '.join(f'{choice} ({reply})' for choice, reply in replies.items())}.",
        WHOSE,
        replies,
    )


def _reply(choice: str, others: Sequence[Numbers]) -> str:
    if choice == OWN:
        return "no, other people"
    if choice != USER:
        return f"yes, as in “{choice}”"
    users = [f"“{one.source}”" for one in others if one.kind == USER_IDS]
    if not users:
        return "no, these are your user ids"
    return "yes, both are your user ids" if len(others) == 1 else f"yes, your user ids, as in {users[0]}"


def _not_used(told: str | None, why: str) -> Iterator[Observation]:
    if told is not None:
        yield Observation("unused", f"{WHOSE} was not used: {why}.", "note", f"{WHOSE} not used")
