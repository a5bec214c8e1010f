"""Does a file mention somebody? Looked at in every byte, also inside what is packed."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

CHUNK = 1 << 20
DEEPEST = 3  # a zip in a zip in a zip
MOST_UNPACKED = 4 << 30
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252")


def mentions(file: Path, words: Sequence[str]) -> bool:
    """Whether one of these words stands in a file; true as well when it cannot be unpacked to look.

    Case does not matter. A word counts where it is not a part of a longer one.
    """
    pattern = _pattern(words)
    if pattern is None:
        return False
    try:
        with file.open("rb") as stream:
            if stream.read(4) == b"PAR1":
                return _in_parquet(file, pattern)
            stream.seek(0)
            return _in_stream(stream, pattern, max(map(len, words)) * 4 + 8, 0)
    except (OSError, EOFError, zipfile.BadZipFile, RuntimeError, NotImplementedError, pa.ArrowException):
        return True


def _pattern(words: Sequence[str]) -> re.Pattern[bytes] | None:
    forms = {form for word in words for form in _forms(word)}
    if not forms:
        return None
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile(
        rb"(?<![0-9A-Za-z])(?:" + b"|".join(map(re.escape, longest_first)) + rb")(?![0-9A-Za-z])",
        re.IGNORECASE,
    )


def _forms(word: str) -> Iterator[bytes]:
    """A word as files may hold it."""
    for encoding in ENCODINGS:
        yield word.encode(encoding, "ignore")
    yield word.replace("&", "&amp;").encode()
    yield word.replace("@", "%40").encode()
    yield word.replace("@", "\\u0040").encode()
    if not word.isascii():
        yield word.encode("ascii", "backslashreplace")


def _in_parquet(file: Path, pattern: re.Pattern[bytes]) -> bool:
    with pq.ParquetFile(file) as source:
        for batch in source.iter_batches():
            for row in batch.to_pylist():
                if pattern.search("\n".join(map(str, row.values())).encode("utf-8", "surrogatepass")):
                    return True
    return False


def _in_stream(stream: BinaryIO, pattern: re.Pattern[bytes], overlap: int, depth: int) -> bool:
    head = stream.read(4)
    stream.seek(0)
    if head[:2] == b"\x1f\x8b":
        with gzip.open(stream) as inner:
            return _in_packed(cast("BinaryIO", inner), pattern, overlap, depth)
    if head == b"PK\x03\x04":
        with zipfile.ZipFile(stream) as archive:
            if any(pattern.search(name.encode()) for name in archive.namelist()):
                return True
            for name in archive.namelist():
                with archive.open(name) as inner:
                    if _in_packed(cast("BinaryIO", inner), pattern, overlap, depth):
                        return True
        return False
    return any(pattern.search(part) for part in _parts(stream, overlap))


def _in_packed(inner: BinaryIO, pattern: re.Pattern[bytes], overlap: int, depth: int) -> bool:
    """What was packed, which may be packed again; what is packed too deep or too large counts as found."""
    head = inner.read(4)
    if head[:2] != b"\x1f\x8b" and head != b"PK\x03\x04":
        return any(pattern.search(part) for part in _parts(inner, overlap, head))
    whole = head + inner.read(MOST_UNPACKED // 16)
    return depth >= DEEPEST or _in_stream(io.BytesIO(whole), pattern, overlap, depth + 1)


def _parts(stream: BinaryIO, overlap: int, begun: bytes = b"") -> Iterator[bytes]:
    """The bytes piece by piece, each with the end of the one before."""
    tail, seen = begun, 0
    while part := stream.read(CHUNK):
        seen += len(part)
        if seen > MOST_UNPACKED:
            raise OSError("too large to look through")
        yield tail + part
        tail = (tail + part)[-overlap:]
    if begun and not seen:
        yield begun
