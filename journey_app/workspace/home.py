"""Where do workspaces live, which are there, and how is one opened?"""

from __future__ import annotations

import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from journey_app.errors import BadChoice, NotAllowed, StaleEdit, UnknownName
from journey_app.intake.reading import zone_named
from journey_app.settings import Settings
from journey_app.store.documents import open_store
from journey_app.store.trouble import StoreTrouble
from journey_app.temporary import sweep_left_behind
from journey_app.workspace.leasing import Lease, alone
from journey_app.workspace.unfinished import finish_forgetting
from journey_app.workspace.workspace import IMPORT, Workspace

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_GONE = ".gone-"  # how the name of a folder that is being deleted begins
STATE = "state.sqlite"
_SPELLED_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l"}
)


def folder_name(title: str) -> str:
    """A title as a folder name: lower case, digits and dashes; “Möbel” is moebel, “Café” is cafe.

    Raises BadChoice when nothing is left.
    """
    spelled = unicodedata.normalize("NFC", title.strip().lower()).translate(_SPELLED_OUT)
    plain = "".join(c for c in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(c))
    name = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-")[:60]
    if not _NAME.fullmatch(name):
        raise BadChoice(
            f"“{title[:60]}” cannot be the name of a workspace.",
            "Use letters and digits, such as “acme-2026”.",
        )
    return name


def list_workspaces(settings: Settings) -> list[str]:
    """Names of all workspaces, in order."""
    with _reached(settings.home):
        if not settings.home.is_dir():
            return []
        found = [file.parent.name for file in settings.home.glob(f"*/{STATE}")]
    return sorted(name for name in found if _NAME.fullmatch(name))


@contextmanager
def _reached(home: Path) -> Iterator[None]:
    """Raise BadChoice where workspaces cannot be looked for, or made."""
    try:
        yield
    except OSError as error:
        raise BadChoice(
            f"Workspaces cannot live in {home}: {error.strerror or type(error).__name__}.",
            "Name a folder that you may write to, with --home or JOURNEY_HOME.",
        ) from error


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
    with _reached(settings.home):
        there = (folder / STATE).exists()
    if not there and (not create or now is None):
        raise UnknownName("workspace", folder.name, list_workspaces(settings))
    if not there and now is not None:
        _create(folder, name or settings.workspace, now)
    _sweep_once()
    store = open_store(folder / STATE, read_only=settings.read_only)
    if create and now is not None and store.get("workspace", "about") is None:
        _create(folder, name or settings.workspace, now)  # its maker was killed before it had a description
    space = Workspace(folder, store, settings)
    finish_forgetting(space, now=now)
    return space


@cache
def _sweep_once() -> None:
    """What killed processes left in the temporary folder goes with the first workspace a process opens."""
    sweep_left_behind()


def create_workspace(
    title: str,
    timezone: str,
    currency: str,
    settings: Settings,
    *,
    now: datetime,
    name: str | None = None,
) -> str:
    """Make a new, empty workspace; returns its name.

    timezone: IANA name, whose days and weeks are counted. currency: ISO 4217. name: when it shall be
    another than the title gives. Of several who make the same one at once, one succeeds.
    Raises BadChoice when the title gives no name, or one that is taken, or for such a zone or currency.
    """
    name = folder_name(name or title)
    zone_named(timezone)
    if not re.fullmatch("[A-Z]{3}", currency):
        raise BadChoice(f"“{currency[:20]}” is no currency.", "Give its three letters, such as EUR or USD.")
    if not _create(settings.home / name, title.strip(), now, timezone, currency):
        raise BadChoice(f"There is a workspace called “{name}” already.", "Open it, or choose another name.")
    return name


def _create(folder: Path, title: str, now: datetime, timezone: str = "UTC", currency: str = "EUR") -> bool:
    """A folder only its owner can read, with an id that no other workspace has.

    False when it is there already; then it stays as it is. One whose maker was killed is finished.
    """
    with _reached(folder.parent):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    store = open_store(folder / STATE)
    about = {"id": secrets.token_hex(4), "title": title, "timezone": timezone, "currency": currency}
    try:
        store.put("workspace", "about", about, based_on=0, author="app", now=now)
    except StaleEdit:
        return False
    finally:
        store.close()
    return True


def delete_workspace(name: str, settings: Settings, *, now: datetime | None = None) -> None:
    """Take a workspace and everything in it away for good; whatever happens, never a part of it.

    now: UTC, by default the time it is. Raises UnknownName, NotAllowed when settings are for reading,
    and BadChoice while something is being imported into it.
    """
    folder = settings.home / folder_name(name)
    if not (folder / STATE).exists():
        raise UnknownName("workspace", folder.name, list_workspaces(settings))
    if settings.read_only:
        raise NotAllowed("This view is for reading; nothing was deleted.", "Ask an owner to delete it.")
    try:
        store = open_store(folder / STATE)
    except StoreTrouble:  # nobody can import into it either
        take_away(folder)
        return
    with alone(store, IMPORT, now=now or datetime.now(UTC)) as lease:
        lease.insist()
        store.close()
        take_away(folder, lease)
    store.close()


def take_away(folder: Path, lease: Lease | None = None) -> None:
    """Remove a workspace's folder, from under the lease its caller holds in it.

    It is renamed first, so that being stopped half way leaves no half workspace. Raises BadChoice on
    systems that refuse to while somebody has it open.
    """
    for left in folder.parent.glob(f"{_GONE}*"):
        shutil.rmtree(left, ignore_errors=True)  # of a deletion that was stopped; tried again next time
    gone = folder.with_name(f"{_GONE}{secrets.token_hex(8)}")
    try:
        folder.rename(gone)
    except PermissionError as error:
        raise BadChoice(
            f"The workspace “{folder.name}” is open somewhere and cannot be deleted now.",
            "Close the pages and programs that show it, then try again.",
        ) from error
    if lease is not None:
        lease.ends_with_its_store = True
    shutil.rmtree(gone)
