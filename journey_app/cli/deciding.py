"""Deciding from the command line: goal, sprint verdict, report, share."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from journey_app.analysis.goal import measure_goal
from journey_app.analysis.series import clock_at, goal_clock, measured
from journey_app.analysis.stages import check_steps
from journey_app.cli.context import DAY, LENGTH, Context, json_option, length, now_option, say, writing
from journey_app.decide import amending
from journey_app.decide.goal import pace
from journey_app.decide.judging import Judged, judged, measures_of
from journey_app.errors import BadChoice, NothingYet
from journey_app.plain import to_plain
from journey_app.share.links import create_link, list_links, revoke_link
from journey_app.share.making import make_frozen
from journey_app.share.report import report_html
from journey_app.vocabulary import Goal, Measure
from journey_app.workspace import decisions
from journey_app.workspace.workspace import Workspace

AUTHOR = "command line"
ONE_DAY = timedelta(days=1)


def goal_of(space: Workspace) -> decisions.Decided[Goal]:
    """The goal, or what to do without one."""
    held = decisions.goal(space)
    if held is None:
        raise NothingYet(
            "This workspace has no goal yet.", "Set one: journey_app goal set FIRST OUTCOME --target 18."
        )
    return held


@click.group()
def goal() -> None:
    """One goal: from X to Y by a date."""


@goal.command(name="set")
@click.argument("steps", nargs=-1, required=True)
@click.option("--name", help="What to call it (default: FIRST to OUTCOME).")
@click.option("--target", type=click.FloatRange(0, 100, min_open=True), required=True, help="Y, in percent.")
@click.option("--by", type=DAY, required=True, help="The date.")
@click.option(
    "--window", type=LENGTH, default="14d", show_default=True, help="Time from entering to the outcome."
)
@now_option
@json_option
@click.pass_obj
def goal_set(
    context: Context,
    steps: tuple[str, ...],
    name: str | None,
    target: float,
    by: date,
    window: timedelta | str,
    now: date | None,
    as_json: bool,
) -> None:
    """Set or amend the goal; X is measured from the data. STEPS run from the first event to the outcome."""
    within = length(window)
    if len(steps) < 2 or within is None:
        raise BadChoice(
            "A goal needs a first event, an outcome and a window.", "Give two or more events and --window."
        )
    if within % ONE_DAY:
        raise BadChoice(
            f"A goal's window is counted in whole days, not {within / ONE_DAY:g}.",
            "Write it in days or weeks, such as --window 14d.",
        )
    space = context.space()
    check_steps(space.events(), steps)
    held = decisions.goal(space)
    wanted = _wanted(
        space, held.value if held else None, steps, name, within, (target / 100, by), now, context.wall
    )
    decisions.save_goal(space, wanted, based_on=held.version if held else 0, author=AUTHOR, now=context.wall)
    _show_goal(context, now, as_json)


def _wanted(
    space: Workspace,
    old: Goal | None,
    steps: tuple[str, ...],
    name: str | None,
    within: timedelta,
    aim: tuple[float, date],
    now: date | None,
    wall: datetime,
) -> Goal:
    """A new goal, or the old one in its next wording: as the Goal page would keep it.

    aim: target share and date. wall: when it is said, unless --now says otherwise. A name not given
    stays what it was while the same events are measured.
    """
    same = old is not None and (old.measure.start, old.measure.outcome) == (steps[0], steps[-1])
    offered = old.measure.name if old and same else f"{steps[0]} to {steps[-1]}"
    where = old.measure.where if old else ()
    measure = Measure(name or offered, steps[0], steps[-1], within, where)
    until = clock_at(space.events(), steps, now)
    current = measure_goal(space.events(), measure, clock=until).now
    said_on = now or wall.date()
    if old is None:
        return amending.goal_set(measure, steps, current, *aim, until.today, said_on)
    return amending.goal_amended(old, measure, steps, current, *aim, until.today, said_on)


@goal.command(name="show")
@now_option
@json_option
@click.pass_obj
def goal_show(context: Context, now: date | None, as_json: bool) -> None:
    """Where the goal stands."""
    _show_goal(context, now, as_json)


def _show_goal(context: Context, now: date | None, as_json: bool) -> None:
    space = context.space()
    held = goal_of(space).value
    until = goal_clock(space.events(), held, now)
    numbers = measure_goal(space.events(), held.measure, clock=until)
    standing = pace(held, numbers.now, until.today, context.wall.date())
    plain = {
        "goal": to_plain(held),
        "now": _rate(numbers.now),
        "open": numbers.open,
        "pace": to_plain(standing),
        "today": until.today.isoformat(),
        "version": space.version,
    }
    current = "nobody yet" if numbers.now is None else f"{numbers.now.share:.1%} of {numbers.now.of:,}"
    say(
        as_json,
        plain,
        lambda: [
            f"{held.measure.name}: from {held.start.share:.1%} to {held.target_share:.1%} by {held.by}",
            f"Now {current}; {standing.reason}",
        ],
    )


def _rate(rate: Any) -> dict[str, Any] | None:
    return None if rate is None else {**to_plain(rate), "share": rate.share}


@click.group()
def sprint() -> None:
    """Four weeks, one change each."""


@sprint.command(name="verdict")
@click.option("--sprint", "sprint_id", help="Which sprint (default: the newest).")
@now_option
@json_option
@click.pass_obj
def sprint_verdict(context: Context, sprint_id: str | None, now: date | None, as_json: bool) -> None:
    """What each week's change did to its own measure."""
    space = context.space()
    answer = _judged(space, sprint_id, now)
    weeks = [
        {"week": change.week, "title": change.title, **to_plain(verdict)} for change, verdict in answer.weeks
    ]
    plain = {
        "sprint": answer.sprint.sprint_id,
        "weeks": weeks,
        "review": to_plain(answer.review),
        "version": space.version,
    }

    def lines() -> list[str]:
        told = []
        for change, verdict in answer.weeks:
            told += [
                f"Week {change.week} · {change.title}: {verdict.word.value}",
                f"    {verdict.reason} {verdict.do}",
            ]
        return [*told, f"Day 30: {answer.review.state}. {answer.review.reason}"]

    say(as_json, plain, lines)


def _judged(space: Workspace, sprint_id: str | None, now: date | None) -> Judged:
    every = [held.value for held in decisions.sprints(space)]
    found = next((one for one in every if sprint_id in (None, one.sprint_id)), None)
    if found is None:
        raise NothingYet("No sprint has been planned yet.", "Plan one on the Sprint page.")
    series = measured(space.events(), measures_of(found), today=now, goal=found.goal)
    return judged(found, series, space.timezone, every)


@click.command(name="report")
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="The HTML file to write.")
@now_option
@json_option
@click.pass_obj
def report_command(context: Context, out: Path, now: date | None, as_json: bool) -> None:
    """A frozen report without personal data, as one HTML file."""
    space = context.space()
    frozen = make_frozen(space, made_at=context.wall, today=now)
    with writing(out):
        out.write_text(report_html(frozen), encoding="utf-8")
    say(as_json, {"file": str(out), "version": frozen.version}, lambda: [f"Wrote {out}"])


@click.group()
def share() -> None:
    """Read-only links to a frozen report."""


@share.command(name="create")
@click.option("--title", help="What to call it (default: the workspace's title).")
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="How long it opens.")
@now_option
@json_option
@click.pass_obj
def share_create(context: Context, title: str | None, days: int, now: date | None, as_json: bool) -> None:
    """Freeze what the pages say now; the token is shown once."""
    space = context.space()
    made_at, lasts = context.wall, timedelta(days=days)
    ends = (made_at + lasts).date()
    frozen = make_frozen(space, made_at=made_at, today=now, title=title, ends=ends)
    token, link = create_link(
        space.store,
        to_plain(frozen),
        author=AUTHOR,
        now=made_at,
        expires=lasts,
        title=title or space.title,
    )
    plain = {
        "path": f"/s/{token}",
        "token": token,
        "id": link.link_id,
        "expires": link.expires_at.isoformat(),
    }
    say(as_json, plain, lambda: [f"/s/{token}", f"Opens until {link.expires_at:%Y-%m-%d}; shown only now."])


@share.command(name="list")
@json_option
@click.pass_obj
def share_list(context: Context, as_json: bool) -> None:
    """Every link, whether it still opens, never its token."""
    now = datetime.now(UTC)
    rows = [{**to_plain(link), "opens": link.opens(now)} for link in list_links(context.space().store)]
    say(
        as_json,
        {"links": rows},
        lambda: (
            [f"{r['link_id']}  {'opens' if r['opens'] else 'closed'}  {r['title']}" for r in rows]
            or ["None yet."]
        ),
    )


@share.command(name="revoke")
@click.argument("link_id")
@json_option
@click.pass_obj
def share_revoke(context: Context, link_id: str, as_json: bool) -> None:
    """Take a link back; its holder sees nothing from now on."""
    link = revoke_link(context.space().store, link_id, author=AUTHOR, now=context.wall)
    say(as_json, to_plain(link), lambda: [f"“{link.title}” opens nothing any more."])


COMMANDS = (goal, sprint, report_command, share)
