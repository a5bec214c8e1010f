"""Every place in which words stand in a folder, whatever packs them: the slow, obvious search."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq


def places(folder: Path, words: list[str]) -> list[str]:
    """“file: word” for each word that stands in a file, in its name, or inside what the file packs."""
    found = []
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        texts = [file.name.encode(), *unpacked(file.read_bytes())]
        if file.suffix == ".duckdb":
            texts.append(_tables(file))
        if file.suffix == ".parquet":
            texts.append(str(pq.read_table(file).to_pylist()).encode())
        for word in words:
            forms = {word.encode(e) for e in ("utf-8", "utf-16-le")} | {word.lower().encode()}
            if any(form in text or form in text.lower() for text in texts for form in forms):
                found.append(f"{file.relative_to(folder)}: {word}")
    return found


def unpacked(content: bytes) -> Iterator[bytes]:
    """The bytes, and those of everything packed in them."""
    yield content
    if content[:2] == b"\x1f\x8b":
        yield from unpacked(gzip.decompress(content))
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from unpacked(archive.read(name))


def _tables(file: Path) -> bytes:
    copy = file.with_name(f"{file.stem}-copy")
    copy.write_bytes(file.read_bytes())
    try:
        with duckdb.connect(str(copy), read_only=True) as con:
            names = [
                row[0] for row in con.execute("select table_name from information_schema.tables").fetchall()
            ]
            enums = con.execute(
                "select labels::varchar from duckdb_types() where logical_type = 'ENUM'"
            ).fetchall()
            return str([enums, *(con.execute(f'from "{name}"').fetchall() for name in names)]).encode()
    finally:
        copy.unlink()
