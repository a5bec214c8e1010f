"""Where does a share stand on a track, and which three ticks say so?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import floor

from journey_app.vocabulary import Rate

STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25)


@dataclass(frozen=True)
class Axis:
    """A stretch of the number line. ticks: three round values inside it."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float, left: float = 0.0, right: float = 100.0) -> float:
        """Where `value` stands between `left` and `right`; values outside stop at the ends."""
        share = (value - self.low) / (self.high - self.low)
        return left + (right - left) * min(1.0, max(0.0, share))


def axis_for(values: Iterable[float]) -> Axis:
    """The narrowest stretch with three round ticks that holds all `values` (shares, 0 to 1).

    Without values it is the whole way from 0 to 1.
    """
    known = list(values)
    if not known:
        return Axis(0.0, 1.0, (0.0, 0.5, 1.0))
    low, high = min(known), max(known)
    for step in STEPS:
        first = floor(low / step + 0.25) * step
        for start in (first, first - step):
            edges = (max(0.0, start - step / 2), min(1.0, start + 2.5 * step))
            if start >= 0 and start + 2 * step <= 1 and edges[0] <= low and high <= edges[1]:
                return Axis(*edges, tuple(round(start + step * k, 6) for k in range(3)))
    return Axis(0.0, 1.0, (0.0, 0.5, 1.0))


def axis_of_rates(rates: Iterable[Rate | None]) -> Axis:
    """The shared axis of several rates with their ranges."""
    return axis_for(edge for rate in rates if rate is not None for edge in (rate.low, rate.high))


def axis_around(values: Iterable[float], margin: float = 0.12) -> Axis:
    """A stretch that holds `values` of any size with `margin` of its width left free at both ends."""
    known = list(values)
    low, high = min(known), max(known)
    room = (high - low) * margin or abs(high) * margin or 1.0
    return Axis(low - room, high + room, ())
