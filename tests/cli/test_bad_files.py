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


# ---------------------------------------------------------------- several files at once

FILES: dict[str, bytes] = {
    "good.csv": b"user_id,event,timestamp\nzoe,Came,2026-03-02 09:00\n",
    "picture.csv": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "dates.csv": b"id,event,date\n1,a,03/04/2026\n2,b,05/06/2026\n",
    "money.csv": b"Campaign report\nDay,Campaign,Cost,Impr.,Clicks\n2026-09-01,Brand,12.50,900,30\n",
    "also-good.csv": b"user_id,event,timestamp\nbob,Came,2026-03-02 09:00\n",
}


@pytest.mark.parametrize("options", [(), ("--dry-run",), ("--no-recipe",)])
def test_every_file_is_looked_at_and_each_in_the_way_is_named_with_its_option(cli, tmp_path: Path, options):
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    paths = [str(tmp_path / name) for name in [*FILES, "nowhere.csv"]]
    said = cli("import", *paths, *options, "--json")
    first, *lines = said.err.splitlines()
    assert (said.code, said.out) == (1, "")
    assert first == "4 of the 6 files cannot be read or need an answer, so nothing was stored."
    told = dict(line.split(": ", 1) for line in lines if ".csv: " in line)
    assert list(told) == ["picture.csv", "dates.csv", "money.csv", "nowhere.csv"]
    assert "--dates" in told["dates.csv"] and "--map currency==" in told["money.csv"]
    assert "There is no file" in told["nowhere.csv"] and told["picture.csv"]
    assert "different answers" in lines[-1]
    left = [
        f for f in (tmp_path / "home").rglob("*") if f.is_file() and not f.name.startswith("state.sqlite")
    ]
    assert left == [] and cli("events").code == 1


def test_one_bad_file_of_two_is_named_too(cli, tmp_path: Path):
    for name in ("good.csv", "picture.csv"):
        (tmp_path / name).write_bytes(FILES[name])
    said = cli("import", str(tmp_path / "good.csv"), str(tmp_path / "picture.csv"))
    first, line = said.err.splitlines()
    assert first == "1 of the 2 files cannot be read or needs an answer, so nothing was stored."
    assert line.startswith("picture.csv: ")


def test_what_must_be_confirmed_is_named_with_the_rest(cli, tmp_path: Path):
    (tmp_path / "steps.csv").write_text(
        "customer,signed up,paid\n" + "".join(f"u{n},2026-03-0{n},2026-03-1{n}\n" for n in range(1, 8))
    )
    (tmp_path / "picture.csv").write_bytes(FILES["picture.csv"])
    paths = [str(tmp_path / name) for name in ("steps.csv", "picture.csv")]
    said = cli("import", *paths)
    assert said.code == 1 and "steps.csv: " in said.err and "--as generic.milestones" in said.err
    assert "picture.csv: " in said.err
    shown = cli("import", str(tmp_path / "steps.csv"), "--dry-run", "--json")
    assert shown.code == 0, "to look at is what the option asks for"
    (report,) = shown.json["files"]
    assert (report["newest"][0]["event"], report["newest"][0]["customer"]) == ("Paid", "u7")
    lines = cli("import", str(tmp_path / "steps.csv"), "--dry-run").out.splitlines()
    assert "      2026-03-17  u7  Paid" in lines


def test_without_any_of_its_files_no_workspace_is_made(cli, tmp_path: Path):
    said = cli("import", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"))
    assert said.code == 1 and "a.csv" in said.err and "b.csv" in said.err
    assert not (tmp_path / "home" / "default").exists()
