"""How did a number move over the last weeks, small enough to stand in a row of words?

A plain SVG file as text: markup puts it in an <img>, so fonts and page colours do not reach it and
both modes travel inside.
"""

from __future__ import annotations

from collections.abc import Sequence

from journey_app.charts.text import UNKNOWN, percent
from journey_app.charts.theme import DARK, LIGHT, light_dark

WIDE, HIGH, RIM = 96.0, 32.0, 4.0
INK = light_dark(LIGHT.muted, DARK.muted)
Values = Sequence[float | None]


def sparkline(values: Values, dot: str) -> str:
    """An SVG of `values`, oldest first, its last known one marked with a dot of colour `dot`.

    A week without anybody (None) interrupts the line; with nothing known the picture is empty.
    """
    spots = _spots(values)
    lines = "".join(
        f'<polyline points="{points}" fill="none" stroke="{INK}" stroke-width="1.5" '
        'stroke-linejoin="round" stroke-linecap="round"/>'
        for points in _pieces(spots)
    )
    known = [spot for spot in spots if spot is not None]
    end = f'<circle cx="{known[-1][0]}" cy="{known[-1][1]}" r="3.2" fill="{dot}"/>' if known else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE:g} {HIGH:g}" width="{WIDE:g}" '
        f'height="{HIGH:g}"><style>:root{{color-scheme:light dark}}</style>{lines}{end}</svg>'
    )


def _spots(values: Values) -> list[tuple[float, float] | None]:
    known = [value for value in values if value is not None]
    if not known:
        return []
    low, room = min(known), (max(known) - min(known)) or 1.0
    pitch = (WIDE - 2 * RIM) / max(1, len(values) - 1)
    flat = max(known) == min(known)
    return [
        None
        if value is None
        else (
            round(RIM + pitch * k, 1),
            round(HIGH / 2 if flat else HIGH - RIM - (HIGH - 2 * RIM) * (value - low) / room, 1),
        )
        for k, value in enumerate(values)
    ]


def _pieces(spots: Sequence[tuple[float, float] | None]) -> list[str]:
    """Runs of at least two neighbouring weeks, as SVG points."""
    pieces: list[list[str]] = [[]]
    for spot in spots:
        if spot is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{spot[0]},{spot[1]}")
    return [" ".join(piece) for piece in pieces if len(piece) > 1]


def first_to_last(values: Values) -> str:
    """“52 → 39%”: the first and last known share."""
    known = [value for value in values if value is not None]
    if not known:
        return UNKNOWN
    return f"{known[0] * 100:.0f} → {percent(known[-1], 0)}"


def describe(values: Values) -> str:
    """The weeks in words: every known share, oldest first."""
    said = ", ".join(percent(value) for value in values)
    return f"{len(values)} weeks, oldest first: {said}"
