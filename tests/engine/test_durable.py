"""Files come and go on every system: as if on Windows, too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from journey_app.engine import durable, snapshot
from journey_app.engine.durable import rename_durably, unlink_unless_in_use


def test_where_folders_cannot_be_opened_a_rename_does_without(tmp_path, monkeypatch):
    flushed, fsync = [], os.fsync

    def refusing(*_of):
        raise PermissionError("a folder is not opened here")

    def windows_fsync(number: int) -> None:
        os.write(number, b"")  # fails as it does there, unless the file was opened for writing
        flushed.append(number)
        fsync(number)

    monkeypatch.setattr(durable, "_flush_folder", refusing)
    monkeypatch.setattr(durable.os, "fsync", windows_fsync)
    source, target = tmp_path / "made", tmp_path / "kept"
    source.write_bytes(b"whole")
    with monkeypatch.context() as there:
        there.setattr(durable, "os", _Windows)
        rename_durably(source, target)
    assert target.read_bytes() == b"whole" and not source.exists() and flushed


class _Windows:
    name = "nt"

    @staticmethod
    def fsync(number: int) -> None:
        os.fsync(number)


def test_elsewhere_the_folder_is_flushed_too(tmp_path, monkeypatch):
    flushed = []
    monkeypatch.setattr(durable, "_flush_folder", flushed.append)
    (tmp_path / "made").write_bytes(b"whole")
    rename_durably(tmp_path / "made", tmp_path / "kept")
    assert flushed == [tmp_path]


def test_what_is_in_use_stays_and_is_said(tmp_path, monkeypatch):
    file = tmp_path / "open"
    file.write_bytes(b"read by somebody")

    def in_use(*_of, **_how):
        raise PermissionError("used by another process")

    with monkeypatch.context() as there:
        there.setattr(Path, "unlink", in_use)
        assert not unlink_unless_in_use(file)
    assert file.exists()
    assert unlink_unless_in_use(file) and not file.exists()
    assert unlink_unless_in_use(file), "what is gone is not in use"


def test_a_snapshot_that_somebody_reads_already_is_as_good_as_ours(tmp_path, monkeypatch):
    def in_use(*_of):
        raise PermissionError("used by another process")

    monkeypatch.setattr(snapshot, "rename_durably", in_use)
    building, target = tmp_path / ".v.building", tmp_path / "v.duckdb"
    building.write_bytes(b"ours")
    with pytest.raises(PermissionError):
        snapshot.put_in_place(building, target)
    target.write_bytes(b"theirs")
    snapshot.put_in_place(building, target)
    assert target.read_bytes() == b"theirs"
