"""The check-up on the command line: what it says, the options that change it, and recipes."""

from __future__ import annotations

from pathlib import Path

import pytest

OPEN = "wer,was,datum\nk1,Kauf,03/04/2026\nk2,Besuch,05/06/2026\n"
NAMED = ("--map", "customer=wer", "--map", "event=was")
TWICE = "user_id,event,time\n" + "ana,buy,2026-05-01 10:00\n" * 3


@pytest.fixture
def file(tmp_path: Path):
    def written(text: str, name: str = "log.csv") -> str:
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return written


def test_asking_ends_with_one_and_names_the_option(cli, file):
    said = cli("import", file(OPEN), *NAMED)
    assert said.code == 1 and "“03/04/2026”" in said.err and "--dates dmy" in said.err


def test_what_was_answered_counts_for_the_next_file_until_it_is_forgotten(cli, file):
    assert cli("import", file(OPEN), *NAMED, "--dates", "mdy").code == 0
    again = file("was,wer,filiale,datum\nKauf,k9,Nord,07/08/2026\n", "next.csv")
    report = cli("import", again, "--json").json["files"][0]
    assert report["events"] == 1 and any(note.startswith("Read like last time") for note in report["notes"])
    assert cli("import", again, "--no-recipe").code == 1
    (recipe, _next) = cli("recipes", "list", "--json").json["recipes"]
    assert recipe["answers"]["dates"] == "mdy" and "--dates" not in recipe["answers"]
    for each in cli("recipes", "list", "--json").json["recipes"]:
        assert cli("recipes", "forget", each["id"]).code == 0
    assert cli("recipes", "forget", recipe["id"]).code == 1
    assert cli("recipes", "list").out.strip() == "None yet."
    assert cli("import", file(OPEN + "k3,Kauf,07/09/2026\n")).code == 1


def test_the_checkup_is_in_the_report_with_its_options(cli, file):
    (report,) = cli("import", file(TWICE), "--dry-run", "--json").json["files"]
    (found,) = [each for each in report["checkup"] if each["kind"] == "duplicates"]
    assert (found["severity"], found["count"], found["fix"]["option"]) == ("note", 2, "--drop-duplicates")


@pytest.mark.parametrize("first", [(), ("--drop-duplicates",)])
def test_importing_again_adds_nothing_twice_with_or_without_equal_rows(cli, file, first):
    path, flags = file(TWICE), ("--no-recipe", "--json")
    kept = cli("import", path, *first, *flags).json
    assert kept["events"] == (1 if first else 3)
    assert cli("import", path, *first, *flags).json["events"] == kept["events"]
    longer = file(TWICE + "ben,buy,2026-05-02 10:00\n", "longer.csv")
    assert cli("import", longer, "--drop-duplicates", *flags).json["events"] == kept["events"] + 1


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("4711,a,2026-05-01\n4712,b,2026-05-02\n", ["--header-row", "0", "--map", "customer=column 1"]),
        ("Art,Stand,Jahr\nuser_id,event,time\nana,a,2026-05-01\nben,b,2026-05-02\n", ["--header-row", "2"]),
        ("user_id;event;time\nana;a;2026-05-01\nben;b;2026-05-02\n", ["--delimiter", ";", "--decimal", ","]),
        (
            "user_id\tevent\ttime\nana\ta\t1787734800\nben\tb\t1787734801\n",
            ["--delimiter", "tab", "--epoch", "s"],
        ),
        ("user_id,event,time\nana,a,2026-05-01 00:00\nben,b,2026-05-01 09:00\n", ["--midnight-is-a-day"]),
    ],
)
def test_every_option_reads(cli, file, text, options):
    extra = ["--map", "event=column 2", "--map", "time=column 3"] if "0" in options else []
    assert cli("import", file(text), *options, *extra, "--json").json["events"] == 2
