"""A bad file ends in a sentence that says what to do, with nothing stored."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

BAD: dict[str, tuple[str, bytes]] = {
    "empty": ("log.csv", b""),
    "only a header": ("log.csv", b"user_id,event,timestamp\n"),
    "a picture called csv": ("log.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
    "a program called csv": ("log.csv", b"\x7fELF" + bytes(4000)),
    "no time column": ("log.csv", b"user_id,event\n" + b"".join(b"u%d,visit\n" % n for n in range(200))),
    "one line of 50 MB": ("log.csv", b"user_id,event,timestamp\n" + b"x" * 50_000_000),
    "bytes in no known encoding": ("log.csv", bytes(random.Random(1).randrange(128, 256) for _ in range(60_000))),
    "a cut gzip": ("log.csv.gz", gzip.compress(b"user_id,event,timestamp\n" * 5000)[:-200]),
    "a zip that is none": ("log.zip", b"PK\x03\x04 and then nothing"),
    "a workbook that is none": ("log.xlsx", b"PK\x03\x04 and then nothing"),
    "a web page": ("export.csv", b"<!DOCTYPE html><html><body>Please sign in</body></html>"),
    "an ad report whose days nobody can read": (
                     "report.csv", b'Campaign report\n"1 - 3 September 2026"\n'
                     b"Day,Campaign,Currency code,Cost,Impr.,Clicks\n"
                     b"first,Brand,EUR,12.50,900,30\nsecond,Brand,EUR,11.00,800,28\n"),
    "an ad report of no days": ("report.csv", b"Campaign report\nCampaign,Currency code,Cost,Impr.,Clicks\n"
                     b"Brand,EUR,12.50,900,30\nOther,EUR,11.00,800,28\n"),
    "an ad report in no currency": ("report.csv", b"Campaign report\nDay,Campaign,Cost,Impr.,Clicks\n"
                     b"2026-09-01,Brand,12.50,900,30\n2026-09-02,Brand,11.00,800,28\n"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_two_sentences_and_nothing_is_stored(cli, tmp_path: Path, kind: str):
    name, content = BAD[kind]
    file = tmp_path / name
    file.write_bytes(content)
    said = cli("import", str(file), "--json")
    assert said.code == 1, kind
    what, do = said.err.split("\n", 1)
    assert what.endswith((".", "!", "?", ":", "”.")) and do.strip(), said.err
    assert "Traceback" not in said.err and said.out == ""
    home = tmp_path / "home"
    left = [f for f in home.rglob("*") if f.is_file() and not f.name.startswith("state.sqlite")]
    assert left == []
    assert cli("events").code == 1


def test_a_file_that_is_not_there_is_said(cli, tmp_path: Path):
    said = cli("import", str(tmp_path / "nowhere.csv"))
    assert said.code == 1 and "nowhere.csv" in said.err
