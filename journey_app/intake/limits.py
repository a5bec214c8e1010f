"""How much may a file from outside ask of us before we say no?"""

from __future__ import annotations

from dataclasses import dataclass

from journey_app.settings import Settings

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds that hold while a file is unpacked and read.

    unpacked_bytes: what a .zip or .gz may grow to. workbook_bytes: what one workbook or Parquet
    file may grow to, since those are held in memory. ratio: how many times larger than its packed
    size a file may get once it passes `ratio_from_bytes`. line_chars: the longest line of text.
    record_chars: the longest JSON record. columns: the widest table. cells: all cells of one sheet.
    """

    unpacked_bytes: int = 4096 * MEGABYTE
    workbook_bytes: int = 300 * MEGABYTE
    ratio: int = 200
    ratio_from_bytes: int = 10 * MEGABYTE
    members: int = 2000
    line_chars: int = MEGABYTE
    record_chars: int = 4 * MEGABYTE
    columns: int = 2000
    cells: int = 20_000_000

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The bounds an operator set."""
        return cls(unpacked_bytes=settings.unpacked_limit_mb * MEGABYTE)


@dataclass(frozen=True)
class Caps:
    """What the process that reads an upload may use before it is ended; see docs/decisions/020-files-are-read-apart.md

    memory_mb: on top of what it takes by itself. cpu_s: processor time over all its work. silence_s:
    processor time without getting on, so that a busy machine is no fault of the file; and time without
    any sign of life.
    """

    memory_mb: int = 1024
    cpu_s: int = 1800
    silence_s: int = 25

    @classmethod
    def of(cls, settings: Settings) -> Caps:
        """The caps an operator set."""
        return cls(settings.parse_memory_mb, settings.parse_cpu_s, settings.parse_silence_s)
