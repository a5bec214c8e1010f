"""What does a picture say, in one sentence with its count, and what is uncertain about it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journey_app.analysis.funnel import Funnel
from journey_app.analysis.paths import CAME, LEFT, OTHER, Link, Paths
from journey_app.charts import text
from journey_app.charts.funnel import worst_step


@dataclass(frozen=True)
class Claim:
    """A headline and the muted line below it."""

    sentence: str
    uncertain: str


def funnel_claim(funnel: Funnel) -> Claim:
    """Who leaves where: the step after which the smallest share goes on."""
    steps = funnel.steps
    worst = worst_step(funnel)
    still = sum(step.open for step in steps)
    waiting = f" {text.count(still)} people whose window is still open are not counted as lost." if still else ""
    if worst is None:
        return Claim("Nobody's window is over yet, so nobody counts as lost.", waiting.strip())
    here, there = steps[worst], steps[worst + 1]
    lost, decided = here.lost or 0, here.decided
    whole = ""
    if funnel.overall is not None:
        rate = funnel.overall
        whole = f"Overall {text.rate_percent(rate)} get from first to last ({text.rate_span(rate)}, {text.n(rate.of)})."
    if lost == 0:
        return Claim("Nobody is lost between these steps.", f"{whole}{waiting}".strip())
    share = "More than half" if lost > decided / 2 else text.percent(lost / decided, 0)
    sentence = (
        f"{share} of those at “{here.event}” never reach “{there.event}”: {text.count(lost)} of {text.count(decided)}."
    )
    return Claim(sentence, f"{whole}{waiting}".strip())


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
        where = f"do nothing after “{path_name(link.source)}”" if link.step else f"do nothing after “{paths.anchor}”"
    elif link.target == CAME:
        where = f"begin with “{path_name(link.source)}”"
    else:
        where = f"go from “{path_name(link.source)}” to “{path_name(link.target)}”"
    return Claim(f"At step {link.step + 1}, {text.count(link.customers)} of {text.count(here)} {where}.", rest)


def share_of(paths: Paths, link: Link) -> float:
    """The part of a node's people that takes this ribbon."""
    return link.customers / _at(paths.links, link)


def _at(links: Sequence[Link], link: Link) -> int:
    return sum(each.customers for each in links if each.step == link.step and each.source == link.source)
