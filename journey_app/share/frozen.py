"""What may a stakeholder see? A frozen document of allowed fields: aggregates, no ids, no small groups."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from journey_app.analysis.funnel import Funnel
from journey_app.charts import text
from journey_app.decide.goal import Pace
from journey_app.vocabulary import Change, Finding, Goal, Rate, Verdict

FEWEST = 5  # a smaller group could be a person; its number is not written
_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(\.[\w-]+)+")
_LONG_NUMBER = re.compile(r"\+?\d[\d\s()./-]{7,}\d")


@dataclass(frozen=True)
class FrozenNumber:
    """A share with its range and count; None in share means nobody can tell."""

    share: float | None
    low: float | None
    high: float | None
    of: str  # written out, small groups as “fewer than 5”


@dataclass(frozen=True)
class FrozenStep:
    """One step of the funnel as it is drawn."""

    event: str
    customers: str
    width: float  # 0 to 1 of the first step
    kept: FrozenNumber | None
    lost: str | None
    worst: bool


@dataclass(frozen=True)
class FrozenFinding:
    """One finding."""

    place: str
    claim: str
    number: FrozenNumber | None
    customers: str
    effect: str | None


@dataclass(frozen=True)
class FrozenWeek:
    """One week of the sprint and its verdict."""

    week: int
    title: str
    word: str
    line: str


@dataclass(frozen=True)
class Frozen:
    """Everything the shared report says.

    made_at: UTC. data_to: the last complete local day. ends: the day its link ends, None for a file.
    """

    title: str
    made_at: datetime
    data_to: date
    timezone: str
    version: str
    claim: str
    goal_name: str
    start_share: float
    target_share: float
    by: date
    now: FrozenNumber | None
    needed_today: float
    pace: str
    days_left: int
    steps: tuple[FrozenStep, ...]
    still_open: str
    findings: tuple[FrozenFinding, ...]
    weeks: tuple[FrozenWeek, ...]
    ends: date | None = None


def freeze(
    title: str,
    goal: Goal,
    *,
    current: Rate | None,
    pace: Pace,
    funnel: Funnel,
    findings: Sequence[Finding],
    weeks: Sequence[tuple[Change, Verdict]],
    version: str,
    data_to: date,
    timezone: str,
    made_at: datetime,
    ends: date | None = None,
) -> Frozen:
    """Copy the allowed fields of each answer; e-mail addresses and long numbers in any text are masked."""
    steps = _steps(funnel)
    return Frozen(
        title=masked(title),
        made_at=made_at,
        data_to=data_to,
        timezone=timezone,
        version=version,
        claim=_claim(goal, current, steps),
        goal_name=masked(goal.measure.name),
        start_share=goal.start.share,
        target_share=goal.target_share,
        by=goal.by,
        now=_number(current),
        needed_today=pace.needed_today,
        pace=pace.state,
        days_left=pace.days_left,
        steps=steps,
        still_open=people(sum(step.open for step in funnel.steps)),
        findings=tuple(
            FrozenFinding(
                place=masked(finding.place),
                claim=masked(finding.claim),
                number=_number(finding.rate),
                customers=people(finding.customers),
                effect=None if finding.effect is None else text.points(finding.effect),
            )
            for finding in findings
        ),
        weeks=tuple(
            FrozenWeek(change.week, masked(change.title), verdict.word.value, _line(verdict))
            for change, verdict in weeks
        ),
        ends=ends,
    )


def masked(words: str) -> str:
    """A text without e-mail addresses and long numbers, which could be somebody."""
    return _LONG_NUMBER.sub("(number)", _ADDRESS.sub("(e-mail)", words))


def people(number: int) -> str:
    """A count of customers; a small one is not written out."""
    return f"fewer than {FEWEST}" if 0 < number < FEWEST else text.count(number)


def _number(rate: Rate | None) -> FrozenNumber | None:
    """A rate over fewer than FEWEST people is not given at all."""
    if rate is None or rate.of < FEWEST:
        return None
    return FrozenNumber(rate.share, rate.low, rate.high, people(rate.of))


def _steps(funnel: Funnel) -> tuple[FrozenStep, ...]:
    first = max(funnel.steps[0].customers, 1)
    kept = [step.kept.share for step in funnel.steps if step.kept is not None]
    worst = min(kept) if len(kept) > 1 else None
    return tuple(
        FrozenStep(
            event=masked(step.event),
            customers=people(step.customers),
            width=step.customers / first,
            kept=_number(step.kept),
            lost=None if number == 0 else people(funnel.steps[number - 1].lost or 0),
            worst=worst is not None and step.kept is not None and step.kept.share == worst,
        )
        for number, step in enumerate(funnel.steps)
    )


def _claim(goal: Goal, current: Rate | None, steps: Sequence[FrozenStep]) -> str:
    where = next((f" Most are lost before “{step.event}”." for step in steps if step.worst), "")
    if current is None:
        return f"{masked(goal.measure.name)}: too early to tell.{where}"
    reached = f"{text.rate_percent(current)} now, {text.percent(goal.target_share)} wanted"
    return f"{masked(goal.measure.name)}: {reached}.{where}"


def _line(verdict: Verdict) -> str:
    if verdict.before is None or verdict.after is None:
        return masked(verdict.reason)
    moved = f"{text.rate_percent(verdict.before)} → {text.rate_percent(verdict.after)}"
    return f"{moved} ({text.rate_span(verdict.after)}), n {people(verdict.after.of)}"
