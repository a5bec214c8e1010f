"""In two real browsers: two people grade at once, see each other within seconds, and nobody's words are lost."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from journey_app.sample import load_sample
from journey_app.settings import Settings
from tests.e2e.conftest import Served, command_line, open_page, running, settled

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("browser-graders"),
]

UNTIL, NOW = date(2026, 11, 22), datetime(2026, 11, 22, 9, tzinfo=UTC)
SECONDS = 60_000  # milliseconds; three or four are usual on a quiet machine
CUSTOMERS = 2000


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("graders") / "home"
    load_sample(Settings(home=home), until=UNTIL, now=NOW, customers=CUSTOMERS)
    with running(home, workspace="northwind") as served:
        yield served


@pytest.fixture
def two(app: Served, browser: Browser) -> Iterator[tuple[Page, Page]]:
    contexts = [browser.new_context(viewport={"width": 1280, "height": 800}) for _ in range(2)]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        open_page(page, f"{app.url}/audit")
    yield pages[0], pages[1]
    for context in contexts:
        context.close()


def grades(app: Served) -> dict[str, dict[str, str]]:
    return json.loads(command_line(app.home, "audit", "--json", workspace="northwind"))["people"]


def choose(page: Page, place: str) -> None:
    box = page.get_by_role("combobox", name=re.compile("Place"))
    box.click()
    box.fill(place)
    page.get_by_role("option", name=place, exact=True).click()
    expect(page.locator(".st-key-card-place h3")).to_have_text(place, timeout=SECONDS)


def begin(page: Page, place: str) -> Locator:
    """The dialog of a place."""
    choose(page, place)
    page.get_by_role("button", name="Grade together").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Owner")).to_be_visible(timeout=SECONDS)
    return dialog


def fill(
    dialog: Locator, *, grade: str | None = None, owner: str | None = None, note: str | None = None
) -> None:
    if grade:
        dialog.get_by_role("radio", name=re.compile(grade)).click()
    if owner is not None:
        dialog.get_by_label("Owner").fill(owner)
    if note is not None:
        dialog.get_by_label("Note").fill(note)


def keep(dialog: Locator) -> None:
    dialog.get_by_role("button", name="Save this grade").click()
    expect(dialog).to_be_hidden(timeout=SECONDS)


def photograph(page: Page, name: str) -> None:
    """For whoever wants to look: JOURNEY_PICTURES names a folder."""
    if folder := os.environ.get("JOURNEY_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_each_sees_the_others_grade_within_seconds(app: Served, two: tuple[Page, Page]) -> None:
    ana, bo = two
    choose(bo, "Support")
    dialog = begin(ana, "Support")
    fill(dialog, grade="red", owner="Ana", note="asked Tom")
    keep(dialog)
    expect(bo.locator(".st-key-card-place")).to_contain_text(
        "says red, owner Ana: “asked Tom”", timeout=SECONDS
    )
    other = begin(bo, "Billing")
    fill(other, grade="green", owner="Bo")
    keep(other)
    choose(ana, "Billing")
    expect(ana.locator(".st-key-card-place")).to_contain_text("says green, owner Bo", timeout=SECONDS)
    photograph(ana, "audit")
    assert {name: said["owner"] for name, said in grades(app).items()} == {"support": "Ana", "billing": "Bo"}


def test_what_others_do_leaves_a_half_written_note_alone(app: Served, two: tuple[Page, Page]) -> None:
    ana, bo = two
    dialog = begin(ana, "Site")
    dialog.get_by_label("Note").fill("half a sentence")
    other = begin(bo, "Email")
    fill(other, grade="amber", owner="Bo")
    keep(other)
    expect(ana.locator(".j-head .j-muted")).to_contain_text("People see", timeout=SECONDS)
    ana.wait_for_timeout(5_000)  # two renewals of the board below the dialog
    expect(dialog.get_by_label("Note")).to_have_value("half a sentence")
    fill(dialog, owner="Ana")
    keep(dialog)
    assert grades(app)["site"]["note"] == "half a sentence"


def test_a_late_save_shows_both_in_words_and_loses_neither(app: Served, two: tuple[Page, Page]) -> None:
    ana, bo = two
    early, late = begin(ana, "Sales"), begin(bo, "Sales")
    fill(early, grade="amber", owner="Ana")
    keep(early)
    fill(late, grade="green", note="called them")
    late.get_by_role("button", name="Save this grade").click()
    conflict = late.locator('[class*="st-key-conflict"]')
    expect(conflict).to_contain_text("saved this grade while you were editing", timeout=SECONDS)
    for words in ("amber", "green", "called them", "Ana"):
        expect(conflict).to_contain_text(words)
    assert "{" not in conflict.inner_text(), "words, not JSON"
    photograph(bo, "conflict")
    assert grades(app)["sales"]["owner"] == "Ana", "nothing was overwritten"

    conflict.get_by_role("radiogroup", name="Grade").get_by_text("Yours").click()
    settled(bo)
    conflict.get_by_role("button", name="Save what is chosen").click()
    expect(late).to_be_hidden(timeout=SECONDS)
    said = grades(app)["sales"]
    assert (said["grade"], said["owner"], said["note"]) == ("G", "Ana", "called them")
    expect(ana.locator(".st-key-card-place")).to_contain_text("owner Ana: “called them”", timeout=SECONDS)


def test_a_row_is_reached_and_graded_by_keyboard_alone(app: Served, page: Page) -> None:
    open_page(page, f"{app.url}/audit")
    box = page.get_by_role("combobox", name=re.compile("Place"))
    box.focus()
    page.keyboard.type("Reviews")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-card-place h3")).to_have_text("Reviews", timeout=SECONDS)
    page.get_by_role("button", name="Grade together").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Owner")).to_be_visible(timeout=SECONDS)
    photograph(page, "dialog")
    dialog.get_by_role("radio", name=re.compile("amber")).focus()
    page.keyboard.press("Space")
    dialog.get_by_label("Owner").focus()
    page.keyboard.type("Cem")
    dialog.get_by_role("button", name="Save this grade").focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden(timeout=SECONDS)
    said = grades(app)["reviews"]
    assert (said["grade"], said["owner"]) == ("A", "Cem")
