"""How is an amount of money written, and how much is it?"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey_app.intake.currencies import CODES, MEANS, SIGNS, WORDS


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


_MONEY = rf"(?:{_any_of(SIGNS)}|\p{{Sc}}|(?i:(?:{_any_of(WORDS)})\.?|{_any_of(CODES)}))"
_WITH_WORDS = r"[\pL\p{Sc}]"
_USUAL = {word.upper(): word for word in (*WORDS, *SIGNS)}
_BEFORE = rf"^(?P<sign>[(+-]?) *(?P<money>{_MONEY}|R) *(?P<digits>[(+-]?\d|[(+-]?[.,]\d)"  # R 500 are rand
_BEHIND = rf"(?P<digits>[\d.,)-]) *(?P<money>{_MONEY}) *(?P<sign>[)-]?)$"  # and 500 R is nothing known
_PLAIN = r"^[+-]?[\d.,]+(?:[eE][+-]?\d+)?$"
_AS_TYPED = (
    (r"[\x{00a0}\x{2007}\x{2009}\x{202f}]", " "),
    ("\u2212", "-"),
    ("\u2019", "'"),
)
_STEPS = (
    *_AS_TYPED,
    (_BEFORE, r"\1\3"),
    (_BEHIND, r"\1\3"),
    (r"[.,][-\x{2013}\x{2014}]{1,2}$", ""),  # 50,- and 50.-- are fifty
    (r"^\( *([^()+-]+) *\)$", r"-\1"),
    (r"^(\d[^-]*)-$", r"-\1"),
    (r"^([+-]) +", r"\1"),
)
# A space or an apostrophe stands between groups of three digits, or the cell is no amount.
_SPACED = r"^[+-]?\d{1,3}(?:(?: \d{3})+|(?:'\d{3})+)(?:[.,]\d*)?$"


def bare(values: pa.Array) -> pa.Array:
    """Amounts as digits, points and commas only; (12.00) and 12.00- become -12.00.

    Currency codes and signs that are known go, and spaces between thousands; what holds anything else
    (“3 Mio”, “12 pcs”, “10 %”) is null, since nobody knows what number it is.
    """
    if pc.all(pc.match_substring_regex(values, _PLAIN)).as_py():
        return values
    coded = values.dictionary_encode()
    plain = coded.dictionary
    for pattern, instead in _STEPS:
        plain = pc.replace_substring_regex(plain, pattern, instead)
    spaced = pc.match_substring_regex(plain, _SPACED)
    plain = pc.if_else(spaced, pc.replace_substring_regex(plain, "[ ']", ""), plain)
    amount = pc.match_substring_regex(plain, _PLAIN)
    return pc.if_else(amount, plain, pa.scalar(None, pa.string())).take(coded.indices)


def currencies(values: pa.Array) -> pa.Array:
    """The currency written beside each amount: its code, or its sign where that has several meanings; else null."""
    if not pc.any(pc.match_substring_regex(values, _WITH_WORDS)).as_py():
        return pa.nulls(len(values), pa.string())
    coded = values.dictionary_encode()
    cells = coded.dictionary
    for pattern, instead in _AS_TYPED:
        cells = pc.replace_substring_regex(cells, pattern, instead)
    before = pc.struct_field(pc.extract_regex(cells, _BEFORE), "money")
    behind = pc.struct_field(pc.extract_regex(cells, _BEHIND), "money")
    pairs = pc.binary_join_element_wise(
        before, behind, " ", null_handling="replace", null_replacement=""
    ).dictionary_encode()
    meant = pa.array([_meant(pair) for pair in pairs.dictionary.to_pylist()], pa.string()).take(pairs.indices)
    return pc.if_else(pc.is_valid(bare(coded.dictionary)), meant, None).take(coded.indices)


def _meant(pair: str) -> str | None:
    """What the words before and behind an amount mean: a code, else the sign; None where they are two codes."""
    found = {currency(word) for word in pair.split()}
    codes = found & CODES
    return (codes or found).pop() if len(codes or found) == 1 else None


def currency(word: str) -> str:
    """The code of a sign or word of one country; any other as it is usually written, in a cell of its own or beside
    an amount."""
    large = word.replace(".", "").upper()
    return MEANS.get(large, _USUAL.get(large, large))


def _proof(mark: str, other: str) -> str:
    """The pattern of a bare amount whose decimal mark can only be this one."""
    last = rf"\{other}\d+.*\{mark}\d*$|^[+-]?\d*\{mark}(?:\d{{1,2}}|\d{{4,}})$|^[+-]?\d{{4,}}\{mark}\d+$"
    repeated = rf"\{other}\d{{3}}\{other}\d{{3}}"
    return rf"{last}|{repeated}|^[+-]?0+\{mark}\d+$"


PROOFS = {",": _proof(",", "."), ".": _proof(".", ",")}


def proofs(values: pa.Array) -> dict[str, tuple[int, str]]:
    """The decimal marks that the amounts prove, each with the place and text of the first that does.

    The last separator is the mark when another kind comes before it, when one, two or more than
    three digits follow it, or when only a nought stands before it; groups of three prove nothing alone.
    """
    plain = bare(values)
    found: dict[str, tuple[int, str]] = {}
    for mark, pattern in PROOFS.items():
        place = pc.index(pc.fill_null(pc.match_substring_regex(plain, pattern), False), True).as_py()
        if place >= 0:
            found[mark] = place, values[place].as_py()
    return found


def marks(values: pa.Array) -> frozenset[str]:
    """The decimal marks that the amounts prove: “,” or “.”, both, or none when all fit both readings."""
    return frozenset(proofs(values))


def _readable(mark: str, group: str) -> str:
    """The pattern of a bare amount with this decimal mark: thousands stand in threes, or as lakhs and crores."""
    m, g = re.escape(mark), re.escape(group)
    whole = rf"\d+|\d{{1,3}}(?:{g}\d{{3}})+|\d{{1,2}}(?:{g}\d{{2}})+{g}\d{{3}}"
    return rf"^[+-]?(?:(?:{whole})(?:{m}\d*)?|{m}\d+)(?:[eE][+-]?\d+)?$"


READABLE = {",": _readable(",", "."), ".": _readable(".", ",")}


def amounts(values: pa.Array, mark: str) -> pa.Array:
    """Amounts as numbers, `mark` being the decimal mark; null where unreadable.

    An amount that proves the other mark is unreadable: 12,50 is never 1250.
    """
    plain = bare(values)
    group = "." if mark == "," else ","
    unreadable = pc.invert(pc.match_substring_regex(plain, READABLE[mark]))
    if pc.any(pc.match_substring(plain, group)).as_py():
        unreadable = pc.or_(unreadable, pc.match_substring_regex(plain, PROOFS[group]))
    plain = pc.if_else(pc.fill_null(unreadable, True), pa.scalar(None, pa.string()), plain)
    plain = pc.replace_substring(pc.replace_substring(plain, group, ""), mark, ".")
    numbers = pd.to_numeric(pd.Series(plain.to_pylist(), dtype=object), errors="coerce").to_numpy(np.float64)
    return pa.array(numbers, mask=~np.isfinite(numbers))


def amount_text(value: float) -> str:
    """An amount as text that is the same on every platform: 12.5, 100, -3."""
    return re.sub(r"\.0$", "", repr(value))
