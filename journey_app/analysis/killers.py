"""Which of the four things that make every other number wrong are there?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from journey_app.analysis.evidence import (
    Evidence,
    decisive,
    gap_said,
    home,
    hours,
    unmatched,
    visits_said,
    visits_untold,
)
from journey_app.analysis.grades import FEWEST, GRADES, GREEN, SEVERITY, grade, worst

MANY_DAYS = timedelta(days=4)  # from here on hours say nothing
PEOPLE = {"billing": "payers", "support": "ticket authors", "product": "named users"}


@dataclass(frozen=True)
class Killer:
    """One tile. value, limit: shares 0 to 1, or hours (unit: "share" or "hours").

    value and grade are None when it cannot be told; the sentence says why. count, of: what a share
    rests on. where: the system, source or event it concerns. started_at, ended_at: of a gap, UTC;
    a gap that goes on has no end.
    """

    name: str
    value: float | None
    limit: float
    unit: str
    grade: str | None
    sentence: str
    count: int | None = None
    of: int | None = None
    where: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None


def killers(evidence: Evidence) -> tuple[Killer, ...]:
    """The four, worst first."""
    four = (
        _ids(evidence),
        _gap(evidence),
        _times(evidence),
        _visits(evidence),
    )
    return tuple(sorted(four, key=lambda killer: SEVERITY[killer.grade]))


def _ids(evidence: Evidence) -> Killer:
    name, limit = "ids do not match", GRADES["ids"].red
    enough = [match for match in decisive(evidence.matches) if match.customers >= FEWEST]
    if not enough:
        nobody = (
            "Of the places you have, none has customers that another must know."
            if evidence.not_ours
            else "Nobody here has to be known in another system."
        )
        said = "Too few customers to tell." if evidence.matches else nobody
        return Killer(name, None, limit, "share", None, said)
    poorest = max(enough, key=unmatched)
    share, lost = unmatched(poorest), poorest.customers - poorest.matched
    return Killer(
        name,
        share,
        limit,
        "share",
        grade("ids", share),
        f"{lost:,} of {poorest.customers:,} {PEOPLE[poorest.system]} are not known in {home(poorest)}.",
        lost,
        poorest.customers,
        poorest.system,
    )


def _gap(evidence: Evidence) -> Killer:
    """Only the main source of each goal step, and the goal steps themselves."""
    name, limit = "gap in the funnel", GRADES["gaps"].red
    ways = {step: evidence.tracked[step].sources[:1] for step in evidence.steps}
    found = [gap for step, sources in ways.items() if (gap := evidence.gap(sources, step))]
    if not found:
        told, said = _no_gap(evidence, ways)
        return Killer(name, 0.0 if told else None, limit, "hours", GREEN if told else None, said)
    gap = max(found, key=lambda gap: gap.length)
    length = hours(gap)
    return Killer(
        name,
        length,
        limit,
        "hours",
        grade("gaps", length),
        gap_said(gap, evidence.zone),
        None,
        None,
        gap.event or gap.source,
        gap.started_at,
        gap.ended_at,
    )


def _no_gap(evidence: Evidence, ways: Mapping[str, Sequence[str]]) -> tuple[bool, str]:
    """Whether any source can be told to have no gap, and the sentence: which can, and which are too quiet.

    ways: goal step → its main source.
    """
    sources = list(dict.fromkeys(source for main in ways.values() for source in main))
    quiet = {source: pause for source in sources if (pause := evidence.quiet(source))}
    told = [source for source in sources if source not in quiet]
    alone = {
        f"“{step}”": pause
        for step, main in ways.items()
        for source in main
        if source in told and (pause := evidence.quiet(source, step))
    }
    pauses = [f"{what}, silent for up to {_days(pause)} at a time" for what, pause in (quiet | alone).items()]
    if not told:
        which = f": {'; '.join(pauses)}." if pauses else "."
        return False, f"Too quiet to tell a gap from an ordinary pause{which}"
    if not pauses:
        return True, "No gap of 12 hours or more on the way to the goal."
    return True, f"No gap of 12 hours or more in {', '.join(told)}. Too quiet to tell: {'; '.join(pauses)}."


def _days(pause: timedelta) -> str:
    if pause < MANY_DAYS:
        return f"{pause / timedelta(hours=1):.0f} h"
    return f"{pause / timedelta(days=1):.0f} days"


def _times(evidence: Evidence) -> Killer:
    """Of the goal's events, those without a time of day, and the rows left out for want of any.

    A row without a time was left out before its event was known, so all of a source's count here.
    """
    name, limit = "events lack a time", GRADES["times"].red
    steps = [evidence.tracked[step] for step in dict.fromkeys(evidence.steps)]
    lost = sum(evidence.untimed.get(source, 0) for source in {s for step in steps for s in step.sources})
    day_only, of = sum(step.day_only for step in steps), sum(step.events for step in steps) + lost
    if not of:
        return Killer(name, None, limit, "share", None, "The goal's events are not here yet.")
    lacking = day_only + lost
    return Killer(
        name,
        lacking / of,
        limit,
        "share",
        worst([grade("times", lacking / of), grade("lost", lost / of)]),
        f"{lacking:,} of {of:,} events of the goal lack a time of day.",
        lacking,
        of,
        max(steps, key=lambda step: step.day_only).touchpoint,
    )


def _visits(evidence: Evidence) -> Killer:
    name, limit = "sign-ups without their visits", GRADES["ids"].red
    visitors = evidence.visitors
    untold = visits_untold(evidence)
    if untold is None and visitors.signed_up < FEWEST:
        untold = "Too few sign-ups to tell."
    if untold is not None:
        return Killer(name, None, limit, "share", None, untold, where="site")
    share = visitors.unlinked / visitors.signed_up
    return Killer(
        name,
        share,
        limit,
        "share",
        grade("ids", share),
        visits_said(evidence),
        visitors.unlinked,
        visitors.signed_up,
        "site",
    )
