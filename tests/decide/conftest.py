"""A made-up sprint and the daily numbers around it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from journey_app.analysis.gaps import Gap
from journey_app.analysis.measure import Day
from journey_app.stats.rates import rate
from journey_app.vocabulary import Change, Goal, Measure, Sprint

MONDAY = date(2026, 4, 27)  # the first day of the sprint
INVITE = Measure("Invites by day 2", "signed up", "invited", timedelta(days=2))
PAID = Measure("Trial to paid", "signed up", "paid", timedelta(days=14))
CALM = (200, 205, 195, 210, 190, 202, 198, 207, 193, 201, 199, 200)


def change(week=1, **other):
    made = Change(
        week=week,
        title=f"Change {week}",
        owner="Priya",
        hypothesis="Asking early brings more teammates.",
        measure=INVITE,
        target_share=0.25,
        effort="S",
        goes_live=MONDAY + timedelta(weeks=week - 1),
        roll_back="switch it off in the settings",
    )
    return replace(made, **other)


def sprint(*changes, worth=0.05, target=0.30):
    goal = Goal(
        PAID, ("signed up", "invited", "paid"), rate(800, 4000), target, MONDAY + timedelta(days=90), MONDAY
    )
    return Sprint("s1", MONDAY, goal, changes, worth)


def hole(first_day, hours=30, event=None, source="product", goes_on=False):
    """Nothing tracked from midnight `first_day` days after the sprint began."""
    began = datetime(2026, 4, 27, tzinfo=UTC) + timedelta(days=first_day)
    lasted = timedelta(hours=hours)
    return Gap(source, event, began, None if goes_on else began + lasted, lasted, 40.0)


def week_days(first, customers, converted):
    """One week, its numbers spread over seven days as evenly as whole people allow."""
    each, did = np.full(7, customers // 7), np.full(7, converted // 7)
    each[: customers % 7] += 1
    did[: converted % 7] += 1
    return [Day(first + timedelta(days=n), int(each[n]), int(did[n]), int(each[n])) for n in range(7)]


def daily(*weeks, customers=1000, sprint_weeks=1):
    """Conversions per week, the last `sprint_weeks` of them from the sprint's first Monday on."""
    begins = MONDAY - timedelta(weeks=len(weeks) - sprint_weeks)
    return [d for n, x in enumerate(weeks) for d in week_days(begins + timedelta(weeks=n), customers, x)]


@pytest.fixture
def result_on():
    """When a change of week 1 can be judged: seven days, then its window of two."""
    return MONDAY + timedelta(days=9)
