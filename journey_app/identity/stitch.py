"""Which ids are one customer, and which only look like it?

Ids seen together in one row are linked. A user id, an e-mail, a phone number or a tool's own
record id may join customers; an anonymous id (a browser, a device) may only be *given* to one
known customer and never joins two: a shared office computer must not make two people one.
An id that sits with too many others of one kind (a role mailbox, a test account) joins nobody,
and neither does one that says nothing ("null", "unknown").
Source of the rules: docs/decisions/003-who-is-one-customer.md
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from journey_app.identity.coded import STRENGTH as STRENGTH
from journey_app.identity.coded import WEAK as WEAK
from journey_app.identity.coded import Coded, coded, distinct_pairs, lists_of, values_of
from journey_app.identity.coded import kind_of as kind_of
from journey_app.identity.coded import value_of as value_of

MOST_NEIGHBOURS = 3  # different user ids, addresses or phones that one id may sit with before it joins nobody
MOST_RECORDS = 10  # of a tool's own records: a buyer without an account gets a new one with each order
SEPARATOR = "\x1f"
# What exports write where there is no id; compared without case.
JUNK = (
    "", "0", "-", "-1", "--", "n/a", "na", "nan", "nil", "none", "null", "undefined", "unknown", "anonymous",
    "guest", "(none)", "(not set)", "[object object]", "00000000-0000-0000-0000-000000000000",
)  # fmt: skip


@dataclass(frozen=True)
class Refusal:
    """An id that was not followed, with the reason.

    customers: how many it would have joined: known customers seen with a shared device, different
    ids of one kind seen with any other id.
    """

    raw_id: str
    reason: str  # "shared device", "shared id" or "junk id"
    customers: int


@dataclass(frozen=True)
class Stitching:
    """Which rows belong to whom.

    who: ids (the row's ids joined by the unit separator), customer_id. customers: one row per
    customer: customer_id, key, label, raw_ids, systems.
    """

    who: pa.Table
    customers: pa.Table
    refused: tuple[Refusal, ...]


def stitch(id_sets: pa.Table) -> Stitching:
    """Join customers over the ids that were seen together.

    id_sets: raw_ids (list of 'type:value'), system, seen. Returns the customer of every set that
    holds an id; the order of the rows makes no difference.
    """
    id_sets = id_sets.filter(pc.greater(pc.list_value_length(id_sets["raw_ids"]), 0))
    raw_ids = id_sets["raw_ids"].combine_chunks()
    ids = coded(raw_ids)
    neighbours, crowded = _neighbours(ids)
    junk = pc.is_in(pc.utf8_lower(values_of(ids.names)), pa.array(JUNK)).to_numpy(zero_copy_only=False)
    shared = crowded | (junk & ~ids.weak)
    component = _components(ids, shared)
    owners = _give_devices(ids, shared | junk, component)
    off = shared | junk | (owners > 1)
    speaker = _speakers(ids, off, owners == 1, len(id_sets))
    customers, number = _customers(ids, id_sets["system"], component[speaker], speaker, off)
    refused = _refusals(ids, junk, crowded, neighbours, owners)
    return Stitching(_who(raw_ids, number), customers, refused)


def _neighbours(ids: Coded) -> tuple[np.ndarray, np.ndarray]:
    """Per code: the most different ids of one kind it sits with, and whether that is too many for the kind.

    Anonymous ids neither count nor have any.
    """
    strong = ~ids.weak[ids.code]
    row, code = ids.row[strong], ids.code[strong]
    at, pairs, apart = np.arange(len(row)), [], 0
    while len(at):
        apart += 1
        at = at[at + apart < len(row)]
        at = at[row[at] == row[at + apart]]
        pairs += [(code[at], code[at + apart]), (code[at + apart], code[at])]
    most = np.zeros(len(ids.names), dtype=np.int64)
    crowded = np.zeros(len(ids.names), dtype=bool)
    if pairs:
        one, other = (np.concatenate(side) for side in zip(*pairs, strict=True))
        one, other = distinct_pairs(one, other, len(ids.names))
        kinds = int(ids.kind.max()) + 1
        seen_with, counts = np.unique(one * kinds + ids.kind[other], return_counts=True)
        np.maximum.at(most, seen_with // kinds, counts)
        limits = np.full(kinds, MOST_NEIGHBOURS)
        limits[ids.kind[ids.rank >= len(STRENGTH)]] = MOST_RECORDS
        crowded[seen_with[counts > limits[seen_with % kinds]] // kinds] = True
    return most, crowded


def _components(ids: Coded, shared: np.ndarray) -> np.ndarray:
    """Per code: the group it belongs to, joining along rows and around shared ids."""
    joins = ~ids.weak[ids.code] & ~shared[ids.code]
    row, code = ids.row[joins], ids.code[joins]
    same = row[1:] == row[:-1]
    left, right = code[:-1][same], code[1:][same]
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(len(ids.names),) * 2)
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _give_devices(ids: Coded, off: np.ndarray, component: np.ndarray) -> np.ndarray:
    """Per code: how many known customers an anonymous id was seen with; an only owner gets it."""
    known = np.full(int(ids.row.max(initial=-1)) + 1, -1, dtype=np.int64)
    strong = ~ids.weak[ids.code] & ~off[ids.code]
    known[ids.row[strong]] = component[ids.code[strong]]  # all of a row's are one group by now
    seen = ids.weak[ids.code] & ~off[ids.code] & (known[ids.row] >= 0)
    device, owner = distinct_pairs(ids.code[seen], known[ids.row[seen]], len(ids.names))
    owners = np.bincount(device, minlength=len(ids.names))
    alone = owners[device] == 1
    component[device[alone]] = owner[alone]
    return owners


def _speakers(ids: Coded, off: np.ndarray, owned: np.ndarray, rows: int) -> np.ndarray:
    """Per row: the id that decides whose it is: the strongest followed, an owned browser before others."""
    weight = (off * 100 + ids.rank * 2 + (ids.weak & ~owned)) * len(ids.names) + np.arange(len(ids.names))
    best = np.full(rows, np.iinfo(np.int64).max)
    np.minimum.at(best, ids.row, weight[ids.code])
    return best % max(len(ids.names), 1)


def _customers(
    ids: Coded, systems: pa.ChunkedArray, home: np.ndarray, speaker: np.ndarray, off: np.ndarray
) -> tuple[pa.Table, np.ndarray]:
    """One row a customer with a stable key, in key order; and each row's customer number."""
    mine = ~off[ids.code] | (ids.code == speaker[ids.row])
    group, code = distinct_pairs(home[ids.row[mine]], ids.code[mine], len(ids.names))
    key = _first_of(group, ids.rank[code] * len(ids.names) + code, len(ids.names))
    groups = np.unique(group)
    in_key_order = groups[np.argsort(key[groups])]
    number_of = np.empty(len(ids.names), dtype=np.int64)
    number_of[in_key_order] = np.arange(len(groups))

    owner = number_of[group]
    order = np.lexsort((code, owner))
    owner, code = owner[order], code[order]
    keys = key[in_key_order]
    mails = np.flatnonzero(ids.rank[code] == STRENGTH.index("email"))[::-1]
    labels = keys.copy()
    labels[owner[mails]] = code[mails]  # backwards, so that the first address stays
    system = systems.combine_chunks().dictionary_encode()
    names_in_order = pc.sort_indices(system.dictionary).to_numpy()
    place = np.argsort(names_in_order)
    in_system = place[system.indices.to_numpy()] if len(place) else np.empty(0, dtype=np.int64)
    user, used = distinct_pairs(number_of[home], in_system, len(place))
    table = pa.table(
        {
            "customer_id": pa.array(np.arange(len(groups)), pa.int32()),
            "key": ids.names.take(pa.array(keys)),
            "label": values_of(ids.names.take(pa.array(labels))),
            "raw_ids": lists_of(owner, ids.names.take(pa.array(code)), len(groups)),
            "systems": lists_of(
                user, system.dictionary.take(pa.array(names_in_order[used], pa.int64())), len(groups)
            ),
        }
    )
    return table, number_of[home]


def _first_of(group: np.ndarray, weight: np.ndarray, codes: int) -> np.ndarray:
    """Per group: the code with the least weight (weight modulo codes is the code)."""
    least = np.full(codes, np.iinfo(np.int64).max)
    np.minimum.at(least, group, weight)
    return least % max(codes, 1)


def _who(raw_ids: pa.ListArray, number: np.ndarray) -> pa.Table:
    joined = pc.binary_join(raw_ids, SEPARATOR).dictionary_encode()
    _codes, first = np.unique(joined.indices.to_numpy(), return_index=True)
    return pa.table({"ids": joined.dictionary, "customer_id": pa.array(number[first], pa.int32())})


def _refusals(
    ids: Coded, junk: np.ndarray, crowded: np.ndarray, neighbours: np.ndarray, owners: np.ndarray
) -> tuple[Refusal, ...]:
    """Shared ids, then shared devices, then junk, each in text order."""
    by_reason = (
        ("shared id", crowded & ~junk, neighbours),
        ("shared device", (owners > 1) & ~junk, owners),
        ("junk id", junk, neighbours),
    )
    return tuple(
        Refusal(ids.names[code].as_py(), reason, int(counts[code]))
        for reason, which, counts in by_reason
        for code in np.flatnonzero(which).tolist()
    )
