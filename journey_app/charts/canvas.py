"""How are marks and words laid by hand on one picture?

x runs from 0 to 1000 over whatever width the page gives; y is pixels from the top. Rows align
like a table and the whole stays one clickable chart. Nothing here knows what is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from journey_app.charts.theme import Palette, base_chart_config

WIDTH = 1000
# Said side by side: a page that finds no bottom padding adds 20 px and squeezes every row.
NO_PADDING = {"left": 0, "right": 0, "top": 0, "bottom": 0}
Row = Mapping[str, Any]


def across(field: str = "x") -> alt.X:
    """A place from left to right, 0 to 1000."""
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, WIDTH], nice=False), axis=None)


def down(height: float, field: str = "y") -> alt.Y:
    """A place from the top, in pixels."""
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[height, 0], nice=False), axis=None, stack=None)


class Canvas:
    """Layers put on each other, first at the bottom."""

    def __init__(self, height: float, colours: Palette) -> None:
        self.height = height
        self.colours = colours
        self.layers: list[alt.Chart] = []

    def chart(self, rows: Sequence[Row]) -> alt.Chart:
        """A chart over these rows with x and y placed; add a mark to it, then `add` it."""
        data = alt.InlineData(values=[dict(row) for row in rows])
        return alt.Chart(data).encode(x=across(), y=down(self.height))

    def add(self, layer: alt.Chart) -> None:
        """Put a finished layer on top."""
        self.layers.append(layer)

    def boxes(self, rows: Sequence[Row], *, tooltip: bool = False, **mark: Any) -> None:
        """Rectangles from (x, y) to (x2, y2). A row's `color` fills it, unless the mark says otherwise."""
        if not rows:
            return
        layer = self.chart(rows).mark_rect(**mark).encode(x2="x2:Q", y2="y2:Q")
        if "color" in rows[0]:
            layer = layer.encode(fill=alt.Fill("color:N", scale=None))
        self.add(self._told(layer, tooltip))

    def lines(self, rows: Sequence[Row], color: str | None = None, **mark: Any) -> None:
        """Straight lines from (x, y) to (x2, y2), round at their ends."""
        if not rows:
            return
        layer = self.chart(rows).mark_rule(strokeCap="round", **mark).encode(x2="x2:Q", y2="y2:Q")
        self.add(self._coloured(layer, rows, color))

    def dots(self, rows: Sequence[Row], color: str | None = None, **mark: Any) -> None:
        """Filled points at (x, y)."""
        if not rows:
            return
        self.add(self._coloured(self.chart(rows).mark_point(filled=True, opacity=1, **mark), rows, color))

    def words(self, rows: Sequence[Row], color: str | None = None, halo: bool = False, **mark: Any) -> None:
        """Text at (x, y), centred on y. halo: paper-coloured rim, so that it reads over ribbons."""
        if not rows:
            return
        style = {"align": "left", "baseline": "middle", "fontSize": 12.5, **mark}
        text = alt.Text("text:N")
        if halo:
            rim = self.chart(rows).mark_text(
                **style, stroke=self.colours.paper, strokeWidth=4, strokeJoin="round", fill=self.colours.paper
            )
            self.add(rim.encode(text=text))
        self.add(self._coloured(self.chart(rows).mark_text(**style).encode(text=text), rows, color))

    def hits(self, rows: Sequence[Row], name: str, fields: Sequence[str]) -> None:
        """Invisible rectangles that can be chosen: the named selection returns `fields` of the row."""
        chosen = alt.selection_point(name=name, fields=list(fields), on="click", clear="dblclick")
        layer = self.chart(rows).mark_rect(opacity=0, cursor="pointer").encode(x2="x2:Q", y2="y2:Q")
        self.add(self._told(layer, True).add_params(chosen))

    def done(self) -> alt.LayerChart:
        """The picture, with the look that all pictures share."""
        sized = alt.layer(*self.layers).properties(width=WIDTH, height=self.height, padding=NO_PADDING)
        return sized.configure(**base_chart_config(self.colours))

    @staticmethod
    def _told(layer: alt.Chart, tooltip: bool) -> alt.Chart:
        return layer.encode(tooltip=alt.Tooltip("says:N")) if tooltip else layer

    @staticmethod
    def _coloured(layer: alt.Chart, rows: Sequence[Row], color: str | None) -> alt.Chart:
        if color is None and "color" in rows[0]:
            return layer.encode(color=alt.Color("color:N", scale=None))
        return layer.encode(color=alt.value(color)) if color else layer
