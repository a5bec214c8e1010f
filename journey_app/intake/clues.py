"""What do the name and the cells of one column say of it?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from journey_app.intake.cells import EMAIL, EXCEL_DAMAGE, share_matching
from journey_app.intake.date_order import date_evidence
from journey_app.intake.names_of_people import (
    MOST_KINDS,
    look_like_names,
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
FEWEST_ROWS = 6  # below it, what repeats may do so by chance
# Columns that are called like an event but hold where a thing stands now.
SAYS_STATE = frozenset({"status", "stage", "state", "type", "name", "page", "step", "operation"})
# Names of things: what a row is about, which is not what happened.
SAYS_A_THING = re.compile(
    r"(^|_)(products?|items?|sku|artikel\w*|articles?|produkt\w*|produits?|productos?|art\u00edculos?|ware)(_|$)"
)
CODE = (
    r"^[A-Za-z]{1,12}[-_:.#/]?\d[\w.:-]*$|^\d+[-_:.#]?[A-Za-z][\w.:-]*$|^[0-9a-fA-F]{4,}(-[0-9a-fA-F]{2,})+$"
)
WORDS = r"^[^\W\d_][^\d@]{2,59}$"
NAMES_A_THING = re.compile(
    r"sku|article|artikel|version|plan|code|ref|ticket|invoice|coupon|price|zip|plz|room|seat"
)
NO_NAME = re.compile(r"column_\d+$")  # what a column is called in a file without a row of names
COMPACT_DAY = r"^(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$"
MOSTLY = 0.98  # of a sample; a stray cell does not make it something else
GROUPED = (
    r"[\d.,'’\s\x{a0}\x{202f}]*"  # digits with their marks; French exports group by spaces that do not break
)
AMOUNT = rf"^\D{{0,4}}\d{GROUPED}\D{{0,4}}$"
MONEY = rf"^([-+]?(\p{{Sc}}|[A-Z]{{3}})[ \x{{a0}}\x{{202f}}]?)?[-+]?\d{GROUPED}(\p{{Sc}}|[A-Z]{{3}}|kr|zł)?$"


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


def key_of(name: str) -> str:
    """“case:concept:name” and “Case Concept-Name” are case_concept_name; “userID” is user_id."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return re.sub(r"[^\w]+|_+", "_", words.casefold()).strip("_")


def column_of(place: int, name: str, cells: pa.Array) -> Column:
    """Measure a column. cells: its sample, null where empty."""
    return Column(place, key_of(name), cells, len(cells) - cells.null_count, pc.count_distinct(cells).as_py())


def by_name(key: str, names: Sequence[str]) -> float:
    """How well a name says it: 100 for the first of `names`, a little less for each after it, 0 for none."""
    return 100 - 0.5 * names.index(key) if key in names else 0.0


def as_time(column: Column) -> float:
    """How much a column looks like when something happened; 0 when it cannot be."""
    named = bool(SAYS_TIME.search(column.key)) or column.key in NAMES["time"]
    called = by_name(column.key, NAMES["time"])
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


def as_customer(column: Column) -> float:
    """How much a column looks like who did it; 0 when it cannot be."""
    score = by_name(column.key, NAMES["customer"])
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
    return min(score, BY_A_NAME) if holds_names(column) else score


def holds_names(column: Column) -> bool:
    """Whether it is called after people and holds what they are called: two of one name are two people."""
    return column.key in NAMES["person"] and look_like_names(column.cells)


def as_event(column: Column) -> float:
    """How much a column looks like what happened; 0 when it cannot be."""
    if share_matching(column.cells, MONEY) > 0.5 or share_of_times(column.cells, named=False) > 0.5:
        return 0.0
    score = by_name(column.key, NAMES["event"])
    if score:
        return score if column.distinct > 1 or score > 85 else 0.0
    length = pc.mean(pc.utf8_length(column.cells)).as_py() or 0
    several = 2 < column.distinct <= 200 and column.share < 0.5 and 3 <= length <= 60
    thing = column.key.endswith("id") or SAYS_A_THING.search(column.key)
    return LIKELY - 10 + min(length, 20) / 2 if several and not thing else 0.0


def is_goods(column: Column) -> bool:
    """Whether it would say what happened only by its values, or by a name that goods have, too."""
    return column.key == "name" or not by_name(column.key, NAMES["event"])


def is_something_else(column: Column) -> bool:
    """Whether its name says another thing, or it is too short or patchy to tell."""
    called = any(column.key in NAMES[ours] for ours in OPTIONAL if ours != "anonymous_id")
    return called or column.filled < max(FEWEST_ROWS, len(column.cells))


def holds_customers(column: Column) -> bool:
    """Codes of letters and digits, several of them, some more than once."""
    other = NOT_A_CUSTOMER.match(column.key) or NAMES_A_THING.search(column.key)
    repeats = 1 < column.distinct <= 0.8 * column.filled
    return not other and repeats and share_matching(column.cells, CODE) > 0.95


def holds_kinds(column: Column) -> bool:
    """A few words that come back again and again."""
    few = 1 < column.distinct <= min(MOST_KINDS, 0.6 * column.filled)
    return few and not SAYS_A_THING.search(column.key) and share_matching(column.cells, WORDS) > 0.95
