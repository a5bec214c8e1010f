"""In an event log nobody described, which columns are the customer, the event and the time?"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from journey_app.intake.cells import EMAIL, share_matching
from journey_app.intake.clues import (
    AMOUNT,
    EXACT,
    LIKELY,
    NAMES,
    OPTIONAL,
    SAYS_STATE,
    WORDS,
    Column,
    as_customer,
    as_event,
    as_time,
    by_name,
    column_of,
    holds_customers,
    holds_kinds,
    is_goods,
    is_something_else,
)
from journey_app.intake.names_of_people import (
    SHARE_OF_NEW,
    are_people,
    goes_with_customers,
    look_like_names,
    name_several,
)

BY_VALUES = 20.0  # the score of a column that only its values speak for
# What a survey asked: its answers are somebody's words, never what happened.
IS_A_QUESTION = re.compile(
    r"\?\s*$|^(how|why|what|which|would|wie|warum|was|welche|pourquoi|comment|quel|por qu\u00e9|c\u00f3mo)\b.*\s",
    re.IGNORECASE,
)
ORDER = re.compile(
    r"(?:.*_)?(?:order|basket|cart|invoice|receipt|purchase|bestell(?:ung|ungs)?|rechnungs?|belegs?|auftrags?|"
    r"commande|facture|pedido|factura|ordine|fattura)(?:_?(?:id|no|nr|num|number|nummer|numero|key|code|ref))?"
)


@dataclass(frozen=True)
class Guess:
    """Ours → place in the header; confidence (0 to 1) of the weakest of customer, event and time.

    event_name: what every row is, where the rows are of one kind. notes: what was concluded from values.
    people: columns that hold people's names.
    """

    columns: Mapping[str, int]
    customer_type: str
    confidence: float
    event_name: str | None = None
    notes: tuple[str, ...] = ()
    people: tuple[int, ...] = ()


def guess(
    header: Sequence[str],
    sample: Sequence[pa.Array],
    personal: Collection[int],
    mapped: Mapping[str, int],
    event_name: str | None = None,
) -> Guess:
    """The columns of an event log by their names and values; what a person `mapped` is taken as it is.

    sample: the first cells of each column, null where empty. personal: columns that hold names,
    addresses or free text, which are no event unless they are called so.
    """
    columns = [
        column_of(place, name, cells) for place, (name, cells) in enumerate(zip(header, sample, strict=True))
    ]
    asked = {place for place, name in enumerate(header) if IS_A_QUESTION.search(name)}
    return _guess(columns, header, {*personal, *asked}, mapped, event_name)


def _guess(
    columns: Sequence[Column],
    header: Sequence[str],
    personal: Collection[int],
    mapped: Mapping[str, int],
    event_name: str | None,
) -> Guess:
    found: dict[str, int] = dict(mapped)
    scores: list[float] = []
    notes: dict[str, str] = {}
    for ours in ("time", "customer", "event"):
        if ours in mapped or (ours == "event" and event_name):
            continue
        score, column = _best(ours, columns, found, personal)
        if column is None:
            continue
        found[ours] = column.place
        scores.append(score)
        if score < EXACT:
            name = header[column.place]
            notes[ours] = f"“{name}” was taken as the {ours} because of what its cells hold."
    if "event" not in mapped and _stands_alone(columns, found):
        del found["event"]
        notes.pop("event", None)
    found.update(optional(columns, set(found.values()), found))
    if "event" not in found and event_name is None and _is_purchases(columns, found):
        event_name = "Purchase"
        notes["event"] = (
            "No column names what happened; each row has a date and an amount, so it is a “Purchase”."
        )
        scores.append(LIKELY)
    confidence = round(min(0.98, 0.5 + min(scores, default=90) / 200), 2)
    people = tuple(people_of(columns, found))
    return Guess(found, customer_type(columns, found), confidence, event_name, tuple(notes.values()), people)


def _best(
    ours: str, columns: Sequence[Column], found: Mapping[str, int], personal: Collection[int]
) -> tuple[float, Column | None]:
    """The column that looks most like the time, the customer or the event, and how much; None where none does."""
    open_to = [c for c in columns if c.place not in found.values() and c.filled]
    if ours == "customer":
        open_to = [c for c in open_to if not _names_several(c, open_to)]
    if ours == "event":
        lines = _are_of_orders(columns)
        open_to = [
            c
            for c in open_to
            if _may_be_event(c, personal, _customers(columns, found)) and not (lines and is_goods(c))
        ]
    score = {"time": as_time, "customer": as_customer, "event": as_event}[ours]
    ranked = [(score(c), -c.place, c) for c in open_to]
    best = max(ranked, default=None, key=lambda r: r[:2])
    if best is not None and best[0] > 0:
        return best[0], best[2]
    return BY_VALUES, _by_values(ours, open_to, personal, _one_time(columns, found))


def _are_of_orders(columns: Sequence[Column]) -> bool:
    """Whether the rows name an order and an amount: then they tell of goods, not of different events."""
    orders = any(c.filled and ORDER.fullmatch(c.key) for c in columns)
    return orders and any(c.key in NAMES["amount"] and share_matching(c.cells, AMOUNT) > 0.5 for c in columns)


def _stands_alone(columns: Sequence[Column], found: Mapping[str, int]) -> bool:
    """Whether what happened was found by its values only, in a table without customers or without times."""
    if "event" not in found or {"time", "customer"} <= set(found):
        return False
    return not by_name(columns[found["event"]].key, NAMES["event"])


def _names_several(column: Column, columns: Sequence[Column]) -> bool:
    """Whether it is called after people, and the addresses in another column show that several bear one name."""
    return column.key in NAMES["person"] and any(
        name_several(column.cells, other.cells)
        for other in columns
        if other is not column and share_matching(other.cells, EMAIL) > 0.8
    )


def _customers(columns: Sequence[Column], found: Mapping[str, int]) -> pa.Array | None:
    return columns[found["customer"]].cells if "customer" in found else None


def _may_be_event(column: Column, personal: Collection[int], customers: pa.Array | None) -> bool:
    """Whether it may say what happened: not where it is called after people and its values go with them.

    Nor where its values are people, nor where it has no telling name, and there are about as many values as
    customers, each of one.
    """
    called = by_name(column.key, NAMES["event"])
    telling = called and column.key not in SAYS_STATE
    if column.key in NAMES["staff"] or (not telling and are_people(column.cells)):
        return False
    if column.key in NAMES["person"]:
        return called > 0 and not goes_with_customers(column.cells, customers, unless_shown=True)
    if column.place in personal or called:
        return called > 80
    several = customers is not None and column.distinct > SHARE_OF_NEW * pc.count_distinct(customers).as_py()
    return not (several and goes_with_customers(column.cells, customers, unless_shown=False))


def people_of(columns: Sequence[Column], found: Mapping[str, int]) -> set[int]:
    """The columns beside the customer that are called after people and hold one name for each, or colleagues."""
    free = [c for c in columns if c.place not in found.values()]
    customers = {
        c.place
        for c in free
        if c.key in NAMES["person"]
        and share_matching(c.cells, WORDS) > 0.5
        and (
            goes_with_customers(c.cells, _customers(columns, found), unless_shown=True) or are_people(c.cells)
        )
    }
    return customers | {
        c.place for c in free if c.key in NAMES["staff"] and (look_like_names(c.cells) or are_people(c.cells))
    }


def _one_time(columns: Sequence[Column], found: Mapping[str, int]) -> bool:
    """Whether there is no doubt which column is the time: the only one, or one that is called so."""
    if "time" not in found:
        return False
    return columns[found["time"]].key in NAMES["time"] or sum(as_time(c) > 0 for c in columns) == 1


def _by_values(ours: str, open_to: Sequence[Column], personal: Collection[int], sure: bool) -> Column | None:
    """The one column whose values can only be the customer or the event; None where two could be, or none.

    sure: whether the time is beyond doubt; without it nothing is concluded.
    """
    holds = {"customer": holds_customers, "event": holds_kinds}.get(ours)
    if holds is None or not sure:
        return None
    fits = [c for c in open_to if c.place not in personal and not is_something_else(c) and holds(c)]
    return fits[0] if len(fits) == 1 else None


def optional(columns: Sequence[Column], taken: set[int], found: Mapping[str, int]) -> dict[str, int]:
    """Further columns by name alone, and an e-mail column by its values."""
    extra: dict[str, int] = {}
    free = [c for c in columns if c.place not in taken and c.filled]
    for ours in OPTIONAL:
        names = NAMES[ours]
        named = [c for c in free if c.key in names and c.place not in extra.values()]
        if ours == "amount":
            named = [c for c in named if share_matching(c.cells, AMOUNT) > 0.5]
        if named and ours not in found:
            extra[ours] = min(named, key=lambda c: names.index(c.key)).place
    emails = [c for c in free if share_matching(c.cells, EMAIL) > 0.8 and c.place not in extra.values()]
    if emails and "email" not in found:
        extra["email"] = emails[0].place
    return extra


def _is_purchases(columns: Sequence[Column], found: Mapping[str, int]) -> bool:
    """A customer, one time and an amount: a purchase log."""
    times = [c for c in columns if c.filled and as_time(c)]
    return {"customer", "time", "amount"} <= set(found) and len(times) == 1


def customer_type(columns: Sequence[Column], found: Mapping[str, int]) -> str:
    """Which type of id the customer column holds; without one, rows are of users."""
    if "customer" not in found:
        return "user_id"
    column = columns[found["customer"]]
    if share_matching(column.cells, EMAIL) > 0.8:
        return "email"
    return "anonymous_id" if column.key in NAMES["anonymous_id"] else "user_id"
