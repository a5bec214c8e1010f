"""Which events count, and what are they called? One meaning for the build and for looking ahead.

Everything here is SQL text over two relations: `rows` (customer_id, raw_event, raw_ids and every field
of an event) and `people` (customer_id, raw_ids). What a snapshot lacks and what a preview promised
come from the same lines. Source: docs/decisions/013-what-does-not-count.md
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from journey_app.errors import BadChoice
from journey_app.vocabulary import BOT_AGENTS, CleanUp, LeaveOut

FIELDS = ("source", "system", "channel", "device", "currency", "text", "session_id", "account_id")
IDS, EVENT, BOT, BUSY, FAST, PROPERTY = "ids", "event", "bot", "busy", "fast", "property:"
NUMBERED = {BUSY: "events in one day", FAST: "events in one minute"}
FEWEST = 10  # a person can do ten things in a minute
LONGEST_NUMBER = 9  # digits; more events than that nobody holds
LONGEST_PATTERN = 20_000


def check(rule: LeaveOut) -> None:
    """Raise BadChoice for a rule that cannot be asked."""
    if rule.what in NUMBERED:
        _check_number(rule)
        return
    known = rule.what in (IDS, EVENT, BOT, *FIELDS)
    named = rule.what.startswith(PROPERTY) and rule.what != PROPERTY and _is_text(rule.what)
    if not known and not named:
        raise BadChoice(
            f"Events have no field “{rule.what[:60]}”.",
            f"Choose one of: {', '.join((IDS, EVENT, BOT, BUSY, FAST, *FIELDS))}, or property:NAME.",
        )
    if rule.what != BOT:
        _check_pattern(rule.matches)


def _check_number(rule: LeaveOut) -> None:
    number = rule.matches
    if not number.isdecimal() or len(number) > LONGEST_NUMBER or int(number) < FEWEST:
        raise BadChoice(
            f"“{number[:60]}” is not a number of {NUMBERED[rule.what]}.",
            f"Give a whole number from {FEWEST} up; customers with more are left out.",
        )


def _is_text(text: str) -> bool:
    """Whether a database can hold it."""
    return "\0" not in text and text == text.encode(errors="replace").decode()


def _check_pattern(pattern: str) -> None:
    if not pattern or len(pattern) > LONGEST_PATTERN or not _is_text(pattern):
        raise BadChoice(
            "The rule says nothing to look for, or too much.", "Give an address, a name or a pattern."
        )
    try:
        with duckdb.connect(":memory:") as con:
            con.execute("select regexp_matches('', $pattern, 'i')", {"pattern": pattern})
    except duckdb.Error as error:
        reason = str(error).splitlines()[0].rpartition("Error: ")[2]
        raise BadChoice(
            f"“{pattern[:60]}” is not a pattern that can be read ({reason}).",
            "Put a backslash before signs that are meant as they are, such as \\( or \\+.",
        ) from error


def gone(rules: Iterable[LeaveOut], rows: str, people: str) -> str:
    """Customers who leave with everything they did, as a query of customer_id."""
    parts = [
        part
        for rule in rules
        if rule.whole_customer or rule.what in NUMBERED
        for part in _gone(rule, rows, people)
    ]
    return " union ".join(parts) or "select null::integer as customer_id where false"


def _gone(rule: LeaveOut, rows: str, people: str) -> list[str]:
    if rule.what == BUSY:
        return [_crowded(rows, "local_date", "true", int(rule.matches))]
    if rule.what == FAST:
        return [_crowded(rows, "date_trunc('minute', occurred_at)", "not day_only", int(rule.matches))]
    parts = [f"select customer_id from {rows} where {_matches(rule)}"]
    if rule.what == IDS:
        parts.append(f"select customer_id from {people} where {_matches(rule)}")
    return parts


def _crowded(rows: str, span: str, only: str, most: int) -> str:
    return (
        f"select customer_id from (select customer_id, {span} as span from {rows} where {only}) "
        f"group by customer_id, span having count(*) > {most}"
    )


def aside(clean_up: CleanUp, gone_table: str) -> str:
    """A condition on a row: no question sees it. Rows carry their shown name as `event`."""
    parts = [f"customer_id in (select customer_id from {gone_table})"]
    parts += [
        _matches(rule) for rule in clean_up.leave_out if not rule.whole_customer and rule.what not in NUMBERED
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


def _matches(rule: LeaveOut) -> str:
    """A condition on a row; never null."""
    found = literal(rule.matches)
    if rule.what == IDS:
        return f"len(list_filter(raw_ids, lambda id: regexp_matches(id, {found}, 'i'))) > 0"
    if rule.what == EVENT:
        return f"(regexp_matches(raw_event::varchar, {found}, 'i') or regexp_matches(event::varchar, {found}, 'i'))"
    if rule.what == BOT:
        return _bot()
    if rule.what.startswith(PROPERTY):
        path = literal(_pointer(rule.what.removeprefix(PROPERTY)))
        return f"coalesce(regexp_matches(json_extract_string(properties, {path}), {found}, 'i'), false)"
    return f"coalesce(regexp_matches({rule.what}::varchar, {found}, 'i'), false)"


def _pointer(name: str) -> str:
    """Where a property lies, as a JSON pointer, which holds for any name. Source: RFC 6901."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _bot() -> str:
    """Said by the device, or by a user agent that an export kept among its properties."""
    agents = "|".join(BOT_AGENTS)
    property_ = f'"[^"]*user.?agent[^"]*":"[^"]*(?:{agents})'
    return (
        f"(coalesce(regexp_matches(device::varchar, {literal(agents)}, 'i'), false)"
        f" or coalesce(regexp_matches(properties, {literal(property_)}, 'i'), false))"
    )


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
