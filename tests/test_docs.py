"""What the documents promise is there, and what is there is in the documents."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from journey_app.cli.main import commands

ROOT = Path(__file__).parents[1]
CLI = (ROOT / "docs" / "cli.md").read_text()
README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "sample_data" / "README.md"]
# Joined here, so that this file does not hold what it looks for.
NEVER = [
    ".".join(parts)
    for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "com"), ("deb", "debian"))
]


def leaves(group: click.Group, before: str = "") -> list[tuple[str, click.Command]]:
    """Every command with its whole name."""
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        whole = f"{before}{name}"
        group_of = command if isinstance(command, click.Group) else None
        if group_of is None or group_of.invoke_without_command:
            found.append((whole, command))
        if group_of is not None:
            found += leaves(group_of, f"{whole} ")
    return found


@pytest.mark.parametrize(
    ("name", "command"), leaves(commands), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_and_option_is_documented(name: str, command: click.Command):
    row = next((line for line in CLI.splitlines() if re.match(rf"(\| )?`{name}[ `]", line)), None)
    assert row is not None, f"docs/cli.md does not name {name}"
    assert command.help, f"{name} has no help"
    for parameter in command.params:
        if not isinstance(parameter, click.Option) or parameter.name in ("as_json", "now"):
            continue
        named = [*parameter.opts, *parameter.secondary_opts]
        assert any(option in row for option in named), f"docs/cli.md: {name} lacks {named}"


def documented() -> list[tuple[str, str]]:
    """Every command of docs/cli.md by its whole name, with what may follow it."""
    rows = [re.match(r"(?:\| )?`([a-z][^`]*)`", line) for line in CLI.splitlines()]
    found = [row[1] for row in rows if row and (row[0].startswith("| ") or row[1].startswith("serve"))]
    split = [re.match(r"[a-z-]+(?: [a-z][a-z-]*(?![^ ]))*", usage) for usage in found]
    return [(name[0], usage[name.end() :]) for name, usage in zip(split, found, strict=True) if name]


def test_every_documented_command_and_option_is_there():
    known = dict(leaves(commands))
    assert len(documented()) >= len(known)
    for name, rest in documented():
        assert name in known, f"docs/cli.md: there is no command “{name}”"
        options = {
            each for parameter in known[name].params for each in (*parameter.opts, *parameter.secondary_opts)
        }
        for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", rest):
            assert option in options, f"docs/cli.md: “{name}” has no option {option}"


def test_a_stale_command_or_option_would_be_found(monkeypatch):
    for stale in ("| `audit xyz NAME` | |", "| `imports [--everything]` | |"):
        monkeypatch.setitem(globals(), "CLI", f"{CLI}\n{stale}\n")
        with pytest.raises(AssertionError, match=r"docs/cli\.md"):
            test_every_documented_command_and_option_is_there()


def test_the_readmes_make_targets_are_there():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)", README)) <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)
def test_links_and_pictures_lead_somewhere(document: Path):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text()):
        assert (document.parent / target).exists(), f"{document.name} points to {target}"


def test_every_decision_that_code_cites_is_written_down():
    written = {path.name for path in (ROOT / "docs" / "decisions").glob("*.md")}
    cited: set[str] = set()
    for file in [*(ROOT / "journey_app").rglob("*.py"), *(ROOT / "pages").glob("*.py")]:
        cited |= set(re.findall(r"docs/decisions/(\d{3}-[a-z0-9-]+\.md)", file.read_text()))
    assert cited <= written, cited - written


def test_nothing_names_a_registry_or_a_home_folder():
    for file in [*DOCUMENTS, *ROOT.glob("*.t*"), ROOT / "Makefile", ROOT / ".ci" / "run"]:
        text = file.read_text()
        assert not any(host in text for host in NEVER), file
        assert f"{Path.home()}/" not in text and str(ROOT.parent) + "/" not in text, file
