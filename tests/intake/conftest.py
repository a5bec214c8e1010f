"""Small files, and what became of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from journey_app.intake.limits import Limits
from journey_app.intake.prepare import prepare
from journey_app.intake.prepared import Prepared
from journey_app.vocabulary import Answers

ROOT = Path(__file__).parents[2]
EXPORTS = ROOT / "sample_data" / "exports"
SHARED = ROOT / ".." / "shared"


@dataclass
class Outcome:
    """Everything a file gave."""

    prepared: Prepared
    events: list[dict[str, Any]]
    links: list[dict[str, Any]]
    rejects: list[tuple[int, str, str]]
    rows: int

    def names(self) -> list[str]:
        return [event["event"] for event in self.events]

    def column(self, name: str) -> list[Any]:
        return [event[name] for event in self.events]


def outcome(prepared: Prepared) -> Outcome:
    chunks = list(prepared.chunks())
    return Outcome(
        prepared,
        [event for chunk in chunks for event in chunk.events.to_pylist()],
        [link for chunk in chunks for link in chunk.links.to_pylist()],
        [reject for chunk in chunks for reject in chunk.rejects],
        sum(chunk.rows for chunk in chunks),
    )


def dataset(place: str) -> Path:
    path = SHARED / place
    if not path.exists():
        pytest.skip(f"{place} is not beside this checkout")
    return path


@pytest.fixture
def prepared(tmp_path: Path) -> Callable[..., Prepared]:
    """Prepare text (dedented) or bytes as the one table of a file."""

    def made(
        content: str | bytes,
        name: str = "file.csv",
        *,
        timezone: str = "UTC",
        limits: Limits | None = None,
        **answers: Any,
    ) -> Prepared:
        path = tmp_path / "upload"
        path.write_bytes(content if isinstance(content, bytes) else dedent(content).lstrip("\n").encode())
        tables = prepare(path, name, Answers(**answers), timezone=timezone, limits=limits or Limits())
        assert len(tables) == 1
        return tables[0]

    return made


@pytest.fixture
def read(prepared: Callable[..., Prepared]) -> Callable[..., Outcome]:
    """Everything in the one table of a file."""
    return lambda *args, **kwargs: outcome(prepared(*args, **kwargs))
