"""Dialogs and fragments run again without their page: an error in one must still be two sentences."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DRAWN = sorted([*(ROOT / "journey_app" / "ui").glob("*.py"), *(ROOT / "pages").glob("*.py")])


def parts_of(file: Path) -> list[tuple[str, list[str]]]:
    """Functions that are dialogs or fragments, with the names of what decorates them."""
    found = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef):
            named = [ast.unparse(each).split("(")[0] for each in node.decorator_list]
            if {"st.dialog", "st.fragment"} & set(named):
                found.append((node.name, named))
    return found


def test_there_are_dialogs_and_fragments_to_look_at():
    assert sum(len(parts_of(file)) for file in DRAWN) > 10


@pytest.mark.parametrize("file", DRAWN, ids=lambda file: file.name)
def test_each_explains_its_own_errors(file):
    assert [name for name, named in parts_of(file) if "self_explaining" not in named] == []
