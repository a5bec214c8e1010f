from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from journey_app.analysis.clock import clock
from journey_app.analysis.gaps import gaps, is_no_chance, silences
from tests.analysis.logs import log, row
from tests.conftest import moment

HOUR = timedelta(hours=1)
START = moment(1)


def steady(event, hours, every=HOUR, **fields):
    """One event an hour (five minutes past), by many customers."""
    times = [START + n * every + timedelta(minutes=5) for n in range(hours)]
    return [row(f"c{n % 50}", event, at, **fields) for n, at in enumerate(times)]


def without(rows, begin, end):
    return [r for r in rows if not begin <= r["occurred_at"] < end]


@pytest.fixture
def asked(tmp_path):
    made = []

    def ask(rows, names=(), **options):
        events = log(tmp_path / f"log{len(made)}", rows)
        made.append(events)
        return silences(events, names, clock=clock(events), **options)

    yield ask
    for events in made:
        events.close()


def test_thirty_silent_hours_are_found_to_the_minute_of_the_events_around_them(asked):
    rows = without(steady("visit", 24 * 45), moment(35, "14:00"), moment(36, "20:00"))
    (gap,) = asked(rows).gaps
    assert (gap.source, gap.event) == ("diary", None)
    assert gap.started_at == moment(35, "13:05")
    assert gap.ended_at == moment(36, "20:05")
    assert gap.length == timedelta(hours=31)
    # 31 hours of one an hour: the first hour after 13:05 in part, 20:00–20:05 in part
    assert gap.expected == pytest.approx(31, abs=0.2)


def test_the_end_of_the_export_is_not_a_gap(asked):
    rows = steady("visit", 24 * 35) + steady("pay", 24 * 45, source="till")
    assert asked(rows).gaps == ()


def test_quiet_weekends_do_not_fire_and_a_silent_monday_does(asked):
    working = [r for r in steady("visit", 24 * 60) if r["occurred_at"].weekday() < 5]
    answer = asked(working)
    assert answer.gaps == ()
    (quiet,) = answer.too_quiet  # 48 silent hours each weekend, and nobody knows more
    assert quiet.silences == 8
    assert quiet.longest == timedelta(hours=49)

    monday = moment(36)
    assert monday.weekday() == 0
    (gap,) = asked(without(working, monday, monday + timedelta(days=1))).gaps
    assert gap.started_at == monday - timedelta(hours=48, minutes=55)
    assert gap.expected == pytest.approx(24, abs=1.1)  # the weekend inside it adds nothing


@pytest.mark.parametrize(("every", "told"), [(6, False), (4, False), (2, True)])
def test_so_many_must_have_been_expected_that_none_is_no_chance(asked, every, told):
    rows = steady("visit", 24 * 45 // every, every * HOUR)
    answer = asked(without(rows, moment(40), moment(41, "03:00")))
    fired = bool(answer.gaps)
    assert fired == told
    assert bool(answer.too_quiet) != fired


def test_before_there_is_a_week_of_history_one_cannot_tell(asked):
    rows = without(steady("visit", 24 * 30), moment(4), moment(6))
    answer = asked(rows)
    assert answer.gaps == ()
    assert [quiet.silences for quiet in answer.too_quiet] == [1]


def test_a_goal_event_that_alone_fell_silent_is_named(asked):
    rows = steady("visit", 24 * 45) + without(steady("signup", 24 * 45), moment(35), moment(37))
    assert asked(rows).gaps == ()  # not asked about
    (gap,) = asked(rows, ["signup"]).gaps
    assert gap.event == "signup"
    assert (gap.started_at, gap.ended_at) == (moment(34, "23:05"), moment(37, "00:05"))


def test_when_the_whole_source_is_silent_its_events_are_not_named_too(asked):
    rows = without(steady("visit", 24 * 45) + steady("signup", 24 * 45), moment(35), moment(37))
    assert [gap.event for gap in asked(rows, ["signup", "visit"]).gaps] == [None]


def test_a_goal_event_that_never_came_back_is_a_gap_without_end(asked):
    rows = steady("visit", 24 * 45) + steady("signup", 24 * 40)
    (gap,) = asked(rows, ["signup"]).gaps
    assert gap.event == "signup"
    assert gap.ended_at is None
    assert gap.length == timedelta(days=5)


def test_a_gap_longer_than_a_week_is_judged_by_the_weeks_before_it(asked):
    (gap,) = asked(without(steady("visit", 24 * 60), moment(35), moment(45))).gaps
    assert gap.expected == pytest.approx(240, rel=0.02)


def test_a_shorter_limit_finds_shorter_gaps_and_now_cuts_off(tmp_path):
    rows = without(steady("visit", 24 * 45), moment(35), moment(35, "16:00"))
    events = log(tmp_path, rows)
    known = clock(events)
    assert gaps(events, [], clock=known) == ()
    assert len(gaps(events, [], clock=known, longer_than=12 * HOUR)) == 1
    early = type(known)(now=moment(35, "10:00"), today=known.today, sources=known.sources)
    assert gaps(events, [], clock=early, longer_than=12 * HOUR) == ()
    events.close()


def test_one_burst_in_four_weeks_leaves_nothing_to_be_expected(asked):
    """A list of contacts imported at once on a Thursday is no reason to expect forty next Thursday."""
    slow = steady("visit", 4 * 45, 6 * HOUR)
    burst = [row(f"b{n}", "visit", moment(32, f"12:{n:02}")) for n in range(50)]
    silent = without(slow, moment(39, "06:00"), moment(40, "12:00"))
    assert asked(silent + burst).gaps == ()


def test_many_events_of_one_customer_are_one_visit(asked):
    def daily(clicks):
        starts = [moment(day, "12:00") for day in range(1, 46)]
        return [row("ana", "visit", at + timedelta(minutes=n)) for at in starts for n in range(clicks)]

    answer = asked(without(daily(20), moment(40), moment(42)))
    assert answer.gaps == ()
    assert [quiet.silences for quiet in answer.too_quiet] == [1]


def test_three_events_of_one_ticket_are_one_reason_to_expect_something(asked):
    """Eight tickets a day, each opened, assigned and solved: 24 events are due, by eight customers."""

    def tickets(a_day):
        return [
            row(f"d{day}t{n}", event, moment(day, f"{8 + hour + n:02}:00"))
            for day in range(1, 46)
            for n in range(a_day)
            for hour, event in enumerate(("opened", "assigned", "solved"))
        ]

    assert asked(without(tickets(8), moment(40), moment(41))).gaps == ()
    assert len(asked(without(tickets(13), moment(40), moment(41))).gaps) == 1


def test_uneven_hours_are_weighed_by_the_hour_of_the_week(asked):
    rng = np.random.default_rng(5)
    rows = []
    for hour in range(24 * 45):
        at = START + hour * HOUR
        busy = 8 if 9 <= at.hour < 17 else 0.3
        rows += [row(f"c{n}", "visit", at + timedelta(minutes=n)) for n in range(rng.poisson(busy))]
    (gap,) = asked(without(rows, moment(35, "09:00"), moment(36, "17:00"))).gaps
    assert gap.expected == pytest.approx(2 * 8 * 8 + 16 * 0.3, rel=0.15)


def newsletter(days=(3, 10, 17, 24), months=(3, 4, 5, 6, 7, 8), clickers=60):
    """Clicks by many, most of them within hours and the last a day and a half after each sending."""
    rng = np.random.default_rng(8)
    return [
        row(f"c{n}", "click", datetime(2026, month, day, 9, tzinfo=UTC) + timedelta(hours=hours))
        for month in months
        for day in days
        for n, hours in enumerate(np.minimum(rng.exponential(6, clickers), 36))
    ]


def test_a_newsletter_on_days_of_the_month_comes_in_bursts_and_misses_nothing(asked):
    """The weekday moves each month, so that the same hours of the weeks before had a sending in them."""
    answer = asked(newsletter(), ["click"], longer_than=12 * HOUR)
    assert answer.gaps == ()
    assert {(quiet.source, quiet.event) for quiet in answer.too_quiet} == {("diary", None)}
    assert max(quiet.longest for quiet in answer.too_quiet) > timedelta(days=8)


def test_a_sending_that_did_not_come_is_a_gap_in_a_weekly_newsletter(asked):
    weekly = [
        row(f"c{n}", "click", START + timedelta(weeks=week, hours=9 + n % 20))
        for week in range(16)
        for n in range(60)
        if week != 12
    ]
    (gap,) = asked(weekly).gaps
    assert gap.length > timedelta(days=13)


def test_a_third_outage_in_a_steady_source_is_found_like_the_two_before_it(asked):
    rows = steady("visit", 24 * 70)
    for day in (30, 40, 50):
        rows = without(rows, moment(day), moment(day + 2))
    assert len(asked(rows).gaps) == 3


def test_a_silent_day_after_a_weekend_of_three_days_is_a_gap(asked):
    """Four working days, nine to five: between Thursday and Monday lie 88 hours, over half of the week."""
    rows = [
        r
        for r in steady("visit", 2 * 24 * 70, HOUR / 2)
        if r["occurred_at"].weekday() < 4 and 9 <= r["occurred_at"].hour < 17
    ]
    assert asked(rows).gaps == ()
    monday = moment(50)
    assert monday.weekday() == 0
    assert len(asked(without(rows, monday, monday + timedelta(days=1))).gaps) == 1
    morning = without(rows, monday + timedelta(days=1), monday + timedelta(days=1, hours=16))
    assert len(asked(morning, longer_than=12 * HOUR).gaps) == 1  # nights are no bursts


def test_a_source_without_an_outage_hardly_ever_has_a_gap(asked):
    """Half a year of four a day, by chance alone: where seven due were enough, three in four such sources had one."""
    rng = np.random.default_rng(4)
    found = 0
    for _ in range(12):
        days = np.sort(rng.uniform(0, 182, rng.poisson(4 * 182)))
        found += bool(
            asked([row(f"c{n}", "visit", START + timedelta(days=day)) for n, day in enumerate(days)]).gaps
        )
    assert found <= 1


def test_how_much_must_be_missing_grows_with_the_chances_and_with_fewer_weeks():
    assert is_no_chance([14, 14, 14, 14], 1_000) and not is_no_chance([12, 12, 12, 12], 1_000)
    assert not is_no_chance([14, 14, 14, 14], 1_000_000)
    assert is_no_chance([17], 1_000) and not is_no_chance([16], 1_000)  # 2 ** -17 of a hundred thousand
    assert not is_no_chance([0, 6, 6, 900], 10)
