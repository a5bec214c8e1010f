"""What does the data itself say about how it was tracked? Gathered once, for the audit's rows and killers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from journey_app.analysis import clock as clocks
from journey_app.analysis.clock import Clock
from journey_app.analysis.coverage import Coverage, Passing, coverage
from journey_app.analysis.gaps import A_DAY, Gap, Silences, silences
from journey_app.analysis.grades import LOOK_BACK
from journey_app.analysis.matches import ANYWHERE, match_rates
from journey_app.analysis.reports import Reported, reported
from journey_app.analysis.tracking import PLACE_OF, Arrivals, Tracked, arrivals, tracked
from journey_app.analysis.visitors import Visitors, unlinked_visitors
from journey_app.engine.base import Events
from journey_app.vocabulary import MatchRate, Telling

HALF_A_DAY = timedelta(hours=12)
NO_SITE = "You said that there is no site, so no visit has to be linked."
NO_VISITS = "No anonymous visits are here, so none can be linked."
NO_SIGN_UP = (
    "No step of the goal is a sign-up on the site: add it to the goal to see whether visits are linked."
)
NAMES = {"crm": "the CRM", "product": "the product"}


@dataclass(frozen=True)
class Evidence:
    """Everything that touchpoints are graded on.

    tracked: by touchpoint and goal step. arrivals: by goal step after the first. complete: source →
    last complete local day. silences: over 12 h and not older than a verdict looks back. untimed:
    source → rows left out at import for want of a time. covered: place → of the customers who should
    pass here, how many do. passing: who passes the places that people described. reports: place → what
    reports without people tell of it. not_ours: standard touchpoints that the company does not have.
    """

    steps: tuple[str, ...]
    zone: str
    tracked: Mapping[str, Tracked]
    arrivals: Mapping[str, Arrivals]
    matches: tuple[MatchRate, ...]
    visitors: Visitors
    silences: Silences
    complete: Mapping[str, date]
    today: date
    untimed: Mapping[str, int]
    covered: Mapping[str, Coverage]
    passing: Mapping[str, Passing]
    reports: Mapping[str, Reported]
    not_ours: frozenset[str] = frozenset()

    def keeper(self, source: str) -> str | None:
        """The one place where this source's silences are counted: the touchpoint it tells most of.

        None for a source that tells of no place at all.

        A goal step only when no touchpoint is told of by it. A place that is not ours only when it
        alone is: there nobody would see them.
        """
        told = {
            place: each.counts[each.sources.index(source)]
            for place, each in self.tracked.items()
            if source in each.sources
        }
        told = {place: n for place, n in told.items() if place not in self.not_ours} or told
        places = {place: n for place, n in told.items() if place not in self.steps} or told
        return max(places, key=lambda place: places[place], default=None)

    def gap_kept(self, place: str) -> Gap | None:
        """The longest gap that is counted at this place: of a source it keeps, or of this very step."""
        mine = [
            gap
            for gap in self.silences.gaps
            if (self.keeper(gap.source) if gap.event is None else gap.event) == place
        ]
        return max(mine, key=lambda gap: gap.length, default=None)

    def gap(self, sources: tuple[str, ...], event: str | None = None) -> Gap | None:
        """The longest gap of these sources, or of this event in them."""
        mine = [gap for gap in self.silences.gaps if gap.source in sources and gap.event in (None, event)]
        return max(mine, key=lambda gap: gap.length, default=None)

    def quiet(self, source: str, event: str | None = None) -> timedelta | None:
        """The longest pause over a day of a source (or this event of it) too quiet to tell; else None."""
        places = ((source, None), (source, event))
        pauses = [q.longest for q in self.silences.too_quiet if (q.source, q.event) in places]
        return max((pause for pause in pauses if pause > A_DAY), default=None)


def gather(
    events: Events,
    steps: tuple[str, ...],
    *,
    clock: Clock,
    today: date,
    untimed: Mapping[str, int],
    places: Mapping[str, Telling],
    not_ours: Collection[str] = (),
) -> Evidence:
    """Ask everything there is to ask; today: the date on the wall. places: as people described them."""
    covered, passing = coverage(events, steps, places)
    silent = silences(events, steps, clock=clock, longer_than=HALF_A_DAY)
    recent = tuple(gap for gap in silent.gaps if gap.started_at + gap.length > clock.now - LOOK_BACK)
    return Evidence(
        steps=steps,
        zone=events.timezone,
        tracked=tracked(events, steps, places),
        arrivals=arrivals(events, steps),
        matches=between_ours(match_rates(events), not_ours),
        visitors=unlinked_visitors(events, steps),
        silences=Silences(recent, silent.too_quiet),
        complete={source: day - timedelta(days=1) for source, day in clocks.clock(events).sources.items()},
        today=today,
        untimed=untimed,
        covered=covered,
        passing=passing,
        reports=reported(events),
        not_ours=frozenset(not_ours),
    )


def between_ours(matches: Iterable[MatchRate], not_ours: Collection[str]) -> tuple[MatchRate, ...]:
    """Without those where one of the two systems is a place that is not ours. not_ours: touchpoints."""
    return tuple(m for m in matches if not {PLACE_OF.get(m.system), PLACE_OF.get(m.other)} & set(not_ours))


def decisive(matches: tuple[MatchRate, ...]) -> tuple[MatchRate, ...]:
    """The lines a grade rests on: a ticket's author is lost only when no other system knows them."""
    return tuple(match for match in matches if match.system != "support" or match.other == ANYWHERE)


def unmatched(match: MatchRate) -> float:
    """The share of a system's customers that the other does not know; 0 when it has none."""
    return 1 - match.matched / match.customers if match.customers else 0.0


def unmatched_said(match: MatchRate) -> str:
    lost = match.customers - match.matched
    return f"{lost:,} of {match.customers:,} are not known in {home(match)}."


def visits_untold(evidence: Evidence) -> str | None:
    """Why nothing can be said of sign-ups and their visits; None where it can."""
    if "site" in evidence.not_ours:
        return NO_SITE
    if not evidence.visitors.tracked:
        return NO_VISITS
    return NO_SIGN_UP if evidence.visitors.sign_up is None else None


def visits_said(evidence: Evidence) -> str:
    """How many sign-ups cannot be followed back to their visits."""
    found = evidence.visitors
    who = "sign-ups" if found.sign_up == evidence.steps[0] else f"customers who did “{found.sign_up}”"
    return f"{found.unlinked:,} of {found.signed_up:,} {who} have no earlier visit linked."


def home(match: MatchRate) -> str:
    return NAMES.get(match.other, match.other)


def hours(gap: Gap) -> float:
    return gap.length / timedelta(hours=1)


def gap_said(gap: Gap, zone: str) -> str:
    """A gap as a sentence, in the workspace's zone."""
    what = f"“{gap.event}”" if gap.event else gap.source
    until = f"to {day_hour(gap.ended_at, zone)}" if gap.ended_at else "and it has not come back"
    return f"Nothing from {what} for {hours(gap):.0f} h, {day_hour(gap.started_at, zone)} {until}."


def day_hour(at: datetime, zone: str) -> str:
    local = at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b %Y %H:%M}"


def day_of(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
