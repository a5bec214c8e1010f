"""Snapshots are derived: lost, of an older form, or wanted by several at once, they are built again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journey_app.analysis.catalog import totals
from journey_app.engine import embedded
from journey_app.errors import NothingYet
from journey_app.workspace import rebuilding, workspace
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import undo
from tests.workspace.conftest import NOW, log

READER = """
import sys; sys.path.insert(0, {root!r})
from pathlib import Path
from journey_app.analysis.catalog import totals
from journey_app.settings import Settings
from journey_app.workspace.home import open_workspace
space = open_workspace("acme", Settings(home=Path({home!r})))
print("ready", flush=True)
sys.stdin.readline()
print(totals(space.events()).events, flush=True)
"""


def lose(space) -> None:
    for file in space.snapshots.glob("*.duckdb"):
        file.unlink()
    embedded._OPEN.clear()


def pointer(space) -> str:
    return space.store.get("pointer", "snapshot").body["version"]


def test_three_processes_may_build_a_lost_snapshot_at_once(space, put):
    put(space, log(20_000))
    lose(space)
    code = READER.format(root=str(Path(__file__).parents[2]), home=str(space.settings.home))
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for reader in readers:
        assert reader.stdout.readline() == "ready\n"
    for reader in readers:
        reader.stdin.write("\n")
        reader.stdin.flush()
    assert [reader.communicate(timeout=60)[0] for reader in readers] == ["20000\n"] * 3
    assert [file.name for file in space.snapshots.iterdir()] == [f"{space.version}.duckdb"]


def test_snapshots_of_an_older_form_are_built_anew_and_the_pointer_says_so(space, put, monkeypatch):
    put(space, log(100))
    old = space.version
    monkeypatch.setattr(rebuilding, "SNAPSHOT_FORM", rebuilding.SNAPSHOT_FORM + 1)
    again = open_workspace("acme", space.settings)
    assert again.version != old and pointer(again) == old
    assert totals(again.events()).events == 100
    assert again.events().version == again.version == pointer(again)


def test_who_reads_only_opens_what_was_built_and_leaves_the_pointer(space, put, monkeypatch):
    put(space, log(100))
    old = space.version
    monkeypatch.setattr(rebuilding, "SNAPSHOT_FORM", rebuilding.SNAPSHOT_FORM + 1)
    reader = open_workspace("acme", replace(space.settings, read_only=True))
    assert totals(reader.events()).events == 100
    assert reader.events().version == reader.version != old
    assert pointer(space) == old


def test_building_anew_takes_the_turn_of_nobody_who_imports(space, put, monkeypatch):
    put(space, log(100))
    monkeypatch.setattr(rebuilding, "SNAPSHOT_FORM", rebuilding.SNAPSHOT_FORM + 1)
    now = datetime.now(UTC)
    assert space.store.lease("import", holder="another", now=now - timedelta(hours=1), seconds=60)
    assert totals(space.events()).events == 100
    assert pointer(space) == space.version
    assert space.store.prolong("import", holder="another", now=now, seconds=60)


def test_a_version_is_opened_as_long_as_it_is_kept(space, put):
    first = put(space, log(100)).version
    second = put(space, log(50, 100), "more.csv").version
    assert totals(space.events_at(first)).events == 100
    assert totals(space.events_at(second)).events == 150
    put(space, log(50, 150), "most.csv")
    embedded._OPEN.clear()
    with pytest.raises(NothingYet, match="changed"):
        space.events_at(first)


def test_the_current_version_is_built_again_when_it_is_lost(space, put):
    version = put(space, log(100)).version
    lose(space)
    assert totals(space.events_at(version)).events == 100


@pytest.mark.parametrize("version", ["", "nobody-knows", "../../acme/snapshots/x"])
def test_a_version_that_never_was_is_not_there(space, put, version):
    put(space, log(10))
    with pytest.raises(NothingYet, match="The data have changed since this was asked"):
        space.events_at(version)


def test_an_undo_between_looking_and_building_makes_it_look_again(space, put, monkeypatch):
    put(space, log(100))
    batch = put(space, log(50, 100), "more.csv").files[0].batch
    lose(space)
    build, turns = workspace.build, []

    def overtaken(*of):
        if not turns:
            turns.append(True)
            undo(space, batch, author="ana", now=NOW)
        return build(*of)

    monkeypatch.setattr(workspace, "build", overtaken)
    assert totals(space.events()).events == 100


def test_an_unfinished_snapshot_is_swept_only_when_it_is_old(space, put):
    put(space, log(10))
    fresh, old = (space.snapshots / f".{name}.building" for name in ("fresh", "old"))
    for file in (fresh, old):
        file.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    put(space, log(10, 10), "more.csv")
    assert fresh.exists() and not old.exists()
