"""How is a number written, so that it is read the same way everywhere?

English: 3,312 and 46.7%, true minus, en dash for ranges, “–” for what nobody knows. A space that
must not break is a no-break space. Shares arrive as 0 to 1 and leave as percent.
"""

from __future__ import annotations

from datetime import date, timedelta

from journey_app.vocabulary import Interval, Rate

UNKNOWN = "–"
NBSP = "\u00a0"
MINUS = "−"
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
# Written out: strftime would speak the machine's language.
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def count(number: int | None) -> str:
    """3312 → “3,312”."""
    return UNKNOWN if number is None else f"{number:,}".replace("-", MINUS)


def n(number: int | None) -> str:
    """3312 → “n 3,312”, kept on one line."""
    return f"n{NBSP}{count(number)}"


def percent(share: float | None, digits: int = 1) -> str:
    """0.467 → “46.7%”. Never rounds a share to 0% or 100% that is not exactly that: “<0.1%”, “>99.9%”."""
    if share is None:
        return UNKNOWN
    least = 10.0**-digits
    shown = f"{share * 100:.{digits}f}"
    if 0 < share < 1 and float(shown) == 0:
        return f"<{least:.{digits}f}%"
    if 0 < share < 1 and float(shown) == 100:
        return f">{100 - least:.{digits}f}%"
    return f"{shown}%".replace("-", MINUS)


def span(low: float | None, high: float | None, digits: int = 1) -> str:
    """0.45, 0.484 → “45.0–48.4”: a range of shares, its sign left to the number it stands beside."""
    if low is None or high is None:
        return UNKNOWN
    return f"{low * 100:.{digits}f}–{high * 100:.{digits}f}".replace("-", MINUS)


def rate_span(rate: Rate | None) -> str:
    """The range of a rate, “45.0–48.4”."""
    return UNKNOWN if rate is None else span(rate.low, rate.high)


def rate_percent(rate: Rate | None, digits: int = 1) -> str:
    """The share of a rate, “46.7%”."""
    return UNKNOWN if rate is None else percent(rate.share, digits)


def plus_minus(rate: Rate | None) -> str:
    """Half the width of a rate's range in points, “±0.9”."""
    return UNKNOWN if rate is None else f"±{(rate.high - rate.low) * 50:.1f}"


def signed(value: float, digits: int = 1) -> str:
    """1.1 → “+1.1”, −0.1 → “−0.1”; what rounds to zero carries no sign."""
    shown = f"{abs(value):.{digits}f}"
    if float(shown) == 0:
        return shown
    return f"{'+' if value > 0 else MINUS}{shown}"


def points(effect: Interval | None) -> str:
    """A change of a share: “+1.1 to +2.4 points”."""
    if effect is None:
        return UNKNOWN
    low, high = signed(effect.low * 100), signed(effect.high * 100)
    return f"{low}{NBSP}points" if low == high else f"{low} to {high}{NBSP}points"


def relative(effect: Interval | None) -> str:
    """A relative change: “+12% (+3 to +22)”."""
    if effect is None:
        return UNKNOWN
    low, middle, high = (signed(value * 100, 0) for value in (effect.low, effect.middle, effect.high))
    return f"{middle}% ({low} to {high})"


def duration(length: timedelta | None) -> str:
    """“40 s”, “12 min”, “1.2 h”, “2.6 d”: one unit, the smallest whose rounded number is not too long.

    Hours up to two days; a decimal below 10 hours and below 100 days.
    """
    if length is None:
        return UNKNOWN
    seconds = length.total_seconds()
    if round(seconds) < 60:
        return f"{seconds:.0f}{NBSP}s"
    if round(seconds / MINUTE) < 60:
        return f"{seconds / MINUTE:.0f}{NBSP}min"
    if round(seconds / HOUR) < 48:
        return f"{_short(seconds / HOUR, 10)}{NBSP}h"
    return f"{_short(seconds / DAY, 100)}{NBSP}d"


def _short(value: float, whole_from: int) -> str:
    return f"{value:.0f}" if round(value, 1) >= whole_from else f"{value:.1f}"


def slow(p95: timedelta | None) -> str:
    """What others call p95: “1 in 20 takes over 9.8 d”."""
    return UNKNOWN if p95 is None else f"1 in 20 takes over {duration(p95)}"


def day(when: date | None) -> str:
    """“Mon 18 May”."""
    return UNKNOWN if when is None else f"{WEEKDAYS[when.weekday()]}{NBSP}{short_day(when)}"


def short_day(when: date | None) -> str:
    """“18 May”."""
    return UNKNOWN if when is None else f"{when.day}{NBSP}{MONTHS[when.month - 1]}"


def shorten(text: str, most: int) -> str:
    """At most `most` characters, an ellipsis standing for the rest."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
