"""How is HTML built so that nothing a person typed can become HTML?

`tag` escapes every child and every attribute that is not already Html, and Html is made only here.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape


class Html(str):
    """Text that is already markup; a plain str never passes for it."""

    __slots__ = ()


EMPTY = Html("")


def safe(text: str) -> Html:
    """Text as HTML: escaped, unless it is Html already."""
    return text if isinstance(text, Html) else Html(escape(text, quote=True))


def tag(name: str, *children: str, cls: str = "", style: str = "", **attributes: str) -> Html:
    """One element; strings inside are escaped. An underscore in an attribute's name is a hyphen."""
    given = {"class": cls, "style": style, **{key.replace("_", "-"): v for key, v in attributes.items()}}
    written = "".join(f' {key}="{escape(value, quote=True)}"' for key, value in given.items() if value)
    return Html(f"<{name}{written}>{join(*children)}</{name}>")


def join(*parts: str) -> Html:
    """Parts one after the other, so that several pieces cost one element on the page."""
    return Html("".join(safe(part) for part in parts))


def image(svg: str, alt: str) -> Html:
    """An SVG drawn by us as an image: st.html removes SVG elements, not images of them."""
    source = "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()
    return Html(f'<img src="{source}" alt="{escape(alt, quote=True)}">')


def box(cls: str, **percent: float) -> Html:
    """An empty <i> placed by percent: box("now", left=12.5). Bars and ranges are made of these."""
    return tag("i", cls=cls, style=";".join(f"{side}:{value:.2f}%" for side, value in percent.items()))
