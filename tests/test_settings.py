"""What an operator sets: a number or switch that makes no sense is refused by a sentence, at the start."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from journey_app.errors import BadChoice
from journey_app.settings import Settings

ROOT = Path(__file__).parents[1]
NUMBERS = [f"JOURNEY_{each.name.upper()}" for each in fields(Settings) if each.type in (int, "int")]
SWITCHES = ["JOURNEY_READ_ONLY", "JOURNEY_BEHIND_SIGN_IN"]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", "9" * 30, "9" * 5_000, "²"])
def test_a_number_that_makes_no_sense_is_refused_by_its_name(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(BadChoice, match=name):
        Settings.from_environment()


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_taken_and_an_empty_one_means_the_usual(monkeypatch, name):
    field = name.removeprefix("JOURNEY_").lower()
    monkeypatch.setenv(name, " 77 ")
    assert getattr(Settings.from_environment(), field) == 77
    monkeypatch.setenv(name, "")
    assert getattr(Settings.from_environment(), field) == getattr(Settings, field)


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_says_yes_or_no(monkeypatch, name):
    field = name.removeprefix("JOURNEY_").lower()
    for told, meant in {"1": True, "Yes": True, "on": True, "0": False, "off": False, "": False}.items():
        monkeypatch.setenv(name, told)
        assert getattr(Settings.from_environment(), field) is meant
    monkeypatch.setenv(name, "perhaps")
    with pytest.raises(BadChoice, match=name):
        Settings.from_environment()


def test_a_command_says_so_without_a_traceback(tmp_path):
    told = {**os.environ, "JOURNEY_HOME": str(tmp_path), "JOURNEY_LIVE_CALLS_PER_S": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "journey_app", "serve", "--no-browser"],
        cwd=ROOT, env=told, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "JOURNEY_LIVE_CALLS_PER_S is “0”" in done.stderr and "Traceback" not in done.stderr
