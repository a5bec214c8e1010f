"""Which ids sit with too many others to be one person's, and did those come within a day?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey_app.identity.coded import STRENGTH, Coded, distinct_pairs, matched, pairs_within
from journey_app.identity.rules import CAPS, EXPLICIT, PERSON, RECORD, STATED

A_DAY_US = 24 * 3600 * 1_000_000


@dataclass(frozen=True)
class Rows:
    """What is known of each set of ids. stated: a tool says that they are one person; explicit: and nothing
    else. first_at: when it was first seen, µs, negative where nothing is known."""

    stated: np.ndarray
    explicit: np.ndarray
    first_at: np.ndarray

    @classmethod
    def of(cls, id_sets: pa.Table) -> Rows:
        nothing = np.zeros(len(id_sets), dtype=bool)
        stated = _among(id_sets["reason"], STATED) if "reason" in id_sets.column_names else nothing
        explicit = _among(id_sets["reason"], EXPLICIT) if "reason" in id_sets.column_names else nothing
        first_at = np.full(len(id_sets), -1, dtype=np.int64)
        if "first_at" in id_sets.column_names:
            first_at = pc.fill_null(id_sets["first_at"].cast(pa.int64()), -1).to_numpy()
        return cls(stated, explicit, first_at)


def _among(words: pa.ChunkedArray, wanted: tuple[str, ...]) -> np.ndarray:
    return pc.is_in(words, pa.array(wanted)).to_numpy()


def crowds(ids: Coded, rows: Rows, role: np.ndarray, loose: bool) -> tuple[np.ndarray, np.ndarray]:
    """Per code: the most different ids of one kind it sits with, and whether that is too many for the kind.

    Anonymous ids do not count; they have neighbours only when matching is loose, for then they join.
    Alias and merge rows are weighed apart: they are made to join many. Source: `rules.CAPS`.
    """
    explicit = rows.explicit[ids.row]
    weak = ids.weak[ids.code]
    limits = _limits(ids, role, loose)
    most, crowded = _count(ids, ~explicit if loose else ~explicit & ~weak, limits)
    if explicit.any():
        merged = np.full(limits.shape, _cap("id in alias and merge rows", loose))
        many, too_many = _count(ids, explicit, merged, weak_count=True)
        most, crowded = np.maximum(most, many), crowded | too_many
    return most, crowded


def _cap(kind: str, loose: bool) -> int:
    return CAPS[kind].loose if loose else CAPS[kind].normal


def _limits(ids: Coded, role: np.ndarray, loose: bool) -> np.ndarray:
    """(sort of id, kind of neighbour) → how many. Sorts: 0 any, 1 a role mailbox, 2 an anonymous id."""
    kinds = int(ids.kind.max(initial=-1)) + 1
    record = np.zeros(kinds, dtype=bool)
    record[ids.kind[ids.rank >= len(STRENGTH)]] = True
    device = _cap("person on one device", loose)
    by_sort = (
        (_cap(PERSON, loose), _cap(RECORD, loose)),
        (_cap("person beside a role mailbox", loose), _cap("record beside a role mailbox", loose)),
        (device, _cap(RECORD, loose)),
    )
    sort = np.where(ids.weak, 2, role.astype(np.int64))
    return (
        np.array([np.where(record, many, few) for few, many in by_sort])[sort] if kinds else np.zeros((0, 0))
    )


def _count(
    ids: Coded, entries: np.ndarray, limits: np.ndarray, weak_count: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    most = np.zeros(len(ids), dtype=np.int64)
    crowded = np.zeros(len(ids), dtype=bool)
    _row, one, other = pairs_within(ids.row[entries], ids.code[entries])
    if not weak_count:
        counts = ~ids.weak[other]
        one, other = one[counts], other[counts]
    if len(one):
        one, other = distinct_pairs(one, other, len(ids))
        kinds = int(ids.kind.max()) + 1
        seen_with, counts = np.unique(one * kinds + ids.kind[other], return_counts=True)
        np.maximum.at(most, seen_with // kinds, counts)
        crowded[seen_with[counts > limits[seen_with // kinds, seen_with % kinds]] // kinds] = True
    return most, crowded


def in_a_day(ids: Coded, rows: Rows, group: np.ndarray, refused: np.ndarray) -> dict[int, int]:
    """Refused code → the most customers it was first seen with within 24 hours, where times are known."""
    entries = refused[ids.code] & (rows.first_at[ids.row] >= 0)
    known = ~ids.weak[ids.code] & ~refused[ids.code]
    place, whose = matched(ids.row[entries], ids.row[known], group[ids.code[known]])
    if not len(place):
        return {}
    one, at = ids.code[entries][place], rows.first_at[ids.row[entries]][place]
    order = np.lexsort((at, whose, one))
    one, whose, at = one[order], whose[order], at[order]
    first = np.ones(len(one), dtype=bool)
    first[1:] = (one[1:] != one[:-1]) | (whose[1:] != whose[:-1])
    one, at = one[first], at[first]
    order = np.lexsort((at, one))
    one, at = one[order], at[order]
    line = np.unique(one, return_inverse=True)[1] * (int(at.max()) + 2 * A_DAY_US) + at
    many = np.searchsorted(line, line + A_DAY_US, "right") - np.arange(len(line))
    most: dict[int, int] = {}
    for code, count in zip(one.tolist(), many.tolist(), strict=True):
        most[code] = max(count, most.get(code, 0))
    return most
