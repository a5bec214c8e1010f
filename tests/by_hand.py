"""The slow, obvious twin of every question: plain Python over a list of rows, no database.

`random_log` makes small untidy logs (equal times, exact duplicate rows, customers who never
convert, several ids, day borders in several zones); the twins answer the questions of
`journey_app.analysis` straight from their definitions.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONES = ("UTC", "Europe/Berlin", "Pacific/Auckland", "America/New_York")
STARTS = (  # each a few days around a change of clocks in one of the zones, and a quiet week
    datetime(2026, 3, 27, tzinfo=UTC),
    datetime(2026, 10, 23, tzinfo=UTC),
    datetime(2026, 4, 3, tzinfo=UTC),
    datetime(2026, 6, 1, tzinfo=UTC),
)
NAMES = ("visit", "view", "cart", "pay")
CHANNELS = ("ads", "mail", None)


@dataclass(frozen=True)
class Did:
    """One event as the twins see it. at: UTC, without zone. day: local."""

    customer: str
    event: str
    at: datetime
    day: date
    channel: str | None


@dataclass(frozen=True)
class Log:
    """rows: as intake would hand them on, in file order. journeys: the same by customer, in their order."""

    rows: list[dict]
    zone: str
    journeys: dict[str, list[Did]]


def random_log(seed: int) -> Log:
    chance = random.Random(seed)
    zone, start = ZONES[seed % len(ZONES)], chance.choice(STARTS)
    minutes = [chance.randrange(0, 6 * 24 * 60) for _ in range(25)]  # few moments, so many ties
    rows: list[dict] = []
    for customer in range(1, chance.randrange(2, 15)):
        ids = [f"user_id:{customer}", f"email:c{customer}@example.com", f"anonymous_id:a{customer}"]
        for n in range(chance.randrange(1, 11)):
            tiny = timedelta(microseconds=chance.choice((0, 0, 0, 500_000, 250_000)))
            row = {
                "raw_ids": ids if n == 0 else [chance.choice(ids)],
                "event": chance.choices(NAMES, (5, 4, 3, 1))[0],
                "occurred_at": (start + timedelta(minutes=chance.choice(minutes)) + tiny).replace(
                    tzinfo=None
                ),
                "channel": chance.choice(CHANNELS),
                "customer": f"user_id:{customer}",
            }
            rows += [row] * chance.choices((1, 2, 3), (8, 1, 1))[0]
    chance.shuffle(rows)
    rows += [  # so that every name is known in every log
        {
            "raw_ids": ["user_id:last"],
            "event": name,
            "occurred_at": (start + timedelta(days=6)).replace(tzinfo=None),
            "channel": None,
            "customer": "user_id:last",
        }
        for name in reversed(NAMES)
    ]
    return Log(rows, zone, journeys(rows, zone))


def journeys(rows: Sequence[dict], zone: str) -> dict[str, list[Did]]:
    """Customer → what they did; equal times in file order. A row needs `customer` beside the contract."""
    made: dict[str, list[Did]] = defaultdict(list)
    for row in rows:
        day = row["occurred_at"].replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
        made[row["customer"]].append(
            Did(row["customer"], row["event"], row["occurred_at"], day, row.get("channel"))
        )
    return {customer: sorted(did, key=lambda one: one.at) for customer, did in made.items()}


# ---------------------------------------------------------------- stages and funnel


@dataclass(frozen=True)
class Way:
    """One customer's way through the steps: when each was reached, as far as they got."""

    entry: Did
    moments: list[datetime]


def ways(
    log: Log,
    steps: Sequence[str],
    within: timedelta | None,
    order: str = "ordered",
    ties: str = "position",
    since: date | None = None,
    until: date | None = None,
    channels: Sequence[str] | None = None,
) -> list[Way]:
    """Of every customer whose entry counts; in `any` order only those who did the first step too."""
    found = []
    for mine in log.journeys.values():
        starting = set(steps) if order == "any" else {steps[0]}
        first = next((i for i, did in enumerate(mine) if did.event in starting), None)
        if first is None:
            continue
        entry = mine[first]
        if (since and entry.day < since) or (until and entry.day > until):
            continue
        if channels is not None and (entry.channel or "unknown") not in channels:
            continue
        in_time = [i for i, did in enumerate(mine) if within is None or did.at <= entry.at + within]
        walk = {"ordered": _ordered, "strict": _strict, "any": _any}[order]
        moments = walk(mine, in_time, first, steps, ties)
        if moments:
            found.append(Way(entry, moments))
    return found


def _ordered(
    mine: list[Did], in_time: list[int], first: int, steps: Sequence[str], ties: str
) -> list[datetime]:
    used = [first]
    for step in steps[1:]:
        now = mine[used[-1]].at
        later: Callable[[int], bool] = {
            "position": lambda i: i > used[-1],
            "best": lambda i, now=now: mine[i].at >= now and i not in used,
            "worst": lambda i, now=now: mine[i].at > now,
        }[ties]
        after = [i for i in in_time if mine[i].event == step and later(i)]
        if not after:
            break
        used.append(min(after))
    return [mine[i].at for i in used]


def _strict(
    mine: list[Did], in_time: list[int], first: int, steps: Sequence[str], _ties: str
) -> list[datetime]:
    moments = []
    for number, step in enumerate(steps):
        here = first + number
        if here not in in_time or mine[here].event != step:
            break
        moments.append(mine[here].at)
    return moments


def _any(mine: list[Did], in_time: list[int], first: int, steps: Sequence[str], _ties: str) -> list[datetime]:
    moments: list[datetime] = []
    for step in steps:
        did = [mine[i].at for i in in_time if i >= first and mine[i].event == step]
        if not did:
            break
        moments.append(max([min(did), *moments[-1:]]))
    return moments


def funnel_numbers(ways: Sequence[Way], steps: int, within: timedelta | None, now: datetime) -> list[dict]:
    """Per step: customers, decided, open, lost and kept, each counted customer by customer."""
    numbers = []
    for k in range(steps):
        here = [way for way in ways if len(way.moments) > k]
        decided = [way for way in here if _is_over(way, within, now)]
        stuck = [way for way in here if len(way.moments) == k + 1]
        before = [way for way in ways if len(way.moments) > k - 1 and _is_over(way, within, now)]
        last = k == steps - 1
        numbers.append(
            {
                "customers": len(here),
                "decided": len(decided),
                "open": 0 if last else sum(not _is_over(way, within, now) for way in stuck),
                "lost": None if last else sum(_is_over(way, within, now) for way in stuck),
                "kept": (len(decided), len(before)) if k and before else None,
            }
        )
    return numbers


def _is_over(way: Way, within: timedelta | None, now: datetime) -> bool:
    return within is None or way.entry.at + within <= now


def people(ways: Sequence[Way], step: int, fate: str, within: timedelta | None, now: datetime) -> set[str]:
    """The customers behind one number."""
    chosen = set()
    for way in ways:
        if len(way.moments) > step:
            stuck = len(way.moments) == step + 1
            fates = {
                "reached": True,
                "went on": not stuck,
                "lost": stuck and _is_over(way, within, now),
                "open": stuck and not _is_over(way, within, now),
            }
            if fates[fate]:
                chosen.add(way.entry.customer)
    return chosen


def paces(ways: Sequence[Way], steps: int) -> list[tuple[int, float | None, float | None]]:
    """Per pair of neighbouring steps: customers, median and p95 in seconds."""
    answer = []
    for k in range(1, steps):
        took = [(w.moments[k] - w.moments[k - 1]).total_seconds() for w in ways if len(w.moments) > k]
        answer.append((len(took), quantile(took, 0.5), quantile(took, 0.95)))
    return answer


def days(ways: Sequence[Way], within: timedelta, now: datetime) -> list[tuple[date, int, int, int]]:
    """Per local day of entry: day, entered, converted, decided."""
    by_day: dict[date, list[Way]] = defaultdict(list)
    for way in ways:
        by_day[way.entry.day].append(way)
    answer = []
    for day, entered in sorted(by_day.items()):
        decided = [way for way in entered if _is_over(way, within, now)]
        answer.append((day, len(entered), sum(len(way.moments) == 2 for way in decided), len(decided)))
    return answer


def quantile(values: Sequence[float], share: float) -> float | None:
    """Linear between neighbours: Hyndman and Fan's type 7."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


# ---------------------------------------------------------------- transitions and paths


def pieces(log: Log, session: timedelta | None) -> list[list[Did]]:
    """Every journey, cut where a pause is longer than `session`."""
    cut = []
    for mine in log.journeys.values():
        cut.append([mine[0]])
        for before, did in itertools.pairwise(mine):
            if session is not None and did.at - before.at > session:
                cut.append([])
            cut[-1].append(did)
    return cut


@dataclass(frozen=True)
class Follows:
    """(source, target) → (count, customers, median, p95), where pieces start and end, their variants."""

    pairs: dict[tuple[str, str], tuple[int, int, float, float]]
    starts: Counter[str]
    ends: Counter[str]
    variants: int


def follows(log: Log, session: timedelta | None) -> Follows:
    cut = pieces(log, session)
    seen: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for piece in cut:
        for one, other in itertools.pairwise(piece):
            seen[one.event, other.event].append((one.customer, (other.at - one.at).total_seconds()))
    pairs = {}
    for pair, times in seen.items():
        took = [seconds for _who, seconds in times]
        pairs[pair] = (len(times), len({who for who, _s in times}), quantile(took, 0.5), quantile(took, 0.95))
    return Follows(
        pairs,
        Counter(piece[0].event for piece in cut),
        Counter(piece[-1].event for piece in cut),
        len({tuple(did.event for did in piece) for piece in cut}),
    )


def walks(log: Log, anchor: str, forward: bool, session: timedelta | None, collapse: bool) -> list[list[str]]:
    """One walk a customer who did the anchor, starting with it."""
    found = []
    for mine in log.journeys.values():
        path = mine if forward else mine[::-1]
        at = next((i for i, did in enumerate(path) if did.event == anchor), None)
        if at is None:
            continue
        walk = [path[at]]
        for did in path[at + 1 :]:
            if session is not None and abs(did.at - walk[-1].at) > session:
                break
            walk.append(did)
        names = [did.event for did in walk]
        if collapse:
            names = [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name]
        found.append(names)
    return found


def ribbons(
    walks: Sequence[Sequence[str]], steps: int, top: int, end: str, rest: str
) -> tuple[dict[tuple[int, str, str], int], dict[int, dict[str, int]]]:
    """(step, source, target) → customers, and what stands behind Other per column."""
    named: dict[int, set[str]] = {0: {walk[0] for walk in walks}}
    behind: dict[int, dict[str, int]] = {}
    for column in range(1, steps + 1):
        ranked = Counter(walk[column] for walk in walks if len(walk) > column).items()
        ranked = sorted(ranked, key=lambda item: (-item[1], item[0]))
        named[column] = {name for name, _n in ranked[:top]}
        if ranked[top:]:
            behind[column] = dict(ranked[top:])
    widths: Counter[tuple[int, str, str]] = Counter()
    for walk in walks:
        for step in range(min(steps, len(walk))):
            source = walk[step] if walk[step] in named[step] else rest
            target = end
            if len(walk) > step + 1:
                target = walk[step + 1] if walk[step + 1] in named[step + 1] else rest
            widths[step, source, target] += 1
    return dict(widths), behind


# ---------------------------------------------------------------- who is one customer

WEAK = "anonymous_id"
JUNK_SAMPLES = ("null", "unknown", "0")


def groups(
    sets: Sequence[Sequence[str]],
    most: int = 3,
    records: int = 10,
    cuts: Sequence[tuple[str, str]] = (),
    reasons: Sequence[str] = (),
    matching: str = "normal",
) -> list[int]:
    """The customer of each set of ids, as a number that means nothing but sameness.

    reasons: per set “seen together”, “identify”, “alias” or “merge”; the last two join anonymous ids.
    Caps of alias rows and role mailboxes are left to stories.
    """
    reasons = reasons or ["seen together"] * len(sets)
    loose = matching == "loose"
    most, records = (10, 30) if loose else (most, records)
    explicit = [reason in ("alias", "merge") for reason in reasons]
    joins = [matching != "strict" or reason != "seen together" for reason in reasons]

    def weak(raw: str) -> bool:
        return raw.startswith(WEAK)

    near: dict[str, set[str]] = defaultdict(set)
    for ids, told in zip(sets, explicit, strict=True):
        for one in ids:
            if not told and (loose or not weak(one)):
                near[one] |= {other for other in ids if other != one and not weak(other)}
    off = {raw for ids in sets for raw in ids if raw.partition(":")[2].lower() in JUNK_SAMPLES}
    for raw, others in near.items():
        kinds = Counter(other.partition(":")[0] for other in others)
        for kind, n in kinds.items():
            people = kind in ("user_id", "email", "phone")
            if n > ((3 if weak(raw) else most) if people else records):
                off.add(raw)

    edges: dict[str, dict[int, set[str]]] = defaultdict(dict)  # id → row → its neighbours there
    for at, ids in enumerate(sets):
        for one in ids:
            mates = {
                other
                for other in ids
                if joins[at]
                and not {one, other} & off
                and (loose or weak(one) == weak(other))
                and (loose or explicit[at] or not weak(one))
            }
            edges[one][at] = mates

    def walk(start: str, inside: set[str]) -> dict[str, int]:
        steps, edge = {start: 0}, [start]
        for one in edge:
            for other in sorted(set().union(*edges[one].values())):
                if other in inside and other not in steps:
                    steps[other] = steps[one] + 1
                    edge.append(other)
        return steps

    def whole(ids: set[str]) -> list[set[str]]:
        found: list[set[str]] = []
        for raw in sorted(ids):
            if raw in ids:
                found.append(set(walk(raw, ids)))
                ids -= found[-1]
        return found

    parts = whole({*edges})
    cuts = [
        cut for cut in {tuple(sorted(cut)) for cut in cuts} if set(cut) <= set(edges) and len(set(cut)) == 2
    ]
    direct = {(a, b): any(b in mates for mates in edges[a].values()) for a, b in cuts}
    for a, b in sorted(cuts, key=lambda cut: (not direct[cut], cut)):
        for part in [part for part in parts if a in part and b in part]:
            parts.remove(part)
            from_a, from_b = walk(a, part), walk(b, part)
            mine = {raw for raw in part if from_a[raw] < from_b[raw]}
            theirs = {raw for raw in part if from_b[raw] < from_a[raw]}
            parts += [mine, theirs, *whole(part - mine - theirs)]
    home = {raw: min(part) for part in parts for raw in part}

    def rank(raw: str) -> int:
        return {"user_id": 0, "email": 1, "phone": 2, WEAK: 9}.get(raw.partition(":")[0], 3)

    speaking = [min(ids, key=lambda raw: (raw in off, rank(raw), raw)) for ids in sets]
    heard = {home[raw] for raw in speaking}
    owners: dict[str, set[str]] = defaultdict(set)
    if not loose:
        for at, ids in enumerate(sets):
            known = {home[raw] for raw in ids if joins[at] and raw not in off and not weak(raw)} & heard
            for raw in ids:
                if joins[at] and weak(raw) and raw not in off:
                    owners[home[raw]] |= known
        for a, b in [*cuts, *((b, a) for a, b in cuts)]:
            if weak(a) and not weak(b) and a not in off:
                owners[home[a]].discard(home[b])
        off |= {raw for raw in edges if weak(raw) and len(owners[home[raw]]) > 1}
        pairs = [(home[a], home[b]) for a, b in cuts if weak(a) and weak(b)]
        same = [pair for pair in pairs if len(owners[pair[0]]) == 1 and owners[pair[0]] == owners[pair[1]]]
        for device in {each for pair in same for each in pair}:
            owners[device] = set()
    owned = {raw: next(iter(owners[home[raw]])) for raw in edges if weak(raw) and len(owners[home[raw]]) == 1}

    def strength(raw: str) -> tuple[bool, int, bool, str]:
        return raw in off, rank(raw), raw not in owned, raw

    homes = []
    for ids in sets:
        speaker = min(ids, key=strength)
        homes.append(speaker if speaker in off else owned.get(speaker, home[speaker]))
    number = {home: n for n, home in enumerate(dict.fromkeys(homes))}
    return [number[home] for home in homes]
