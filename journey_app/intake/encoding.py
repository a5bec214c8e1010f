"""Which characters do the bytes of a text file stand for?"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from journey_app.errors import BadFile
from journey_app.intake.limits import MEGABYTE, Limits
from journey_app.intake.source import Member

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
PLAIN = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 (with a byte order mark)",
    "cp1252": "Windows-1252, since it is not valid UTF-8",
}
CONTROL = bytes(b for b in range(32) if b not in (0, 9, 10, 12, 13, 27))
SAVE_AS_UTF8 = "Save it as “CSV UTF-8” and import that."


@dataclass(frozen=True)
class Encoding:
    """How to decode a file, and whether it holds NUL characters to be removed."""

    codec: str
    has_nul: bool = False

    @property
    def name(self) -> str:
        """What people call it."""
        return PLAIN.get(self.codec, self.codec.upper())

    @property
    def note(self) -> str:
        return f"Text is {self.name}."


def encoding_of(member: Member, limits: Limits) -> Encoding:
    """Decide the encoding over the whole file, since a strange character may come last.

    Order: byte order mark; every other byte NUL = UTF-16; valid UTF-8; Windows-1252.
    Raises BadFile for binary content, for other encodings, and for a line without an end.
    """
    with member.open() as stream:
        head = stream.read(64 * 1024)
    for mark, codec in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return _must_decode(member, codec, limits)
    if wide := _utf16_without_mark(head):
        return _must_decode(member, wide, limits)
    _refuse_binary(member.label, head)
    for codec in ("utf-8", "cp1252"):
        found = _decodes(member, codec, limits)
        if found is not None:
            return found
    raise BadFile(f"“{member.label}” is in an encoding we do not know.", SAVE_AS_UTF8)


def _utf16_without_mark(head: bytes) -> str | None:
    if head.count(0) * 5 < len(head):
        return None
    return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"


def _refuse_binary(label: str, head: bytes) -> None:
    strange = len(head) - len(head.translate(None, CONTROL))
    if strange > max(4, len(head) // 100):
        raise BadFile(
            f"“{label}” is not text: it looks like a program's own binary format.",
            "Export the data as CSV, .xlsx, JSON or Parquet and import that.",
        )


def _must_decode(member: Member, codec: str, limits: Limits) -> Encoding:
    found = _decodes(member, codec, limits)
    if found is None:
        raise BadFile(
            f"“{member.label}” starts like {codec.upper()} but is damaged further on.", SAVE_AS_UTF8
        )
    return found


def _decodes(member: Member, codec: str, limits: Limits) -> Encoding | None:
    """The encoding if every byte fits it, else None."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    unbroken, has_nul = 0, False
    with member.open() as stream:
        try:
            for block in _blocks(stream):
                text = decoder.decode(block)
                has_nul = has_nul or "\0" in text
                last = max(text.rfind("\n"), text.rfind("\r"))
                unbroken = unbroken + len(text) if last < 0 else len(text) - last
                if unbroken > limits.line_chars and not _may_be_json(member):
                    raise line_too_long(member.label, limits)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
    return Encoding(codec, has_nul)


def _may_be_json(member: Member) -> bool:
    """JSON is often one line; its records have their own limit."""
    with member.open() as stream:
        return stream.read(512).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t")[:1] in (b"[", b"{")


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(MEGABYTE // 2):
        yield block


def line_too_long(label: str, limits: Limits) -> BadFile:
    return BadFile(
        f"“{label}” has a line longer than {limits.line_chars:,} characters, so it is not an ordinary table.",
        "Check that the export is CSV with one row per line.",
    )
