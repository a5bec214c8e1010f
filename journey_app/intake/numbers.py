"""How is an amount of money written, and how much is it?"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_AROUND = r"[\s\x{00a0}\x{202f}\x{2009}'’%]|\p{Sc}|^[A-Za-z]{1,3}\b|\b[A-Za-z]{3}$"
_PLAIN = r"^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$"


def bare(values: pa.Array) -> pa.Array:
    """Amounts without currency signs, codes and spaces; (12.00) and 12.00- become -12.00."""
    if pc.all(pc.match_substring_regex(values, _PLAIN)).as_py():
        return values
    bare_values = pc.replace_substring_regex(values, _AROUND, "")
    bare_values = pc.replace_substring(bare_values, "\u2212", "-")
    bare_values = pc.replace_substring_regex(bare_values, r"^\((.*)\)$", r"-\1")
    return pc.replace_substring_regex(bare_values, r"^([^-].*)-$", r"-\1")


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


def amounts(values: pa.Array, mark: str) -> pa.Array:
    """Amounts as numbers, `mark` being the decimal mark; null where unreadable.

    An amount that proves the other mark is unreadable: 12,50 is never 1250.
    """
    plain = bare(values)
    group = "." if mark == "," else ","
    if pc.any(pc.match_substring(plain, group)).as_py():
        contrary = pc.fill_null(pc.match_substring_regex(plain, PROOFS[group]), False)
        plain = pc.if_else(contrary, pa.scalar(None, pa.string()), plain)
        plain = pc.replace_substring(plain, group, "")
    if mark == ",":
        plain = pc.replace_substring(plain, ",", ".")
    numbers = pd.to_numeric(pd.Series(plain.to_pylist(), dtype=object), errors="coerce").to_numpy(np.float64)
    return pa.array(numbers, mask=~np.isfinite(numbers))


def amount_text(value: float) -> str:
    """An amount as text that is the same on every platform: 12.5, 100, -3."""
    return re.sub(r"\.0$", "", repr(value))
