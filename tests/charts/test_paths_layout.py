"""The geometry of ribbons: nothing overlaps, widths are people, the same paths give the same picture."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_app.analysis.paths import LEFT, OTHER, Link, Paths
from journey_app.charts.paths_layout import LABEL_ROOM, NODE_WIDTH, SMALLEST_SLOT, layout
from tests.charts.northwind import northwind_paths

EVENTS = ["Visit", "Search", "Basket", "Checkout", "Help", "Pricing", "Invite", OTHER, LEFT]


@st.composite
def walks(draw) -> Paths:
    """Paths of 1 to 8 steps in which everybody who arrives at a named event goes on or leaves."""
    steps, here, links = draw(st.integers(1, 8)), {"Start": 5000}, []
    for step in range(steps):
        there: dict[str, int] = {}
        for source, people in here.items():
            shares = draw(st.lists(st.integers(0, 9), min_size=len(EVENTS), max_size=len(EVENTS)))
            parts = [people * share // (sum(shares) or 1) for share in shares]
            parts[-1] += people - sum(parts)
            for target, customers in zip(EVENTS, parts, strict=True):
                if customers:
                    links.append(Link(step, source, target, customers))
                    there[target] = there.get(target, 0) + customers
        here = {name: people for name, people in there.items() if name != LEFT}
    return Paths("Start", True, steps, 5000, tuple(links), {})


def columns(laid):
    found: dict[int, list] = {}
    for node in laid.nodes:
        found.setdefault(node.column, []).append(node)
    return [sorted(nodes, key=lambda node: node.top) for nodes in found.values()]


@settings(max_examples=40, deadline=None)
@given(walks())
def test_nodes_stand_apart_inside_the_picture_with_a_line_of_text_each(paths):
    for nodes in columns(layout(paths, 400)):
        assert nodes[0].top >= -1e-6
        assert nodes[-1].top + nodes[-1].height <= 400 + 1e-6
        for upper, lower in pairwise(nodes):
            assert upper.top + upper.height <= lower.top
            assert lower.middle - upper.middle >= SMALLEST_SLOT


def test_nodes_of_a_few_people_still_get_a_line_of_text_each():
    few = [Link(0, "Start", f"Small {k}", 3) for k in range(8)]
    paths = Paths("Start", True, 1, 4024, (Link(0, "Start", "Large", 4000), *few), {})
    laid = layout(paths, 400)
    middles = sorted(node.middle for node in laid.nodes if node.column == 1)
    assert min(lower - upper for upper, lower in pairwise(middles)) >= SMALLEST_SLOT
    assert all(node.height == pytest.approx(node.customers * laid.scale) for node in laid.nodes)


@settings(max_examples=40, deadline=None)
@given(walks())
def test_a_node_is_as_high_as_its_ribbons_and_ribbons_fill_it_without_overlap(paths):
    laid = layout(paths, 400)
    nodes = {(node.column, node.event): node for node in laid.nodes}
    for key, node in nodes.items():
        arriving = sorted(
            (r.y1, r.thickness) for r in laid.ribbons if (r.link.step + 1, r.link.target) == key
        )
        leaving = sorted((r.y0, r.thickness) for r in laid.ribbons if (r.link.step, r.link.source) == key)
        totals = [sum(t for _y, t in side) for side in (arriving, leaving) if side]
        assert max(totals) == pytest.approx(node.height)
        for side in (arriving, leaving):
            for (y, thickness), (below, _t) in pairwise(side):
                assert y + thickness == pytest.approx(below)
            if side:
                assert side[0][0] == pytest.approx(node.top)


def test_a_ribbon_is_as_thick_as_its_people():
    laid = layout(northwind_paths(), 400)
    assert {round(r.thickness / r.link.customers, 9) for r in laid.ribbons} == {round(laid.scale, 9)}


def test_the_order_of_links_does_not_matter():
    paths = northwind_paths()
    shuffled = Paths(
        paths.anchor, paths.forward, paths.steps, paths.customers, paths.links[::-1], paths.other
    )
    assert layout(paths, 400) == layout(shuffled, 400)


def test_exits_close_every_column_and_other_stands_above_them():
    for nodes in columns(layout(northwind_paths(), 400))[1:]:
        assert nodes[-1].event == LEFT and nodes[-1].exit
        assert not any(node.exit for node in nodes[:-1])
    first = [node.event for node in columns(layout(northwind_paths(), 400))[1]]
    assert first == ["Project", "Import", OTHER, LEFT]


def test_columns_leave_room_for_the_last_labels():
    laid = layout(northwind_paths(), 400)
    assert max(node.x for node in laid.nodes) + NODE_WIDTH + LABEL_ROOM == pytest.approx(1000)


def test_backwards_the_anchor_stands_right_and_ribbons_still_run_left_to_right():
    laid = layout(northwind_paths(forward=False), 400)
    anchor = next(node for node in laid.nodes if node.column == 0)
    assert anchor.x == max(node.x for node in laid.nodes)
    assert all(ribbon.x0 < ribbon.x1 for ribbon in laid.ribbons)
    into = [r for r in laid.ribbons if r.link.step == 0]
    assert min(r.y1 for r in into) == pytest.approx(anchor.top)


def test_no_links_draw_nothing():
    assert layout(Paths("Start", True, 3, 0, (), {}), 400).nodes == ()
