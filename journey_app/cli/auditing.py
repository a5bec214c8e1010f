"""The audit from the command line: what is measured, what people say, and the sheet out and in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from journey_app.analysis.stages import event_names
from journey_app.analysis.tracking import TOUCHPOINTS, tellers
from journey_app.cli.context import Context, json_option, now_option, say, writing
from journey_app.errors import BadChoice, BadFile, JourneyError, NothingYet, Question, UnknownName
from journey_app.plain import to_plain
from journey_app.share import audit_file
from journey_app.share.audit_file import MINE, PLACE, THEIRS, Coming
from journey_app.share.audit_words import (
    against_said,
    change_said,
    contradicted,
    hidden_said,
    known_names,
    no_goal,
)
from journey_app.share.auditing import NOT_OURS, Place, Sheet, sheet_now
from journey_app.share.measured import noted
from journey_app.share.sheet_reading import read_sheet
from journey_app.share.tables import as_csv, as_xlsx
from journey_app.vocabulary import Grade, Telling
from journey_app.workspace import decisions
from journey_app.workspace.workspace import Workspace

AUTHOR = "command line"
ON_CONFLICT = "--on-conflict"


def _sheet(context: Context, space: Workspace, now: date | None = None) -> Sheet:
    """The audit with what people say of each place, as the page shows it."""
    return sheet_now(space, today=context.wall.date(), ends=now)


@click.group(name="audit", invoke_without_command=True)
@click.option("--export", "out", type=click.Path(path_type=Path), help="Write it as .xlsx or .csv.")
@click.option("--import", "back", type=click.Path(path_type=Path), help="Bring an edited sheet back in.")
@click.option(
    ON_CONFLICT, "clashes", type=click.Choice([MINE, THEIRS]), help="Whose words count: the sheet's (mine)?"
)
@click.option("--dry-run", is_flag=True, help="With --import: show what would change; store nothing.")
@now_option
@json_option
@click.pass_context
def audit_group(
    ctx: click.Context,
    out: Path | None,
    back: Path | None,
    clashes: str | None,
    dry_run: bool,
    now: date | None,
    as_json: bool,
) -> None:
    """Which touchpoints are tracked well enough to trust."""
    if ctx.invoked_subcommand is not None:
        if any((out, back, clashes, dry_run)):
            raise click.UsageError("Give these options to “audit” alone, not to a command of it.")
        return
    context: Context = ctx.obj
    if out and back:
        raise click.UsageError("Give either --export or --import.")
    if out:
        _export(context, out, as_json)
    elif back:
        _import(context, back, clashes, dry_run, as_json)
    elif clashes or dry_run:
        raise click.UsageError(f"{ON_CONFLICT} and --dry-run belong to --import.")
    else:
        _show(context, now, as_json)


def _show(context: Context, now: date | None, as_json: bool) -> None:
    space = context.space()
    sheet = _sheet(context, space, now)
    measured = sheet.audit
    people = {name: to_plain(held.value) for name, held in decisions.grades(space).items()}
    repairs = {place.key: to_plain(place.repair) for place in sheet.places if place.repair}

    def lines() -> list[str]:
        told = [f"{each.grade or '–'}  {each.sentence}" for each in measured.killers]
        told += [] if sheet.has_goal else [no_goal(sheet)]
        told += [hidden_said(measured.hidden)] if measured.hidden else []
        for place in sheet.ours:
            human = f" (people say {place.human})" if place.disputed else ""
            told.append(f"{place.measured or '–'}  {place.label}: {place.do}{human}")
            if place.repair:
                told += [f"       {number}. {step}" for number, step in enumerate(place.repair.steps, 1)]
        told += [f"   {place.label}: {NOT_OURS}" for place in sheet.not_ours]
        return [*told, *map(against_said, contradicted(sheet))]

    judged = {"has_goal": sheet.has_goal, "judged_by": list(sheet.judged_by)}
    more = {"people": people, "repairs": repairs, "version": space.version}
    say(as_json, to_plain(measured) | judged | more, lines)


def _export(context: Context, out: Path, as_json: bool) -> None:
    space = context.space()
    sheet = _sheet(context, space)
    rows = audit_file.table(sheet.places, sheet.workspace)
    writers: dict[str, Callable[[], bytes]] = {
        ".csv": lambda: as_csv(rows),
        ".xlsx": lambda: as_xlsx(rows, "Touchpoint audit"),
    }
    write = writers.get(out.suffix.lower())
    if write is None:
        raise BadChoice(f"“{out.name}” is neither .xlsx nor .csv.", "Give the file one of these endings.")
    with writing(out):
        out.write_bytes(write())
    plain = {"file": str(out), "places": len(rows), "version": space.version}
    say(as_json, plain, lambda: [f"Wrote {len(rows)} places to {out}"])


def _import(context: Context, back: Path, clashes: str | None, dry_run: bool, as_json: bool) -> None:
    space = context.space()
    if not back.is_file():
        raise BadFile(f"There is no file “{back}”.", "Check the name and the folder.")
    sheet = _sheet(context, space)
    coming = audit_file.compare(
        space, sheet, read_sheet(back.read_bytes(), back.name, head=PLACE), _known(space)
    )
    stored = 0
    if not dry_run:
        _insist(coming, clashes)
        stored = audit_file.store(space, coming, clashes=clashes, author=AUTHOR, now=context.wall)
        noted(space, author=AUTHOR, now=context.wall)
    plain = {
        "places": coming.rows,
        "changes": [to_plain(edit) for edit in coming.edits],
        "conflicts": len(coming.clashes),
        "stored": stored,
    }
    say(as_json, plain, lambda: _import_lines(coming, stored, dry_run))


def _known(space: Workspace) -> dict[str, tuple[str, ...]]:
    events = space.events()
    return known_names(event_names(events), tellers(events))


def _insist(coming: Coming, clashes: str | None) -> None:
    """Where somebody else changed the same words, whose count is asked, never guessed."""
    if not coming.clashes or clashes:
        return
    said = " ".join(change_said(edit) for edit in coming.clashes[:5])
    raise Question(
        f"{len(coming.clashes)} fields were changed here after this sheet had left. {said}",
        f"Say whose words count: {ON_CONFLICT} mine for the sheet's, {ON_CONFLICT} theirs for those here.",
        ON_CONFLICT,
        {MINE: coming.clashes[0].new, THEIRS: coming.clashes[0].old},
    )


def _import_lines(coming: Coming, stored: int, dry_run: bool) -> list[str]:
    if not coming.edits:
        return [f"Nothing is changed in this sheet of {coming.rows} places."]
    lines = [change_said(edit) for edit in coming.edits]
    return [*lines, "Nothing was stored." if dry_run else f"{stored} fields changed."]


# ---------------------------------------------------------------- one place


def _place(sheet: Sheet, wanted: str) -> Place:
    """The place of this name, however its capitals were typed."""
    names = {place.label.casefold(): place for place in sheet.places}
    names |= {place.key.casefold(): place for place in sheet.places}
    found = names.get(wanted.strip().casefold())
    if found is None:
        raise UnknownName("place", wanted, [place.label for place in sheet.places])
    return found


@audit_group.command(name="grade")
@click.argument("place")
@click.option(
    "--grade", type=click.Choice(["R", "A", "G", "none"], case_sensitive=False), help="What people say."
)
@click.option("--owner", help="Who looks after it.")
@click.option("--note", help="Why, or what to do.")
@click.option(
    "--not-ours/--ours", "not_ours", default=None, help="We have no such place; or we have one after all."
)
@json_option
@click.pass_obj
def grade_command(
    context: Context,
    place: str,
    grade: str | None,
    owner: str | None,
    note: str | None,
    not_ours: bool | None,
    as_json: bool,
) -> None:
    """Say how a place stands, or that there is none; what is not given stays as it is."""
    if grade is None and owner is None and note is None and not_ours is None:
        raise click.UsageError("Give --grade, --owner, --note, --not-ours or --ours.")
    for name, text in ((audit_file.OWNER, owner), (audit_file.NOTE, note)):
        longest = audit_file.LONGEST[name]
        if text is not None and len(text) > longest:
            raise BadChoice(f"The {name.lower()} has {len(text)} characters.", f"Use at most {longest}.")
    space = context.space()
    sheet = _sheet(context, space)
    found = _place(sheet, place)
    if not_ours and not sheet.may_be_not_ours(found):
        raise BadChoice(
            f"“{found.label}” is a goal step or a place that people added, so it is there.",
            f"Say so of a standard touchpoint: {', '.join(TOUCHPOINTS)}.",
        )
    held = _held(space, found.key)
    before = held.value if held else Grade(found.key, None)
    chosen = before.grade if grade is None else None if grade.lower() == "none" else grade.upper()
    value = replace(
        before,
        grade=chosen,
        owner=before.owner if owner is None else owner.strip(),
        note=before.note if note is None else note.strip(),
        not_ours=before.not_ours if not_ours is None else not_ours,
    )
    _save(context, space, value, held, as_json)


def _held(space: Workspace, key: str) -> decisions.Decided[Grade] | None:
    return next(
        (each for name, each in decisions.grades(space).items() if name.casefold() == key.casefold()), None
    )


def _save(
    context: Context,
    space: Workspace,
    value: Grade,
    held: decisions.Decided[Grade] | None,
    as_json: bool,
) -> None:
    based_on = held.version if held else 0
    decisions.save_grade(space, value, based_on=based_on, author=AUTHOR, now=context.wall)
    if value.telling or value.not_ours != (held is not None and held.value.not_ours):
        noted(space, author=AUTHOR, now=context.wall)
    say(as_json, to_plain(value), lambda: [f"{value.touchpoint}: {_said(value)}"])


def _said(value: Grade) -> str:
    owner = f", owner {value.owner}" if value.owner else ""
    note = f": {value.note}" if value.note else ""
    return f"{NOT_OURS if value.not_ours else value.grade or 'no grade'}{owner}{note}"


@audit_group.command(name="back")
@click.argument("place")
@json_option
@click.pass_obj
def back_command(context: Context, place: str, as_json: bool) -> None:
    """Take back the last thing people said of a place; where it was the only one, no grade is left."""
    space = context.space()
    held = _held(space, place.strip()) or _held(space, _place(_sheet(context, space), place).key)
    if held is None:
        raise NothingYet(f"Nobody has said anything of “{place}” yet.", "There is nothing to take back.")
    key = held.value.touchpoint
    history = decisions.grade_history(space, key)
    if len(history) > 1:
        _save(context, space, history[-2].value, held, as_json)
        return
    decisions.remove_grade(space, key, based_on=held.version, author=AUTHOR, now=context.wall)
    if held.value.telling or held.value.not_ours:
        noted(space, author=AUTHOR, now=context.wall)
    say(as_json, to_plain(Grade(key, None)), lambda: [f"{key}: no grade"])


@audit_group.group(name="place")
def place_group() -> None:
    """Places that people add, and what in the data tells of them."""


@place_group.command(name="add")
@click.argument("name")
@click.option("--events", multiple=True, help="An event that belongs to it (repeatable).")
@click.option("--sources", multiple=True, help="A source that tells of it (repeatable).")
@click.option("--channels", multiple=True, help="A channel that belongs to it (repeatable).")
@click.option("--of", "should", default="", help="Whoever did this event should pass here.")
@json_option
@click.pass_obj
def place_add(
    context: Context,
    name: str,
    events: tuple[str, ...],
    sources: tuple[str, ...],
    channels: tuple[str, ...],
    should: str,
    as_json: bool,
) -> None:
    """Add a place, or say anew what tells of one; an event counts when it matches all that is given."""
    space = context.space()
    wanted = name.strip()
    if not 0 < len(wanted) <= audit_file.LONGEST_NAME:
        raise BadChoice("A place has a name of 1 to 60 characters.", "Call it what your team calls it.")
    _insist_known(space, events, sources, channels, should)
    if should and not (events or sources or channels):
        raise BadChoice(
            "Who should pass is said, but not what tells of it.", "Give --events, --sources or --channels."
        )
    sheet = _sheet(context, space)
    try:
        key = _place(sheet, wanted).key
    except UnknownName:
        key = wanted
    if key in sheet.judged_by and key not in TOUCHPOINTS:
        raise BadChoice(
            f"“{key}” is a step of the goal and measured as such.", "Give the place another name."
        )
    held = _held(space, key)
    before = held.value if held else Grade(key, None)
    telling = Telling(events, sources, channels, should)
    _save(context, space, replace(before, telling=telling), held, as_json)


def _insist_known(
    space: Workspace,
    events: tuple[str, ...],
    sources: tuple[str, ...],
    channels: tuple[str, ...],
    should: str,
) -> None:
    known = _known(space)
    asked = (
        ("event", (*events, *filter(None, (should,))), known[audit_file.EVENTS]),
        ("source", sources, known[audit_file.SOURCES]),
        ("channel", channels, known[audit_file.CHANNELS]),
    )
    for kind, names, there in asked:
        for each in names:
            if each not in there:
                raise UnknownName(kind, each, there)


@place_group.command(name="remove")
@click.argument("name")
@json_option
@click.pass_obj
def place_remove(context: Context, name: str, as_json: bool) -> None:
    """Take away what people said of a place; one that people added is gone then, its history stays."""
    space = context.space()
    held = _held(space, name.strip())
    if held is None:
        raise UnknownName("graded place", name, decisions.grades(space))
    decisions.remove_grade(
        space, held.value.touchpoint, based_on=held.version, author=AUTHOR, now=context.wall
    )
    say(as_json, {"removed": held.value.touchpoint}, lambda: [f"Took “{held.value.touchpoint}” away."])


@audit_group.command(name="history")
@click.argument("place")
@json_option
@click.pass_obj
def history_command(context: Context, place: str, as_json: bool) -> None:
    """Who graded a place how and when, and what was measured at each change of the data."""
    space = context.space()
    try:
        key = _place(_sheet(context, space), place).key
    except JourneyError:
        if not decisions.grade_trail(space, place):
            raise
        key = place  # one that was taken away
    people = [
        {
            "at": each.saved_at.isoformat(),
            "author": each.author,
            "version": each.version,
            "said": None if each.value is None else to_plain(each.value),
        }
        for each in decisions.grade_trail(space, key)
    ]
    measured = [
        {"at": each.saved_at.isoformat(), "data": each.value.data_version, "grade": each.value.grades[key]}
        for each in decisions.measured_history(space)
        if key in each.value.grades
    ]

    def lines() -> list[str]:
        told = [
            f"{each.saved_at:%Y-%m-%d %H:%M}  {each.author}: "
            + ("taken away" if each.value is None else _said(each.value))
            for each in decisions.grade_trail(space, key)
        ]
        told += [
            f"{each.saved_at:%Y-%m-%d %H:%M}  measured: {each.value.grades[key] or '–'}"
            for each in decisions.measured_history(space)
            if key in each.value.grades
        ]
        return sorted(told) or ["Nobody has said anything of it yet."]

    say(as_json, {"place": key, "people": people, "measured": measured}, lines)


COMMANDS: tuple[Any, ...] = (audit_group,)
