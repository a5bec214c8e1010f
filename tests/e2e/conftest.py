"""The running app and a browser: one server a module, one browser a session, one context a test."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.browser import FLAGS, installed

ROOT = Path(__file__).parents[2]
READY_S = 60


@dataclass(frozen=True)
class Served:
    """A running app. url without a slash at its end; home: where its workspaces live."""

    url: str
    home: Path


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def command_line(home: Path, *words: str, workspace: str | None = None) -> str:
    """Run a command as a user would, in a process of its own; returns what it printed."""
    which = ["--workspace", workspace] if workspace else []
    done = subprocess.run(
        [sys.executable, "-m", "journey_app", "--home", str(home), *which, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def running(home: Path, *flags: str, workspace: str = "default", folder: Path = ROOT) -> Iterator[Served]:
    """`serve` on a free port until the block ends; `folder` is where it is started from."""
    port = free_port()
    log = (home.parent / f"serve-{port}.log").open("wb")
    server = subprocess.Popen(
        [sys.executable, "-m", "journey_app", "--home", str(home), "--workspace", workspace, "serve",
         "--no-browser", "--port", str(port), *flags],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=log,
        stderr=log,
        start_new_session=True,
    )  # fmt: skip
    try:
        _wait(f"http://127.0.0.1:{port}/healthz", server)
        yield Served(f"http://127.0.0.1:{port}", home)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)
        log.close()


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        assert server.poll() is None, "the server stopped while starting"
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer within {READY_S} s")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = installed()
    if path is None:
        pytest.skip("no browser can be had here; `make test` says how it looked for one")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield made
        made.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    context.set_default_timeout(90_000)  # a loaded machine takes its time; a quiet one does not wait
    yield context.new_page()
    context.close()


def settled(page: Page, seconds: float = 60) -> None:
    """Wait until the app is connected and no script runs: a state, never a length of time."""
    page.wait_for_selector(
        '[data-testid="stApp"][data-test-connection-state="CONNECTED"]', timeout=seconds * 1000
    )
    page.wait_for_timeout(250)  # a click reaches the server before the state changes
    page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=seconds * 1000)


def shut_the_list(page: Page) -> None:
    """Wait until no list of choices is open; on a busy machine it may stay so after the choice.

    Everything else is hidden from roles while it is.
    """
    settled(page)
    lists = page.get_by_role("listbox")
    for _ in range(5):
        if lists.count() == 0:
            break
        page.keyboard.press("Escape")
        page.wait_for_timeout(250)
    expect(lists).to_have_count(0)


def open_page(page: Page, url: str) -> None:
    """Go there and wait until the page itself has said something: a headline, an empty state, a sentence."""
    page.goto(url)
    page.locator('.j-head, .st-key-empty, [data-testid="stAlert"]').first.wait_for(timeout=60_000)
    settled(page)
