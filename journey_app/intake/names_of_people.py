"""Are the values of a column names of people: by what they are, or as they go with its customers?"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from journey_app.intake.cells import share_matching

MOST_PER_CUSTOMER = 1.2  # values of a customer of several rows: some households and slips of the pen
SHARED_BY = 1.1  # customers per value, from which on values are shared as events are
SHARE_OF_NEW = 0.5  # values per customer: names become more with every customer
MOST_KINDS = 30  # different events that a column may hold whose name does not tell
FIRST_AND_LAST = r"^\p{L}[\p{L}.'’-]*(,? \p{L}[\p{L}.'’-]*){1,4}$"
ONE_WORD = r"^\p{Lu}[\p{L}'’-]+$"  # in small letters it may as well be a handle, which tells people apart
PARTICLES = frozenset(
    [
        "al",
        "bin",
        "da",
        "de",
        "del",
        "della",
        "den",
        "der",
        "di",
        "dos",
        "du",
        "el",
        "la",
        "le",
        "ten",
        "van",
        "von",
        "y",
        "zu",
    ]
)
MOST_WORDS = 5
NO_ACCENTS = str.maketrans("łøıđ", "loid")  # letters that are no letter and an accent to Unicode
GIVEN_NAMES = frozenset(
    name
    for line in Path(__file__).with_name("given_names.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
    for name in line.split()
)


def goes_with_customers(values: pa.Array, customers: pa.Array | None, *, unless_shown: bool) -> bool:
    """Whether the values belong to customers: one each, shared by none, or ever more of them.

    values, customers: cells of the same rows, null where empty; without customers each row is of another.
    unless_shown: the answer where no customer comes back, so that nothing shows it.
    """
    who = range(len(values)) if customers is None else customers.to_pylist()
    rows: dict[object, int] = defaultdict(int)
    said: dict[object, set[str]] = defaultdict(set)
    for customer, value in zip(who, values.to_pylist(), strict=True):
        if customer is not None and value is not None:
            one = customer.casefold() if isinstance(customer, str) else customer
            rows[one] += 1
            said[one].add(value.casefold())
    back = [one for one, often in rows.items() if often > 1]
    if not back:
        return unless_shown
    kinds = len(set().union(*said.values()))
    if kinds > MOST_KINDS and kinds >= SHARE_OF_NEW * len(said):
        return True
    pairs = sum(map(len, said.values()))
    each = sum(len(said[one]) for one in back) / len(back)
    return kinds > 1 and (each <= MOST_PER_CUSTOMER or pairs <= SHARED_BY * kinds)


def look_like_names(values: pa.Array) -> bool:
    """Whether nearly every cell is of a few words, as first and last names are; products may be, too."""
    return share_matching(values, FIRST_AND_LAST) > 0.8


def are_people(values: pa.Array) -> bool:
    """Whether at least half of the different values are people: a known given name, all words with a capital."""
    different = pc.unique(values.drop_null()).to_pylist()
    return bool(different) and sum(map(_is_somebody, different)) >= len(different) / 2


def name_several(values: pa.Array, addresses: pa.Array) -> bool:
    """Whether the values are capitalised words, and one of them stands beside several e-mail addresses."""
    if share_matching(values, ONE_WORD) + share_matching(values, FIRST_AND_LAST) <= 0.8:
        return False
    owners: dict[str, str] = {}
    pairs = zip(values.to_pylist(), addresses.to_pylist(), strict=True)
    return any(
        owners.setdefault(name.casefold(), address.casefold()) != address.casefold()
        for name, address in pairs
        if name and address
    )


def _is_somebody(value: str) -> bool:
    """“Lukas Roth”, “Roth, Lukas”, “ROTH Lukas” and “Lukas” are; “Green Tea” and “Lukas signed up” are not."""
    last, comma, first = value.partition(",")
    words = (f"{first} {last}" if comma else value).split()
    if not 0 < len(words) <= MOST_WORDS:
        return False
    if not all(re.match(r"[^\W\d_]", word) and (word[0].isupper() or word in PARTICLES) for word in words):
        return False
    given = words[-1] if words[0].isupper() and not words[-1].isupper() else words[0]
    return _plain(re.split(r"[-.]", given)[0]) in GIVEN_NAMES


def _plain(word: str) -> str:
    """In lower case and without accents."""
    letters = unicodedata.normalize("NFKD", word.casefold().translate(NO_ACCENTS))
    return "".join(c for c in letters if not unicodedata.combining(c))
