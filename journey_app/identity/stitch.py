"""Which ids are one customer, and which only look like it?

Ids seen together in one row are linked. A user id, an e-mail, a phone number or a tool's own
record id may join customers; an anonymous id (a browser, a device) may only be *given* to one
known customer and never joins two: a shared office computer must not make two people one.
Two anonymous ids are one only where an alias or a merge says so.
An id that sits with too many others of one kind (a role mailbox, a test account) joins nobody,
and neither does one that says nothing ("null", "unknown"). What a person has cut stays apart.
Source of the rules: docs/decisions/003-who-is-one-customer.md, docs/decisions/012-cuts-and-matchings.md
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey_app.identity.coded import STRENGTH as STRENGTH
from journey_app.identity.coded import WEAK as WEAK
from journey_app.identity.coded import Coded, coded, codes_of, distinct_pairs, lists_of, matched, values_of
from journey_app.identity.coded import kind_of as kind_of
from journey_app.identity.coded import value_of as value_of
from journey_app.identity.crowds import Rows, crowds, in_a_day
from journey_app.identity.grouping import Pair, grouped
from journey_app.identity.rules import JUNK as JUNK
from journey_app.identity.rules import ROLE_MAILBOX
from journey_app.vocabulary import Cut

SEPARATOR = "\x1f"
SHARED_ID, ROLE, SHARED_DEVICE, JUNK_ID = "shared id", "role mailbox", "shared device", "junk id"
CUT_OFF, UNSTATED = "cut off", "not stated"
REASONS = (SHARED_ID, ROLE, SHARED_DEVICE, JUNK_ID, UNSTATED, CUT_OFF)  # in the order in which they are told


@dataclass(frozen=True)
class Refusal:
    """An id that was not followed, with the reason.

    reason: "shared device", "shared id", "role mailbox", "junk id"; or, of an id that no row is left to
    speak for, "cut off" (by a person) and "not stated" (by strict matching). customers: how many it would
    have joined: known customers seen with a shared device, different ids of one kind seen with any
    other id. in_a_day: the most of them that turned up within 24 hours, 0 where the times are not
    known; many mean a till, a kiosk, a test account.
    """

    raw_id: str
    reason: str
    customers: int
    in_a_day: int = 0


@dataclass(frozen=True)
class Stitching:
    """Which rows belong to whom.

    who: ids (the row's ids joined by the unit separator), customer_id. customers: one row per
    customer: customer_id, key, label, raw_ids, systems.
    """

    who: pa.Table
    customers: pa.Table
    refused: tuple[Refusal, ...]


def stitch(id_sets: pa.Table, cuts: Sequence[Cut] = (), matching: str = "normal") -> Stitching:
    """Join customers over the ids that were seen together.

    id_sets: raw_ids (list of 'type:value'), system, seen; and, where known, reason (“seen together” when
    it is not) and first_at. Returns the customer of every set that holds an id; the order of the
    rows makes no difference. cuts: pairs that are kept apart. matching: “strict” follows only what a
    link file states, “loose” lets devices join and raises the limits.
    """
    id_sets = id_sets.filter(pc.greater(pc.list_value_length(id_sets["raw_ids"]), 0))
    raw_ids = id_sets["raw_ids"].combine_chunks()
    ids, rows, loose = coded(raw_ids), Rows.of(id_sets), matching == "loose"
    apart = _apart(ids, cuts)
    role = pc.match_substring_regex(ids.names, ROLE_MAILBOX).to_numpy(zero_copy_only=False)
    neighbours, crowded = crowds(ids, rows, role, loose)
    junk = pc.is_in(pc.utf8_lower(values_of(ids.names)), pa.array(JUNK)).to_numpy(zero_copy_only=False)
    joining = rows.stated if matching == "strict" else np.ones(len(id_sets), dtype=bool)
    group = _groups(ids, crowded | junk, joining, rows.explicit, loose, apart)
    owners = np.zeros(len(ids), dtype=np.int64)
    if not loose:
        owners = _give_devices(ids, crowded | junk, joining, group, apart)
    shared_device = (owners > 1) | (crowded & ids.weak)
    off = crowded | junk | shared_device
    group = np.where(off, np.arange(len(ids)), group)
    owned = ids.weak & ~ids.weak[group]
    speaker = _speakers(ids, off, owned, len(id_sets))
    home = group[speaker]
    listed = _listed(ids, group, speaker, off, apart)
    customers, number = _customers(ids, id_sets["system"], home, *listed)
    silent = ~off & (np.bincount(listed[1], minlength=len(ids)) == 0)
    by_reason = (
        (SHARED_ID, crowded & ~junk & ~ids.weak & ~role, neighbours),
        (ROLE, crowded & ~junk & ~ids.weak & role, neighbours),
        (SHARED_DEVICE, shared_device & ~junk, np.maximum(owners, neighbours * crowded)),
        (JUNK_ID, junk, neighbours),
        (UNSTATED if matching == "strict" else CUT_OFF, silent, neighbours),
    )
    days = in_a_day(ids, rows, group, off & ~junk)
    refused = tuple(
        Refusal(ids.names[code].as_py(), reason, int(counts[code]), days.get(code, 0))
        for reason, which, counts in by_reason
        for code in np.flatnonzero(which).tolist()
    )
    return Stitching(_who(raw_ids, number), customers, refused)


def _apart(ids: Coded, cuts: Sequence[Cut]) -> list[Pair]:
    """The cuts as codes; one that names an id which is not here (an import was undone) waits for it."""
    left, right = (
        codes_of(ids, [cut.left for cut in cuts]),
        codes_of(ids, [cut.right for cut in cuts]),
    )
    pairs = {
        (min(a, b), max(a, b)) for a, b in zip(left, right, strict=True) if a is not None and b is not None
    }
    return sorted(pair for pair in pairs if pair[0] != pair[1])


def _groups(
    ids: Coded, off: np.ndarray, joining: np.ndarray, explicit: np.ndarray, loose: bool, apart: Sequence[Pair]
) -> np.ndarray:
    """Per code: the group it belongs to, joining along rows and around ids that are not followed.

    Anonymous ids join each other along explicit rows; everything else only when matching is loose.
    """
    weak = ids.weak[ids.code]
    joins = ~off[ids.code] & joining[ids.row]
    if not loose:
        joins &= ~weak | explicit[ids.row]
    link = ids.row if loose else ids.row * 2 + weak
    link, code = link[joins], ids.code[joins]
    order = np.argsort(link, kind="stable")
    return grouped(link[order], code[order], len(ids), apart)


def _give_devices(
    ids: Coded, off: np.ndarray, joining: np.ndarray, group: np.ndarray, apart: Sequence[Pair]
) -> np.ndarray:
    """Per code: how many known customers an anonymous id was seen with; an only owner gets it, in `group`.

    A group that no row speaks for (its ids were cut off) is no customer, so it owns nothing.
    """
    speaker = _speakers(ids, off, np.zeros(len(ids), dtype=bool), len(joining))
    heard = np.zeros(len(ids), dtype=bool)
    heard[group[speaker]] = True
    followed = ~off[ids.code] & joining[ids.row]
    known, weak = followed & ~ids.weak[ids.code] & heard[group[ids.code]], followed & ids.weak[ids.code]
    row, customer = distinct_pairs(ids.row[known], group[ids.code[known]], len(ids))
    place, owner = matched(ids.row[weak], row, customer)
    device, owner = distinct_pairs(group[ids.code[weak]][place], owner, len(ids))
    if apart:
        device, owner = _without_cut(device, owner, group, ids.weak, apart)
    many = np.bincount(device, minlength=len(ids))
    alone = many[device] == 1
    device, owner = _not_both(device[alone], owner[alone], group, ids.weak, apart)
    given = np.arange(len(ids))
    given[device] = owner
    owners = np.where(ids.weak, many[group], 0)
    group[ids.weak] = given[group[ids.weak]]
    return owners


def _without_cut(
    device: np.ndarray, owner: np.ndarray, group: np.ndarray, weak: np.ndarray, apart: Sequence[Pair]
) -> tuple[np.ndarray, np.ndarray]:
    """The (device, owner) pairs that nobody has cut."""
    cut = {(group[a], group[b]) if weak[a] else (group[b], group[a]) for a, b in apart if weak[a] != weak[b]}
    stays = np.array(
        [pair not in cut for pair in zip(device.tolist(), owner.tolist(), strict=True)], dtype=bool
    )
    return device[stays], owner[stays]


def _not_both(
    device: np.ndarray, owner: np.ndarray, group: np.ndarray, weak: np.ndarray, apart: Sequence[Pair]
) -> tuple[np.ndarray, np.ndarray]:
    """Of two devices that are cut from each other, neither is given to an owner whom both would get."""
    cut = [(group[a], group[b]) for a, b in apart if weak[a] and weak[b]]
    if not cut:
        return device, owner
    to = dict(zip(device.tolist(), owner.tolist(), strict=True))
    withheld = {each for a, b in cut if a in to and to[a] == to.get(b) for each in (a, b)}
    stays = np.array([each not in withheld for each in device.tolist()], dtype=bool)
    return device[stays], owner[stays]


def _speakers(ids: Coded, off: np.ndarray, owned: np.ndarray, rows: int) -> np.ndarray:
    """Per row: the id that decides whose it is: the strongest followed, an owned browser before others."""
    weight = (off * 100 + ids.rank * 2 + (ids.weak & ~owned)) * len(ids) + np.arange(len(ids))
    best = np.full(rows, np.iinfo(np.int64).max)
    np.minimum.at(best, ids.row, weight[ids.code])
    return best % max(len(ids), 1)


def _listed(
    ids: Coded, group: np.ndarray, speaker: np.ndarray, off: np.ndarray, apart: Sequence[Pair]
) -> tuple[np.ndarray, np.ndarray]:
    """The (customer's group, id) pairs: which ids are told as whose.

    An id is its own group's, where some row speaks for that. A browser for which none does is told with
    the browser whose row it stands in, unless a person has cut it; other such ids are nobody's.
    """
    heard = np.zeros(len(ids), dtype=bool)
    heard[group[speaker]] = True
    own = heard[group[ids.code]]
    cut = np.isin(group, group[[code for pair in apart for code in pair]])
    guest = ids.weak & ~cut
    beside = guest[ids.code] & ids.weak[speaker[ids.row]]
    mine = (~off[ids.code] | (ids.code == speaker[ids.row])) & (own | beside)
    belongs = np.where(own, group[ids.code], group[speaker[ids.row]])
    return distinct_pairs(belongs[mine], ids.code[mine], len(ids))


def _customers(
    ids: Coded, systems: pa.ChunkedArray, home: np.ndarray, group: np.ndarray, code: np.ndarray
) -> tuple[pa.Table, np.ndarray]:
    """One row a customer with a stable key, in key order; and each row's customer number."""
    key = _first_of(group, ids.rank[code] * len(ids) + code, len(ids))
    groups = group[np.append(True, group[1:] != group[:-1])] if len(group) else group
    in_key_order = groups[np.argsort(key[groups], kind="stable")]
    number_of = np.empty(len(ids), dtype=np.int64)
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
