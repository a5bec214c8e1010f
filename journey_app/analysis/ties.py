"""How much of a funnel rests on the order of equal times?

Exports with days instead of times, or with whole seconds, leave open what came first. The
file's order is followed; this says what the best and the worst possible order would give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from journey_app.analysis.funnel import TWO_WEEKS, funnel
from journey_app.engine.base import Events
from journey_app.vocabulary import Filter, Rate


@dataclass(frozen=True)
class Band:
    """The overall rate when equal times count in the worst and in the best possible order."""

    worst: Rate
    best: Rate


def tie_band(
    events: Events,
    steps: Sequence[str],
    within: timedelta | None = TWO_WEEKS,
    *,
    now: datetime,
    since: date | None = None,
    until: date | None = None,
    where: Sequence[Filter] = (),
) -> Band | None:
    """The band of an ordered funnel; None when no equal time matters, or nobody is decided.

    Source: docs/decisions/004-one-entry-per-customer.md
    """
    worst, best = (
        funnel(events, steps, within, now=now, since=since, until=until, where=where, ties=ties).overall
        for ties in ("worst", "best")
    )
    if worst is None or best is None or worst == best:
        return None
    return Band(worst, best)
