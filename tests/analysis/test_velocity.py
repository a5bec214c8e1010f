"""How long each step takes: stories and the slow twin."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_app.analysis.velocity import velocity
from tests import by_hand
from tests.conftest import NO_LINKS, event_table, moment, snapshot_of

WEEK = timedelta(days=7)


def test_only_those_who_move_on_have_a_time(diary):
    events = diary("""
        ana visit 1 09:00
        ana pay   1 09:10
        bob visit 1 09:00
        bob pay   1 09:20
        cem visit 1 09:00
        dan visit 1 09:00
        dan pay   9 09:00
    """)
    (pace,) = velocity(events, ["visit", "pay"], WEEK)
    assert (pace.source, pace.target, pace.customers) == ("visit", "pay", 2)
    assert (pace.median, pace.p95) == (timedelta(minutes=15), timedelta(minutes=19, seconds=30))


def test_nobody_moving_on_has_no_time_instead_of_zero(diary):
    events = diary("ana visit 1 09:00\nana signup 1 09:05\nbob pay 1 09:00")
    first, second = velocity(events, ["visit", "signup", "pay"], WEEK)
    assert first.median == timedelta(minutes=5)
    assert (second.customers, second.median, second.p95) == (0, None, None)


def test_parts_of_a_second_are_kept(tmp_path):
    visit, pay = moment(1, "09:00"), moment(1, "09:00") + timedelta(milliseconds=250)
    rows = [
        {"raw_ids": ["user_id:ana"], "event": "visit", "occurred_at": visit},
        {"raw_ids": ["user_id:ana"], "event": "pay", "occurred_at": pay},
    ]
    events = snapshot_of(tmp_path, [(event_table(rows), NO_LINKS)])
    assert velocity(events, ["visit", "pay"])[0].median == timedelta(milliseconds=250)


@given(
    seed=st.integers(0, 23),
    steps=st.lists(st.sampled_from(by_hand.NAMES), min_size=2, max_size=4),
    within=st.sampled_from([None, timedelta(hours=6), timedelta(days=3)]),
)
def test_paces_equal_measuring_customer_by_customer(random_snapshot, seed, steps, within):
    log, events = random_snapshot(seed)
    expected = by_hand.paces(by_hand.ways(log, steps, within), len(steps))
    answer = velocity(events, steps, within)
    assert [(p.source, p.target) for p in answer] == list(pairwise(steps))
    for pace, (customers, median, p95) in zip(answer, expected, strict=True):
        assert pace.customers == customers
        if customers:
            assert pace.median.total_seconds() == pytest.approx(median)
            assert pace.p95.total_seconds() == pytest.approx(p95)
        else:
            assert (pace.median, pace.p95) == (None, None)
