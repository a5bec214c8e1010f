"""Which places where customers meet us can be trusted in the data, and what stops us first?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from journey_app.analysis.clock import Clock
from journey_app.analysis.coverage import Passing
from journey_app.analysis.evidence import (
    Evidence,
    day_hour,
    day_of,
    decisive,
    gap_said,
    gather,
    hours,
    unmatched,
    unmatched_said,
    visits_said,
    visits_untold,
)
from journey_app.analysis.gaps import Gap
from journey_app.analysis.grades import AMBER, FEWEST, GREEN, RED, SEVERITY, disagrees, grade, worst
from journey_app.analysis.killers import Killer, killers
from journey_app.analysis.reports import Reported
from journey_app.analysis.tracking import TOUCHPOINTS, Tracked
from journey_app.engine.base import Events
from journey_app.errors import BadChoice
from journey_app.vocabulary import Telling

__all__ = ["CHECKS", "Audit", "Check", "Killer", "Row", "audit", "disagrees"]

CHECKS = ("tracked", "ids", "times", "gaps", "fresh")
SYSTEM_THAT_MUST_MATCH = {"app": "product", "support": "support", "billing": "billing"}
NOTHING_TO_DO = "Nothing to do."
NOT_LOOKED_AT = "Not looked at: you said that there is no such place."
PRODUCT_SIDES = {"site": "app", "app": "site"}  # one system, told apart by whether customers have a name
PLACE_SAID = {"ads": "by an ad", "site": "to the site"}


@dataclass(frozen=True)
class Check:
    """One thing looked at. grade: R, A, G, or None when it cannot be told. reason: why, with its numbers.

    rule: which of GRADES it was held against, empty when none. at: the other place where it is
    counted, so that one cause turns one place red; empty when it is counted here.
    """

    grade: str | None
    reason: str
    rule: str = ""
    at: str = ""


@dataclass(frozen=True)
class Row:
    """One touchpoint, added place or goal step. where: its sources, largest first.

    checks: one for each of CHECKS. grade: the worst of the checks. do: what to do about it, one
    sentence. about: the first of the worst checks, None when there is nothing to do. systems: of its
    events, largest first. not_ours: people said that there is no such place, so nothing of it is
    graded. against: what in the data speaks against that, empty when nothing does.
    """

    touchpoint: str
    where: str
    checks: dict[str, Check]
    grade: str | None
    do: str
    about: str | None = None
    systems: tuple[str, ...] = ()
    not_ours: bool = False
    against: str = ""


@dataclass(frozen=True)
class Audit:
    """The four killers and all rows, both worst first; places that are not ours come last.

    hidden: events that count here although a clean-up shows them to no other question.
    """

    killers: tuple[Killer, ...]
    rows: tuple[Row, ...]
    hidden: int = 0


def audit(
    events: Events,
    goal_steps: Sequence[str],
    *,
    clock: Clock,
    today_wall: date,
    untimed: Mapping[str, int],
    places: Mapping[str, Telling] | None = None,
    not_ours: Collection[str] = (),
) -> Audit:
    """Grade every touchpoint, every place people described and every goal step on what the data says.

    today_wall: the date on the wall, for freshness. untimed: source → rows that its imports left out
    because their time was missing or unreadable (import reports know them). places: name → what
    tells of it, for places that people added; one called like a standard touchpoint widens that.
    not_ours: standard touchpoints that people said there are none of; a goal step is always ours.
    What a clean-up hides of customers who count is looked at too: hiding an event mends no tracking.
    Raises BadChoice without goal steps, NothingYet when there are no events.
    Source: docs/decisions/008-what-a-gap-is.md, docs/decisions/015-what-the-audit-grades.md
    """
    if not goal_steps:
        raise BadChoice("The goal has no steps.", "Choose the goal's steps on the Goal page.")
    described = {place: telling for place, telling in (places or {}).items() if telling}
    tracked = events.unhidden
    evidence = gather(
        tracked,
        tuple(goal_steps),
        clock=clock,
        today=today_wall,
        untimed=untimed,
        places=described,
        not_ours=[place for place in TOUCHPOINTS if place in not_ours and place not in goal_steps],
    )
    every = dict.fromkeys([*TOUCHPOINTS, *described, *goal_steps])
    rows = [_row(evidence, place) for place in every]
    hidden = 0 if tracked is events else _events_of(tracked) - _events_of(events)
    ordered = sorted(rows, key=lambda row: (row.not_ours, SEVERITY[row.grade]))
    return Audit(killers(evidence), tuple(ordered), hidden)


def _events_of(events: Events) -> int:
    return int(events.run(events.table.aggregate(n=events.table.count()))["n"][0].as_py())


def _row(evidence: Evidence, place: str) -> Row:
    known = evidence.tracked[place]
    if place in evidence.not_ours:
        return _row_not_ours(known, evidence.reports.get(place))
    if not known.events and place in evidence.reports:
        return _reported_row(place, evidence.reports[place], evidence.today)
    if not known.events:
        return _untracked_row(evidence, place)
    step = place if place in evidence.steps else None
    gap = evidence.gap_kept(place)
    ends = [(source, evidence.complete[source]) for source in known.sources]
    checks = {
        "tracked": _tracked(evidence, known),
        "ids": _ids(evidence, place),
        "times": _times(evidence, known, step),
        "gaps": _gaps(evidence, known, step, gap),
        "fresh": _fresh(evidence.today, ends),
    }
    graded = worst(check.grade for check in checks.values())
    about = None
    if graded in (RED, AMBER):
        about = next(name for name in CHECKS if checks[name].grade == graded)
    do = _do(evidence, place, about, gap, ends)
    return Row(place, ", ".join(known.sources), checks, graded, do, about, known.systems)


def _row_not_ours(known: Tracked, report: Reported | None) -> Row:
    """Nothing is graded; what the data tell of it all the same is said, never hidden."""
    checks = dict.fromkeys(CHECKS, Check(None, NOT_LOOKED_AT))
    sources, against = known.sources, ""
    if known.events:
        against = "1 event tells" if known.events == 1 else f"{known.events:,} events tell"
    elif report is not None:
        sources, against = report.sources, "reports tell"
    do = f"You said there is none, but {against} of it." if against else NOTHING_TO_DO
    return Row(
        known.touchpoint,
        ", ".join(sources),
        checks,
        None,
        do,
        systems=known.systems,
        not_ours=True,
        against=against,
    )


def _untracked_row(evidence: Evidence, place: str) -> Row:
    """Red, and where the product's events are all on its other side, why they are not here."""
    silent = Check(None, "Nothing is tracked here.")
    said, do = silent.reason, "Import an export that tells of this place."
    other = PRODUCT_SIDES.get(place, "")
    there = evidence.tracked.get(other)
    if there is not None and "product" in there.systems and not {place, other} & set(evidence.steps):
        who, do = {
            "site": ("customers with a name", "Import visits with their browser ids, from before a sign-up."),
            "app": ("visitors without a name", "Send the customer's id with what they do signed in."),
        }[place]
        said = f"{said} All events of the product are of {who}, so they count as “{other}”."
    checks = {"tracked": Check(RED, said)} | dict.fromkeys(CHECKS[1:], silent)
    return Row(place, "", checks, RED, do, "tracked")


def _reported_row(place: str, report: Reported, today: date) -> Row:
    """Amber: reports tell how much came, and can never tell who. Only their age can make it red."""
    nobody = Check(None, "A report holds no people, so nobody can be matched to it.")
    checks = {
        "tracked": Check(AMBER, _report_said(place, report)),
        "ids": nobody,
        "times": Check(None, "A report is told by the day or the period; only events have a time."),
        "gaps": Check(None, "Reports are not looked at for gaps."),
        "fresh": _fresh(today, sorted(report.ends.items(), key=lambda end: end[1], reverse=True)),
    }
    graded = worst(check.grade for check in checks.values())
    about = "tracked" if graded == AMBER else "fresh"
    do = "Import the visits themselves, with their utm tags: they say which customer came."
    if about == "fresh":
        which = "report again: it" if len(report.ends) == 1 else "reports again: the newest"
        do = f"Export the {which} ends on {day_of(report.last_day)}."
    return Row(place, ", ".join(report.sources), checks, graded, do, about)


def _report_said(place: str, report: Reported) -> str:
    told = [f"{amount:,.2f} {currency or ''}".strip() for (_of, currency), amount in report.spend.items()]
    money = f"spend ({' and '.join(told)})" if told else ""
    what = " and ".join(filter(None, [money, *report.tells]))
    return (
        f"No event, only reports: {what or 'totals'}, {day_of(report.first_day)} to {day_of(report.last_day)}. They "
        f"stand beside the funnel; which customers came {PLACE_SAID[place]} they can never tell."
    )


def _do(
    evidence: Evidence, place: str, about: str | None, gap: Gap | None, ends: Sequence[tuple[str, date]]
) -> str:
    """What to do about the first of the worst checks."""
    if about is None:
        return NOTHING_TO_DO
    since = day_hour(gap.started_at, evidence.zone) if gap else ""
    missing = evidence.covered[place].who if place in evidence.covered else ""
    source, complete = ends[0]
    which = f"“{source}” again: it ends on" if len(ends) > 1 else "again: the last complete day is"
    return {
        "tracked": f"Find out why {missing} are missing here.",
        "ids": "Send the customer's id or e-mail along with these events.",
        "times": "Export times of day, not only dates.",
        "gaps": f"Find out why events stopped on {since}.",
        "fresh": f"Export {which} {day_of(complete)}.",
    }[about]


def _tracked(evidence: Evidence, known: Tracked) -> Check:
    """Whether anything tells of it, and of the customers who should pass here, the share that does."""
    said = f"{known.events:,} events."
    covered = evidence.covered.get(known.touchpoint)
    if covered is None:
        return Check(GREEN, f"{said} Nobody has to pass here.")
    if covered.should < FEWEST:
        return Check(GREEN, f"{said} Too few {covered.who} to tell how many pass here: {covered.should:,}.")
    share = covered.missing / covered.should
    seen = f"{said} {covered.have:,} of {covered.should:,} {covered.who} are seen here."
    return Check(grade("coverage", share), seen, "coverage")


def _ids(evidence: Evidence, place: str) -> Check:
    """A goal step: who came from nowhere. A system: who must be known elsewhere and is not."""
    if place in evidence.arrivals:
        came = evidence.arrivals[place]
        said = f"{came.strangers:,} of {came.customers:,} never did “{evidence.steps[0]}”."
        return _share(came.strangers, came.customers, said)
    if place in ("site", evidence.steps[0]):
        return _visits(evidence)
    mine = [m for m in decisive(evidence.matches) if m.system == SYSTEM_THAT_MUST_MATCH.get(place)]
    if place in evidence.passing and not mine:
        return _alone(evidence.passing[place])
    if not mine:
        return Check(None, "Nobody here has to be known elsewhere.")
    poorest = max(mine, key=unmatched)
    return _share(poorest.customers - poorest.matched, poorest.customers, unmatched_said(poorest))


def _alone(passing: Passing) -> Check:
    """Amber at most: whom nothing else knows of may have bad ids, or may never have come back."""
    said = f"{passing.alone:,} of {passing.customers:,} customers here are seen nowhere else."
    check = _share(passing.alone, passing.customers, said)
    return replace(check, grade=AMBER) if check.grade == RED else check


def _visits(evidence: Evidence) -> Check:
    visitors = evidence.visitors
    untold = visits_untold(evidence)
    if untold is not None:
        return Check(None, untold)
    return _share(visitors.unlinked, visitors.signed_up, visits_said(evidence))


def _share(count: int, of: int, said: str) -> Check:
    if of < FEWEST:
        return Check(None, f"Too few to tell: {of:,} of the {FEWEST} customers needed.")
    return Check(grade("ids", count / of), said, "ids")


def _times(evidence: Evidence, known: Tracked, step: str | None) -> Check:
    """Without its time of day a goal step may be red; elsewhere days will do, so it is amber at most.

    Rows left out for want of a time are counted against the touchpoint, as nobody knows their event.
    """
    lost = 0 if step else sum(evidence.untimed.get(source, 0) for source in known.sources)
    rows = known.events + lost
    vague = grade("times", known.day_only / rows)
    if vague == RED and step is None:
        vague = AMBER
    said = f"{known.day_only:,} of {rows:,} have no time of day"
    said += f", {lost:,} have no time at all." if lost else "."
    gone = grade("lost", lost / rows)
    return Check(worst([vague, gone]), said, "lost" if SEVERITY[gone] < SEVERITY[vague] else "times")


def _gaps(evidence: Evidence, known: Tracked, step: str | None, gap: Gap | None) -> Check:
    """A gap is counted once, at the place its source tells most of; the others point there."""
    if gap is not None:
        expected = f"About {gap.expected:,.0f} events were to be expected."
        return Check(grade("gaps", hours(gap)), f"{gap_said(gap, evidence.zone)} {expected}", "gaps")
    source = known.sources[0]
    shared, keeper = evidence.gap((source,)), evidence.keeper(source)
    if shared is not None and keeper is not None:
        counted = f"Counted once, at “{keeper}”."
        return Check(None, f"{gap_said(shared, evidence.zone)} {counted}", "gaps", keeper)
    pause = evidence.quiet(source, step)
    if pause is not None:
        hours_silent = pause / timedelta(hours=1)
        return Check(None, f"Too quiet to tell: silent for up to {hours_silent:.0f} h at a time.", "gaps")
    return Check(GREEN, "No gap of 12 hours or more where events were to be expected.", "gaps")


def _fresh(today: date, ends: Sequence[tuple[str, date]]) -> Check:
    """Graded on the first source. ends: source → its last complete day; one that ends before it is named."""
    source, complete = ends[0]
    stalest, earliest = min(ends, key=lambda end: end[1])
    days = (today - complete).days
    ago = "1 day" if days == 1 else f"{days:,} days"
    said = f"Complete to {day_of(complete)}, {ago} ago."
    if earliest < complete:
        said = (
            f"“{source}” is complete to {day_of(complete)}, {ago} ago; "
            f"of its {len(ends)} sources “{stalest}” ends first, on {day_of(earliest)}."
        )
    elif any(day > complete for _source, day in ends):
        said = f"{said} That is “{source}”, which ends first of its {len(ends)} sources."
    return Check(grade("fresh", days), said, "fresh")
