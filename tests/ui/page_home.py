"""A home of one's own for a page test: the small sample, copied, so that an edit stays in its test."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

import streamlit as st
from streamlit.testing.v1 import AppTest

from journey_app.sample import load_sample
from journey_app.settings import Settings
from journey_app.workspace.home import open_workspace
from journey_app.workspace.workspace import Workspace

ROOT = Path(__file__).parents[2]
UNTIL, NOW = date(2026, 11, 22), datetime(2026, 11, 22, 9, tzinfo=UTC)
NAME = "acme"


@lru_cache(maxsize=1)
def _sample() -> Path:
    home = Path(mkdtemp(prefix="page-home-"))
    load_sample(Settings(home=home), until=UNTIL, now=NOW, name=NAME, customers=10_000)
    return home


@dataclass(frozen=True)
class Opened:
    """One page of the running app and the workspace below it."""

    app: AppTest
    home: Path

    @property
    def space(self) -> Workspace:
        return open_workspace(NAME, Settings(home=self.home))

    def button(self, label: str):
        return next(each for each in self.app.button if each.label == label)

    def click(self, label: str) -> None:
        self.button(label).click().run()
        assert not self.app.exception, [each.value for each in self.app.exception]

    def field(self, kind: str, label: str):
        return next(each for each in getattr(self.app, kind) if each.label == label)

    def words(self) -> str:
        """Everything the page says."""
        app = self.app
        said = [*app.markdown, *app.warning, *app.subheader, *app.caption, *app.code, *app.get("html")]
        return " ".join(
            str(getattr(each, "value", None) or getattr(each, "body", "") or each.proto) for each in said
        )


FORM = """
import streamlit as st
from journey_app.settings import Settings
from journey_app.ui import saving, sprint_form, sprinting
from journey_app.workspace.home import open_workspace

space = open_workspace({name!r}, Settings.from_environment())
held = st.session_state.setdefault("held", next(iter(sprinting.sprints(space)), None))
saving.resolve("sprint")
sprint_form.{call}
"""


def open_form(monkeypatch, folder: Path, call: str, *, prefill=None) -> Opened:
    """The inside of one of the Sprint page's dialogs, over and over, as its fragment runs in a browser."""
    home = _prepared(monkeypatch, folder, read_only=False)
    app = AppTest.from_string(FORM.format(name=NAME, call=call), default_timeout=120)
    if prefill is not None:
        app.session_state["sprint.prefill"] = prefill
    app.run()
    assert not app.exception, [each.value for each in app.exception]
    return Opened(app, home)


def open_page(monkeypatch, folder: Path, page: str, *, change=None, read_only: bool = False) -> Opened:
    """The page of a copy of the sample. change: what to do to the workspace before it opens."""
    home = _prepared(monkeypatch, folder, read_only, change)
    app = AppTest.from_file(str(ROOT / "journey_app" / "main.py"), default_timeout=120).run()
    app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    assert not app.exception, [each.value for each in app.exception]
    return Opened(app, home)


def _prepared(monkeypatch, folder: Path, read_only: bool, change=None) -> Path:
    """A copy of the sample that the app will open, with nothing remembered from the test before."""
    home = folder / "home"
    shutil.copytree(_sample(), home)
    if change is not None:
        change(open_workspace(NAME, Settings(home=home)))
    monkeypatch.setenv("JOURNEY_HOME", str(home))
    monkeypatch.setenv("JOURNEY_WORKSPACE", NAME)
    monkeypatch.setenv("JOURNEY_READ_ONLY", "1" if read_only else "")
    monkeypatch.setenv("JOURNEY_BEHIND_SIGN_IN", "1")  # AppTest has no address to be from this machine
    st.cache_data.clear()
    st.cache_resource.clear()
    return home
