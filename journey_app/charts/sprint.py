"""What did the goal do, week by week, before and during the sprint?

Baseline weeks grey, sprint weeks blue, each with its range and n; the usual range is a band, the
goal an ink line, logged changes dotted uprights with their names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import altair as alt

from journey_app.charts.axis import Axis, axis_around
from journey_app.charts.canvas import Canvas
from journey_app.charts.text import NBSP, UNKNOWN, count, n, percent, rate_percent, rate_span, short_day
from journey_app.charts.theme import SCREEN, Palette
from journey_app.vocabulary import Interval, Rate

LEFT, RIGHT, LABELS = 0.0, 898.0, 906.0
HEADER, PLOT, FOOT = 34.0, 150.0, 38.0
LETTER = 6.0  # how wide a letter of a logged name is taken to be


@dataclass(frozen=True)
class Week:
    """One week of the goal. starts: its first local day. rate: None when nobody's window is over.

    number: which sprint week it is (1 to 4), None for a baseline week. running: not over yet.
    due: from when its rate can be told, where it cannot yet. gap: not fully tracked, so never told.
    """

    starts: date
    rate: Rate | None
    number: int | None = None
    running: bool = False
    due: date | None = None
    gap: bool = False

    @property
    def foot(self) -> str:
        """What stands below the week: its n, or why there is none."""
        if self.running:
            return "running"
        if self.gap:
            return "gap"
        if self.rate is None:
            return f"told {short_day(self.due)}" if self.due else UNKNOWN
        return n(self.rate.of)


def sprint_chart(
    weeks: Sequence[Week],
    *,
    goal: float,
    goal_name: str = "Goal",
    usual: Interval | None = None,
    logged: Sequence[tuple[date, str]] = (),
    now: date | None = None,
    colours: Palette = SCREEN,
) -> alt.LayerChart:
    """The goal per week. goal, usual: shares; usual: the level before and its ordinary range.

    goal_name: “Target” where a change's own measure is drawn.

    logged: days of releases, campaigns … with their names. now: draws today's line.
    Selection `week` gives {"starts": "2026-05-18"}.
    """
    canvas = Canvas(HEADER + PLOT + FOOT, colours)
    axis = _axis(weeks, goal, usual)
    _usual(canvas, axis, usual)
    _goal(canvas, axis, f"{goal_name} {percent(goal)}", goal)
    _uprights(canvas, weeks, logged, now)
    _weeks(canvas, axis, weeks)
    _feet(canvas, weeks)
    _hits(canvas, weeks)
    return canvas.done()


def _axis(weeks: Sequence[Week], goal: float, usual: Interval | None) -> Axis:
    edges = [edge for week in weeks if week.rate for edge in (week.rate.low, week.rate.high)]
    return axis_around([goal, *edges, *([usual.low, usual.high] if usual else [])], margin=0.06)


def _y(axis: Axis, share: float) -> float:
    return HEADER + PLOT - axis.at(share, 0, PLOT)


def _x(k: int, weeks: Sequence[Week]) -> float:
    return LEFT + (RIGHT - LEFT) * (k + 0.5) / max(1, len(weeks))


def _usual(canvas: Canvas, axis: Axis, usual: Interval | None) -> None:
    if usual is None:
        return
    colours = canvas.colours
    band = {"x": LEFT, "x2": RIGHT, "y": _y(axis, usual.high), "y2": _y(axis, usual.low)}
    canvas.boxes([{**band, "color": colours.band}])
    middle = _y(axis, usual.middle)
    canvas.lines([{"x": LEFT, "x2": RIGHT, "y": middle, "y2": middle}], colours.muted, strokeDash=[4, 3])
    words = [
        {"x": LABELS, "y": middle, "text": f"Before {percent(usual.middle)}"},
        {"x": LABELS, "y": middle + 17, "text": "shaded: usual"},
    ]
    canvas.words(words, colours.muted, fontSize=11.5)


def _goal(canvas: Canvas, axis: Axis, words: str, goal: float) -> None:
    y, ink = _y(axis, goal), canvas.colours.ink
    canvas.lines([{"x": LEFT, "x2": RIGHT, "y": y, "y2": y}], ink, strokeWidth=1.4)
    canvas.words([{"x": LABELS, "y": y, "text": words}], ink, fontSize=12, fontWeight=700)


def _place(day: date, weeks: Sequence[Week]) -> float | None:
    """Where a day stands between the first week's start and the last week's end; None outside."""
    if not weeks:
        return None
    first, last = weeks[0].starts, weeks[-1].starts + timedelta(days=7)
    if not first <= day <= last:
        return None
    before = max(k for k, week in enumerate(weeks) if week.starts <= day)
    inside = min(1.0, (day - weeks[before].starts).days / 7)
    return LEFT + (RIGHT - LEFT) * (before + inside) / len(weeks)


def _uprights(
    canvas: Canvas, weeks: Sequence[Week], logged: Sequence[tuple[date, str]], now: date | None
) -> None:
    colours, top, bottom = canvas.colours, HEADER - 6, HEADER + PLOT
    baseline = [week for week in weeks if week.number is None]
    heads = [{"x": LEFT, "y": 6, "text": f"{len(baseline)} BASELINE WEEKS"}] if baseline else []
    if 0 < len(baseline) < len(weeks):
        x = LEFT + (RIGHT - LEFT) * len(baseline) / len(weeks)
        canvas.lines([{"x": x, "x2": x, "y": top, "y2": bottom}], colours.muted, strokeWidth=1)
        heads.append({"x": x + 8, "y": 6, "text": "SPRINT"})
    canvas.words(heads, colours.muted, fontSize=11, fontWeight=600)
    named = [(place, name) for day, name in logged if (place := _place(day, weeks)) is not None]
    dotted = [{"x": x, "x2": x, "y": top, "y2": bottom} for x, _name in named]
    canvas.lines(dotted, colours.muted, strokeWidth=1, strokeDash=[1, 3])
    words = [{"x": x + 4, "y": 22 + 14 * row, "text": name} for x, name, row in _rows_apart(named)]
    canvas.words(words, colours.muted, halo=True, fontSize=11)
    today = _place(now, weeks) if now else None
    if today is not None:
        canvas.lines([{"x": today, "x2": today, "y": top, "y2": bottom}], colours.accent, strokeWidth=1.2)
        canvas.words([{"x": today, "y": 6, "text": "today"}], colours.accent, align="center", fontSize=11)


def _rows_apart(named: Sequence[tuple[float, str]]) -> list[tuple[float, str, int]]:
    """Each name with the first of three rows where it does not run into the one before."""
    ends, placed = [0.0, 0.0, 0.0], []
    for x, name in sorted(named):
        row = next((k for k, end in enumerate(ends) if end <= x), 2)
        ends[row] = x + LETTER * len(name)
        placed.append((x, name, row))
    return placed


def _weeks(canvas: Canvas, axis: Axis, weeks: Sequence[Week]) -> None:
    colours = canvas.colours
    ranges, dots, words = [], [], []
    for k, week in enumerate(weeks):
        if week.rate is None:
            continue
        x, color = _x(k, weeks), colours.muted if week.number is None else colours.accent
        low, high = _y(axis, week.rate.low), _y(axis, week.rate.high)
        ranges.append({"x": x, "x2": x, "y": low, "y2": high, "color": color})
        dots.append({"x": x, "y": _y(axis, week.rate.share), "color": color})
        label = f"{week.rate.share * 100:.1f}"
        words.append({"x": x + 8, "y": _y(axis, week.rate.share) - 9, "text": label})
    canvas.lines(ranges, strokeWidth=2.5)
    canvas.dots(dots, size=78)
    canvas.words(words, colours.ink, fontSize=12, fontWeight=600)


def _feet(canvas: Canvas, weeks: Sequence[Week]) -> None:
    """Week, first day and n; with many weeks only every second or third is written out."""
    colours, every = canvas.colours, 1 + len(weeks) // 15
    days, counts, numbers = [], [], []
    for k, week in enumerate(weeks):
        x = _x(k, weeks)
        if week.number is not None:
            numbers.append({"x": x, "y": HEADER + PLOT - 10, "text": f"week {week.number}"})
        if k % every and week.number is None:
            continue
        days.append({"x": x, "y": HEADER + PLOT + 14, "text": short_day(week.starts)})
        counts.append({"x": x, "y": HEADER + PLOT + 29, "text": week.foot})
    canvas.words(numbers, colours.accent, halo=True, align="center", fontSize=11.5)
    canvas.words(days, colours.ink, align="center", fontSize=11.5)
    canvas.words(counts, colours.muted, align="center", fontSize=11)


def _hits(canvas: Canvas, weeks: Sequence[Week]) -> None:
    half = (RIGHT - LEFT) / max(1, len(weeks)) / 2
    hits = [
        {
            "x": _x(k, weeks) - half,
            "x2": _x(k, weeks) + half,
            "y": HEADER,
            "y2": HEADER + PLOT + FOOT,
            "starts": week.starts.isoformat(),
            "says": _week_says(week),
        }
        for k, week in enumerate(weeks)
    ]
    if hits:
        canvas.hits(hits, "week", ("starts",))


def _week_says(week: Week) -> str:
    which = f"sprint week {week.number}" if week.number else "baseline"
    when = f"{short_day(week.starts)} ({which})"
    if week.rate is None:
        return f"{when}: {week.foot}"
    return f"{when}: {rate_percent(week.rate)} ({rate_span(week.rate)}), {n(week.rate.of)}"


def describe(weeks: Sequence[Week], *, goal: float, usual: Interval | None = None) -> str:
    """Every week in words, with its range and n."""
    before = f" Usual before: {percent(usual.middle)}." if usual else ""
    said = "; ".join(_week_says(week) for week in weeks)
    return f"Goal {percent(goal)}.{before} {count(len(weeks))} weeks. {said}.".replace(NBSP, " ")
