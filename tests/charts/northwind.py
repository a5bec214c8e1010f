"""Northwind Projects, a made-up company: the answers that chart tests draw."""

from datetime import timedelta

from journey_app.analysis.funnel import Funnel, Step
from journey_app.analysis.paths import LEFT, OTHER, Link, Paths
from journey_app.analysis.velocity import Pace
from journey_app.stats.rates import rate

NAMES = ("Trial started", "First project", "Teammate invited", "5 logins", "Paid")


def northwind_funnel() -> Funnel:
    decided, waiting = (5484, 3312, 1548, 1021, 735), (1323, 643, 252, 88, 0)
    steps = []
    for k, name in enumerate(NAMES):
        last = k == len(NAMES) - 1
        steps.append(
            Step(
                event=name,
                customers=decided[k] + waiting[k],
                open=0 if last else waiting[k] - waiting[k + 1],
                decided=decided[k],
                lost=None if last else decided[k] - decided[k + 1],
                kept=rate(decided[k], decided[k - 1]) if k else None,
            )
        )
    return Funnel(tuple(steps), rate(735, 5484))


def northwind_paces() -> tuple[Pace, ...]:
    return (
        Pace(NAMES[0], NAMES[1], 3312, timedelta(hours=1.2), timedelta(days=3.1)),
        Pace(NAMES[1], NAMES[2], 1548, timedelta(days=2.6), timedelta(days=9.8)),
        Pace(NAMES[2], NAMES[3], 0, None, None),
    )


def northwind_paths(forward: bool = True) -> Paths:
    links = (
        Link(0, "Trial", "Project", 60),
        Link(0, "Trial", "Import", 25),
        Link(0, "Trial", OTHER, 5),
        Link(0, "Trial", LEFT, 10),
        Link(1, "Project", "Invite", 30),
        Link(1, "Project", LEFT, 30),
        Link(1, "Import", "Project", 20),
        Link(1, "Import", LEFT, 5),
        Link(1, OTHER, "Invite", 1),
        Link(1, OTHER, LEFT, 4),
    )
    return Paths("Trial", forward, 2, 100, links, {1: {"Tour": 3, "Help": 2}})
