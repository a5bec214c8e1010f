"""Workspaces come and go from the shell; what an operator set wrongly is a sentence."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from journey_app.settings import Settings
from journey_app.store.documents import open_store
from journey_app.workspace.home import open_workspace
from journey_app.workspace.leasing import alone
from journey_app.workspace.workspace import IMPORT


def test_a_workspace_is_made_and_deleted(cli):
    made = cli(
        "workspaces", "create", "Möbel Nord", "--timezone", "Europe/Berlin", "--currency", "EUR", "--json"
    ).json
    assert made == {
        "workspace": "moebel-nord",
        "title": "Möbel Nord",
        "timezone": "Europe/Berlin",
        "currency": "EUR",
    }
    assert cli("workspaces", "create", "moebel nord").code == 1, "the name is taken"
    assert cli("workspaces", "--json").json["workspaces"] == ["moebel-nord"]
    unsure = cli("workspaces", "delete", "moebel-nord")
    assert unsure.code == 1 and "--yes" in unsure.err and "moebel-nord" in cli("workspaces").out
    assert cli("workspaces", "delete", "moebel-nord", "--yes", "--json").json == {"deleted": "moebel-nord"}
    assert cli("workspaces", "--json").json["workspaces"] == []
    assert cli("workspaces", "delete", "moebel-nord", "--yes").code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--timezone", "Mars/Base"), "No time zone is called"),
        (("--currency", "euro"), "no currency"),
    ],
)
def test_a_workspace_is_not_made_with_what_nobody_knows(cli, words, said):
    ended = cli("workspaces", "create", "Acme", *words)
    assert ended.code == 1 and said in ended.err and cli("workspaces", "--json").json["workspaces"] == []


@pytest.mark.parametrize("told", ["two", "0", "-1", "1.5", "9" * 5000])
def test_a_setting_that_is_no_number_is_a_sentence(cli, monkeypatch, told):
    monkeypatch.setenv("JOURNEY_THREADS", told)
    ended = cli("workspaces")
    assert ended.code == 1 and "JOURNEY_THREADS" in ended.err and len(ended.err) < 300


def test_a_home_that_cannot_be_written_is_a_sentence(cli, tmp_path):
    (tmp_path / "home").write_text("a file, not a folder")
    (tmp_path / "log.csv").write_text("user_id,event,timestamp\nzoe,Came,2026-11-20 09:00\n")
    for words in (("import", str(tmp_path / "log.csv")), ("workspaces", "create", "Acme")):
        ended = cli(*words)
        assert ended.code == 1 and "Workspaces cannot live in" in ended.err


@pytest.mark.parametrize("window", ["99999999999d", "36501d", "9" * 5000 + "m"])
def test_a_window_longer_than_anybody_waits_is_wrong_usage(cli, window):
    assert cli("funnel", "a", "b", "--window", window).code == 2


def test_rows_that_are_not_used_are_written_with_why(cli, tmp_path):
    (tmp_path / "log.csv").write_text(
        "user_id,event,timestamp\nzoe,Came,2026-11-20 09:00\n,Came,2026-11-20 09:00\nbob,Came,soon\n"
    )
    out = tmp_path / "not-used.csv"
    said = cli("import", str(tmp_path / "log.csv"), "--rejected", str(out), "--json")
    assert said.code == 0 and said.json["files"][0]["rejected"] == 2
    lines = out.read_text("utf-8-sig").splitlines()
    assert len(lines) == 3 and "soon" in lines[2] and lines[1].startswith("log.csv,3,user_id,no customer id")
    before = cli("imports", "--json").json
    assert cli("import", str(tmp_path / "log.csv"), "--rejected", str(tmp_path / "no" / "x.csv")).code == 1
    assert cli("imports", "--json").json == before


# ---------------------------------------------------------------- backup


@pytest.fixture
def shop(cli, tmp_path):
    (tmp_path / "log.csv").write_text(
        "user_id,event,timestamp\nzoe,Came,2026-11-20 09:00\nbob,Came,2026-11-20 10:00\n"
    )
    assert cli("import", str(tmp_path / "log.csv")).code == 0
    assert cli("cleanup", "rename", "Came", "Visited").code == 0
    return cli


def test_a_backup_brings_everything_back_as_another_workspace(shop, tmp_path):
    file = tmp_path / "acme.backup"
    made = shop("backup", str(file), "--json").json
    assert (made["imports"], made["raw_files"], made["bytes"]) == (1, 1, file.stat().st_size)
    assert shop("backup", str(file)).code == 1, "it never replaces a file"
    (batch,) = shop("imports", "--json").json["imports"]
    shop("undo", batch["batch"])
    assert shop("restore", str(file)).code == 1, "nor a workspace"
    assert shop("restore", str(file), "--json", workspace="again").json["imports"] == 1
    (event,) = shop("events", "--json", workspace="again").json["events"]
    assert (event["event"], event["count"]) == ("Visited", 2)
    (again,) = shop("imports", "--json", workspace="again").json["imports"]
    assert again == batch
    there = shop("import", str(tmp_path / "log.csv"), "--json", workspace="again").json
    assert "imported before" in there["files"][0]["notes"][0]
    homes = [Path(tmp_path / "home" / name) for name in ("default", "again")]
    ids = {open_store(home / "state.sqlite").get("workspace", "about").body["id"] for home in homes}
    assert len(ids) == 2 and not list((tmp_path / "home").glob(".restoring-*"))


def test_what_is_no_backup_or_is_damaged_makes_no_workspace(shop, tmp_path):
    good = tmp_path / "good"
    shop("backup", str(good))
    damaged, outside, text = tmp_path / "damaged", tmp_path / "outside", tmp_path / "text"
    data = bytearray(good.read_bytes())
    data[len(data) // 2] ^= 0xFF
    damaged.write_bytes(data)
    with zipfile.ZipFile(outside, "w") as out:
        out.writestr("state.sqlite", good.read_bytes())
        out.writestr("batches/../../evil", "x")
    text.write_text("not a zip")
    for file in (damaged, outside, text, tmp_path / "missing"):
        ended = shop("restore", str(file), workspace="again")
        assert ended.code == 1, file
    assert shop("workspaces", "--json").json["workspaces"] == ["default"]
    assert not list((tmp_path / "home").glob(".*")) and not (tmp_path / "evil").exists()


def test_a_backup_that_cannot_be_written_leaves_nothing(shop, tmp_path):
    ended = shop("backup", str(tmp_path / "no" / "such" / "file"))
    assert ended.code == 1 and "cannot be written" in ended.err
    assert not list((tmp_path / "home" / "default").glob("journey-*"))


def test_while_somebody_imports_no_backup_is_made(shop, tmp_path):
    space = open_workspace("default", Settings(home=tmp_path / "home"))
    with alone(space.store, IMPORT, now=datetime.now(UTC)):
        assert shop("backup", str(tmp_path / "b")).code == 1
    assert not (tmp_path / "b").exists()
