"""Tidying from the shell: the same promises as the pages, one JSON document, exit codes."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from journey_app.plain import to_plain
from journey_app.settings import Settings
from journey_app.store.trouble import StoreTrouble
from journey_app.vocabulary import CleanUp, LeaveOut
from journey_app.workspace import unfinished, uploads
from journey_app.workspace.home import open_workspace

ROWS = [(f"cust-{n:04d}", "visit", f"2026-03-{n:02d} 09:00") for n in range(1, 29)]
ROWS += [
    (f"cust-{n:04d}", "sign_up" if n % 3 else "Sign Up", f"2026-03-{n:02d} 10:00") for n in range(1, 29, 2)
]
ROWS += [("bob@acme.com", "visit", "2026-03-05 09:00"), ("bob@acme.com", "$autocapture", "2026-03-05 09:01")]
LATER = [
    (f"late-{n:04d}", e, f"2026-03-{n:02d} 1{i}:00")
    for n in range(1, 29)
    for i, e in enumerate(("visit", "sign_up"))
]


def log(rows):
    return "\n".join(["user_id,event,timestamp", *(",".join(row) for row in rows)]) + "\n"


@pytest.fixture
def shop(tmp_path, cli):
    (tmp_path / "a.csv").write_text(log(ROWS))
    assert cli("import", str(tmp_path / "a.csv")).code == 0
    return cli


def test_a_rule_is_previewed_kept_and_taken_back(shop):
    assert (
        shop("goal", "set", "visit", "sign_up", "--window", "1d", "--target", "60", "--by", "2099-12-31").code
        == 0
    )
    seen = shop("cleanup", "preview", "domain", "acme.com", "--json").json
    assert (seen["events"], seen["customers"]) == (2, 1)
    assert seen["goal_before"]["of"] == seen["goal_after"]["of"] + 1
    assert shop("cleanup", "show", "--json").json["rules"] == []
    kept = shop("cleanup", "add", "domain", "acme.com", "--json").json
    assert [(r["number"], r["events"], r["customers"]) for r in kept["rules"]] == [(1, 2, 1)]
    assert shop("goal", "show", "--json").json["now"]["of"] == seen["goal_after"]["of"]
    assert shop("cleanup", "remove", "1", "--json").json["rules"] == []
    assert shop("cleanup", "remove", "1").code == 1


def test_a_clean_up_is_taken_back_after_every_import_is_undone(shop):
    shop("cleanup", "add", "domain", "acme.com")
    shop("cleanup", "rename", "sign_up", "Sign Up")
    shop("undo", shop("imports", "--json").json["imports"][0]["batch"])
    assert [rule["events"] for rule in shop("cleanup", "show", "--json").json["rules"]] == [0]
    assert shop("cleanup", "add", "bot").code == 1
    assert shop("cleanup", "rename", "Sign Up", "sign_up", "--json").json["names"] == {}
    assert shop("cleanup", "remove", "1", "--json").json["rules"] == []


def test_names_are_merged_hidden_and_shown_again(shop):
    suggested = shop("cleanup", "show", "--json").json["suggested"]
    assert [(s["name"], sorted(s["events"])) for s in suggested] == [
        ("Sign Up", ["Sign Up", "sign_up"]),
        (None, ["$autocapture"]),
    ]
    assert shop("cleanup", "rename", "sign_up", "Sign Up", "--json").json["names"] == {"sign_up": "Sign Up"}
    would = shop("cleanup", "hide", "visit", "sign_up", "--dry-run", "--json").json
    assert (would["events"], would["customers"], would["without_events"]) == (43, 29, 28)
    assert would["left"] == {"events": 1, "customers": 1} and would["hidden"] == ["visit", "Sign Up"]
    assert (
        "28 customers would have no events left"
        in shop("cleanup", "hide", "visit", "Sign Up", "--dry-run").out
    )
    assert shop("cleanup", "show", "--json").json["hidden"] == []
    assert shop("cleanup", "hide", "$autocapture", "--json").json["hidden"] == ["$autocapture"]
    assert {e["event"] for e in shop("events", "--json").json["events"]} == {"visit", "Sign Up"}
    assert shop("cleanup", "unhide", "$autocapture", "--json").json["hidden"] == []
    assert shop("cleanup", "hide", "nothing").code == 1


def test_a_name_in_use_needs_a_word(shop):
    shop("goal", "set", "visit", "sign_up", "--window", "1d", "--target", "60", "--by", "2099-12-31")
    said = shop("cleanup", "rename", "sign_up", "Registered")
    assert said.code == 1 and "used in the goal" in said.err and "--carry" in said.err
    assert shop("cleanup", "rename", "sign_up", "Registered", "--carry").code == 0
    assert shop("goal", "show", "--json").json["goal"]["steps"] == ["visit", "Registered"]
    assert "would be gone" in shop("cleanup", "hide", "visit").err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ids", "(", "--pattern"), "not a pattern"),
        (("ids", ".{1000}.{1000}.{1000}", "--pattern"), "too large a pattern"),
        (("text", "(a{1,1000}){1,1000}", "--pattern"), "not a pattern"),
        (("ids",), "nothing to look for"),
        (("colour", "red"), "no field"),
        (("fast", "x"), "not a number"),
        (("ids", ".", "--pattern"), "Not one event would be left"),
    ],
)
def test_a_bad_rule_is_two_sentences(shop, words, said):
    ended = shop("cleanup", "add", *words)
    assert ended.code == 1 and said in ended.err


def test_a_stored_rule_that_takes_too_long_is_named_and_taken_back(shop, tmp_path):
    space = open_workspace("default", Settings(home=tmp_path / "home"))
    rule = LeaveOut("event", ".{1000}.{1000}.{1000}", "Long names")
    space.save(
        "clean_up", "clean_up", to_plain(CleanUp((rule,))), based_on=0, author="t", now=datetime.now(UTC)
    )
    assert "too large a pattern" in shop("events").err
    (kept,) = shop("cleanup", "show", "--json").json["rules"]
    assert kept["events"] is None and "too large a pattern" in kept["trouble"]
    assert "1. Long names: cannot be counted." in shop("cleanup", "show").out
    assert shop("cleanup", "remove", "1", "--json").json["rules"] == []
    assert shop("events").code == 0


def test_each_import_says_what_it_changed_in_the_goal(shop, tmp_path):
    shop("goal", "set", "visit", "sign_up", "--window", "1d", "--target", "60", "--by", "2099-12-31")
    (tmp_path / "b.csv").write_text(log(LATER))
    shop("import", str(tmp_path / "b.csv"))
    first, second = shop("imports", "--json").json["imports"]
    assert (first["goal"], first["goal_before"], first["live"]) == (None, None, False)
    assert second["goal_before"]["share"] < second["goal_after"]["share"]
    assert (second["goal"]["goal_version"], second["goal"]["changed_since"]) == (1, False)
    shop("cleanup", "add", "domain", "acme.com")
    shop("goal", "set", "visit", "Sign Up", "--window", "1d", "--target", "60", "--by", "2099-12-31")
    again = shop("imports", "--json").json["imports"][1]
    assert again == second | {"goal": second["goal"] | {"changed_since": True}}
    assert "; the goal has changed since" in shop("imports").out


def test_what_is_known_is_given_out(shop, tmp_path):
    said = shop("known", "BOB@acme.com", "-o", str(tmp_path / "bob.zip"), "--json").json
    assert [e["event"] for e in said["events"]] == ["visit", "$autocapture"]
    assert said["ids"] == [{"id": "user_id:bob@acme.com", "files": ["a.csv"], "shared": False}]
    with zipfile.ZipFile(tmp_path / "bob.zip") as archive:
        assert json.loads(archive.read("what-is-known.json"))["customer"] == "bob@acme.com"
        assert "2026-03-05 09:00:00  visit" in archive.read("what-is-known.txt").decode()
    assert shop("known", "bob@acme.com", "-o", str(tmp_path / "bob.zip")).code == 1
    shop("cleanup", "add", "domain", "acme.com")
    assert len(shop("known", "bob@acme.com", "--json").json["events"]) == 2, "left out is still known"
    assert shop("known", "nobody@x.com").code == 1


def test_forgetting_is_listed_first_and_done_with_yes(shop):
    before = shop("forget", "bob@acme.com")
    assert before.code == 0 and "Nothing was changed" in before.out and "a.csv" in before.out
    assert shop("known", "bob@acme.com").code == 0
    gone = shop("forget", "bob@acme.com", "--yes", "--json").json
    assert gone["forgotten"] and gone["events"] == 2
    assert shop("known", "bob@acme.com").code == 1
    assert shop("imports", "--json").json["imports"][0]["upload_kept"] is False


def test_rows_of_the_forgotten_are_counted_and_no_row_is_named(shop, tmp_path):
    assert shop("forget", "bob@acme.com", "--yes").code == 0
    (tmp_path / "later.csv").write_text(log([*ROWS, *LATER]))
    said = shop("import", str(tmp_path / "later.csv")).out
    assert "    2 rows: of people who asked to be forgotten\n" in said


def test_an_import_is_undone_by_the_id_it_had_before_somebody_was_forgotten(shop, tmp_path):
    (tmp_path / "b.csv").write_text(log(LATER))
    other = shop("import", str(tmp_path / "b.csv"), "--json").json["files"][0]["batch"]
    noted = shop("imports", "--json").json["imports"][0]["batch"]
    ids = [noted]
    for name in ("bob@acme.com", "cust-0003"):
        assert shop("forget", name, "--yes").code == 0
        ids += [shop("imports", "--json").json["imports"][0]["batch"]]
    assert len(set(ids)) == 3 and {each.rpartition("-")[0] for each in ids} == {noted.rpartition("-")[0]}
    wrong = f"{noted[:-6]}{'0' * 6}"
    said = shop("undo", wrong)
    assert said.code == 1 and f"No import is called “{wrong}”" in said.err, "mistyped is not noted before"
    before = shop("events", "--json").json
    assert shop("undo", noted, "--json").code == 0
    left = [row["batch"].rpartition("-")[0] for row in shop("imports", "--json").json["imports"]]
    assert left == [other.rpartition("-")[0]] and shop("events", "--json").json != before
    for every in ids:
        assert shop("undo", every).code == 1, "it is not there any more"


def test_raw_files_are_kept_as_long_as_was_said(shop, tmp_path):
    (row,) = shop("uploads", "list", "--json").json["uploads"]
    assert row["bytes"] > 0
    space = open_workspace("default", Settings(home=tmp_path / "home"))
    assert uploads.remove_old(space, now=datetime.now(UTC) + timedelta(days=89)) == 0
    assert shop("uploads", "keep", "9999").code == 1
    said = shop("uploads", "keep", "0", "--json").json
    assert (said["keep_days"], said["removed"], said["uploads"][0]["bytes"]) == (0, 1, None)
    (batch,) = shop("imports", "--json").json["imports"]
    assert shop("import", str(tmp_path / "a.csv"), "--json").json["files"][0]["events"] == 0, (
        "still known by its bytes"
    )
    assert shop("undo", batch["batch"], "--json").json["events"] == 0


# ---------------------------------------------------------------- files that are asked for, numbers, names


def test_a_receipt_that_cannot_be_written_is_said_before_anybody_is_forgotten(shop, tmp_path):
    for to in (tmp_path / "missing" / "dir" / "r.txt", tmp_path / "a.csv" / "r.txt", tmp_path / "a.csv"):
        said = shop("forget", "bob@acme.com", "--yes", "--receipt", str(to))
        assert said.code == 1 and str(to) in said.err
    assert shop("known", "bob@acme.com").code == 0
    assert shop("forget", "nobody@x.com", "--yes", "--receipt", str(tmp_path / "r.txt")).code == 1
    assert not (tmp_path / "r.txt").exists(), "no receipt of what was not done"
    assert shop("forget", "bob@acme.com", "--yes", "--receipt", str(tmp_path / "r.json")).code == 0
    assert json.loads((tmp_path / "r.json").read_text())["events"] == 2


def test_a_forgetting_with_something_left_gives_its_receipt_and_says_what_is_left(
    shop, tmp_path, monkeypatch
):
    def full(*_of):
        raise StoreTrouble("The disk is full.", "Free some space.")

    monkeypatch.setattr(unfinished, "erase_calls", full)
    said = shop("forget", "bob@acme.com", "--yes", "--receipt", str(tmp_path / "r.txt"), "--json")
    assert said.code == 1 and "calls that wait" in said.err and "tried again" in said.err
    assert said.json["left"] == ["calls that wait to become events"] and said.json["forgotten"]
    assert "Events removed: 2" in (tmp_path / "r.txt").read_text()


def test_what_is_known_cannot_be_written_everywhere(shop, tmp_path):
    said = shop("known", "bob@acme.com", "-o", str(tmp_path / "missing" / "k.json"))
    assert said.code == 1 and "cannot be written" in said.err


@pytest.mark.parametrize("digits", [10, 45, 5000])
def test_a_number_nobody_holds_is_two_sentences(shop, digits):
    said = shop("cleanup", "add", "busy", "9" * digits)
    assert said.code == 1 and "not a number of events" in said.err and len(said.err) < 300


@pytest.mark.parametrize("name", ["a\\", 'a"b', "a'b", "a/b~c", "*", "$.x", "ü"])
def test_a_property_may_be_called_anything(cli, tmp_path, name):
    rows = [
        {"user_id": f"u{n}", "event": "visit", "timestamp": f"2026-03-0{1 + n} 09:00", name: f"v{n}"}
        for n in range(8)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert cli("import", str(tmp_path / "a.jsonl")).code == 0
    kept = cli("cleanup", "add", f"property:{name}", "v3", "--json")
    assert kept.code == 0, kept.err
    assert [(r["events"], r["customers"]) for r in kept.json["rules"]] == [(1, 1)]


def test_the_last_change_of_a_clean_up_is_taken_back(shop):
    assert shop("cleanup", "back").code == 1
    shop("cleanup", "add", "domain", "acme.com")
    shop("cleanup", "hide", "$autocapture")
    first = shop("cleanup", "back", "--json").json
    assert first["hidden"] == [] and [r["what"] for r in first["rules"]] == ["ids"]


def test_an_unknown_customer_in_a_full_workspace_is_not_told_to_import(shop):
    for words in (("known", "zzz"), ("forget", "zzz"), ("identities", "show", "zzz")):
        said = shop(*words)
        assert said.code == 1 and "Import a file" not in said.err
