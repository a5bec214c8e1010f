"""The keys of JSON that docs/cli.md promises are printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Said, run

CLI = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()
ROWS = "\n".join(
    f"u{n},{event},2026-03-{1 + n % 19:02d} 0{at}:00:00,{'web' if n % 2 else 'shop'}"
    for n in range(60)
    for at, event in enumerate(("visit", "sign up", "pay")[: 1 + n % 3])
)
STEPS = ("visit", "sign up")
# What is asked of each command; its row in the document says what it answers.
ASKED = {
    "import": ("FILE", "--dry-run"),
    "imports": (),
    "recipes list": (),
    "workspaces": (),
    "sources list": (),
    "keys list": (),
    "inbox status": (),
    "cleanup show": (),
    "cleanup preview": ("event", "pay"),
    "forget": ("u1",),
    "known": ("u1",),
    "uploads list": (),
    "events": (),
    "funnel": STEPS,
    "paths": ("--from", "visit"),
    "transitions": (),
    "velocity": STEPS,
    "customers": (),
    "identities show": ("yan",),
    "identities refused": (),
    "identities cuts": (),
    "identities what-if": (),
    "findings": (),
    "audit": (),
    "friction": (),
    "share list": (),
    "sync": (),
}
# Keys of lists that hold nothing in these data, by command.
EMPTY = {
    "inbox status": {"calls", "last_at", "tried_at", "seconds", "trouble"},
    "customers": {"why"},
    "sync": {"calls", "rejected", "seconds"},
    "forget": {"kind", "name", "title", "versions"},
}


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("documented")
    (folder / "log.csv").write_text(f"who,event,timestamp,place\n{ROWS}\n")
    (folder / "exports").mkdir()
    (folder / "exports" / "b.csv").write_text(
        "user_id,email,event,timestamp\nzoe,zoe@acme.com,visit,2026-03-19 09:00\n"
        "yan,yan@north.com,visit,2026-03-20 09:00\n"
    )
    at = folder / "home"
    for words in (
        ("import", str(folder / "log.csv"), "--map", "customer=who"),
        ("goal", "set", *STEPS, "--target", "90", "--by", "2099-12-31"),
        ("sources", "add", "shop", str(folder / "exports")),
        ("sync",),
        ("keys", "create"),
        ("identities", "cut", "zoe", "zoe@acme.com"),
        ("cleanup", "add", "domain", "acme.com"),
        ("share", "create"),
    ):
        assert run(at, *words).code == 0, words
    return at


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inside in value.items():
            yield name
            yield from keys(inside)
    for inside in value if isinstance(value, list) else ():
        yield from keys(inside)


def promised(name: str) -> set[str]:
    row = next(line for line in CLI.splitlines() if re.match(rf"\| `{name}[ `]", line))
    answer = re.search(r"\| `(\{.*?\})`", row)
    assert answer, f"docs/cli.md does not say what {name} answers"
    return set(re.findall(r'"(\w+)"', answer[1]))


@pytest.mark.parametrize("name", ASKED)
def test_what_is_promised_is_printed(home: Path, name: str):
    words = [str(home.parent / "log.csv") if word == "FILE" else word for word in ASKED[name]]
    said: Said = run(home, *name.split(), *words, "--json")
    assert said.code == 0, said.err
    assert promised(name) - set(keys(said.json)) <= EMPTY.get(name, set())
