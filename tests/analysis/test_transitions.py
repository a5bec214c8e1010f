"""What follows what: stories, the slow twin, and published logs counted by another tool."""

import json
from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_app.analysis.funnel import funnel
from journey_app.analysis.transitions import transitions
from tests import by_hand
from tests.conftest import snapshot_of_frame

HALF_HOUR = timedelta(minutes=30)


def counts(answer):
    return {(t.source, t.target): (t.count, t.customers) for t in answer.transitions}


# ---------------------------------------------------------------- stories


def test_only_the_very_next_event_follows(diary):
    answer = transitions(
        diary("""
        ana visit 1 09:00
        ana view  1 09:10
        ana visit 1 09:20
        ana view  1 09:50
        bob visit 1 09:00
    """)
    )
    assert counts(answer) == {("visit", "view"): (2, 1), ("view", "visit"): (1, 1)}
    assert (answer.starts, answer.ends, answer.variants) == ({"visit": 2}, {"view": 1, "visit": 1}, 2)
    assert answer.transitions[0].median == timedelta(minutes=20)
    assert answer.transitions[0].p95 == timedelta(minutes=29)


def test_a_pause_longer_than_the_session_cuts_a_journey_in_two(diary):
    answer = transitions(
        diary("""
        ana visit 1 09:00
        ana view  1 09:30
        ana visit 1 10:00:01
        ana view  1 10:10
    """),
        HALF_HOUR,
    )
    assert counts(answer) == {("visit", "view"): (2, 1)}
    assert (answer.starts, answer.ends, answer.variants) == ({"visit": 2}, {"view": 2}, 1)


def test_a_customer_with_one_event_starts_and_ends_there(diary):
    answer = transitions(diary("ana visit 1 09:00"))
    assert (answer.transitions, answer.starts, answer.ends, answer.variants) == (
        (),
        {"visit": 1},
        {"visit": 1},
        1,
    )


def test_the_last_event_of_one_customer_does_not_lead_to_the_next_customer(diary):
    answer = transitions(diary("ana visit 1 09:00\nbob view 1 09:01\ncem visit 1 09:02"))
    assert answer.transitions == ()


# ---------------------------------------------------------------- the slow twin


@given(
    seed=st.integers(0, 23),
    session=st.sampled_from([None, timedelta(0), timedelta(seconds=0.5), HALF_HOUR, timedelta(hours=12)]),
)
def test_transitions_equal_counting_by_hand(random_snapshot, seed, session):
    log, events = random_snapshot(seed)
    answer, expected = transitions(events, session), by_hand.follows(log, session)
    found = {
        (t.source, t.target): (
            t.count,
            t.customers,
            pytest.approx(t.median.total_seconds()),
            pytest.approx(t.p95.total_seconds()),
        )
        for t in answer.transitions
    }
    assert found == expected.pairs
    assert answer.starts == dict(expected.starts)
    assert answer.ends == dict(expected.ends)
    assert answer.variants == expected.variants
    total = sum(t.count for t in answer.transitions)
    assert total + sum(answer.starts.values()) == len(log.rows)


# ---------------------------------------------------------------- published logs

LOGS = {
    "click_retentioneering_simple_shop": ("simple-onlineshop.csv", "user_id", "event", "timestamp", 2028),
    "pm_running_example": ("running-example.csv", "case:concept:name", "concept:name", "time:timestamp", 6),
    "pm_receipt": ("receipt.csv", "case:concept:name", "concept:name", "time:timestamp", 116),
    "pm_bpic2013_incidents": (
        "bpic2013_incidents.csv.gz",
        "case:concept:name",
        "concept:name",
        "time:timestamp",
        1511,
    ),
    "pm_roadtraffic": ("traffic_fines_10000.csv", "case_id", "activity", "timestamp", 44),
}


def read(datasets, name):
    file, customer, event, at, _variants = LOGS[name]
    frame = pd.read_csv(datasets / name / file, dtype=str, usecols=[customer, event, at])
    return frame.rename(columns={customer: "customer", event: "event", at: "at"})


@pytest.mark.parametrize("name", LOGS)
def test_a_published_log_gives_the_published_counts(datasets, tmp_path, name):
    """Source: reference.json beside each log, made with pm4py and checked again with pandas."""
    reference = json.loads((datasets / name / "reference.json").read_text())
    answer = transitions(snapshot_of_frame(tmp_path, read(datasets, name)))
    assert reference["dfg_listed"] == "all"
    assert {(t.source, t.target): t.count for t in answer.transitions} == {
        (source, target): count for source, target, count in reference["dfg"]
    }
    assert answer.starts == reference["start_activities"]
    assert answer.ends == reference["end_activities"]
    assert answer.variants == reference["variants"] == LOGS[name][4]


def test_sessions_of_the_published_shop(datasets, tmp_path):
    reference = json.loads((datasets / "click_retentioneering_simple_shop" / "reference.json").read_text())
    events = snapshot_of_frame(tmp_path, read(datasets, "click_retentioneering_simple_shop"))
    answer = transitions(events, HALF_HOUR)
    assert sum(answer.starts.values()) == reference["sessions_30min"]["sessions"] == 6454


def test_the_published_shop_funnel(datasets, tmp_path):
    frame = read(datasets, "click_retentioneering_simple_shop")
    events = snapshot_of_frame(tmp_path, frame)
    now = pd.to_datetime(frame["at"]).max().to_pydatetime()
    steps = ["catalog", "cart", "payment_done"]
    answer = funnel(events, steps, None, now=now)
    assert [step.customers for step in answer.steps] == [3611, 1924, 653]
    assert (answer.steps[1].kept.count, answer.steps[1].kept.of) == (1924, 3611)
    waiting = funnel(events, steps, timedelta(days=3650), now=now)
    assert [step.customers for step in waiting.steps] == [3611, 1924, 653]
    assert [step.kept for step in waiting.steps] == [None, None, None]
    assert [step.open for step in waiting.steps] == [3611 - 1924, 1924 - 653, 0]
