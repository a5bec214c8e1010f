"""What does a picture say, in one sentence with its count, and what is uncertain about it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from journey_app.analysis.clusters import Cluster, Clusters
from journey_app.analysis.customer import Customer
from journey_app.analysis.friction import Friction
from journey_app.analysis.funnel import Funnel
from journey_app.analysis.paths import CAME, LEFT, OTHER, Link, Paths
from journey_app.analysis.ties import Band
from journey_app.charts import text
from journey_app.charts.funnel import worst_step
from journey_app.vocabulary import Finding, Goal, Interval, Rate


@dataclass(frozen=True)
class Claim:
    """A headline and the muted line below it."""

    sentence: str
    uncertain: str


ORDERS = {"ordered": "in this order", "strict": "with nothing in between", "any": "in any order"}


def funnel_claim(funnel: Funnel, band: Band | None = None) -> Claim:
    """Who leaves where: the step after which the smallest share goes on; and what rests on equal times."""
    steps = funnel.steps
    worst = worst_step(funnel)
    still = sum(step.open for step in steps)
    waiting = (
        f" {text.count(still)} people whose window is still open are not counted as lost." if still else ""
    )
    if worst is None:
        return Claim("Nobody's window is over yet, so nobody counts as lost.", waiting.strip())
    here, there = steps[worst], steps[worst + 1]
    lost, decided = here.lost or 0, here.decided
    whole = ""
    if funnel.overall is not None:
        rate = funnel.overall
        whole = f"Overall {text.rate_percent(rate)} do {_every(funnel)} ({text.rate_span(rate)}, {text.n(rate.of)})."
    if band is not None:
        ends = f"{text.rate_percent(band.worst)} and {text.rate_percent(band.best)}"
        whole += f" Some times are equal: in another order it would lie between {ends}."
    if lost == 0:
        return Claim("Nobody is lost between these steps.", f"{whole}{waiting}".strip())
    share = "More than half" if lost > decided / 2 else text.percent(lost / decided, 0)
    number = f"{text.count(lost)} of {text.count(decided)}"
    sentence = f"{share} of those at “{here.event}” never reach “{there.event}”: {number}."
    return Claim(sentence, f"{whole}{waiting}".strip())


def _every(funnel: Funnel) -> str:
    return "both steps" if len(funnel.steps) == 2 else f"all {len(funnel.steps)} steps"


def besides_the_steps(funnel: Funnel, direct: Funnel, order: str = "ordered") -> str:
    """How many more get from the first step to the last than do every step; empty where that is the same.

    direct: the same people, asked about these two steps alone. order: as the funnel was asked.
    """
    every, ends = funnel.overall, direct.overall
    if every is None or ends is None or every.count == ends.count:
        return ""
    if every.of != ends.of:  # in any order one may enter by any step: other people
        return ""
    first, last = funnel.steps[0].event, funnel.steps[-1].event
    return (
        f"{text.rate_percent(every)} did {_every(funnel)} {ORDERS[order]}; {text.rate_percent(ends)} of the same "
        f"{text.count(ends.of)} got from “{first}” to “{last}” whichever way they took."
    )


def counted_by_goal(goal: Goal, steps: Sequence[str], within: timedelta | None) -> str:
    """Which of two rates the goal is, where it runs between the same ends; else nothing."""
    measure = goal.measure
    if (measure.start, measure.outcome) != (steps[0], steps[-1]):
        return ""
    if measure.within != within or measure.where:
        return f"The goal “{measure.name}” counts the latter too, but within {_days(measure.within)}{_of_some(goal)}."
    return f"The goal “{measure.name}” counts the latter, of the last 28 days that can be told."


def _days(within: timedelta) -> str:
    return f"{within.days} day{'' if within.days == 1 else 's'}" if within.days else text.duration(within)


def _of_some(goal: Goal) -> str:
    return ", of some customers only" if goal.measure.where else ""


def loss_of(funnel: Funnel, step: int) -> str:
    """What happens between a step and the next, in words."""
    here, there = funnel.steps[step], funnel.steps[step + 1]
    kept = "too early to tell" if there.kept is None else f"{text.rate_percent(there.kept)} go on"
    return f"{here.event} → {there.event}: {kept}, {text.count(here.lost)} lost, {text.count(here.open)} still open."


def path_name(event: str) -> str:
    """An event as people say it, with words for the ends and for Other."""
    return {LEFT: "Left", CAME: "Start", OTHER: "Other"}.get(event, event)


def leaving_most(paths: Paths) -> Link | None:
    """The ribbon to look at first: where most people's path ends after they had begun to walk."""
    ends = LEFT if paths.forward else CAME
    leaving = [link for link in paths.links if link.target == ends and link.source != OTHER]
    return max(leaving, key=lambda link: link.customers, default=None)


def paths_claim(paths: Paths, focus: Link | None) -> Claim:
    """Where the focused ribbon goes, with its count, or where most leave."""
    link = focus or leaving_most(paths)
    direction = "from" if paths.forward else "towards"
    people = f"{text.count(paths.customers)} customers walk {direction} “{paths.anchor}”."
    rest = f"{people} Ribbon width is people; grey ribbons leave. Click one to focus it."
    if link is None:
        return Claim(f"Everybody goes on {direction} “{paths.anchor}”.", rest)
    here = _at(paths.links, link)
    if link.target == LEFT:
        nothing = "nothing else" if paths.collapse else "nothing"
        where = f"do {nothing} after “{path_name(link.source)}”"
    elif link.target == CAME:
        where = f"begin with “{path_name(link.source)}”"
    else:
        where = f"go from “{path_name(link.source)}” to “{path_name(link.target)}”"
    alone = paths.collapse and all(each.target in (LEFT, CAME) for each in paths.links)
    where += "; repeats are shown as one" if alone else ""
    return Claim(
        f"At step {link.step + 1}, {text.count(link.customers)} of {text.count(here)} {where}.", rest
    )


def share_of(paths: Paths, link: Link) -> float:
    """The part of a node's people that takes this ribbon."""
    return link.customers / _at(paths.links, link)


def _at(links: Sequence[Link], link: Link) -> int:
    return sum(each.customers for each in links if each.step == link.step and each.source == link.source)


NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def _in_words(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else text.count(number)


def findings_claim(ranked: Sequence[Finding], goal: Goal, current: Rate | None) -> Claim:
    """How many things stand between now and the target, and what the first could be worth."""
    now = text.rate_percent(current) if current else "now"
    measure = goal.measure
    muted = f"{measure.name}: {measure.start} to {measure.outcome} within {measure.within.days} days."
    if not ranked:
        return Claim(
            "Nothing stands out on the way to the goal yet.", f"{muted} More customers will show more."
        )
    things = "thing stands" if len(ranked) == 1 else "things stand"
    opening = f"{_in_words(len(ranked))} {things} between {now} and {text.percent(goal.target_share)}."
    first = ranked[0].effect
    worth = "" if first is None else f" The first alone could be worth {_points(first)}."
    return Claim(opening + worth, muted)


def _points(effect: Interval) -> str:
    low, high = (f"{edge * 100:.1f}".replace("-", text.MINUS) for edge in (effect.low, effect.high))
    return f"about {low} points" if low == high else f"{low} to {high} points"


def friction_claim(found: Sequence[Friction], goal: Goal) -> Claim:
    """The costliest trouble, in its own sentence."""
    muted = f"Ranked by what mending it could bring to “{goal.measure.name}”. Association, not proof: a change shows."
    if not found:
        return Claim("Nothing hurts clearly enough to be named yet.", muted)
    return Claim(f"It hurts most here: {found[0].sentence[:1].lower()}{found[0].sentence[1:]}", muted)


def friction_worth(friction: Friction) -> str:
    """What mending it could bring, and what would judge a change."""
    worth = (
        "No comparison group" if friction.worth is None else f"Worth {_points(friction.worth)} of the goal"
    )
    measure = friction.measure
    judge = f"“{measure.start}” → “{measure.outcome}” within {measure.within.days} d"
    return f"{worth}. A change would be judged by {judge}."


def clusters_claim(found: Clusters) -> Claim:
    """How many kinds there are and which reaches the goal most and least often."""
    muted = (
        f"{text.count(found.customers)} customers by their first week. Drawn again from half of them, "
        f"{text.percent(found.stability, 0)} alike. Kinds describe; they do not prove why."
    )
    rated = [kind for kind in found.clusters if kind.converted is not None]
    if len(rated) < 2:
        return Claim(f"{_in_words(len(found.clusters))} kinds of customers.", muted)
    best = max(rated, key=lambda kind: kind.converted.share if kind.converted else 0)
    least = min(rated, key=lambda kind: kind.converted.share if kind.converted else 0)
    return Claim(
        f"“{best.name}” reach the goal most: {text.rate_percent(best.converted)}, "
        f"“{least.name}” least: {text.rate_percent(least.converted)}.",
        muted,
    )


def kind_words(kind: Cluster) -> str:
    """What sets a kind apart, for its row."""
    most = f"first {' → '.join(kind.first_steps)}" if kind.first_steps else ""
    if kind.more:
        return f"more {', '.join(kind.more[:4])}; {most}" if most else f"more {', '.join(kind.more[:4])}"
    return f"less {', '.join(kind.less[:4])}; {most}" if kind.less else most


def kind_sentence(kind: Cluster) -> str:
    """How often a kind reaches the goal, beside everybody else."""
    if kind.converted is None or kind.rest is None:
        return f"{text.count(kind.customers)} customers; too early to tell how many reach the goal."
    own = f"{text.rate_span(kind.converted)}, {text.n(kind.converted.of)}"
    rest = f"{text.rate_percent(kind.rest)} ({text.rate_span(kind.rest)})"
    return f"{text.rate_percent(kind.converted)} reach the goal ({own}); of everybody else {rest}."


def people_claim(people: Sequence[Customer], wanted: str, found: int) -> str:
    """How many were found. people: those of them who are shown, the busiest."""
    if not wanted.strip():
        return "Search for one customer, or choose among the busiest."
    if not people:
        return f"Nobody's ids contain “{text.shorten(wanted.strip(), 40)}”."
    have = "customer has" if found == 1 else "customers have"
    busiest = f"; the {len(people)} busiest are here" if found > len(people) else ""
    return f"{_in_words(found)} {have} an id with “{text.shorten(wanted.strip(), 40)}”{busiest}."


def how_to_open(shown: int) -> str:
    """What to do with a list of people; one alone is open already, and nobody cannot be opened."""
    if not shown:
        return "Try another part of an id."
    return "What they did, in order, across systems." if shown == 1 else SELECT_ONE


SELECT_ONE = "Select one to see what they did, in order, across systems."
