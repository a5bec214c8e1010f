"""Every sample and every small export becomes what it is: one line each in exports.tsv and samples.tsv."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from journey_app.errors import BadFile, Question
from journey_app.intake.limits import Limits
from journey_app.intake.prepare import _tables, prepare
from journey_app.intake.preset import marks_of, presets
from journey_app.intake.raw import AS_FOUND
from journey_app.intake.source import unpack
from journey_app.vocabulary import Answers
from tests.intake.conftest import EXPORTS, SHARED, dataset

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Line:
    """One file, and what it must become. events: how often each happens. dates: the order that had to be told."""

    file: str
    key: str
    shape: str
    customers: int = 0
    first: str = "-"
    last: str = "-"
    events: str = "{}"
    dates: str | None = None


def lines(table):
    rows = (row.split("\t") for row in (HERE / table).read_text("utf-8").splitlines() if row[:1] != "#")
    return [Line(file, key, shape, *map(int, rest[:1]), *rest[1:]) for file, key, shape, *rest in rows]


OURS, THEIRS = lines("exports.tsv"), lines("samples.tsv")


def joined(id_sets):
    """How many groups these sets of ids fall into, the slow and obvious way."""
    groups = []
    for ids in map(set, id_sets):
        touching = [group for group in groups if group & ids]
        groups = [group for group in groups if not group & ids] + [ids.union(*touching)]
    return len(groups)


def check(path, line):
    if line.shape == "refused":
        with pytest.raises(BadFile) as refused:
            prepare(path, path.name, Answers())
        (preset,) = (p for p in presets() if p.key == line.key)
        assert preset.refuse.what in refused.value.what and refused.value.do == preset.refuse.do
        return
    if line.shape == "kept":
        (table,) = prepare(path, path.name, Answers(dates=line.dates))
        assert table.recognised_as == line.key and table.context is not None and table.context.rows.num_rows
        assert not sum(chunk.events.num_rows + chunk.links.num_rows for chunk in table.chunks())
        return
    tables = prepare(path, path.name, Answers(dates=line.dates))
    chunks = [chunk for table in tables for chunk in table.chunks()]
    events = [event for chunk in chunks for event in chunk.events.to_pylist()]
    links = [link for chunk in chunks for link in chunk.links.to_pylist()]
    times = sorted(f"{event['occurred_at']:%Y-%m-%d %H:%M:%S}" for event in events)
    assert {(table.recognised_as, table.shape) for table in tables} == {(line.key, line.shape)}
    assert Counter(event["event"] for event in events) == json.loads(line.events)
    assert ((times[0], times[-1]) if times else ("-", "-")) == (line.first, line.last)
    assert joined(row["raw_ids"] for row in (*events, *links)) == line.customers
    assert sum(chunk.rows for chunk in chunks) > 0


@pytest.mark.parametrize("line", OURS, ids=lambda line: line.file)
def test_our_own_exports(line):
    check(EXPORTS / line.file, line)


@pytest.mark.parametrize("line", THEIRS, ids=lambda line: line.file)
def test_files_nobody_here_made(line):
    check(dataset(line.file), line)


def test_every_file_has_its_line():
    assert {line.file for line in OURS} == {path.name for path in EXPORTS.iterdir()}
    dataset("samples")
    left = ("SOURCE.txt", "LICENSE", "field_order.txt")
    there = {
        str(path.relative_to(SHARED))
        for folder in ("samples", "datasets/schema_fivetran_seeds")
        for path in (SHARED / folder).rglob("*")
        if path.is_file() and path.name not in left and path.parent.name not in ("dirty_csv", "csv_spectrum")
    }
    assert {line.file for line in THEIRS} == there


def fitting(path):
    """The presets that fit each table of a file."""
    for member in unpack(path, path.name, Limits()).members:
        for raw in _tables(member, Limits(), AS_FOUND)[0]:
            yield [p.key for p in presets() if marks_of(p.recognise, raw.header, raw.preamble, raw.label)]


@pytest.mark.parametrize("line", OURS, ids=lambda line: line.file)
def test_only_one_preset_fits_our_own(line):
    assert all(found == [line.key] for found in fitting(EXPORTS / line.file))


def test_only_one_preset_fits_a_file_nobody_here_made():
    dataset("samples")
    for line in THEIRS:
        assert all(found == [line.key] for found in fitting(dataset(line.file))), line.file


def test_only_one_preset_fits_the_made_up_company(small_company):
    for path in sorted(small_company.glob("*.csv")):
        assert [[key.replace(".", "_") for key in found] for found in fitting(path)] == [[path.stem]]


@pytest.fixture(scope="module")
def small_company(tmp_path_factory):
    from datetime import date

    from sample_data.make_company import make_company

    folder = tmp_path_factory.mktemp("company")
    make_company(folder, date(2026, 11, 1), customers=500, days=120)
    return folder


def test_an_order_of_dates_that_nothing_proves_is_asked():
    line = next(line for line in THEIRS if line.dates)
    path = dataset(line.file)
    with pytest.raises(Question, match="--dates"):
        list(prepare(path, path.name, Answers())[0].chunks())
