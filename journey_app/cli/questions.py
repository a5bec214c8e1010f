"""Questions about events: events, funnel, paths, transitions, velocity."""

from __future__ import annotations

from datetime import date, timedelta

import click

from journey_app.analysis.catalog import catalog
from journey_app.analysis.funnel import Funnel, Step, funnel
from journey_app.analysis.paths import paths as paths_question
from journey_app.analysis.stages import FIELDS, ORDERS
from journey_app.analysis.transitions import transitions as transitions_question
from journey_app.analysis.velocity import Pace, velocity
from journey_app.cli.context import DAY, LENGTH, Context, clock_of, json_option, length, now_option, say


@click.command()
@click.option("--limit", type=click.IntRange(1), help="Only the most frequent.")
@json_option
@click.pass_obj
def events(context: Context, limit: int | None, as_json: bool) -> None:
    """Which events are there, most frequent first."""
    found = catalog(context.space().events(), limit)
    rows = [
        {
            "event": e.event,
            "count": e.count,
            "customers": e.customers,
            "first": e.first.isoformat(),
            "last": e.last.isoformat(),
        }
        for e in found
    ]
    say(as_json, {"events": rows}, lambda: [f"{e.count:>9,}  {e.customers:>9,}  {e.event}" for e in found])


def _step(step: Step) -> dict[str, object]:
    return {
        "event": step.event,
        "customers": step.customers,
        "open": step.open,
        "decided": step.decided,
        "lost": step.lost,
        "kept": None if step.kept is None else step.kept.share,
        "low": None if step.kept is None else step.kept.low,
        "high": None if step.kept is None else step.kept.high,
    }


def _funnel_lines(answer: Funnel) -> list[str]:
    def line(step: Step) -> str:
        kept = (
            ""
            if step.kept is None
            else f"  kept {step.kept.share:.1%} ({step.kept.low:.1%}–{step.kept.high:.1%})"
        )
        still = f"  {step.open:,} still open" if step.open else ""
        return f"{step.customers:>9,}  {step.event}{kept}{still}"

    lines = [line(step) for step in answer.steps]
    for part, steps in answer.by.items():
        lines += [f"{part}:"] + [line(step) for step in steps]
    return lines


@click.command(name="funnel")
@click.argument("steps", nargs=-1, required=True)
@click.option(
    "--window", type=LENGTH, default="14d", show_default=True, help="Time from entering; none: no limit."
)
@click.option("--order", type=click.Choice(ORDERS), default="ordered", show_default=True)
@click.option("--by", help=f"Break down by a field at entry: {', '.join(FIELDS)}.")
@click.option("--since", type=DAY, help="First local day of entry.")
@click.option("--until", type=DAY, help="Last local day of entry.")
@now_option
@json_option
@click.pass_obj
def funnel_command(
    context: Context,
    steps: tuple[str, ...],
    window: timedelta | str,
    order: str,
    by: str | None,
    since: date | None,
    until: date | None,
    now: date | None,
    as_json: bool,
) -> None:
    """How far do customers get, and where do they leave?"""
    space = context.space()
    events, clock = space.events(), clock_of(space, steps, now)
    answer = funnel(
        events, steps, length(window), now=clock.now, order=order, by=by, since=since, until=until
    )
    plain = {
        "steps": [_step(step) for step in answer.steps],
        "by": {part: [_step(step) for step in found] for part, found in answer.by.items()},
        "now": clock.now.isoformat(),
        "version": events.version,
    }
    say(as_json, plain, lambda: _funnel_lines(answer))


@click.command(name="paths")
@click.option("--from", "start", help="Walk forward from each customer's first such event.")
@click.option("--to", "end", help="Walk back from each customer's last such event.")
@click.option("--steps", type=click.IntRange(1, 12), default=4, show_default=True)
@click.option("--top", type=click.IntRange(1, 30), default=8, show_default=True)
@click.option(
    "--session", type=LENGTH, default="none", show_default=True, help="Longest pause inside a path."
)
@click.option(
    "--collapse/--no-collapse",
    default=True,
    show_default=True,
    help="The same event several times in a row counts as one.",
)
@json_option
@click.pass_obj
def paths_command(
    context: Context,
    start: str | None,
    end: str | None,
    steps: int,
    top: int,
    session: timedelta | str,
    collapse: bool,
    as_json: bool,
) -> None:
    """How do customers walk, step by step?"""
    if (start is None) == (end is None):
        raise click.UsageError("Give either --from EVENT or --to EVENT.")
    events = context.space().events()
    answer = paths_question(
        events,
        start or end or "",
        forward=start is not None,
        steps=steps,
        top=top,
        session=length(session),
        collapse=collapse,
    )
    links = [
        {"step": link.step, "from": link.source, "to": link.target, "customers": link.customers}
        for link in answer.links
    ]
    plain = {"links": links, "customers": answer.customers, "other": answer.other, "version": events.version}
    say(
        as_json,
        plain,
        lambda: [f"{x.step}  {x.customers:>8,}  {x.source} → {x.target}" for x in answer.links],
    )


@click.command(name="transitions")
@click.option(
    "--session", type=LENGTH, default="none", show_default=True, help="Longest pause inside a session."
)
@json_option
@click.pass_obj
def transitions_command(context: Context, session: timedelta | str, as_json: bool) -> None:
    """What follows what, directly?"""
    events = context.space().events()
    answer = transitions_question(events, length(session))
    rows = [
        {
            "from": t.source,
            "to": t.target,
            "count": t.count,
            "customers": t.customers,
            "median_s": t.median.total_seconds(),
            "p95_s": t.p95.total_seconds(),
        }
        for t in answer.transitions
    ]
    plain = {
        "transitions": rows,
        "starts": answer.starts,
        "ends": answer.ends,
        "variants": answer.variants,
        "version": events.version,
    }
    say(
        as_json,
        plain,
        lambda: [f"{t.count:>9,}  {t.source} → {t.target}" for t in answer.transitions],
    )


@click.command(name="velocity")
@click.argument("steps", nargs=-1, required=True)
@click.option("--window", type=LENGTH, default="14d", show_default=True)
@json_option
@click.pass_obj
def velocity_command(
    context: Context, steps: tuple[str, ...], window: timedelta | str, as_json: bool
) -> None:
    """How long does each step take, for those who take it?"""
    events = context.space().events()
    answer = velocity(events, steps, length(window))

    def row(pace: Pace) -> dict[str, object]:
        return {
            "from": pace.source,
            "to": pace.target,
            "customers": pace.customers,
            "median_s": pace.median.total_seconds() if pace.median is not None else None,
            "p95_s": pace.p95.total_seconds() if pace.p95 is not None else None,
        }

    say(
        as_json,
        {"steps": [row(pace) for pace in answer], "version": events.version},
        lambda: [f"{p.source} → {p.target}: {p.customers:,} customers, median {p.median}" for p in answer],
    )


COMMANDS = (events, funnel_command, paths_command, transitions_command, velocity_command)
