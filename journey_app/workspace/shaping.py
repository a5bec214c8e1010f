"""What did people decide about ids and events, which makes other snapshots of the same batches?"""

from __future__ import annotations

from collections.abc import Iterable

from journey_app.plain import from_plain
from journey_app.store.documents import Store
from journey_app.vocabulary import CleanUp, Cut, Shaping

CUT, CLEAN_UP, MATCHING = "cut", "clean_up", "matching"  # kinds of documents; the last two have one each


def shaping_of(store: Store) -> Shaping:
    """Every decision in force that shapes a snapshot."""
    clean_up, matching = store.get(CLEAN_UP, CLEAN_UP), store.get(MATCHING, MATCHING)
    return Shaping(
        cuts=in_order([from_plain(Cut, document.body) for document in store.list(CUT)]),
        clean_up=from_plain(CleanUp, clean_up.body) if clean_up else CleanUp(),
        matching=str(matching.body["matching"]) if matching else Shaping().matching,
    )


def in_order(cuts: Iterable[Cut]) -> tuple[Cut, ...]:
    """Each cut once, by its ids: a snapshot's version rests on them, and the names of documents are random."""
    return tuple(sorted(set(cuts), key=lambda cut: (cut.left, cut.right)))
