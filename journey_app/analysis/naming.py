"""Which event names look like one event, or like nothing a person would ask about?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

# Names that tools give to what they do by themselves → what people call it; None: nobody asks about it.
INTERNAL = {
    "$pageview": "Page viewed",
    "page_view": "Page viewed",
    "$pageleave": None,
    "$autocapture": None,
    "$rageclick": "Rage click",
    "$screen": "Screen viewed",
    "$identify": None,
    "$set": None,
    "$groupidentify": None,
    "$feature_flag_called": None,
    "$web_vitals": None,
    "user_engagement": None,
    "gtm.js": None,
    "gtm.dom": None,
    "gtm.load": None,
}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BETWEEN = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Suggestion:
    """Events that could be called one thing. name: None when they had better be hidden."""

    events: tuple[str, ...]
    name: str | None
    why: str


def suggestions(names: Sequence[tuple[str, int]]) -> tuple[Suggestion, ...]:
    """What could be tidied in these (name, how often) pairs, most events first.

    Two names are one when only case, spacing, underscores or a plural tell them apart.
    """
    often = dict(names)
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, _count in names:
        alike[_words(name)].append(name)
    found = [_merge(group, often) for key, group in alike.items() if key and len(group) > 1]
    taken = {name for each in found for name in each.events}
    found += [_internal(name) for name, _count in names if name in INTERNAL and name not in taken]
    return tuple(sorted(found, key=lambda each: (-sum(often[e] for e in each.events), each.events)))


def _merge(group: list[str], often: dict[str, int]) -> Suggestion:
    best = max(group, key=lambda name: (" " in name.strip(), name[:1].isupper(), often[name], name))
    plural = len({_BETWEEN.sub("", name).casefold() for name in group}) > 1
    differ = "only a plural tells them apart" if plural else "only case and spacing tell them apart"
    return Suggestion(tuple(sorted(group, key=lambda name: (-often[name], name))), best, differ)


def _internal(name: str) -> Suggestion:
    called = INTERNAL[name]
    if called is None:
        return Suggestion((name,), None, "a tool writes this by itself; nobody did it")
    return Suggestion((name,), called, "a tool's own name for it")


def _words(name: str) -> tuple[str, ...]:
    """The words of a name without case and plurals; empty for one without letters or digits.

    Joined again, so that “sign up”, “SignUp” and “signup” are one.
    """
    words = [_singular(word) for word in _BETWEEN.split(_CAMEL.sub(" ", name).casefold()) if word]
    return ("".join(words),) if words and not name.startswith("$") else ()


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
