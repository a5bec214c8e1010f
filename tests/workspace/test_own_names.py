"""A name is kept for a browser, on one line, and forgotten when it is emptied."""

import os
import time

import pytest

from journey_app.errors import BadChoice
from journey_app.settings import Settings
from journey_app.workspace.home import list_workspaces
from journey_app.workspace.names import KEPT_S, LONGEST, keep_name, name_of

HERE, THERE = "a" * 32, "b" * 32


def test_each_browser_has_its_own_name(tmp_path):
    settings = Settings(home=tmp_path / "home")
    assert name_of(settings, HERE) == ""
    assert keep_name(settings, HERE, "  Lena\n\x00 Okafor ") == "Lena Okafor"
    keep_name(settings, THERE, "x" * 200)
    assert (name_of(settings, HERE), len(name_of(settings, THERE))) == ("Lena Okafor", LONGEST)
    assert list_workspaces(settings) == []
    keep_name(settings, HERE, "   ")
    assert name_of(settings, HERE) == "" and len(list((tmp_path / "home" / ".names").iterdir())) == 1


def test_a_name_that_nobody_came_back_to_goes(tmp_path):
    settings = Settings(home=tmp_path)
    keep_name(settings, HERE, "Lena")
    old = time.time() - KEPT_S - 60
    os.utime(tmp_path / ".names" / HERE, (old, old))
    keep_name(settings, THERE, "Ben")
    assert name_of(settings, HERE) == ""


def test_a_home_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / ".names").write_text("in the way")
    with pytest.raises(BadChoice, match="could not be kept"):
        keep_name(Settings(home=tmp_path), HERE, "Lena")
