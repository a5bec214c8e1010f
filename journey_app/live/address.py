"""Who answers what a tracking library sends? A call is answered once it is on the disk.

The SDKs of Segment and RudderStack take another host than their own: this is that host. Nothing is
read as calls before the key is known; what the answer says no to has a sentence.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from journey_app.errors import JourneyError
from journey_app.guard import Guesses
from journey_app.intake.calls import (
    MOST_CALLS,
    TYPES,
    BadCall,
    Calls,
    calls_in,
    insist_on_presets,
    read_calls,
)
from journey_app.live.asking import body_of, key_in_body, key_in_header, told_in
from journey_app.live.merging import merging
from journey_app.live.owners import Keys, Spaces
from journey_app.live.pace import Pace
from journey_app.live.refusals import Refused, said
from journey_app.settings import Settings
from journey_app.workspace.inbox import keep
from journey_app.workspace.workspace import Workspace

MOST_NAMED = 100  # bad calls that an answer names one by one
SHORT = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias", "b": "batch"}


def _no_key() -> Refused:
    return Refused(
        401,
        "no_write_key",
        "There is no write key with this request, or it opens nothing.",
        "Make one with “keys create” or on the Import page, and send it as the SDK's write key.",
    )


class Live:
    """The address that takes calls. settings: read once, when the server starts."""

    def __init__(self, settings: Settings) -> None:
        insist_on_presets()
        self.settings = settings
        self.spaces = Spaces(settings)
        self._keys = Keys(self.spaces)
        self._pace = Pace(settings.live_calls_per_s)
        self._guesses = Guesses()
        self._origins = {each.strip() for each in settings.live_origins.split(",") if each.strip()}

    def routes(self) -> list[Route]:
        """One address for each type of call, and the two for many."""
        paths = {kind: kind for kind in TYPES} | {"batch": "batch", "import": "batch"}

        def endpoint(kind: str) -> Any:
            async def answer(request: Request) -> Response:
                return await self.answer(kind, request)

            return answer

        return [
            Route(f"/v1/{path}", endpoint(kind), methods=["POST", "OPTIONS"])
            for path, kind in (paths | SHORT).items()
        ]

    def merging(self) -> AbstractContextManager[None]:
        """Turn what waits into events for as long as this is open; not on an app for reading."""
        return nullcontext() if self.settings.read_only else merging(self.spaces)

    async def answer(self, kind: str, request: Request) -> Response:
        """Keep what was sent and say so, or say why not."""
        try:
            allowed = self._welcome(request)
        except Refused as no:
            return said(no, {})
        try:
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=allowed)
            return JSONResponse(await self._take(kind, request), headers=allowed)
        except Refused as no:
            return said(no, allowed)
        except ClientDisconnect:
            return Response(status_code=400)
        except JourneyError as error:  # the disk is full or busy: the SDKs send again
            return said(Refused(503, "not_kept", error.what, error.do, 5), allowed)

    def _welcome(self, request: Request) -> dict[str, str]:
        """The headers for a web page that may send; a page that may not is turned away."""
        if self.settings.read_only:
            raise Refused(
                403, "read_only", "This app is open for reading only.", "Send to the one that takes calls."
            )
        origin = request.headers.get("origin")
        if origin is None:
            return {}
        if not ({origin, "*"} & self._origins):
            raise Refused(
                403,
                "origin",
                "Web pages may not send here.",
                "Name this page's address in JOURNEY_LIVE_ORIGINS.",
            )
        return {
            "access-control-allow-origin": origin,
            "access-control-allow-methods": "POST",
            "access-control-allow-headers": "authorization, content-type, content-encoding",
            "access-control-max-age": "600",
            "vary": "Origin",
        }

    async def _take(self, kind: str, request: Request) -> dict[str, Any]:
        now = datetime.now(UTC)
        named = key_in_header(request.headers)
        found = None if named is None else await self._whose(named, request)
        body = await body_of(request)
        encoding = request.headers.get("content-encoding", "").strip().lower()
        told = await asyncio.to_thread(told_in, body, encoding)
        space, key = found or await self._whose(key_in_body(told), request)
        self._insist_on_pace(f"{space.name}/{key}", calls_in(kind, told))
        calls, new = await asyncio.to_thread(_kept, space, kind, told, now)
        return _answer(calls, await asyncio.wrap_future(new))

    def _insist_on_pace(self, key: str, calls: int) -> None:
        """Raises Refused for more calls than a request may hold, or than this key may send now."""
        if calls > MOST_CALLS:
            raise Refused(
                413, "too_many", f"A request may hold {MOST_CALLS:,} calls.", "Send smaller batches."
            )
        wait_s = self._pace.wait(key, max(calls, 1), monotonic())
        if wait_s:
            raise Refused(
                429,
                "too_fast",
                f"This key sends more than {self.settings.live_calls_per_s:,} calls a second.",
                "Send them again after the time in Retry-After.",
                wait_s,
            )

    async def _whose(self, key: str, request: Request) -> tuple[Workspace, str]:
        found = await asyncio.to_thread(self._keys.find, key)
        if found is not None:
            return found
        if self.spaces.shut:  # it may be that one's key: a library drops what is answered with 401
            raise Refused(
                503, "not_kept", "A workspace cannot be opened just now.", "Send it again later.", 30
            )
        address = request.client.host if request.client else ""
        if self._guesses.must_wait(address, monotonic()):
            raise Refused(429, "too_many_keys", "Too many wrong keys came from here.", "Wait a minute.", 60)
        self._guesses.wrong(address, monotonic())
        raise _no_key()


def _kept(space: Workspace, kind: str, told: Any, now: datetime) -> tuple[Calls, Future[int]]:
    """The calls of a request on their way to the disk, the good ones and the count of the bad."""
    try:
        calls = read_calls(kind, told, now)
    except BadCall as bad:
        calls = Calls((), (bad,))
    return calls, keep(space, calls.kept, calls.bad, now)


def _answer(calls: Calls, new: int) -> dict[str, Any]:
    """What became of a request. Raises Refused when nothing of it could be kept."""
    if not calls.kept:
        raise Refused(400, "bad_call", calls.bad[0].what, calls.bad[0].do)
    named = [{"field": bad.field, "what": bad.what, "do": bad.do} for bad in calls.bad[:MOST_NAMED]]
    return {
        "success": True,
        "kept": len(calls.kept),
        "new": new,
        "bad": len(calls.bad),
        "refused": named,
    }
