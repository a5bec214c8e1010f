"""How fast may a write key send? Calls are counted, not requests."""

from __future__ import annotations

from journey_app.intake.calls import MOST_CALLS

BURST_S = 10


class Pace:
    """So many calls a second for long; after a rest ten times as many at once, and always one whole request."""

    def __init__(self, per_s: int) -> None:
        self._per_s = per_s
        self._most = float(max(per_s * BURST_S, MOST_CALLS))
        self._left: dict[str, tuple[float, float]] = {}

    def wait(self, key: str, calls: int, now: float) -> float:
        """0 when these calls may come now, else the seconds to wait.

        calls: at most MOST_CALLS, as a request holds. now: any clock that only goes on.
        """
        left, at = self._left.get(key, (self._most, now))
        left = min(self._most, left + (now - at) * self._per_s)
        short = calls - left
        self._left[key] = (left if short > 0 else left - calls), now
        return max(short, 0.0) / self._per_s
