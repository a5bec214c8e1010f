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


def test_every_documented_command_is_there():
    known = {name for name, _command in leaves(commands)}
    written = re.findall(r"^\| `([a-z]+(?: [a-z-]+)?)[^`]*`", CLI, re.MULTILINE)
    assert written
    for name in written:
        assert name in known or name.split()[0] in known, name


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
