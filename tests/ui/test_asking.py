"""The one cache never gives yesterday's answer, nor another client's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import streamlit as st

from journey_app.analysis.catalog import Totals, totals
from journey_app.engine.base import Events
from journey_app.settings import Settings
from journey_app.ui.asking import ask
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files, undo
from journey_app.workspace.workspace import Workspace

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_kept():
    st.cache_data.clear()
    yield
    st.cache_data.clear()


def workspace(tmp_path: Path, name: str) -> Workspace:
    return open_workspace(name, Settings(home=tmp_path / "home"), create=True, now=NOW)


def put(space: Workspace, tmp_path: Path, rows: int) -> str:
    lines = [f"u{n},visit,2026-03-{1 + n % 19:02d} 10:00:00" for n in range(rows)]
    file = tmp_path / f"log{rows}.csv"
    file.write_text("\n".join(["user_id,event,timestamp", *lines]) + "\n")
    batch = import_files(space, [(file, file.name)], author="ana", now=NOW).files[0].batch
    assert batch is not None
    return batch


def test_an_import_changes_the_answer_and_its_undo_brings_the_old_one_back(tmp_path: Path):
    space = workspace(tmp_path, "one")
    put(space, tmp_path, 10)
    assert ask(totals, space).events == 10
    batch = put(space, tmp_path, 30)
    assert ask(totals, space).events == 30
    undo(space, batch, author="ana", now=NOW)
    assert ask(totals, space).events == 10


def test_two_workspaces_never_share_an_answer(tmp_path: Path):
    one, two = workspace(tmp_path, "one"), workspace(tmp_path, "two")
    put(one, tmp_path, 10)
    put(two, tmp_path, 20)
    assert (ask(totals, one).events, ask(totals, two).events) == (10, 20)


def test_equal_choices_are_asked_once_and_others_anew(tmp_path: Path):
    space = workspace(tmp_path, "one")
    put(space, tmp_path, 10)
    asked: list[int] = []

    def question(events: Events, *, most: int) -> int:
        asked.append(most)
        return min(most, totals(events).events)

    assert [ask(question, space, most=n) for n in (3, 3, 50)] == [3, 3, 10]
    assert asked == [3, 50]


def test_an_import_while_a_question_is_asked_is_not_kept_under_the_old_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The version is read, an import comes in, the question runs: the answer belongs to the old version."""
    space = workspace(tmp_path, "one")
    put(space, tmp_path, 10)
    real = type(space).events_at
    batches: list[str] = []

    def import_in_between(self: Workspace, version: str):
        if not batches:
            batches.append(put(space, tmp_path, 30))
        return real(self, version)

    monkeypatch.setattr(type(space), "events_at", import_in_between)
    ask(totals, space)
    undo(space, batches[0], author="ana", now=NOW)
    assert ask(totals, space) == Totals(events=10, customers=10)
