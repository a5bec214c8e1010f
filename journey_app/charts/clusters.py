"""What kinds of customers are there, how many of each, and how often do they reach the goal?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from journey_app.charts.axis import axis_of_rates
from journey_app.charts.canvas import WIDTH, Canvas
from journey_app.charts.intervals import Ranged, range_marks, ticks
from journey_app.charts.text import NBSP, UNKNOWN, count, n, percent, rate_percent, rate_span, shorten
from journey_app.charts.theme import SCREEN, Palette
from journey_app.vocabulary import Rate

NAME, BAR, BAR_END, SHARE, TRACK, TRACK_END, RANGE = 8, 392, 560, 628, 700, 860, 876
HEADER, PITCH = 26.0, 46.0


@dataclass(frozen=True)
class ClusterRow:
    """One kind of customer. words: what sets it apart. of: customers in all kinds together.

    reaches: how many of it reach the goal, None when nobody's window is over.
    """

    key: str
    name: str
    words: str
    customers: int
    of: int
    reaches: Rate | None


def clusters_chart(
    rows: Sequence[ClusterRow], *, focus: str | None = None, colours: Palette = SCREEN
) -> alt.LayerChart:
    """One row a kind, in the order given: name, size as a bar, share reaching the goal as a range.

    focus: the key of the row to tint. Selection `cluster` gives {"cluster": key}.
    """
    canvas = Canvas(HEADER + PITCH * len(rows) + 4, colours)
    _header(canvas)
    ticks(canvas, axis_of_rates(row.reaches for row in rows), TRACK, TRACK_END, 8)
    _tint(canvas, rows, focus)
    _names(canvas, rows)
    _sizes(canvas, rows)
    _reaches(canvas, rows)
    hits = [{**_box(k), "cluster": row.key, "says": _says(row)} for k, row in enumerate(rows)]
    if hits:
        canvas.hits(hits, "cluster", ("cluster",))
    return canvas.done()


def _box(k: int) -> dict:
    top = HEADER + PITCH * k
    return {"x": 0, "x2": WIDTH, "y": top, "y2": top + PITCH}


def _middle(k: int) -> float:
    return HEADER + PITCH * (k + 0.5)


def _header(canvas: Canvas) -> None:
    heads = ((NAME, "KIND OF CUSTOMER"), (BAR, "CUSTOMERS"), (SHARE, "REACH IT"))
    rows = [{"x": x, "y": 8, "text": text} for x, text in heads]
    canvas.words(rows, canvas.colours.muted, fontSize=11, fontWeight=600)


def _tint(canvas: Canvas, rows: Sequence[ClusterRow], focus: str | None) -> None:
    tinted = [{**_box(k), "color": canvas.colours.band} for k, row in enumerate(rows) if row.key == focus]
    canvas.boxes(tinted, cornerRadius=5)
    rules = [{**_box(k), "y2": _box(k)["y"]} for k in range(len(rows))]
    canvas.lines(rules, canvas.colours.line, strokeWidth=1)


def _names(canvas: Canvas, rows: Sequence[ClusterRow]) -> None:
    colours = canvas.colours
    swatches = [
        {"x": NAME, "x2": NAME + 9, "y": _middle(k) - 13, "y2": _middle(k) - 4, "color": colours.stage(k)}
        for k in range(len(rows))
    ]
    canvas.boxes(swatches, cornerRadius=2)
    names = [{"x": NAME + 16, "y": _middle(k) - 8, "text": row.name} for k, row in enumerate(rows)]
    words = [
        {"x": NAME + 16, "y": _middle(k) + 9, "text": shorten(row.words, 62)} for k, row in enumerate(rows)
    ]
    canvas.words(names, colours.ink, fontSize=13, fontWeight=600, limit=350)
    canvas.words(words, colours.muted, fontSize=11.5, limit=355)


def _sizes(canvas: Canvas, rows: Sequence[ClusterRow]) -> None:
    colours, largest = canvas.colours, max((row.customers for row in rows), default=0) or 1
    bars, words = [], []
    for k, row in enumerate(rows):
        end = BAR + (BAR_END - BAR) * row.customers / largest
        place = {"y": _middle(k) - 14, "y2": _middle(k) - 2}
        bars.append({"x": BAR, "x2": end, "color": colours.stage(k), **place})
        share = percent(row.customers / row.of if row.of else None)
        words.append({"x": BAR, "y": _middle(k) + 9, "text": f"{count(row.customers)} · {share}"})
    canvas.boxes(bars, cornerRadius=2)
    canvas.words(words, colours.muted, fontSize=11.5)


def _reaches(canvas: Canvas, rows: Sequence[ClusterRow]) -> None:
    colours, axis = canvas.colours, axis_of_rates(row.reaches for row in rows)
    shares = [{"x": SHARE, "y": _middle(k), "text": rate_percent(r.reaches)} for k, r in enumerate(rows)]
    canvas.words(shares, colours.ink, fontSize=14, fontWeight=600)
    ranged = [Ranged(row.reaches, _middle(k), colours.accent) for k, row in enumerate(rows)]
    range_marks(canvas, axis, ranged, TRACK, TRACK_END)
    said = []
    for k, row in enumerate(rows):
        if row.reaches is not None:
            text = f"{rate_span(row.reaches)} · {n(row.reaches.of)}"
            said.append({"x": RANGE, "y": _middle(k), "text": text})
    canvas.words(said, colours.muted, fontSize=11)


def _says(row: ClusterRow) -> str:
    reach = f"{rate_percent(row.reaches)} reach it ({rate_span(row.reaches)})" if row.reaches else UNKNOWN
    return f"{row.name}: {count(row.customers)} customers, {reach}"


def describe(rows: Sequence[ClusterRow]) -> str:
    """The kinds in words, with size and range."""
    return f"{len(rows)} kinds of customers. {'; '.join(_says(row) for row in rows)}.".replace(NBSP, " ")
