"""Which requests reach the app at all, and what does every answer carry?

On a laptop whoever reaches the app from this machine is its owner, so a page of another site must
not be able to speak through the owner's browser: neither under a host name that was re-bound to
this machine, nor over a web socket of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from journey_app.settings import BROWSER_COOKIE

LOOPBACK = ("localhost", "127.0.0.1", "::1")
# Streamlit's own numbers about the app and its agent interface are nobody's business.
CLOSED = ("/_stcore/metrics", "/_stcore/agent")
UPLOADS = "/_stcore/upload_file"
# With it a reloaded page finds the files it had, and a name is said once. Who reads a report gets none.
BROWSER_KEPT_S = 400 * 86_400
WITHOUT_COOKIE = ("/_stcore", "/s/", "/shared", "/healthz", "/v1/")


class Guard:
    """Turns away requests under a foreign name and sockets from a foreign page; adds the headers to the rest.

    any_host: a proxy in front decides which names exist; a socket must still come from a page of
    the same name. read_only: files sent to be imported are refused. headers: what every answer
    gets unless it brings its own.
    """

    def __init__(self, app: ASGIApp, *, any_host: bool, read_only: bool, headers: Mapping[str, str]) -> None:
        self.app = app
        self.read_only = read_only
        self.any_host = any_host
        self.headers = {name.encode(): value.encode() for name, value in headers.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "websocket" and not self._welcome(scope):
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self.app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._welcome(scope):
            await PlainTextResponse("This app answers under its own name only.", 421)(scope, receive, send)
            return
        if scope["path"].startswith(CLOSED):
            await PlainTextResponse("not here", 404)(scope, receive, send)
            return

        if self.read_only and scope["path"].startswith(UPLOADS) and scope["method"] not in ("GET", "HEAD"):
            await PlainTextResponse("This app is open for reading only.", 403)(scope, receive, send)
            return

        new = [(b"set-cookie", _browser_cookie(scope).encode())] if self._is_new_here(scope) else []

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *new]
                present = {name.lower() for name, _value in message["headers"]}
                missing = [(name, value) for name, value in self.headers.items() if name not in present]
                message["headers"] = [*message["headers"], *missing]
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _is_new_here(self, scope: Scope) -> bool:
        """Whether a browser that has no cookie of ours yet asks for a page of the app."""
        if scope["method"] != "GET" or scope["path"].startswith(WITHOUT_COOKIE):
            return False
        sent = {name.lower(): value for name, value in scope["headers"]}
        crumbs = sent.get(b"cookie", b"").split(b";")
        known = any(crumb.strip().startswith(f"{BROWSER_COOKIE}=".encode()) for crumb in crumbs)
        return b"text/html" in sent.get(b"accept", b"") and not known

    def _welcome(self, scope: Scope) -> bool:
        sent = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host = _name(f"//{sent.get('host', '')}")
        if not (self.any_host or host in LOOPBACK):
            return False
        if scope["type"] == "http" or "origin" not in sent:
            return True
        origin = _name(sent["origin"])
        return origin is not None and (origin == host or (origin in LOOPBACK and host in LOOPBACK))


def _browser_cookie(scope: Scope) -> str:
    """A number that tells this browser from others, and nothing else of it. No script can read it."""
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    lasts = f"Max-Age={BROWSER_KEPT_S}; Path=/; HttpOnly; SameSite=Lax{secure}"
    return f"{BROWSER_COOKIE}={secrets.token_urlsafe(18)}; {lasts}"


def _name(address: str) -> str | None:
    """The host of an address without its port; None for one that cannot be read."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


class Guesses:
    """How many wrong share tokens an address may try: `most` in `seconds`, then it must wait.

    The tokens cannot be guessed anyway (256 bits); this keeps guessing from costing anything.
    """

    def __init__(self, most: int = 10, seconds: float = 60.0, addresses: int = 10_000) -> None:
        self.most, self.seconds, self.addresses = most, seconds, addresses
        self._wrong: dict[str, list[float]] = {}

    def must_wait(self, address: str, now: float) -> bool:
        """Whether this address has used up its tries. now: seconds on any clock that only goes on."""
        recent = [at for at in self._wrong.get(address, []) if now - at < self.seconds]
        return len(recent) >= self.most

    def wrong(self, address: str, now: float) -> None:
        """Count one wrong try; the oldest addresses are forgotten when there are too many."""
        recent = [at for at in self._wrong.pop(address, []) if now - at < self.seconds]
        self._wrong[address] = [*recent, now]
        while len(self._wrong) > self.addresses:
            self._wrong.pop(next(iter(self._wrong)))
