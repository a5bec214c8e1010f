"""Workspaces as a whole: which are there, a new one, one that goes, a copy of one and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from journey_app.cli.context import Context, json_option, say
from journey_app.errors import BadChoice
from journey_app.plain import to_plain
from journey_app.workspace.backups import back_up, restore
from journey_app.workspace.home import create_workspace, delete_workspace, list_workspaces, open_workspace


@click.group(name="workspaces", invoke_without_command=True)
@json_option
@click.pass_context
def workspaces(ctx: click.Context, as_json: bool) -> None:
    """Which workspaces are there."""
    if ctx.invoked_subcommand is not None:
        if as_json:
            raise click.UsageError("Write --json after the whole command.")
        return
    settings = ctx.obj.settings
    names = list_workspaces(settings)
    say(as_json, {"home": str(settings.home), "workspaces": names}, lambda: names or ["None yet."])


@workspaces.command(name="create")
@click.argument("title")
@click.option("--timezone", default="UTC", show_default=True, help="Whose days and weeks are counted.")
@click.option("--currency", default="EUR", show_default=True, help="Three letters, such as USD.")
@json_option
@click.pass_obj
def create_command(context: Context, title: str, timezone: str, currency: str, as_json: bool) -> None:
    """Make a new, empty workspace; its name is the title as a folder can be called."""
    name = create_workspace(title, timezone, currency, context.settings, now=context.wall)
    made = open_workspace(name, context.settings)
    plain: dict[str, Any] = {
        "workspace": name,
        "title": made.title,
        "timezone": made.timezone,
        "currency": str(made.about["currency"]),
    }
    say(as_json, plain, lambda: [f"Made “{made.title}”. Use it with --workspace {name}."])


@workspaces.command(name="delete")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do it; there is no way back.")
@json_option
@click.pass_obj
def delete_command(context: Context, name: str, yes: bool, as_json: bool) -> None:
    """Take a workspace away for good: its events, its files and everything that was decided in it."""
    if not yes:
        raise BadChoice(
            f"Deleting “{name}” takes all its events, files and decisions away for good; nothing was deleted.",
            "Add --yes to do it.",
        )
    delete_workspace(name, context.settings, now=context.wall)
    say(as_json, {"deleted": name}, lambda: [f"“{name}” is gone."])


@click.command(name="backup")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def backup_command(context: Context, file: Path, as_json: bool) -> None:
    """Write the whole workspace, as it is at this moment, into one new file."""
    made = back_up(context.space(), file, now=context.wall)
    say(
        as_json,
        {"file": str(file), **to_plain(made)},
        lambda: [f"Wrote {made.imports:,} imports and every decision to {file} ({made.bytes:,} bytes)."],
    )


@click.command(name="restore")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def restore_command(context: Context, file: Path, as_json: bool) -> None:
    """Make a new workspace from a backup, called as --workspace says; none that is there is changed."""
    space = restore(file, context.settings.workspace, context.settings, now=context.wall)
    plain = {"workspace": space.name, "imports": len(space.batches()), "version": space.version}
    say(as_json, plain, lambda: [f"“{space.name}” holds {plain['imports']:,} imports again."])


COMMANDS = (workspaces, backup_command, restore_command)
