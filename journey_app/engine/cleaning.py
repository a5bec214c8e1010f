"""Which events count, and what are they called? One meaning for the build and for looking ahead.

Everything here is SQL text over two relations: `rows` (customer_id, raw_event, raw_ids and every field
of an event) and `people` (customer_id, raw_ids). What a snapshot lacks and what a preview promised
come from the same lines. Source: docs/decisions/013-what-does-not-count.md
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from journey_app.engine.patterns import (
    BOT,
    BUSY,
    EVENT,
    FAST,
    IDS,
    PROPERTY,
    check_pattern,
    has_pattern,
    is_text,
    literal,
)
from journey_app.errors import BadChoice
from journey_app.vocabulary import BOT_AGENTS, CleanUp, LeaveOut

FIELDS = ("source", "system", "channel", "device", "currency", "text", "session_id", "account_id")
NUMBERED = {BUSY: "events in one day", FAST: "events in one minute"}
FEWEST = 10  # a person can do ten things in a minute
LONGEST_NUMBER = 9  # digits; more events than that nobody holds
Fitting = Mapping[LeaveOut, str]  # rule with a pattern → a condition on a row, see `patterns.Fits`


def check(rule: LeaveOut) -> None:
    """Raise BadChoice for a rule that cannot be asked."""
    if rule.what in NUMBERED:
        _check_number(rule)
        return
    known = rule.what in (IDS, EVENT, BOT, *FIELDS)
    named = rule.what.startswith(PROPERTY) and rule.what != PROPERTY and is_text(rule.what)
    if not known and not named:
        raise BadChoice(
            f"Events have no field “{rule.what[:60]}”.",
            f"Choose one of: {', '.join((IDS, EVENT, BOT, BUSY, FAST, *FIELDS))}, or property:NAME.",
        )
    if has_pattern(rule):
        check_pattern(rule.matches)


def _check_number(rule: LeaveOut) -> None:
    number = rule.matches
    if not number.isdecimal() or len(number) > LONGEST_NUMBER or int(number) < FEWEST:
        raise BadChoice(
            f"“{number[:60]}” is not a number of {NUMBERED[rule.what]}.",
            f"Give a whole number from {FEWEST} up; customers with more are left out.",
        )


def gone(rules: Iterable[LeaveOut], rows: str, people: str, fits: Fitting) -> str:
    """Customers who leave with everything they did, as a query of customer_id."""
    parts = [
        part
        for rule in rules
        if rule.whole_customer or rule.what in NUMBERED
        for part in _gone(rule, rows, people, fits)
    ]
    return " union ".join(parts) or "select null::integer as customer_id where false"


def _gone(rule: LeaveOut, rows: str, people: str, fits: Fitting) -> list[str]:
    if rule.what == BUSY:
        return [_crowded(rows, "local_date", "true", int(rule.matches))]
    if rule.what == FAST:
        return [_crowded(rows, "date_trunc('minute', occurred_at)", "not day_only", int(rule.matches))]
    condition = _bot() if rule.what == BOT else fits[rule]
    parts = [f"select customer_id from {rows} where {condition}"]
    if rule.what == IDS:
        parts.append(f"select customer_id from {people} where {condition}")
    return parts


def _crowded(rows: str, span: str, only: str, most: int) -> str:
    return (
        f"select customer_id from (select customer_id, {span} as span from {rows} where {only}) "
        f"group by customer_id, span having count(*) > {most}"
    )


def aside(clean_up: CleanUp, gone_table: str, fits: Fitting) -> str:
    """A condition on a row: no question sees it. Rows carry their shown name as `event`."""
    parts = [f"customer_id in (select customer_id from {gone_table})"]
    parts += [
        _bot() if rule.what == BOT else fits[rule]
        for rule in clean_up.leave_out
        if not rule.whole_customer and rule.what not in NUMBERED
    ]
    if clean_up.hidden:
        parts.append(f"event::varchar in ({', '.join(map(literal, clean_up.hidden))})")
    return " or ".join(f"({part})" for part in parts)


def shown(names: Mapping[str, str], raw: str) -> str:
    """What an event is called. raw: the column with the name its export gave."""
    if not names:
        return raw
    whens = " ".join(f"when {literal(old)} then {literal(new)}" for old, new in sorted(names.items()))
    return f"case {raw} {whens} else {raw} end"


def _bot() -> str:
    """Said by the device, or by a user agent that an export kept among its properties."""
    agents = "|".join(BOT_AGENTS)
    property_ = f'"[^"]*user.?agent[^"]*":"[^"]*(?:{agents})'
    return (
        f"(coalesce(regexp_matches(device::varchar, {literal(agents)}, 'i'), false)"
        f" or coalesce(regexp_matches(properties, {literal(property_)}, 'i'), false))"
    )
