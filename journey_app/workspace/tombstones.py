"""Who asked to be forgotten? Known by keyed hashes of their ids, so that nobody can be read from them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from journey_app.engine.forgotten import Forgotten, hashes_of
from journey_app.store.documents import Store

TOMBSTONE, KEY = "forgotten", "key"


def forgotten_of(store: Store) -> Forgotten:
    """Everybody who was forgotten in this workspace."""
    documents = store.list(TOMBSTONE)
    key = next((d.body["key"] for d in documents if d.doc_id == KEY), "")
    stones = [d.body for d in documents if d.doc_id != KEY]
    return Forgotten(
        bytes.fromhex(key),
        frozenset(each for stone in stones for each in stone["own"]),
        frozenset(each for stone in stones for each in stone["shared"]),
    )


def key_of(store: Store, *, now: datetime) -> bytes:
    """The workspace's own key; made when the first one asks to be forgotten."""
    held = store.get(TOMBSTONE, KEY)
    if held is None:
        held = store.put(TOMBSTONE, KEY, {"key": secrets.token_hex(32)}, based_on=0, author="app", now=now)
    return bytes.fromhex(held.body["key"])


def person(key: bytes, own: Sequence[str], shared: Sequence[str]) -> Forgotten:
    """One person's ids as hashes."""
    return Forgotten(
        key, *(frozenset(h for raw in ids for h in hashes_of(key, raw)) for ids in (own, shared))
    )


def bury(store: Store, who: Forgotten, *, author: str, now: datetime) -> None:
    """Keep a person's hashes, so that no later import brings them back."""
    body = {"own": sorted(who.own), "shared": sorted(who.shared)}
    store.put(TOMBSTONE, secrets.token_hex(8), body, based_on=0, author=author, now=now)
