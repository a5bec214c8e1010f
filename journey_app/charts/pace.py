"""How far is the goal, where should it be today, and where does it stand?

`pace_places` is the geometry that the goal strip on every page and the picture here share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt

from journey_app.charts.axis import Axis
from journey_app.charts.canvas import WIDTH, Canvas
from journey_app.charts.text import NBSP, UNKNOWN, n, percent, plus_minus, rate_percent
from journey_app.charts.theme import SCREEN, Palette
from journey_app.vocabulary import Rate

MARGIN = 0.02  # of the way, kept free beyond start and target


@dataclass(frozen=True)
class Places:
    """Where things stand on the way from start to target, in percent of the track's width.

    now, low, high: None while nothing is measured. needed: where the plan says it should be today.
    """

    start: float
    target: float
    now: float | None
    low: float | None
    high: float | None
    needed: float | None


def pace_places(start: float, target: float, now: Rate | None, needed: float | None) -> Places:
    """Shares → percent of the track. The track runs to the target, left to right, also for goals that fall.

    It widens when today's range lies outside start and target.
    """
    known = [start, target]
    known += [now.low, now.high] if now else []
    low, high = min(known), max(known)
    room = (high - low) * MARGIN or MARGIN
    axis = Axis(low - room, high + room, ())
    falling = target < start

    def at(share: float) -> float:
        place = axis.at(share)
        return round(100 - place if falling else place, 2)

    ends = sorted((at(now.low), at(now.high))) if now else (None, None)
    return Places(
        start=at(start),
        target=at(target),
        now=at(now.share) if now else None,
        low=ends[0],
        high=ends[1],
        needed=None if needed is None else at(needed),
    )


def pace_chart(
    start: float,
    target: float,
    now: Rate | None,
    needed: float | None = None,
    *,
    colours: Palette = SCREEN,
) -> alt.LayerChart:
    """The goal's track with its words below, 72 px high: start, now with its range, needed today, target."""
    places, scale, canvas = pace_places(start, target, now, needed), WIDTH / 100, Canvas(72, colours)
    whole = {"x": places.start * scale, "x2": places.target * scale, "y": 28, "y2": 34}
    canvas.boxes([{**whole, "color": colours.line}])
    if places.now is not None and places.low is not None and places.high is not None:
        band = {"x": places.low * scale, "x2": places.high * scale, "y": 20, "y2": 42}
        canvas.boxes([{**band, "color": colours.accent}], opacity=0.26)
        canvas.boxes([{**whole, "x2": places.now * scale, "color": colours.accent}])
        _upright(canvas, places.now * scale, colours.accent, 4)
    _upright(canvas, places.target * scale, colours.ink, 2.5)
    if places.needed is not None:
        _upright(canvas, places.needed * scale, colours.amber_text, 2.5, strokeDash=[2, 2])
    _words(canvas, places, (start, target, now, needed))
    return canvas.done()


def _upright(canvas: Canvas, x: float, color: str, width: float, **mark: Any) -> None:
    canvas.lines([{"x": x, "x2": x, "y": 18, "y2": 44}], color, strokeWidth=width, **mark)


def _words(canvas: Canvas, places: Places, shares: tuple[float, float, Rate | None, float | None]) -> None:
    start, target, now, needed = shares
    colours, scale = canvas.colours, WIDTH / 100
    first = {"x": places.start * scale, "y": 60, "text": f"{percent(start)} at the start"}
    last = {"x": places.target * scale, "y": 60, "text": percent(target)}
    canvas.words([first], colours.muted, fontSize=11.5)
    canvas.words([last], colours.ink, align="right", fontSize=12, fontWeight=700)
    if places.needed is not None and needed is not None:
        text = f"{percent(needed)} needed today"
        canvas.words(
            [{"x": places.needed * scale, "y": 60, "text": text}],
            colours.amber_text,
            align="center",
            fontSize=11.5,
        )
    if places.now is not None and now is not None:
        text = f"{rate_percent(now)} {plus_minus(now)}"
        canvas.words(
            [{"x": places.now * scale, "y": 1, "text": text}],
            colours.ink,
            align="center",
            baseline="top",
            fontSize=12,
            fontWeight=600,
        )


def describe(start: float, target: float, now: Rate | None, needed: float | None = None) -> str:
    """The goal in words: “From 12.0% to 18.0%; now 13.4% ±0.9, n 5,484; 15.1% needed today.”"""
    stands = f"now {rate_percent(now)} {plus_minus(now)}, {n(now.of)}" if now else f"now {UNKNOWN}"
    plan = f"; {percent(needed)} needed today" if needed is not None else ""
    return f"From {percent(start)} to {percent(target)}; {stands}{plan}.".replace(NBSP, " ")
