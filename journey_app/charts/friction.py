"""Where it hurts, as rows: what, how many of how many, and what mending it could be worth to the goal."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from journey_app.analysis.friction import Friction
from journey_app.charts import text
from journey_app.charts.axis import Axis, axis_of_rates
from journey_app.charts.canvas import WIDTH, Canvas
from journey_app.charts.intervals import Ranged, range_marks, ticks
from journey_app.charts.theme import SCREEN, Palette

KINDS = {
    "drop_off": "Drop-off",
    "lag": "Slow step",
    "loop": "Going in circles",
    "ticket": "Ticket soon after",
    "error": "Error",
}
HEADER, PITCH = 24.0, 62.0
NAME, COUNT, TRACK, TRACK_END, WORTH, WORTH_END, WORTH_SAID = 12, 470, 560, 680, 720, 850, 862


def key_of(friction: Friction) -> str:
    """What tells one trouble from another, also after the data changed."""
    return f"{friction.kind}|{friction.place}|{friction.step}"


def friction_chart(
    rows: Sequence[Friction], *, focus: str | None = None, colours: Palette = SCREEN
) -> alt.LayerChart:
    """One row a trouble, costliest first; the focused one tinted red.

    focus: its `key_of`. Selection `friction` gives {"friction": key}.
    """
    canvas = Canvas(HEADER + PITCH * len(rows) + 4, colours)
    _header(canvas)
    _tint(canvas, rows, focus)
    _names(canvas, rows)
    _shares(canvas, rows, focus)
    _worths(canvas, rows, focus)
    canvas.hits(
        [{**_box(k), "friction": key_of(row), "says": _says(row)} for k, row in enumerate(rows)],
        "friction",
        ("friction",),
    )
    return canvas.done()


def _box(k: int) -> dict:
    top = HEADER + PITCH * k
    return {"x": 0, "x2": WIDTH, "y": top, "y2": top + PITCH}


def _middle(k: int) -> float:
    return HEADER + PITCH * (k + 0.5)


def _header(canvas: Canvas) -> None:
    heads = ((NAME, "WHERE IT HURTS"), (COUNT, "SHARE"), (WORTH, "WORTH TO THE GOAL"))
    canvas.words(
        [{"x": x, "y": 8, "text": words} for x, words in heads],
        canvas.colours.muted,
        fontSize=11,
        fontWeight=600,
    )


def _tint(canvas: Canvas, rows: Sequence[Friction], focus: str | None) -> None:
    tinted = [
        {**_box(k), "color": canvas.colours.red_tint} for k, row in enumerate(rows) if key_of(row) == focus
    ]
    canvas.boxes(tinted, cornerRadius=5)
    canvas.lines(
        [{**_box(k), "y2": _box(k)["y"]} for k in range(len(rows))], canvas.colours.line, strokeWidth=1
    )


def _names(canvas: Canvas, rows: Sequence[Friction]) -> None:
    kinds = [
        {"x": NAME, "y": _middle(k) - 13, "text": f"{KINDS[row.kind]} · {row.place}"}
        for k, row in enumerate(rows)
    ]
    said = [
        {"x": NAME, "y": _middle(k) + 8, "text": text.shorten(row.sentence, 74)} for k, row in enumerate(rows)
    ]
    canvas.words(kinds, canvas.colours.muted, fontSize=11.5, limit=440)
    canvas.words(said, canvas.colours.ink, fontSize=13.5, fontWeight=600, limit=448)


def _colour(canvas: Canvas, row: Friction, focus: str | None) -> str:
    return canvas.colours.red if key_of(row) == focus else canvas.colours.accent


def _shares(canvas: Canvas, rows: Sequence[Friction], focus: str | None) -> None:
    axis = axis_of_rates(row.rate for row in rows)
    ticks(canvas, axis, TRACK, TRACK_END, 8)
    ranged = [Ranged(row.rate, _middle(k), _colour(canvas, row, focus)) for k, row in enumerate(rows)]
    range_marks(canvas, axis, ranged, TRACK, TRACK_END)
    shares = [
        {"x": COUNT, "y": _middle(k) - 8, "text": text.rate_percent(r.rate)} for k, r in enumerate(rows)
    ]
    counts = [
        {
            "x": COUNT,
            "y": _middle(k) + 10,
            "text": f"{text.count(row.customers)} of {text.count(row.rate.of)}",
        }
        for k, row in enumerate(rows)
    ]
    canvas.words(shares, canvas.colours.ink, fontSize=14, fontWeight=600)
    canvas.words(counts, canvas.colours.muted, fontSize=11)


def _worths(canvas: Canvas, rows: Sequence[Friction], focus: str | None) -> None:
    """What mending it could bring, all on one scale with zero dashed."""
    axis = _worth_axis(rows)
    zero = axis.at(0.0, WORTH, WORTH_END)
    heights = [_middle(k) for k in range(len(rows))]
    tracks = [{"x": WORTH, "x2": WORTH_END, "y": y, "y2": y} for y in heights]
    zeros = [{"x": zero, "x2": zero, "y": y - 9, "y2": y + 9} for y in heights]
    canvas.lines(tracks, canvas.colours.line, strokeWidth=1.5)
    canvas.lines(zeros, canvas.colours.muted, strokeWidth=1, strokeDash=[3, 2])
    ranges, dots = [], []
    for y, row in zip(heights, rows, strict=True):
        if row.worth is not None:
            low, middle, high = (
                axis.at(v, WORTH, WORTH_END) for v in (row.worth.low, row.worth.middle, row.worth.high)
            )
            colour = _colour(canvas, row, focus)
            ranges.append({"x": low, "x2": high, "y": y, "y2": y, "color": colour})
            dots.append({"x": middle, "y": y, "color": colour})
    canvas.lines(ranges, strokeWidth=3)
    canvas.dots(dots, size=60)
    said = [
        {"x": WORTH_SAID, "y": y, "text": text.points(row.worth) if row.worth else "not known"}
        for y, row in zip(heights, rows, strict=True)
    ]
    canvas.words(said, canvas.colours.muted, fontSize=11)


def _worth_axis(rows: Sequence[Friction]) -> Axis:
    """From the lowest to the highest worth, zero included, with a little room."""
    known = [row.worth for row in rows if row.worth is not None]
    edges = [0.0, *(edge for worth in known for edge in (worth.low, worth.high))]
    margin = (max(edges) - min(edges)) * 0.06 or 0.001
    return Axis(min(edges) - margin, max(edges) + margin, ())


def _says(row: Friction) -> str:
    worth = f", worth {text.points(row.worth)}" if row.worth else ""
    return (
        f"{KINDS[row.kind]}: {row.sentence} {text.rate_percent(row.rate)} ({text.rate_span(row.rate)}){worth}"
    )


def describe(rows: Sequence[Friction]) -> str:
    """The troubles in words, with their counts and ranges."""
    return f"{len(rows)} points of friction. {' '.join(_says(row) for row in rows)}".replace(text.NBSP, " ")
