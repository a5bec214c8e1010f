"""The whole story in a browser: from dropped files to an honest verdict, and a stakeholder who only reads.

The company is made for a fixed date. The first upload is what its exports held on the Sunday before
the sprint; the second is what they held two weeks later.
"""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from sample_data.make_company import Company, make_company
from tests.e2e.conftest import Served, command_line, open_page, running, settled, shut_the_list

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("story"),
]

UNTIL = date(2026, 11, 2)
CUSTOMERS = 9_000
LONG = 120_000  # milliseconds; a million times more than needed on a quiet machine


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("story")
    sunday = make_company(folder / "probe", UNTIL, customers=500).truths.sprint_start - timedelta(days=1)
    before = make_company(folder / "before", UNTIL, customers=CUSTOMERS, through=sunday)
    after = make_company(folder / "after", UNTIL, customers=CUSTOMERS)
    with running(folder / "home") as app:
        yield app, before, after


def three_exports(company: Company) -> list[Path]:
    """HubSpot contacts, Segment tracks and identifies, Zendesk tickets — and the payments that count."""
    return [company.contacts, company.tracks, company.identifies, company.tickets, company.payments]


def go(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNavLink").filter(has_text=name).click()
    settled(page)


def drop(page: Page, files: list[Path]) -> None:
    """Drop files, wait for a card each, store them."""
    page.locator('input[type="file"]').first.set_input_files([str(file) for file in files])
    store = page.get_by_role("button", name=re.compile("^(check |)Store [0-9,]+ events"))
    expect(store).to_be_enabled(timeout=LONG)
    settled(page)
    store.click()
    expect(page.get_by_text("Imports in force")).to_be_visible(timeout=LONG)
    settled(page, 120)


def choose(page: Page, label: str, words: str) -> None:
    """A value of a selectbox, by typing the beginning of it."""
    box = page.get_by_role("combobox", name=re.compile(re.escape(label)))
    box.click()
    box.fill(words)
    page.get_by_role("option", name=re.compile(re.escape(words))).first.click()
    shut_the_list(page)


def test_from_dropped_files_to_a_verdict(
    story: tuple[Served, Company, Company], page: Page, browser: Browser
):
    app, before, after = story
    make_a_workspace(app, page)
    upload_and_confirm(page, before)
    grade_a_touchpoint(page)
    set_the_goal(page)
    click_a_ribbon(page)
    plan_the_first_week(page, before)
    go(page, "Import")
    drop(page, three_exports(after))
    read_the_verdict(app, page)
    hand_on_the_link(page, browser)


def make_a_workspace(app: Served, page: Page) -> None:
    """A fresh home leads to the page that makes workspaces, and that one on to Import."""
    page.goto(app.url)
    page.get_by_label("Name", exact=True).fill("Acme Tools")
    choose(page, "Time zone", "UTC")
    page.get_by_role("button", name="Make this workspace").click()
    settled(page)
    expect(page.locator('input[type="file"]').first).to_be_attached(timeout=30_000)


def upload_and_confirm(page: Page, company: Company) -> None:
    drop(page, three_exports(company))
    for title in ("HubSpot · contacts", "Segment · tracks", "Segment · identifies", "Zendesk · tickets"):
        expect(page.get_by_text(title).first).to_be_visible()


def grade_a_touchpoint(page: Page) -> None:
    go(page, "Touchpoint audit")
    page.get_by_role("button", name=re.compile("Grade")).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("radio", name=re.compile("[Rr]ed")).first.click()
    dialog.get_by_label(re.compile("Owner")).fill("Priya")
    dialog.get_by_role("button", name=re.compile("Save")).click()
    expect(dialog).to_be_hidden(timeout=30_000)
    settled(page)


def set_the_goal(page: Page) -> None:
    go(page, "Goal and pace")
    choose(page, "First event", "Trial started")
    choose(page, "Outcome", "Payment succeeded")
    save = page.get_by_role("button", name="Set the goal")
    expect(save).to_be_enabled()
    save.click()
    expect(page.locator(".st-key-goal").get_by_text("Payment succeeded").first).to_be_visible(timeout=60_000)
    settled(page)


def click_a_ribbon(page: Page) -> None:
    """A click brings a ribbon to the front and its numbers into the card below."""
    go(page, "Paths")
    ribbon = page.locator('[data-testid="stVegaLiteChart"] path[aria-label*="Project created"]').first
    expect(ribbon).to_be_visible(timeout=60_000)
    ribbon.click(force=True)
    settled(page)
    expect(page.locator(".st-key-card-focus")).to_contain_text("Project created")


def plan_the_first_week(page: Page, company: Company) -> None:
    """From the costliest friction to week 1; what is changed and its measure are the team's own."""
    go(page, "Friction")
    expect(page.locator(".j-claim")).to_contain_text("It hurts most here")
    page.get_by_role("button", name="Plan a change").click()
    settled(page)
    page.get_by_role("button", name="Start a sprint").click()
    page.get_by_role("dialog").get_by_role("button", name="Start the sprint").click()
    settled(page)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("What is changed", exact=True)).not_to_have_value("", timeout=30_000)
    dialog.get_by_label("What is changed", exact=True).fill("Offer the CSV import right after sign-up")
    dialog.get_by_label("Owner", exact=True).fill("Priya")
    choose(page, "Of those who did", company.truths.week_one.start)
    choose(page, "the share that did", company.truths.week_one.outcome)
    dialog.get_by_label("Hypothesis").fill("People who see their own data on day one stay.")
    dialog.get_by_label("Roll-back plan").fill("Turn the offer off.")
    settled(page)
    dialog.get_by_role("button", name="Save the week").click()
    expect(dialog).to_be_hidden(timeout=60_000)
    expect(page.get_by_text("Offer the CSV import right after sign-up").first).to_be_visible()


def read_the_verdict(app: Served, page: Page) -> None:
    """The page's word is the command line's word."""
    go(page, "Sprint")
    expect(page.get_by_text("Improved").first).to_be_visible(timeout=60_000)
    said = json.loads(command_line(app.home, "sprint", "verdict", "--json", workspace="acme-tools"))
    assert [week["word"] for week in said["weeks"]] == ["improved"]
    assert said["weeks"][0]["effect"]["low"] > 0


def hand_on_the_link(page: Page, browser: Browser) -> None:
    """A second browser, which never saw the app, reads the frozen report and nothing else."""
    go(page, "Share")
    page.get_by_role("button", name="Create the link").click()
    code = page.locator('[data-testid="stCode"]').first
    expect(code).to_contain_text("/s/", timeout=60_000)
    address = code.inner_text().strip()
    stranger = browser.new_context(viewport={"width": 390, "height": 844})
    phone = stranger.new_page()
    phone.goto(address)
    assert phone.url.endswith("/shared"), "the token has left the address"
    expect(phone.get_by_text("Frozen report")).to_be_visible()
    expect(phone.get_by_text("Offer the CSV import right after sign-up")).to_be_visible()
    assert phone.locator("input, button, textarea, select, form").count() == 0
    assert "@" not in phone.locator("body").inner_text()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390, "nothing to pinch"
    stranger.close()
    page.get_by_role("button", name="Revoke").first.click()
    settled(page)
    again = browser.new_context().new_page()
    again.goto(address)
    expect(again.get_by_text("does not open anything")).to_be_visible()
    again.context.close()
    open_page(page, page.url)
