"""Tidying from the command line: forget, known, uploads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from journey_app.cli.context import Context, json_option, new_file, say, writing
from journey_app.plain import to_plain
from journey_app.workspace import forgetting, knowing, receipts, theirs
from journey_app.workspace import uploads as kept
from journey_app.workspace.unfinished import Unfinished
from journey_app.workspace.workspace import Workspace

AUTHOR = "command line"


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


COMMANDS = (forget_command, known_command, uploads)
