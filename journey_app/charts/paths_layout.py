"""Where do nodes and ribbons stand, so that nothing overlaps and every label has its line?

Pure geometry: pixels from the top, 0 to 1000 across. The same paths give the same picture, always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from journey_app.analysis.paths import CAME, LEFT, OTHER, Link, Paths

NODE_WIDTH = 18.0
LABEL_ROOM = 104.0  # right of the last column
SMALLEST_SLOT = 15.0  # one line of text
GAP = 8.0
LEAST_GAP = 2.0


@dataclass(frozen=True)
class Node:
    """One event in one column. top, height: of the drawn box; its slot may be taller.

    column: away from the anchor. exit: where paths end (or, backwards, begin).
    """

    column: int
    event: str
    customers: int
    x: float
    top: float
    height: float
    exit: bool

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


@dataclass(frozen=True)
class Ribbon:
    """One link from the right edge (x0) of one node to the left edge (x1) of the next.

    y0, y1: its upper edge at both ends; thickness is the same all the way.
    """

    link: Link
    x0: float
    x1: float
    y0: float
    y1: float
    thickness: float


@dataclass(frozen=True)
class Layout:
    """Nodes column by column, ribbons widest first. scale: pixels a customer."""

    nodes: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]
    scale: float
    pitch: float


Key = tuple[int, str]


def layout(paths: Paths, height: float) -> Layout:
    """Lay `paths` out in `height` pixels.

    A node is as high as the ribbons on its fuller side. Columns are ordered so that ribbons cross
    little: by where their people come from, then by size; Other next to last, the exit last.
    """
    sizes = _sizes(paths.links)
    columns = _ordered(paths, sizes)
    gap = min(GAP, _spare(columns, height))
    scale = _scale(columns, sizes, height, gap)
    nodes = _placed(columns, sizes, scale, gap, paths.forward)
    return Layout(
        nodes=tuple(nodes.values()),
        ribbons=_ribbons(paths, nodes, scale),
        scale=scale,
        pitch=_pitch(len(columns)),
    )


def _sizes(links: Iterable[Link]) -> dict[Key, int]:
    """Customers at each (column, event): the larger of those who come and those who go."""
    came: dict[Key, int] = {}
    went: dict[Key, int] = {}
    for link in links:
        here, there = (link.step, link.source), (link.step + 1, link.target)
        went[here] = went.get(here, 0) + link.customers
        came[there] = came.get(there, 0) + link.customers
    return {key: max(came.get(key, 0), went.get(key, 0)) for key in came | went}


def _ordered(paths: Paths, sizes: dict[Key, int]) -> list[list[Key]]:
    last = max((column for column, _event in sizes), default=-1)
    columns = [sorted(key for key in sizes if key[0] == c) for c in range(last + 1)]
    place: dict[Key, float] = {}
    for column in columns:
        column.sort(key=lambda key: (_rank(key[1]), _pull(key, paths.links, place), -sizes[key], key[1]))
        so_far = 0.0
        for key in column:
            place[key] = so_far + sizes[key] / 2
            so_far += sizes[key]
    return columns


def _rank(event: str) -> int:
    return {OTHER: 1, LEFT: 2, CAME: 2}.get(event, 0)


def _pull(key: Key, links: Iterable[Link], place: dict[Key, float]) -> float:
    """Where this node's people stood in the column before, on average."""
    inward = [(link.customers, place[(link.step, link.source)]) for link in links if _target(link) == key]
    total = sum(customers for customers, _at in inward)
    return round(sum(customers * at for customers, at in inward) / total, 6) if total else 0.0


def _source(link: Link) -> Key:
    return (link.step, link.source)


def _target(link: Link) -> Key:
    return (link.step + 1, link.target)


def _spare(columns: list[list[Key]], height: float) -> float:
    """The gap that still leaves every node of the fullest column one line of text."""
    most = max((len(column) for column in columns), default=1)
    return max(LEAST_GAP, (height - most * SMALLEST_SLOT) / max(1, most - 1))


def _scale(columns: list[list[Key]], sizes: dict[Key, int], height: float, gap: float) -> float:
    """The largest scale at which every column fits, found by halving."""
    low, high = 0.0, height / max(sizes.values(), default=1)
    for _round in range(40):
        middle = (low + high) / 2
        fits = all(
            sum(_slot(sizes[key] * middle) for key in column) + gap * (len(column) - 1) <= height
            for column in columns
        )
        low, high = (middle, high) if fits else (low, middle)
    return low


def _slot(drawn: float) -> float:
    return max(drawn, SMALLEST_SLOT)


def _pitch(columns: int) -> float:
    return (1000.0 - LABEL_ROOM - NODE_WIDTH) / max(1, columns - 1)


def _placed(
    columns: list[list[Key]], sizes: dict[Key, int], scale: float, gap: float, forward: bool
) -> dict[Key, Node]:
    pitch, nodes = _pitch(len(columns)), {}
    for c, column in enumerate(columns):
        x = pitch * (c if forward else len(columns) - 1 - c)
        so_far = 0.0
        for key in column:
            drawn = sizes[key] * scale
            top = so_far + (_slot(drawn) - drawn) / 2
            nodes[key] = Node(c, key[1], sizes[key], x, top, drawn, key[1] in (LEFT, CAME))
            so_far += _slot(drawn) + gap
    return nodes


def _ribbons(paths: Paths, nodes: dict[Key, Node], scale: float) -> tuple[Ribbon, ...]:
    """Ribbons leave and arrive in the order of the nodes at their other end, so they do not cross there."""
    near = _edges(paths.links, nodes, scale, _source, _target)
    far = _edges(paths.links, nodes, scale, _target, _source)
    made = []
    for link in sorted(paths.links, key=lambda one: (one.step, -one.customers, one.source, one.target)):
        here, there = nodes[_source(link)], nodes[_target(link)]
        left, right = (here, there) if paths.forward else (there, here)
        y0, y1 = (near[link], far[link]) if paths.forward else (far[link], near[link])
        made.append(Ribbon(link, left.x + NODE_WIDTH, right.x, y0, y1, link.customers * scale))
    return tuple(made)


def _edges(
    links: Iterable[Link],
    nodes: dict[Key, Node],
    scale: float,
    here: Callable[[Link], Key],
    there: Callable[[Link], Key],
) -> dict[Link, float]:
    """The upper edge of each ribbon at its `here` end: stacked from the node's top."""
    stacked: dict[Key, float] = {}
    edges = {}
    for link in sorted(links, key=lambda one: (nodes[there(one)].top, one.step, one.source, one.target)):
        node = nodes[here(link)]
        edges[link] = stacked.get(here(link), node.top)
        stacked[here(link)] = edges[link] + link.customers * scale
    return edges
