"""Where did the goal come from, week by week, and which way is left to the target?

Weeks before the goal was set grey, since then blue, each with its range, hollow where late outcomes may
be missing; the usual range is a band; the plan is a dashed line from start to target; what is ahead stays empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import altair as alt

from journey_app.charts.axis import Axis, axis_around
from journey_app.charts.canvas import Canvas
from journey_app.charts.text import NBSP, UNKNOWN, n, percent, rate_percent, rate_span, short_day
from journey_app.charts.theme import SCREEN, Palette
from journey_app.vocabulary import Goal, Interval, Rate

LEFT, RIGHT, LABELS = 8.0, 890.0, 902.0
HEADER, PLOT, FOOT = 22.0, 190.0, 40.0
WEEK = timedelta(days=7)
MOST_FEET = 14


@dataclass(frozen=True)
class GoalWeek:
    """Seven days of entry of the goal. rate: None where it cannot be told. gap: they were not fully tracked.

    short: the window after them was not, so that the rate reads too low.
    """

    starts: date
    rate: Rate | None
    gap: bool = False
    short: bool = False


@dataclass(frozen=True)
class _Frame:
    """Days to x, shares to y."""

    first: date
    last: date
    axis: Axis

    def x(self, day: date) -> float:
        whole = max(1, (self.last - self.first).days)
        return LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, (day - self.first).days / whole))

    def y(self, share: float) -> float:
        return HEADER + PLOT - self.axis.at(share, 0, PLOT)


def goal_chart(
    goal: Goal,
    weeks: Sequence[GoalWeek],
    *,
    today: date,
    needed: float,
    usual: Interval | None = None,
    colours: Palette = SCREEN,
) -> alt.LayerChart:
    """The goal per week of entry, and the way to the target.

    weeks: oldest first. today: the first incomplete day. needed: the share the plan asks for today.
    """
    frame = _frame(goal, weeks, usual)
    canvas = Canvas(HEADER + PLOT + FOOT, colours)
    _band(canvas, frame, usual)
    _plan(canvas, frame, goal)
    _today(canvas, frame, goal, today, needed)
    _weeks(canvas, frame, goal, weeks)
    _feet(canvas, frame, weeks, goal)
    return canvas.done()


def _frame(goal: Goal, weeks: Sequence[GoalWeek], usual: Interval | None) -> _Frame:
    edges = [edge for week in weeks if week.rate for edge in (week.rate.low, week.rate.high)]
    edges += [usual.low, usual.high] if usual else []
    first = min([goal.set_on, *(week.starts for week in weeks)])
    last = max([goal.by, *(week.starts + WEEK for week in weeks)])
    return _Frame(first, last, axis_around([goal.start.share, goal.target_share, *edges], margin=0.08))


def _band(canvas: Canvas, frame: _Frame, usual: Interval | None) -> None:
    if usual is None:
        return
    ends = {"x": LEFT, "x2": RIGHT, "y": frame.y(usual.high), "y2": frame.y(usual.low)}
    canvas.boxes([{**ends, "color": canvas.colours.band}])
    words = [
        {"x": LABELS, "y": frame.y(usual.middle) - 8, "text": f"usual {percent(usual.middle)}"},
        {"x": LABELS, "y": frame.y(usual.middle) + 8, "text": "shaded: range"},
    ]
    canvas.words(words, canvas.colours.muted, fontSize=11.5)


def _plan(canvas: Canvas, frame: _Frame, goal: Goal) -> None:
    ink, y = canvas.colours.ink, frame.y(goal.target_share)
    canvas.lines([{"x": LEFT, "x2": RIGHT, "y": y, "y2": y}], ink, strokeWidth=1.4)
    canvas.words(
        [{"x": LABELS, "y": y, "text": f"Goal {percent(goal.target_share)}"}],
        ink,
        fontSize=12,
        fontWeight=700,
    )
    way = {
        "x": frame.x(goal.set_on),
        "x2": frame.x(goal.by),
        "y": frame.y(goal.start.share),
        "y2": frame.y(goal.target_share),
    }
    canvas.lines([way], canvas.colours.amber_text, strokeWidth=1.6, strokeDash=[3, 4])


def _today(canvas: Canvas, frame: _Frame, goal: Goal, today: date, needed: float) -> None:
    colours = canvas.colours
    marks = [(goal.set_on, "goal set", colours.muted)]
    if frame.first <= today <= frame.last:
        marks.append((today, "today", colours.accent))
    for when, name, color in marks:
        x = frame.x(when)
        canvas.lines(
            [{"x": x, "x2": x, "y": HEADER - 8, "y2": HEADER + PLOT}],
            color,
            strokeWidth=1,
            strokeDash=[1, 3],
        )
        side = "right" if name == "goal set" else "left"
        at = x + (5 if side == "left" else -5)
        canvas.words([{"x": at, "y": 8, "text": name}], color, align=side, fontSize=11, halo=True)
    if goal.set_on < today < goal.by:
        spot = {"x": frame.x(today), "y": frame.y(needed)}
        canvas.dots([spot], colours.amber_text, size=46)
        words = {"x": spot["x"] + 9, "y": spot["y"] + 13, "text": f"{percent(needed)} needed today"}
        canvas.words([words], colours.amber_text, fontSize=11.5, halo=True)


def _weeks(canvas: Canvas, frame: _Frame, goal: Goal, weeks: Sequence[GoalWeek]) -> None:
    colours = canvas.colours
    ranges, dots, hollow, words = [], [], [], []
    for week in weeks:
        if week.rate is None:
            continue
        x, y = frame.x(week.starts + WEEK / 2), frame.y(week.rate.share)
        color = colours.accent if week.starts >= goal.set_on else colours.muted
        ends = {"y": frame.y(week.rate.low), "y2": frame.y(week.rate.high)}
        ranges.append({"x": x, "x2": x, **ends, "color": color})
        dots.append({"x": x, "y": y, "color": color})
        hollow += [{"x": x, "y": y}] if week.short else []
        words.append({"x": x + 7, "y": y - 8, "text": f"{week.rate.share * 100:.1f}"})
    canvas.lines(ranges, strokeWidth=2.5)
    canvas.dots(dots, size=66)
    canvas.dots(hollow, colours.paper, size=26)
    canvas.words(words, colours.ink, fontSize=11.5, fontWeight=600, halo=True)


def _feet(canvas: Canvas, frame: _Frame, weeks: Sequence[GoalWeek], goal: Goal) -> None:
    every = 1 + len(weeks) // MOST_FEET
    shown = [week for k, week in enumerate(reversed(weeks)) if k % every == 0]
    days = [
        {"x": frame.x(week.starts + WEEK / 2), "y": HEADER + PLOT + 13, "text": short_day(week.starts)}
        for week in shown
    ]
    counts = [
        {
            "x": frame.x(week.starts + WEEK / 2),
            "y": HEADER + PLOT + 28,
            "text": n(week.rate.of) if week.rate else "gap" if week.gap else UNKNOWN,
        }
        for week in shown
    ]
    colours = canvas.colours
    canvas.words(days, colours.ink, align="center", fontSize=11)
    canvas.words(counts, colours.muted, align="center", fontSize=11)
    end = {"x": frame.x(goal.by), "y": HEADER + PLOT + 13, "text": short_day(goal.by)}
    canvas.words([end], colours.ink, align="right", fontSize=11, fontWeight=700)


def describe(goal: Goal, weeks: Sequence[GoalWeek], *, needed: float) -> str:
    """The picture in words: the plan, then every week with its range and n."""
    plan = (
        f"From {percent(goal.start.share)} to {percent(goal.target_share)} by {short_day(goal.by)}; "
        f"{percent(needed)} needed today."
    )
    said = [
        f"{short_day(week.starts)}: {rate_percent(week.rate)} ({rate_span(week.rate)}), {n(week.rate.of)}"
        f"{', reads too low' if week.short else ''}"
        for week in weeks
        if week.rate
    ]
    holes = [short_day(week.starts) for week in weeks if week.gap]
    said += [f"not fully tracked: {', '.join(holes)}"] if holes else []
    return f"{plan} By week of entry: {'; '.join(said) or UNKNOWN}.".replace(NBSP, " ")
