"""Things that must never leave: planted in every text a report could be made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from journey_app.analysis.funnel import Funnel, Step
from journey_app.decide.goal import pace
from journey_app.share.frozen import Frozen, freeze
from journey_app.stats.rates import rate
from journey_app.vocabulary import Change, Finding, Goal, Interval, Measure, Verdict, Word

MAIL, PHONE, UUID = "jo.canary@example.com", "+49 30 5550 1234", "550e8400-e29b-41d4-a716-446655440000"
ID, NUMBER, OWNER, LOG = "cus9f8a7b6c5d", "88123456", "Quendolina", "Half of Bertrand's accounts"
CANARIES = (MAIL, PHONE, UUID, ID, NUMBER, OWNER, "Bertrand", "Sebastiana")
DAY = date(2026, 5, 18)


def event(name: str) -> str:
    return f"{name} {MAIL} {ID}"


MEASURE = Measure(f"Trial to paid {MAIL}", event("Trial"), event("Paid"), timedelta(days=14))
GOAL = Goal(MEASURE, (MEASURE.start, MEASURE.outcome), rate(600, 5000), 0.18, date(2026, 6, 30), DAY)
FINDING = Finding(
    "worst_step",
    event("Paid"),
    f"Most stop after “{event('Trial')}”, such as {UUID} or {PHONE}: 1,764 of 3,312.",
    rate(1548, 3312),
    1764,
    Interval(0.011, 0.017, 0.024),
)
CHANGE = Change(
    week=1,
    title=f"Call {PHONE} and {MAIL}",
    owner=OWNER,
    hypothesis="Sebastiana asked for it.",
    measure=MEASURE,
    target_share=0.4,
    effort="S",
    goes_live=DAY,
    roll_back="Ask Sebastiana.",
    log=LOG,
)
VERDICT = Verdict(Word.RUNNING, f"3 of 7 days, account {NUMBER} complained.", f"Ask {OWNER}.")


def frozen(**other) -> Frozen:
    """A report whose every source holds canaries; other: what `freeze` is told instead."""
    steps = (
        Step(event("Trial"), 5000, 300, 4700, 4000, None),
        Step(event("Paid"), 700, 0, 700, None, rate(700, 4700)),
    )
    now = rate(660, 5000)
    told = {
        "title": f"Report for {MAIL}",
        "goal": GOAL,
        "current": now,
        "pace": pace(GOAL, now, DAY + timedelta(days=14)),
        "funnel": Funnel(steps, rate(700, 4700)),
        "findings": [FINDING, replace(FINDING, evidence=OWNER)],
        "weeks": [(CHANGE, VERDICT)],
        "version": "a41f",
        "data_to": date(2026, 5, 31),
        "timezone": "Europe/Berlin",
        "made_at": datetime(2026, 6, 1, 9, 12, tzinfo=UTC),
    } | other
    return freeze(told.pop("title"), told.pop("goal"), **told)
