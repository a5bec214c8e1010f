"""Which cells hold something, and which of it may be kept?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import pyarrow as pa
import pyarrow.compute as pc

from journey_app.vocabulary import NOBODY

# Written where nothing is known; never a value, never 0.
MISSING = (
    "-",
    "--",
    "–",
    "—",
    "n/a",
    "na",
    "nan",
    "(not set)",
    "(none)",
    "null",
    "none",
    r"\n",
    "#n/a",
    "<na>",
)
JUNK_IDS = tuple(dict.fromkeys((*MISSING, *NOBODY)))
EMAIL = r"^[^\s@,;<>()]+@[^\s@,;<>()]+\.[A-Za-z]{2,}$"
EXCEL_DAMAGE = r"^\d(?:[.,]\d+)?[eE]\+\d+$"
_PERSONAL = re.compile(
    r"\b(e-?mails?|phone|telephone|mobile number|fax|addresse?s?\d?|street|zip|post(al)?\s?code|ip|"
    r"ip address|ipaddress|birth|birthday|dob|ssn|passport|password|iban|card (name|last4|fingerprint|id)|"
    r"latitude|longitude|location lat|location lng|user ?agent|"
    r"(first|last|full|middle|maiden|billing|shipping|customer|contact|display|user|sur|nick|person)\s?name|"
    r"vorname|nachname|familienname|kundenname|patientenname|pr[eé]nom|apellidos?|cognome|voornaam|achternaam|"
    r"surname|username|name of customer|requester|submitter|assignee|owner|recipient|"
    r"employee|avatar|signature|comments?|message|notes?|description|body|feedback)\b",
    re.IGNORECASE,
)
_NAME = {"name", "nom", "nombre", "nome", "naam"}
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_YES_OR_NO = r"(?i)^(yes|no|true|false|y|n|t|f)$"
_ADDRESS = r"^(?:\d{1,3}\.){3}\d{1,3}$|^[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){5,7}$"
_PHONE = r"^'?\+\d[\d ()/.-]{6,}$"
FREE_TEXT_CHARS = 80
# Narrow, since a campaign may well be called “Gesamtkampagne” or “Total body”, and a customer “Summe GmbH”.
SUM = re.compile(
    r"(grand )?totals?$|gesamt$|gesamtsumme$|gesamtergebnis$|(total|gesamt|totale|totaal|summe|somme)\s?:",
    re.IGNORECASE,
)


def normal_name(name: str) -> str:
    """A column name for comparing: case, spaces and the byte order mark do not matter."""
    return " ".join(name.replace("\ufeff", "").casefold().split())


def present(values: pa.Array) -> pa.Array:
    """Cells without surrounding space and Excel's guarding apostrophe; null where nothing is written."""
    trimmed = pc.utf8_trim_whitespace(values)
    if pc.any(pc.starts_with(trimmed, "'")).as_py():
        trimmed = pc.replace_substring_regex(trimmed, r"^'([0-9+=@-])", r"\1")
    return _null_where(trimmed, pc.equal(trimmed, ""))


def told(values: pa.Array) -> pa.Array:
    """Cells that say something: as `present`, and null for “n/a”, “(not set)”, “--” and the like."""
    if _none_short(values):
        return values
    return _null_where(values, pc.is_in(pc.utf8_lower(values), pa.array(MISSING)))


def customer_ids(values: pa.Array) -> pa.Array:
    """Ids that can belong to one customer; null for “unknown”, “0”, “anonymous” and the like.

    Null too where a spreadsheet rounded them: 1.23457E+17 is many customers at once.
    """
    if pc.any(pc.match_substring(values, "+")).as_py():
        values = _null_where(values, pc.match_substring_regex(values, EXCEL_DAMAGE))
    return _null_where(values, pc.is_in(pc.utf8_lower(values), pa.array(JUNK_IDS)))


def order_ids(values: pa.Array) -> pa.Array:
    """Ids of orders, one spelling each; null for what stands for many or none. values: as `present`."""
    return pc.replace_substring_regex(customer_ids(told(values)), r"^(\d+)\.0+$", r"\1")


def without_control(values: pa.Array) -> pa.Array:
    """Ids of one line; null where a control character stands in them: ids are kept in lists that those divide."""
    return _null_where(values, pc.match_substring_regex(values, r"\p{Cc}"))


def is_rounded(value: str) -> bool:
    """Whether a spreadsheet rounded this number: 1.23457E+17."""
    return re.match(EXCEL_DAMAGE, value) is not None


def _none_short(values: pa.Array) -> bool:
    """Whether no cell is as short as the longest word for nothing: the usual case for ids and times."""
    shortest = pc.min(pc.binary_length(values)).as_py()
    return shortest is not None and shortest > max(map(len, MISSING))


def _null_where(values: pa.Array, mask: pa.Array) -> pa.Array:
    return pc.if_else(pc.fill_null(mask, False), pa.scalar(None, pa.string()), values)


def by_value(values: pa.Array, change: Callable[[str], str | None]) -> pa.Array:
    """Each distinct value changed once; quick where values repeat."""
    coded = values.dictionary_encode()
    words = pa.array([change(word) for word in coded.dictionary.to_pylist()], pa.string())
    return words.take(coded.indices)


def event_name(value: str) -> str | None:
    """An event name on one line, 200 characters at most."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return plain[:200] or None


def share_matching(values: pa.Array, pattern: str) -> float:
    """The share of filled cells that match."""
    filled = len(values) - values.null_count
    return pc.sum(pc.match_substring_regex(values, pattern)).as_py() / filled if filled else 0.0


def is_personal(name: str, sample: pa.Array) -> bool:
    """Whether a column holds what belongs to a person: names, addresses, phones, or what they wrote.

    sample: some of its cells, null where empty. A column of yes and no says nothing of the kind,
    whatever it is called: “PhoneService” is not a phone.
    """
    if share_matching(sample, _YES_OR_NO) == 1.0:
        return False
    words = _CAMEL.sub(" ", re.sub(r"[_.:$\-]+", " ", name))
    if _PERSONAL.search(words) or normal_name(name) in _NAME:
        return True
    if any(share_matching(sample, pattern) > 0.5 for pattern in (EMAIL, _ADDRESS, _PHONE)):
        return True
    return _reads_like_prose(sample)


def _reads_like_prose(sample: pa.Array) -> bool:
    length = pc.mean(pc.utf8_length(sample)).as_py()
    return bool(length and length > FREE_TEXT_CHARS and share_matching(sample, r"\S\s\S+\s\S") > 0.5)


def first_told(columns: Iterable[pa.Array], rows: int) -> pa.Array:
    """For each row, the first column that says something; “n/a” and “(not set)” say nothing."""
    found = [told(column) for column in columns]
    return pc.coalesce(*found) if found else pa.nulls(rows, pa.string())
