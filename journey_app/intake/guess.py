"""In an event log nobody described, which columns are the customer, the event and the time?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from journey_app.intake.cells import EMAIL, EXCEL_DAMAGE, share_matching
from journey_app.intake.date_order import date_evidence
from journey_app.intake.names_of_people import (
    MOST_KINDS,
    SHARE_OF_NEW,
    are_people,
    goes_with_customers,
    look_like_names,
    name_several,
)
from journey_app.intake.times import share_of_times

NAMES = {
    ours: tuple(words.split())
    for ours, words in tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8")).items()
}
OPTIONAL = ("anonymous_id", "channel", "device", "amount", "currency", "text", "session", "account")
NOT_A_CUSTOMER = re.compile(
    r"event|message|row|index|session|product|item|page|order|org|resource|unnamed|column|app_|"
    r"portal|owner|agent|assignee|group|brand|campaign|sample|test"
)
ENDS_SOMETHING = re.compile(
    r"end|deadline|due|plan|birth|expir|expected|until|updat|modif|last|upload|received|sync"
)
SAYS_TIME = re.compile(
    r"(date|time|stamp|day|when|datum|zeit|fecha|epoch|_at|^at|^ts|_ts)(_utc)?$|^(date|time)|_ms$|^ms$|^us$"
)
EXACT, LIKELY = 60.0, 25.0
BY_A_NAME = 30.0  # the score of people's names as ids: any id beside them is a better one
BY_VALUES = 20.0  # the score of a column that only its values speak for
FEWEST_ROWS = 6  # below it, what repeats may do so by chance
# Dates that are no step: what is planned or due, and when a row was last touched.
NO_STEP = re.compile(
    r"deadline|due|plan|birth|expir|expected|estimat|forecast|until|valid|renew|next|target|schedul|"
    r"updat|modif|touch|sync|upload|export|import|load|extract|current_period|established|_end_planned"
)
# Names of times that a row may have beside other dates: its own first step, not when “it” happened.
SAYS_STEP = re.compile(r"^(created|started|start|sent|received|registered|ordered|opened)|^date$")
# Columns that are called like an event but hold where a thing stands now.
SAYS_STATE = frozenset({"status", "stage", "state", "type", "name", "page", "step", "operation"})
# Names of things: what a row is about, which is not what happened.
SAYS_A_THING = re.compile(
    r"(^|_)(products?|items?|sku|artikel\w*|articles?|produkt\w*|produits?|productos?|art\u00edculos?|ware)(_|$)"
)
NO_JOURNEY = re.compile(
    r"campaign|product|item|page|org|resource|portal|owner|agent|group|brand|coupon|store|sku"
)
ONE_EACH_FROM = 3  # rows, from which on ids that never repeat tell things apart
CODE = (
    r"^[A-Za-z]{1,12}[-_:.#/]?\d[\w.:-]*$|^\d+[-_:.#]?[A-Za-z][\w.:-]*$|^[0-9a-fA-F]{4,}(-[0-9a-fA-F]{2,})+$"
)
WORDS = r"^[^\W\d_][^\d@]{2,59}$"
NAMES_A_THING = re.compile(
    r"sku|article|artikel|version|plan|code|ref|ticket|invoice|coupon|price|zip|plz|room|seat"
)
# What a survey asked: its answers are somebody's words, never what happened.
IS_A_QUESTION = re.compile(
    r"\?\s*$|^(how|why|what|which|would|wie|warum|was|welche|pourquoi|comment|quel|por qu\u00e9|c\u00f3mo)\b.*\s",
    re.IGNORECASE,
)
NO_NAME = re.compile(r"column_\d+$")  # what a column is called in a file without a row of names
COMPACT_DAY = r"^(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$"
MOSTLY = 0.98  # of a sample; a stray cell does not make it something else
GROUPED = (
    r"[\d.,'’\s\x{a0}\x{202f}]*"  # digits with their marks; French exports group by spaces that do not break
)
AMOUNT = rf"^\D{{0,4}}\d{GROUPED}\D{{0,4}}$"
MONEY = rf"^([-+]?(\p{{Sc}}|[A-Z]{{3}})[ \x{{a0}}\x{{202f}}]?)?[-+]?\d{GROUPED}(\p{{Sc}}|[A-Z]{{3}}|kr|zł)?$"
ORDER = re.compile(
    r"(?:.*_)?(?:order|basket|cart|invoice|receipt|purchase|bestell(?:ung|ungs)?|rechnungs?|belegs?|auftrags?|"
    r"commande|facture|pedido|factura|ordine|fattura)(?:_?(?:id|no|nr|num|number|nummer|numero|key|code|ref))?"
)


@dataclass(frozen=True)
class Column:
    """What a sample says about one column.

    key: its name for comparing. filled, distinct: how many cells are filled, and with how many values.
    """

    place: int
    key: str
    cells: pa.Array
    filled: int
    distinct: int

    @property
    def share(self) -> float:
        return self.distinct / self.filled if self.filled else 0.0


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


def key_of(name: str) -> str:
    """“case:concept:name” and “Case Concept-Name” are case_concept_name; “userID” is user_id."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return re.sub(r"[^\w]+|_+", "_", words.casefold()).strip("_")


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
        _column(place, name, cells) for place, (name, cells) in enumerate(zip(header, sample, strict=True))
    ]
    asked = {place for place, name in enumerate(header) if IS_A_QUESTION.search(name)}
    return _guess(columns, header, {*personal, *asked}, mapped, event_name)


@dataclass(frozen=True)
class Steps:
    """A table whose rows hold several dates: ours → place, and the places of the dates that may be steps.

    status: the column whose word the last step ends in. record: the column of the thing that takes
    the steps, where somebody else is the customer. people: columns that hold people's names.
    """

    columns: Mapping[str, int]
    steps: tuple[int, ...]
    customer_type: str
    status: int | None = None
    record: int | None = None
    notes: tuple[str, ...] = ()
    people: tuple[int, ...] = ()


def guess_steps(
    header: Sequence[str], sample: Sequence[pa.Array], personal: Collection[int], mapped: Mapping[str, int]
) -> Steps | None:
    """The steps of a table with several dates per row; None where one column says when and another what.

    Dates that are planned, due, or say when a row was last touched are no steps.
    """
    columns = [
        _column(place, name, cells) for place, (name, cells) in enumerate(zip(header, sample, strict=True))
    ]
    dates = [c for c in columns if c.filled and _as_time(c) > 0]
    steps = [c for c in dates if not NO_STEP.search(c.key)]
    names_what = any(_by_name(c.key, NAMES["event"]) and c.key not in SAYS_STATE for c in columns if c.filled)
    names_when = any(c.key in NAMES["time"] and not SAYS_STEP.search(c.key) for c in dates)
    if len(steps) < 2 or names_what or names_when:
        return None
    free = [c for c in columns if c.place not in {d.place for d in dates}]
    found = {ours: place for ours, place in mapped.items() if ours not in ("event", "time")}
    one_each = [c for c in free if c.filled >= ONE_EACH_FROM and c.share > 0.98 and _is_an_id(c)]
    ranked = [(_as_customer(c), -c.place, c) for c in free if _as_customer(c) > 0]
    if "customer" not in found and ranked:
        found["customer"] = max(ranked, key=lambda r: r[:2])[2].place
    elif "customer" not in found and one_each:
        found["customer"] = one_each[0].place
    found.update(_optional(free, set(found.values()), found))
    record = next((c.place for c in one_each if c.place != found.get("customer")), None)
    status = next((c.place for c in free if c.place not in found.values() and _is_status(c)), None)
    skipped = [header[d.place] for d in dates if d not in steps]
    notes = (f"Not taken as steps: {', '.join(f'“{name}”' for name in skipped)}.",) if skipped else ()
    places = tuple(c.place for c in steps)
    people = tuple(_people(columns, found) - {status, record})
    return Steps(found, places, _customer_type(columns, found), status, record, notes, people)


def _is_an_id(column: Column) -> bool:
    """Whether its name says that it tells things apart, and they are things that may take steps."""
    named = column.key == "id" or column.key.endswith(("_id", "_no", "_number", "_key"))
    return named and not NO_JOURNEY.match(column.key)


def _is_status(column: Column) -> bool:
    """A column called a status or stage that holds a few words."""
    called = bool(re.search(r"status|stage|state$|outcome|result$", column.key))
    return called and 1 < column.distinct <= MOST_KINDS and share_matching(column.cells, MONEY) < 0.5


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
    found.update(_optional(columns, set(found.values()), found))
    if "event" not in found and event_name is None and _is_purchases(columns, found):
        event_name = "Purchase"
        notes["event"] = (
            "No column names what happened; each row has a date and an amount, so it is a “Purchase”."
        )
        scores.append(LIKELY)
    confidence = round(min(0.98, 0.5 + min(scores, default=90) / 200), 2)
    people = tuple(_people(columns, found))
    return Guess(found, _customer_type(columns, found), confidence, event_name, tuple(notes.values()), people)


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
            if _may_be_event(c, personal, _customers(columns, found)) and not (lines and _is_goods(c))
        ]
    score = {"time": _as_time, "customer": _as_customer, "event": _as_event}[ours]
    ranked = [(score(c), -c.place, c) for c in open_to]
    best = max(ranked, default=None, key=lambda r: r[:2])
    if best is not None and best[0] > 0:
        return best[0], best[2]
    return BY_VALUES, _by_values(ours, open_to, personal, _one_time(columns, found))


def _are_of_orders(columns: Sequence[Column]) -> bool:
    """Whether the rows name an order and an amount: then they tell of goods, not of different events."""
    orders = any(c.filled and ORDER.fullmatch(c.key) for c in columns)
    return orders and any(c.key in NAMES["amount"] and share_matching(c.cells, AMOUNT) > 0.5 for c in columns)


def _is_goods(column: Column) -> bool:
    """Whether it would say what happened only by its values, or by a name that goods have, too."""
    return column.key == "name" or not _by_name(column.key, NAMES["event"])


def _stands_alone(columns: Sequence[Column], found: Mapping[str, int]) -> bool:
    """Whether what happened was found by its values only, in a table without customers or without times."""
    if "event" not in found or {"time", "customer"} <= set(found):
        return False
    return not _by_name(columns[found["event"]].key, NAMES["event"])


def _column(place: int, name: str, cells: pa.Array) -> Column:
    return Column(place, key_of(name), cells, len(cells) - cells.null_count, pc.count_distinct(cells).as_py())


def _by_name(key: str, names: Sequence[str]) -> float:
    return 100 - 0.5 * names.index(key) if key in names else 0.0


def _as_time(column: Column) -> float:
    """How much a column looks like when something happened; 0 when it cannot be."""
    named = bool(SAYS_TIME.search(column.key)) or column.key in NAMES["time"]
    called = _by_name(column.key, NAMES["time"])
    numbers_are_times = named or _holds_days(column)
    if share_of_times(column.cells, named=numbers_are_times) < (0.5 if called else 0.8):
        return 0.0
    score = called or (45.0 if named else LIKELY)
    if score < EXACT and ENDS_SOMETHING.search(column.key):
        score -= 15
    return (
        score
        + (3.0 if date_evidence(column.cells).clock else 0.0)
        - (5.0 if column.filled < len(column.cells) else 0.0)
    )


def _holds_days(column: Column) -> bool:
    """Whether a column without a name holds days such as 19970131: few other numbers all look like that."""
    nameless = NO_NAME.match(column.key) and column.filled >= FEWEST_ROWS and column.distinct > 1
    return bool(nameless) and share_matching(column.cells, COMPACT_DAY) > MOSTLY


def _as_customer(column: Column) -> float:
    """How much a column looks like who did it; 0 when it cannot be."""
    score = _by_name(column.key, NAMES["customer"])
    alone = column.filled > 20 and column.share > 0.98
    if column.key == "id":
        score = LIKELY if alone else EXACT
    if share_matching(column.cells, EXCEL_DAMAGE) > 0.2 or share_of_times(column.cells, named=False) > 0.5:
        return 0.0
    if not score and share_matching(column.cells, EMAIL) > 0.8:
        return 50.0
    if not score and (
        column.key.endswith(("_id", "_no", "_number", "id")) and not NOT_A_CUSTOMER.match(column.key)
    ):
        score = 0.0 if alone else 40.0
    if not score and re.search(r"customer|user|client|patient|member|kunde|person|visitor", column.key):
        score = 0.0 if alone else 45.0
    return min(score, BY_A_NAME) if _holds_names(column) else score


def _holds_names(column: Column) -> bool:
    """Whether it is called after people and holds what they are called: two of one name are two people."""
    return column.key in NAMES["person"] and look_like_names(column.cells)


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
    called = _by_name(column.key, NAMES["event"])
    telling = called and column.key not in SAYS_STATE
    if column.key in NAMES["staff"] or (not telling and are_people(column.cells)):
        return False
    if column.key in NAMES["person"]:
        return called > 0 and not goes_with_customers(column.cells, customers, unless_shown=True)
    if column.place in personal or called:
        return called > 80
    several = customers is not None and column.distinct > SHARE_OF_NEW * pc.count_distinct(customers).as_py()
    return not (several and goes_with_customers(column.cells, customers, unless_shown=False))


def _people(columns: Sequence[Column], found: Mapping[str, int]) -> set[int]:
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


def _as_event(column: Column) -> float:
    """How much a column looks like what happened; 0 when it cannot be."""
    if share_matching(column.cells, MONEY) > 0.5 or share_of_times(column.cells, named=False) > 0.5:
        return 0.0
    score = _by_name(column.key, NAMES["event"])
    if score:
        return score if column.distinct > 1 or score > 85 else 0.0
    length = pc.mean(pc.utf8_length(column.cells)).as_py() or 0
    several = 2 < column.distinct <= 200 and column.share < 0.5 and 3 <= length <= 60
    thing = column.key.endswith("id") or SAYS_A_THING.search(column.key)
    return LIKELY - 10 + min(length, 20) / 2 if several and not thing else 0.0


def _one_time(columns: Sequence[Column], found: Mapping[str, int]) -> bool:
    """Whether there is no doubt which column is the time: the only one, or one that is called so."""
    if "time" not in found:
        return False
    return columns[found["time"]].key in NAMES["time"] or sum(_as_time(c) > 0 for c in columns) == 1


def _by_values(ours: str, open_to: Sequence[Column], personal: Collection[int], sure: bool) -> Column | None:
    """The one column whose values can only be the customer or the event; None where two could be, or none.

    sure: whether the time is beyond doubt; without it nothing is concluded.
    """
    holds = {"customer": _holds_customers, "event": _holds_kinds}.get(ours)
    if holds is None or not sure:
        return None
    fits = [c for c in open_to if c.place not in personal and not _is_something_else(c) and holds(c)]
    return fits[0] if len(fits) == 1 else None


def _is_something_else(column: Column) -> bool:
    """Whether its name says another thing, or it is too short or patchy to tell."""
    called = any(column.key in NAMES[ours] for ours in OPTIONAL if ours != "anonymous_id")
    return called or column.filled < max(FEWEST_ROWS, len(column.cells))


def _holds_customers(column: Column) -> bool:
    """Codes of letters and digits, several of them, some more than once."""
    other = NOT_A_CUSTOMER.match(column.key) or NAMES_A_THING.search(column.key)
    repeats = 1 < column.distinct <= 0.8 * column.filled
    return not other and repeats and share_matching(column.cells, CODE) > 0.95


def _holds_kinds(column: Column) -> bool:
    """A few words that come back again and again."""
    few = 1 < column.distinct <= min(MOST_KINDS, 0.6 * column.filled)
    return few and not SAYS_A_THING.search(column.key) and share_matching(column.cells, WORDS) > 0.95


def _optional(columns: Sequence[Column], taken: set[int], found: Mapping[str, int]) -> dict[str, int]:
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
    times = [c for c in columns if c.filled and _as_time(c)]
    return {"customer", "time", "amount"} <= set(found) and len(times) == 1


def _customer_type(columns: Sequence[Column], found: Mapping[str, int]) -> str:
    if "customer" not in found:
        return "user_id"
    column = columns[found["customer"]]
    if share_matching(column.cells, EMAIL) > 0.8:
        return "email"
    return "anonymous_id" if column.key in NAMES["anonymous_id"] else "user_id"
