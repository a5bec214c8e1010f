"""Who holds a key to a frozen answer, until when, and how is it taken back?

The token is shown once and never stored: the store keeps its SHA-256, which is enough
to recognise 256 random bits and useless for opening anything.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from journey_app.errors import BadChoice, NotAllowed, UnknownName
from journey_app.plain import from_plain, to_plain
from journey_app.store.documents import Document, Store

LINK = "share_link"  # what the owner sees: title, dates, the hash of the token
SNAPSHOT = "share_snapshot"  # what the holder sees, under the hash of the token
USUAL = timedelta(days=30)
SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=366)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # what token_urlsafe(32) looks like


@dataclass(frozen=True)
class Link:
    """One key to one frozen answer, without the key.

    link_id: what `revoke_link` takes; it opens nothing. Moments are UTC; revoked_at is None
    while nobody took the link back.
    """

    link_id: str
    title: str
    author: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    @property
    def revoked(self) -> bool:
        return self.revoked_at is not None

    def opens(self, now: datetime) -> bool:
        """Whether a holder of the token may still look."""
        return not self.revoked and now < self.expires_at


def create_link(
    store: Store,
    body: dict[str, Any],
    *,
    author: str,
    now: datetime,
    expires: timedelta = USUAL,
    title: str,
) -> tuple[str, Link]:
    """Freeze `body` and hand out the only copy of the token that opens it.

    body: aggregates only; whoever has the token sees all of it, as it is now, for good.
    expires: how long the link opens, 5 minutes to 366 days.

    Returns the token (43 characters, 256 random bits) and its link.
    Raises BadChoice for a title or a time that makes no sense, and what `store.put` raises.
    """
    _check(title, expires)
    token = secrets.token_urlsafe(32)
    since = now.astimezone(UTC)
    link = Link(secrets.token_hex(6), title, author, since, since + expires)
    seal = _seal(token)
    with store.transaction():
        store.put(LINK, link.link_id, _kept(link, seal), based_on=0, author=author, now=now)
        frozen = {"link_id": link.link_id, "frozen": body}
        store.put(SNAPSHOT, seal, frozen, based_on=0, author=author, now=now)
    return token, link


def open_link(store: Store, token: str, now: datetime) -> dict[str, Any]:
    """The frozen body behind a token.

    Raises NotAllowed, in one and the same sentence, when the token is wrong, has run
    out, or was taken back: a guesser learns nothing from it.
    """
    if not may_be_token(token):
        raise _refusal()
    seal = _seal(token)
    snapshot = store.get(SNAPSHOT, seal)
    kept = snapshot and store.get(LINK, snapshot.body["link_id"])
    if not snapshot or not kept or not hmac.compare_digest(kept.body["token_sha256"], seal):
        raise _refusal()
    if not _link(kept).opens(now):
        raise _refusal()
    return snapshot.body["frozen"]


def may_be_token(text: str) -> bool:
    """Whether it is written like a token at all; what is not need not be looked for."""
    return _TOKEN.fullmatch(text) is not None


def list_links(store: Store) -> list[Link]:
    """Every link ever handed out, newest first, the ended ones too."""
    return sorted(map(_link, store.list(LINK)), key=lambda link: link.created_at, reverse=True)


def revoke_link(store: Store, link_id: str, *, author: str, now: datetime) -> Link:
    """Take a link back: it opens nothing from the next look on. Taking it back twice is fine.

    Raises UnknownName when there is no such link.
    """
    with store.transaction():
        kept = store.get(LINK, link_id)
        if kept is None:
            raise UnknownName("share link", link_id, [link.link_id for link in list_links(store)])
        if _link(kept).revoked:
            return _link(kept)
        ended = replace(_link(kept), revoked_at=now.astimezone(UTC))
        body = _kept(ended, kept.body["token_sha256"])
        store.put(LINK, link_id, body, based_on=kept.version, author=author, now=now)
    return ended


def _check(title: str, expires: timedelta) -> None:
    if not 0 < len(title.strip()) <= len(title) <= 120:
        raise BadChoice("A shared view needs a title.", "Give it one of 1 to 120 characters.")
    if not SHORTEST <= expires <= LONGEST:
        raise BadChoice(
            "A link cannot be open for that long, or that shortly.",
            "Choose a time between 5 minutes and 366 days.",
        )


def _seal(token: str) -> str:
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def _kept(link: Link, seal: str) -> dict[str, Any]:
    return {**to_plain(link), "token_sha256": seal}


def _link(kept: Document) -> Link:
    return from_plain(Link, kept.body)


def _refusal() -> NotAllowed:
    return NotAllowed("This link does not open anything.", "Ask whoever sent it for a new one.")
