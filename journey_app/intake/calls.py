"""What does a track, identify, page, screen, group or alias call say, and what is wrong with it?

Segment's HTTP API, which RudderStack speaks too. A call becomes one row; rows become events and links
by the same normaliser as the rows of a file. What is not needed is not kept: no address of the
network, no browser's signature, no names or texts of a person (docs/decisions/016-calls-that-arrive-live.md).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from journey_app.errors import JourneyError
from journey_app.intake import cells
from journey_app.intake.contract import Chunk
from journey_app.intake.ids import NORMAL
from journey_app.intake.normalise import LONGEST, Normaliser
from journey_app.intake.plan import Plan, plan_of_preset
from journey_app.intake.preset import Preset, load
from journey_app.intake.raw import in_columns
from journey_app.intake.records import flattened
from journey_app.intake.rows import bot_of, device_of
from journey_app.intake.times import Reading

SOURCE = "live.segment"
EVENTS_OF, WHO_OF = ("track", "page", "screen"), ("identify", "alias", "group")
TYPES = (*EVENTS_OF, *WHO_OF)
PRESETS = {"calls": EVENTS_OF, "calls_who": WHO_OF}
CALL_BYTES = 32 * 1024  # Segment's own bound for one call
MOST_CALLS = 2_500  # in one request; Segment's own bound, its libraries send 15 to 100
MOST_LEVELS = 32  # objects and lists within one another
MOST_PROPERTIES = 300
TRAITS = ("email", "phone")
CIRCUMSTANCES = ("device", "userAgent", "campaign", "page", "sessionId", "groupId")
LONGEST_MESSAGE = 200
COLUMNS_AT_ONCE = 2_000
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
# A clock that is off by less is not told from the way through the network.
CLOCK_IS_WRONG = timedelta(minutes=1)
# A time ahead of ours by less may be a local time sent as UTC: it is taken as having happened when it came.
AHEAD = timedelta(days=1)
Json = Mapping[str, Any]


class BadCall(JourneyError):
    """A call that cannot be kept. field: where, such as batch[3].event. reason: without the place."""

    def __init__(self, field: str, reason: str, do: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"“{field}” {reason}.", do)


@dataclass(frozen=True)
class Call:
    """One call as it is kept. message: its own id. row: what became of it, as text cells."""

    message: str
    row: Json


@dataclass(frozen=True)
class Calls:
    """The calls of one request that can be kept, and what is wrong with the others."""

    kept: tuple[Call, ...]
    bad: tuple[BadCall, ...]


def read_calls(kind: str, body: Any, received_at: datetime) -> Calls:
    """Every call of a request.

    kind: the last part of its address: a type of call, or batch. body: its JSON. received_at: UTC.
    Raises BadCall when it is no call at all; single calls of a batch that are bad do not harm the others.
    """
    if not isinstance(body, dict):
        raise BadCall("body", "is not a JSON object", "Send one object, as the SDKs do.")
    skew = _skew(body, received_at)
    if kind != "batch":
        return Calls((_call(kind, body, "body", {}, received_at, skew),), ())
    items = body.get("batch")
    if not isinstance(items, list) or not items:
        raise BadCall("batch", "is not a list of calls", "Send {“batch”: [ … ]} with one call or more.")
    context = _shared(body.get("context"))
    kept: list[Call] = []
    bad: list[BadCall] = []
    for at, item in enumerate(items):
        place = f"batch[{at}]"
        try:
            kept.append(_call(_type(item, place), item, place, context, received_at, skew))
        except BadCall as error:
            bad.append(error)
    return Calls(tuple(kept), tuple(bad))


def _shared(context: Any) -> Json:
    """What all calls of a batch take from its context: no more, since each of them copies it."""
    told = context if isinstance(context, dict) else {}
    traits = told.get("traits")
    who = {"traits": {name: traits.get(name) for name in TRAITS}} if isinstance(traits, dict) else {}
    return {name: told[name] for name in CIRCUMSTANCES if name in told} | who


def calls_in(kind: str, body: Any) -> int:
    """How many calls a request holds, good or bad, before any of them is read."""
    items = body.get("batch") if kind == "batch" and isinstance(body, dict) else None
    return len(items) if isinstance(items, list) else 1


def _type(item: Any, place: str) -> str:
    if not isinstance(item, dict):
        raise BadCall(place, "is not an object", "Send each call as an object, as the SDKs do.")
    kind = item.get("type")
    if kind not in TYPES:
        raise BadCall(f"{place}.type", "is not a type of call", f"Use one of: {', '.join(TYPES)}.")
    return str(kind)


def _call(kind: str, item: Json, place: str, context: Json, received_at: datetime, skew: timedelta) -> Call:
    if _is_deep(item):
        raise BadCall(
            place, f"holds more than {MOST_LEVELS} objects within one another", "Send flat properties."
        )
    size = len(json.dumps(item, ensure_ascii=False, default=str).encode("utf-8", "replace"))
    if size > CALL_BYTES:
        raise BadCall(place, f"is larger than {CALL_BYTES // 1024} KB", "Send fewer or shorter properties.")
    said = {**context, **_object(item, "context", place)}
    properties = _object(item, "properties", place)
    row: dict[str, Any] = {
        "call": kind,
        "message_id": _message(item, place),
        "user_id": _id(item, "userId", place),
        "anonymous_id": _id(item, "anonymousId", place),
        **_traits(_object(item, "traits", place), said),
    }
    if not row["user_id"] and not row["anonymous_id"]:
        raise BadCall(
            f"{place}.userId", "and “anonymousId” are both missing", "Say who did it by one of them."
        )
    if kind == "alias":
        row["previous_id"] = _needed(_id(item, "previousId", place), f"{place}.previousId")
    if kind == "group":
        row["account"] = _needed(_id(item, "groupId", place), f"{place}.groupId")
    if kind in EVENTS_OF:
        row |= {"event": _event(kind, item, place), "occurred_at": _moment(item, place, received_at, skew)}
        row |= _circumstances(said)
        row["properties"] = _bounded(properties, place)
    return Call(
        row["message_id"], {name: value for name, value in row.items() if value not in (None, "", {})}
    )


def _is_deep(item: Any) -> bool:
    level = [item]
    for _ in range(MOST_LEVELS):
        inside = (each.values() if isinstance(each, dict) else each for each in level)
        level = [part for parts in inside for part in parts if isinstance(part, (dict, list))]
        if not level:
            return False
    return True


def _object(item: Json, name: str, place: str) -> Json:
    value = item.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadCall(f"{place}.{name}", "is not an object", "Send it as {…}, or leave it away.")
    return value


def _plain(value: str) -> str:
    """Text without control characters and halves of characters, which no file may hold."""
    kept = "".join(c for c in value if c.isprintable())
    return kept.encode("utf-8", "replace").decode().strip()


def _id(item: Json, name: str, place: str) -> str:
    value = item.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise BadCall(f"{place}.{name}", "is neither a text nor a whole number", "Send the id as text.")
    found = _plain(str(value))
    if len(found) > LONGEST:
        raise BadCall(f"{place}.{name}", f"is longer than {LONGEST} characters", "Send the id, not a text.")
    return found


def _needed(value: str, field: str) -> str:
    if not value:
        raise BadCall(field, "is missing", "This call says nothing without it.")
    return value


def _message(item: Json, place: str) -> str:
    """The call's own id; a call without one gets one, and then cannot be told from its repetition."""
    value = item.get("messageId")
    if value is None or value == "":
        return f"none-{secrets.token_hex(16)}"
    if not isinstance(value, str) or not _plain(value) or len(value) > LONGEST_MESSAGE:
        raise BadCall(
            f"{place}.messageId",
            f"is not a text of 1 to {LONGEST_MESSAGE} characters",
            "Leave it to the SDK.",
        )
    return _plain(value)


def _event(kind: str, item: Json, place: str) -> str:
    field = "event" if kind == "track" else "name"
    value = item.get(field)
    if value is not None and not isinstance(value, str):
        raise BadCall(f"{place}.{field}", "is not a text", "Send the name as text.")
    name = cells.event_name(value or "")
    if len(value or "") > LONGEST:
        raise BadCall(f"{place}.{field}", f"is longer than {LONGEST} characters", "Send a name, not a text.")
    if kind == "track":
        return _needed(name or "", f"{place}.event")
    noun = "page" if kind == "page" else "screen"
    return f"Viewed {name} {noun}" if name else f"Viewed a {noun}"


def _moment(item: Json, place: str, received_at: datetime, skew: timedelta) -> str:
    """When it happened, UTC, by a clock that was put right; never after it came.

    A day that has not begun anywhere would move the day until which all data speak (decision 011).
    """
    name = "timestamp" if item.get("timestamp") is not None else "originalTimestamp"
    value = item.get(name)
    if value is None:
        return received_at.isoformat(timespec="microseconds")
    moment = _read_moment(value)
    if moment is None:
        raise BadCall(
            f"{place}.{name}", "is not a time", "Send it as ISO 8601, such as 2026-03-02T09:00:00.000Z."
        )
    try:
        moment += skew
    except OverflowError:
        moment = LATEST
    if not EARLIEST <= moment < LATEST:
        raise BadCall(f"{place}.{name}", "is outside 1990 to 2100", "Check the clock of whatever sends it.")
    if moment > received_at + AHEAD:
        do = "Check the clock of whatever sends it, or let it send sentAt."
        raise BadCall(f"{place}.{name}", "lies more than a day in the future", do)
    return min(moment, received_at).isoformat(timespec="microseconds")


def _read_moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _skew(body: Json, received_at: datetime) -> timedelta:
    """By how much the sender's clock is behind ours; nothing when it is right to the minute."""
    sent = _read_moment(body.get("sentAt"))
    behind = received_at - sent if sent else timedelta(0)
    return behind if abs(behind) > CLOCK_IS_WRONG else timedelta(0)


def _traits(traits: Json, context: Json) -> dict[str, str]:
    """Of what is known about a person, only the two that say who it is."""
    inside = context.get("traits")
    both = {**(inside if isinstance(inside, dict) else {}), **traits}
    return {name: _short(both.get(name)) for name in TRAITS}


def _short(value: Any) -> str:
    """A text of the size of an id or a word; anything else is not one."""
    found = _plain(value) if isinstance(value, str) else ""
    return found if len(found) <= LONGEST else ""


def _circumstances(context: Json) -> dict[str, Any]:
    """Where it happened: the kind of device, the campaign, the page without what was typed into it."""

    def part(name: str) -> Json:
        value = context.get(name)
        return value if isinstance(value, dict) else {}

    agent = context.get("userAgent")
    said = agent[:LONGEST] if isinstance(agent, str) else ""
    device = bot_of(said) or _short(part("device").get("type")) or (device_of(said) if said else "")
    campaign, page = part("campaign"), part("page")
    session = context.get("sessionId")
    return {
        "device": device,
        "channel": _short(campaign.get("medium")) or _short(campaign.get("source")),
        "session": str(session) if isinstance(session, int) else _short(session),
        "account": _short(context.get("groupId")),
        "campaign": {name: _short(campaign.get(name)) for name in ("name", "source", "medium", "content")},
        "page": {"path": _short(page.get("path"))},
    }


def _bounded(properties: Json, place: str) -> Json:
    if len(flattened(dict(properties))) <= MOST_PROPERTIES:
        return properties
    raise BadCall(
        f"{place}.properties",
        f"has more than {MOST_PROPERTIES} fields",
        "Send the few that tell events apart.",
    )


# ---------------------------------------------------------------- rows → events and links


def insist_on_presets() -> None:
    """Raise what is wrong with the presets that calls are read by, before any call has come."""
    for name in PRESETS:
        _preset(name)


@cache
def _preset(name: str) -> Preset:
    return load(Path(__file__).with_name(f"{name}.toml"))


# The cells of a kept row that are ids, and of which kinds the presets take them for.
ID_CELLS = {
    "user_id": ("user_id",),
    "anonymous_id": ("anonymous_id",),
    "previous_id": ("user_id", "anonymous_id"),
    "email": ("email",),
    "phone": ("phone",),
}


def raw_ids_of(row: Json) -> dict[str, tuple[str, ...]]:
    """The raw ids in a kept row, by its cells, as they stand in events; what is no such id is left away."""
    found = {}
    for cell, kinds in ID_CELLS.items():
        value = str(row.get(cell) or "").strip()
        normal = {kind: NORMAL[kind](value) if kind in NORMAL else value for kind in kinds}
        ids = tuple(f"{kind}:{one}" for kind, one in normal.items() if one)
        if ids:
            found[cell] = ids
    return found


def chunks_of(rows: Sequence[tuple[int, Json]]) -> Iterator[Chunk]:
    """Kept rows as events and links. rows: (running number, row); the number orders equal times."""
    for name, calls in PRESETS.items():
        mine = [(number, flattened(dict(row))) for number, row in rows if row.get("call") in calls]
        yield from _chunks(_preset(name), mine)


def _chunks(preset: Preset, rows: Sequence[tuple[int, dict[str, str]]]) -> Iterator[Chunk]:
    """As many rows at a time as do not have too many columns together."""
    if not rows:
        return
    header = tuple(dict.fromkeys(name for _, row in rows for name in row))
    if len(header) > COLUMNS_AT_ONCE and len(rows) > 1:
        half = len(rows) // 2
        yield from _chunks(preset, rows[:half])
        yield from _chunks(preset, rows[half:])
        return
    table = ((number, [row.get(name, "") for name in header]) for number, row in rows)
    for raw in in_columns(table, header, lambda: 0.0):
        personal = {
            place
            for place, name in enumerate(header)
            if cells.is_personal(name.removeprefix(preset.property_prefix), cells.present(raw.columns[place]))
        }
        yield Normaliser(_plan(preset, header, personal), header).chunk(raw)


def _plan(preset: Preset, header: Sequence[str], personal: set[int]) -> Plan:
    """Nothing is left to guess: times are whole moments in UTC, numbers have a point."""
    plan = plan_of_preset(preset, header, {}, personal)
    utc = ZoneInfo("UTC")
    readings = {place: Reading(utc, utc, "ymd") for place in plan.time_columns}
    return replace(plan, source=SOURCE, readings=readings, newest_first=False)
