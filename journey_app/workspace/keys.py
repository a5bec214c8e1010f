"""Who may send calls into this workspace? Holders of a write key, until it is taken back.

The key is shown once and never stored: the state keeps its SHA-256, which is enough to recognise 256
random bits. A write key can only add: it reads nothing and changes nothing, so it may stand in a page.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from journey_app.errors import BadChoice, UnknownName
from journey_app.plain import from_plain, to_plain
from journey_app.store.documents import Document, Store

KIND = "write_key"
_KEY = re.compile(r"[A-Za-z0-9_-]{43}")  # what token_urlsafe(32) looks like


@dataclass(frozen=True)
class WriteKey:
    """One write key, without the key. key_id: what `revoke_key` takes; it opens nothing."""

    key_id: str
    title: str
    author: str
    created_at: datetime
    revoked_at: datetime | None = None


def create_key(store: Store, title: str, *, author: str, now: datetime) -> tuple[str, WriteKey]:
    """Hand out the only copy of a new write key (43 characters, 256 random bits).

    title: what sends by it, such as “shop website”. Raises BadChoice for one that makes no sense.
    """
    if not 0 < len(title.strip()) <= len(title) <= 120:
        raise BadChoice("A write key needs a title.", "Name what will send by it, in 1 to 120 characters.")
    key = secrets.token_urlsafe(32)
    made = WriteKey(secrets.token_hex(6), title.strip(), author, now.astimezone(UTC))
    body = {**to_plain(made), "key_sha256": seal(key)}
    store.put(KIND, made.key_id, body, based_on=0, author=author, now=now)
    return key, made


def list_keys(store: Store) -> list[WriteKey]:
    """Every key ever handed out, newest first, the revoked ones too."""
    return sorted(map(_key, store.list(KIND)), key=lambda key: key.created_at, reverse=True)


def revoke_key(store: Store, key_id: str, *, author: str, now: datetime) -> WriteKey:
    """Take a key back: within seconds nothing is taken by it. Twice is fine. Raises UnknownName."""
    with store.transaction():
        kept = store.get(KIND, key_id)
        if kept is None:
            raise UnknownName("write key", key_id, [key.key_id for key in list_keys(store)])
        if _key(kept).revoked_at is not None:
            return _key(kept)
        ended = replace(_key(kept), revoked_at=now.astimezone(UTC))
        body = {**to_plain(ended), "key_sha256": kept.body["key_sha256"]}
        store.put(KIND, key_id, body, based_on=kept.version, author=author, now=now)
    return ended


def seals_in_force(store: Store) -> dict[str, str]:
    """seal → key id, of every key that was not taken back."""
    return {d.body["key_sha256"]: d.doc_id for d in store.list(KIND) if d.body["revoked_at"] is None}


def seal(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def matching(key: str, seals: list[str]) -> str | None:
    """The seal of this key, looked for in a time that does not depend on which one it is."""
    if not _KEY.fullmatch(key):
        return None
    mine, found = seal(key), None
    for each in seals:
        if hmac.compare_digest(each, mine):
            found = each
    return found


def _key(kept: Document) -> WriteKey:
    return from_plain(WriteKey, kept.body)
