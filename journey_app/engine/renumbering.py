"""Which number has each customer, and where do their events begin, once some of them were joined anew?

Customers are numbered in the order of their keys and events run through the customers, so whoever is new
in the middle moves everybody after.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

NOBODY = -1


@dataclass(frozen=True)
class Numbers:
    """The numbers of a grown snapshot's customers.

    now: per old number the new one; NOBODY for those who were joined anew. joined: per customer who came
    of that, in the order in which joining numbered them, the number among all.
    """

    now: np.ndarray
    joined: np.ndarray

    def renamed(self, table: pa.Table) -> pa.Table:
        """What joining anew says of customers, by their numbers among all."""
        at = table.schema.get_field_index("customer_id")
        numbers = pa.array(self.joined[table["customer_id"].to_numpy()], pa.int32())
        return table.set_column(at, "customer_id", numbers)


def numbered(keys: pa.ChunkedArray, taken_out: np.ndarray, joined: pa.ChunkedArray) -> Numbers:
    """Put customers back among the others by their keys.

    keys: every old customer's, in their order. taken_out: the old numbers of those who were joined anew.
    joined: the keys of those who came of it, in their order.
    """
    old = len(keys)
    stays = np.ones(old, dtype=bool)
    stays[taken_out] = False
    before = np.cumsum(stays) - stays  # per old number: how many stay before it
    places = np.array(
        [bisect_left(range(old), key, key=lambda at: keys[at].as_py()) for key in joined.to_pylist()],
        dtype=np.int64,
    )
    staying_before = np.append(before, stays.sum())[places]
    now = np.full(old, NOBODY, dtype=np.int64)
    rank = np.arange(int(stays.sum()))
    now[stays] = rank + np.searchsorted(staying_before, rank, "right")
    return Numbers(now, staying_before + np.arange(len(places)))


@dataclass(frozen=True)
class Moves:
    """What changes in the rows that stay, and in those that come.

    moved: old, now, shift (of positions), for customers of whom one of them changes. starts: customer_id,
    shift, for rows numbered from 1 among themselves.
    """

    moved: pa.Table
    starts: pa.Table


def moves(numbers: Numbers, same: pa.Table, had: pa.Table, come: pa.Table) -> Moves:
    """Where everybody's events run from and to.

    same: old, now: who was joined anew and has the same rows. had, come: customer_id, n (how many events):
    of everybody before, and of those whose rows are written anew; the latter in the order of their numbers.
    """
    now = numbers.now.copy()
    now[same["old"].to_numpy()] = same["now"].to_numpy()
    stay = np.flatnonzero(now != NOBODY)
    before = np.zeros(len(now), dtype=np.int64)
    before[had["customer_id"].to_numpy()] = had["n"].to_numpy()
    after = np.zeros(int((numbers.now != NOBODY).sum()) + len(numbers.joined), dtype=np.int64)
    after[now[stay]] = before[stay]
    whose, many = come["customer_id"].to_numpy(), come["n"].to_numpy()
    after[whose] = many
    began, begins = np.cumsum(before) - before, np.cumsum(after) - after
    shift = begins[now[stay]] - began[stay]
    changed = (now[stay] != stay) | (shift != 0)
    return Moves(
        pa.table({"old": stay[changed], "now": now[stay][changed], "shift": shift[changed]}),
        pa.table({"customer_id": whose, "shift": begins[whose] - (np.cumsum(many) - many)}),
    )
