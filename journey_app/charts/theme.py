"""Which colours does the product use, and for what?

One Palette per purpose: "screen" carries both modes in one string (`light-dark(a,b)`, which the
browser resolves without a rerun), "light" and "dark" are plain, for exports, which know no CSS.
`ui/style.css` and `.streamlit/config.toml` repeat these values; tests hold the three together.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

Mode = Literal["screen", "light", "dark"]

FONT = "Source Sans, sans-serif"
SERIF = "Source Serif, serif"
SEQUENTIAL = (
    "#EEF4F8", "#D8E7F0", "#BDD7E6", "#9CC4DA", "#78AECB",
    "#5596B8", "#377EA3", "#22688D", "#145376", "#0B3D5A",
)  # fmt: skip
# Ochre is less, blue is more; never red to green.
DIVERGING = (
    "#8A4A12", "#B06A24", "#CE9150", "#E4BC8C", "#F3E1CB",
    "#DDE8EE", "#AFCDDC", "#76A9C3", "#3E80A3", "#145376",
)  # fmt: skip


@dataclass(frozen=True)
class Palette:
    """Colour strings by what they mean.

    stages: five stages, then three more touchpoints. on_*: text that is readable on that fill.
    *_text: that colour as text on paper. *_tint: a band behind text. *_edge: outline of the shape.
    """

    paper: str
    card: str
    soft: str
    ink: str
    muted: str
    line: str
    ghost: str
    accent: str
    band: str
    primary: str
    red: str
    red_text: str
    red_tint: str
    on_red: str
    amber: str
    amber_text: str
    amber_tint: str
    amber_edge: str
    on_amber: str
    green: str
    green_text: str
    green_tint: str
    on_green: str
    on_stage: str
    stages: tuple[str, ...]

    def stage(self, number: int) -> str:
        """The colour of the `number`-th stage or touchpoint (from 0); past the eighth they repeat."""
        return self.stages[number % len(self.stages)]


LIGHT = Palette(
    paper="#FBFAF7",
    card="#FFFFFF",
    soft="#F2EFE8",
    ink="#1B2533",
    muted="#566070",
    line="#DDD8CD",
    ghost="#D9D4C8",
    accent="#14597A",
    band="#E3EBEF",
    primary="#14597A",
    red="#B3261E",
    red_text="#9B1C15",
    red_tint="#FCEBE8",
    on_red="#FFFFFF",
    amber="#E0A100",
    amber_text="#7A4B00",
    amber_tint="#FDF3DC",
    amber_edge="#946200",
    on_amber="#2A1B00",
    green="#1F7A55",
    green_text="#14593D",
    green_tint="#E6F3EC",
    on_green="#FFFFFF",
    on_stage="#FFFFFF",
    stages=(
        "#33307F", "#2E78B5", "#155E5A", "#96701F", "#C04A86",
        "#8CC0E8", "#6FB8A5", "#E0B95A",
    ),
)  # fmt: skip
DARK = Palette(
    paper="#12171F",
    card="#1A212C",
    soft="#222B37",
    ink="#E9EDF2",
    muted="#A3AEBB",
    line="#323D4B",
    ghost="#3A4553",
    accent="#5FB3D9",
    band="#1C2C38",
    primary="#2B79A1",
    red="#FF8A7A",
    red_text="#FF9D8F",
    red_tint="#3A1F1E",
    on_red="#12171F",
    amber="#F2C14E",
    amber_text="#F2C14E",
    amber_tint="#372B12",
    amber_edge="#F2C14E",
    on_amber="#2A1B00",
    green="#5CC9A0",
    green_text="#6FD3AD",
    green_tint="#15322A",
    on_green="#12171F",
    on_stage="#12171F",
    stages=(
        "#7C86F7", "#A6D4F2", "#3FBFA6", "#F0D58C", "#C978AE",
        "#4F8FC0", "#8FD9C6", "#B8954A",
    ),
)  # fmt: skip


def light_dark(light: str, dark: str) -> str:
    """One CSS colour that follows the page's mode."""
    return f"light-dark({light},{dark})"


def _both(light: Palette, dark: Palette) -> Palette:
    values: dict[str, Any] = {}
    for name in (field.name for field in fields(Palette)):
        here, there = getattr(light, name), getattr(dark, name)
        if isinstance(here, str):
            values[name] = light_dark(here, there)
        else:
            values[name] = tuple(light_dark(*pair) for pair in zip(here, there, strict=True))
    return Palette(**values)


SCREEN = _both(LIGHT, DARK)


def palette(mode: Mode) -> Palette:
    """The palette for the screen (both modes at once) or for a file (one mode)."""
    return {"screen": SCREEN, "light": LIGHT, "dark": DARK}[mode]


def base_chart_config(colours: Palette) -> dict[str, Any]:
    """Vega-Lite config shared by all charts: our font, no frame, no gridlines, paper behind."""
    return {
        "background": "transparent" if colours is SCREEN else colours.paper,
        "font": FONT,
        "view": {"stroke": None},
        "axis": {"grid": False, "domain": False, "ticks": False, "labelColor": colours.muted},
        "text": {"color": colours.ink, "fontSize": 12.5},
        "range": {
            "category": list(colours.stages),
            "heatmap": list(SEQUENTIAL),
            "ramp": list(SEQUENTIAL),
            "diverging": list(DIVERGING),
        },
    }
