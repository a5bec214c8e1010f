"""Which commands are there, and how do they end? 0 fine, 1 you can put it right, 2 wrong usage."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from journey_app.cli import (
    auditing,
    beside,
    cleaning,
    deciding,
    deeds,
    flowing,
    housekeeping,
    identities,
    questions,
    serving,
    tidying,
    understanding,
)
from journey_app.cli.context import Context
from journey_app.errors import JourneyError
from journey_app.settings import Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", type=click.Path(path_type=Path), help="Where workspaces live.")
@click.option("--workspace", help="Which workspace (default: “default”).")
@click.pass_context
def commands(ctx: click.Context, home: Path | None, workspace: str | None) -> None:
    """Customer journeys, measured from the exports you already have."""
    settings = Settings.from_environment()
    ctx.obj = Context.of(settings, home, workspace)


GROUPS = (
    serving,
    deeds,
    housekeeping,
    questions,
    understanding,
    deciding,
    beside,
    flowing,
    auditing,
    identities,
    cleaning,
    tidying,
)
for command in (each for group in GROUPS for each in group.COMMANDS):
    commands.add_command(command)


def main() -> None:
    """Run a command; a JourneyError is two sentences on stderr and exit code 1, never a traceback."""
    try:
        commands(standalone_mode=True)
    except JourneyError as error:
        click.echo(f"{error.what}\n{error.do}", err=True)
        sys.exit(1)
