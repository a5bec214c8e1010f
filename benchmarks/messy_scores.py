"""Of the messy files people really send, how many are read exactly, and is any read wrong in silence?

    python -m benchmarks.messy_scores [--json] [--all]

Every file of the messy sets beside this checkout is read as an upload would be and compared with a second,
independent reading: Python's csv module or openpyxl's full reader, told by `tests/messy/key.toml` (written by eye)
how the file must be split, where its header stands, how many rows and columns it has, and some of its cells.

read exactly            every row and cell as in the second reading
read with reservation   rows are missing or altered, and the check-up says so, with as many as there are
refused                 not read, with a sentence that says why
wrong in silence        anything else; must be 0

Files are read in a child process with limits of memory and time; one that runs into them counts as refused.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import resource
import signal
import subprocess
import sys
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl

from journey_app.errors import JourneyError
from journey_app.intake.delimited import delimited_table
from journey_app.intake.limits import Limits
from journey_app.intake.raw import RawTable, unique_names
from journey_app.intake.records import json_tables, looks_like_json
from journey_app.intake.source import unpack
from journey_app.intake.workbook import workbook_tables

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
KEY = ROOT / "tests" / "messy" / "key.toml"
SETS = (
    "samples/csv_spectrum",
    "samples/dirty_csv",
    "datasets/messy_csv_spectrum",
    "datasets/messy_frictionless",
    "datasets/messy_csvkit_examples",
    "datasets/messy_clevercsv",
    "datasets/messy_xlsx_calamine",
)
KINDS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".gz", ".bz2")
ABOUT_THE_SET = ("FILES.csv", "SOURCE.txt", "README.txt", "dateregex_annotated.txt")
BYTES, SECONDS = 1_500_000_000, 20
ONE_HEAP = {**os.environ, "MALLOC_ARENA_MAX": "1"}  # heaps of threads would count as memory in use
WORDS = ("read exactly", "read with reservation", "refused", "wrong in silence")
Record = tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """What became of one table. word: one of WORDS. why: the reservation, the reason, or what is wrong."""

    file: str
    word: str
    why: str


@dataclass(frozen=True)
class Found:
    """What our reading gave. stated: sentences of the check-up. dropped: rows it says it left out."""

    header: Record
    rows: tuple[Record, ...]
    preamble: int
    dropped: int
    stated: tuple[str, ...]


def plain(cell: object) -> str:
    """A cell for comparing: line ends alike, no space around."""
    return str(cell).replace("\r\n", "\n").replace("\r", "\n").strip()


def record(cells: Sequence[object]) -> Record:
    """A row for comparing: without empty cells at its end."""
    found = [plain(cell) for cell in cells]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


# ---------------------------------------------------------------- our reading


def ours(path: Path) -> Iterator[tuple[str, Found | str]]:
    """Each table of a file as it is read, or the sentence that refuses it."""
    try:
        for member in unpack(path, path.name, Limits()).members:
            tables: Sequence[RawTable]
            if member.kind == "workbook":
                tables, left_out = workbook_tables(member, Limits())
                yield from ((f"left out {at}", sentence) for at, sentence in enumerate(left_out))
            elif looks_like_json(member):
                tables, left_out = json_tables(member, Limits())
                yield from ((f"left out {at}", sentence) for at, sentence in enumerate(left_out))
            else:
                tables = (delimited_table(member, Limits()),)
            yield from ((table.label, _found(table)) for table in tables)
    except JourneyError as error:
        yield path.name, f"{error.what} {error.do}"


def _found(table: RawTable) -> Found:
    rows: list[Record] = []
    stated = [seen.says for seen in table.seen if seen.severity != "fine"]
    dropped = 0
    for chunk in table.chunks():
        rows += [record(cells) for cells in zip(*(c.to_pylist() for c in chunk.columns), strict=True)]
        stated += [f"row {row}: {reason}" for row, _, reason in chunk.faults]
        stated += [f"{what}: {count}" for what, count in chunk.counts.items()]
        dropped += len(chunk.faults)
        dropped += sum(n for what, n in chunk.counts.items() if what.startswith(("Totals", "Lines whose")))
    return Found(record(table.header), tuple(rows), len(table.preamble), dropped, tuple(stated))


# ---------------------------------------------------------------- the second reading


def independent(path: Path, told: Mapping[str, Any], label: str) -> list[Record]:
    """Every filled row of a table, header included, by another reader that is told how."""
    if path.suffix in (".xlsx", ".xlsm"):
        return [row for cells in _grid(path, label) if (row := record(cells))]
    text = _bytes(path).decode(told.get("encoding", "utf-8-sig")).replace("\0", "")
    mark = told.get("delimiter", ",")
    if mark == "fixed":
        rows: Iterator[list[str]] = (line.split() for line in text.splitlines())
    else:
        quirks: dict[str, Any] = dict(told.get("quirks", {}))
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=mark, **quirks)
    found = [row for cells in rows if (row := record(cells))]
    return found[1:] if told.get("sep_line") else found


def _bytes(path: Path) -> bytes:
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        import gzip

        return gzip.decompress(data)
    if data.startswith(b"PK"):
        import zipfile

        with zipfile.ZipFile(path) as archive:
            return archive.read(archive.namelist()[0])
    return data


def _grid(path: Path, label: str) -> Iterator[list[str]]:
    book = openpyxl.load_workbook(path, data_only=True)
    sheets = {f"{path.name} › {sheet.title}": sheet for sheet in book.worksheets}
    sheet = sheets[label] if label in sheets else book.worksheets[0]
    filled: dict[int, dict[int, str]] = {}
    for (row, column), cell in sheet._cells.items():  # all its cells would be billions where one is far off
        filled.setdefault(row, {})[column] = _as_text(cell.value)
    for _, cells in sorted(filled.items()):
        yield [cells.get(column, "") for column in range(1, max(cells) + 1)]


def _as_text(value: object) -> str:
    """A cell as CSV would hold it, written a second time so that one reader checks the other."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return str(value)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value.total_seconds())
        case float() if value == int(value) and abs(value) < 1e15:
            return str(int(value))
        case str() if value.startswith("#") and value.rstrip("!?").isupper():
            return (
                "" if value in ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!") else value
            )
    return str(value)


# ---------------------------------------------------------------- comparing


def judge(file: str, path: Path, label: str, found: Found | str, told: Mapping[str, Any]) -> Score:
    """One table: what we read against what the key and the second reading say."""
    if isinstance(found, str):
        return Score(file, "refused", found)
    if told.get("refuse"):
        return Score(file, "wrong in silence", f"it should be refused: {told['refuse']}")
    at = told.get("header", 1)
    if told.get("only_by_eye"):
        wrong = _against_key(found.header, found.rows, told)
        if wrong and found.dropped:
            return Score(file, "read with reservation", "; ".join(found.stated[:3]))
        return Score(file, "wrong in silence" if wrong else "read exactly", wrong)
    there = independent(path, told, label)
    header, rows = (there[at - 1] if at else ()), there[at:]
    wrong = _against_key(header, rows, told)
    if wrong:
        return Score(file, "wrong in silence", f"the key does not fit the second reading: {wrong}")
    if at == 0 and found.header in there:
        return Score(file, "wrong in silence", "a row of data was taken for column names")
    alike = at == 0 or found.header == tuple(unique_names(header))
    if told.get("delimiter") == "fixed":
        found = replace(found, rows=tuple(map(_squeezed, found.rows)))
        rows = there = [_squeezed(row) for row in there]
    if found.rows == tuple(rows) and alike:
        return Score(file, "read exactly", "")
    why = "; ".join(found.stated[:3])
    accounted = found.preamble + bool(at) + len(found.rows) + found.dropped
    if accounted != len(there):
        return Score(
            file, "wrong in silence", f"{len(there)} rows, but {accounted} accounted for; said: {why}"
        )
    altered = _altered(found.rows, there)
    if not found.stated:
        return Score(
            file, "wrong in silence", f"{altered} rows differ: {_first_difference(found.rows, rows)}"
        )
    if altered and not any("Windows-1252" in said or "stray quotation" in said for said in found.stated):
        return Score(
            file, "wrong in silence", f"{altered} rows differ: {_first_difference(found.rows, rows)}"
        )
    return Score(file, "read with reservation", why)


def _against_key(header: Record, rows: Sequence[Record], told: Mapping[str, Any]) -> str:
    """Where the second reading is not what a person saw in the file; empty where it is."""
    if "rows" in told and len(rows) != told["rows"]:
        return f"{len(rows)} rows, not {told['rows']}"
    if "columns" in told and len(header) != told["columns"]:
        return f"{len(header)} columns, not {told['columns']}"
    for row, column, text in told.get("cells", ()):
        cell = rows[row][column] if column < len(rows[row]) else ""
        if not cell.startswith(text):
            return f"“{cell}” in row {row}, column {column}, not “{text}”"
    return ""


def _squeezed(row: Record) -> Record:
    """A row of fixed width without its gaps, which two readers may place differently."""
    return ("".join("".join(row).split()),)


def _altered(rows: Sequence[Record], there: Sequence[Record]) -> int:
    """How many of our rows are not, in this order, rows of the second reading."""
    rest = iter(there)
    return sum(not any(row == other for other in rest) for row in rows)


def _first_difference(rows: Sequence[Record], there: Sequence[Record]) -> str:
    both = zip(rows, there, strict=False)
    return next((f"{a!r} is {b!r}"[:300] for a, b in both if a != b), f"{len(rows)} rows, not {len(there)}")


# ---------------------------------------------------------------- all of them


def files() -> list[tuple[str, Path]]:
    """Every file of the sets by its name in the key."""
    found = []
    for folder in SETS:
        for path in sorted((SHARED / folder).rglob("*")):
            if path.suffix.lower() in KINDS and path.name not in ABOUT_THE_SET and path.parent.name != "json":
                found.append((str(path.relative_to(SHARED).as_posix()).split("/", 1)[1], path))
    return found


def answer_key() -> dict[str, dict[str, Any]]:
    return tomllib.loads(KEY.read_text("utf-8"))


def score_file(name: str, path: Path, key: Mapping[str, Mapping[str, Any]]) -> list[Score]:
    """Every table of one file."""
    scores = []
    for label, found in ours(path):
        sheet = label.partition(" › ")[2]
        file = f"{name} › {sheet}" if sheet else name
        told = key.get(file, key.get(name))
        if told is None and isinstance(found, Found):
            scores.append(Score(file, "wrong in silence", "the key does not name it"))
        else:
            scores.append(judge(file, path, label, found, told or {}))
    return scores


def work(start: int) -> None:
    """The child: score files from `start` on, one JSON line each."""
    warnings.simplefilter("ignore")  # openpyxl's about styles and extensions
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    key = answer_key()
    for name, path in files()[start:]:
        signal.alarm(SECONDS)
        try:
            scored = score_file(name, path, key)
        except MemoryError:
            scored = [Score(name, "refused", "it needs more memory than a file may")]
        print(json.dumps([asdict(score) for score in scored]), flush=True)
        signal.alarm(0)


def scores() -> list[Score]:
    """Every table of every file; what breaks the child's limits is refused by them."""
    found: list[Score] = []
    todo, done = files(), 0
    while done < len(todo):
        command = [sys.executable, "-m", "benchmarks.messy_scores", "--work", str(done)]
        child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=ONE_HEAP)
        lines = child.stdout.splitlines()
        found += [Score(**each) for line in lines for each in json.loads(line)]
        done += len(lines)
        if done < len(todo):
            if child.returncode >= 0:
                raise RuntimeError(f"{todo[done][0]}: {child.stderr[-2000:]}")
            found.append(
                Score(todo[done][0], "refused", f"the limits of memory or time ({-child.returncode})")
            )
            done += 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="every score as JSON")
    parser.add_argument("--all", action="store_true", help="every file, not only the counts")
    parser.add_argument("--work", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work is not None:
        work(asked.work)
        return
    if not SHARED.is_dir():
        sys.exit("The messy files are not beside this checkout, so there is nothing to score.")
    found = scores()
    if asked.json:
        print(json.dumps([asdict(score) for score in found], ensure_ascii=False))
        return
    for score in found if asked.all else [s for s in found if s.word == WORDS[-1]]:
        print(f"{score.word:22} {score.file}  {score.why}")
    folders = list(dict.fromkeys(score.file.split("/")[0] for score in found))
    counts = {folder: Counter(s.word for s in found if s.file.split("/")[0] == folder) for folder in folders}
    counts["all"] = Counter(s.word for s in found)
    print(f"{'':24}" + "".join(f"{word:>23}" for word in WORDS))
    for folder, counted in counts.items():
        print(f"{folder:24}" + "".join(f"{counted[word]:>23}" for word in WORDS))
    sys.exit(1 if counts["all"][WORDS[-1]] else 0)


if __name__ == "__main__":
    main()
