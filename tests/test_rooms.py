"""Who may import whom: design §2's table, held against every import in the house."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EVERYWHERE = {"vocabulary", "errors", "settings", "plain", "temporary"}
ENGINE_DOOR = "engine.base"
MAY_IMPORT = {
    "pages": {"ui", "analysis", "decide", "charts"},
    "main": {"ui", "analysis", "decide", "charts"},
    "ui": {"workspace", "share", "decide", "analysis", "charts", "sample"},
    "cli": {"workspace", "share", "decide", "analysis", "serve", "sample"},
    "asgi": {"workspace", "share", "decide", "analysis", "intake", "guard", "live"},
    "live": {"workspace", "intake", "guard"},
    "serve": set(),
    "guard": set(),
    "sample": {"workspace", "analysis", "decide"},
    "share": {"workspace", "decide", "analysis", "charts", "store", "stats"},
    "workspace": {"intake", "identity", "engine", "store"},
    "decide": {"analysis", "stats"},
    "analysis": {"stats", ENGINE_DOOR},
    "charts": {"analysis", "decide"},
    "intake": set(),
    "identity": set(),
    "engine": set(),
    "store": set(),
    "stats": set(),
    "vocabulary": set(),
    "errors": set(),
    "settings": set(),
    "plain": set(),
    "temporary": set(),
    "__main__": {"cli"},
    "__init__": set(),
}
STREAMLIT_ROOMS = {"pages", "ui", "main", "asgi", "serve"}
BRANDS = {"duckdb": {"engine"}, "sqlalchemy": {"store"}, "streamlit": STREAMLIT_ROOMS}


def room_of(file: Path) -> str:
    parts = file.relative_to(ROOT).parts
    return "pages" if parts[0] == "pages" else parts[1].removesuffix(".py")


def imports_of(file: Path) -> list[str]:
    """Every module a file imports, also inside functions, dotted and absolute."""
    found = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative imports hide where a name comes from"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


FILES = sorted([*(ROOT / "journey_app").rglob("*.py"), *(ROOT / "pages").glob("*.py")])


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_a_room_imports_only_what_its_card_allows(file):
    room = room_of(file)
    allowed = MAY_IMPORT[room] | EVERYWHERE | {room}
    for name in imports_of(file):
        if name == "journey_app" or not name.startswith("journey_app."):
            continue
        other = name.split(".")[1]
        inside = other in allowed or (ENGINE_DOOR in allowed and name.startswith("journey_app.engine.base"))
        assert inside, f"{room} may not import {name}"


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_a_brand_stays_in_its_room(file):
    for name in imports_of(file):
        rooms = BRANDS.get(name.split(".")[0])
        assert rooms is None or room_of(file) in rooms, f"{name} in {room_of(file)}"


ROOMS = sorted(card.parent.name for card in (ROOT / "journey_app").glob("*/__init__.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_a_card_on_its_door(room):
    card = ast.get_docstring(ast.parse((ROOT / "journey_app" / room / "__init__.py").read_text())) or ""
    assert "Receives" in card and "Hands on" in card and "May touch" in card
