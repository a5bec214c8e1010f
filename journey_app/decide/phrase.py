"""How is a verdict said?"""

from __future__ import annotations

from datetime import date, timedelta

from journey_app.analysis.gaps import Gap
from journey_app.decide.blocks import gap_days
from journey_app.vocabulary import Interval, Rate

NOTHING_HELD = "Nothing else was held constant. Also check: campaigns, holidays, price, other releases."
NOT_LASTING = "Whether it lasts: one week shows the first reaction only."
LATER_WEEK = (
    "Earlier changes of this sprint may have moved the level, so this week is read with a wider range "
    "than week 1; the sprint total keeps its full strength."
)
EARLIER_SPRINT = (
    "Changes of an earlier sprint went live shortly before, so this week is compared with the level "
    "reached by then, and read with a wider range."
)
BASELINE_MOVED = (
    "Changes of an earlier sprint went live in the 28 days before this one: part of their effect counts here."
)
ROLLED_BACK_BEFORE = (
    "An earlier change was rolled back; if that happened during this week, "
    "its end and this change cannot be told apart."
)
OWN_ROLL_BACK = "If it was rolled back before its seven days were over, the week is a mixture of both."


def percent(share: float) -> str:
    """A share as “46.7%”."""
    return f"{100 * share:.1f}%"


def whole(share: float) -> str:
    """A share as “23%”, true minus."""
    return f"{100 * share:.0f}%".replace("-", "−")


def way_said(way: Interval) -> str:
    """How much of the way to a target is done, as “35% of the way (10% to 60%)”; no part of it where it went back."""
    if way.middle < 0:
        most = f" (at most {whole(way.high)} of the way)" if way.high > 0 else ""
        return f"below where it started{most}"
    low = "from below the start" if way.low < 0 else whole(way.low)
    return f"{whole(way.middle)} of the way ({low} to {whole(way.high)})"


def signed(relative: float) -> str:
    """A relative change as “+20%”, “−0.4%”: one decimal below ten, true minus."""
    digits = 1 if abs(relative) < 0.0995 else 0
    return f"{100 * relative:+.{digits}f}%".replace("-", "−")


def counted(rate: Rate) -> str:
    """A rate with its counts: “24.0% (240 of 1,000)”."""
    return f"{percent(rate.share)} ({rate.count:,} of {rate.of:,})"


def spread(effect: Interval) -> str:
    """An effect with its range."""
    return f"{signed(effect.middle)}, plausible range {signed(effect.low)} to {signed(effect.high)}"


def day(when: date) -> str:
    """A day as “Mon 18 May”, in English whatever the machine speaks."""
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[when.weekday()]
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[
        when.month - 1
    ]
    return f"{weekday} {when.day} {month}"


def plural(number: int, noun: str) -> str:
    """A count with its noun: “1 week”, “2 weeks”."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def about_gap(gap: Gap, zone: str) -> str:
    """What was not tracked, where and when."""
    first, last = gap_days(gap, zone)
    what = "Nothing" if gap.event is None else f"No “{gap.event}”"
    when = f"on {day(first)}" if first == last else f"from {day(first)} to {day(last)}"
    if gap.ended_at is None:
        when = f"since {day(first)}"
    hours = gap.length / timedelta(hours=1)
    missing = f"{hours:.0f} hours, about {gap.expected:,.0f} events missing"
    return f"{what} arrived from {gap.source} {when} ({missing})"
