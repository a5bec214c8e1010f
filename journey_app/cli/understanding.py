"""Questions that need the goal: findings, clusters, friction; and customers by id."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from journey_app.analysis.clock import Clock
from journey_app.analysis.clusters import clusters
from journey_app.analysis.customer import find_customers, timeline
from journey_app.analysis.findings import findings
from journey_app.analysis.friction import friction
from journey_app.analysis.series import goal_clock
from journey_app.cli.context import Context, json_option, now_option, say
from journey_app.errors import NothingYet
from journey_app.plain import to_plain
from journey_app.share.auditing import audited
from journey_app.vocabulary import Goal, Rate
from journey_app.workspace import decisions
from journey_app.workspace.left_out import who_is_left_out, why_left_out
from journey_app.workspace.workspace import Workspace


def goal_and_clock(space: Workspace, now: date | None) -> tuple[Goal, Clock]:
    held = decisions.goal(space)
    if held is None:
        raise NothingYet(
            "This workspace has no goal yet.",
            "Set one: journey_app goal set FIRST OUTCOME --target 18 --by DAY.",
        )
    return held.value, goal_clock(space.events(), held.value, now)


def _rate(rate: Rate | None) -> dict[str, Any] | None:
    return None if rate is None else {**to_plain(rate), "share": rate.share}


@click.command(name="findings")
@now_option
@json_option
@click.pass_obj
def findings_command(context: Context, now: date | None, as_json: bool) -> None:
    """What stands between you and the goal, most first."""
    space = context.space()
    goal, clock = goal_and_clock(space, now)
    events = space.events()
    checked = audited(space, events.version, goal.steps, clock=clock, today=context.wall.date())
    found = findings(events, goal, clock=clock, audit=checked)
    rows = [{**to_plain(each), "rate": _rate(each.rate)} for each in found]
    say(
        as_json,
        {"findings": rows, "version": space.version},
        lambda: [f"{each.claim}" for each in found] or ["Nothing stands out yet."],
    )


@click.command(name="clusters")
@now_option
@json_option
@click.pass_obj
def clusters_command(context: Context, now: date | None, as_json: bool) -> None:
    """What kinds of customers there are, by their first week."""
    space = context.space()
    goal, clock = goal_and_clock(space, now)
    found = clusters(space.events(), goal.steps, clock=clock, measure=goal.measure)
    rows = [
        {**to_plain(kind), "converted": _rate(kind.converted), "rest": _rate(kind.rest)}
        for kind in found.clusters
    ]
    plain = {
        "clusters": rows,
        "customers": found.customers,
        "stability": found.stability,
        "separation": found.separation,
        "version": space.version,
    }
    say(as_json, plain, lambda: [f"{kind.customers:>9,}  {kind.name}" for kind in found.clusters])


@click.command(name="friction")
@now_option
@json_option
@click.pass_obj
def friction_command(context: Context, now: date | None, as_json: bool) -> None:
    """Where it hurts, ranked by what it costs the goal."""
    space = context.space()
    goal, clock = goal_and_clock(space, now)
    found = friction(space.events(), goal, clock=clock)
    rows = [{**to_plain(each), "rate": _rate(each.rate)} for each in found]
    say(as_json, {"friction": rows, "version": space.version}, lambda: [each.sentence for each in found])


@click.command(name="customers")
@click.argument("wanted", required=False, default="")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--timeline", "with_events", is_flag=True, help="Also what the first one found did, in order.")
@json_option
@click.pass_obj
def customers_command(context: Context, wanted: str, limit: int, with_events: bool, as_json: bool) -> None:
    """Customers any of whose ids contains WANTED."""
    space = context.space()
    found = find_customers(space.events(), wanted, limit)
    told = timeline(space.events(), found[0].key) if with_events and found else ()
    out = who_is_left_out(space, wanted)
    plain = {
        "customers": to_plain(found),
        "timeline": to_plain(told),
        "left_out": [{"label": each.label, "why": why_left_out(each)} for each in out],
        "version": space.version,
    }

    def lines() -> list[str]:
        people = [f"{each.events:>7,}  {each.label}  ({', '.join(each.raw_ids)})" for each in found]
        did = [f"    {each.at:%Y-%m-%d %H:%M}  {each.event}" for each in told]
        return [*(people or ["Nobody."]), *did, *map(why_left_out, out)]

    say(as_json, plain, lines)


COMMANDS = (findings_command, clusters_command, friction_command, customers_command)
