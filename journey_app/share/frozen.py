"""What may a stakeholder see? A frozen document of allowed fields: aggregates, no ids, no small groups."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from journey_app.analysis.funnel import Funnel
from journey_app.charts import text
from journey_app.decide.goal import Pace
from journey_app.share.rounding import claim_of, few, people, rounded, shown, tells_on_few
from journey_app.vocabulary import Change, Finding, Goal, Rate, Verdict

_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(\.[\w-]+)+")
_RUN = re.compile(r"[A-Za-z0-9]{6,}")  # what a tool's own id is made of
_NUMBERED = re.compile(r"[A-Za-z]{1,4}\d{5,}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_UUID = re.compile(r"\b[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
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
    start_share, needed_today: None where the goal's start was measured on too few people to be told.
    """

    title: str
    made_at: datetime
    data_to: date
    timezone: str
    version: str
    claim: str
    goal_name: str
    start_share: float | None
    target_share: float
    by: date
    now: FrozenNumber | None
    needed_today: float | None
    pace: str
    days_left: int
    steps: tuple[FrozenStep, ...]
    still_open: str
    findings: tuple[FrozenFinding, ...]
    weeks: tuple[FrozenWeek, ...]
    ends: date | None = None
    warnings: tuple[str, ...] = ()  # what is wrong with the data that the numbers rest on
    not_ours: tuple[str, ...] = ()  # touchpoints the team says it does not have, so nothing of them is judged


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
    warnings: Sequence[str] = (),
    not_ours: Sequence[str] = (),
) -> Frozen:
    """Copy the allowed fields of each answer; addresses, ids and long numbers in any text are masked.

    Counts are rounded, and what is about fewer than five people is left out (`share.rounding`).
    """
    steps = _steps(funnel)
    start = shown(goal.start)
    return Frozen(
        title=masked(title),
        made_at=made_at,
        data_to=data_to,
        timezone=timezone,
        version=version,
        claim=_claim(goal, current, steps),
        goal_name=masked(goal.measure.name),
        start_share=start.share if start else None,
        target_share=goal.target_share,
        by=goal.by,
        now=_number(current),
        needed_today=_needed(goal, pace, start),
        pace=pace.state,
        days_left=pace.days_left,
        steps=steps,
        still_open=people(sum(step.open for step in funnel.steps)),
        findings=tuple(map(_finding, filter(_may_be_told, findings))),
        weeks=tuple(_week(change, verdict) for change, verdict in weeks),
        ends=ends,
        warnings=tuple(map(masked, warnings)),
        not_ours=tuple(map(masked, not_ours)),
    )


def masked(words: str) -> str:
    """A text without e-mail addresses, ids and long numbers, which could be somebody."""
    without = _UUID.sub("(id)", _ADDRESS.sub("(e-mail)", words))
    return _RUN.sub(_unless_id, _LONG_NUMBER.sub(_unless_day, without))


def _unless_day(found: re.Match[str]) -> str:
    return found[0] if _DAY.fullmatch(found[0]) else "(number)"


def _unless_id(found: re.Match[str]) -> str:
    """Letters and digits mixed are an id unless they are few; six digits or more alone are one too."""
    run = found[0]
    digits = sum(sign.isdigit() for sign in run)
    mixed = len(run) >= 8 and digits >= 3 and len(run) - digits >= 2
    return "(id)" if mixed or digits == len(run) or _NUMBERED.fullmatch(run) else run


def _needed(goal: Goal, pace: Pace, start: Rate | None) -> float | None:
    """What is needed today on the way from the start as it is told; None where the start is not.

    Target, dates and what is needed give the start away, so the exact one must not stand beside the rounded one.
    """
    if start is None:
        return None
    way = goal.target_share - goal.start.share
    gone = (pace.needed_today - goal.start.share) / way if way else 1.0
    return start.share + gone * (goal.target_share - start.share)


def _number(rate: Rate | None) -> FrozenNumber | None:
    told = shown(rate)
    return None if told is None else FrozenNumber(told.share, told.low, told.high, people(told.of))


def _may_be_told(finding: Finding) -> bool:
    """A claim about a small group would name its number."""
    return not few(finding.customers) and not (finding.rate and tells_on_few(finding.rate))


def _finding(finding: Finding) -> FrozenFinding:
    return FrozenFinding(
        place=masked(finding.place),
        claim=masked(claim_of(finding)),
        number=_number(finding.rate),
        customers=people(finding.customers) if finding.customers else "",
        effect=None if finding.effect is None else text.points(finding.effect),
    )


def _week(change: Change, verdict: Verdict) -> FrozenWeek:
    return FrozenWeek(change.week, masked(change.title), verdict.word.value, _line(verdict))


def _steps(funnel: Funnel) -> tuple[FrozenStep, ...]:
    first = max(rounded(funnel.steps[0].customers), 1)
    kept = [step.kept.share for step in funnel.steps if step.kept is not None]
    worst = min(kept) if len(kept) > 1 else None
    return tuple(
        FrozenStep(
            event=masked(step.event),
            customers=people(step.customers),
            width=0.01 if few(step.customers) else min(round(rounded(step.customers) / first, 3), 1.0),
            kept=_number(step.kept),
            lost=None if number == 0 else people(funnel.steps[number - 1].lost or 0),
            worst=worst is not None and step.kept is not None and step.kept.share == worst,
        )
        for number, step in enumerate(funnel.steps)
    )


def _claim(goal: Goal, current: Rate | None, steps: Sequence[FrozenStep]) -> str:
    where = next((f" Most are lost before “{step.event}”." for step in steps if step.worst), "")
    now = shown(current)
    if now is None:
        return f"{masked(goal.measure.name)}: too early to tell.{where}"
    reached = f"{text.rate_percent(now)} now, {text.percent(goal.target_share)} wanted"
    return f"{masked(goal.measure.name)}: {reached}.{where}"


def _line(verdict: Verdict) -> str:
    if verdict.before is None or verdict.after is None:
        return masked(verdict.reason)
    before, after = shown(verdict.before), shown(verdict.after)
    if before is None or after is None:
        return "Too few customers to show."
    moved = f"{text.rate_percent(before)} → {text.rate_percent(after)}"
    return f"{moved} ({text.rate_span(after)}), n {people(after.of)}"
