"""A file nobody described is mapped by hand, and an import is taken back: both in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Served, command_line, open_page, running, settled, shut_the_list

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("importing")]

CHORES = ("borrowed a drill", "returned a drill", "asked for a refund")
LONG = 60_000


def library_log(folder: Path) -> Path:
    """A tool library's own list: nothing in its column names says who, what or when."""
    rows = [
        f"{day:02d}.05.2026 {9 + member % 8}:15;{CHORES[(day + member) % 3]};shelf {member % 4};{1000 + member}"
        for day in range(1, 29)
        for member in range(12)
    ]
    file = folder / "tool library.csv"
    file.write_text("entry;remark;place;card\n" + "\n".join(rows) + "\n", "utf-8")
    return file


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("importing") / "home"
    log = home.parent / "first.csv"
    log.write_text(
        "user_id,event,timestamp\n"
        + "".join(f"u{n},signed up,2026-05-{1 + n % 28:02d}T10:00:00Z\n" for n in range(60)),
        "utf-8",
    )
    command_line(home, "import", str(log))
    with running(home) as served:
        yield served


def column(page: Page, ours: str, theirs: str) -> None:
    box = page.get_by_role("combobox", name=re.compile(re.escape(ours)))
    box.click()
    box.fill(theirs)
    page.get_by_role("option", name=re.compile(rf"^{re.escape(theirs)}\b")).first.click()
    shut_the_list(page)


def store_button(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("^(check |)Store [0-9,]+ events"))


def held(app: Served) -> dict[str, int]:
    told = json.loads(command_line(app.home, "events", "--json"))
    return {row["event"]: row["count"] for row in told["events"]}


def test_an_unknown_file_is_mapped_and_read_the_same_way_the_next_time(
    app: Served, page: Page, tmp_path: Path
):
    open_page(page, f"{app.url}/import")
    page.locator('input[type="file"]').first.set_input_files([str(library_log(tmp_path))])
    form = page.get_by_text("Which column of “tool library.csv” is what?")
    expect(form).to_be_visible(timeout=LONG)
    settled(page)
    column(page, "Customer: who did it", "card")
    column(page, "Event: what happened", "remark")
    column(page, "Time: when it happened", "entry")
    page.get_by_role("button", name="Read it so").click()
    expect(store_button(page)).to_be_enabled(timeout=LONG)
    expect(store_button(page)).to_contain_text("336")
    settled(page)
    expect(page.get_by_text("borrowed a drill").first).to_be_visible()
    store_button(page).click()
    expect(page.get_by_text("Imports in force")).to_be_visible(timeout=LONG)
    settled(page)
    assert held(app) == {"signed up": 60} | dict.fromkeys(CHORES, 112)

    again = tmp_path / "june"
    again.mkdir()
    june = library_log(again)
    june.write_text(june.read_text("utf-8").replace(".05.2026", ".06.2026"), "utf-8")
    open_page(page, f"{app.url}/import")
    page.locator('input[type="file"]').first.set_input_files([str(june)])
    expect(store_button(page)).to_be_enabled(timeout=LONG)
    expect(form).to_have_count(0)


def test_an_import_is_taken_back(app: Served, page: Page, tmp_path: Path):
    extra = tmp_path / "second.csv"
    extra.write_text(
        "user_id,event,timestamp\n"
        + "".join(f"u{n},cancelled,2026-05-{1 + n % 28:02d}T11:00:00Z\n" for n in range(30)),
        "utf-8",
    )
    command_line(app.home, "import", str(extra))
    assert held(app)["cancelled"] == 30
    open_page(page, f"{app.url}/import")
    row = page.locator('[class*="st-key-row-import-"]').filter(has_text="second.csv")
    row.get_by_role("button", name="Undo").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("30 events")
    dialog.get_by_role("button", name=re.compile("Take out 30 events")).click()
    expect(dialog).to_be_hidden(timeout=LONG)
    settled(page)
    expect(page.get_by_text("second.csv")).to_have_count(0)
    assert "cancelled" not in held(app)
    assert held(app)["signed up"] == 60


def test_a_reload_in_the_middle_of_an_import_loses_neither_files_nor_answers(
    app: Served, page: Page, browser: Browser, tmp_path: Path
):
    open_page(page, f"{app.url}/import")
    page.locator('input[type="file"]').first.set_input_files([str(loan_list(tmp_path))])
    expect(page.get_by_text("Which column of “loans.csv” is what?")).to_be_visible(timeout=LONG)
    settled(page)
    for ours, theirs in ANSWERS:
        column(page, ours, theirs)
    page.get_by_role("button", name="Read it so").click()
    expect(store_button(page)).to_contain_text("40", timeout=LONG)
    settled(page)

    open_page(page, f"{app.url}/import")
    offer = page.get_by_text("1 file was waiting here: loans.csv.")
    expect(offer).to_be_visible(timeout=LONG)
    elsewhere = browser.new_context()
    other = elsewhere.new_page()
    open_page(other, f"{app.url}/import")
    assert other.get_by_text("waiting here").count() == 0, "it is another browser's"
    elsewhere.close()
    page.get_by_role("button", name="Go on with it").click()
    expect(store_button(page)).to_contain_text("40", timeout=LONG)
    settled(page)

    open_page(page, f"{app.url}/import")
    page.get_by_role("button", name="Forget it").click()
    expect(offer).to_have_count(0, timeout=LONG)
    open_page(page, f"{app.url}/import")
    assert offer.count() == 0


def test_what_a_closed_page_left_is_offered_on_one_that_was_open_already(
    app: Served, page: Page, tmp_path: Path
):
    open_page(page, f"{app.url}/import")
    page.locator('input[type="file"]').first.set_input_files([str(loan_list(tmp_path))])
    expect(page.get_by_text("Which column of “loans.csv” is what?")).to_be_visible(timeout=LONG)
    beside = page.context.new_page()
    open_page(beside, f"{app.url}/import")
    offer = beside.get_by_text("1 file was waiting here: loans.csv.")
    assert offer.count() == 0, "it lies on a page that is open"
    page.close()
    expect(offer).to_be_visible(timeout=LONG)
    beside.get_by_role("button", name="Forget it").click()
    expect(offer).to_have_count(0, timeout=LONG)


ANSWERS = (("Customer: who did it", "delta"), ("Event: what", "beta"), ("Time: when", "alpha"))


def loan_list(folder: Path) -> Path:
    """A list with other column names and members, so that no answer is remembered of it and none is asked."""
    told = library_log(folder).read_text("utf-8").splitlines()
    rows = [re.sub(r";(?=\d+$)", ";member ", row) for row in told[1:41]]
    file = folder / "loans.csv"
    file.write_text("\n".join(["alpha;beta;gamma;delta", *rows]) + "\n", "utf-8")
    return file
