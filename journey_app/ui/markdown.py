"""How does what people typed stand in a Markdown slot without becoming Markdown?

Streamlit's Markdown loads remote images and draws links: a customer's words must do neither.
"""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=@/\"'])")
# Streamlit makes a link of a bare address whatever is escaped in it, unless a sign stands inside: a word joiner
# is not seen, and no line breaks at it. E-mail addresses stay links: they are copied from pages as customers' ids.
_ADDRESS = re.compile(r"https?(?=://)|www(?=\.)", re.IGNORECASE)
_JOINER = "\u2060"
_LINES = re.compile(r"\s*[\r\n\u2028\u2029]+\s*")


def md(text: object) -> str:
    """`text` for a Markdown slot: one line, every sign that Markdown reads made a plain sign, and no address a link."""
    line = _LINES.sub(" ", str(text))
    return _SPECIAL.sub(r"\\\1", _ADDRESS.sub(rf"\g<0>{_JOINER}", line))


def as_typed(text: str) -> str:
    """What somebody may have copied from where `md` wrote it, as it was before."""
    return text.replace(_JOINER, "")
