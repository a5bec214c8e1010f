"""What does a stranger get, and what leaves the browser? The door, driven as strangers drive it."""

from __future__ import annotations

import http.client
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from journey_app.ui.markup import TESTIDS
from tests.e2e.conftest import Served, command_line, open_page, running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("front_door")]

LOG = "user_id,event,timestamp\n" + "".join(
    f"u{n},{event},2026-03-{day:02d} 10:0{step}:00\n"
    for n in range(40)
    for day in (1 + n % 20,)
    for step, event in enumerate(("visit", "sign up", "pay")[: 1 + n % 3])
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("door")
    (folder / "log.csv").write_text(LOG)
    command_line(folder / "home", "import", str(folder / "log.csv"), workspace="acme")
    # started from elsewhere: then .streamlit/config.toml is not found and only the flags protect
    with running(folder / "home", workspace="acme", folder=folder) as app:
        yield app


def get(served: Served, path: str, **headers: str) -> http.client.HTTPResponse:
    where = urlsplit(served.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


def test_a_deep_link_on_a_cold_server_runs_the_front_door_first(served: Served, page: Page):
    open_page(page, f"{served.url}/funnel?share=guess")
    links = page.locator('[data-testid="stSidebarNavLink"]').all_inner_texts()
    assert [text.split("\n")[-1] for text in links][:2] == ["Findings", "Goal and pace"]


def test_an_address_that_is_no_page_is_said_and_the_bare_one_leads_to_findings(served: Served, page: Page):
    open_page(page, f"{served.url}/nosuch")
    page.get_by_text("There is no page “nosuch” here").wait_for()
    assert page.get_by_role("dialog").count() == 0, "Streamlit says it a second time, in its own words"
    page.get_by_role("link", name="Go to Findings").click()
    page.wait_for_url(f"{served.url}/findings?*")
    open_page(page, f"{served.url}/")
    page.wait_for_url(f"{served.url}/findings?*")


def test_every_answer_carries_the_security_headers(served: Served):
    for path in ("/", "/funnel", "/shared", "/healthz"):
        headers = {name.lower(): value for name, value in get(served, path).getheaders()}
        assert "default-src" in headers["content-security-policy"], path
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"


def test_streamlits_own_numbers_and_agent_are_closed(served: Served):
    for path in ("/_stcore/metrics", "/_stcore/agent/openapi.json"):
        assert get(served, path).status == 404, path


@pytest.mark.parametrize("token", ["", "*", ":token", "x" * 10_000, "A" * 43])
def test_a_wrong_share_token_opens_nothing(served: Served, token: str):
    answer = get(served, "/shared", Cookie=f"journey_share={token}")
    body = answer.read().decode()
    assert answer.status == 403
    assert "does not open anything" in body and "visit" not in body


def test_nothing_is_asked_of_any_other_machine(served: Served, page: Page):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for name in ("findings", "funnel", "paths"):
        open_page(page, f"{served.url}/{name}")
    outside = [url for url in asked if not url.startswith((served.url, "data:", "blob:", "ws://127.0.0.1"))]
    assert outside == []


def test_the_parts_of_streamlit_that_the_stylesheet_leans_on_are_there(served: Served, page: Page):
    open_page(page, f"{served.url}/funnel")
    chart = page.locator('[data-testid="stVegaLiteChart"]').first
    chart.wait_for()
    chart.hover()
    missing = [name for name in TESTIDS if page.locator(f'[data-testid="{name}"]').count() == 0]
    assert missing == ["stExpandSidebarButton"], "the sidebar is unfolded"


def test_on_a_phone_the_goal_begins_below_the_brand_and_the_sidebars_button(served: Served, page: Page):
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, f"{served.url}/funnel")
    button = page.locator('[data-testid="stExpandSidebarButton"]').bounding_box()
    goal = page.locator(".st-key-goal").bounding_box()
    assert button and goal and button["y"] + button["height"] <= goal["y"]


def test_a_read_only_app_offers_nothing_that_changes(tmp_path: Path, page: Page):
    (tmp_path / "log.csv").write_text(LOG)
    command_line(tmp_path / "home", "import", str(tmp_path / "log.csv"), workspace="acme")
    with running(tmp_path / "home", "--read-only", workspace="acme") as app:
        open_page(page, f"{app.url}/import")
        assert page.locator('[data-testid="stFileUploader"]').count() == 0
