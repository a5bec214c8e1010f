"""Whose rows may not come back, and what is a batch without them?

Ids are known by keyed hashes only: who reads the workspace's state learns no address from them.
Source: docs/decisions/014-forgetting-one-customer.md
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

HASH_BYTES = 16
TELLING = 8  # letters from which on a value names somebody in any text
GONE = "(forgotten)"


@dataclass(frozen=True)
class Forgotten:
    """The ids of people who asked to be forgotten.

    key: the workspace's own. own: hashes of ids that were theirs alone; a row that names one goes.
    shared: of ids that others use too; such a row goes when nobody else is named, else it only loses the id.
    """

    key: bytes = b""
    own: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.own or self.shared)

    def without(
        self, tables: Iterable[tuple[pa.Table, pa.Table]], tally: Tally
    ) -> Iterator[tuple[pa.Table, pa.Table]]:
        """The (events, links) that are not theirs; what goes is counted into `tally`."""
        for events, links in tables:
            kept_events, lost_events = self._without(events)
            kept_links, lost_links = self._without(links)
            tally.events += len(lost_events)
            tally.links += len(lost_links)
            tally.stripped += kept_events.stripped + kept_links.stripped
            tally.rows |= {*_rows(lost_events), *_rows(lost_links)}
            yield kept_events.table, kept_links.table

    def _without(self, table: pa.Table) -> tuple[_Kept, pa.Table]:
        if not self or not len(table):
            return _Kept(table, 0), table.slice(0, 0)
        lists = table["raw_ids"].combine_chunks()
        ids = lists.flatten().dictionary_encode()
        verdicts = np.array([self._verdict(name) for name in ids.dictionary.to_pylist()], dtype=np.int8)
        each = verdicts[ids.indices.to_numpy()] if len(verdicts) else np.empty(0, np.int8)
        owner = pc.list_parent_indices(lists).to_numpy()
        others = np.bincount(owner[each == 0], minlength=len(table)) > 0
        theirs = np.bincount(owner[each == 2], minlength=len(table)) > 0
        named = np.bincount(owner[each == 1], minlength=len(table)) > 0
        lost = theirs | (named & ~others)
        kept = table.filter(pa.array(~lost))
        stripped = int((named & ~lost).sum())
        if stripped:
            keep = (each == 0) & ~lost[owner]
            counts = np.bincount(owner[keep], minlength=len(table))[~lost]
            offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32())
            column = pa.ListArray.from_arrays(offsets, lists.flatten().filter(pa.array(keep)))
            kept = kept.set_column(
                kept.schema.get_field_index("raw_ids"), kept.schema.field("raw_ids"), column
            )
        return _Kept(kept, stripped), table.filter(pa.array(lost))

    def _verdict(self, raw_id: str) -> int:
        """0 somebody else's, 1 shared with one of them, 2 one of them."""
        hashes = hashes_of(self.key, raw_id)
        if not self.own.isdisjoint(hashes):
            return 2
        return 0 if self.shared.isdisjoint(hashes) else 1


NOBODY = Forgotten()


@dataclass
class Tally:
    """What was left out. rows: row numbers of the file, where it still has them. stripped: rows that lost an id."""

    events: int = 0
    links: int = 0
    stripped: int = 0
    rows: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class _Kept:
    table: pa.Table
    stripped: int


def _rows(lost: pa.Table) -> list[int]:
    return lost["row"].to_pylist() if "row" in lost.column_names else []


def hashes_of(key: bytes, raw_id: str) -> list[str]:
    """The hashes by which an id is known: as it is, and an address also whatever kind of id it stands as."""
    value = raw_id.partition(":")[2]
    texts = [raw_id, f"*:{value.casefold()}"] if "@" in value else [raw_id]
    return [_hash(key, text) for text in texts]


def _hash(key: bytes, text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), key=key, digest_size=HASH_BYTES).hexdigest()


def telling(value: str) -> bool:
    """Whether a value names somebody in any text: an address, a long id with a digit, not “7” or “rejected”."""
    return "@" in value or (len(value) >= TELLING and any(map(str.isdigit, value)))


def scrubbed(table: pa.Table, pattern: str) -> pa.Table:
    """The table with what the pattern finds in its texts replaced; the engine cannot look around a word."""
    found = re.compile(pattern)
    for at, column in enumerate(table.schema):
        if pa.types.is_string(column.type) and column.name not in ("event_id", "batch_id"):
            texts = table[column.name].combine_chunks().dictionary_encode()
            clean = [None if t is None else found.sub(GONE, t) for t in texts.dictionary.to_pylist()]
            table = table.set_column(at, column, pa.array(clean, column.type).take(texts.indices))
    return table
