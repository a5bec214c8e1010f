"""The made-up company is there with its data, or not at all; somebody else's is never touched."""

from __future__ import annotations

from datetime import timedelta

import pytest

from journey_app import sample
from journey_app.cli import serving
from journey_app.errors import BadChoice, StaleEdit
from journey_app.settings import Settings
from journey_app.vocabulary import Goal
from journey_app.workspace import decisions
from journey_app.workspace.home import list_workspaces, open_workspace
from journey_app.workspace.sample import SAMPLE_TITLE, is_ready
from tests.cli.conftest import run
from tests.workspace.conftest import NOW

SMALL = {"until": NOW.date(), "now": NOW, "customers": 2000}


@pytest.fixture
def home(tmp_path) -> Settings:
    return Settings(home=tmp_path / "home")


def stop_at(wanted: float):
    def progress(share: float, _words: str) -> None:
        if share >= wanted:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("share", [0.0, 0.3, 0.75, 0.97, 1.0])
def test_stopped_anywhere_nothing_of_it_stays(home, share):
    with pytest.raises(KeyboardInterrupt):
        sample.load_sample(home, progress=stop_at(share), **SMALL)
    assert list_workspaces(home) == []
    assert not home.home.exists() or list(home.home.iterdir()) == []


def test_failed_while_it_is_set_up_nothing_stays_and_the_next_one_succeeds(home, monkeypatch):
    def fail(*_of: object, **_how: object) -> None:
        raise OSError("the disk went away")

    with monkeypatch.context() as there:
        there.setattr(decisions, "save_sprint", fail)
        with pytest.raises(OSError, match="went away"):
            sample.load_sample(home, **SMALL)
    assert list_workspaces(home) == []
    sample.load_sample(home, **SMALL)
    space = open_workspace("northwind", home)
    assert is_ready(home) and space.title == SAMPLE_TITLE
    assert decisions.goal(space) and decisions.sprints(space)
    with pytest.raises(BadChoice, match="already"):
        sample.load_sample(home, **SMALL)
    assert is_ready(home)


def test_an_empty_one_that_was_there_is_filled_and_stays_when_that_fails(home):
    open_workspace("northwind", home, create=True, now=NOW)
    with pytest.raises(KeyboardInterrupt):
        sample.load_sample(home, progress=stop_at(0.3), **SMALL)
    assert list_workspaces(home) == ["northwind"] and not is_ready(home)
    assert sample.load_sample(home, **SMALL).events and is_ready(home)


def test_while_somebody_makes_it_the_next_one_is_told_and_changes_nothing(home):
    told: list[str] = []

    def meanwhile(share: float, _words: str) -> None:
        if share > 0.7 and not told:
            with pytest.raises(BadChoice, match="just now") as refused:
                sample.load_sample(home, **SMALL)
            told.append(refused.value.what)

    sample.load_sample(home, progress=meanwhile, **SMALL)
    assert told and is_ready(home)


def test_one_that_somebody_else_went_on_with_is_not_taken_away(home, monkeypatch):
    def overtaken(space, value: Goal, **_how: object) -> None:
        later = NOW + timedelta(hours=1)
        assert space.store.lease("sample", holder="another", now=later, seconds=60)
        raise StaleEdit("goal", {}, 1, "another", later.isoformat())

    monkeypatch.setattr(decisions, "save_goal", overtaken)
    with pytest.raises(StaleEdit, match="another saved this goal"):
        sample.load_sample(home, **SMALL)
    assert is_ready(home)


def test_serve_makes_one_that_was_given_up_half_way(home, monkeypatch):
    open_workspace("northwind", home, create=True, now=NOW)
    made: list[str] = []
    monkeypatch.setattr(serving, "load_sample", lambda *_of, **_how: made.append("made"))
    monkeypatch.setattr(serving.server, "serve", lambda *_of, **_how: None)
    assert run(home.home, "serve", "--sample", "--no-browser").code == 0
    assert made == ["made"]
