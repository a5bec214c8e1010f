"""One set of colours in three files, and text that can be read on every one of them."""

import re
import tomllib
from dataclasses import fields
from itertools import combinations
from pathlib import Path

import pytest

from journey_app.charts.theme import DARK, DIVERGING, LIGHT, SCREEN, SEQUENTIAL, Palette, palette

ROOT = Path(__file__).parents[2]
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
STYLE = (ROOT / "journey_app" / "ui" / "style.css").read_text()


def luminance(colour: str) -> float:
    """Relative luminance of #RRGGBB. Source: WCAG 2.2, definition of relative luminance."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_readable_on_what_it_stands_on(colours):
    pairs = [
        (colours.ink, colours.paper),
        (colours.muted, colours.paper),
        (colours.muted, colours.card),
        (colours.accent, colours.paper),
        (colours.accent, colours.band),
        (colours.red_text, colours.red_tint),
        (colours.amber_text, colours.amber_tint),
        (colours.green_text, colours.green_tint),
        (colours.on_red, colours.red),
        (colours.on_amber, colours.amber),
        (colours.on_green, colours.green),
        *((colours.on_stage, stage) for stage in colours.stages[:5]),
        ("#FFFFFF", colours.primary),
    ]
    too_faint = [(a, b, round(contrast(a, b), 2)) for a, b in pairs if contrast(a, b) < 4.5]
    assert not too_faint


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_stages_are_eight_different_colours(colours):
    assert len(colours.stages) == 8
    assert all(one != other for one, other in combinations(colours.stages, 2))
    assert colours.stage(8) == colours.stage(0)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_streamlit_is_told_the_same_colours(mode):
    told, ours = CONFIG["theme"][mode], palette(mode)
    assert told["primaryColor"] == ours.primary
    assert told["backgroundColor"] == ours.paper
    assert told["secondaryBackgroundColor"] == ours.soft
    assert told["textColor"] == ours.ink
    assert told["borderColor"] == ours.line
    assert told["linkColor"] == ours.accent
    assert told["chartCategoricalColors"] == list(ours.stages)
    assert CONFIG["theme"]["chartSequentialColors"] == list(SEQUENTIAL)
    assert CONFIG["theme"]["chartDivergingColors"] == list(DIVERGING)


def test_the_stylesheet_has_the_same_colours():
    told = dict(re.findall(r"--([a-z-]+): (light-dark\([^)]*\));", STYLE))
    ours = {name.replace("_", "-"): getattr(SCREEN, name) for name in (f.name for f in fields(Palette))}
    assert len(told) >= 20
    assert {name: value.replace(", ", ",") for name, value in told.items()} == {n: ours[n] for n in told}


def test_the_server_gives_nothing_away_and_asks_nobody():
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["server"]["enableXsrfProtection"] is True
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["browser"]["gatherUsageStats"] is False
    everything = (ROOT / ".streamlit" / "config.toml").read_text() + STYLE
    assert "http://" not in everything and "https://" not in everything and "@import" not in everything


def test_screen_carries_both_modes_and_files_carry_one():
    assert SCREEN.ink == f"light-dark({LIGHT.ink},{DARK.ink})"
    assert all("light-dark" not in str(getattr(LIGHT, f.name)) for f in fields(Palette))
