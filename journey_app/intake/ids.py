"""How is one id written the same way, whoever wrote it?

An address is compared in lower case, without “mailto:” and names around it; googlemail.com is gmail.com
(the same mailbox by the provider's word). What stands after a plus and dots before the @ stay: they are
other mailboxes with most providers. A phone number is its digits; + stands before those that name their
country. A national number stays national: no country is guessed, so it joins only the same digits.
A user id that is a plain number, as lists count, is its digits: “#7” and “7.00” are 7, “1,105” is 1105, and
“007” stays, since it may be a code.
Sources: docs/decisions/012-cuts-and-matchings.md, docs/decisions/028-whose-numbers-are-these.md

Two addresses in one cell are no id: they may be two people's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

# Begins where a word begins, and is as long as RFC 5321 allows: looking from each letter of a long word, or
# from each of many slashes, would take its square.
MAIL = re.compile(
    r"(?<![^\s@:,;<>|\"()/?&])[^\s@:,;<>|\"()]{1,64}@[^\s@:,;<>|\"()/?&]{1,255}\.[^\s@:,;<>|\"()/?&]{1,63}"
)
SAME_MAILBOX = ("@googlemail.com", "@gmail.com")
EXTENSION = re.compile(r"\bext(?:ension)?\b|\bx|;ext=|#", re.IGNORECASE)  # to the end of the last line
TRUNK = re.compile(r"\(0\)")  # +49 (0)30 …: the zero is dialled inside the country only
LETTERS = re.compile(r"[^\d\s()+./\-\u2010-\u2015\u00a0]")
FEWEST, MOST = 7, 15  # digits: shorter ones are extensions or years, no country allows longer ones (E.164)


def _plain(digit: str) -> str:
    """The pattern of a plain number. digit: how one digit of any script is told; Python and Arrow differ there."""
    threes = f"{digit}{{1,3}}(?:[.,' \u00a0\u202f]{digit}{{3}}){{1,2}}"
    return rf"(?i)^(?:#|n[or]\.? ?|n° ?)?({threes}|{digit}{{1,9}})(?:[.,]0+)?$"


# As lists count: “7”, “7.0”, “#7”, “No. 7”, “1,001”, in the digits of any script. Longer ones are no mere counts.
PLAIN = _plain(r"\p{Nd}")  # for Arrow
_PLAIN = re.compile(_plain(r"\d"))


def address(value: str) -> str | None:
    """The one address in “Ana <a@x>”; None where there is none, or several: they may be several people's."""
    written = {found.strip(".'") for found in MAIL.findall(value.lower())}
    if len(written) != 1:
        return None
    plain = written.pop()
    return plain.removesuffix(SAME_MAILBOX[0]) + SAME_MAILBOX[1] if plain.endswith(SAME_MAILBOX[0]) else plain


def phone(value: str) -> str | None:
    """+493012345678, or the bare digits of a national number; None where it can be nobody's number."""
    written = _without_extension(value.strip().removeprefix("tel:")).strip()
    if LETTERS.search(written):
        return None  # 4.9E+11: a sheet has rounded it away
    abroad = written.startswith(("+", "00", "(+"))
    digits = re.sub(r"\D", "", TRUNK.sub("", written) if abroad else written)
    digits = digits.removeprefix("00") if written.startswith("00") else digits
    if not FEWEST <= len(digits) <= MOST or len(set(digits)) == 1 or digits in "0123456789":
        return None
    return f"+{digits}" if abroad else digits


def number(value: str) -> str:
    """A plain number as its digits, 0 to 9; any other user id as it is."""
    found = _PLAIN.fullmatch(value)
    if found is None:
        return value
    digits = "".join(filter(str.isdecimal, found[1]))
    return digits if digits.isascii() else "".join(str(unicodedata.decimal(digit)) for digit in digits)


def _without_extension(number: str) -> str:
    found = EXTENSION.search(number, number.rfind("\n") + 1)
    return number[: found.start()] if found else number


# id type → how its values are kept, None for what is no such id.
NORMAL: Mapping[str, Callable[[str], str | None]] = {"email": address, "phone": phone, "user_id": number}
# Of those types of which a cell may be none: why it gives no id, after “cells that …”.
NONE = {"email": "are no e-mail address, or name several", "phone": "are no phone number"}
CONTROL = "hold control characters"


def spellings(value: str) -> tuple[str, ...]:
    """Every way the mailbox of an address is written, in lower case; empty for what is no address."""
    one = address(value)
    if one is None:
        return ()
    google = one.endswith(SAME_MAILBOX[1])
    return (one, one.removesuffix(SAME_MAILBOX[1]) + SAME_MAILBOX[0]) if google else (one,)


def one_spelling(value: str) -> str | None:
    """The one way an address or a number that names its country is written, whatever kind of id it stands as.

    A bare number is none: it may be anybody's customer number.
    """
    if "@" in value:
        return address(value)
    return phone(value) if value.strip().removeprefix("tel:").startswith(("+", "(+")) else None
