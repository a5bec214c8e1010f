"""How far do customers get, drawn: bars, what is lost between them, and one red band.

A bar is everyone who got here; its dashed end is still open (inside the bar, never lost). The pale
shape below spans exactly the lost. Clicking anything selects `step` and `fate`, which are what
`analysis.funnel.behind` asks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import altair as alt

from journey_app.analysis.funnel import Funnel, Step
from journey_app.analysis.velocity import Pace
from journey_app.charts.axis import axis_of_rates
from journey_app.charts.canvas import WIDTH, Canvas
from journey_app.charts.intervals import Ranged, range_marks, ticks
from journey_app.charts.text import NBSP, UNKNOWN, count, duration, n, rate_percent, rate_span, shorten, slow
from journey_app.charts.theme import SCREEN, Palette
from journey_app.vocabulary import Rate

SELECTION, FIELDS = "step", ("step", "fate")
NAMES, BARS, BARS_END, KEPT, TRACK, TRACK_END, TIME = 157, 171, 574, 672, 752, 862, 884
HEADER = 26


@dataclass(frozen=True)
class _Rows:
    """Where things stand, from the top. Both heights in pixels."""

    bar: float
    gap: float
    steps: int

    def top(self, step: int) -> float:
        return HEADER + step * (self.bar + self.gap)

    def between(self, step: int) -> float:
        return self.top(step) + self.bar + self.gap / 2

    @property
    def height(self) -> float:
        return self.top(self.steps - 1) + self.bar + 4


def worst_step(funnel: Funnel) -> int | None:
    """The step (from 0) after which the smallest share goes on; None when nobody's window is over."""
    after = [(s.kept.share, k - 1) for k, s in enumerate(funnel.steps) if k and s.kept is not None]
    return min(after)[1] if after else None


def funnel_chart(
    funnel: Funnel,
    paces: Sequence[Pace] = (),
    *,
    focus: int | None = None,
    note: str = "",
    colours: Palette = SCREEN,
) -> alt.LayerChart:
    """One bar per step; between two steps one row of what was lost, kept and how long it took.

    paces: one per neighbouring pair, in order (may be shorter). focus: the step (from 0) whose
    losses are the red band, None for the worst. note: one remark inside that band.
    Selection `step` gives {"step": k, "fate": "reached" | "lost" | "open"}.
    """
    steps = funnel.steps
    rows = _room_for(len(steps))
    red = worst_step(funnel) if focus is None else focus
    canvas = Canvas(rows.height, colours)
    _header(canvas, bool(paces), any(step.open for step in steps))
    _red_band(canvas, rows, red, note)
    _losses(canvas, rows, steps, red)
    _bars(canvas, rows, funnel)
    _kept(canvas, rows, steps, red)
    _times(canvas, rows, paces, red)
    _hits(canvas, rows, steps)
    return canvas.done()


def _room_for(steps: int) -> _Rows:
    """Rows that end by 440 px for up to seven steps; longer funnels scroll rather than shrink further."""
    pitch = max(58.0, min(82.0, 420.0 / steps))
    return _Rows(bar=pitch * 0.46, gap=pitch * 0.54, steps=steps)


def _width(customers: int, steps: Sequence[Step]) -> float:
    widest = max((step.customers for step in steps), default=0)
    return BARS + (BARS_END - BARS) * (customers / widest if widest else 0)


def _header(canvas: Canvas, timed: bool, opened: bool) -> None:
    bars = "CUSTOMERS (dashed: still open)" if opened else "CUSTOMERS"
    heads = [{"x": BARS, "y": 8, "text": bars}, {"x": KEPT, "y": 8, "text": "KEPT"}]
    if timed:
        heads.append({"x": TIME, "y": 8, "text": "TIME TO NEXT"})
    canvas.words(heads, canvas.colours.muted, fontSize=11, fontWeight=600)


def _red_band(canvas: Canvas, rows: _Rows, red: int | None, note: str) -> None:
    if red is None or red >= rows.steps - 1:
        return
    top = rows.top(red) + rows.bar
    band = {"x": 0, "x2": WIDTH, "y": top, "y2": top + rows.gap, "color": canvas.colours.red_tint}
    canvas.boxes([band], cornerRadius=5)
    if note:
        remark = {"x": (BARS + BARS_END) / 2 + 30, "y": rows.between(red), "text": note}
        canvas.words([remark], canvas.colours.red_text, fontSize=12)


def _losses(canvas: Canvas, rows: _Rows, steps: Sequence[Step], red: int | None) -> None:
    """A shape from the settled end of a bar to the next bar's end, and the number lost beside it."""
    shape = []
    for k, (step, after) in enumerate(pairwise(steps)):
        top = rows.top(k) + rows.bar
        corners = ((BARS, top + rows.gap), (_width(after.customers, steps), top + rows.gap))
        for x, low in (*corners, (_width(step.customers - step.open, steps), top)):
            shape.append({"x": x, "y": top, "y2": low, "gap": k})
    if shape:
        area = canvas.chart(shape).mark_area(line=False, color=canvas.colours.ghost, opacity=0.5)
        canvas.add(area.encode(y2="y2:Q", detail="gap:N"))
    words = [
        {
            "x": NAMES,
            "y": rows.between(k),
            "text": f"{count(step.lost)} lost",
            "color": canvas.colours.red_text if k == red else canvas.colours.muted,
        }
        for k, step in enumerate(steps[:-1])
    ]
    _red_is_bold(canvas, words, red, align="right", fontSize=12.5)


def _bars(canvas: Canvas, rows: _Rows, funnel: Funnel) -> None:
    steps, colours = funnel.steps, canvas.colours
    filled, dashed, names, notes = [], [], [], []
    inside: list[dict] = []
    beside: list[dict] = []
    for k, step in enumerate(steps):
        top, settled, end = rows.top(k), step.customers - step.open, _width(step.customers, steps)
        place = {"y": top, "y2": top + rows.bar}
        middle = top + rows.bar / 2
        filled.append({"x": BARS, "x2": _width(settled, steps), "color": colours.stage(k), **place})
        names.append({"x": NAMES, "y": middle, "text": shorten(step.event, 24)})
        if step.open:
            dashed.append({"x": _width(settled, steps), "x2": end, **place})
        roomy = _width(settled, steps) - BARS > 14 + 9 * len(count(step.customers))
        number = {"x": BARS + 9 if roomy else end + 8, "y": middle, "text": count(step.customers)}
        (inside if roomy else beside).append(number)
        notes.append({"x": end + (8 if roomy else 56), "y": middle, "text": _beside(funnel, k)})
    canvas.boxes(filled, cornerRadius=2)
    canvas.boxes(dashed, fillOpacity=0, stroke=colours.muted, strokeDash=[3, 3], cornerRadius=2)
    canvas.words(names, colours.ink, align="right", fontSize=13, fontWeight=600)
    canvas.words(inside, colours.on_stage, fontSize=14, fontWeight=700)
    canvas.words(beside, colours.ink, fontSize=14, fontWeight=700)
    canvas.words([note for note in notes if note["text"]], colours.muted, fontSize=11.5)


def _beside(funnel: Funnel, k: int) -> str:
    if k == len(funnel.steps) - 1:
        if funnel.overall is None:
            return ""
        return f"{rate_percent(funnel.overall)} of all who started, {rate_span(funnel.overall)}"
    return f"{count(funnel.steps[k].open)} still open" if funnel.steps[k].open else ""


def _kept(canvas: Canvas, rows: _Rows, steps: Sequence[Step], red: int | None) -> None:
    """The share that went on, its range, and both on an axis that all rows share."""
    colours, axis = canvas.colours, axis_of_rates(step.kept for step in steps)
    ticks(canvas, axis, TRACK, TRACK_END, 8)
    shares, ranges, ranged = [], [], []
    for k, step in enumerate(steps[1:]):
        middle, hot = rows.between(k), k == red
        shares.append({"x": KEPT, "y": middle - 8, "text": rate_percent(step.kept)})
        ranges.append({"x": KEPT, "y": middle + 8, "text": rate_span(step.kept) if step.kept else ""})
        ranged.append(Ranged(step.kept, middle, colours.red if hot else colours.accent))
    range_marks(canvas, axis, ranged, TRACK, TRACK_END)
    canvas.words(shares, colours.ink, fontSize=14, fontWeight=600)
    canvas.words(ranges, colours.muted, fontSize=11.5)


def _times(canvas: Canvas, rows: _Rows, paces: Sequence[Pace], red: int | None) -> None:
    medians = [
        {"x": TIME, "y": rows.between(k) - 8, "text": duration(pace.median)} for k, pace in enumerate(paces)
    ]
    tails = [
        {"x": TIME, "y": rows.between(k) + 8, "text": slow(pace.p95)}
        for k, pace in enumerate(paces)
        if pace.p95 is not None
    ]
    canvas.words(medians, canvas.colours.ink, fontSize=14, fontWeight=600)
    canvas.words(tails, canvas.colours.muted, fontSize=11, limit=124)


def _hits(canvas: Canvas, rows: _Rows, steps: Sequence[Step]) -> None:
    hits = []
    for k, step in enumerate(steps):
        top, settled = rows.top(k), _width(step.customers - step.open, steps)
        row = {"x": 0, "x2": WIDTH, "y": top, "y2": top + rows.bar, "step": k, "fate": "reached"}
        hits.append({**row, "says": f"{step.event}: {count(step.customers)} customers got here"})
        if step.open:
            says = f"{count(step.open)} at {step.event} still have time"
            hits.append(
                {**row, "x": settled, "x2": _width(step.customers, steps), "fate": "open", "says": says}
            )
        if step.lost is not None:
            between = {"y": top + rows.bar, "y2": top + rows.bar + rows.gap, "fate": "lost"}
            hits.append({**row, **between, "says": _between_says(step, steps[k + 1])})
    canvas.hits(hits, SELECTION, FIELDS)


def _between_says(step: Step, after: Step) -> str:
    lost = f"{count(step.lost)} lost after {step.event}"
    if after.kept is None:
        return f"{lost}; nobody's window is over yet"
    kept = f"{rate_percent(after.kept)} ({rate_span(after.kept)})"
    return f"{lost}; {kept} of {count(after.kept.of)} whose window is over went on"


def _red_is_bold(canvas: Canvas, words: list[dict], red: int | None, **mark: Any) -> None:
    canvas.words([word for k, word in enumerate(words) if k != red], **mark)
    canvas.words([word for k, word in enumerate(words) if k == red], fontWeight=700, **mark)


def describe(funnel: Funnel, paces: Sequence[Pace] = ()) -> str:
    """The funnel in words, with its counts, for readers who cannot see it."""
    parts = []
    for k, step in enumerate(funnel.steps):
        part = f"{step.event}: {count(step.customers)} customers"
        if step.kept is not None:
            part += f", {rate_percent(step.kept)} kept ({rate_span(step.kept)}, {n(step.kept.of)})"
        if step.open:
            part += f", {count(step.open)} still open"
        if step.lost:
            part += f", {count(step.lost)} lost after it"
        if k < len(paces) and paces[k].median is not None:
            part += f", median {duration(paces[k].median)} to the next"
        parts.append(part)
    overall = (
        f" Overall {rate_percent(funnel.overall)} ({rate_span(funnel.overall)})." if funnel.overall else ""
    )
    return f"Funnel. {'; '.join(parts)}.{overall}".replace(NBSP, " ")


def breakdown_chart(
    by: Mapping[str, Rate | None], *, focus: str | None = None, colours: Palette = SCREEN
) -> alt.LayerChart:
    """One range per value on one shared track, in the order given; `focus` is the red one.

    Selection `part` gives {"part": value}.
    """
    pitch, axis = 24, axis_of_rates(by.values())
    canvas = Canvas(18 + pitch * len(by), colours)
    names, shares, ranges, ranged, hits = [], [], [], [], []
    ticks(canvas, axis, 340, 640, 7)
    for k, (part, rate) in enumerate(by.items()):
        middle = 18 + pitch * (k + 0.5)
        names.append({"x": 200, "y": middle, "text": shorten(part or "(unknown)", 28)})
        shares.append({"x": 220, "y": middle, "text": rate_percent(rate)})
        if rate is not None:
            ranges.append({"x": 664, "y": middle, "text": f"{rate_span(rate)} · {n(rate.of)}"})
        ranged.append(Ranged(rate, middle, colours.red if part == focus else colours.accent))
        says = f"{part}: {rate_percent(rate)}, {rate_span(rate)}"
        box = {"x": 0, "x2": WIDTH, "y": middle - pitch / 2, "y2": middle + pitch / 2}
        hits.append({**box, "part": part, "says": says})
    range_marks(canvas, axis, ranged, 340, 640)
    canvas.words(names, colours.ink, align="right")
    canvas.words(shares, colours.ink, fontSize=13.5, fontWeight=600)
    canvas.words(ranges, colours.muted, fontSize=11.5)
    canvas.hits(hits, "part", ("part",))
    return canvas.done()


def describe_breakdown(by: Mapping[str, Rate | None]) -> str:
    """The breakdown in words, with its counts."""
    parts = [
        f"{part}: {rate_percent(r)} ({rate_span(r)}, {n(r.of)})" if r else f"{part}: {UNKNOWN}"
        for part, r in by.items()
    ]
    return f"Share kept, by value. {'; '.join(parts)}.".replace(NBSP, " ")


# What a click on the picture asks for, as a button says it before the step's name.
FATES = {"reached": "who reached", "lost": "lost after", "open": "still open at"}
MOST_PARTS = 12


def number_behind(funnel: Funnel, step: int, fate: str) -> int:
    """The number of the picture that a step and a fate stand for."""
    here = funnel.steps[step]
    return {"reached": here.customers, "lost": here.lost or 0, "open": here.open}[fate]


def shown_parts(funnel: Funnel, step: int, *, in_time: bool) -> dict[str, Rate | None]:
    """The share kept at `step` for at most twelve parts: the newest in order of time, else the largest."""
    names = sorted(funnel.by)[-MOST_PARTS:] if in_time else list(funnel.by)[:MOST_PARTS]
    return {name: funnel.by[name][step].kept for name in names}


def left_out(funnel: Funnel, shown: Mapping[str, Rate | None]) -> str:
    """How many parts are not in the picture; empty when all are."""
    more = len(funnel.by) - len(shown)
    return f"{len(shown)} of {len(funnel.by)} shown, all in the table" if more else ""


def table_of(funnel: Funnel) -> list[dict[str, str | int | float | None]]:
    """Every number of the picture as rows, the whole first, then each part."""
    return [
        {
            "Part": part,
            "Step": step.event,
            "Customers": step.customers,
            "Still open": step.open,
            "Decided": step.decided,
            "Lost": step.lost,
            "Kept": step.kept.share if step.kept else None,
            "Low": step.kept.low if step.kept else None,
            "High": step.kept.high if step.kept else None,
        }
        for part, steps in {"all": funnel.steps, **funnel.by}.items()
        for step in steps
    ]
