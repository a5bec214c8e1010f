"""What is inside an upload: which files, of which kind, and may they be unpacked?"""

from __future__ import annotations

import gzip
import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from journey_app.errors import BadFile
from journey_app.intake.limits import MEGABYTE, Limits
from journey_app.intake.watched import open_watched

LABEL_CHARS = 120
GZIP = b"\x1f\x8b"
# What stands before a member of an archive; only the lengths of its name and extra field matter.
LOCAL_HEADER = struct.Struct("<26xHH")
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
AGAIN = "Download the export again and import the new file."
SAVE_AS = "Save it as .xlsx or CSV and import that."

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
PARQUET = b"PAR1"

# First bytes of files people rename by accident, and what to call them: whole, so that no column is
# called so. Of two formats they are letters only; those are known by the bytes that no text holds.
LOOKS_LIKE = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"Obj\x01", "an Avro file"),
)
BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17\x72\x45\x38\x50\x90)")
ORC = b"ORC"
# What text may begin with, in any case and after a byte order mark and space.
MARKED_UP = (
    (b"%pdf-", "a PDF document"),
    (b"{\\rtf", "a rich text document"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML file"),
)
NEVER_TEXT = bytes(set(range(9)) | set(range(14, 27)))


@dataclass(frozen=True)
class Member:
    """One file of an upload, ready to be opened as often as needed.

    kind: text, workbook or parquet. packed_bytes: its size on disk, for progress.
    """

    label: str
    kind: str
    open: Callable[[], BinaryIO]
    packed_bytes: int


@dataclass(frozen=True)
class Upload:
    """The files of an upload that may hold tables, and why others were left out."""

    members: tuple[Member, ...]
    left_out: tuple[str, ...] = ()


def display_label(name: str) -> str:
    """A file name as data to show: no control or text-direction characters, 120 characters at most."""
    kept = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    return kept.strip()[:LABEL_CHARS] or "unnamed file"


class Counted(io.RawIOBase):
    """Unpacked bytes, counted as they come, because a declared size can lie."""

    def __init__(
        self,
        inner: BinaryIO,
        label: str,
        packed_bytes: int,
        limits: Limits,
        packed_read: Callable[[int], int],
    ) -> None:
        """packed_read: bytes unpacked so far → bytes of the packed file that took."""
        self._inner, self._label, self._packed, self._limits = inner, label, packed_bytes, limits
        self._packed_read = packed_read
        self._seen = 0

    def packed_read(self) -> int:
        """How many bytes of the packed file have been read."""
        return self._packed_read(self._seen)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            data = self._inner.read(len(buffer))
        except (
            OSError,
            EOFError,
            zlib.error,
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise BadFile(
                f"“{self._label}” is damaged or was not downloaded completely.",
                AGAIN,
            ) from error
        self._seen += len(data)
        refuse_if_too_large(self._label, self._seen, self._packed, self._limits)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._inner.close()
        super().close()


def refuse_if_too_large(label: str, unpacked: int, packed: int, limits: Limits) -> None:
    """Stop before an archive fills the memory or the disk."""
    if unpacked > limits.unpacked_bytes:
        raise BadFile(
            f"“{label}” unpacks to more than {limits.unpacked_bytes // MEGABYTE:,} MB.",
            "Export a shorter period, or unpack it and import the parts one by one.",
        )
    if unpacked > limits.ratio_from_bytes and unpacked > packed * limits.ratio:
        raise BadFile(
            f"“{label}” unpacks to more than {limits.ratio} times its size, as a decompression bomb does.",
            "If you trust it, unpack it yourself and import what is inside.",
        )


def unpack(path: Path, name: str, limits: Limits) -> Upload:
    """Every file inside an upload that may hold a table; its bytes decide, not its name."""
    label = display_label(name)
    size = path.stat().st_size
    if size == 0:
        raise BadFile(f"“{label}” is empty.", "Export it again; the download may have been cut off.")
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.startswith(ZIP):
        return Upload((_member(label, head, lambda: open_watched(path), size, limits),))
    with _zip(path, label) as archive:
        kind = _office_kind(archive, label)
        checked(archive, label, size, limits, workbook=kind is not None)
        if kind is not None:
            return Upload((Member(label, "workbook", lambda: open_watched(path), size),))
        return _members_of(archive, path, label, limits)


def _member(label: str, head: bytes, opener: Callable[[], BinaryIO], packed: int, limits: Limits) -> Member:
    """One file by its first bytes; gzip is opened, everything that cannot be a table is refused."""
    if head.startswith(GZIP):
        inner = _gunzipped(label, opener, packed, limits)
        with inner() as stream:
            unpacked = stream.read(4096)
        if unpacked.startswith(GZIP):
            raise BadFile(f"“{label}” is packed twice.", "Unpack it once and import what is inside.")
        return _member(label, unpacked, inner, packed, limits)
    if not head:
        raise BadFile(f"“{label}” is empty.", "Export it again; the download may have been cut off.")
    if _is_binary(head, PARQUET):
        return Member(label, "parquet", opener, packed)
    if head.startswith(ZIP):
        raise BadFile(
            f"“{label}” is an archive inside an archive.", "Unpack it once and import what is inside."
        )
    if head.startswith(OLD_OFFICE):
        with opener() as stream:
            raise _old_office(label, stream.read(MEGABYTE))
    if (what := _looks_like(head)) is not None:
        raise BadFile(
            f"“{label}” looks like {what}, not a table.",
            "Export the data as CSV, .xlsx, JSON or Parquet and import that.",
        )
    return Member(label, "text", opener, packed)


def _looks_like(head: bytes) -> str | None:
    """What a file is that can be no table; None where it may be one."""
    if BZIP2.match(head):
        return "a bzip2 archive"
    if _is_binary(head, ORC):
        return "an ORC file"
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    named = [what for magic, what in LOOKS_LIKE if head.startswith(magic)]
    named += [what for magic, what in MARKED_UP if start.startswith(magic)]
    return named[0] if named else None


def _is_binary(head: bytes, letters: bytes) -> bool:
    """Whether a file begins with the letters of a format and what follows is no text."""
    return head.startswith(letters) and any(byte in NEVER_TEXT for byte in head[len(letters) : 64])


def _gunzipped(
    label: str, opener: Callable[[], BinaryIO], packed: int, limits: Limits
) -> Callable[[], BinaryIO]:
    def opened() -> BinaryIO:
        outer = opener()
        both = cast(BinaryIO, _ClosesBoth(gzip.GzipFile(fileobj=outer), outer))
        return io.BufferedReader(Counted(both, label, packed, limits, lambda _: bytes_read(outer)), MEGABYTE)

    return opened


def _old_office(label: str, head: bytes) -> BadFile:
    """Why a compound document cannot be read: a password, or a format from before 2007."""
    if "EncryptedPackage".encode("utf-16-le") in head:
        return BadFile(
            f"“{label}” is protected by a password.", "Remove the password in Excel and import it again."
        )
    return BadFile(
        f"“{label}” is an old .xls workbook (or another old Office file).", f"Open it in Excel. {SAVE_AS}"
    )


@contextmanager
def _zip(path: Path, label: str) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, UnicodeDecodeError) as error:
        raise BadFile(
            f"“{label}” is a damaged archive or workbook.",
            AGAIN,
        ) from error
    with archive:
        yield archive


def _office_kind(archive: zipfile.ZipFile, label: str) -> str | None:
    """“workbook” for .xlsx, None for an ordinary archive; other office files are refused."""
    names = set(archive.namelist())
    if "xl/workbook.bin" in names:
        raise BadFile(f"“{label}” is a binary workbook (.xlsb).", f"Open it in Excel. {SAVE_AS}")
    if "mimetype" in names and "content.xml" in names:
        raise BadFile(f"“{label}” is an OpenDocument file.", f"Open it in your spreadsheet. {SAVE_AS}")
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise BadFile(
            f"“{label}” is a text document or slides, not a table.", "Export the data as CSV and import that."
        )
    if "[Content_Types].xml" in names and any(
        n.startswith("xl/") or n.endswith("workbook.xml") for n in names
    ):
        return "workbook"
    return None


def checked(archive: zipfile.ZipFile, label: str, packed: int, limits: Limits, *, workbook: bool) -> None:
    """Refuse an archive by what it declares, before anything is unpacked."""
    entries = archive.infolist()
    if len(entries) > limits.members:
        raise BadFile(
            f"“{label}” holds {len(entries):,} files; {limits.members:,} is the most.",
            "Import fewer at once.",
        )
    for entry in entries:
        parts = PurePosixPath(entry.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or stat.S_ISLNK(entry.external_attr >> 16):
            raise BadFile(
                f"“{label}” holds a file that points outside the archive.",
                "Do not import it; ask who made it.",
            )
        if entry.flag_bits & 1:
            raise BadFile(
                f"“{label}” is protected by a password.", "Unpack it yourself and import what is inside."
            )
    total = sum(entry.file_size for entry in entries)
    refuse_if_too_large(label, total, packed, limits)
    if workbook and total > limits.workbook_bytes:
        raise BadFile(
            f"“{label}” is a workbook of more than {limits.workbook_bytes // MEGABYTE:,} MB.",
            "Save the sheet as CSV and import that: CSV files may be much larger.",
        )


def _members_of(archive: zipfile.ZipFile, path: Path, label: str, limits: Limits) -> Upload:
    members: list[Member] = []
    left_out: list[str] = []
    for entry in archive.infolist():
        inside = PurePosixPath(entry.filename.replace("\\", "/"))
        if entry.is_dir() or inside.name.startswith(".") or "__MACOSX" in inside.parts:
            continue
        shown = display_label(f"{label} › {inside}"[-LABEL_CHARS:])
        try:
            members.append(_zipped_member(path, entry, shown, limits))
        except BadFile as bad:
            left_out.append(f"Left out: {bad.what}")
    if not members:
        reason = left_out[0].removeprefix("Left out: ") if left_out else f"“{label}” holds no files."
        raise BadFile(reason, "Import an archive with CSV, .xlsx, JSON or Parquet files inside.")
    return Upload(tuple(members), tuple(left_out))


def _zipped_member(path: Path, entry: zipfile.ZipInfo, label: str, limits: Limits) -> Member:
    """A file inside an archive; workbooks and Parquet need to seek, so those are held in memory."""
    opened = _opener(path, entry, label, limits)
    with opened() as stream:
        head = stream.read(4096)
    if head.startswith(ZIP):
        held = _held(opened, label, limits)
        with _zip(cast(Path, held()), label) as inner:
            if _office_kind(inner, label) is None:
                raise BadFile(
                    f"“{label}” is an archive inside an archive.", "Unpack it once and import what is inside."
                )
            checked(inner, label, entry.file_size, limits, workbook=True)
        return Member(label, "workbook", held, entry.file_size)
    member = _member(label, head, opened, entry.compress_size, limits)
    if member.kind == "parquet":
        return Member(label, "parquet", _held(member.open, label, limits), entry.file_size)
    return member


def _entry_stream(file: BinaryIO, entry: zipfile.ZipInfo) -> zipfile.ZipExtFile:
    """A member read straight from where it lies.

    Opening the archive again would read the list of all its members each time, which takes a
    minute and more where there are thousands.
    """
    file.seek(entry.header_offset)
    start = file.read(LOCAL_HEADER.size)
    if len(start) < LOCAL_HEADER.size or not start.startswith(b"PK\x03\x04"):
        raise zipfile.BadZipFile("no member where the archive lists one")
    name_bytes, extra_bytes = LOCAL_HEADER.unpack(start)
    file.seek(name_bytes + extra_bytes, io.SEEK_CUR)
    return zipfile.ZipExtFile(file, "r", entry)


def _opener(path: Path, entry: zipfile.ZipInfo, label: str, limits: Limits) -> Callable[[], BinaryIO]:
    def opened() -> BinaryIO:
        file = open_watched(path)
        try:
            inner = _entry_stream(file, entry)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
            file.close()
            raise BadFile(
                f"“{label}” cannot be unpacked.",
                "Pack it again as an ordinary .zip, or import the file inside.",
            ) from error
        packed = max(entry.compress_size, 1)
        share = packed / max(entry.file_size, 1)
        return io.BufferedReader(
            Counted(
                cast(BinaryIO, _ClosesBoth(inner, file)), label, packed, limits, lambda n: int(n * share)
            ),
            MEGABYTE,
        )

    return opened


def bytes_read(stream: BinaryIO) -> int:
    """How far into a file on disk a stream has read, packed bytes where it is packed."""
    if stream.closed:
        return 0
    raw = getattr(stream, "raw", None)
    return raw.packed_read() if isinstance(raw, Counted) else stream.tell()


class _ClosesBoth:
    """An unpacked stream that closes the file around it with itself."""

    def __init__(self, inner: zipfile.ZipExtFile | gzip.GzipFile, around: BinaryIO) -> None:
        self._inner, self._around = inner, around

    def read(self, size: int) -> bytes:
        return self._inner.read(size)

    def close(self) -> None:
        self._inner.close()
        self._around.close()


def _held(opened: Callable[[], BinaryIO], label: str, limits: Limits) -> Callable[[], BinaryIO]:
    def held() -> BinaryIO:
        with opened() as stream:
            data = stream.read(limits.workbook_bytes + 1)
        if len(data) > limits.workbook_bytes:
            raise BadFile(
                f"“{label}” is larger than {limits.workbook_bytes // MEGABYTE} MB unpacked.",
                "Import it as CSV.",
            )
        return io.BytesIO(data)

    return held
