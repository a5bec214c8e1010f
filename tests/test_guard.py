"""A page of another site cannot speak through the owner's browser."""

from __future__ import annotations

from typing import Any

import pytest

from journey_app.guard import Guard, Guesses

SAID = {"x-said": "always"}


async def _app(scope: dict[str, Any], _receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"inside"})


def ask(
    kind: str,
    host: str,
    origin: str | None = None,
    *,
    any_host: bool = False,
    read_only: bool = False,
    path: str = "/",
    method: str = "GET",
    more: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The first message the guard sends for one request."""
    headers = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin is not None else [])
    headers += [(name.encode(), value.encode()) for name, value in (more or {}).items()]
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": f"{kind}.connect"}

    guard = Guard(_app, any_host=any_host, read_only=read_only, headers=SAID)  # type: ignore[arg-type]
    running = guard({"type": kind, "path": path, "method": method, "headers": headers}, receive, send)  # type: ignore[arg-type]
    with pytest.raises(StopIteration):  # nothing in here waits, so one push runs it to its end
        running.send(None)
    return sent[0]


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST"])
def test_the_machines_own_names_are_let_in(host: str):
    assert ask("http", host)["status"] == 200
    assert ask("websocket", host, f"http://{host}")["type"] == "websocket.accept"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "192.0.2.7"]
)
def test_a_name_that_was_bound_to_this_machine_is_turned_away(host: str):
    assert ask("http", host)["status"] == 421
    assert ask("websocket", host, f"http://{host}")["type"] == "websocket.close"


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "http://localhost.evil.example:8501", "http://["]
)
def test_a_socket_from_another_sites_page_is_turned_away(origin: str):
    assert ask("websocket", "localhost:8501", origin)["type"] == "websocket.close"
    assert ask("websocket", "journey.example.org", origin, any_host=True)["type"] == "websocket.close"


def test_behind_a_sign_in_any_name_will_do_but_a_socket_must_come_from_it():
    assert ask("http", "journey.example.org", any_host=True)["status"] == 200
    own = ask("websocket", "journey.example.org", "https://journey.example.org", any_host=True)
    assert own["type"] == "websocket.accept"


def test_every_answer_carries_the_headers_and_two_doors_stay_shut():
    assert (b"x-said", b"always") in ask("http", "localhost")["headers"]
    for path in ("/_stcore/metrics", "/_stcore/agent/openapi.json"):
        assert ask("http", "localhost", path=path)["status"] == 404


def test_a_read_only_app_takes_no_files():
    sent = {"path": "/_stcore/upload_file/session/file", "method": "PUT"}
    assert ask("http", "localhost", read_only=True, **sent)["status"] == 403
    assert ask("http", "localhost", read_only=False, **sent)["status"] == 200


def test_wrong_tokens_run_out_and_come_back_and_are_counted_by_address():
    guesses = Guesses(most=3, seconds=60)
    for at in (0.0, 1.0, 2.0):
        assert not guesses.must_wait("192.0.2.1", at)
        guesses.wrong("192.0.2.1", at)
    assert guesses.must_wait("192.0.2.1", 3.0) and not guesses.must_wait("192.0.2.2", 3.0)
    assert not guesses.must_wait("192.0.2.1", 60.5)


def test_guesses_from_everywhere_do_not_fill_the_memory():
    guesses = Guesses(addresses=5)
    for number in range(50):
        guesses.wrong(f"192.0.2.{number}", 0.0)
    assert len(guesses._wrong) == 5


def cookie_given(path: str = "/funnel", method: str = "GET", **more: str) -> str:
    found = ask("http", "localhost", path=path, method=method, more={"accept": "text/html,*/*", **more})[
        "headers"
    ]
    return next((value.decode() for name, value in found if name == b"set-cookie"), "")


def test_a_browser_that_comes_for_the_first_time_gets_a_number_no_script_can_read():
    first, second = cookie_given(), cookie_given(cookie="theme=dark")
    assert first.startswith("journey_browser=") and "HttpOnly" in first and "SameSite=Lax" in first
    assert len(first.split(";")[0]) > 30 and first.split(";")[0] != second.split(";")[0]


@pytest.mark.parametrize(
    ("path", "method", "more"),
    [
        ("/funnel", "GET", {"cookie": "theme=dark; journey_browser=abc"}),
        ("/funnel", "GET", {"accept": "application/json"}),
        ("/shared", "GET", {}),
        ("/s/token", "GET", {}),
        ("/v1/track", "POST", {}),
        ("/_stcore/health", "GET", {}),
    ],
)
def test_nobody_else_gets_one(path: str, method: str, more: dict[str, str]):
    assert cookie_given(path, method, **more) == ""
