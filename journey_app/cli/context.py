"""What every command needs: settings, the workspace, the clock, and a way to answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import click

from journey_app.analysis.clock import Clock, clock, local_midnight
from journey_app.errors import BadChoice
from journey_app.settings import Settings
from journey_app.workspace.home import open_workspace
from journey_app.workspace.uploads import remove_old
from journey_app.workspace.workspace import Workspace


@dataclass(frozen=True)
class Context:
    """One run of the command line."""

    settings: Settings

    @classmethod
    def of(cls, settings: Settings, home: Path | None, workspace: str | None) -> Context:
        return cls(
            replace(
                settings,
                home=(home or settings.home).expanduser().resolve(),
                workspace=workspace or settings.workspace,
            )
        )

    @property
    def wall(self) -> datetime:
        """Wall-clock time, UTC, for when something was saved; never for a verdict."""
        return datetime.now(UTC)

    def space(self, create: bool = False) -> Workspace:
        space = open_workspace(settings=self.settings, create=create, now=self.wall)
        remove_old(space, now=self.wall)
        return space


def clock_of(space: Workspace, names: Sequence[str], now: date | None) -> Clock:
    """Where the data of these events end, unless --now says otherwise (a local day; its midnight is now)."""
    measured = clock(space.events(), names)
    if now is None:
        return measured
    return Clock(local_midnight(now, space.timezone), now, measured.sources)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise BadChoice, not a bug, where a file that was asked for cannot be written."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "that is no name of a file"
        raise BadChoice(
            f"“{path}” cannot be written: {reason}.", "Name a file in a folder that is there."
        ) from error


@contextmanager
def new_file(path: Path | None) -> Iterator[BinaryIO | None]:
    """A file that was not there, opened before the deed it is to tell of; gone again when nothing is written.

    Raises BadChoice when it is there already, or cannot be made.
    """
    if path is None:
        yield None
        return
    if path.exists():
        raise BadChoice(f"“{path}” is already there.", "Choose a name that is not taken.")
    with writing(path):
        out = path.open("xb")
    try:
        with out:
            yield out
    finally:
        if not path.stat().st_size:
            path.unlink()


def say(as_json: bool, answer: Any, lines: Callable[[], list[str]]) -> None:
    """One JSON document on stdout and nothing else, or readable lines."""
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        for line in lines():
            click.echo(line)


LONGEST = timedelta(days=36_500)  # nobody waits a hundred years
MOST_DIGITS = 8  # of a length in minutes
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Length(click.ParamType):
    """A length of time: 30m, 12h, 14d, 4w or none."""

    name = "length"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta | str | None:
        if not isinstance(value, str):
            return value
        if value == "none":
            return "none"
        found = re.fullmatch(r"(\d+)([mhdw])", value)
        if not found:
            self.fail(f"“{value}” is not a length of time; write 30m, 12h, 14d, 4w or none.", param, ctx)
        told = timedelta.max if len(found[1]) > MOST_DIGITS else timedelta(**{UNITS[found[2]]: int(found[1])})
        if told > LONGEST:
            self.fail(
                f"“{value[:40]}” is longer than {LONGEST.days:,} days; for no limit write none.", param, ctx
            )
        return told


def length(value: timedelta | str | None) -> timedelta | None:
    """What a Length option means: “none” is no limit."""
    return value if isinstance(value, timedelta) else None


class Day(click.ParamType):
    """A day, YYYY-MM-DD."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}” is not a day; write it as 2026-05-18.", param, ctx)


LENGTH, DAY = Length(), Day()
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
now_option = click.option(
    "--now", type=DAY, help="The first day that is not complete (default: where the data end)."
)
