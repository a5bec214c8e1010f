"""Sources, sync, keys and inbox from the shell: their JSON and exit codes are an interface."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

import pytest

from journey_app.cli.main import main
from journey_app.intake.calls import read_calls
from journey_app.settings import Settings
from journey_app.workspace.home import open_workspace
from journey_app.workspace.inbox import keep
from journey_app.workspace.leasing import alone
from journey_app.workspace.workspace import LIVE

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Arguments → (exit code, JSON or text of stdout, stderr)."""

    def go(*arguments, json_out=True):
        line = [
            "journey_app",
            "--home",
            str(tmp_path / "home"),
            *arguments,
            *(["--json"] if json_out else []),
        ]
        monkeypatch.setattr(sys, "argv", line)
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, json.loads(out) if json_out and out else out, err

    return go


@pytest.fixture
def exports(tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "a.csv").write_text("user_id,event,timestamp\nzoe,Came,2026-11-20 09:00\n")
    return folder


def test_a_source_from_adding_to_removing(run, exports):
    code, row, _ = run("sources", "add", "shop", f"{exports}/*.csv", "--every", "1h")
    assert code == 0 and (row["kind"], row["state"], row["every"]) == ("folder", "never", "60m")
    code, tried, _ = run("sources", "test", "shop")
    assert (tried["files"][0]["recognised_as"], tried["files"][0]["asks"]) == ("generic.events", "")
    code, done, _ = run("sync")
    assert code == 0 and done["sources"] == [
        {"name": "shop", "ok": True, "files": 1, "events": 1, "what": "", "do": "", "warnings": []}
    ]
    assert done["live"] is None and done["version"]
    (row,) = run("sources", "list")[1]["sources"]
    assert set(row) >= {
        "name",
        "kind",
        "where",
        "state",
        "tried_at",
        "ok_at",
        "next_at",
        "what",
        "do",
        "events",
        "warnings",
    }
    assert row["state"] == "fresh"
    assert run("sources", "remove", "shop")[1] == {"removed": "shop"}
    assert run("sources", "list")[1] == {"sources": []}


def test_sync_fails_when_a_source_does_and_names_the_option(run, exports):
    (exports / "b.csv").write_text("id,event,date\n1,a,03/04/2026\n2,b,05/06/2026\n")
    run("sources", "add", "shop", str(exports))
    code, done, err = run("sync")
    assert code == 1 and done["sources"][0]["ok"] is False and "--dates" in err
    assert run("sources", "add", "shop", str(exports), "--dates", "dmy")[0] == 0
    assert run("sync")[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("sources", "add", "x", "http://example.com/a"), ("sources", "add", "x", "/a", "--every", "none"),
        ("sources", "add", "x", "NOT_MEANT", "--table", "t"), ("sync", "nobody"), ("keys", "revoke", "nobody"),
        ("sources", "test", "nobody"), ("sources", "remove", "nobody"),
    ],
)  # fmt: skip
def test_what_a_person_can_put_right_is_exit_code_one(run, arguments):
    run("keys", "create")
    code, _, err = run(*arguments, json_out=False)
    assert code == 1 and len(err.strip().splitlines()) == 2


def test_a_key_is_shown_once_and_can_be_taken_back(run):
    _, made, _ = run("keys", "create", "--title", "shop website")
    assert len(made["key"]) == 43
    (row,) = run("keys", "list")[1]["keys"]
    assert row["title"] == "shop website" and made["key"] not in json.dumps(row)
    assert run("keys", "revoke", made["id"])[1]["revoked_at"]


def test_calls_that_wait_are_counted_and_merged_by_sync(run, tmp_path):
    run("keys", "create")
    space = open_workspace("default", Settings(home=tmp_path / "home"))
    found = read_calls("batch", {"batch": [{"type": "track", "event": "Paid", "userId": "a"}, {}]}, NOW)
    keep(space, found.kept, found.bad, NOW).result(10)
    status = run("inbox", "status")[1]
    assert (status["waiting"], status["merge"]) == (1, None)
    assert [each["calls"] for each in status["refused"].values()] == [1]
    assert run("sync")[1]["live"]["events"] == 1
    status = run("inbox", "status")[1]
    assert status["waiting"] == 0 and len(status["batches"]) == 1 and status["merge"]["trouble"] == ""


def test_sync_while_the_data_are_being_changed_lets_calls_wait_and_says_what_came(run, exports, tmp_path):
    run("sources", "add", "shop", f"{exports}/*.csv")
    run("sync")
    (exports / "b.csv").write_text("user_id,event,timestamp\nbob,Came,2026-11-20 09:00\n")
    space = open_workspace("default", Settings(home=tmp_path / "home"))
    found = read_calls("batch", {"batch": [{"type": "track", "event": "Paid", "userId": "a"}]}, NOW)
    keep(space, found.kept, found.bad, NOW).result(10)
    with alone(space.store, LIVE, now=datetime.now(UTC)):
        code, said, err = run("sync")
    assert (code, err, said["live"]) == (0, "", None) and said["sources"][0]["events"] == 1
    assert run("inbox", "status")[1]["waiting"] == 1 and run("sync")[1]["live"]["events"] == 1


def test_a_source_is_called_what_people_call_it(run, exports):
    code, row, _ = run("sources", "add", "  Shop  orders ", str(exports))
    assert (code, row["name"]) == (0, "Shop orders")
    assert run("sources", "test", "shop orders")[0] == 0
    assert run("sync", "SHOP ORDERS")[1]["sources"][0]["name"] == "Shop orders"
    assert run("sources", "add", "shop orders", str(exports), "--every", "1h")[1]["every"] == "60m"
    assert [each["name"] for each in run("sources", "list")[1]["sources"]] == ["Shop orders"]
    code, _, err = run("sources", "add", "shop/orders", str(exports), json_out=False)
    assert code == 1 and "“/”" in err and "“shop orders”" in err
    assert run("sources", "remove", "SHOP orders")[1] == {"removed": "Shop orders"}
