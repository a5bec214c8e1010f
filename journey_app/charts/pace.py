"""How far is the goal, where should it be today, and where does it stand? The geometry of the goal strip."""

from __future__ import annotations

from dataclasses import dataclass

from journey_app.charts.axis import Axis
from journey_app.charts.text import NBSP, UNKNOWN, n, percent, plus_minus, rate_percent
from journey_app.vocabulary import Rate

MARGIN = 0.02  # of the way, kept free beyond start and target


@dataclass(frozen=True)
class Places:
    """Where things stand on the way from start to target, in percent of the track's width.

    now, low, high: None while nothing is measured. needed: where the plan says it should be today.
    """

    start: float
    target: float
    now: float | None
    low: float | None
    high: float | None
    needed: float | None


def pace_places(start: float, target: float, now: Rate | None, needed: float | None) -> Places:
    """Shares → percent of the track. The track runs to the target, left to right, also for goals that fall.

    It widens when today's range lies outside start and target.
    """
    known = [start, target]
    known += [now.low, now.high] if now else []
    low, high = min(known), max(known)
    room = (high - low) * MARGIN or MARGIN
    axis = Axis(low - room, high + room, ())
    falling = target < start

    def at(share: float) -> float:
        place = axis.at(share)
        return round(100 - place if falling else place, 2)

    ends = sorted((at(now.low), at(now.high))) if now else (None, None)
    return Places(
        start=at(start),
        target=at(target),
        now=at(now.share) if now else None,
        low=ends[0],
        high=ends[1],
        needed=None if needed is None else at(needed),
    )


def describe(start: float, target: float, now: Rate | None, needed: float | None = None) -> str:
    """The goal in words: “From 12.0% to 18.0%; now 13.4% ±0.9, n 5,484; 15.1% needed today.”"""
    stands = f"now {rate_percent(now)} {plus_minus(now)}, {n(now.of)}" if now else f"now {UNKNOWN}"
    plan = f"; {percent(needed)} needed today" if needed is not None else ""
    return f"From {percent(start)} to {percent(target)}; {stands}{plan}.".replace(NBSP, " ")
