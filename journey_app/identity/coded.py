"""What do the sets of ids look like as numbers? One code an id, in text order: a million stay quick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Strongest first: names the customer, and decides where a row goes whose ids disagree.
STRENGTH = ("user_id", "email", "phone")
WEAK = "anonymous_id"


@dataclass(frozen=True)
class Coded:
    """Every id of every set, one entry each, set by set.

    names: the distinct ids in text order; a code is a place in it. kind, rank: per code; rank is
    0 for the strongest kind and greatest for an anonymous id. row, code: per entry.
    """

    names: pa.Array
    kind: np.ndarray
    rank: np.ndarray
    row: np.ndarray
    code: np.ndarray

    @property
    def weak(self) -> np.ndarray:
        """Per code: an anonymous id."""
        return self.rank == len(STRENGTH) + 1


def kind_of(raw_id: str) -> str:
    return raw_id.partition(":")[0]


def value_of(raw_id: str) -> str:
    return raw_id.partition(":")[2]


def coded(raw_ids: pa.ListArray) -> Coded:
    """The ids of each set as numbers; an id that a set names twice is there once."""
    found = raw_ids.flatten().dictionary_encode()
    order = pc.sort_indices(found.dictionary)
    names = found.dictionary.take(order)
    place = np.empty(len(names), dtype=np.int64)
    place[order.to_numpy()] = np.arange(len(names))
    code = place[found.indices.to_numpy()]
    row = pc.list_parent_indices(raw_ids).to_numpy()
    row, code = distinct_pairs(row, code, len(names))
    kinds = pc.list_element(pc.split_pattern(names, ":", max_splits=1), 0).dictionary_encode()
    ranks = np.array([_rank(kind) for kind in kinds.dictionary.to_pylist()], dtype=np.int64)
    kind = kinds.indices.to_numpy().astype(np.int64)
    return Coded(names, kind, ranks[kind], row, code)


def values_of(raw_ids: pa.Array) -> pa.Array:
    """`value_of` for many."""
    return pc.replace_substring_regex(raw_ids, pattern="^[^:]*:?", replacement="", max_replacements=1)


def distinct_pairs(left: np.ndarray, right: np.ndarray, rights: int) -> tuple[np.ndarray, np.ndarray]:
    """The different (left, right) pairs, sorted; right lies below `rights`."""
    pairs = np.unique(left.astype(np.int64) * max(rights, 1) + right)
    return pairs // max(rights, 1), pairs % max(rights, 1)


def lists_of(owner: np.ndarray, values: pa.Array, owners: int) -> pa.ListArray:
    """One list an owner from values sorted by owner."""
    ends = np.searchsorted(owner, np.arange(owners + 1))
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), values)


def _rank(kind: str) -> int:
    if kind == WEAK:
        return len(STRENGTH) + 1
    return STRENGTH.index(kind) if kind in STRENGTH else len(STRENGTH)
