"""Stories of the paths, their slow twin, and the balance of what flows into and out of every column."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_app.analysis.paths import CAME, LEFT, OTHER, Link, paths
from journey_app.errors import BadChoice, UnknownName
from tests import by_hand

HALF_HOUR = timedelta(minutes=30)


def widths(answer):
    return {(link.step, link.source, link.target): link.customers for link in answer.links}


# ---------------------------------------------------------------- stories


def test_a_path_starts_at_the_first_anchor_and_shows_where_it_ends(diary):
    events = diary("""
        ana visit 1 09:00
        ana pay   1 09:05
        bob help  1 09:00
        bob visit 1 09:01
        cem help  1 09:00
    """)
    answer = paths(events, "visit", steps=2)
    assert answer.customers == 2
    assert widths(answer) == {(0, "visit", "pay"): 1, (0, "visit", LEFT): 1, (1, "pay", LEFT): 1}


def test_backward_paths_start_at_the_last_anchor(diary):
    events = diary("""
        ana visit 1 09:00
        ana pay   1 09:05
        ana help  1 09:10
        ana pay   1 09:15
        bob pay   1 09:00
    """)
    answer = paths(events, "pay", forward=False, steps=2)
    assert widths(answer) == {(0, "pay", "help"): 1, (0, "pay", CAME): 1, (1, "help", "pay"): 1}


def test_a_pause_longer_than_the_session_ends_the_path(diary):
    events = diary("""
        ana visit 1 09:00
        ana view  1 09:30
        ana pay   1 10:00:01
    """)
    answer = paths(events, "visit", session=HALF_HOUR)
    assert widths(answer) == {(0, "visit", "view"): 1, (1, "view", LEFT): 1}


def test_collapse_takes_repeats_as_one_even_past_the_steps_asked_for(diary):
    events = diary("""
        ana visit 1 09:00
        ana visit 1 09:01
        ana visit 1 09:02
        ana pay   1 09:03
        ana visit 1 09:04
    """)
    assert widths(paths(events, "visit", steps=1, collapse=False)) == {(0, "visit", "visit"): 1}
    collapsed = paths(events, "visit", steps=2)
    assert widths(collapsed) == {(0, "visit", "pay"): 1, (1, "pay", "visit"): 1}


def test_other_says_what_it_holds(diary):
    events = diary("""
        ana visit 1 09:00
        ana pay   1 09:01
        bob visit 1 09:00
        bob pay   1 09:01
        cem visit 1 09:00
        cem help  1 09:01
        cem pay   1 09:02
        dan visit 1 09:00
        dan faq   1 09:01
        eve visit 1 09:00
        eve help  1 09:01
        fay visit 1 09:00
        fay pay   1 09:01
    """)
    answer = paths(events, "visit", steps=2, top=1)
    assert answer.links == (
        Link(0, "visit", OTHER, 3),
        Link(0, "visit", "pay", 3),
        Link(1, "pay", LEFT, 3),
        Link(1, OTHER, LEFT, 2),
        Link(1, OTHER, "pay", 1),
    )
    assert answer.other == {1: {"help": 2, "faq": 1}}


def test_equal_times_are_walked_in_file_order(diary):
    events = diary("ana visit 1 09:00\nana pay 1 09:00\nbob pay 1 09:00\nbob visit 1 09:00")
    assert widths(paths(events, "visit", steps=1)) == {(0, "visit", "pay"): 1, (0, "visit", LEFT): 1}


@pytest.mark.parametrize("odd", [{"steps": 0}, {"steps": 13}, {"top": 0}, {"top": 31}])
def test_a_picture_that_would_not_fit_is_refused(diary, odd):
    events = diary("ana visit 1 09:00")
    with pytest.raises(BadChoice):
        paths(events, "visit", **odd)


def test_an_anchor_nobody_knows_is_an_error(diary):
    with pytest.raises(UnknownName):
        paths(diary("ana visit 1 09:00"), "vist")


# ---------------------------------------------------------------- the slow twin


@given(
    seed=st.integers(0, 23),
    anchor=st.sampled_from(by_hand.NAMES),
    forward=st.booleans(),
    steps=st.integers(1, 6),
    top=st.integers(1, 4),
    session=st.sampled_from([None, None, timedelta(0), HALF_HOUR, timedelta(hours=12)]),
    collapse=st.booleans(),
)
def test_ribbons_equal_walking_customer_by_customer(
    random_snapshot, seed, anchor, forward, steps, top, session, collapse
):
    log, events = random_snapshot(seed)
    answer = paths(events, anchor, forward=forward, steps=steps, top=top, session=session, collapse=collapse)
    walks = by_hand.walks(log, anchor, forward, session, collapse)
    expected, other = by_hand.ribbons(walks, steps, top, LEFT if forward else CAME, OTHER)
    assert widths(answer) == expected
    assert answer.other == other
    assert answer.customers == len(walks)
    assert_balanced(answer)


def assert_balanced(answer):
    """Whoever comes into a node goes out of it, or is seen to end there; the first column is everyone."""
    out_of, into = Counter(), Counter()
    for link in answer.links:
        out_of[link.step, link.source] += link.customers
        into[link.step + 1, link.target] += link.customers
    assert out_of.pop((0, answer.anchor)) == answer.customers
    ends = (LEFT, CAME)
    goes_on = {node: n for node, n in into.items() if node[1] not in ends and node[0] < answer.steps}
    assert goes_on == dict(out_of)
    for step, names in answer.other.items():
        assert sum(names.values()) == into[step, OTHER]
