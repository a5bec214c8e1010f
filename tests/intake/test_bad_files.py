"""Files that cannot be read, and what is said about them."""

import gzip
import io
import json
import time
import tracemalloc
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journey_app.errors import BadFile
from journey_app.intake import raw
from journey_app.intake.limits import Limits
from journey_app.intake.prepare import prepare
from journey_app.vocabulary import Answers
from tests.intake.conftest import dataset

LOG = b"user_id,event,time\nana,visit,2026-05-01 10:00\n"


def zipped(**files: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def workbook(rows, title="Log") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def rezipped(content: bytes, name: str, change) -> bytes:
    """An archive with one member changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, change(data) if entry.filename == name else data)
    return target.getvalue()


BAD = {
    "empty": (b"", "is empty"),
    "only space": (b" \n\n  \n", "is empty"),
    "header only": (b"user_id,event,time\n", "column names but no rows"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(200), "PNG picture"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"stuff\n" * 20, "PDF document"),
    "JPEG": (b"\xff\xd8\xff\xe0" + bytes(200), "JPEG picture"),
    "web page": (b"<!doctype html><html><body>Please sign in</body></html>", "web page"),
    "old xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old .xls"),
    "locked xlsx": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        "password",
    ),
    "bzip2": (b"BZh91AY&SY" + bytes(50), "bzip2"),
    "binary": (bytes(range(1, 32)) * 50, "not text"),
    "prose": (b"Dear all,\nplease find the numbers below.\nBest\n", "not a table|no row of column names"),
    "one column": (b"name\nana\nben\n", "not a table"),
    "cut gzip": (gzip.compress(LOG * 500)[:-20], "damaged"),
    "cut parquet": (b"PAR1" + bytes(40), "damaged Parquet"),
    "cut zip": (zipped(**{"a.csv": LOG})[:-30], "damaged"),
    "cut json": (b'[{"user_id": "ana", "event": ', "damaged or cut off"),
    "numbers in json": (b"[1, 2, 3]", "not a table|plain value|no row"),
    "unclosed quote": (
        b'user_id,event,time\nana,visit,2026-05-01\nana,"visit\n' + b"and more text\n" * 20_000,
        "quotation mark in row 3 .* never closes",
    ),
    "huge cell": (
        b'user_id,event,time\nana,visit,2026-05-01\nana,"'
        + b"text \n" * 30_000
        + b'",2026-05-01\n'
        + LOG * 9,
        "Row 3 of .* has a cell longer than 131,072 characters",
    ),
    "gzip in gzip": (gzip.compress(gzip.compress(LOG)), "packed twice"),
    "fields without end": (
        json.dumps({"user_id": "ana", **{f"key {place}": 1 for place in range(2000)}}).encode(),
        "more than 2,000 fields",
    ),
    "unknown encoding": ("user_id,event\nаня,визит\n".encode("cp1251") + b"\x81\x8d\x90", "encoding"),
    "docx": (zipped(**{"word/document.xml": b"<x/>"}), "document or slides"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_in_a_sentence(prepared, case):
    content, expected = BAD[case]
    with pytest.raises(BadFile, match=expected) as refused:
        prepared(content)
    assert refused.value.do.endswith((".", "?"))


def test_a_line_of_fifty_megabytes_is_refused_at_once_and_in_little_memory(tmp_path):
    path = tmp_path / "long"
    path.write_bytes(b"user_id,event,time\n" + b"x" * 50_000_000)
    tracemalloc.start()
    started = time.perf_counter()
    with pytest.raises(BadFile, match="line longer"):
        prepare(path, "long.csv", Answers())
    seconds, peak = time.perf_counter() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds < 2
    assert peak < 20_000_000


def test_zip_bombs_are_refused_before_unpacking(prepared):
    bomb = zipped(**{"a.csv": LOG + b"0" * 30_000_000})
    with pytest.raises(BadFile, match="bomb"):
        prepared(bomb)
    with pytest.raises(BadFile, match="more than 1 MB"):
        prepared(zipped(**{"a.csv": LOG * 50_000}), limits=Limits(unpacked_bytes=2**20))


def test_a_gzip_bomb_is_stopped_while_unpacking(prepared):
    with pytest.raises(BadFile, match="bomb"):
        prepared(gzip.compress(LOG + b"a,b,c\n" * 10_000_000))


def test_an_archive_that_points_outside_is_refused(prepared):
    for name in ("../../evil.csv", "/etc/evil.csv", "a\\..\\..\\evil.csv"):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr(zipfile.ZipInfo(name), LOG)
        with pytest.raises(BadFile, match="outside"):
            prepared(target.getvalue())


def test_an_archive_of_too_many_files_or_of_archives(prepared):
    with pytest.raises(BadFile, match="files"):
        prepared(zipped(**{f"{i}.csv": LOG for i in range(12)}), limits=Limits(members=10))
    with pytest.raises(BadFile, match="archive inside"):
        prepared(zipped(**{"inner.zip": zipped(**{"a.csv": LOG})}))


def test_a_workbook_with_a_document_type_is_refused(prepared):
    doctype = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    book = rezipped(
        workbook([["user_id", "event", "time"], ["ana", "visit", "2026-05-01"]]),
        "xl/workbook.xml",
        lambda xml: xml.replace(b"<workbook", doctype + b"<workbook", 1),
    )
    with pytest.raises(BadFile, match="document type"):
        prepared(book)


def test_a_cell_in_the_far_corner_costs_neither_memory_nor_time(tmp_path):
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>user_id</t></is></c></row>'
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    path = tmp_path / "corner"
    path.write_bytes(rezipped(workbook([["a", "b"]]), "xl/worksheets/sheet1.xml", lambda _: sheet))
    tracemalloc.start()
    with pytest.raises(BadFile):
        prepare(path, "corner.xlsx", Answers())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000_000


def test_aggregated_reports_give_no_events_and_say_what_to_export_instead():
    for place in ("ga4/standard_report.csv", "ga4/explore_free_form.csv", "meta_ads/meta_report.csv"):
        path = dataset(f"samples/{place}")
        report = prepare(path, path.name, Answers())[0]
        assert [len(chunk.events) for chunk in report.chunks()] == [0]
        assert "nobody's steps" in report.context.what and "Export" in report.context.do


@pytest.mark.parametrize(
    "place",
    [
        "churn_telco_ibm/Telco-Customer-Churn.csv",
        "click_online_shoppers/online_shoppers_intention_original.csv",
    ],
)
def test_a_table_without_a_time_says_what_to_do(place):
    path = dataset(f"datasets/{place}")
    table = prepare(path, path.name, Answers())[0]
    assert "time" in table.missing
    with pytest.raises(BadFile, match="--map time=COLUMN"):
        table.insist()
    assert table.header and len(table.sample) == 20


def test_labels_lose_control_and_direction_characters(prepared):
    table = prepared(LOG, "evil\u202egpj.\x00csv" + "x" * 300)
    assert table.file.startswith("evilgpj.csv")
    assert len(table.file) <= 120


def test_json_in_many_wrappings(read):
    rows = [{"user_id": "ana", "event": "visit", "time": "2026-05-01T10:00:00Z", "page": {"kind": "tv"}}] * 3
    for text in (
        json.dumps(rows),
        json.dumps({"next": None, "events": rows}),
        "\n".join(map(json.dumps, rows)),
        json.dumps(rows, indent=2),
    ):
        found = read(text.encode(), "log.json")
        assert found.names() == ["visit"] * 3
        assert found.events[0]["properties"] == '{"page.kind":"tv"}'


def test_a_json_wrapper_larger_than_a_record_is_streamed(read):
    rows = [{"user_id": f"u{i}", "event": "visit", "time": "2026-05-01T10:00:00Z"} for i in range(3000)]
    text = json.dumps({"count": 3000, "events": rows}).encode()
    assert read(text, limits=Limits(record_chars=1000)).rows == 3000


def test_parquet_gzip_and_workbooks_say_the_same_as_csv(read):
    table = pa.table(
        {
            "user_id": ["ana"],
            "event": ["visit"],
            "time": pa.array([1777888800000000], pa.timestamp("us", "UTC")),
        }
    )
    target = io.BytesIO()
    pq.write_table(table, target)
    csv = b"user_id,event,time\nana,visit,2026-05-04T10:00:00Z\n"
    book = workbook([["user_id", "event", "time"], ["ana", "visit", "2026-05-04T10:00:00Z"]])
    files = [
        csv,
        gzip.compress(csv),
        target.getvalue(),
        book,
        zipped(**{"a.csv": csv}),
        zipped(**{"a.xlsx": book}),
    ]
    assert len({tuple(read(file).column("content_hash")) for file in files}) == 1


def test_progress_runs_to_the_end_also_in_archives(prepared, monkeypatch):
    monkeypatch.setattr(raw, "ROWS_AT_ONCE", 1000)
    csv = b"user_id,event,time\n" + b"".join(b"u%d,visit,2026-05-01 10:00\n" % i for i in range(9000))
    for packed in (
        csv,
        gzip.compress(csv),
        zipped(**{"a.csv": csv}),
        zipped(**{"a.csv.gz": gzip.compress(csv)}),
    ):
        shares = [chunk.share_done for chunk in prepared(packed).chunks()]
        assert len(shares) == 9
        assert shares == sorted(shares)
        assert shares[-1] == 1.0


def test_every_sheet_and_every_member_is_a_table_of_its_own(tmp_path):
    book = openpyxl.Workbook()
    for title in ("May", "June"):
        sheet = book.create_sheet(title)
        sheet.append(["user_id", "event", "time"])
        sheet.append([17, title, "2026-05-01"])
    del book["Sheet"]
    book.create_sheet("Notes").append(["nothing here"])
    path = tmp_path / "book"
    book.save(path)
    found = prepare(path, "book.xlsx", Answers())
    assert [table.file for table in found] == ["book.xlsx › May", "book.xlsx › June"]
    assert any(note.startswith("Left out") for note in found[0].notes)
    path.write_bytes(
        zipped(**{"a.csv": LOG, "b.csv": LOG, "readme.txt": b"hello\n", "__MACOSX/._a.csv": b"x"})
    )
    assert [table.file for table in prepare(path, "z.zip", Answers())] == ["z.zip › a.csv", "z.zip › b.csv"]


def test_rows_outside_the_declared_size_of_a_sheet_are_read(read):
    rows = [["user_id", "event", "time"], *(["ana", "visit", "2026-05-01"] for _ in range(5))]
    lying = rezipped(
        workbook(rows), "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'ref="A1:C6"', b'ref="A1:C2"')
    )
    assert read(lying).rows == 5


def test_an_archive_of_very_many_tables_is_prepared_in_linear_time(tmp_path, monkeypatch):
    path = tmp_path / "many.zip"
    path.write_bytes(zipped(**{f"{place}.csv": LOG for place in range(300)}))
    listings = []
    listed = zipfile.ZipFile.__init__
    monkeypatch.setattr(
        zipfile.ZipFile, "__init__", lambda *args, **more: (listings.append(1), listed(*args, **more))[1]
    )
    assert len(prepare(path, "many.zip", Answers())) == 300
    assert len(listings) == 1


def test_a_member_that_is_not_where_the_archive_says_is_left_out(tmp_path):
    content = bytearray(zipped(**{"a.csv": LOG, "b.csv": LOG}))
    second = content.index(b"PK\x03\x04", 4)
    content[second : second + 4] = b"none"
    path = tmp_path / "damaged.zip"
    path.write_bytes(content)
    (table,) = prepare(path, "damaged.zip", Answers())
    assert "Left out: “damaged.zip › b.csv” cannot be unpacked." in table.notes


def test_long_ids_and_names_are_rejected_row_by_row_in_little_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(raw, "CHARS_AT_ONCE", 4_000_000)
    path = tmp_path / "long_ids"
    with path.open("w") as file:
        file.write("user_id,event,time\n")
        file.writelines(f"{'i' * 20_000}{place},visit,2026-05-01\n" for place in range(3000))
        file.write(f"{'é' * 512},visit,2026-05-01\nana,{'e' * 513},2026-05-01\n")
    tracemalloc.start()
    chunks = list(prepare(path, "long.csv", Answers())[0].chunks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    rejects = [reject for chunk in chunks for reject in chunk.rejects]
    assert rejects[0] == (2, "user_id", "the id is longer than 512 characters")
    assert rejects[-1] == (3003, "event", "the event name is longer than 512 characters")
    assert (len(rejects), sum(chunk.events.num_rows for chunk in chunks)) == (3001, 1)
    assert peak < 40_000_000
