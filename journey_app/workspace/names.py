"""What does whoever sits at a browser call themselves, where nobody signs them in?

One small file a browser, in the home folder beside the workspaces: a name goes with the person, not with
a workspace, and into no backup of one. A name is a label on what somebody changed; it opens nothing.
"""

from __future__ import annotations

import secrets
import time
from pathlib import Path

from journey_app.errors import BadChoice
from journey_app.settings import Settings

FOLDER = ".names"  # no workspace can be called so
LONGEST = 60
KEPT_S = 400 * 86_400.0  # as long as a browser keeps the cookie at most


def name_of(settings: Settings, browser: str) -> str:
    """What the user of a browser calls themselves; empty until they said it. browser: a hash, in hex."""
    try:
        return _plain((settings.home / FOLDER / browser).read_text("utf-8", errors="replace"))
    except OSError:  # nobody said it, or it cannot be read: then nobody is called anything
        return ""


def keep_name(settings: Settings, browser: str, name: str) -> str:
    """Remember it; an empty name is forgotten. Returns it as it will stand beside what they change.

    Raises BadChoice when it cannot be kept.
    """
    folder, name = settings.home / FOLDER, _plain(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        if not name:
            (folder / browser).unlink(missing_ok=True)
            return ""
        written = folder / f"{browser}.{secrets.token_hex(4)}"
        written.write_text(name, "utf-8")
        written.replace(folder / browser)
    except OSError as error:
        raise BadChoice(
            f"Your name could not be kept: {error.strerror or type(error).__name__}.",
            "Make room, or let the app write to its home folder.",
        ) from error
    return name


def _plain(name: str) -> str:
    """On one line, without what is not to be seen."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())[:LONGEST].strip()


def _sweep(folder: Path) -> None:
    for file in folder.iterdir():
        if time.time() - file.stat().st_mtime > KEPT_S:
            file.unlink(missing_ok=True)
