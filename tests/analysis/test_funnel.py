"""Stories of the funnel, its slow twin on random logs, and the people behind each of its numbers."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_app.analysis.funnel import FATES, behind, funnel
from journey_app.analysis.stages import TIES
from journey_app.errors import BadChoice, UnknownName
from journey_app.vocabulary import Filter
from tests import by_hand
from tests.conftest import moment

DAY, WEEK = timedelta(days=1), timedelta(days=7)
LATER = moment(60)
SHOP = ["visit", "signup", "pay"]


def customers(answer):
    return [step.customers for step in answer.steps]


# ---------------------------------------------------------------- stories


def test_skipping_a_step_stops_the_customer_there(diary):
    events = diary("""
        ana visit  1 09:00
        ana signup 1 09:05
        bob visit  1 09:00
        bob pay    1 09:30
        cem signup 1 09:00
    """)
    assert customers(funnel(events, SHOP, WEEK, now=LATER)) == [2, 1, 0]


def test_a_customer_enters_once_at_the_first_entry_even_when_a_later_one_would_make_it(diary):
    events = diary("""
        ana visit  1 09:00
        ana visit 20 09:00
        ana pay   21 09:00
    """)
    assert customers(funnel(events, ["visit", "pay"], WEEK, now=LATER)) == [1, 0]
    assert customers(funnel(events, ["visit", "pay"], None, now=LATER)) == [1, 1]


def test_the_window_includes_its_last_moment_and_not_the_second_after(diary):
    events = diary("""
        ana visit 1 09:00
        ana pay   8 09:00
        bob visit 1 09:00
        bob pay   8 09:00:01
    """)
    assert customers(funnel(events, ["visit", "pay"], WEEK, now=LATER)) == [2, 1]


def test_who_still_has_time_is_open_and_not_lost(diary):
    events = diary("""
        old visit 1 09:00
        new visit 9 09:00
        won visit 9 09:00
        won pay   9 10:00
    """)
    first, last = funnel(events, ["visit", "pay"], WEEK, now=moment(10)).steps
    assert (first.customers, first.decided, first.open, first.lost) == (3, 1, 1, 1)
    assert (last.customers, last.decided, last.open, last.lost) == (1, 0, 0, None)
    assert (last.kept.count, last.kept.of) == (0, 1)


def test_nobody_decided_has_no_rate_instead_of_zero(diary):
    events = diary("ana visit 1 09:00\nbob pay 1 09:00")
    answer = funnel(events, ["visit", "pay"], WEEK, now=moment(2))
    assert answer.steps[1].kept is None
    assert answer.overall is None


def test_without_a_window_nobody_is_open(diary):
    events = diary("ana visit 1 09:00\nbob pay 1 09:00")
    first, _last = funnel(events, ["visit", "pay"], None, now=moment(1, "09:00")).steps
    assert (first.open, first.decided, first.lost) == (0, 1, 1)


def test_strict_means_the_very_next_thing(diary):
    events = diary("""
        ana visit  1 09:00
        ana signup 1 09:01
        ana pay    1 09:02
        bob visit  1 09:00
        bob help   1 09:01
        bob signup 1 09:02
    """)
    assert customers(funnel(events, SHOP, WEEK, now=LATER, order="strict")) == [2, 1, 1]


def test_any_order_counts_from_the_first_of_any_step(diary):
    events = diary("""
        ana pay    1 09:00
        ana visit  2 09:00
        ana signup 3 09:00
        bob pay    1 09:00
        bob visit  9 09:00
    """)
    assert customers(funnel(events, SHOP, WEEK, now=LATER, order="any")) == [1, 1, 1]


def test_equal_times_follow_the_file_and_the_band_says_what_rests_on_that(diary):
    events = diary("""
        ana pay   1 09:00
        ana visit 1 09:00
        bob visit 1 09:00
        bob pay   1 09:00
    """)
    paid = {ties: customers(funnel(events, ["visit", "pay"], WEEK, now=LATER, ties=ties))[1] for ties in TIES}
    assert paid == {"position": 1, "best": 2, "worst": 0}


def test_the_best_reading_of_ties_uses_each_event_once(diary):
    events = diary("""
        ana pay   1 09:00
        ana visit 1 09:00
        ana pay   1 09:00
    """)
    steps = ["visit", "pay", "pay", "pay"]
    assert customers(funnel(events, steps, WEEK, now=LATER, ties="best")) == [1, 1, 1, 0]


def test_real_twins_are_two_events(diary):
    events = diary("ana visit 1 09:00\nana visit 1 09:00\nbob visit 1 09:00")
    assert customers(funnel(events, ["visit", "visit"], WEEK, now=LATER)) == [2, 1]


def test_a_filter_asks_the_first_entry_and_lets_nobody_in_later(diary):
    events = diary("""
        ana visit 1 09:00 channel=mail
        ana visit 2 09:00 channel=ads
        bob visit 1 09:00 channel=ads
        bob pay   1 10:00 channel=mail
    """)
    only_ads = (Filter("channel", ("ads",)),)
    assert customers(funnel(events, ["visit", "pay"], WEEK, now=LATER, where=only_ads)) == [1, 1]


def test_since_and_until_are_local_days_of_entry(diary):
    events = diary(
        """
        ana visit 1 23:30
        bob visit 2 00:30
        bob pay   5 09:00
        """,
        timezone="Pacific/Auckland",
    )
    second = date(2026, 3, 3)
    assert customers(funnel(events, ["visit", "pay"], WEEK, now=LATER, since=second)) == [1, 1]
    assert customers(funnel(events, ["visit", "pay"], WEEK, now=LATER, until=date(2026, 3, 2))) == [1, 0]


def test_a_breakdown_names_the_empty_value_and_a_filter_finds_it_under_that_name(diary):
    events = diary("ana visit 1 09:00 channel=ads\nbob visit 1 09:00\nbob pay 1 10:00")
    by = funnel(events, ["visit", "pay"], WEEK, now=LATER, by="channel").by
    assert {part: [s.customers for s in steps] for part, steps in by.items()} == {
        "ads": [1, 0],
        "unknown": [1, 1],
    }
    unknown = (Filter("channel", ("unknown",)),)
    assert customers(funnel(events, ["visit", "pay"], WEEK, now=LATER, where=unknown)) == [1, 1]


# ---------------------------------------------------------------- odd questions


@pytest.mark.parametrize(
    "odd",
    [
        {"steps": ["visit"]},
        {"steps": ["visit"] * 13},
        {"order": "sideways"},
        {"ties": "lucky"},
    ],
)
def test_an_odd_choice_is_refused(diary, odd):
    events = diary("ana visit 1 09:00\nana pay 1 09:00")
    with pytest.raises(BadChoice):
        funnel(events, now=LATER, **{"steps": ["visit", "pay"], "within": WEEK} | odd)


def test_a_name_nobody_knows_gets_the_nearest_one(diary):
    events = diary("ana visit 1 09:00\nana pay 1 09:00")
    with pytest.raises(UnknownName, match=r"Did you mean “visit”\?"):
        funnel(events, ["vist", "pay"], WEEK, now=LATER)
    with pytest.raises(UnknownName):
        funnel(events, ["visit", "pay"], WEEK, now=LATER, by="shoe size")
    with pytest.raises(UnknownName):
        funnel(events, ["visit", "pay"], WEEK, now=LATER, where=(Filter("shoe size", ("42",)),))


@pytest.mark.parametrize(
    ("step", "fate"), [(1, "lost"), (1, "went on"), (2, "reached"), (-1, "reached"), (0, "eaten")]
)
def test_nobody_stands_behind_a_number_that_is_not_there(diary, step, fate):
    events = diary("ana visit 1 09:00\nana pay 1 09:00")
    with pytest.raises(BadChoice):
        behind(events, ["visit", "pay"], step, fate, WEEK, now=LATER)


# ---------------------------------------------------------------- the slow twin


@st.composite
def questions(draw):
    """A log's seed, the question as the twin takes it, and the moment it is asked."""
    question = {
        "steps": draw(st.lists(st.sampled_from(by_hand.NAMES), min_size=2, max_size=4)),
        "within": draw(st.sampled_from([None, timedelta(hours=6), DAY, 3 * DAY, timedelta(minutes=10)])),
        "order": draw(st.sampled_from(["ordered", "ordered", "strict", "any"])),
        "ties": draw(st.sampled_from(TIES)),
        "since": draw(st.sampled_from([None, None, 1, 3])),
        "until": draw(st.sampled_from([None, None, 2, 4])),
        "channels": draw(st.sampled_from([None, None, ("ads",), ("mail", "unknown")])),
    }
    return draw(st.integers(0, 23)), question, draw(st.integers(1, 12))


def asked_of(log, question, now_day):
    """The question with its days made real for this log, for the twin; the same for the app; now."""
    first = min(row["occurred_at"] for row in log.rows)
    real = dict(question)
    for edge in ("since", "until"):
        if question[edge] is not None:
            real[edge] = (first + timedelta(days=question[edge])).date()
    channels = real["channels"]
    ours = {k: v for k, v in real.items() if k != "channels"}
    ours["where"] = (Filter("channel", channels),) if channels else ()
    return real, ours, first + timedelta(hours=12 * now_day)


@given(questions())
def test_the_funnel_equals_counting_customer_by_customer(random_snapshot, drawn):
    seed, question, now_day = drawn
    log, events = random_snapshot(seed)
    twins, ours, now = asked_of(log, question, now_day)
    expected = by_hand.funnel_numbers(by_hand.ways(log, **twins), len(ours["steps"]), ours["within"], now)
    answer = funnel(events, **ours, now=now, by="channel")
    found = [
        {
            "customers": step.customers,
            "decided": step.decided,
            "open": step.open,
            "lost": step.lost,
            "kept": step.kept and (step.kept.count, step.kept.of),
        }
        for step in answer.steps
    ]
    assert found == expected
    for k, whole in enumerate(answer.steps):
        parts = [steps[k] for steps in answer.by.values()]
        for number in ("customers", "decided", "open"):
            assert sum(getattr(part, number) for part in parts) == getattr(whole, number)
        assert whole.lost is None or sum(part.lost for part in parts) == whole.lost


@settings(max_examples=20)
@given(questions())
def test_each_part_of_a_breakdown_is_the_funnel_of_its_filter(random_snapshot, drawn):
    seed, question, now_day = drawn
    log, events = random_snapshot(seed)
    _twins, ours, now = asked_of(log, question | {"channels": None}, now_day)
    parts = funnel(events, **ours, now=now, by="channel").by
    part = sorted(parts)[seed % len(parts)] if parts else "ads"
    alone = funnel(events, **ours | {"where": (Filter("channel", (part,)),)}, now=now).steps
    assert parts.get(part, alone) == alone


@settings(max_examples=25)
@given(questions())
def test_as_many_people_stand_behind_a_number_as_it_says(random_snapshot, drawn):
    seed, question, now_day = drawn
    log, events = random_snapshot(seed)
    twins, ours, now = asked_of(log, question | {"ties": "position"}, now_day)
    del ours["ties"]
    ways = by_hand.ways(log, **twins)
    answer = funnel(events, **ours, now=now).steps
    step = seed % len(answer)
    numbers = {
        "reached": answer[step].customers,
        "open": answer[step].open,
        "lost": answer[step].lost,
        "went on": answer[step + 1].customers if step + 1 < len(answer) else None,
    }
    for fate in FATES:
        if numbers[fate] is None:
            continue
        people = behind(events, ours["steps"], step, fate, ours["within"], now=now, **rest_of(ours))
        assert len(people) == numbers[fate]
        if fate != "open" or step + 1 < len(answer):
            assert {p.key for p in people} == by_hand.people(ways, step, fate, ours["within"], now)


def rest_of(ours):
    return {k: v for k, v in ours.items() if k not in ("steps", "within")}
