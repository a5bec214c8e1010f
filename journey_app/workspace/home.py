"""Where do workspaces live, which are there, and how is one opened?"""

from __future__ import annotations

import re
import secrets
import shutil
from datetime import datetime
from pathlib import Path

from journey_app.errors import BadChoice, UnknownName
from journey_app.settings import Settings
from journey_app.store.documents import Store, open_store
from journey_app.workspace.workspace import Workspace

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


def folder_name(title: str) -> str:
    """A title as a folder name: lower case, digits and dashes; raises BadChoice when nothing is left."""
    name = re.sub(r"[^a-z0-9_]+", "-", title.strip().lower()).strip("-")[:60]
    if not _NAME.fullmatch(name):
        raise BadChoice(
            f"“{title[:60]}” cannot be the name of a workspace.",
            "Use letters and digits, such as “acme-2026”.",
        )
    return name


def list_workspaces(settings: Settings) -> list[str]:
    """Names of all workspaces, in order."""
    if not settings.home.is_dir():
        return []
    return sorted(f.parent.name for f in settings.home.glob("*/state.sqlite"))


def open_workspace(
    name: str | None = None,
    settings: Settings | None = None,
    *,
    create: bool = False,
    now: datetime | None = None,
) -> Workspace:
    """Open a workspace by name (default: the one the settings name).

    create: make it when it is not there (needs `now`, UTC). Raises UnknownName otherwise.
    """
    settings = settings or Settings.from_environment()
    folder = settings.home / folder_name(name or settings.workspace)
    if not (folder / "state.sqlite").exists():
        if not create or now is None:
            raise UnknownName("workspace", folder.name, list_workspaces(settings))
        _create(folder, name or settings.workspace, now)
    store = open_store(folder / "state.sqlite", read_only=settings.read_only)
    return Workspace(folder, store, settings)


def create_workspace(title: str, timezone: str, currency: str, settings: Settings, *, now: datetime) -> str:
    """Make a new, empty workspace; returns its name.

    timezone: IANA name, whose days and weeks are counted. currency: ISO 4217.
    Raises BadChoice when the title gives no name, or one that is taken.
    """
    name = folder_name(title)
    if name in list_workspaces(settings):
        raise BadChoice(f"There is a workspace called “{name}” already.", "Open it, or choose another name.")
    _create(settings.home / name, title.strip(), now, timezone, currency)
    return name


def _create(folder: Path, title: str, now: datetime, timezone: str = "UTC", currency: str = "EUR") -> None:
    """A folder only its owner can read, with an id that no other workspace has."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    store: Store = open_store(folder / "state.sqlite")
    if store.get("workspace", "about") is None:
        about = {"id": secrets.token_hex(4), "title": title, "timezone": timezone, "currency": currency}
        store.put("workspace", "about", about, based_on=0, author="app", now=now)


def delete_workspace(name: str, settings: Settings) -> None:
    """Take a workspace and everything in it away for good."""
    folder = settings.home / folder_name(name)
    if not (folder / "state.sqlite").exists():
        raise UnknownName("workspace", folder.name, list_workspaces(settings))
    shutil.rmtree(folder)
