"""How does what people typed stand in a Markdown slot without becoming Markdown?

Streamlit's Markdown loads remote images and draws links: a customer's words must do neither.
"""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=@/\"'])")
_LINES = re.compile(r"\s*[\r\n\u2028\u2029]+\s*")


def md(text: object) -> str:
    """`text` for a Markdown slot: one line, every sign that Markdown reads made a plain sign."""
    return _SPECIAL.sub(r"\\\1", _LINES.sub(" ", str(text)))
