"""How is a killer said in words, on every page and in the shared report?"""

from __future__ import annotations

from journey_app.analysis.killers import PEOPLE, Killer
from journey_app.charts.text import NBSP, UNKNOWN, percent
from journey_app.share.auditing import Sheet

MANY_DAYS = 4  # from here on hours say nothing


def killer_said(killer: Killer, sheet: Sheet) -> str:
    """A killer as the end of a sentence: “24% of Zendesk ticket authors cannot be matched”."""
    number = number_of(killer)
    who = " ".join(filter(None, (sheet.tools.get(killer.where), PEOPLE.get(killer.where, "customers"))))
    judged = ", ".join(f"“{name}”" for name in sheet.judged_by[:2])
    way, events = (
        ("the way to the goal", "the goal's events") if sheet.has_goal else (judged, f"the events {judged}")
    )
    return {
        "ids do not match": f"{number} of {who} cannot be matched",
        "gap in the funnel": f"{way} has a gap of {number}",
        "events lack a time": f"{number} of {events} lack a time of day",
        "sign-ups without their visits": f"{number} of sign-ups cannot be followed back to their visits",
    }.get(killer.name, f"{number} {killer.name}")


def number_of(killer: Killer) -> str:
    """A killer's value as it is written: “24%”, “30 h”, “–” when it cannot be told."""
    if killer.value is None:
        return UNKNOWN
    if killer.unit == "hours":
        days = killer.value / 24
        return f"{killer.value:.0f}{NBSP}h" if days < MANY_DAYS else f"{days:,.0f}{NBSP}days"
    return percent(killer.value, 0 if killer.value >= 0.01 or killer.value == 0 else 1)
