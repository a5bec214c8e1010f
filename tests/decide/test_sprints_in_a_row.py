"""What an earlier sprint moved is not laid at the door of the next one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from journey_app.analysis.series import MeasureSeries
from journey_app.decide.evidence import Series, gather
from journey_app.decide.judging import changes_elsewhere, judged
from journey_app.decide.sprint import sprint_total
from journey_app.decide.verdict import verdict
from journey_app.vocabulary import Sprint, Word
from tests.decide.conftest import CALM, INVITE, MONDAY, PAID, change, daily, hole, sprint

WEEK = timedelta(weeks=1)
BEFORE = tuple(10 * x for x in CALM)
LIFTED = 2400  # of 10,000: a fifth more than before


def sprint_before(weeks_ago=4, planned=(1, 2, 3, 4), **other):
    """A sprint that began `weeks_ago` weeks before the one on MONDAY."""
    starts = MONDAY - weeks_ago * WEEK
    changes = [change(n, title=f"Old {n}", goes_live=starts + (n - 1) * WEEK, **other) for n in planned]
    return Sprint("s0", starts, sprint().goal, tuple(changes), 0.05)


def first_week(*weeks, before=None, sprint_weeks=1, now_days=9, gaps=()):
    """The verdict of the new sprint's only change."""
    new = sprint(change(1))
    days = daily(*weeks, customers=10_000, sprint_weeks=sprint_weeks)
    now = MONDAY + timedelta(days=now_days)
    own = MeasureSeries(INVITE, tuple(days), now, tuple(gaps))
    others = [new, before] if before else [new]
    return judged(new, [own, MeasureSeries(PAID, (), now, ())], "UTC", others).weeks[0][1]


def test_a_week_that_does_nothing_is_not_improved_because_the_last_sprint_ended_well():
    weeks = (*BEFORE, 2000, 2010, 1990, LIFTED, LIFTED)
    assert first_week(*weeks).word is Word.IMPROVED, "without the other sprint the fault is there"
    said = first_week(*weeks, before=sprint_before())
    assert said.word not in (Word.IMPROVED, Word.LIKELY), said.reason
    assert said.effect.low < 0 < said.effect.high
    assert "before these changes" in said.reason
    assert any("earlier sprint" in each for each in said.cannot_show)


def test_a_real_gain_after_a_sprint_that_worked_is_seen():
    said = first_week(*BEFORE, 2000, 2010, 1990, LIFTED, 2900, before=sprint_before())
    assert said.word is Word.IMPROVED
    assert said.effect.low < 0.208 < said.effect.high


def test_four_quiet_weeks_after_the_last_sprint_are_an_ordinary_baseline():
    weeks = (*BEFORE, 2000, 2010, 1990, LIFTED, 2420, 2380, 2410, 2390)
    said = first_week(*weeks, before=sprint_before(weeks_ago=7))
    assert (said.before.count, said.before.of) == (LIFTED + 2420 + 2380 + 2410, 40_000)
    assert said.baseline_weeks == 4
    assert not any("earlier sprint" in each for each in said.cannot_show)
    three = first_week(*weeks[:-2], weeks[-1], before=sprint_before(weeks_ago=6))
    assert three.baseline_weeks == 12, "three quiet weeks are too few: those before the sprint count"


def evidence(weeks, others, **known):
    series = Series(INVITE, daily(*weeks, customers=10_000), MONDAY + timedelta(days=9), **known)
    return gather(series, MONDAY, elsewhere=changes_elsewhere(sprint(), others))


def test_a_change_rolled_back_moved_nothing_for_good_and_its_week_counts_nowhere():
    undone = sprint_before(weeks_ago=3, planned=(2,), rolled_back=True)
    found = evidence((*BEFORE, 1500, 2000, 2000), [undone])
    assert found.earlier == ()
    assert 1500 not in [block.converted for block in found.before]
    assert (found.baseline.count, len(found.before), found.left_out) == (2000 + 2000 + 1990 + 2010, 13, 0)


def test_changes_out_of_reach_and_those_to_come_move_nothing():
    alone = evidence((*BEFORE, *BEFORE, *BEFORE, 2000), [])
    for weeks_ago in (30, 0, -1):
        assert evidence((*BEFORE, *BEFORE, *BEFORE, 2000), [sprint_before(weeks_ago, (1,))]) == alone
    assert evidence((*BEFORE, *BEFORE, *BEFORE, 2000), [sprint_before(25, (1,))]) != alone


def test_a_week_of_the_last_sprint_that_was_not_tracked_keeps_its_step():
    found = evidence((*BEFORE, 2000, 2000, 2000, 2400, 2400), [sprint_before()], gaps=[hole(-12)])
    assert [block is None for block in found.earlier] == [False, False, True, False]


def test_the_next_sprints_change_in_the_same_seven_days_blocks_the_last_week():
    late = sprint(change(4, goes_live=MONDAY + timedelta(days=27)))
    soon = sprint_before(weeks_ago=-4, planned=(1,))
    days = daily(*BEFORE, 2000, 2000, 2000, 2400, 2400, customers=10_000, sprint_weeks=5)
    now = MONDAY + timedelta(days=60)
    said = verdict(late.changes[0], late, days, now, elsewhere=soon.changes)
    assert said.word is Word.BLOCKED
    assert "Old 1" in said.reason


def test_a_second_look_does_not_reach_into_the_next_sprint():
    plan = sprint(change(1))
    days, now = daily(*CALM, 230, 236, 238, sprint_weeks=3), MONDAY + timedelta(days=23)
    free = verdict(plan.changes[0], plan, days, now)
    assert free.reason.startswith("Second look")
    held = verdict(plan.changes[0], plan, days, now, elsewhere=[sprint_before(-1, (1,)).changes[0]])
    assert not held.reason.startswith("Second look")
    assert "it would have to wait" in held.do


def test_the_sprint_total_does_not_count_what_the_last_sprint_did():
    days = daily(*BEFORE, 2000, 2010, 1990, LIFTED, LIFTED, customers=10_000)
    plan, now = sprint(change(1)), MONDAY + timedelta(days=30)
    assert sprint_total(plan, INVITE, days, now).word is Word.IMPROVED
    said = sprint_total(plan, INVITE, days, now, elsewhere=sprint_before().changes)
    assert said.word not in (Word.IMPROVED, Word.LIKELY)
    assert any("earlier sprint" in each for each in said.cannot_show)


@pytest.mark.parametrize(
    ("weeks_ago", "undone", "said_so"), [(4, False, True), (9, False, False), (4, True, False)]
)
def test_the_review_says_when_the_bar_itself_was_moved(weeks_ago, undone, said_so):
    days = daily(*BEFORE, 2400, 2400, 2400, 2400, customers=10_000, sprint_weeks=4)
    now = MONDAY + timedelta(days=42)
    old = sprint_before(weeks_ago, (1,), rolled_back=undone)
    own = MeasureSeries(PAID, tuple(days), now, ())
    alone, found = (judged(sprint(), [own], "UTC", each).review for each in ([], [old]))
    assert replace(found, cannot_show=()) == replace(alone, cannot_show=())
    assert any("28 days before this one" in each for each in found.cannot_show) is said_so
