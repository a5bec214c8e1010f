"""What does the audit claim: which of the four killers stops everything else, and how do the places stand?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from journey_app.analysis.grades import AMBER, GREEN, RED
from journey_app.analysis.killers import PEOPLE, Killer
from journey_app.charts.text import NBSP, count, percent, short_day
from journey_app.share.audit_words import against_said, contradicted, hidden_said, no_goal
from journey_app.share.killer_words import killer_said as killer_said
from journey_app.share.killer_words import number_of as number_of
from journey_app.ui.audit_sheet import Place, Sheet
from journey_app.ui.markup import Tile

TONES: dict[str | None, Literal["red", "amber", "green", "unknown"]] = {
    RED: "red",
    AMBER: "amber",
    GREEN: "green",
    None: "unknown",
}
ON_TILES = {  # short, so that four tiles stand in one row
    "sign-ups without their visits": "sign-ups not linked",
    "events lack a time": "lack a time of day",
}


def claim(sheet: Sheet) -> str:
    """“Stop and fix this first: 24% of ticket authors cannot be matched.”"""
    worst = sheet.audit.killers[0]
    if worst.grade == RED:
        return f"Stop and fix this first: {killer_said(worst, sheet)}."
    if worst.grade == AMBER:
        opening = "Watch" if sheet.count(RED) else "Nothing stops you; watch"
        return f"{opening} this first: {killer_said(worst, sheet)}.{_red_places(sheet)}"
    if worst.grade == GREEN:
        opening = "Every" if sheet.count(RED) else "Nothing stops you: every"
        return f"{opening} killer that can be measured is within its limit.{_red_places(sheet)}"
    return "Cannot tell yet: too few customers and events for any of the four killers."


def _red_places(sheet: Sheet) -> str:
    """That places are red for reasons of their own, though no killer is."""
    red = sheet.count(RED)
    return f" {count(red)} {'place is' if red == 1 else 'places are'} red: see why below." if red else ""


def muted(sheet: Sheet) -> str:
    """How many places are red, amber and green, and where people see it differently."""
    counted = ", ".join(f"{sheet.count(grade)} {TONES[grade]}" for grade in (RED, AMBER, GREEN))
    disputed = sum(place.disputed for place in sheet.places)
    differ = f" People see {count(disputed)} of them differently." if disputed else ""
    goal = "" if sheet.has_goal else f" {no_goal(sheet)}"
    hidden = f" {hidden_said(sheet.audit.hidden)}" if sheet.audit.hidden else ""
    judged = f"{counted} of {len(sheet.ours)} places, judged on data to {short_day(sheet.last_day)}."
    return f"{judged}{_not_ours(sheet)}{differ}{hidden}{goal}"


def _not_ours(sheet: Sheet) -> str:
    """How many places are not ours, and of which of them the data tell all the same."""
    if not sheet.not_ours:
        return ""
    verb = "is" if len(sheet.not_ours) == 1 else "are"
    return " ".join(
        [f" {count(len(sheet.not_ours))} more {verb} not yours.", *map(against_said, contradicted(sheet))]
    )


def not_ours_said(place: Place) -> str:
    """What a place counts for that is not ours, and the way back."""
    if place.against:
        return (
            "It counts for nothing here; its data go on counting everywhere else. If the place is yours after "
            "all, tick it under “Which are ours”; if these data are not yours, take their import back."
        )
    return "It counts for nothing here. If you get such a place, tick it under “Which are ours”."


def tiles(sheet: Sheet) -> list[Tile]:
    """The four killers, each with its count and its limit."""
    return [
        Tile(
            TONES[killer.grade],
            number_of(killer),
            ON_TILES.get(killer.name, killer.name),
            _line(killer, sheet),
        )
        for killer in sheet.audit.killers
    ]


def _line(killer: Killer, sheet: Sheet) -> str:
    """What a tile's number rests on, and its limit."""
    limit = (
        f"limit {killer.limit:.0f}{NBSP}h" if killer.unit == "hours" else f"limit {percent(killer.limit, 0)}"
    )
    if killer.count is not None:
        who = f" {PEOPLE[killer.where]}" if killer.where in PEOPLE else ""
        return f"{count(killer.count)} of {count(killer.of)}{who} · {limit}"
    if killer.started_at is not None:
        where = sheet.tools.get(killer.where, killer.where)
        return f"{where}, {_days(killer.started_at, killer.ended_at, sheet.zone)} · {limit}"
    return killer.sentence


def _days(started_at: datetime, ended_at: datetime | None, zone: str) -> str:
    """“11–12 Sep”, “since 11 Sep” for what goes on."""
    first = started_at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
    if ended_at is None:
        return f"since {short_day(first)}"
    last = ended_at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
    if first == last:
        return short_day(first)
    same_month = (first.year, first.month) == (last.year, last.month)
    return f"{first.day if same_month else short_day(first)}–{short_day(last)}"
