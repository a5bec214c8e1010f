"""Tidying from the command line: what does not count, and what events are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from journey_app.analysis.catalog import totals_of
from journey_app.analysis.naming import suggestions
from journey_app.analysis.since import goal_in
from journey_app.cli.context import Context, json_option, say
from journey_app.cli.deeds import rate_plain
from journey_app.errors import NothingYet
from journey_app.plain import to_plain
from journey_app.vocabulary import CleanUp, Rate
from journey_app.workspace import cleaning, decisions, edits, tidying
from journey_app.workspace.workspace import Workspace

AUTHOR = "command line"
Edit = Callable[[CleanUp, tuple[cleaning.RawName, ...]], CleanUp]
carry_option = click.option(
    "--carry", is_flag=True, help="Write the new name into the goal and sprints that use it."
)


@click.group()
def cleanup() -> None:
    """What does not count, and what events are called."""


@cleanup.command(name="show")
@json_option
@click.pass_obj
def cleanup_show(context: Context, as_json: bool) -> None:
    """Rules in force with their counts, names, hidden events, and what could be tidied."""
    _show(context.space(), as_json)


def _show(space: Workspace, as_json: bool) -> None:
    held, _version = cleaning.clean_up_of(space)
    rules = [
        {"number": number, **to_plain(each.rule), **_taken(each)}
        for number, each in enumerate(cleaning.counted(space, held.leave_out), start=1)
    ]
    suspected = [{**to_plain(each.rule), **_taken(each)} for each in cleaning.suspicions(space)]
    names = cleaning.raw_names(space)
    tidy = suggestions(_seen(names))
    plain = {
        "rules": rules,
        "names": dict(held.names),
        "hidden": list(held.hidden),
        "suspected": suspected,
        "suggested": to_plain(tidy),
        "events": [{"raw": n.raw, "shown": n.shown, "hidden": n.hidden, "events": n.events} for n in names],
        "version": space.version,
    }

    def lines() -> list[str]:
        told = [f"{r['number']}. {r['reason']}: {_counts(r)}" for r in rules] or [
            "No rule leaves anything out."
        ]
        told += [f"{raw} is called {name}" for raw, name in held.names.items()]
        told += [f"{name} is hidden" for name in held.hidden]
        told += [f"Suspected, not left out: {each['reason']}: {_counts(each)}" for each in suspected]
        told += [f"Could be {t.name or 'hidden'}: {', '.join(t.events)} ({t.why})" for t in tidy]
        return told

    say(as_json, plain, lines)


def _seen(names: tuple[cleaning.RawName, ...]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for name in names:
        if not name.hidden:
            counts[name.shown] = counts.get(name.shown, 0) + name.events
    return list(counts.items())


def _taken(each: cleaning.Counted) -> dict[str, Any]:
    """What a rule takes; unknown where it cannot be counted, with the reason."""
    if each.takes is None:
        return {"events": None, "customers": None, "trouble": each.trouble}
    return {**to_plain(each.takes), "trouble": ""}


def _counts(row: dict[str, Any]) -> str:
    if row["events"] is None:
        return f"cannot be counted. {row['trouble']}"
    return f"{row['events']:,} events, {row['customers']:,} customers"


def _rule_options(command: Callable[..., None]) -> Callable[..., None]:
    """What says a rule: `what`, `values`, and the named arguments of `edits.rule_for`."""
    for option in (
        click.argument("values", nargs=-1),
        click.argument("what"),
        click.option("--pattern", is_flag=True, help="VALUE is a pattern, not the whole value."),
        click.option("--events-only", is_flag=True, help="Only these events go, not all of such a customer."),
        click.option("--reason", default="", help="What people read."),
        carry_option,
        json_option,
        click.pass_obj,
    ):
        command = option(command)
    return command


@cleanup.command(name="add")
@_rule_options
def cleanup_add(
    context: Context, what: str, values: tuple[str, ...], carry: bool, as_json: bool, **how: Any
) -> None:
    """Leave out by WHAT: domain, ids, event, bot, busy, fast, a field, or property:NAME; VALUES it may have."""
    rule = edits.rule_for(what, values, **how)
    _change(context, lambda held, _names: edits.adding(held, rule), carry, as_json)


@cleanup.command(name="preview")
@_rule_options
def cleanup_preview(
    context: Context, what: str, values: tuple[str, ...], carry: bool, as_json: bool, **how: Any
) -> None:
    """What such a rule would leave out, and what that does to the goal; nothing is changed."""
    space = context.space()
    rule = edits.rule_for(what, values, **how)
    wanted = edits.adding(cleaning.clean_up_of(space)[0], rule)
    effect = cleaning.effect_of(space, wanted)
    before, after = _goal_then(space, wanted)
    plain = {
        "rule": to_plain(rule),
        "events": effect.events,
        "customers": effect.customers,
        "left": to_plain(effect.after),
        "goal_before": rate_plain(before),
        "goal_after": rate_plain(after),
        "version": space.version,
    }

    def lines() -> list[str]:
        told = [f"{rule.reason}: {effect.events:,} events and {effect.customers:,} customers would go."]
        return [*told, *_goal_lines(before, after)]

    say(as_json, plain, lines)


@cleanup.command(name="remove")
@click.argument("number", type=int)
@carry_option
@json_option
@click.pass_obj
def cleanup_remove(context: Context, number: int, carry: bool, as_json: bool) -> None:
    """Take a rule back, by its number."""
    _change(context, lambda held, _names: edits.removing(held, number), carry, as_json)


@cleanup.command(name="rename")
@click.argument("names", nargs=-1, required=True)
@carry_option
@json_option
@click.pass_obj
def cleanup_rename(context: Context, names: tuple[str, ...], carry: bool, as_json: bool) -> None:
    """Call events otherwise: OLD… NEW; several become one. Its own name takes a renaming back."""
    if len(names) < 2:
        raise click.UsageError("Give the names as they are, then the new one.")

    def edit(held: CleanUp, known: tuple[cleaning.RawName, ...]) -> CleanUp:
        raws = [raw for old in names[:-1] for raw in edits.raws_of(known, old)]
        return edits.renamed(held, raws, names[-1])

    _change(context, edit, carry, as_json)


@cleanup.command(name="hide")
@click.argument("names", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Say what it would do; store nothing.")
@json_option
@click.pass_obj
def cleanup_hide(context: Context, names: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Show these events to no question."""

    def edit(held: CleanUp, known: tuple[cleaning.RawName, ...]) -> CleanUp:
        raws = {raw for name in names for raw in edits.raws_of(known, name)}
        return edits.hiding(held, [name.shown for name in known if name.raw in raws])

    if dry_run:
        _would_hide(context, edit, as_json)
    else:
        _change(context, edit, False, as_json)


def _would_hide(context: Context, edit: Edit, as_json: bool) -> None:
    """What hiding would do, with nothing stored; refused as the hiding would be."""
    space = context.space()
    held, _version = cleaning.clean_up_of(space)
    wanted = edit(held, cleaning.raw_names(space))
    effect = cleaning.effect_of(space, wanted)
    tidying.refuse_what_breaks(space, wanted, effect)
    concerned = totals_of(space.events(), [name for name in wanted.hidden if name not in held.hidden])
    before, after = _goal_then(space, wanted)
    plain = {
        "hidden": list(wanted.hidden),
        "events": concerned.events,
        "customers": concerned.customers,
        "without_events": effect.customers,
        "left": to_plain(effect.after),
        "goal_before": rate_plain(before),
        "goal_after": rate_plain(after),
        "version": space.version,
    }

    def lines() -> list[str]:
        told = [f"{concerned.events:,} events of {concerned.customers:,} customers would be hidden."]
        told.append(f"{effect.customers:,} customers would have no events left.")
        return [*told, *_goal_lines(before, after)]

    say(as_json, plain, lines)


def _goal_then(space: Workspace, wanted: CleanUp) -> tuple[Rate | None, Rate | None]:
    """The goal as it is, and as a clean-up would have it; None without a goal."""
    goal = decisions.goal(space)
    if goal is None:
        return None, None
    with cleaning.as_if(space, wanted) as then:
        return goal_in(space.events(), goal.value), goal_in(then, goal.value)


def _goal_lines(before: Rate | None, after: Rate | None) -> list[str]:
    if before is None or after is None:
        return []
    return [f"Goal: {before.share:.1%} → {after.share:.1%} (n {before.of:,} → {after.of:,})"]


@cleanup.command(name="unhide")
@click.argument("names", nargs=-1, required=True)
@json_option
@click.pass_obj
def cleanup_unhide(context: Context, names: tuple[str, ...], as_json: bool) -> None:
    """Show them again."""
    _change(context, lambda held, _names: edits.unhiding(held, names), False, as_json)


@cleanup.command(name="back")
@json_option
@click.pass_obj
def cleanup_back(context: Context, as_json: bool) -> None:
    """Take back the last change: everything as it was before, names in the goal and in sprints too."""

    def edit(_held: CleanUp, _known: tuple[cleaning.RawName, ...]) -> CleanUp:
        history = cleaning.clean_up_history(context.space())
        if not history:
            raise NothingYet("No clean-up has changed anything yet.", "There is nothing to take back.")
        return history[-2].value if len(history) > 1 else CleanUp()

    _change(context, edit, True, as_json)


def _change(context: Context, edit: Edit, carry: bool, as_json: bool) -> None:
    space = context.space()
    held, version = cleaning.clean_up_of(space)
    wanted = edit(held, cleaning.raw_names(space))
    tidying.save_clean_up(space, wanted, based_on=version, carry=carry, author=AUTHOR, now=context.wall)
    _show(space, as_json)


COMMANDS = (cleanup,)
