"""Who asked to be forgotten? Known by keyed hashes of their ids, so that nobody can be read from them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from journey_app.engine.forgotten import (
    Forgotten,
    hash_of_name,
    hash_of_other,
    hash_of_word,
    hashes_of,
    telling,
)
from journey_app.intake.ids import one_spelling
from journey_app.store.documents import Store

TOMBSTONE, KEY = "forgotten", "key"
HASHED = ("own", "shared", "names", "words", "others")


def forgotten_of(store: Store) -> Forgotten:
    """Everybody who was forgotten in this workspace."""
    documents = store.list(TOMBSTONE)
    key = next((d.body["key"] for d in documents if d.doc_id == KEY), "")
    stones = [d.body for d in documents if d.doc_id != KEY]
    hashed = {which: frozenset(h for stone in stones for h in stone.get(which, ())) for which in HASHED}
    return Forgotten(bytes.fromhex(key), **hashed, spelled=one_spelling)


def key_of(store: Store, *, now: datetime) -> bytes:
    """The workspace's own key; made when the first one asks to be forgotten."""
    held = store.get(TOMBSTONE, KEY)
    if held is None:
        held = store.put(TOMBSTONE, KEY, {"key": secrets.token_hex(32)}, based_on=0, author="app", now=now)
    return bytes.fromhex(held.body["key"])


def person(
    key: bytes,
    own: Sequence[str],
    shared: Sequence[str],
    names: Sequence[str] = (),
    others: Sequence[str] = (),
) -> Forgotten:
    """One person's ids and names as hashes. others: longer ids of somebody else, which stay."""
    values = [raw.partition(":")[2] for raw in (*own, *shared)]
    return Forgotten(
        key,
        own=frozenset(h for raw in own for h in hashes_of(key, raw, one_spelling)),
        shared=frozenset(h for raw in shared for h in hashes_of(key, raw, one_spelling)),
        names=frozenset(hash_of_name(key, name) for name in names),
        words=frozenset(hash_of_word(key, value) for value in filter(telling, values)),
        others=frozenset(hash_of_other(key, raw.partition(":")[2]) for raw in others),
        spelled=one_spelling,
    )


def bury(store: Store, who: Forgotten, *, author: str, now: datetime) -> None:
    """Keep a person's hashes, so that no later import brings them back."""
    body = {which: sorted(getattr(who, which)) for which in HASHED}
    store.put(TOMBSTONE, secrets.token_hex(8), body, based_on=0, author=author, now=now)
