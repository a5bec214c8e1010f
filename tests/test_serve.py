"""How the app is started: what the environment says holds, nothing asks or advertises, the browser opens once."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner
from streamlit import config

from journey_app import serve
from journey_app.cli.main import commands


@pytest.fixture
def told(monkeypatch):
    """What `serve` is called with, without a server."""
    found = {}
    monkeypatch.setattr(serve, "serve", lambda *args, **how: found.update(how))
    return found


@pytest.mark.parametrize("name", ["read_only", "behind_sign_in"])
@pytest.mark.parametrize(
    ("variable", "flag", "holds"),
    [("1", False, True), ("", True, True), ("1", True, True), ("", False, False)],
)
def test_a_flag_or_its_variable_is_enough(told, monkeypatch, tmp_path, name, variable, flag, holds):
    monkeypatch.setenv(f"JOURNEY_{name.upper()}", variable)
    options = ["--" + name.replace("_", "-")] if flag else []
    done = CliRunner().invoke(commands, ["--home", str(tmp_path), "serve", *options])
    assert done.exit_code == 0, done.output
    assert told[name] is holds


def test_behind_a_sign_in_by_its_variable_it_may_listen_beyond_the_machine(told, monkeypatch, tmp_path):
    monkeypatch.setenv("JOURNEY_BEHIND_SIGN_IN", "1")
    done = CliRunner().invoke(commands, ["--home", str(tmp_path), "serve", "--address", "0.0.0.0"])
    assert done.exit_code == 0 and told["address"] == "0.0.0.0"


def test_streamlit_neither_asks_for_an_address_nor_advertises():
    options = dict(flag.removeprefix("--").split("=") for flag in serve.flags("127.0.0.1", 8501, 10))
    assert (options["server.headless"], options["server.showEmailPrompt"]) == ("true", "false")
    assert not [name for name in options if name not in config._config_options_template]


class Answers(BaseHTTPRequestHandler):
    """Not ready at first, then well."""

    asked = 0

    def do_GET(self):
        type(self).asked += 1
        self.send_response(200 if self.asked > 2 else 503)
        self.end_headers()

    def log_message(self, *_args):
        return


def test_the_browser_opens_once_the_app_answers(monkeypatch):
    opened = []
    monkeypatch.setenv("BROWSER", "true")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setattr(serve.webbrowser, "open", lambda page: opened.append((page, Answers.asked)) or True)
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = serve.page_of("127.0.0.1", server.server_address[1])
        assert serve.open_when_ready(page)
        server.shutdown()
    assert opened == [(page, 3)]


def test_without_a_screen_or_an_app_nothing_opens(monkeypatch):
    monkeypatch.setattr(serve.webbrowser, "open", lambda _page: pytest.fail("nothing to open"))
    monkeypatch.setattr(serve, "START_S", 0.3)
    monkeypatch.setenv("BROWSER", "true")
    assert not serve.open_when_ready("http://localhost:1")
    monkeypatch.setattr(serve.sys, "platform", "linux")
    for name in serve.SCREENS:
        monkeypatch.delenv(name, raising=False)
    assert not serve.open_when_ready("http://localhost:1")
