"""What does a count out of a count say about the share behind it?"""

from __future__ import annotations

from math import sqrt

from scipy.stats import norm

from journey_app.vocabulary import Interval, Rate


def wilson(count: int, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """The range of shares that a count leaves open, without continuity correction.

    count: how many did it, 0 to `of`. of: how many could have, at least 1.
    Returns (low, high), shares from 0 to 1; low is exactly 0 for none, high exactly 1 for all.
    Raises ValueError when the counts cannot be a share.
    Source: Newcombe (1998), Statistics in Medicine 17:857–872, method 3 (Wilson 1927).
    """
    if of < 1 or not 0 <= count <= of:
        raise ValueError(f"{count} of {of} is not a share")
    z = float(norm.ppf((1 + confidence) / 2))
    centre = 2 * count + z * z
    reach = z * sqrt(z * z + 4 * count * (of - count) / of)
    scale = 2 * (of + z * z)
    low = 0.0 if count == 0 else (centre - reach) / scale
    high = 1.0 if count == of else (centre + reach) / scale
    return low, high


def rate(count: int, of: int) -> Rate | None:
    """A share with its counts and its 95 % interval; None when nobody was there.

    Source: as `wilson`.
    """
    return None if of == 0 else Rate(count, of, *wilson(count, of))


def newcombe(after: Rate, before: Rate) -> Interval:
    """How much a share moved between two independent groups of customers.

    Right for two groups in the same weeks (arms, segments); across weeks it ignores
    week noise, and `noise.week_effect` is the one to ask.
    Returns the change in points of share, −1 to 1, with its 95 % range.
    Source: Newcombe (1998), Statistics in Medicine 17:873–890, method 10.
    """
    moved = after.share - before.share
    down = sqrt((after.share - after.low) ** 2 + (before.high - before.share) ** 2)
    up = sqrt((after.high - after.share) ** 2 + (before.share - before.low) ** 2)
    return Interval(moved - down, moved, moved + up)
