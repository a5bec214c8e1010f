"""What is remarkable on the way to the goal, and what would mending it be worth?

Three rules, each a sentence a person could check: red data, the widest gap between two kinds of
customer at each step, and the step that costs the goal most.
Source: docs/decisions/010-friction-and-findings.md
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

from journey_app.analysis.audit import Audit
from journey_app.analysis.clock import Clock
from journey_app.analysis.funnel import Step, funnel
from journey_app.analysis.grades import RED
from journey_app.analysis.velocity import velocity
from journey_app.analysis.worth import WEEKS, Way, first_entry, gap_worth, rate_at, short_measure, way_of
from journey_app.engine.base import Events
from journey_app.stats.rates import newcombe, rate
from journey_app.vocabulary import Filter, Finding, Goal, Measure

FIELDS = ("device", "channel")
FEWEST = 100  # customers of each value at a step before two values are compared
CONFIDENCE = 0.95


@dataclass(frozen=True)
class _Gap:
    """Two values of a field at one step, as ways; better keeps more of those at `step` than worse."""

    step: int
    field: str
    worse: str
    better: str


@dataclass(frozen=True)
class _Ground:
    """What all findings of one goal stand on. parts: field → value → its way; usual: p95 by step."""

    events: Events
    goal: Goal
    clock: Clock
    way: Way
    parts: Mapping[str, Mapping[str, Way]]
    usual: tuple[timedelta | None, ...]

    def measure(self, step: int, where: tuple[Filter, ...] = ()) -> Measure:
        names = self.goal.steps
        only = self.goal.measure.where + where
        return short_measure(names[step], names[step + 1], self.usual[step], only)


def findings(events: Events, goal: Goal, *, clock: Clock, audit: Audit) -> tuple[Finding, ...]:
    """Red data first, then by the middle of the effect on the goal, largest first.

    Looks at the customers of the last twelve weeks of entries whose window is over.
    Raises BadChoice or UnknownName when the goal's steps are not there.
    """
    ground = _ground(events, goal, clock)
    found = [*_worst_step(ground), *_widest_gaps(ground)]
    ranked = sorted(found, key=lambda finding: (-_middle(finding), finding.place, finding.claim))
    return (*_red_data(audit), *ranked)


def _ground(events: Events, goal: Goal, clock: Clock) -> _Ground:
    since, only = first_entry(goal, clock), goal.measure.where
    parts: dict[str, dict[str, Way]] = {}
    steps: tuple[Step, ...] = ()
    for field in FIELDS:
        answer = funnel(
            events, goal.steps, goal.measure.within, now=clock.now, by=field, since=since, where=only
        )
        steps = answer.steps
        parts[field] = {value: way_of(part, since) for value, part in answer.by.items()}
    paces = velocity(events, goal.steps, goal.measure.within, since=since, where=only)
    return _Ground(events, goal, clock, way_of(steps, since), parts, tuple(pace.p95 for pace in paces))


def _middle(finding: Finding) -> float:
    return finding.effect.middle if finding.effect else 0.0


def _red_data(audit: Audit) -> Iterator[Finding]:
    """Each red killer: nothing else can be believed before it is mended."""
    for killer in audit.killers:
        if killer.grade == RED:
            seen = rate(killer.count, killer.of) if killer.count is not None and killer.of else None
            yield Finding(
                kind="red_data",
                place=killer.where or killer.name,
                claim=killer.sentence,
                rate=seen,
                customers=killer.count or 0,
                effect=None,
            )


def _worst_step(ground: _Ground) -> Iterator[Finding]:
    """The step whose loss costs the goal most."""
    way = ground.way
    worths = {step: way.loss_worth(step) for step in range(len(way.steps) - 1)}
    known = {step: worth for step, worth in worths.items() if worth is not None}
    if not known:
        return
    step = max(known, key=lambda step: known[step].middle)
    lost = way.reached[step] - way.reached[step + 1]
    if lost == 0:
        return
    yield Finding(
        kind="worst_step",
        place=way.steps[step + 1],
        claim=f"{_share_words(lost, way.reached[step])} “{way.steps[step]}” without "
        f"“{way.steps[step + 1]}”: {lost:,} of {way.reached[step]:,}.",
        rate=way.kept(step),
        customers=lost,
        effect=known[step],
        measure=ground.measure(step),
        weeks=_weeks(ground, step),
    )


def _share_words(lost: int, of: int) -> str:
    if 2 * lost > of:
        return "Most people stop after"
    return "Half of all people stop after" if 2 * lost == of else "People stop after"


def _widest_gaps(ground: _Ground) -> Iterator[Finding]:
    """At each step the two values that differ most, if they differ beyond chance.

    Chance is counted for all pairs looked at together: with m of them each difference is judged at a
    confidence of 1 − 0.05 / m (Bonferroni). A step's other pairs are left out: they say the same.
    """
    pairs = [gap for step in range(len(ground.way.steps) - 1) for gap in _pairs(ground, step)]
    if not pairs:
        return
    confidence = 1 - (1 - CONFIDENCE) / len(pairs)
    for step in sorted({gap.step for gap in pairs}):
        at_step = [_gap_finding(ground, gap, confidence) for gap in pairs if gap.step == step]
        sure = [finding for finding in at_step if finding is not None]
        if sure:
            widest = max(sure, key=_middle)
            only = widest.measure.where[-1:] if widest.measure else ()
            yield replace(widest, weeks=_weeks(ground, step, only))


def _pairs(ground: _Ground, step: int) -> Iterator[_Gap]:
    """Every two known values of a field with at least 100 customers each at a step."""
    for field, ways in ground.parts.items():
        large = [v for v, way in ways.items() if v != "unknown" and way.reached[step] >= FEWEST]
        for one, other in combinations(sorted(large), 2):
            first, second = ways[one].kept(step), ways[other].kept(step)
            if first and second:
                worse, better = (one, other) if first.share <= second.share else (other, one)
                yield _Gap(step, field, worse, better)


def _gap_finding(ground: _Ground, gap: _Gap, confidence: float) -> Finding | None:
    """The finding, or None when chance alone could make such a gap."""
    ways, step = ground.parts[gap.field], gap.step
    here = [(ways[value].reached[step + 1], ways[value].reached[step]) for value in (gap.worse, gap.better)]
    worse, better = (rate_at(count, of, confidence) for count, of in here)
    if newcombe(better, worse).low <= 0:
        return None
    onward = ground.way.onward(step + 1)
    before, after = ground.way.steps[step], ground.way.steps[step + 1]
    return Finding(
        kind="widest_gap",
        place=after,
        claim=f"After “{before}” {worse.share:.0%} on {gap.worse} go on, "
        f"{better.share:.0%} on {gap.better}: {worse.count:,} of {worse.of:,}.",
        rate=rate(worse.count, worse.of),
        customers=worse.of - worse.count,
        effect=gap_worth(worse, better, worse.of, ground.way.reached[0], onward.share if onward else 0.0),
        measure=ground.measure(step, (Filter(gap.field, (gap.worse,)),)),
    )


def _weeks(ground: _Ground, step: int, where: tuple[Filter, ...] = ()) -> tuple[float | None, ...]:
    """The share kept after `step`, by the week of entry: twelve weeks, oldest first, decided people only."""
    goal = ground.goal
    answer = funnel(
        ground.events,
        goal.steps,
        goal.measure.within,
        now=ground.clock.now,
        by="local_week",
        since=ground.way.since - timedelta(days=7),
        where=goal.measure.where + where,
    )
    weeks = {date.fromisoformat(value): part for value, part in answer.by.items()}
    shares = {week: way_of(part, week).kept(step) for week, part in weeks.items()}
    last_day = ground.clock.today - goal.measure.within - timedelta(days=1)
    last = max((week for week in weeks if week <= last_day), default=last_day)
    last += timedelta(days=7 * ((last_day - last).days // 7))
    newest_first = (shares.get(last - timedelta(days=7 * back)) for back in range(WEEKS))
    return tuple(share.share if share else None for share in newest_first)[::-1]
