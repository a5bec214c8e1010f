"""Which workspace does a token open, and what does its holder see?"""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import Any

from journey_app.errors import JourneyError, NotAllowed
from journey_app.plain import from_plain
from journey_app.settings import Settings
from journey_app.share.frozen import Frozen
from journey_app.share.links import may_be_token, open_link
from journey_app.share.report import report_html
from journey_app.store.documents import open_store
from journey_app.workspace.home import STATE, list_workspaces

REFUSAL = NotAllowed(
    "This link does not open anything.",
    "It may have ended or been taken back: ask whoever sent it for a new one.",
)


def open_shared(settings: Settings, token: str, now: datetime, faces: str = "") -> str:
    """The report behind a token, as one HTML page. faces: as `report_html`.

    Raises NotAllowed, always in the same words, for a token that is wrong, ended or revoked.
    """
    for name in list_workspaces(settings) if may_be_token(token) else ():
        try:
            with closing(open_store(settings.home / name / STATE, read_only=settings.read_only)) as store:
                body = open_link(store, token, now)
        except JourneyError:  # not this workspace's token, or a workspace nobody can open
            continue
        return report_html(_thawed(body), faces)
    raise REFUSAL


def _thawed(body: dict[str, Any]) -> Frozen:
    try:
        return from_plain(Frozen, body)
    except ValueError as error:
        raise NotAllowed(
            "This report was frozen by another version of the app and cannot be drawn any more.",
            "Ask whoever sent it for a new link.",
        ) from error
