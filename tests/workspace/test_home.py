"""A workspace comes whole, once, and goes whole."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from journey_app.errors import BadChoice, NotAllowed
from journey_app.settings import Settings
from journey_app.store.documents import open_store
from journey_app.workspace.home import (
    create_workspace,
    delete_workspace,
    list_workspaces,
    open_workspace,
)
from tests.workspace.conftest import NOW, log


def test_of_several_who_make_it_at_once_one_succeeds(tmp_path):
    settings, start = Settings(home=tmp_path / "home"), Barrier(4)
    made: list[str] = []

    def make() -> None:
        start.wait()
        try:
            made.append(create_workspace("Acme", "UTC", "EUR", settings, now=NOW))
        except BadChoice:
            return

    makers = [Thread(target=make) for _ in range(4)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert made == ["acme"]
    assert open_workspace("acme", settings).title == "Acme"


def test_one_whose_maker_was_killed_is_finished_by_the_next(tmp_path):
    settings = Settings(home=tmp_path / "home")
    open_store(settings.home / "acme" / "state.sqlite").close()
    assert open_workspace("acme", settings, create=True, now=NOW).timezone == "UTC"


def test_while_an_import_runs_nothing_is_deleted(space):
    settings = space.settings
    assert space.store.lease("import", holder="somebody", now=NOW, seconds=60)
    with pytest.raises(BadChoice, match="Another import"):
        delete_workspace("acme", settings, now=NOW)
    assert list_workspaces(settings) == ["acme"]
    delete_workspace("acme", settings, now=NOW + timedelta(seconds=61))
    assert list(settings.home.iterdir()) == []


def test_a_deletion_that_is_stopped_half_way_leaves_no_half_workspace(space, put, monkeypatch):
    put(space, log(10))
    settings = space.settings
    create_workspace("other", "UTC", "EUR", settings, now=NOW)

    def stopped(_folder: Path, **_how: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as there:
        there.setattr(shutil, "rmtree", stopped)
        with pytest.raises(KeyboardInterrupt):
            delete_workspace("acme", settings, now=NOW)
    assert list_workspaces(settings) == ["other"] and not (settings.home / "acme").exists()
    delete_workspace("other", settings, now=NOW)
    assert list(settings.home.iterdir()) == [], "what was left of the first went with the second"


def test_one_that_is_in_use_on_windows_stays_and_can_go_on(space, put, monkeypatch):
    def in_use(*_of: object) -> None:
        raise PermissionError("used by another process")

    with monkeypatch.context() as there:
        there.setattr(Path, "rename", in_use)
        with pytest.raises(BadChoice, match="open somewhere"):
            delete_workspace("acme", space.settings, now=NOW)
    assert put(space, log(10)).events == 10, "the lease was given back"


def test_who_reads_only_deletes_nothing(space):
    with pytest.raises(NotAllowed, match="nothing was deleted"):
        delete_workspace("acme", replace(space.settings, read_only=True), now=NOW)
    assert list_workspaces(space.settings) == ["acme"]


def test_one_that_is_damaged_can_be_deleted(tmp_path):
    settings = Settings(home=tmp_path / "home")
    (settings.home / "acme").mkdir(parents=True)
    (settings.home / "acme" / "state.sqlite").write_bytes(b"this is no database at all" * 40)
    delete_workspace("acme", settings, now=NOW)
    assert list_workspaces(settings) == []
