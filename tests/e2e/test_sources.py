"""A source is added in a browser, and its row says by itself how the fetch went."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Served, command_line, open_page, running, settled

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("importing")]
HEAD = "user_id,event,timestamp\n"
LONG = 60_000
TICKS_MS = 7_000  # the rows are drawn anew every five seconds


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("sources") / "home"
    log = home.parent / "first.csv"
    log.write_text(HEAD + "ana,signed up,2026-05-01T10:00:00Z\n", "utf-8")
    command_line(home, "import", str(log))
    with running(home) as served:
        yield served


def test_the_row_of_a_source_renews_itself_and_leaves_an_open_form_alone(
    app: Served, page: Page, tmp_path: Path
):
    (tmp_path / "a.csv").write_text(HEAD + "zoe,Came,2026-05-20T09:00:00Z\n", "utf-8")
    open_page(page, f"{app.url}/import")
    page.get_by_role("button", name="Add a source").click()
    dialog = page.get_by_role("dialog")
    kind = dialog.get_by_role("combobox", name=re.compile("Kind"))
    kind.click()
    kind.fill("Folder")
    page.get_by_role("option", name=re.compile("^Folder")).first.click()
    dialog.get_by_label("Folder, or a pattern of files").fill(str(tmp_path / "*.csv"))
    dialog.get_by_label("Name").fill("Shop  Größe orders")
    dialog.get_by_role("button", name="Save and fetch").click()
    expect(dialog).to_be_hidden(timeout=LONG)
    row = page.locator('[class*="st-key-row-source-"]').filter(has_text="Shop Größe orders")
    expect(row).to_contain_text("1 event new then", timeout=LONG)
    expect(row).to_contain_text("fresh")

    (tmp_path / "b.csv").write_text(
        HEAD + "bo,Came,2026-05-20T09:00:00Z\nbo,Left,2026-05-20T10:00:00Z\n", "utf-8"
    )
    settled(page)
    row.get_by_role("button", name="Edit").click()
    expect(dialog).to_be_visible()
    where = dialog.get_by_label("Folder, or a pattern of files")
    where.fill(str(tmp_path / "b.csv"))
    command_line(app.home, "sync", "shop größe orders")
    page.wait_for_timeout(TICKS_MS)
    expect(dialog).to_be_visible()
    expect(where).to_have_value(str(tmp_path / "b.csv"))
    expect(row).to_contain_text("2 events new then", timeout=LONG)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden(timeout=LONG)
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0, timeout=LONG)
