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
    0 for the strongest kind and greatest for an anonymous id. row, code: per entry, sorted.
    """

    names: pa.Array
    kind: np.ndarray
    rank: np.ndarray
    row: np.ndarray
    code: np.ndarray

    def __len__(self) -> int:
        """How many different ids there are."""
        return len(self.names)

    @property
    def weak(self) -> np.ndarray:
        """Per code: an anonymous id."""
        return self.rank == len(STRENGTH) + 1


def codes_of(ids: Coded, raw_ids: list[str]) -> list[int | None]:
    """The code of each of these ids; None where no set names it."""
    return pc.index_in(pa.array(raw_ids, pa.string()), ids.names).to_pylist() if raw_ids else []


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
    pairs = np.sort(left.astype(np.int64) * max(rights, 1) + right)  # np.unique hashes: ten times as slow
    pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])] if len(pairs) else pairs
    return pairs // max(rights, 1), pairs % max(rights, 1)


def pairs_within(group: np.ndarray, code: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every ordered pair of entries of one group, both ways round: group, one, other. Sorted by group before."""
    at, pairs, apart = np.arange(len(group)), [], 0
    while len(at):
        apart += 1
        at = at[at + apart < len(group)]
        at = at[group[at] == group[at + apart]]
        pairs += [(at, at + apart), (at + apart, at)]
    one, other = (np.concatenate(side) for side in zip(*pairs, strict=True)) if pairs else (at, at)
    return group[one], code[one], code[other]


def matched(asked: np.ndarray, keys: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each of `asked`, every value under that key: (place in asked, value). keys: sorted."""
    first, last = np.searchsorted(keys, asked, "left"), np.searchsorted(keys, asked, "right")
    many = last - first
    place = np.repeat(np.arange(len(asked)), many)
    within = np.arange(len(place)) - np.repeat(np.cumsum(many) - many, many)
    return place, values[np.repeat(first, many) + within]


def lists_of(owner: np.ndarray, values: pa.Array, owners: int) -> pa.ListArray:
    """One list an owner from values sorted by owner."""
    ends = np.searchsorted(owner, np.arange(owners + 1))
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), values)


def _rank(kind: str) -> int:
    if kind == WEAK:
        return len(STRENGTH) + 1
    return STRENGTH.index(kind) if kind in STRENGTH else len(STRENGTH)
