"""Which touchpoints can be trusted? One grid, red rows first, each ending in what to do.

A green cell is a small dot, so that the eye lands on R and A. Filled = measured, outline = a
person's grade, ≠ = the two disagree, → = counted at another place, – = not known. Places that are
not ours come last, greyed and without a grade. Clicking a row selects `touchpoint`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import altair as alt

from journey_app.charts.canvas import WIDTH, Canvas
from journey_app.charts.text import UNKNOWN, shorten
from journey_app.charts.theme import SCREEN, Palette

Grade = Literal["R", "A", "G"]
WORST_FIRST: dict[Grade | None, int] = {"R": 0, "A": 1, "G": 2, None: 3}
WORDS: dict[Grade | None, str] = {"R": "red", "A": "amber", "G": "green", None: "not known"}
SHAPES: dict[Grade, str] = {"R": "diamond", "A": "triangle-up", "G": "circle"}
NAME, WHERE, FIRST_CHECK, LAST_CHECK, MEASURED, HUMAN, DIFFER, DO = 5, 126, 250, 492, 568, 626, 648, 662
HEADER, PITCH = 27.0, 35.5


@dataclass(frozen=True)
class AuditRow:
    """One touchpoint. checks: one grade per column, in the columns' order, None when not known.

    measured: the worst of what was measured. human: what a person gave, None when nobody did.
    elsewhere: per check the other place where it is counted, "" when it is counted here. not_ours:
    people said that there is no such place.
    """

    touchpoint: str
    where: str
    checks: tuple[Grade | None, ...]
    measured: Grade | None
    human: Grade | None
    do: str
    elsewhere: tuple[str, ...] = ()
    not_ours: bool = False


NOT_OURS = "not ours"
ELSEWHERE = "→"


def audit_chart(
    rows: Sequence[AuditRow], columns: Sequence[str], *, colours: Palette = SCREEN
) -> alt.LayerChart:
    """The grid, worst first (rows of one grade keep their order). columns: names of the checks.

    Selection `row` gives {"touchpoint": name}.
    """
    ordered = worst_first(rows)
    canvas = Canvas(HEADER + PITCH * len(ordered) + 4, colours)
    _header(canvas, columns)
    _rules(canvas, ordered)
    _words(canvas, ordered)
    _cells(canvas, ordered, columns)
    _hits(canvas, ordered)
    return canvas.done()


def worst_first(rows: Sequence[AuditRow]) -> list[AuditRow]:
    """Red, amber, green, unknown, not ours; the order inside a grade stays."""
    return sorted(rows, key=_rank)


def _rank(row: AuditRow) -> int:
    return len(WORST_FIRST) if row.not_ours else WORST_FIRST[row.measured]


def _middle(k: int) -> float:
    return HEADER + PITCH * (k + 0.5)


def _check_x(k: int, checks: int) -> float:
    return FIRST_CHECK + (LAST_CHECK - FIRST_CHECK) * (k / max(1, checks - 1))


def _header(canvas: Canvas, columns: Sequence[str]) -> None:
    ends = [
        {"x": NAME, "y": 13, "text": "Touchpoint, worst first"},
        {"x": DO, "y": 13, "text": "What to do"},
    ]
    heads = [
        {"x": _check_x(k, len(columns)), "y": 13, "text": shorten(name, 10)} for k, name in enumerate(columns)
    ]
    heads += [{"x": MEASURED, "y": 13, "text": "Measured"}, {"x": HUMAN, "y": 13, "text": "Human"}]
    canvas.words(ends, canvas.colours.muted, fontSize=11.5, fontWeight=600)
    canvas.words(heads, canvas.colours.muted, align="center", fontSize=11.5, fontWeight=600)


def _rules(canvas: Canvas, rows: Sequence[AuditRow]) -> None:
    """A hairline over every row; a dark rule where the grade changes."""
    changes = [k for k, (above, below) in enumerate(pairwise(rows), 1) if _rank(above) != _rank(below)]
    canvas.lines([_rule(k) for k in range(len(rows))], canvas.colours.line, strokeWidth=1)
    canvas.lines([_rule(k) for k in changes], canvas.colours.muted, strokeWidth=1.2)


def _rule(k: int) -> dict:
    return {"x": 0, "x2": WIDTH, "y": HEADER + PITCH * k, "y2": HEADER + PITCH * k}


def _words(canvas: Canvas, rows: Sequence[AuditRow]) -> None:
    colours = canvas.colours
    places, differ = [], []
    names: list[dict] = []
    greyed: list[dict] = []
    deeds: list[dict] = []
    idle: list[dict] = []
    for k, row in enumerate(rows):
        y = _middle(k)
        name = {"x": NAME, "y": y, "text": shorten(row.touchpoint, 18)}
        (greyed if row.not_ours else names).append(name)
        places.append({"x": WHERE, "y": y, "text": shorten(row.where, 16)})
        deed = {"x": DO, "y": y, "text": row.do or "Nothing to do"}
        (deeds if row.do else idle).append(deed)
        if row.human is not None and row.measured is not None and row.human != row.measured:
            differ.append({"x": DIFFER, "y": y, "text": "≠"})
    room = (WIDTH - DO) * 0.98
    canvas.words(names, colours.ink, fontSize=13, fontWeight=600)
    canvas.words(greyed, colours.muted, fontSize=13)
    canvas.words(places, colours.muted, fontSize=11.5)
    canvas.words(deeds, colours.ink, fontSize=12.5, limit=room)
    canvas.words(idle, colours.muted, fontSize=12.5, limit=room)
    canvas.words(differ, colours.accent, align="center", fontSize=13, fontWeight=700)


@dataclass(frozen=True)
class _Mark:
    x: float
    y: float
    grade: Grade | None
    elsewhere: bool = False


def _cells(canvas: Canvas, rows: Sequence[AuditRow], columns: Sequence[str]) -> None:
    ours = [(k, row) for k, row in enumerate(rows) if not row.not_ours]
    theirs = [
        {"x": MEASURED, "y": _middle(k), "text": NOT_OURS} for k, row in enumerate(rows) if row.not_ours
    ]
    canvas.words(theirs, canvas.colours.muted, align="center", fontSize=11.5)
    checks = [
        _Mark(_check_x(c, len(columns)), _middle(k), grade, _is_elsewhere(row, c))
        for k, row in ours
        for c, grade in enumerate(row.checks)
    ]
    measured = [_Mark(MEASURED, _middle(k), row.measured) for k, row in ours]
    human = [_Mark(HUMAN, _middle(k), row.human) for k, row in ours]
    quiet = [{"x": mark.x, "y": mark.y} for mark in checks if mark.grade == "G"]
    canvas.dots(quiet, canvas.colours.green, size=78)
    _shapes(canvas, [mark for mark in checks if mark.grade != "G"], large=False)
    _shapes(canvas, measured, large=True)
    _outlines(canvas, human)
    unknown = [
        {"x": mark.x, "y": mark.y, "text": ELSEWHERE if mark.elsewhere else UNKNOWN}
        for mark in (*checks, *measured, *human)
        if mark.grade is None
    ]
    canvas.words(unknown, canvas.colours.muted, align="center")


def _is_elsewhere(row: AuditRow, check: int) -> bool:
    return bool(row.elsewhere) and bool(row.elsewhere[check])


def _shapes(canvas: Canvas, marks: Sequence[_Mark], *, large: bool) -> None:
    """Filled shape and letter: what the data says."""
    c = canvas.colours
    fills: dict[Grade, tuple[str, str, str]] = {
        "R": (c.red, c.red, c.on_red),
        "A": (c.amber, c.amber_edge, c.on_amber),
        "G": (c.green, c.green, c.on_green),
    }
    for grade, (fill, edge, letter) in fills.items():
        some = [{"x": mark.x, "y": mark.y} for mark in marks if mark.grade == grade]
        canvas.dots(some, fill, shape=SHAPES[grade], size=_size(grade, large), stroke=edge, strokeWidth=1.2)
        _letters(canvas, some, grade, letter, 11.5 if large else 11)


def _outlines(canvas: Canvas, marks: Sequence[_Mark]) -> None:
    """Outlined shape and letter: what a person says."""
    c = canvas.colours
    edges: dict[Grade, str] = {"R": c.red, "A": c.amber_edge, "G": c.green}
    for grade, edge in edges.items():
        some = [{"x": mark.x, "y": mark.y} for mark in marks if mark.grade == grade]
        if some:
            layer = canvas.chart(some).mark_point(
                shape=SHAPES[grade],
                size=_size(grade, True),
                filled=False,
                fill=c.paper,
                stroke=edge,
                strokeWidth=2,
                opacity=1,
            )
            canvas.add(layer)
            _letters(canvas, some, grade, c.ink, 11.5)


def _size(grade: Grade, large: bool) -> float:
    """Areas that look alike: a diamond and a triangle need more than a circle."""
    return {"R": 270.0, "A": 300.0, "G": 260.0}[grade] * (1.22 if large else 1.0)


def _letters(canvas: Canvas, marks: Sequence[dict], grade: Grade, color: str, size: float) -> None:
    lower = 2.5 if grade == "A" else 0.5  # a triangle's middle is below its centre
    letters = [{"x": mark["x"], "y": mark["y"] + lower, "text": grade} for mark in marks]
    canvas.words(letters, color, align="center", fontSize=size, fontWeight=700)


def _hits(canvas: Canvas, rows: Sequence[AuditRow]) -> None:
    hits = [
        {
            "x": 0,
            "x2": WIDTH,
            "y": HEADER + PITCH * k,
            "y2": HEADER + PITCH * (k + 1),
            "touchpoint": row.touchpoint,
            "says": f"{row.touchpoint}: {_graded(row)}. {row.do or 'Nothing to do'}",
        }
        for k, row in enumerate(rows)
    ]
    canvas.hits(hits, "row", ("touchpoint",))


def describe(rows: Sequence[AuditRow], columns: Sequence[str]) -> str:
    """The grid in words: how many of each grade, then every row that is not green throughout."""
    counted = [
        f"{sum(1 for row in rows if row.measured == grade and not row.not_ours)} {WORDS[grade]}"
        for grade in ("R", "A", "G")
    ]
    said = [words for row in worst_first(rows) if (words := _row_says(row, columns))]
    return f"Touchpoints: {', '.join(counted)}.{' ' if said else ''}{'; '.join(said)}{'.' if said else ''}"


def _graded(row: AuditRow) -> str:
    return NOT_OURS if row.not_ours else WORDS[row.measured]


def _row_says(row: AuditRow, columns: Sequence[str]) -> str:
    if row.not_ours:
        return f"{row.touchpoint} {NOT_OURS}: {row.do or 'nothing to do'}"
    elsewhere = row.elsewhere or ("",) * len(row.checks)
    checks = zip(columns, row.checks, elsewhere, strict=True)
    bad = [
        f"{name} counted at {other}" if other else f"{name} {WORDS[grade]}"
        for name, grade, other in checks
        if grade != "G"
    ]
    if not bad and row.measured == "G":
        return ""
    return f"{row.touchpoint} {WORDS[row.measured]} ({', '.join(bad)}): {row.do or 'nothing to do'}"
