"""The audit from the shell: graded, described, taken away as a sheet, edited and brought back."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from journey_app.settings import Settings
from journey_app.vocabulary import Grade
from journey_app.workspace import decisions
from journey_app.workspace.home import open_workspace
from tests.cli.conftest import run

BY = ("--target", "60", "--by", "2099-12-31")
FAR = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty customers who look and pay, and a fair's list of half of them; made once, copied for each test."""
    folder = tmp_path_factory.mktemp("shop")
    look = [f"c{n},look,2026-03-{1 + n % 28:02} 09:00" for n in range(40)]
    pay = [f"c{n},pay,2026-03-{1 + n % 28:02} 10:00" for n in range(0, 40, 2)]
    badge = [f"c{n},badge,2026-03-{1 + n % 28:02} 12:00" for n in range(20)]
    for name, rows in (("shop", look + pay), ("fair", badge)):
        file = folder / f"{name}.csv"
        file.write_text("\n".join(["customer,action,when", *rows]) + "\n")
        assert run(folder / "home", "import", str(file), "--source", name).code == 0
    assert run(folder / "home", "goal", "set", "look", "pay", "--window", "7d", *BY).code == 0
    return folder / "home"


@pytest.fixture
def shop(made: Path, tmp_path: Path, cli):
    shutil.copytree(made, tmp_path / "home")
    return cli


def row(said, place):
    return next(each for each in said.json["rows"] if each["touchpoint"] == place)


def edited(file: Path, place: str, column: str, text: str) -> None:
    """As a person does it: open the workbook, change one cell, save."""
    book = load_workbook(file)
    sheet = book.active
    at = [cell.value for cell in sheet[1]].index(column)
    next(cells for cells in sheet.iter_rows(min_row=2) if cells[0].value == place)[at].value = text
    book.save(file)


def test_a_grade_is_given_and_only_what_is_given_changes(shop):
    assert shop("audit", "grade", "SUPPORT", "--grade", "r", "--owner", "Ana", "--note", "ask Tom").code == 0
    said = shop("audit", "grade", "support", "--grade", "G", "--json").json
    assert (said["grade"], said["owner"], said["note"]) == ("G", "Ana", "ask Tom")
    assert shop("audit", "--json").json["people"]["support"]["grade"] == "G"
    history = shop("audit", "history", "Support", "--json").json
    assert [each["said"]["grade"] for each in history["people"]] == ["R", "G"]
    assert "command line" in shop("audit", "history", "support").out


def test_there_is_no_such_place_and_there_is_one_after_all(shop):
    shop("audit", "grade", "reviews", "--grade", "R", "--owner", "Ana")
    said = shop("audit", "grade", "Reviews", "--not-ours", "--json").json
    assert (said["not_ours"], said["grade"], said["owner"]) == (True, "R", "Ana")
    shown = shop("audit", "--json")
    assert (row(shown, "reviews")["not_ours"], row(shown, "reviews")["grade"]) == (True, None)
    assert "reviews" not in shown.json["repairs"] and "email" in shown.json["repairs"]
    assert shop("audit").out.splitlines()[-1] == "   Reviews: not ours"
    assert "command line: not ours, owner Ana" in shop("audit", "history", "Reviews").out
    shop("audit", "grade", "Reviews", "--note", "still none")
    assert row(shop("audit", "--json"), "reviews")["not_ours"], "what is not given stays"
    assert shop("audit", "back", "reviews").code == 0
    assert shop("audit", "grade", "Reviews", "--ours", "--json").json["not_ours"] is False
    assert row(shop("audit", "--json"), "reviews")["grade"] == "R"
    history = shop("audit", "history", "reviews", "--json").json["people"]
    assert [each["said"]["not_ours"] for each in history] == [False, True, True, True, False]


def test_what_was_measured_of_it_is_told_again_when_it_is_ours_again(shop):
    shop("audit", "grade", "Reviews", "--not-ours")
    measured = decided = shop("audit", "history", "Reviews", "--json").json["measured"]
    shop("audit", "back", "Reviews")
    measured = shop("audit", "history", "Reviews", "--json").json["measured"]
    assert [each["grade"] for each in measured[len(decided) :]] == ["R"]


def test_events_that_tell_of_it_all_the_same_are_said(shop):
    shop("audit", "grade", "app", "--not-ours")
    assert shop("audit").out.splitlines()[-1] == ("“App”: you said there is none, but 80 events tell of it.")
    assert row(shop("audit", "--json"), "app")["against"] == "80 events tell"


def test_a_sheet_says_that_there_is_no_such_place(shop, tmp_path):
    file = tmp_path / "audit.xlsx"
    shop("audit", "--export", str(file))
    edited(file, "Email", "Not ours", "yes")
    assert "Email, Not ours: nothing → “yes”." in shop("audit", "--import", str(file)).out
    assert row(shop("audit", "--json"), "email")["not_ours"]


def test_a_place_that_was_added_is_measured(shop):
    assert shop("audit", "place", "add", "Trade fair", "--sources", "fair", "--of", "look").code == 0
    said = shop("audit", "--json")
    assert row(said, "Trade fair")["where"] == "fair"
    tracked = row(said, "Trade fair")["checks"]["tracked"]
    assert tracked["rule"] == "coverage" and "19 of 30 customers who did “look”" in tracked["reason"]
    measured = shop("audit", "history", "Trade fair", "--json").json["measured"]
    assert [each["grade"] for each in measured] == [row(said, "Trade fair")["grade"]]
    assert shop("audit", "place", "remove", "Trade fair").code == 0
    assert not [each for each in shop("audit", "--json").json["rows"] if each["touchpoint"] == "Trade fair"]
    assert shop("audit", "history", "Trade fair", "--json").json["people"][-1]["said"] is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("audit", "place", "add", "Fair", "--events", "bagde"), "Did you mean “badge”?"),
        (("audit", "place", "add", "Fair", "--of", "look"), "not what tells of it"),
        (("audit", "place", "add", "pay", "--sources", "fair"), "is a step of the goal"),
        (("audit", "place", "add", " "), "a name of 1 to 60 characters"),
        (("audit", "grade", "Suport", "--grade", "R"), "Did you mean “Support”?"),
        (("audit", "grade", "Support", "--note", "x" * 501), "501 characters"),
        (("audit", "grade", "look", "--not-ours"), "is a goal step or a place that people added"),
        (("audit", "--export", "audit.pdf"), "neither .xlsx nor .csv"),
        (("audit", "--import", "nowhere.csv"), "There is no file"),
        (("audit", "place", "remove", "Nowhere"), "No graded place is called"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_to_do(shop, words, sentence):
    said = shop(*words)
    assert (said.code, sentence in said.err) == (1, True), said.err


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "--export", "a.csv", "--import", "b.csv"),
        ("audit", "--dry-run"),
        ("audit", "grade", "Support"),
        ("audit", "--dry-run", "grade", "Support", "--grade", "R"),
    ],
)
def test_words_that_make_no_sense_together_are_wrong_usage(shop, words):
    assert shop(*words).code == 2


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_out_and_back_without_an_edit_is_nothing(shop, tmp_path, form):
    shop("audit", "grade", "Support", "--grade", "R", "--owner", "=Ana", "--note", "'-1\nsecond line")
    shop("audit", "place", "add", "Fair", "--sources", "fair")
    file = tmp_path / f"audit.{form}"
    shop("audit", "grade", "Reviews", "--not-ours")
    assert shop("audit", "--export", str(file), "--json").json["places"] == 11
    shop("audit", "grade", "Support", "--grade", "G")  # somebody goes on meanwhile
    said = shop("audit", "--import", str(file), "--json").json
    assert (said["changes"], said["stored"]) == ([], 0)
    assert shop("audit", "--json").json["people"]["support"]["grade"] == "G"


def test_an_edited_sheet_is_shown_then_stored(shop, tmp_path):
    file = tmp_path / "audit.xlsx"
    shop("audit", "--export", str(file))
    edited(file, "Support", "Owner", "Ana")
    edited(file, "Billing", "Human", "amber")
    shown = shop("audit", "--import", str(file), "--dry-run")
    assert "Support, Owner: nothing → “Ana”." in shown.out and "Nothing was stored." in shown.out
    assert shop("audit", "--json").json["people"] == {}
    assert shop("audit", "--import", str(file), "--json").json["stored"] == 2
    people = shop("audit", "--json").json["people"]
    assert (people["support"]["owner"], people["billing"]["grade"]) == ("Ana", "A")
    assert shop("audit", "--import", str(file), "--json").json["stored"] == 0, "once is enough"


def test_what_both_changed_is_asked(shop, tmp_path):
    file = tmp_path / "audit.xlsx"
    shop("audit", "--export", str(file))
    edited(file, "Support", "Note", "mine")
    edited(file, "Support", "Owner", "Ana")
    shop("audit", "grade", "Support", "--note", "theirs")
    asked = shop("audit", "--import", str(file))
    assert asked.code == 1 and "--on-conflict" in asked.err and "“theirs” → “mine”" in asked.err
    assert shop("audit", "--json").json["people"]["support"]["owner"] == "", "nothing is stored half"
    shop("audit", "--import", str(file), "--on-conflict", "theirs")
    held = shop("audit", "--json").json["people"]["support"]
    assert (held["note"], held["owner"]) == ("theirs", "Ana")


def test_without_a_goal_everything_of_the_audit_works(shop, tmp_path):
    space = open_workspace("default", Settings(home=tmp_path / "home"))
    held = space.store.get("goal", "goal")
    space.store.delete("goal", "goal", based_on=held.version, author="test", now=FAR)
    said = shop("audit", "--now", "2026-03-15", "--json")
    assert said.json["judged_by"] == ["look"] and not said.json["has_goal"]
    assert not [each for each in said.json["rows"] if each["touchpoint"] in ("look", "pay")]
    assert "No goal is set" in shop("audit").out
    assert shop("audit", "grade", "Support", "--not-ours").code == 0
    assert shop("audit", "--export", str(tmp_path / "a.csv"), "--json").json["places"] == len(
        said.json["rows"]
    )


def test_every_import_notes_what_was_measured(shop, tmp_path):
    before = shop("audit", "history", "look", "--json").json["measured"]
    (tmp_path / "more.csv").write_text("customer,action,when\nc1,look,2026-03-29 09:00\n")
    shop("import", str(tmp_path / "more.csv"), "--source", "shop")
    after = shop("audit", "history", "look", "--json").json["measured"]
    assert len(after) == len(before) + 1


def test_a_grade_of_before_there_were_descriptions_still_reads(shop, tmp_path):
    space = open_workspace("default", Settings(home=tmp_path / "home"))
    space.save("grade", "old", {"touchpoint": "Fair", "grade": "R", "owner": "", "note": ""},
               based_on=0, author="Ana", now=FAR)  # fmt: skip
    assert decisions.grades(space)["Fair"].value == Grade("Fair", "R")


def test_the_last_grade_of_a_place_is_taken_back(shop):
    assert shop("audit", "back", "Support").code == 1
    shop("audit", "grade", "Support", "--grade", "R", "--owner", "Ana")
    shop("audit", "grade", "Support", "--grade", "G")
    assert shop("audit", "back", "support", "--json").json["grade"] == "R"
    history = shop("audit", "history", "Support", "--json").json["people"]
    assert [each["said"]["grade"] for each in history] == ["R", "G", "R"]


def test_the_only_grade_of_a_place_is_taken_away(shop):
    shop("audit", "grade", "Support", "--grade", "R")
    assert shop("audit", "back", "Support", "--json").json["grade"] is None
    assert "support" not in shop("audit", "--json").json["people"]


def test_a_gap_in_a_log_that_counts_for_no_place_stops_nothing(cli, tmp_path: Path):
    """“None of these” is an answer of the import card; every page asks for the audit."""

    def hourly(who: str, first: str, then: str, hole: range) -> str:
        start = datetime(2026, 3, 2)
        rows = [
            f"{who}{n // 3},{then if n % 9 in (1, 2) else first},{start + timedelta(hours=n)}"
            for n in range(24 * 56)
            if n // 24 not in hole
        ]
        return "user_id,event,timestamp\n" + "\n".join(rows) + "\n"

    (tmp_path / "app.csv").write_text(hourly("a", "came", "paid", range(0)))
    (tmp_path / "clinic.csv").write_text(hourly("c", "seen", "left", range(40, 45)))
    assert cli("import", str(tmp_path / "app.csv")).code == 0
    assert cli("import", str(tmp_path / "clinic.csv"), "--system", "other").code == 0
    assert cli("goal", "set", "came", "paid", "--target", "60", "--by", "2026-12-28").code == 0
    for command in ("audit", "findings"):
        told = cli(command, "--json")
        assert told.code == 0, told.err
