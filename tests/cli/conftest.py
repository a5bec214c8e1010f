"""The command line in this process: fast, and with the exit codes a shell would see."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from journey_app.cli.main import commands
from journey_app.errors import JourneyError


@dataclass(frozen=True)
class Said:
    """How a command ended. json: its one document, when it was asked for."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(home: Path, *words: str, workspace: str = "default") -> Said:
    """Run a command the way `main` does: a JourneyError is two sentences and exit code 1."""
    result = CliRunner().invoke(commands, ["--home", str(home), "--workspace", workspace, *words])
    if isinstance(result.exception, JourneyError):
        return Said(1, result.stdout, f"{result.exception.what}\n{result.exception.do}")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def cli(tmp_path: Path) -> Callable[..., Said]:
    """A function: words → how the command ended, in a home of its own."""
    return lambda *words, **options: run(tmp_path / "home", *words, **options)
