"""Start the app, and make the company to try it with: serve, sample."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from journey_app import serve as server
from journey_app.cli.context import DAY, Context, json_option, say
from journey_app.errors import BadChoice
from journey_app.sample import load_sample
from journey_app.workspace.sample import SAMPLE_NAME, is_ready


def _progress(_share: float, sentence: str) -> None:
    click.echo(f"\r{sentence} …".ljust(60), err=True, nl=False)


@click.command(name="serve")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option("--address", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--sample", is_flag=True, help="Open on the made-up company; make it when it is not there.")
@click.option("--browser/--no-browser", default=True, show_default=True, help="Open the browser.")
@click.option("--read-only", is_flag=True, help="Everybody looks, nobody changes.")
@click.option(
    "--behind-sign-in",
    is_flag=True,
    help="A proxy in front signs people in; whoever gets through it is an owner.",
)
@click.pass_obj
def serve_command(
    context: Context,
    port: int,
    address: str,
    sample: bool,
    browser: bool,
    read_only: bool,
    behind_sign_in: bool,
) -> None:
    """Start the app."""
    settings = context.settings
    behind_sign_in = behind_sign_in or settings.behind_sign_in
    if address not in server.LOOPBACK and not behind_sign_in:
        raise BadChoice(
            f"Listening on {address} would let anybody who can reach this machine in as the owner.",
            "Put a proxy that signs people in before it and add --behind-sign-in, or leave --address away.",
        )
    workspace = settings.workspace
    if sample:
        workspace = SAMPLE_NAME
        if not is_ready(settings):
            load_sample(settings, until=context.wall.date(), now=context.wall, progress=_progress)
            click.echo("", err=True)
    click.echo(f"Workspaces live in {settings.home}. The app is at {server.page_of(address, port)}", err=True)
    server.serve(
        settings.home,
        workspace,
        address=address,
        port=port,
        upload_limit_mb=settings.upload_limit_mb,
        open_browser=browser,
        read_only=read_only or settings.read_only,
        behind_sign_in=behind_sign_in,
    )


@click.command(name="sample")
@click.option("--until", type=DAY, help="The day after the last day of data (default: today).")
@click.option("--name", default=SAMPLE_NAME, show_default=True)
@click.option("--files", type=click.Path(path_type=Path), help="Also keep the exports in this folder.")
@json_option
@click.pass_obj
def sample_command(
    context: Context, until: date | None, name: str, files: Path | None, as_json: bool
) -> None:
    """Make the made-up company as a workspace of its own."""
    imported = load_sample(
        context.settings,
        until=until or context.wall.date(),
        now=context.wall,
        name=name,
        keep_files=files,
        progress=_progress,
    )
    click.echo("", err=True)
    plain = {
        "workspace": name,
        "events": imported.events,
        "customers": imported.customers,
        "version": imported.version,
    }
    say(
        as_json,
        plain,
        lambda: [f"“{name}” holds {imported.events:,} events of {imported.customers:,} customers."],
    )


COMMANDS = (serve_command, sample_command)
