"""The interface other programs rely on: names of commands, options, JSON keys, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# ana and ben pay; cho signs up on the last day, so her week is not over; dan only looks.
# Two rows are equal to the letter (twins), two share a minute (a tie, in file order).
SHOP = """customer,action,when
ana,look,2026-03-02 09:00
ana,sign up,2026-03-02 09:05
ana,look,2026-03-03 10:00
ana,look,2026-03-03 10:00
ana,pay,2026-03-04 12:00
ben,look,2026-03-02 11:00
ben,sign up,2026-03-02 11:00
ben,pay,2026-03-08 11:00
dan,look,2026-03-05 08:00
cho,look,2026-03-19 23:00
cho,sign up,2026-03-19 23:30
"""


@pytest.fixture
def shop(tmp_path: Path, cli):
    file = tmp_path / "shop.csv"
    file.write_text(SHOP)
    assert cli("import", str(file), "--json").code == 0
    return cli


def test_an_import_says_what_came_in_and_what_the_workspace_holds(tmp_path: Path, cli):
    file = tmp_path / "shop.csv"
    file.write_text(SHOP)
    said = cli("import", str(file), "--json").json
    assert set(said) == {"files", "customers", "events", "version"}
    report = said["files"][0]
    assert {
        k: report[k] for k in ("file", "recognised_as", "rows", "events", "rejected", "already_there")
    } == {
        "file": "shop.csv",
        "recognised_as": "generic.events",
        "rows": 11,
        "events": 11,
        "rejected": 0,
        "already_there": 0,
    }
    assert (said["customers"], said["events"]) == (4, 11)
    assert report["batch"]


def test_the_same_file_again_adds_nothing_and_twins_stay(shop, tmp_path: Path):
    again = shop("import", str(tmp_path / "shop.csv"), "--json").json
    assert (again["files"][0]["events"], again["files"][0]["already_there"]) == (0, 11)
    renamed = tmp_path / "other.csv"
    renamed.write_text(SHOP)
    assert shop("import", str(renamed), "--json").json["events"] == 11


def test_events_come_most_frequent_first(shop):
    assert [(e["event"], e["count"], e["customers"]) for e in shop("events", "--json").json["events"]] == [
        ("look", 6, 4),
        ("sign up", 3, 3),
        ("pay", 2, 2),
    ]


def test_a_funnel_keeps_open_people_apart(shop):
    """now is the end of 19 March; with 7 days cho (19 March) is open, everybody else is decided."""
    steps = shop("funnel", "look", "sign up", "pay", "--window", "7d", "--json").json["steps"]
    assert [s["customers"] for s in steps] == [4, 3, 2]
    assert [s["open"] for s in steps] == [0, 1, 0]
    assert [s["decided"] for s in steps] == [3, 2, 2]
    assert [s["kept"] for s in steps] == [None, pytest.approx(2 / 3), pytest.approx(1.0)]
    assert steps[1]["low"] == pytest.approx(0.2077, abs=1e-4)  # Wilson, 2 of 3
    assert steps[1]["high"] == pytest.approx(0.9385, abs=1e-4)


def test_no_window_leaves_nobody_open_and_a_very_long_one_decides_nobody(shop):
    endless = shop("funnel", "look", "pay", "--window", "none", "--json").json["steps"]
    assert [(s["customers"], s["open"], s["decided"]) for s in endless] == [(4, 0, 4), (2, 0, 2)]
    longer = shop("funnel", "look", "pay", "--window", "3650d", "--json").json["steps"]
    assert [(s["customers"], s["decided"], s["kept"]) for s in longer] == [(4, 0, None), (2, 0, None)]


def test_transitions_starts_ends_and_variants(shop):
    """ana: look sign-up look look pay; ben: look sign-up pay; cho: look sign-up; dan: look."""
    said = shop("transitions", "--session", "none", "--json").json
    counts = {(t["from"], t["to"]): t["count"] for t in said["transitions"]}
    assert counts == {
        ("look", "sign up"): 3,
        ("sign up", "look"): 1,
        ("look", "look"): 1,
        ("look", "pay"): 1,
        ("sign up", "pay"): 1,
    }
    assert said["starts"] == {"look": 4}
    assert said["ends"] == {"look": 1, "pay": 2, "sign up": 1}
    assert said["variants"] == 4


def test_paths_and_velocity_answer_with_their_fixed_keys(shop):
    links = shop("paths", "--from", "look", "--steps", "2", "--json").json["links"]
    assert {"step": 0, "from": "look", "to": "sign up", "customers": 3} in links
    paces = shop("velocity", "look", "sign up", "--json").json["steps"]
    assert paces[0]["customers"] == 3 and paces[0]["median_s"] == 300


def test_paths_take_repeats_as_one_unless_told_otherwise_as_the_page_does(shop):
    """ana looks twice before she pays."""

    def after_the_second_look(*how):
        links = shop("paths", "--from", "look", "--steps", "3", *how, "--json").json["links"]
        return [link["to"] for link in links if (link["step"], link["from"]) == (2, "look")]

    assert after_the_second_look() == after_the_second_look("--collapse") == ["pay"]
    assert after_the_second_look("--no-collapse") == ["look"]


def test_an_unknown_event_is_a_sentence_with_the_nearest_name(shop):
    said = shop("funnel", "look", "sing up")
    assert said.code == 1 and "Did you mean “sign up”?" in said.err and said.out == ""


@pytest.mark.parametrize("words", [("funnel",), ("paths",), ("funnel", "look", "pay", "--window", "soon")])
def test_wrong_usage_is_exit_code_2(shop, words):
    assert shop(*words).code == 2


def test_an_ambiguous_date_is_asked_naming_the_option(cli, tmp_path: Path):
    file = tmp_path / "dates.csv"
    file.write_text("user_id,event,date\n" + "".join(f"u{n},visit,0{n}/04/2026\n" for n in range(1, 9)))
    said = cli("import", str(file), "--json")
    assert said.code == 1 and "--dates" in said.err and said.out == ""
    assert cli("events", "--json").code == 1, "nothing was stored"
    read = cli("import", str(file), "--dates", "dmy", "--json").json
    assert read["events"] == 8
    first = cli("events", "--json").json["events"][0]
    assert (first["first"][:10], first["last"][:10]) == ("2026-04-01", "2026-04-08")


def test_an_import_can_be_taken_back(shop, tmp_path: Path):
    more = tmp_path / "more.csv"
    more.write_text(SHOP + "eve,look,2026-03-18 10:00\n")
    batch = shop("import", str(more), "--json").json["files"][0]["batch"]
    assert shop("undo", batch, "--json").json["events"] == 11
    assert [i["file"] for i in shop("imports", "--json").json["imports"]] == ["shop.csv"]


def test_a_dry_run_stores_nothing(cli, tmp_path: Path):
    file = tmp_path / "shop.csv"
    file.write_text(SHOP)
    assert cli("import", str(file), "--dry-run", "--json").json["files"][0]["events"] == 11
    assert cli("events").code == 1


def test_json_is_one_document_on_stdout_in_a_process_of_its_own(tmp_path: Path):
    file = tmp_path / "shop.csv"
    file.write_text(SHOP)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "journey_app",
            "--home",
            str(tmp_path / "home"),
            "import",
            str(file),
            "--json",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["events"] == 11
    assert "Reading shop.csv" in done.stderr


PUBLISHED = {
    "click_retentioneering_simple_shop": ("simple-onlineshop.csv", 2028),
    "pm_running_example": ("running-example.csv", 6),
    "pm_receipt": ("receipt.csv", 116),
    "pm_bpic2013_incidents": ("bpic2013_incidents.csv.gz", 1511),
    "pm_roadtraffic": ("traffic_fines_10000.csv", 44),
}


@pytest.mark.parametrize("folder", PUBLISHED)
def test_published_logs_need_no_mapping_and_give_the_published_counts(cli, datasets: Path, folder: str):
    name, variants = PUBLISHED[folder]
    reference = json.loads((datasets / folder / "reference.json").read_text())
    said = cli("import", str(datasets / folder / name), "--json")
    assert said.code == 0, said.err
    assert said.json["events"] == reference["events"] and said.json["customers"] == reference["cases"]
    walked = cli("transitions", "--session", "none", "--json").json
    assert walked["variants"] == variants == reference["variants"]
    assert walked["starts"] == reference["start_activities"]
    assert walked["ends"] == reference["end_activities"]
    assert {(t["from"], t["to"], t["count"]) for t in walked["transitions"]} == {
        tuple(x) for x in reference["dfg"]
    }
    assert cli("import", str(datasets / folder / name), "--json").json["files"][0]["events"] == 0


def test_the_published_shop_funnel(cli, datasets: Path):
    cli("import", str(datasets / "click_retentioneering_simple_shop" / "simple-onlineshop.csv"))
    steps = ("catalog", "cart", "payment_done")
    endless = cli("funnel", *steps, "--window", "none", "--json").json["steps"]
    assert [s["customers"] for s in endless] == [3611, 1924, 653]
    longer = cli("funnel", *steps, "--window", "3650d", "--json").json["steps"]
    assert [(s["customers"], s["kept"]) for s in longer] == [(3611, None), (1924, None), (653, None)]
