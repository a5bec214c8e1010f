"""What names one customer in a text, however it is spelled, and where does a longer word of others begin?

An address counts wherever it ends, also with - or _ glued to a word (“report_ana@x.com”, “ana@x.com-invoice”):
names of files are made so. Letters, digits, dots and + around it make another address (“joana@x.com”,
“ana@x.com.au”), and so does an id that somebody else has here. Source: docs/decisions/014-forgetting-one-customer.md
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from journey_app.engine.forgotten import FILE_ENDING, GONE, telling
from journey_app.intake.ids import one_spelling, spellings

OUR_FIELD = re.compile(r"[a-z_]+")  # how the forms kept here name their fields; never renamed
FEWEST_DIGITS = 9  # of a number that is looked for with blanks in it; shorter ones are dates and amounts
TAIL = 7  # digits by which a text that may hold a number is found

# Before and after what is encoded in an address of the web or a JSON text, a letter is no letter.
_ESCAPED = r"(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrtbf])"
_BEFORE_ADDRESS = rf"(?:{_ESCAPED}|(?<![^\W_])(?<![.+@]))"
_AFTER_ADDRESS = rf"(?![^\W_]|@|%40|\.(?!{FILE_ENDING})\w)"
_BEFORE_ID = r"(?<![\w.+@-])"
_AFTER_ID = rf"(?![\w@-]|\.(?!{FILE_ENDING})\w)"
_BEFORE_NAME = rf"(?:{_ESCAPED}|(?<![^\W_])(?<![.+@-]))"
_AFTER_NAME = rf"(?![^\W_]|@|-(?-i:[A-ZÀ-Þ])|\.(?!{FILE_ENDING})\w)"
_BETWEEN_WORDS = r"(?:\s|_|%20|\+|\\[nrt])+"
_BETWEEN_DIGITS = r"(?:\(0\)|%20|[\s()./\-\u2010-\u2015\u00a0]){0,4}"
_ENCODED = {"@": r"(?:@|%40|\\u0040)", "+": r"(?:\\?\+|%2B)"}


@dataclass(frozen=True)
class Wording:
    """The words that name somebody. ids: raw ids, theirs. names: as people write them. others: values of
    other people's ids that hold one of theirs, and stay."""

    ids: tuple[str, ...]
    names: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @cached_property
    def words(self) -> tuple[str, ...]:
        """As a file may hold them."""
        values = [raw.partition(":")[2] for raw in self.ids]
        spelled = [each for value in values for each in _spelled(value)]
        return tuple(dict.fromkeys([*filter(telling, values), *spelled, *self.ids, *self.names]))

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """What a text that names them holds, in lower case: a first look, that finds too much."""
        found = []
        for raw in self.ids:
            value = raw.partition(":")[2]
            one = one_spelling(value)
            if one is not None and "@" in one:
                local = one.partition("@")[0]
                found += [f"{local}{at}" for at in ("@", "%40")]
                found += [f"{local.replace('+', '%2b')}{at}" for at in ("@", "%40") if "+" in local]
            elif (number := _number(raw)) is not None:
                found.append(re.sub(r"\D", "", number)[-TAIL:])
            if telling(value):
                found.append(value.lower())
            found.append(raw.lower())
        return tuple(dict.fromkeys([*found, *(max(name.split(), key=len).lower() for name in self.names)]))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        theirs = [*_exact(raw for raw in self.ids), *map(_name, _longest_first(self.names))]
        values = [raw.partition(":")[2] for raw in self.ids]
        mailboxes = [each for value in values for each in _spelled(value) if "@" in each]
        theirs += map(_address, _longest_first(mailboxes))
        theirs += _exact(value for value in values if telling(value))
        theirs += [_digits(number) for number in filter(None, map(_number, self.ids))]
        kept = "|".join(map(_written, _longest_first(self.others))) or r"(?!)"
        return re.compile(rf"(?i)(?P<kept>{kept})|" + "|".join(f"(?:{each})" for each in theirs))

    def out_of(self, text: str) -> str:
        """A text without them."""
        return self._pattern.sub(lambda found: found.group() if found["kept"] else GONE, text)

    def cleaned(self, value: Any) -> Any:
        """A JSON value without them; the fields of forms kept here keep their names."""
        if isinstance(value, str):
            return self.out_of(value)
        if isinstance(value, list):
            return [self.cleaned(each) for each in value]
        if isinstance(value, dict):
            return {
                name if OUR_FIELD.fullmatch(name) else self.cleaned(name): self.cleaned(each)
                for name, each in value.items()
            }
        return value


def _spelled(value: str) -> tuple[str, ...]:
    return spellings(value) if "@" in value else ()


def _number(raw: str) -> str | None:
    """A telephone number that is long enough to be found with blanks in it."""
    kind, _, value = raw.partition(":")
    number = value if kind == "phone" else one_spelling(value)
    if number is None or "@" in number or len(re.sub(r"\D", "", number)) < FEWEST_DIGITS:
        return None
    return number


def pieces_of(ids: Iterable[str]) -> tuple[str, ...]:
    """What an id holds that may be another spelling of one of these; as `Wording.pieces`."""
    found: list[str] = []
    for raw in ids:
        one = one_spelling(raw.partition(":")[2])
        if one is not None:
            found.append(f"{one.partition('@')[0]}@" if "@" in one else re.sub(r"\D", "", one)[-TAIL:])
    return tuple(dict.fromkeys(found))


def _longest_first(words: Iterable[str]) -> Sequence[str]:
    return sorted(dict.fromkeys(words), key=lambda word: (-len(word), word))


def _written(word: str) -> str:
    """A word letter by letter, as it is, and as patterns and addresses of the web hold it."""
    return "".join(_ENCODED.get(c) or (c if c.isalnum() else rf"\\?{re.escape(c)}") for c in word)


def _exact(words: Iterable[str]) -> list[str]:
    return [f"{_BEFORE_ID}{_written(word)}{_AFTER_ID}" for word in _longest_first(words)]


def _address(value: str) -> str:
    """An address, whole or cut short by “…” as examples in reports are."""
    local = _written(value.partition("@")[0])
    return f"{_BEFORE_ADDRESS}(?:{_written(value)}{_AFTER_ADDRESS}|{local}{_ENCODED['@']}[\\w.-]*…)"


def _name(name: str) -> str:
    return _BEFORE_NAME + _BETWEEN_WORDS.join(map(_written, name.split())) + _AFTER_NAME


def _digits(number: str) -> str:
    """A telephone number with anything between its digits that people write there."""
    abroad = number.startswith("+")
    digits = _BETWEEN_DIGITS.join(re.sub(r"\D", "", number))
    return r"(?<![\d+])" + (rf"\(?(?:\+|%2B|00){_BETWEEN_DIGITS}" if abroad else "") + rf"{digits}(?!\d)"
