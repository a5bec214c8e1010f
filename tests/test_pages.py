"""Every page opens: empty, with the sample, with odd data, and read-only; nothing else than sentences comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from journey_app.sample import load_sample
from journey_app.settings import Settings
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files

ROOT = Path(__file__).parents[1]
PAGES = sorted(page.stem for page in (ROOT / "pages").glob("*.py"))
UNTIL, NOW = date(2026, 11, 2), datetime(2026, 11, 2, 9, tzinfo=UTC)
pytestmark = pytest.mark.xdist_group("pages")

# Names a hostile or careless export brings: markup, a remote image, an SQL tail, another script, nothing to join.
ODD = """user_id,event,timestamp,device
u1,<img src=x onerror=alert(1)>,2026-03-02 09:00,mobile
u1,![x](http://192.0.2.1/leak.png),2026-03-02 09:05,mobile
u1,'); drop table events; --,2026-03-02 09:06,
u2,日本語イベント,2026-03-03 10:00,desktop
u2,<img src=x onerror=alert(1)>,2026-03-03 10:00,desktop
u3,**bold** [link](javascript:alert(1)),2026-03-19 23:59,=cmd
"""


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Homes: nothing imported yet, the sample, odd data without a goal, and reports without people only."""
    folder = tmp_path_factory.mktemp("homes")
    made = {name: folder / name for name in ("nobody", "empty", "sample", "odd", "reports")}
    open_workspace("acme", Settings(home=made["empty"]), create=True, now=NOW)
    load_sample(Settings(home=made["sample"]), until=UNTIL, now=NOW, name="acme", customers=2000)
    odd = open_workspace("acme", Settings(home=made["odd"]), create=True, now=NOW)
    (folder / "odd.csv").write_text(ODD, encoding="utf-8")
    import_files(odd, [(folder / "odd.csv", "odd.csv")], author="test", now=NOW)
    reports = open_workspace("acme", Settings(home=made["reports"]), create=True, now=NOW)
    ads = ROOT / "sample_data" / "exports" / "google_ads_report.csv"
    import_files(reports, [(ads, ads.name)], author="test", now=NOW)
    return made


@pytest.fixture
def opened(homes: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """A function: page, home → the page as it stands after its run."""

    def open_page(name: str, home: str, read_only: bool = False, stranger: bool = False) -> AppTest:
        monkeypatch.setenv("JOURNEY_HOME", str(homes[home]))
        monkeypatch.setenv("JOURNEY_WORKSPACE", "acme")
        monkeypatch.setenv("JOURNEY_READ_ONLY", "1" if read_only else "")
        monkeypatch.setenv("JOURNEY_BEHIND_SIGN_IN", "" if stranger else "1")  # AppTest has no address
        st.cache_data.clear()
        st.cache_resource.clear()
        app = AppTest.from_file(str(ROOT / "journey_app" / "main.py"), default_timeout=120).run()
        return app.switch_page(str(ROOT / "pages" / f"{name}.py")).run()

    yield open_page
    st.cache_resource.clear()


def words(app: AppTest) -> str:
    """Everything a page says, as one text."""
    said = [*app.markdown, *app.warning, *app.subheader, *app.title, *app.caption, *app.get("html")]
    return " ".join(
        str(getattr(each, "value", None) or getattr(each, "body", "") or each.proto) for each in said
    )


@pytest.mark.parametrize("home", ["nobody", "empty", "sample", "odd", "reports"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens(opened, page: str, home: str):
    app = opened(page, home)
    assert not app.exception, [e.value for e in app.exception]
    said = words(app)
    assert said.strip(), f"{page} says nothing"
    assert "not open to you" not in said
    if home == "sample":
        assert "j-head" in said, f"{page} has no headline"


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_from_elsewhere_is_told_nothing(opened, page: str, monkeypatch: pytest.MonkeyPatch):
    app = opened(page, "sample", stranger=True)
    said = words(app)
    assert "not open to you" in said
    assert "Trial" not in said and "acme" not in said


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_readers_and_offers_nothing_that_changes(opened, page: str):
    app = opened(page, "sample", read_only=True)
    assert not app.exception, [e.value for e in app.exception]
    changing = (
        "Store",
        "Plan",
        "Save",
        "Create",
        "Delete",
        "Undo",
        "Revoke",
        "Grade",
        "Set the goal",
        "Add a place",
    )
    offered = [button.label for button in app.button if button.label.startswith(changing)]
    assert offered == []
    assert not app.get("file_uploader")


@pytest.mark.parametrize("page", [p for p in PAGES if p not in ("welcome", "import")])
def test_an_empty_page_says_what_to_do_next(opened, page: str):
    said = words(opened(page, "empty"))
    assert "Import" in said or "import" in said or "goal" in said


@pytest.mark.parametrize("page", PAGES)
def test_the_first_line_of_every_page_asks_who_is_there(page: str):
    source = (ROOT / "pages" / f"{page}.py").read_text()
    asked = "ui.admit()" if page == "welcome" else 'ui.require("read")'
    assert asked in source.split("with ")[0].split("if ")[0], f"{page} is open to anybody"
