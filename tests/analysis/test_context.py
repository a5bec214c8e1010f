"""Spend and visits beside the funnel: never added where they may not be, unknown where nobody knows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from journey_app.analysis.clock import Clock
from journey_app.analysis.context import Channel, beside
from journey_app.errors import BadChoice, UnknownName
from tests.conftest import moment, snapshot_of_context

STEPS = ("visit", "pay")
TWO_DAYS = timedelta(days=2)
MONDAY, NEXT = date(2026, 3, 2), date(2026, 3, 9)
PAID = Channel("ads", "paid search", "EUR")
DIARY = """
    zoe visit 1 00:00 channel=mail
    ana visit 2 09:00 channel=cpc
    ana pay   3 09:00
    bob visit 3 09:00 channel=Paid_Search
    bob pay   9 09:00
    cat visit 9 09:00 channel=cpc
    cat pay   9 10:00
    dan visit 13 10:00 channel=cpc
    eve visit 14 10:00 channel=mail
"""


def clock(day):
    today = MONDAY + timedelta(days=day - 1)
    return Clock(moment(day), today, {})


def day(number, spend=None, **more):
    then = MONDAY + timedelta(days=number - 1)
    return {"first_day": then, "last_day": then, "currency": "EUR", "medium": "cpc", "spend": spend, **more}


@pytest.fixture
def asked(tmp_path):
    """A function: report rows, and how to ask → the answer."""
    made = []

    def ask(*rows, diary=DIARY, until=15, steps=STEPS, **how):
        snapshot = snapshot_of_context(tmp_path / f"space{len(made)}", diary, [list(rows)])
        made.append(snapshot)
        within = how.pop("within", TWO_DAYS)
        return beside(snapshot, steps, within, clock=clock(until) if steps else None, **how)

    yield ask
    for snapshot in made:
        snapshot.close()


def test_weeks_stand_side_by_side_with_who_entered_in_them(asked):
    answer = asked(day(2, 10.0, clicks=4.0), day(3, 5.5, campaign="Other"), day(9, 7.0, clicks=1.0))
    first, second = answer.spans
    assert (first.starts, second.starts) == (MONDAY, NEXT)
    assert (first.told[PAID].spend, first.told[PAID].clicks, first.days[PAID]) == (15.5, 4.0, 2)
    assert (first.entered, first.converted, first.open) == (3, 1, 0)  # bob paid too late
    assert (second.entered, second.converted, second.open) == (3, 1, 2)  # dan and eve still may


def test_a_week_nobody_told_of_is_there_and_unknown(asked):
    answer = asked(day(2, 10.0), day(16, 7.0), until=22)
    assert [span.told == {} for span in answer.spans] == [False, True, False]


def test_days_can_be_asked_for_instead(asked):
    answer = asked(day(2, 10.0, users=30.0), day(3, 5.0, users=30.0), by="day")
    assert [(s.starts.day, s.told[PAID].users, s.entered) for s in answer.spans] == [
        (3, 30.0, 1),
        (4, 30.0, 1),
    ]


def test_visitors_of_a_week_are_not_the_sum_of_its_days(asked):
    assert asked(day(2, users=30.0), day(3, users=30.0)).spans[0].told[PAID].users is None


def test_a_measure_that_nobody_told_is_none_and_one_told_partly_is_what_was_told(asked):
    told = asked(day(2, 10.0, clicks=None), day(3, None, clicks=3.0)).spans[0].told[PAID]
    assert (told.spend, told.clicks, told.sessions) == (10.0, 3.0, None)


def test_currencies_and_sources_stay_apart(asked):
    answer = asked(
        day(2, 10.0), day(2, 3.0, currency="USD"), day(2, None, source="pages", currency=None, sessions=9.0)
    )
    assert sorted(channel.source for channel in answer.spans[0].told) == ["ads", "ads", "pages"]
    assert answer.channels[0] == PAID and answer.channels[-1].source == "pages"


def test_a_period_is_spread_over_no_week(asked):
    period = {**day(2, 90.0), "last_day": MONDAY + timedelta(days=20)}
    answer = asked(period, day(9, 7.0))
    assert [span.starts for span in answer.spans] == [NEXT]
    assert [(t.first_day, t.numbers.spend) for t in answer.totals] == [(date(2026, 3, 3), 90.0)]


def test_cost_for_each_who_came_counts_only_told_days_whose_windows_are_over(asked):
    # ana on day 2 and bob on day 3 came by it; cat on day 9 of which no report tells; dan's window is open.
    cost = asked(day(2, 10.0), day(3, 5.0), day(13, 100.0)).costs[0]
    assert (cost.days, cost.spend, cost.entered, cost.converted) == (2, 15.0, 2, 1)
    assert (cost.per_entry, cost.per_conversion) == (7.5, 15.0)
    assert (cost.first_day, cost.last_day) == (date(2026, 3, 3), date(2026, 3, 4))


def test_a_channel_that_no_customer_names_has_no_cost_for_each(asked):
    cost = asked(day(2, 10.0, channel="radio", medium=None)).costs[0]
    assert (cost.spend, cost.entered, cost.per_entry, cost.per_conversion) == (10.0, None, None, None)


def test_two_reports_that_pay_for_one_name_share_nobody(asked):
    costs = asked(day(2, 10.0), day(2, 4.0, source="other ads")).costs
    assert [(cost.spend, cost.per_entry) for cost in costs] == [(10.0, None), (4.0, None)]


def test_visits_told_by_another_source_take_no_customer_from_who_pays(asked):
    assert asked(day(2, 10.0), day(2, None, source="pages", sessions=9.0)).costs[0].per_entry == 10.0


def test_nobody_came_is_no_cost_for_each(asked):
    cost = asked(day(4, 10.0)).costs[0]
    assert (cost.entered, cost.per_entry, cost.per_conversion) == (0, None, None)


def test_weeks_that_the_events_do_not_cover_are_unknown_not_empty(asked):
    answer = asked(day(-6, 3.0), day(2, 10.0), day(16, 7.0), until=12)
    assert [span.entered for span in answer.spans] == [None, 3, None, None]


def test_without_steps_the_funnel_is_unknown(asked):
    answer = asked(day(2, 10.0), steps=())
    assert answer.spans[0].entered is None and answer.costs[0].spend == 10.0
    assert answer.costs[0].per_entry is None


def test_without_a_window_nobody_is_open(asked):
    answer = asked(day(2, 10.0), day(9, 1.0), within=None)
    assert [span.open for span in answer.spans] == [0, 0]
    assert answer.costs[0].converted == 2  # ana and cat


def test_without_reports_there_is_nothing_to_show(asked):
    assert asked() is None


def test_odd_questions_are_answered_with_a_sentence(asked):
    with pytest.raises(BadChoice, match="no span"):
        asked(day(2, 1.0), by="month")
    with pytest.raises(UnknownName):
        asked(day(2, 1.0), steps=("visit", "nothing"))


def test_a_sum_without_a_campaign_says_whose_part_is_missing(asked):
    rows = [
        day(2, 10.0, clicks=4.0, campaign="Autumn"),
        day(2, 5.0, campaign="Brand"),
        day(3, 5.0, clicks=2.0, campaign="Brand"),
        day(9, 7.0, clicks=1.0, campaign="Autumn"),
    ]
    first, second = asked(*rows).spans
    assert first.told[PAID].clicks == 6.0 and first.told[PAID].untold == {"clicks": ("Brand",)}
    assert second.told[PAID].untold == {}
    monday, tuesday = asked(*rows, by="day").spans[:2]
    assert monday.told[PAID].untold == {"clicks": ("Brand",)} and tuesday.told[PAID].untold == {}


def test_a_measure_that_no_report_of_a_channel_has_is_nobodys_fault(asked):
    visits = day(2, sessions=30.0) | {"source": "analytics", "currency": None, "medium": None}
    spans = asked(day(2, 10.0, clicks=4.0), visits).spans
    assert all(numbers.untold == {} for span in spans for numbers in span.told.values())


def test_days_stand_for_campaigns_where_none_are_told_apart(asked):
    (week,) = asked(day(2, 10.0, clicks=4.0), day(3, 5.0)).spans
    assert week.told[PAID].untold == {"clicks": ("2026-03-04",)}


def test_a_total_and_a_cost_are_the_least_where_a_campaign_is_not_told(asked):
    long = {"first_day": MONDAY, "last_day": MONDAY + timedelta(days=40)}
    rows = [
        day(2, 10.0, campaign="Autumn"),
        day(2, campaign="Brand", clicks=3.0),
        day(3, 5.0, campaign="Brand"),
    ]
    rows += [
        day(1, 9.0, campaign=c, clicks=n) | long | {"source": "other"} for c, n in (("A", 5.0), ("B", None))
    ]
    answer = asked(*rows)
    assert answer.totals[0].numbers.untold == {"clicks": ("B",)}
    cost = next(cost for cost in answer.costs if cost.channel == PAID)
    assert (cost.spend, cost.untold) == (15.0, ("Brand",))
