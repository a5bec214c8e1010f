"""What is a clean-up after one edit, and which rule does a person mean?

Source: docs/decisions/013-what-does-not-count.md
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from journey_app.engine import cleaning as engine
from journey_app.engine.patterns import BOT, BUSY, EVENT, FAST, IDS, PROPERTY
from journey_app.engine.trial import RawName
from journey_app.errors import BadChoice, UnknownName
from journey_app.vocabulary import CleanUp, LeaveOut

DOMAIN = "domain"  # a way to say a rule, not a field: addresses at a domain
SPANS = {BUSY: "day", FAST: "minute"}


def renamed(clean_up: CleanUp, raws: Sequence[str], name: str) -> CleanUp:
    """These events called `name`; their own name takes a renaming back."""
    wanted = " ".join(name.split())
    if not wanted or len(wanted) > 200:
        raise BadChoice(
            "The event has no name, or one of over 200 letters.", "Call it what your team calls it."
        )
    names = dict(clean_up.names) | dict.fromkeys(raws, wanted)
    return replace(clean_up, names={raw: called for raw, called in names.items() if raw != called})


def hiding(clean_up: CleanUp, shown: Sequence[str]) -> CleanUp:
    """These events seen by no question."""
    return replace(clean_up, hidden=tuple(dict.fromkeys([*clean_up.hidden, *shown])))


def unhiding(clean_up: CleanUp, shown: Sequence[str]) -> CleanUp:
    """These events seen again. Raises UnknownName for one that is not hidden."""
    for name in shown:
        if name not in clean_up.hidden:
            raise UnknownName("hidden event", name, clean_up.hidden)
    return replace(clean_up, hidden=tuple(name for name in clean_up.hidden if name not in shown))


def adding(clean_up: CleanUp, rule: LeaveOut) -> CleanUp:
    """One rule more. Raises BadChoice for one that cannot be asked or is there."""
    engine.check(rule)
    if any(
        (r.what, r.matches, r.whole_customer) == (rule.what, rule.matches, rule.whole_customer)
        for r in clean_up.leave_out
    ):
        raise BadChoice("This rule is there already.", "Change what it looks for.")
    return replace(clean_up, leave_out=(*clean_up.leave_out, rule))


def removing(clean_up: CleanUp, number: int) -> CleanUp:
    """Without the rule of this number, from 1."""
    if not 1 <= number <= len(clean_up.leave_out):
        raise UnknownName("rule", str(number), map(str, range(1, len(clean_up.leave_out) + 1)))
    rules = list(clean_up.leave_out)
    del rules[number - 1]
    return replace(clean_up, leave_out=tuple(rules))


def raws_of(names: Sequence[RawName], called: str) -> list[str]:
    """The export names behind a name: what is shown so, else what exports call so. Raises UnknownName."""
    behind = [name.raw for name in names if name.shown == called] or [
        name.raw for name in names if name.raw == called
    ]
    if not behind:
        raise UnknownName("event", called, dict.fromkeys(n for name in names for n in (name.shown, name.raw)))
    return behind


def rule_for(
    what: str,
    values: Sequence[str] = (),
    *,
    reason: str = "",
    pattern: bool = False,
    events_only: bool = False,
) -> LeaveOut:
    """The rule that a person means by a field and the values it shall have, exactly and in any case.

    what: as in `LeaveOut`, or “domain” for addresses at it. pattern: the one value is a pattern.
    Raises BadChoice for a rule that cannot be asked.
    """
    told = [" ".join(value.split()) for value in values if value.strip()]
    said = ", ".join(told[:3]) + (f" and {len(told) - 3} more" if len(told) > 3 else "")
    if what in (BUSY, FAST):
        rule = LeaveOut(what, told[0] if told else "", f"More than {said} events in one {SPANS[what]}")
    elif what == BOT:
        rule = LeaveOut(BOT, "", "Programs, by what their user agent says")
    elif not told:
        raise BadChoice("The rule says nothing to look for.", "Give an address, a name or a pattern.")
    elif pattern:
        rule = LeaveOut(what, told[0], f"{_label(what)} like {told[0]}")
    elif what == DOMAIN:
        names = "|".join(re.escape(each.lstrip("@")) for each in told)
        rule = LeaveOut(IDS, rf"@(?:[^@]*\.)?(?:{names})$", f"Addresses at {said}")
    else:
        before = "^(?:[^:]*:)?" if what == IDS else "^"
        rule = LeaveOut(what, f"{before}(?:{'|'.join(map(re.escape, told))})$", f"{_label(what)} {said}")
    engine.check(rule)
    return replace(rule, reason=reason.strip()[:200] or rule.reason, whole_customer=not events_only)


def _label(what: str) -> str:
    return {IDS: "Ids", EVENT: "Event"}.get(what, what.removeprefix(PROPERTY).replace("_", " ").capitalize())
