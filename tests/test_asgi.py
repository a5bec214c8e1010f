"""The server's own doors, over HTTP: /s/<token> → a cookie → /shared, and nothing else for its holder."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from journey_app.plain import to_plain
from journey_app.settings import Settings
from journey_app.share.links import create_link, revoke_link
from journey_app.workspace.home import open_workspace
from tests.share.canary import frozen

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.xdist_group("pages")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args, **_kwargs):
        return None


BROWSER = urllib.request.build_opener(_Stay)


def get(url: str, cookie: str = ""):
    """Status, headers and text of one answer, redirects not followed."""
    request = urllib.request.Request(url, headers={"Cookie": cookie} if cookie else {})
    try:
        answer = BROWSER.open(request, timeout=20)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers, answer.read().decode()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("asgi") / "home"
    open_workspace("acme", Settings(home=folder), create=True, now=datetime.now(UTC))
    return folder


@pytest.fixture(scope="module")
def server(home):
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "journey_app", "--home", str(home), "--workspace", "acme", "serve"]
    process = subprocess.Popen(
        [*command, "--no-browser", "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _ready(url, process)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        # it ended by itself, so what it keeps of dropped files is gone
        assert process.wait(timeout=20) == 0


def _ready(url: str, process: subprocess.Popen) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, "the server stopped while starting"
        try:
            if get(f"{url}/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server did not answer within a minute")


def new_link(home, days=30):
    store = open_workspace("acme", Settings(home=home)).store
    since = datetime.now(UTC) - timedelta(days=10)
    body = to_plain(frozen(title="For the board"))
    return store, *create_link(
        store, body, author="Ana", now=since, expires=timedelta(days=days), title="For the board"
    )


def test_a_link_moves_its_token_into_a_cookie_no_script_reads_and_shows_the_report(server, home):
    _store, token, _link = new_link(home)
    status, headers, _text = get(f"{server}/s/{token}")
    assert (status, headers["location"]) == (303, "/shared")
    cookie = SimpleCookie(headers["set-cookie"])["journey_share"]
    assert cookie.value == token
    assert cookie["httponly"]
    assert cookie["samesite"] == "lax"

    status, headers, page = get(f"{server}/shared", f"journey_share={token}")
    assert status == 200
    assert "For the board" in page
    assert token not in page
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert "<script" not in page


def test_wrong_ended_revoked_and_missing_tokens_get_one_sentence(server, home):
    store, revoked, link = new_link(home)
    revoke_link(store, link.link_id, author="Ana", now=datetime.now(UTC))
    _store, ended, _link = new_link(home, days=5)
    answers = [
        get(f"{server}/shared", f"journey_share={t}" if t else "") for t in ("", "x" * 43, revoked, ended)
    ]
    assert [status for status, _headers, _page in answers] == [403] * 4
    assert len({page for _status, _headers, page in answers}) == 1
    assert "For the board" not in answers[0][2]


def test_guessing_keeps_no_reader_out_and_is_told_to_wait_by_address(server, home):
    _store, token, _link = new_link(home)
    assert {get(f"{server}/shared")[0] for _ in range(12)} == {403}
    guesses = [get(f"{server}/shared", f"journey_share={'y' * 43}")[0] for _ in range(12)]
    assert guesses[-1] == 429
    assert get(f"{server}/shared", f"journey_share={token}")[0] == 200
    elsewhere = urllib.request.Request(
        f"{server}/shared",
        headers={"Cookie": f"journey_share={'y' * 43}", "X-Forwarded-For": "192.0.2.7"},
    )
    with pytest.raises(urllib.error.HTTPError) as answer:  # a proxy on this machine says who it is
        BROWSER.open(elsewhere, timeout=20)
    assert answer.value.status == 403


def test_the_fonts_a_report_names_are_served(server, home):
    _store, token, _link = new_link(home)
    page = get(f"{server}/shared", f"journey_share={token}")[2]
    fonts = [part.split('"')[0] for part in page.split('src:url("')[1:]]
    assert len(fonts) == 2
    for font in fonts:
        with urllib.request.urlopen(f"{server}{font}", timeout=20) as answer:
            assert answer.read(4) == b"wOF2"


def test_the_servers_own_numbers_are_closed(server):
    assert get(f"{server}/_stcore/metrics")[0] == 404


@pytest.mark.parametrize("page", ["goal", "sprint", "share", "findings", "customers"])
def test_a_holder_of_a_link_who_tries_a_page_is_told_that_it_is_closed(page, home, monkeypatch):
    _store, token, _link = new_link(home)
    theme = SimpleNamespace(type="light")
    elsewhere = SimpleNamespace(
        theme=theme, ip_address="192.0.2.7", cookies={"journey_share": token}, url=None
    )
    monkeypatch.setattr(st, "context", elsewhere)
    monkeypatch.setenv("JOURNEY_HOME", str(home))
    monkeypatch.setenv("JOURNEY_WORKSPACE", "acme")
    st.cache_resource.clear()
    app = AppTest.from_file(str(ROOT / "journey_app" / "main.py"), default_timeout=60).run()
    app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    assert [each.value for each in app.warning] == [
        "**This page is not open to you\\.** Ask its owner for a share link, or for an account on the "
        "sign\\-in in front of the app\\."
    ]
    assert not app.button
    assert not app.sidebar.selectbox
    st.cache_resource.clear()
