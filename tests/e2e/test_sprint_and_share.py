"""In a real browser: a week is planned in its dialog, and a shared report is read on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Served, command_line, open_page, running, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser-sprint")]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("sprint") / "home"
    command_line(home, "sample", "--until", "2026-11-22")
    with running(home, workspace="northwind") as served:
        yield served


def test_a_week_is_planned_in_its_dialog_and_stands_on_its_card(app: Served, page: Page) -> None:
    open_page(page, f"{app.url}/sprint")
    page.get_by_role("button", name="Plan week 4").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What is changed").fill("Ask for a teammate")
    dialog.get_by_label("Owner").fill("Ana")
    dialog.get_by_label("Hypothesis").fill("Asking helps.")
    dialog.get_by_role("button", name="Save the week").click()
    dialog.wait_for(state="detached", timeout=30_000)
    settled(page)
    assert page.locator(".st-key-card-week-4 h3").inner_text() == "Ask for a teammate"


def test_a_link_is_read_on_a_phone_without_scripts_or_sideways_scrolling(
    app: Served, page: Page, browser: Browser
) -> None:
    open_page(page, f"{app.url}/share")
    page.get_by_role("button", name="Create the link").click()
    address = page.locator(".st-key-card-share-made code")
    address.wait_for(timeout=30_000)
    phone = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    reader = phone.new_page()
    outside: list[str] = []
    reader.on("request", lambda request: outside.append(request.url))
    answer = reader.goto(address.inner_text().strip())
    assert answer is not None
    assert answer.status == 200
    assert reader.url.endswith("/shared"), "the token has left the address"
    assert "Trial to paid" in reader.locator("h1").inner_text()
    assert reader.locator("html").bounding_box()["width"] == 390
    assert all(url.startswith(("http://localhost", "http://127.0.0.1")) for url in outside)

    page.get_by_role("button", name="Revoke").click()
    settled(page)
    refused = reader.goto(reader.url)
    assert refused is not None
    assert refused.status == 403
    assert "does not open anything" in reader.locator("body").inner_text()
    phone.close()
