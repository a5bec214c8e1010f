"""Whose journeys are these? The mark at the top of the sidebar, with the workspace's title beside it."""

from __future__ import annotations

from html import escape

from journey_app.charts.text import shorten

LONGEST = 22

# Drawn as an image, where no font of the page reaches: the serif of the reader's own machine.
_MARK = """<svg xmlns="http://www.w3.org/2000/svg" width="210" height="32" viewBox="0 0 210 32">
<style>:root{{color-scheme:light dark}}
text{{font:600 17px "Source Serif 4",Georgia,serif;fill:light-dark(#566070,#A3AEBB)}}
.way{{stroke:light-dark(#14597A,#5FB3D9)}}.from{{fill:light-dark(#14597A,#5FB3D9)}}
.to{{fill:light-dark(#C04A86,#C978AE)}}</style>
<path class="way" d="M4 23c6 0 6-14 12-14s6 8 12-2" fill="none" stroke-width="2.6" stroke-linecap="round"/>
<circle class="from" cx="4.5" cy="23" r="2.8"/><circle class="to" cx="27.5" cy="6.8" r="2.8"/>
<text x="40" y="22">{title}</text></svg>"""


def brand_mark(title: str) -> str:
    """The mark as SVG; the title is escaped and cut to fit."""
    return _MARK.format(title=escape(shorten(title, LONGEST)))
