"""A workspace, and logs to put into it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from journey_app.settings import Settings
from journey_app.vocabulary import Imported, ImportReport
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files
from journey_app.workspace.previewing import previews_of
from journey_app.workspace.workspace import Workspace

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


def log(rows: int, first: int = 0) -> str:
    """A log of `rows` events of 50 customers; logs that start elsewhere hold other events."""
    lines = [
        f"u{n % 50},step {n % 4},2026-03-{1 + n % 19:02d} {n % 24:02d}:00:{n % 60:02d}"
        for n in range(first, first + rows)
    ]
    return "\n".join(["user_id,event,timestamp", *lines]) + "\n"


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return open_workspace("acme", Settings(home=tmp_path / "home"), create=True, now=NOW)


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Imported]:
    """A function: import a text under a name."""

    def import_text(space: Workspace, text: str, name: str = "log.csv", **options: Any) -> Imported:
        file = tmp_path / name
        file.write_text(text)
        return import_files(space, [(file, name)], **{"author": "ana", "now": NOW, **options})

    return import_text


def preview_files(space: Workspace, files, *args, **how) -> tuple[ImportReport, ...]:
    """What an import of these files would report."""
    return tuple(preview.report for preview in previews_of(space, files, *args, **how))
