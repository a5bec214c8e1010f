"""Which workspace does a token open, and what does its holder see?"""

from __future__ import annotations

from datetime import datetime

from journey_app.errors import NotAllowed
from journey_app.plain import from_plain
from journey_app.settings import Settings
from journey_app.share.frozen import Frozen
from journey_app.share.links import open_link
from journey_app.share.report import report_html
from journey_app.workspace.home import list_workspaces, open_workspace

REFUSAL = NotAllowed(
    "This link does not open anything.",
    "It may have ended or been taken back: ask whoever sent it for a new one.",
)


def open_shared(settings: Settings, token: str, now: datetime) -> str:
    """The report behind a token, as one HTML page.

    Raises NotAllowed, always in the same words, for a token that is wrong, ended or revoked.
    """
    if token:
        for name in list_workspaces(settings):
            space = open_workspace(name, settings)
            try:
                body = open_link(space.store, token, now)
            except NotAllowed:
                continue
            return report_html(from_plain(Frozen, body))
    raise REFUSAL
