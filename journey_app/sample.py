"""The made-up company, ready to look at: its data, its goal, and a sprint two weeks old."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from journey_app.analysis.measure import daily, latest
from journey_app.analysis.series import clock_at
from journey_app.decide.sprint import plan_change
from journey_app.errors import NothingYet
from journey_app.settings import Settings
from journey_app.vocabulary import Change, Filter, Goal, Imported, Measure, Sprint
from journey_app.workspace import decisions
from journey_app.workspace.gathering import Progress, silent
from journey_app.workspace.sample import SAMPLE_NAME, company_import
from journey_app.workspace.workspace import Workspace
from sample_data.company_facts import Truths

PAID = "Payment succeeded"
STEPS = ("Trial started", "Project created", "Teammate invited", PAID)
TO_PAID = Measure("Trial to paid", STEPS[0], PAID, timedelta(days=14))
TARGET = 0.18


def load_sample(
    settings: Settings,
    *,
    until: date,
    now: datetime,
    name: str = SAMPLE_NAME,
    through: date | None = None,
    keep_files: Path | None = None,
    customers: int | None = None,
    progress: Progress = silent,
) -> Imported:
    """Make, import and set up the made-up company as of `until`.

    An empty workspace of that name, such as one that was given up half way, is filled. Failed or
    stopped before its end, nothing stays of one that was made here.
    Raises BadChoice when a workspace of that name holds data, or somebody is just making it.
    """
    with company_import(
        settings,
        until=until,
        now=now,
        name=name,
        through=through,
        keep_files=keep_files,
        customers=customers,
        progress=progress,
    ) as (space, imported, truths):
        _set_up(space, truths, now)
    return imported


def _set_up(space: Workspace, truths: Truths, now: datetime) -> None:
    """Decide what the company decides; what people have decided there already stays."""
    goal = _goal(space, truths)
    if decisions.goal(space) is None:
        decisions.save_goal(space, goal, based_on=0, author="sample", now=now)
    if not decisions.sprints(space):
        decisions.save_sprint(space, _sprint(goal, truths), based_on=0, author="sample", now=now)


def _goal(space: Workspace, truths: Truths) -> Goal:
    """From what was measured on the day before the sprint to 18 % in three months."""
    events = space.events()
    until = clock_at(events, [TO_PAID.start, TO_PAID.outcome], truths.sprint_start)
    start = latest(daily(events, TO_PAID, now=until.now), TO_PAID, until.today)
    if start is None:
        raise NothingYet("The sample is too small to measure its goal.", "Make it with more customers.")
    return Goal(TO_PAID, STEPS, start, TARGET, truths.sprint_start + timedelta(days=75), truths.sprint_start)


def _sprint(goal: Goal, truths: Truths) -> Sprint:
    """Week 1 worked, week 2 did nothing, week 3 is under way: truths of sample_data/README.md."""
    sprint = Sprint("sprint-1", truths.sprint_start, goal)
    for change in _changes(truths):
        sprint = plan_change(sprint, change)
    return sprint


def _changes(truths: Truths) -> list[Change]:
    one, two, drop = truths.week_one, truths.week_two, truths.drop
    first = Change(
        week=1,
        title="CSV import at sign-up",
        owner="Priya",
        hypothesis="People who see their own data on day one stay.",
        measure=Measure("CSV import by day 2", one.start, one.outcome, one.within),
        target_share=0.35,
        effort="M",
        goes_live=one.goes_live,
        roll_back="Turn the offer off in the sign-up settings.",
    )
    second = replace(
        first,
        week=2,
        title="Clearer integrations mail",
        owner="Lena",
        hypothesis="A clearer subject line brings more people to connect a tool.",
        measure=Measure("Integration by day 3", two.start, two.outcome, two.within),
        target_share=0.28,
        effort="S",
        goes_live=two.goes_live,
        roll_back="Send the old text again.",
    )
    third = replace(
        first,
        week=3,
        title="Invite on screen one",
        owner="Tom",
        hypothesis="On a phone the invite is four taps deep since the release.",
        measure=Measure(
            "Mobile invite by day 3",
            drop.start,
            drop.outcome,
            drop.within,
            (Filter("device", (drop.device,)),),
        ),
        target_share=0.45,
        effort="M",
        goes_live=one.goes_live + timedelta(days=14),
        roll_back="Show the old first screen.",
    )
    return [first, second, third]
