"""Which ids hang together, and where does a customer part when a person has cut two ids from each other?

A cut between two ids that are still joined through others parts their customer: every other id goes
with the one it is fewer rows away from; those equally far from both go with neither and stay together
as they are linked among themselves. Every row link that crosses a border is ignored.
Source: docs/decisions/012-cuts-and-matchings.md
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Pair = tuple[int, int]


def grouped(link: np.ndarray, code: np.ndarray, codes: int, cuts: Sequence[Pair]) -> np.ndarray:
    """Per code: the least code of its group. link, code: per entry, sorted; entries of one link hang together.

    cuts: pairs of codes that end up in different groups, whatever links there are.
    """
    same = link[1:] == link[:-1]
    left, right = code[:-1][same], code[1:][same]
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(codes, codes))
    number = connected_components(graph, directed=False)[1]
    least = np.full(codes, codes, dtype=np.int64)
    np.minimum.at(least, number, np.arange(codes))
    group = least[number]
    cut_in = defaultdict(list)
    for one, other in cuts:
        if group[one] == group[other]:
            cut_in[group[one]].append((one, other))
    if cut_in:
        inside = np.flatnonzero(np.isin(group[code], list(cut_in)))
        inside = inside[np.argsort(group[code[inside]], kind="stable")]
        for some in np.split(inside, np.flatnonzero(np.diff(group[code[inside]])) + 1):
            pairs = cut_in[group[code[some[0]]]]
            for part in _parts(link[some].tolist(), code[some].tolist(), pairs):
                group[list(part)] = min(part)
    return group


def _parts(link: Iterable[int], code: Iterable[int], cuts: Sequence[Pair]) -> list[set[int]]:
    """The groups that one group becomes: cuts between ids of one row first, then in order."""
    rows: dict[int, list[int]] = defaultdict(list)
    seen_in: dict[int, list[int]] = defaultdict(list)
    for at, each in zip(link, code, strict=True):
        rows[at].append(each)
        seen_in[each].append(at)
    parts = [set(seen_in)]
    direct = {pair: not set(seen_in[pair[0]]).isdisjoint(seen_in[pair[1]]) for pair in cuts}
    for one, other in sorted(cuts, key=lambda pair: (not direct[pair], pair)):
        part = next((part for part in parts if one in part and other in part), None)
        if part is not None:
            parts.remove(part)
            parts += _sides(one, other, part, rows, seen_in)
    return parts


def _sides(
    one: int, other: int, part: set[int], rows: dict[int, list[int]], seen_in: dict[int, list[int]]
) -> list[set[int]]:
    """Those nearer to one, those nearer to the other, and the others as they hang together."""
    near, far = _steps(one, part, rows, seen_in), _steps(other, part, rows, seen_in)
    mine = {each for each in part if near[each] < far[each]}
    theirs = {each for each in part if far[each] < near[each]}
    sides, rest = [mine, theirs], part - mine - theirs
    while rest:
        together = set(_steps(min(rest), rest, rows, seen_in))
        sides.append(together)
        rest -= together
    return sides


def _steps(
    start: int, part: set[int], rows: dict[int, list[int]], seen_in: dict[int, list[int]]
) -> dict[int, int]:
    """How many rows away each id is, walking inside the part only."""
    steps, walked, edge = {start: 0}, set(), [start]
    while edge:
        reached = []
        for each in edge:
            for row in seen_in[each]:
                if row not in walked:
                    walked.add(row)
                    new = [code for code in rows[row] if code in part and code not in steps]
                    steps.update(dict.fromkeys(new, steps[each] + 1))
                    reached += new
        edge = reached
    return steps
