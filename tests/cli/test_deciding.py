"""Deciding from the shell says what the pages say: one clock for the goal, amended and not overwritten."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from journey_app.cli import deciding
from journey_app.decide.judging import measures_of
from journey_app.settings import Settings
from journey_app.vocabulary import Change, Filter, Measure, Sprint
from journey_app.workspace import decisions
from journey_app.workspace.home import open_workspace

FIRST = date(2026, 3, 2)
BY = ("--by", "2099-12-31")


def moment(day: int, at: str) -> str:
    return f"{FIRST + timedelta(days=day - 1)} {at}"


def lines(rows: list[tuple[str, str, int, str]]) -> str:
    return "\n".join(["customer,action,when", *(f"{w},{e},{moment(d, t)}" for w, e, d, t in rows)]) + "\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def shop(tmp_path: Path, cli):
    """A shop until day 40; its help desk until day 20, so a way over the desk ends there."""
    look = [(f"c{day}", "look", day, "09:00") for day in range(1, 41)]
    pay = [(f"c{day}", "pay", day + 1, "10:00") for day in range(1, 40, 4)]
    ask = [(f"c{day}", "ask", day, "12:00") for day in range(1, 21)]
    for name, rows in (("shop", [*look, *pay]), ("desk", ask)):
        file = tmp_path / f"{name}.csv"
        file.write_text(lines(rows))
        assert cli("import", str(file), "--source", name).code == 0
    return cli


def goal(shop, *words, steps=("look", "ask", "pay")):
    return shop("goal", "set", *steps, "--window", "7d", *words, "--json")


def test_the_goal_has_one_clock_whoever_asks(shop, home: Path):
    said = goal(shop, "--target", "60", *BY).json
    assert said["today"] == "2026-03-21", "the desk's data end within day 20"
    assert said["goal"]["set_on"] == "2026-03-21"
    assert shop("goal", "show", "--json").json["today"] == "2026-03-21"
    # entries of days 1 to 12 have had their week on the morning of day 20
    assert said["goal"]["start"]["of"] == said["now"]["of"] == 12
    assert goal(shop, "--target", "60", *BY, steps=("look", "pay")).json["today"] == "2026-04-10"


def test_a_new_target_keeps_the_start_the_day_and_the_name(shop, home: Path):
    first = goal(shop, "--target", "60", *BY, "--name", "Paying").json["goal"]
    later = goal(shop, "--target", "70", *BY, "--now", "2026-03-25").json["goal"]
    assert (later["start"], later["set_on"]) == (first["start"], first["set_on"])
    assert (later["target_share"], later["measure"]["name"]) == (0.7, "Paying")


def test_another_window_is_another_number_measured_anew(shop):
    first = goal(shop, "--target", "60", *BY).json["goal"]
    other = shop("goal", "set", "look", "ask", "pay", "--window", "2d", "--target", "60", *BY, "--json").json
    assert other["goal"]["start"]["of"] != first["start"]["of"]


def test_a_date_that_has_passed_is_refused_however_old_the_data(shop, home: Path):
    """The data end in April 2026; the day after is long gone, unless --now says that it is then."""
    gone = ("--target", "60", "--by", "2026-04-25")
    said = goal(shop, *gone)
    assert said.code == 1 and "25 Apr 2026 has passed" in said.err.replace("\u00a0", " ")
    assert decisions.goal(open_workspace("default", Settings(home=home))) is None
    assert goal(shop, *gone, "--now", "2026-04-11").code == 0


def test_who_counts_stays_when_the_goal_is_amended(shop, home: Path):
    goal(shop, "--target", "60", *BY)
    space = open_workspace("default", Settings(home=home))
    held = decisions.goal(space)
    only = (Filter("source", ("shop",)),)
    narrowed = replace(held.value, measure=replace(held.value.measure, where=only))
    decisions.save_goal(space, narrowed, based_on=held.version, author="test", now=held.saved_at)
    assert goal(shop, "--target", "70", *BY).json["goal"]["measure"]["where"]
    anew = shop("goal", "set", "look", "ask", "pay", "--window", "2d", "--target", "70", *BY, "--json").json
    assert anew["goal"]["measure"]["where"]


@pytest.mark.parametrize("window", ["36h", "30m"])
def test_a_window_that_is_no_whole_number_of_days_is_refused(shop, window):
    said = shop("goal", "set", "look", "pay", "--window", window, "--target", "60", *BY)
    assert said.code == 1
    assert "whole days" in said.err
    assert shop("goal", "set", "look", "pay", "--window", "48h", "--target", "60", *BY).code == 0


def test_a_step_between_that_never_happens_is_refused(shop, home: Path):
    said = goal(shop, "--target", "60", *BY, steps=("look", "aks", "pay"))
    assert said.code == 1
    assert "aks" in said.err and "ask" in said.err
    assert decisions.goal(open_workspace("default", Settings(home=home))) is None


def test_the_review_of_a_sprint_reads_the_goal_by_the_goals_clock(shop, home: Path, monkeypatch):
    goal(shop, "--target", "60", *BY)
    space = open_workspace("default", Settings(home=home))
    held = decisions.goal(space)
    early = Sprint("sprint-1", FIRST, held.value)
    made = Change(
        week=1,
        title="Ask sooner",
        owner="Priya",
        hypothesis="They pay.",
        measure=Measure("m", "look", "pay", timedelta(days=1)),
        target_share=0.5,
        effort="S",
        goes_live=FIRST + timedelta(days=28),
        roll_back="undo",
    )
    late = Sprint("sprint-2", FIRST + timedelta(days=28), held.value, (made,))
    for each in (early, late):
        decisions.save_sprint(space, each, based_on=0, author="test", now=held.saved_at)
    seen = []

    def watched(sprint, series, zone, others):
        seen.append((sprint, series, others))
        return judged(sprint, series, zone, others)

    judged = deciding.judged
    monkeypatch.setattr(deciding, "judged", watched)
    assert shop("sprint", "verdict", "--sprint", "sprint-2", "--json").json["sprint"] == "sprint-2"
    ((sprint, series, others),) = seen
    assert [one.today.isoformat() for one in series] == ["2026-04-10", "2026-03-21"]
    assert len(series) == len(measures_of(sprint))
    assert {one.sprint_id for one in others} == {"sprint-1", "sprint-2"}
