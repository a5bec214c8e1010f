"""How sure is a number? A range drawn as a thin line with a dot, on a track with three ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journey_app.charts.axis import Axis, axis_around
from journey_app.charts.canvas import Canvas
from journey_app.charts.text import NBSP, percent, points, rate_percent, rate_span
from journey_app.vocabulary import Interval, Rate


@dataclass(frozen=True)
class Track:
    """A range on a track, in percent of its width.

    before, target, zero: marks beside it, None when there is none.
    """

    low: float
    middle: float
    high: float
    before: float | None = None
    target: float | None = None
    zero: float | None = None


def track(
    interval: Interval,
    *,
    before: float | None = None,
    target: float | None = None,
    zero: bool = False,
    shared: Sequence[Interval] = (),
) -> Track:
    """Where a range and its marks stand on a track that holds them all.

    shared: every range this one should be comparable with (small pictures of one page share a scale).
    """
    marks = [mark for mark in (before, target, 0.0 if zero else None) if mark is not None]
    ends = [edge for one in (interval, *shared) for edge in (one.low, one.high)]
    axis = axis_around([*ends, interval.middle, *marks])

    def at(value: float | None) -> float | None:
        return None if value is None else round(axis.at(value), 2)

    return Track(
        low=round(axis.at(interval.low), 2),
        middle=round(axis.at(interval.middle), 2),
        high=round(axis.at(interval.high), 2),
        before=at(before),
        target=at(target),
        zero=at(0.0) if zero else None,
    )


def interval_of(rate: Rate) -> Interval:
    """A rate's share with its range."""
    return Interval(rate.low, rate.share, rate.high)


def ticks(canvas: Canvas, axis: Axis, left: float, right: float, y: float) -> None:
    """The axis' ticks as percents over a track."""
    marks = [{"x": axis.at(tick, left, right), "y": y, "text": _tick(tick)} for tick in axis.ticks]
    canvas.words(marks, canvas.colours.muted, align="center", fontSize=11)


def _tick(share: float) -> str:
    return f"{round(share * 100, 1):g}%"


@dataclass(frozen=True)
class Ranged:
    """A rate (None: nothing known) to be drawn as a range at height `y`, in this colour."""

    rate: Rate | None
    y: float
    color: str


def range_marks(canvas: Canvas, axis: Axis, rows: Sequence[Ranged], left: float, right: float) -> None:
    """For each row a track from `left` to `right` with its ticks, and the rate's range and dot on it.

    All rows share four layers: a chart costs by its layers, not by its rows.
    """
    colours = canvas.colours
    canvas.lines([{"x": left, "x2": right, "y": r.y, "y2": r.y} for r in rows], colours.line, strokeWidth=1.5)
    places = [axis.at(tick, left, right) for tick in axis.ticks]
    small = [{"x": x, "x2": x, "y": r.y - 3, "y2": r.y + 3} for r in rows for x in places]
    canvas.lines(small, colours.muted, strokeWidth=1, opacity=0.6)
    known = [(r, r.rate) for r in rows if r.rate is not None]
    canvas.lines(
        [
            {
                "x": axis.at(rate.low, left, right),
                "x2": axis.at(rate.high, left, right),
                "y": r.y,
                "y2": r.y,
                "color": r.color,
            }
            for r, rate in known
        ],
        strokeWidth=3,
    )
    canvas.dots(
        [{"x": axis.at(rate.share, left, right), "y": r.y, "color": r.color} for r, rate in known], size=64
    )


def describe(rate: Rate, *, before: float | None = None, target: float | None = None) -> str:
    """The range in words: “38.2% (35.1–41.4), before 31.0%, target 38.0%”."""
    parts = [f"{rate_percent(rate)} ({rate_span(rate)})"]
    parts += [f"before {percent(before)}"] if before is not None else []
    parts += [f"target {percent(target)}"] if target is not None else []
    return ", ".join(parts).replace(NBSP, " ")


def describe_effect(effect: Interval) -> str:
    """The effect in words: “+1.1 to +2.4 points”, and whether the range holds zero."""
    holds_zero = effect.low <= 0 <= effect.high
    said = "zero is inside the range" if holds_zero else "zero is outside the range"
    return f"{points(effect)}; {said}".replace(NBSP, " ")
