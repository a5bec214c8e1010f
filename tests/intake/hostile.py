"""Files made to break whoever reads them. Each is made here, from a seed, and never kept."""

from __future__ import annotations

import gzip
import io
import json
import random
import stat
import struct
import zipfile
from collections.abc import Callable

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

MEGABYTE = 1024 * 1024
HEADER = "user_id,event,timestamp\n"
ROW = "u1,Signed up,2026-03-02 09:00\n"
LOG = HEADER + ROW + "u2,Signed up,2026-03-02 09:05\nu1,Paid,2026-03-03 10:00\n"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


BOOK_ROWS: list[list[object]] = [
    ["user_id", "event", "timestamp"],
    ["u1", "Signed up", "2026-03-02 09:00"],
    ["u2", "Signed up", "2026-03-02 09:05"],
    ["u1", "Paid", "2026-03-03 10:00"],
]


def rewritten(book: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """A workbook with its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, change(entry.filename, old.read(entry)))
    return out.getvalue()


def sheet_of(xml_rows: str, dimension: str = "A1") -> bytes:
    """A workbook whose one sheet holds these rows of XML."""
    inside = f'<dimension ref="{dimension}"/><sheetData>{xml_rows}</sheetData>'
    sheet = f'{XML}<worksheet xmlns="{SHEET}">{inside}</worksheet>'
    return rewritten(workbook([["x"]]), lambda name, old: sheet.encode() if "sheet1" in name else old)


def inline(cell: str, text: str) -> str:
    return f'<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>'


def xml_rows(rows: list[list[object]]) -> str:
    return "".join(
        f'<row r="{n}">'
        + "".join(inline(f"{'ABCDEFG'[at]}{n}", str(cell)) for at, cell in enumerate(row))
        + "</row>"
        for n, row in enumerate(rows, 1)
    )


def zipped(files: dict[str, bytes], **how: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **how) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def zeros_zipped(name: str, megabytes: int) -> bytes:
    """Nothing but one row, over and over, packed a thousandfold."""
    out = io.BytesIO()
    block = (ROW * (MEGABYTE // len(ROW) + 1)).encode()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as part,
    ):
        part.write(HEADER.encode())
        for _ in range(megabytes):
            part.write(block)
    return out.getvalue()


def lying_zip() -> bytes:
    """An archive whose directory says that 400 MB of zeros are a hundred bytes."""
    data = bytearray(zeros_zipped("log.csv", 60))
    for mark, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = data.find(mark)
        data[place + at : place + at + 4] = struct.pack("<I", 100)
    return bytes(data)


def overlapping_zip(entries: int = 500) -> bytes:
    """Many entries of the directory that all point at the same packed bytes."""
    packed = bytearray(zipped({"log.csv": (HEADER + ROW * 200_000).encode()}))
    start = packed.find(b"PK\x01\x02")
    end = packed.find(b"PK\x05\x06")
    entry, tail = bytes(packed[start:end]), bytearray(packed[end:])
    tail[8:12] = struct.pack("<HH", entries, entries)
    tail[12:20] = struct.pack("<II", len(entry) * entries, start)
    return bytes(packed[:start]) + entry * entries + bytes(tail)


def with_symlink() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("log.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def with_password() -> bytes:
    """What an archive with a password looks like: the flag is set, and the bytes mean nothing."""
    data = bytearray(zipped({"log.csv": LOG.encode()}))
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.find(mark) + at] |= 1
    return bytes(data)


def book_with_password() -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(600)
        + "EncryptedPackage".encode("utf-16-le")
        + bytes(4000)
    )


def gzip_bomb(megabytes: int) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as packed:
        for _ in range(megabytes):
            packed.write(bytes(MEGABYTE))
    return out.getvalue()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BILLION = f'{XML}<!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]>'
OUTSIDE = f'{XML}<!DOCTYPE x [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>'


def entity_bomb(prolog: str) -> bytes:
    rows = xml_rows([[*row[:1], "&l9;", *row[2:]] if at else row for at, row in enumerate(BOOK_ROWS)])
    sheet = f'{prolog}<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData></worksheet>'
    return rewritten(workbook(BOOK_ROWS), lambda name, old: sheet.encode() if "sheet1" in name else old)


def late_entity_bomb() -> bytes:
    """A document type behind more space than anybody looks through for one."""
    return entity_bomb(BILLION.replace("<!DOCTYPE", " " * (70 * 1024) + "<!DOCTYPE"))


def parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def good_parquet() -> bytes:
    rows = [line.split(",") for line in LOG.splitlines()]
    return parquet(pa.table(dict(zip(rows[0], map(list, zip(*rows[1:], strict=True)), strict=True))))


def parquet_of_one_value(rows: int) -> bytes:
    """Some kilobytes that unpack to gigabytes: one long text, repeated by reference."""
    text = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * 10_000]))
    times = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["2026-03-02 09:00"]))
    return parquet(pa.table({"user_id": text, "event": text, "timestamp": times}))


def lying_parquet() -> bytes:
    """A whole file whose description was changed here and there."""
    rng, data = random.Random(7), bytearray(good_parquet())
    length = struct.unpack("<I", data[-8:-4])[0]
    for _ in range(12):
        data[rng.randrange(len(data) - 8 - length, len(data) - 8)] ^= 0x7F
    return bytes(data)


def parquet_that_claims(footer_bytes: int) -> bytes:
    data = bytearray(good_parquet())
    data[-8:-4] = struct.pack("<I", footer_bytes)
    return bytes(data)


def parquet_of_depth(levels: int) -> bytes:
    value = pa.array([1])
    for _ in range(levels):
        value = pa.StructArray.from_arrays([value], ["a"])
    return parquet(pa.table({"user_id": ["u1"], "event": ["e"], "timestamp": ["2026-03-02"], "deep": value}))


def many_entries(count: int) -> bytes:
    return zipped({f"{n}.csv": b"" for n in range(count)})


def long_line(megabytes: int) -> bytes:
    return HEADER.encode() + b"x" * (megabytes * MEGABYTE)


def long_json_string(megabytes: int) -> bytes:
    start = b'[{"user_id": "u1", "event": "Paid", "timestamp": "2026-03-02", "text": "'
    return start + b"x" * (megabytes * MEGABYTE) + b'"}]'


FORMULAS: list[list[object]] = [
    ["user_id", "event", "timestamp", "total"],
    ["u1", "Signed up", "2026-03-02 09:00", "=1+1"],
    ["u1", '=HYPERLINK("http://x")', "2026-03-02 10:00", "=SUM(D2)"],
    ["u2", "Signed up", "2026-03-02 09:05", 3],
]

TRUNCATED_BOOK = workbook(BOOK_ROWS)[:-300]
NESTED = zipped({"inner.zip": zipped({"log.csv": LOG.encode()})})


# What it is → its name, and its bytes: no table may come from these.
REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "nothing": ("log.csv", lambda: b""),
    "flat zip bomb": ("log.zip", lambda: zeros_zipped("log.csv", 200)),
    "zip whose sizes lie": ("log.zip", lambda: lying_zip()),
    "zip in a zip": ("log.zip", lambda: NESTED),
    "zip in a gz": ("log.zip.gz", lambda: gzip.compress(NESTED)),
    "zip of overlapping entries": ("log.zip", lambda: overlapping_zip()),
    "zip with a link": ("log.zip", lambda: with_symlink()),
    "zip that points outside": ("log.zip", lambda: zipped({"../../etc/cron.d/x.csv": LOG.encode()})),
    "zip with an absolute name": ("log.zip", lambda: zipped({"/etc/x.csv": LOG.encode()})),
    "zip of thousands": ("log.zip", lambda: many_entries(5_000)),
    "zip of nothing but empty files": ("log.zip", lambda: many_entries(1_500)),
    "zip with a password": ("log.zip", lambda: with_password()),
    "workbook with a password": ("log.xlsx", lambda: book_with_password()),
    "gzip bomb": ("log.csv.gz", lambda: gzip_bomb(200)),
    "gzip in a gzip": ("log.csv.gz", lambda: gzip.compress(gzip.compress(LOG.encode()))),
    "cut-off gzip": ("log.csv.gz", lambda: gzip.compress(LOG.encode() * 500)[:-40]),
    "a billion laughs": ("log.xlsx", lambda: entity_bomb(BILLION)),
    "a billion laughs, late": ("log.xlsx", lambda: late_entity_bomb()),
    "an entity from outside": ("log.xlsx", lambda: entity_bomb(OUTSIDE)),
    "one cell in the far corner": (
        "log.xlsx",
        lambda: sheet_of(f'<row r="1048576">{inline("XFD1048576", "x")}</row>'),
    ),
    "workbook bomb": (
        "log.xlsx",
        lambda: rewritten(
            workbook(BOOK_ROWS), lambda name, old: old + b" " * (250 * MEGABYTE) if "sheet1" in name else old
        ),
    ),
    "cut-off workbook": ("log.xlsx", lambda: TRUNCATED_BOOK),
    "a million columns": ("log.csv", lambda: (",".join(f"c{n}" for n in range(10**6)) + "\n").encode() * 2),
    "a line without an end": ("log.csv", lambda: long_line(200)),
    "a text of JSON without an end": ("log.json", lambda: long_json_string(100)),
    "deep JSON": ("log.json", lambda: b'[{"a":' * 100_000),
    "deep JSON that closes": ("log.json", lambda: b"[" + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"]"),
    "a program": ("log.csv", lambda: b"MZ\x90\0" + random.Random(1).randbytes(20_000)),
    "noise": ("log.csv", lambda: random.Random(2).randbytes(200_000)),
    "cut-off Parquet": ("log.parquet", lambda: good_parquet()[:-60]),
    "Parquet with a lying description": ("log.parquet", lambda: lying_parquet()),
    "Parquet that claims a huge description": ("log.parquet", lambda: parquet_that_claims(2**31 - 1)),
    "Parquet of one long text": ("log.parquet", lambda: parquet_of_one_value(1_000_000)),
}

NUL_LOG = LOG.replace("Paid", "Pa\0id").encode()
FAR_DIMENSION = sheet_of(xml_rows(BOOK_ROWS), "A1:B2")
HUGE_DIMENSION = sheet_of(xml_rows(BOOK_ROWS), "A1:XFD1048576")
FORMULA_TEXT = (
    HEADER + "u1,=1+1,2026-03-02\nu2,+1,2026-03-02\nu3,-1,2026-03-02\nu4,@SUM(A1),2026-03-02\n"
).encode()
JSON_LOG = json.dumps(
    [dict(zip(("user_id", "event", "timestamp"), row, strict=True)) for row in BOOK_ROWS[1:]]
)


# What it is → its name, its bytes, and how many rows it holds: these look wrong and are read whole.
READ_RIGHT: dict[str, tuple[str, Callable[[], bytes], int]] = {
    "NUL characters": ("log.csv", lambda: NUL_LOG, 3),
    "a workbook called CSV": ("log.csv", lambda: workbook(BOOK_ROWS), 3),
    "CSV called a workbook": ("log.xlsx", lambda: LOG.encode(), 3),
    "Parquet called JSON": ("log.json", lambda: good_parquet(), 3),
    "JSON called Parquet": ("log.parquet", lambda: JSON_LOG.encode(), 3),
    "gz called CSV": ("log.csv", lambda: gzip.compress(LOG.encode()), 3),
    "a sheet that claims to be smaller": ("log.xlsx", lambda: FAR_DIMENSION, 3),
    "a sheet that claims to be huge": ("log.xlsx", lambda: HUGE_DIMENSION, 3),
    "text that looks like formulas": ("log.csv", lambda: FORMULA_TEXT, 4),
    "formulas never calculated": ("log.xlsx", lambda: workbook(FORMULAS), 3),
    "deep Parquet": ("log.parquet", lambda: parquet_of_depth(40), 1),
}


NAMES = (
    "../../etc/passwd",
    "C:\\Windows\\x.csv",
    "\\\\host\\share\\x.csv",
    "CON.csv",
    "log\u202evsc.exe",
    "x" * 4096,
    "a\0b.csv",
    "",
    "~/.ssh/authorized_keys",
    "$(touch x).csv",
)
