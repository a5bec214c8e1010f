"""Whatever comes in, only sentences for people come out, and soon.

    python -m tests.intake.fuzz 10000 [--seed 0]

Makes that many inputs from their numbers: noise, tables of odd cells in odd encodings, and good files
of every format with bytes changed, cut out, repeated or swapped with another's. They are read in
processes of some hundred inputs each; an input that ends one is read again as the app reads it, and
must be answered with a sentence then. Prints what failed, and how to make it again.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa

from journey_app.errors import JourneyError
from journey_app.intake import apart
from journey_app.intake.limits import Caps, Limits
from journey_app.intake.prepare import prepare
from journey_app.vocabulary import Answers
from tests.intake.conftest import EXPORTS, ROOT
from tests.intake.hostile import (
    BOOK_ROWS,
    FORMULAS,
    JSON_LOG,
    LOG,
    good_parquet,
    parquet,
    rewritten,
    workbook,
    zipped,
)

SMALL = Limits(unpacked_bytes=2**22, workbook_bytes=2**22, record_chars=2**16, line_chars=2**16, cells=10**5)
SLOWEST_S = 5.0
IN_ONE_PROCESS = 250
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "cp1252",
    "latin-1",
    "shift-jis",
    "koi8-r",
    "utf-32",
)
HEADERS = (
    "user_id", "event", "timestamp", "time", "date", "Email", "id", "amount", "Amount", "currency", "x", "",
    "customer", "properties", "Ünïcödé", "a" * 300, "event", "user_id\n2", "$table", "__proto__",
)  # fmt: skip
CELLS = (
    "", " ", "ana", "2026-05-01", "2026-05-01T10:00:00Z", "03/04/2026", "31/12/99 1:00 PM", "1777888800",
    "1777888800000", "1e400", "-1", "1,5", "1.234,56", "=1+1", "+1", "@x", '"', '""', "'", "\t", "\r", "\0",
    "NaN", "inf", "null", "{", "[1]", '{"a":{"b":1}}', "a@b.c", "+49 170 1234567", "🙂" * 9, "\ud7ff", "\u202e",
    "9" * 400, "0001-01-01", "9999-12-31 23:59:59", "2026-02-30", "24:00", "46143.5", "\\N", "<b>", "%00",
)  # fmt: skip

MOMENTS = (pa.timestamp("ns"), pa.timestamp("us", "UTC"), pa.time64("ns"), pa.duration("ms"))


@cache
def good() -> tuple[bytes, ...]:
    """Good files of every format that can be read."""
    exports = [file.read_bytes() for file in sorted(EXPORTS.iterdir())]
    tracks = (EXPORTS / "segment_tracks.csv").read_bytes()
    lines = "\n".join(json.dumps(record) for record in json.loads(JSON_LOG))
    return (
        *exports,
        LOG.replace(",", "\t").encode(),
        LOG.encode("utf-16"),
        JSON_LOG.encode(),
        lines.encode(),
        json.dumps({"data": json.loads(JSON_LOG), "next": None}).encode(),
        workbook(BOOK_ROWS),
        workbook(FORMULAS),
        good_parquet(),
        gzip.compress(tracks),
        zipped({"a.csv": tracks, "b/c.json": JSON_LOG.encode(), "d.xlsx": workbook(BOOK_ROWS)}),
    )


@cache
def books() -> tuple[bytes, ...]:
    return workbook(BOOK_ROWS), workbook(FORMULAS)


def made(number: int, seed: int = 0) -> bytes:
    """The input of this number; always the same."""
    rng = random.Random(f"{seed}-{number}")
    kinds = (noise, table, records, mutated, mutated_inside, columnar)
    kind = rng.choices(kinds, (1, 4, 2, 6, 2, 2))[0]
    return kind(rng)


def noise(rng: random.Random) -> bytes:
    return (
        rng.randbytes(rng.randrange(600)) if rng.random() < 0.5 else text(rng, 300).encode("utf-8", "replace")
    )


def text(rng: random.Random, most: int) -> str:
    marks = ",;\t|\"'\n\r\0 aZ09éß日{}[]:.-/="
    return "".join(
        rng.choice(marks) if rng.random() < 0.8 else chr(rng.randrange(0xD7FF))
        for _ in range(rng.randrange(most))
    )


def cell(rng: random.Random) -> str:
    return rng.choice(CELLS) if rng.random() < 0.85 else text(rng, 20)


def table(rng: random.Random) -> bytes:
    """Lines of cells; mostly quoted as they must be, in some encoding."""
    header = [rng.choice(HEADERS) for _ in range(rng.randrange(1, 9))]
    if rng.random() < 0.7:
        header = ["user_id", "event", "timestamp", *header]
    mark, careful = rng.choice(",;\t|"), rng.random() < 0.8
    rows = [
        [cell(rng) for _ in range(max(0, len(header) + rng.choice((0, 0, 0, 0, -1, 1))))]
        for _ in range(rng.randrange(30))
    ]

    def written(value: str) -> str:
        odd = careful and any(c in value for c in (mark, '"', "\n", "\r"))
        return '"' + value.replace('"', '""') + '"' if odd else value

    above = [text(rng, 30) for _ in range(rng.choice((0, 0, 0, 1, 3)))]
    lines = [*above, *(mark.join(map(written, row)) for row in [header, *rows])]
    return rng.choice(("\n", "\r\n", "\r")).join(lines).encode(rng.choice(ENCODINGS), "replace")


def records(rng: random.Random) -> bytes:
    """JSON of odd values, now and then as one record a line."""

    def value(depth: int = 0) -> object:
        kind = rng.randrange(8 if depth < 4 else 5)
        simple: tuple[object, ...] = (
            cell(rng),
            rng.randrange(-(2**70), 2**70),
            rng.random() * 1e300,
            None,
            True,
        )
        if kind < 5:
            return simple[kind]
        if kind == 5:
            return [value(depth + 1) for _ in range(rng.randrange(3))]
        return {cell(rng): value(depth + 1) for _ in range(rng.randrange(4))}

    rows = [
        {"user_id": value(3), "event": cell(rng), "timestamp": rng.choice(CELLS), cell(rng): value()}
        for _ in range(rng.randrange(8))
    ]
    if rng.random() < 0.5:
        return "\n".join(json.dumps(row, ensure_ascii=rng.random() < 0.5) for row in rows).encode(
            "utf-8", "replace"
        )
    return json.dumps(rng.choice((rows, {"data": rows}, rows[:1], value()))).encode()


def columnar(rng: random.Random) -> bytes:
    """A whole Parquet file of odd values: text that is none, numbers no integer holds, lists and objects."""
    rows = rng.randrange(1, 12)

    def texts(odd: float) -> pa.Array:
        cells = [rng.randbytes(3) if rng.random() < odd else cell(rng).encode() for _ in range(rows)]
        return pa.array(cells, pa.binary()).view(pa.string())

    def column() -> pa.Array:
        numbers = [rng.choice((1.0, 1e10 + rng.randrange(9), 2.0**60, 0.5, math.nan, math.inf, None))] * rows
        kinds = (
            lambda: texts(0.3),
            lambda: pa.array(numbers, rng.choice((pa.float64(), pa.float32()))),
            lambda: pa.array([rng.randrange(-(2**62), 2**62)] * rows).cast(rng.choice(MOMENTS)),
            lambda: pa.array([[cell(rng)]] * rows),
            lambda: pa.ListArray.from_arrays(pa.array(range(rows + 1), pa.int32()), texts(0.3)),
            lambda: pa.StructArray.from_arrays([texts(0.1), texts(0.1)], ["a", "b"]),
            lambda: texts(0.2).dictionary_encode(),
        )
        return rng.choice(kinds)()

    log = {"user_id": texts(0.2), "event": texts(0.1), "timestamp": rng.choice((texts(0.1), column()))}
    others = {rng.choice(HEADERS): column() for _ in range(rng.randrange(4))}
    return parquet(pa.table({**log, **others}))


def mutated(rng: random.Random) -> bytes:
    """A good file with some bytes changed, cut out, repeated, or put in from another."""
    data = bytearray(rng.choice(good()))
    for _ in range(rng.randrange(1, 7)):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(6)
        if kind == 0 and at < len(data):
            data[at] = rng.randrange(256)
        elif kind == 1:
            del data[at : at + rng.randrange(1, 60)]
        elif kind == 2:
            data[at:at] = rng.randbytes(rng.randrange(20))
        elif kind == 3:
            data[at:at] = data[max(0, at - rng.randrange(200)) : at]
        elif kind == 4:
            other = rng.choice(good())
            data[at:at] = other[: rng.randrange(200)]
        elif rng.random() < 0.3:
            del data[at:]
    return bytes(data)


def mutated_inside(rng: random.Random) -> bytes:
    """What is packed is changed, and packed again: so that it is not the packing that refuses it."""

    def changed(data: bytes) -> bytes:
        some = bytearray(data)
        for _ in range(rng.randrange(1, 6)):
            at = rng.randrange(len(some) + 1)
            some[at : at + rng.randrange(8)] = rng.choice((rng.randbytes(3), b"", b"<", b"99999999", b"\0"))
        return bytes(some)

    if rng.random() < 0.4:
        return gzip.compress(changed(rng.choice(good())))
    parts = ("sheet1", "workbook.xml", "styles", "Content_Types", "rels")
    part = rng.choice(parts)
    return rewritten(
        workbook(rng.choice((BOOK_ROWS, FORMULAS))),
        lambda name, data: changed(data) if part in name else data,
    )


@dataclass(frozen=True)
class Fault:
    number: int
    what: str


def tried(number: int, seed: int, folder: Path) -> tuple[str, Fault | None]:
    """How one input ended, and what was wrong with that."""
    path = folder / "upload"
    path.write_bytes(made(number, seed))
    began, ended = time.process_time(), "read"
    try:
        for found in prepare(path, "x.csv", Answers(), limits=SMALL):
            for chunk in found.chunks():
                assert chunk.events.num_rows <= 40 * max(1, chunk.rows)
    except JourneyError as error:
        ended = type(error).__name__
        if not (error.what and error.do):
            return ended, Fault(number, "a sentence is missing")
    except Exception:
        return "fault", Fault(number, traceback.format_exc())
    took = time.process_time() - began
    return ended, Fault(number, f"took {took:.1f} s") if took > SLOWEST_S else None


def run(first: int, until: int, seed: int) -> tuple[Counter[str], list[Fault]]:
    """Try these inputs in this process, saying the number of each before."""
    ends: Counter[str] = Counter()
    faults: list[Fault] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, until):
            print(number, file=sys.stderr, flush=True)
            ended, fault = tried(number, seed, Path(folder))
            ends[ended] += 1
            if fault is not None:
                faults.append(fault)
    return ends, faults


def answered_apart(number: int, seed: int) -> Fault | None:
    """An input that ended its process must be a sentence when it is read as the app reads it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(made(number, seed))
        try:
            for found in apart.prepare(path, "x.csv", Answers(), limits=SMALL, caps=Caps()):
                for _ in found.chunks():
                    pass
        except JourneyError:
            return None
        except Exception:
            return Fault(number, traceback.format_exc())
    return Fault(number, "ended a process of several, but was read alone")


def said(faults: list[Fault], seed: int) -> list[Fault]:
    for fault in faults:
        print(f"input {fault.number} (--seed {seed}): {fault.what}", flush=True)
    return faults


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("inputs", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--here", action="store_true", help="in this process, answering in JSON")
    chosen = parser.parse_args()
    if chosen.here:
        ends, faults = run(chosen.first, chosen.first + chosen.inputs, chosen.seed)
        print(json.dumps({"ends": ends, "faults": [[f.number, f.what] for f in faults]}))
        return
    ends, faults, deaths = Counter(), [], 0
    last, at = chosen.first + chosen.inputs, chosen.first
    began = time.perf_counter()
    while at < last:
        some = min(IN_ONE_PROCESS, last - at)
        command = [sys.executable, "-m", "tests.intake.fuzz", str(some), "--first", str(at)]
        done = subprocess.run(
            [*command, "--seed", str(chosen.seed), "--here"],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        if done.returncode == 0:
            answer = json.loads(done.stdout)
            ends.update(answer["ends"])
            faults += said([Fault(*fault) for fault in answer["faults"]], chosen.seed)
            at += some
            print(f"{at - chosen.first:,} tried, {len(faults)} faults", flush=True)
            continue
        number = max(at, *(int(line) for line in done.stderr.splitlines() if line.isdigit()))
        deaths += 1
        fault = answered_apart(number, chosen.seed)
        faults += said([fault] if fault else [], chosen.seed)
        ends["ended its process"] += number - at + 1  # with those before it, which were not counted
        at = number + 1
    print(
        f"{chosen.inputs:,} inputs in {time.perf_counter() - began:,.0f} s: {dict(ends)}; {deaths} ended their process"
    )
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
