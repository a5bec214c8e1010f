"""Which of the four things that make every other number wrong are there?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from journey_app.analysis.evidence import NO_SITE, Evidence, decisive, gap_said, home, hours, unmatched
from journey_app.analysis.grades import FEWEST, GRADES, GREEN, SEVERITY, grade, worst

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
            else "No two systems here share customers."
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
    if found:
        gap = max(found, key=lambda gap: gap.length)
        length = hours(gap)
        said = gap_said(gap, evidence.zone)
        where = gap.event or gap.source
        return Killer(
            name,
            length,
            limit,
            "hours",
            grade("gaps", length),
            said,
            None,
            None,
            where,
            gap.started_at,
            gap.ended_at,
        )
    sources = {source for main in ways.values() for source in main}
    if not sources or all(evidence.quiet(source) for source in sources):
        return Killer(name, None, limit, "hours", None, "Too quiet to tell a gap from an ordinary pause.")
    return Killer(name, 0.0, limit, "hours", GREEN, "No gap of 12 hours or more on the way to the goal.")


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
    if "site" in evidence.not_ours:
        return Killer(name, None, limit, "share", None, NO_SITE, where="site")
    if not visitors.tracked:
        said = "No anonymous visits are here, so none can be linked."
        return Killer(name, None, limit, "share", None, said, where="site")
    if visitors.signed_up < FEWEST:
        return Killer(name, None, limit, "share", None, "Too few sign-ups to tell.", where="site")
    share = visitors.unlinked / visitors.signed_up
    said = f"{visitors.unlinked:,} of {visitors.signed_up:,} sign-ups have no earlier visit linked."
    return Killer(
        name,
        share,
        limit,
        "share",
        grade("ids", share),
        said,
        visitors.unlinked,
        visitors.signed_up,
        "site",
    )
