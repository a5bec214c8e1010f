"""A chart as a file: drawn here, without a browser and without a network.

Files know no light-dark(): draw the chart with a plain palette first (`palette("light")`).
"""

from __future__ import annotations

import altair as alt
import vl_convert

SCALE = 2.0  # pixels a unit: sharp on a projector and in print


def as_svg(chart: alt.LayerChart, *, width: int | None = None) -> str:
    """The chart as an SVG document. width: in pixels, else the chart's own."""
    return vl_convert.vegalite_to_svg(_plain(chart, width), allowed_base_urls=[])


def as_png(chart: alt.LayerChart, *, width: int | None = None, scale: float = SCALE) -> bytes:
    """The chart as a PNG, `scale` pixels a unit."""
    return vl_convert.vegalite_to_png(_plain(chart, width), scale=scale, allowed_base_urls=[])


def _plain(chart: alt.LayerChart, width: int | None) -> dict:
    """The chart's Vega-Lite, with colours that every viewer knows."""
    sized = chart if width is None else chart.properties(width=width)
    spec = sized.to_dict()
    if "light-dark(" in str(spec):
        raise ValueError("A chart coloured for the screen comes out black: use palette('light') or ('dark').")
    return {**spec, "padding": 16}
