"""What may a source be called, and by which name of a file is it remembered?

A name is what people call it, in any script. On the disk only the plain ones are names of files:
an ordinary name could be one that a file system reserves, shortens, or holds for another.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

from journey_app.errors import BadChoice

LONGEST = 60
MARKS = " -_."  # what may stand between letters and digits
EXAMPLE = "Shop orders"
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


def tidy(name: str) -> str:
    """A name as it is kept: one blank between words and none around them, each letter in its one form."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def one(name: str) -> str:
    """What two names share that are the same but for capitals and blanks."""
    return unicodedata.normalize("NFC", tidy(name).casefold())


def checked_name(name: str) -> str:
    """The name as it is kept. Raises BadChoice, with a name that would do, for one that cannot be."""
    tidied = tidy(name)
    why = _why_not(tidied)
    if why:
        raise BadChoice(
            f"“{_printable(tidied)[:LONGEST]}” cannot be the name of a source: {why}.",
            f"Use letters and digits, with blanks and - _ . between, up to {LONGEST} in all, "
            f"such as “{_fitting(tidied)}”.",
        )
    return tidied


def file_of(name: str) -> str:
    """The name of the file that remembers how a source went, without its ending."""
    if _PLAIN.fullmatch(name):
        return name
    return "=" + blake2b(one(name).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _why_not(name: str) -> str:
    if not name:
        return "it is empty"
    strange = next((sign for sign in name if not _may_stand(sign)), "")
    if strange:
        return f"“{_printable(strange)}” is no letter, no digit and none of the marks"
    if not _begins(name[0]):
        return f"it begins with “{name[0]}”"
    return f"it is longer than {LONGEST} characters" if len(name) > LONGEST else ""


def _begins(sign: str) -> bool:
    return unicodedata.category(sign)[0] == "L" or unicodedata.category(sign) == "Nd"


def _may_stand(sign: str) -> bool:
    """Marks of category M are parts of letters in many scripts."""
    return sign in MARKS or _begins(sign) or unicodedata.category(sign)[0] == "M"


def _fitting(name: str) -> str:
    kept = tidy("".join(sign if _may_stand(sign) else " " for sign in name))
    while kept and not _begins(kept[0]):
        kept = kept[1:].lstrip()
    return kept[:LONGEST].rstrip() or EXAMPLE


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else f"U+{ord(sign):04X}" for sign in text)
