"""Tidying from the command line: cleanup, forget, known, uploads."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from journey_app.analysis.naming import suggestions
from journey_app.analysis.since import goal_in
from journey_app.cli.context import Context, json_option, new_file, say, writing
from journey_app.cli.deeds import rate_plain
from journey_app.errors import NothingYet
from journey_app.plain import to_plain
from journey_app.vocabulary import CleanUp
from journey_app.workspace import cleaning, decisions, edits, forgetting, knowing, receipts, theirs, tidying
from journey_app.workspace import uploads as kept
from journey_app.workspace.unfinished import Unfinished
from journey_app.workspace.workspace import Workspace

AUTHOR = "command line"
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
    context: Context,
    what: str,
    values: tuple[str, ...],
    pattern: bool,
    events_only: bool,
    reason: str,
    carry: bool,
    as_json: bool,
) -> None:
    """Leave out by WHAT: domain, ids, event, bot, busy, fast, a field, or property:NAME; VALUES it may have."""
    rule = edits.rule_for(what, values, reason=reason, pattern=pattern, events_only=events_only)
    _change(context, lambda held, _names: edits.adding(held, rule), carry, as_json)


@cleanup.command(name="preview")
@_rule_options
def cleanup_preview(
    context: Context,
    what: str,
    values: tuple[str, ...],
    pattern: bool,
    events_only: bool,
    reason: str,
    carry: bool,
    as_json: bool,
) -> None:
    """What such a rule would leave out, and what that does to the goal; nothing is changed."""
    space = context.space()
    rule = edits.rule_for(what, values, reason=reason, pattern=pattern, events_only=events_only)
    wanted = edits.adding(cleaning.clean_up_of(space)[0], rule)
    effect = cleaning.effect_of(space, wanted)
    goal = decisions.goal(space)
    before = after = None
    if goal is not None:
        before = goal_in(space.events(), goal.value)
        with cleaning.as_if(space, wanted) as then:
            after = goal_in(then, goal.value)
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
        if before and after:
            told.append(f"Goal: {before.share:.1%} → {after.share:.1%} (n {before.of:,} → {after.of:,})")
        return told

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
@json_option
@click.pass_obj
def cleanup_hide(context: Context, names: tuple[str, ...], as_json: bool) -> None:
    """Show these events to no question."""

    def edit(held: CleanUp, known: tuple[cleaning.RawName, ...]) -> CleanUp:
        for name in names:
            edits.raws_of(known, name)
        return edits.hiding(held, names)

    _change(context, edit, False, as_json)


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


def _change(
    context: Context,
    edit: Callable[[CleanUp, tuple[cleaning.RawName, ...]], CleanUp],
    carry: bool,
    as_json: bool,
) -> None:
    space = context.space()
    held, version = cleaning.clean_up_of(space)
    wanted = edit(held, cleaning.raw_names(space))
    tidying.save_clean_up(space, wanted, based_on=version, carry=carry, author=AUTHOR, now=context.wall)
    _show(space, as_json)


# ---------------------------------------------------------------- one customer


@click.command(name="forget")
@click.argument("wanted")
@click.option("--also", multiple=True, help="Their name, or what else names them in texts (repeatable).")
@click.option("--yes", is_flag=True, help="Do it; without, only what would go is listed.")
@click.option(
    "--receipt",
    "to",
    type=click.Path(path_type=Path),
    help="Write what went here: counts that name nobody; .json, else a text.",
)
@json_option
@click.pass_obj
def forget_command(
    context: Context, wanted: str, also: tuple[str, ...], yes: bool, to: Path | None, as_json: bool
) -> None:
    """Forget one customer, by any of their ids, in every file of this workspace; there is no way back."""
    if to is not None and not yes:
        raise click.UsageError("A receipt is of what was done: add --yes.")
    space = context.space()
    if not yes:
        found = theirs.look(space, wanted, also)
        plain = _forgotten_plain(space, found, None, ())
        lines = ["Nothing was changed. Add --yes to do it; there is no way back."]
        say(as_json, plain, lambda: [*_forgotten_lines(found, "Would be forgotten"), *lines])
        return
    unfinished: Unfinished | None = None
    with new_file(to) as out:
        try:
            found = forgetting.forget(space, wanted, also, author=AUTHOR, now=context.wall)
        except Unfinished as error:
            unfinished, found = error, error.gone
        made = receipts.receipt(space, found, at=context.wall)
        left = unfinished.left if unfinished else ()
        say(
            as_json,
            _forgotten_plain(space, found, made, left),
            lambda: _forgotten_lines(found, "Forgotten"),
        )
        if out is not None and to is not None:
            with writing(to):
                out.write(_receipt_text(made, to))
    if unfinished is not None:
        raise unfinished


def _receipt_text(made: receipts.Receipt, to: Path) -> bytes:
    """A receipt as the ending of its file asks for."""
    written = json.dumps(to_plain(made), ensure_ascii=False, indent=2)
    text = written if to.suffix.lower() == ".json" else "\n".join(receipts.as_lines(made))
    return f"{text}\n".encode()


def _forgotten_plain(
    space: Workspace, found: theirs.Person, made: receipts.Receipt | None, left: tuple[str, ...]
) -> dict[str, Any]:
    """left: what of theirs could not be removed from the disk yet."""
    return {
        **to_plain(found),
        "forgotten": made is not None,
        "receipt": to_plain(made),
        "left": list(left),
        "not_reached": theirs.NEVER_REACHED,
        "version": space.version,
    }


def _forgotten_lines(found: theirs.Person, deed: str) -> list[str]:
    told = [f"{deed}: {', '.join(found.raw_ids)}"]
    told.append(f"{found.events:,} events, {found.links:,} rows that say who is who")
    told += [f"theirs by its spelling: {raw}" for raw in found.spelled]
    told += [f"used by others too, only taken out of their rows: {raw}" for raw in found.shared]
    told.append(
        f"{found.stripped:,} rows of others lose a shared id, {found.said:,} name them in a text, "
        f"{found.waiting:,} calls wait to become events"
    )
    told += [f"raw file removed whole: {name}" for name, _kept in found.uploads]
    told += [f"named in {each.kind} “{each.title}” ({each.versions} versions)" for each in found.decisions]
    told += [f"remembered by the source {name}" for name in found.notes]
    told += [f"NOT taken, looks like theirs and is somebody else's id: {raw}" for raw in found.alike]
    not_reached = (*found.elsewhere, theirs.NEVER_REACHED, receipts.NOT_LOOKED_FOR)
    return [*told, *(f"NOT reached: {each}" for each in not_reached)]


@click.command(name="known")
@click.argument("wanted")
@click.option("--also", multiple=True, help="Their name, or what else names them in texts (repeatable).")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write it here: .zip, else JSON.")
@json_option
@click.pass_obj
def known_command(
    context: Context, wanted: str, also: tuple[str, ...], out: Path | None, as_json: bool
) -> None:
    """Everything that is known about one customer, by any of their ids."""
    with new_file(out) as file:
        answer = knowing.known(context.space(), wanted, also, now=context.wall)
        plain = knowing.as_plain(answer)
        if file is not None and out is not None:
            zipped = out.suffix.lower() == ".zip"
            text = json.dumps(plain, ensure_ascii=False, indent=2)
            with writing(out):
                file.write(knowing.as_zip(answer) if zipped else text.encode(errors="replace"))
    say(as_json, plain, lambda: [f"Wrote {out}"] if out else knowing.as_lines(answer))


@click.group()
def uploads() -> None:
    """Files as they came: which are kept, and for how long."""


@uploads.command(name="list")
@json_option
@click.pass_obj
def uploads_list(context: Context, as_json: bool) -> None:
    """The raw file of every import, and when it goes."""
    _list_uploads(context, as_json, 0)


@uploads.command(name="keep")
@click.argument("days", type=int)
@json_option
@click.pass_obj
def uploads_keep(context: Context, days: int, as_json: bool) -> None:
    """Keep raw files so many DAYS; older ones go at once, their events stay."""
    removed = kept.set_keep_days(context.space(), days, author=AUTHOR, now=context.wall)
    _list_uploads(context, as_json, removed)


def _list_uploads(context: Context, as_json: bool, removed: int) -> None:
    space = context.space()
    rows = kept.uploads(space)
    plain = {"keep_days": kept.keep_days(space), "removed": removed, "uploads": to_plain(rows)}

    def line(row: kept.Upload) -> str:
        state = f"{row.bytes:,} bytes until {row.goes_at:%Y-%m-%d}" if row.bytes is not None else "gone"
        return f"{row.batch}  {row.file}  {state}"

    say(as_json, plain, lambda: [f"Kept for {plain['keep_days']} days; {removed} removed.", *map(line, rows)])


COMMANDS = (cleanup, forget_command, known_command, uploads)
