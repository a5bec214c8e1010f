"""What a week is called, and why."""

from dataclasses import replace
from datetime import timedelta

import pytest

from journey_app.decide.verdict import verdict
from journey_app.vocabulary import Word
from tests.decide.conftest import CALM, INVITE, MONDAY, change, daily, hole, sprint

FOUR = (200, 205, 195, 200)
BIG = (10000, 10100, 9900, 10050, 9950, 10080, 9930, 10010, 9990, 10060, 9940, 10000)
WEEK = timedelta(weeks=1)


def judged(*weeks, customers=1000, now=None, gaps=(), others=(), changed=None, **sprint_options):
    mine = changed or change()
    days = daily(*weeks, customers=customers, sprint_weeks=mine.week)
    result_on = mine.goes_live + timedelta(days=9)
    return verdict(mine, sprint(*others, mine, **sprint_options), days, now or result_on, gaps)


@pytest.mark.parametrize(
    ("weeks", "customers", "word", "probability"),
    [
        ([*FOUR, 240], 1000, Word.IMPROVED, 0.9779),
        ([180, 230, 170, 220, 240], 1000, Word.CANNOT_TELL, 0.8960),
        ([*CALM, 240], 1000, Word.IMPROVED, 0.9934),
        ([*FOUR, 150], 1000, Word.WORSE, 0.0038),
        ([20, 22, 18, 20, 30], 100, Word.LIKELY, 0.9597),
        ([*BIG, 10020], 50_000, Word.NO_CHANGE, 0.5813),
    ],
)
def test_golden_words(weeks, customers, word, probability):
    """The six cases of docs/decisions/006."""
    said = judged(*weeks, customers=customers)
    assert said.word is word
    assert said.probability == pytest.approx(probability, abs=0.0002)
    assert said.baseline_weeks == len(weeks) - 1


def test_the_reason_says_rates_range_noise_word_and_what_would_not_show():
    said = judged(*FOUR, 240)
    assert said.reason == (
        "24.0% (240 of 1,000) after against 20.0% (800 of 4,000) in the four weeks before: +20%, plausible "
        "range +0.6% to +43%. Weeks here normally differ by about 4% for no reason. Verdict: improved. "
        "A gain below about 29% would usually not show with this traffic."
    )
    assert said.do == "Keep it, and go on to the next change."
    assert "campaigns, holidays, price" in said.cannot_show[0]
    assert (said.before.count, said.before.of) == (800, 4000)
    assert (said.after.count, said.after.of) == (240, 1000)


def test_worse_names_the_plan():
    assert judged(*FOUR, 150).do == "Roll back now. The plan: switch it off in the settings."


def test_worse_and_already_rolled_back():
    said = judged(*FOUR, 150, changed=change(rolled_back=True))
    assert said.word is Word.WORSE
    assert said.do == "It has been rolled back; leave it out."
    assert any("mixture" in line for line in said.cannot_show)


def test_likely_is_never_a_win():
    said = judged(20, 22, 18, 20, 30, customers=100)
    assert "do not count it as a win" in said.do


def test_no_change_takes_precedence_over_a_certain_tiny_gain():
    weeks = [100 * x for x in (1000, 1001, 999, 1000, 1000, 1001, 999, 1000, 1000, 1001, 999, 1000)]
    said = judged(*weeks, 102_000, customers=1_000_000, worth=0.10)
    assert said.probability > 0.975
    assert said.word is Word.NO_CHANGE
    assert said.do.startswith("Take it out")


def test_leaning_worse_is_said():
    said = judged(*FOUR, 175)
    assert said.word is Word.CANNOT_TELL
    assert 0.025 < said.probability <= 0.10
    assert "leaning worse" in said.reason
    assert "be ready to roll back" in said.do


def test_waiting_that_cannot_settle_it_asks_for_arms():
    said = judged(*CALM, 204)
    assert said.word is Word.CANNOT_TELL
    assert said.more_weeks is None
    assert "randomised arms (about 25," in said.do  # 25,586 an arm would show a gain of 5 %


def test_waiting_that_helps_says_how_long_and_how_many():
    said = judged(*CALM, 230)
    assert said.word is Word.LIKELY
    assert said.more_weeks == 2
    assert "Keep watching 2 more weeks, about 2,000 customers." in said.do
    assert said.result_on == MONDAY + timedelta(days=7 * 3 + 2)


# ---------------------------------------------------------------- before there is a result


def test_planned_until_it_goes_live():
    said = judged(*CALM, 0, now=MONDAY - timedelta(days=1))
    assert said.word is Word.PLANNED
    assert "Mon 27 Apr" in said.reason
    assert said.result_on == MONDAY + timedelta(days=9)


@pytest.mark.parametrize(
    ("collected", "reason"),
    [(0, "0 of 7 days collected"), (3, "3 of 7 days collected"), (8, "within their window")],
)
def test_running_until_the_week_and_the_window_are_over(collected, reason):
    said = judged(*CALM, 200, now=MONDAY + timedelta(days=collected))
    assert said.word is Word.RUNNING
    assert reason in said.reason
    assert "Result Wed 6 May" in said.reason
    assert said.probability is None


def test_a_great_start_is_still_only_running():
    assert judged(*CALM, 400, now=MONDAY + timedelta(days=6)).word is Word.RUNNING


def test_clear_harm_is_said_before_the_week_is_over():
    said = judged(*(10 * x for x in CALM), 900, customers=10_000, now=MONDAY + timedelta(days=5))
    assert said.word is Word.WORSE
    assert said.reason.startswith("After 3 of 7 days")
    assert said.do.startswith("Roll back now")
    assert said.after.of == pytest.approx(3 * 10_000 / 7, abs=3)


def test_slight_harm_waits_for_the_planned_day():
    assert judged(*CALM, 170, now=MONDAY + timedelta(days=6)).word is Word.RUNNING


# ---------------------------------------------------------------- when it cannot be judged


@pytest.mark.parametrize("first_day", [3, 7, 8])
def test_a_tracking_gap_in_the_week_or_its_window_blocks(first_day):
    said = judged(*CALM, 240, gaps=[hole(first_day, hours=20)])
    assert said.word is Word.BLOCKED
    assert "Nothing arrived from product" in said.reason
    assert "20 hours" in said.reason
    assert said.probability is None


def test_a_gap_of_another_event_does_not_matter():
    assert judged(*CALM, 240, gaps=[hole(3, event="ticket opened")]).word is Word.IMPROVED
    assert judged(*CALM, 240, gaps=[hole(3, event="invited")]).word is Word.BLOCKED


def test_an_event_that_never_came_back_blocks_every_later_week():
    stopped = hole(5, 24, "invited", goes_on=True)
    said = judged(*CALM, 240, 240, others=[change(1)], changed=change(2), gaps=[stopped])
    assert said.word is Word.BLOCKED
    assert "No “invited” arrived from product since Sat 2 May" in said.reason


def test_a_gap_before_costs_only_its_week():
    said = judged(*CALM, 240, gaps=[hole(-10)])
    assert said.word is Word.IMPROVED
    assert said.baseline_weeks == 11
    assert said.before.count == sum(CALM[-5:-2]) + CALM[-1]


def test_fewer_than_four_clean_weeks_cannot_tell():
    said = judged(200, 205, 195, 240)
    assert said.word is Word.CANNOT_TELL
    assert "Only 3 clean weeks" in said.reason
    assert said.more_weeks is None
    holed = judged(*FOUR, 240, gaps=[hole(-10)])
    assert "Only 3 clean weeks before the change (1 left out" in holed.reason


def test_four_tiny_weeks_and_a_tripling_cannot_tell():
    said = judged(2, 3, 1, 2, 6, customers=40)
    assert said.word is Word.CANNOT_TELL
    assert "8 converted of 160" in said.reason


def test_too_few_after_says_how_many_weeks_would_do():
    said = judged(20, 22, 18, 20, 6, customers=100)
    assert said.word is Word.CANNOT_TELL
    assert "6 converted of 100" in said.reason
    assert said.more_weeks == 1


def test_nearly_everybody_converts_is_too_few_as_well():
    said = judged(960, 962, 958, 960, 995)
    assert said.word is Word.CANNOT_TELL
    assert "995 converted of 1,000" in said.reason


def test_nobody_came():
    said = judged(*CALM, 0, customers=1000)
    assert said.word is Word.CANNOT_TELL
    empty = verdict(change(), sprint(change()), daily(*CALM, sprint_weeks=0), MONDAY + timedelta(days=9))
    assert empty.reason == "Nobody entered in the week judged."


def test_no_data_at_all():
    said = verdict(change(), sprint(change()), [], MONDAY + timedelta(days=9))
    assert said.word is Word.CANNOT_TELL
    assert said.baseline_weeks == 0


def test_two_changes_in_the_same_seven_days_block_the_first():
    second = change(2, goes_live=MONDAY + timedelta(days=4))
    said = judged(*CALM, 240, others=[second])
    assert said.word is Word.BLOCKED
    assert "“Change 2” went live on Fri 1 May" in said.reason


# ---------------------------------------------------------------- later weeks


def test_an_innocent_week_two_after_a_real_week_one():
    lifted = [10 * x for x in CALM]
    said = judged(*lifted, 2500, 2500, customers=10_000, others=[change(1)], changed=change(2))
    assert said.word is Word.CANNOT_TELL
    assert (said.before.count, said.after.count) == (2500, 2500)
    assert "before these changes" in said.reason
    assert any("wider range" in line for line in said.cannot_show)


def test_a_week_rolled_back_is_stepped_back_over():
    undone = change(1, rolled_back=True)
    said = judged(*CALM, 140, 240, others=[undone], changed=change(2))
    alone = judged(*CALM, 240)
    assert said.probability == pytest.approx(alone.probability, abs=0.01)
    assert said.before.of == 4000
    assert any("rolled back" in line for line in said.cannot_show)


def test_an_unmeasured_week_one_leaves_week_two_less_sure():
    gaps = [hole(2)]
    seen = judged(*CALM, 200, 260, others=[change(1)], changed=change(2))
    unseen = judged(*CALM, 200, 260, others=[change(1)], changed=change(2), gaps=gaps)
    assert unseen.effect.high - unseen.effect.low > 1.2 * (seen.effect.high - seen.effect.low)
    assert unseen.effect.middle == pytest.approx(judged(*CALM, 260).effect.middle, abs=0.005)
    assert "unmeasured the week before" in unseen.reason


def test_a_next_change_within_the_window_is_mentioned():
    said = judged(*CALM, 240, others=[change(2)])
    assert any("last 2 days" in line for line in said.cannot_show)


# ---------------------------------------------------------------- a second look


def second_look(*after, now_days, others=(), gaps=()):
    mine = change()
    days = daily(*CALM, *after, sprint_weeks=len(after))
    return verdict(mine, sprint(mine, *others), days, MONDAY + timedelta(days=now_days), gaps)


def test_the_weeks_asked_for_settle_it():
    said = second_look(230, 236, 238, now_days=23)
    assert said.word is Word.IMPROVED
    assert said.reason.startswith("Second look, over 3 weeks")
    assert said.after.of == 3000


def test_until_then_the_first_word_stands():
    first, between = second_look(230, now_days=9), second_look(230, 236, 238, now_days=22)
    assert between == first
    assert first.more_weeks == 2


def test_there_is_no_third_look():
    said = second_look(230, 215, 214, now_days=23)
    assert said.word is Word.LIKELY
    assert said.more_weeks is None


def test_a_next_change_has_to_wait_for_a_second_look():
    said = second_look(230, 236, 238, now_days=23, others=[change(2)])
    assert said.after.of == 1000
    assert "“Change 2” goes live Mon 4 May: it would have to wait." in said.do


def test_a_gap_in_the_further_weeks_keeps_the_first_word():
    said = second_look(230, 236, 238, now_days=23, gaps=[hole(16)])
    assert said.after.of == 1000
    assert "not fully tracked" in said.do


# ---------------------------------------------------------------- promises


@pytest.mark.parametrize("history", [4, 12, 26])
@pytest.mark.parametrize("share", [0.1, 0.2, 0.35, 0.5, 0.7, 0.85])
def test_three_percent_more_on_a_hundred_visitors_is_never_improved(history, share):
    before = round(100 * share)
    for after in {round(before * 1.03), before + 1}:
        said = judged(*[before] * history, after, customers=100)
        assert said.word is not Word.IMPROVED, (share, after)


def test_a_verdict_knows_only_what_is_before_now():
    """Days that are not decided yet have no say, however they look."""
    later = [replace(day, converted=0, decided=0) for day in daily(*CALM, 240, 900, sprint_weeks=2)[-7:]]
    days = daily(*CALM, 240, 900, sprint_weeks=2)[:-7] + later
    said = verdict(change(), sprint(change()), days, MONDAY + timedelta(days=9))
    assert said.probability == pytest.approx(0.9934, abs=0.0002)


def test_the_measure_is_judged_after_its_own_window():
    slow = change(measure=replace(INVITE, within=timedelta(days=6, hours=1)))
    days = daily(*CALM, 240)
    assert verdict(slow, sprint(slow), days, MONDAY + timedelta(days=13)).word is Word.RUNNING
    assert verdict(slow, sprint(slow), days, MONDAY + timedelta(days=14)).word is Word.IMPROVED
