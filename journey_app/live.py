"""Where do the calls of a tracking library come in? POST /v1/track, …, /v1/batch, by a write key.

The SDKs of Segment and RudderStack take another host than their own: this is that host. A call is
answered once it is on the disk; what the answer says no to has a sentence. Meanings, bounds and
reasons: docs/decisions/016-calls-that-arrive-live.md.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import logging
import math
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from journey_app.errors import JourneyError
from journey_app.guard import Guesses
from journey_app.intake.calls import TYPES, BadCall, Calls, insist_on_presets, read_calls
from journey_app.settings import Settings
from journey_app.workspace.home import STATE, list_workspaces, open_workspace
from journey_app.workspace.inbox import inbox_of, keep, merge_if_free, note_trouble, rest_after
from journey_app.workspace.keys import matching, seals_in_force
from journey_app.workspace.workspace import Workspace

LOG = logging.getLogger(__name__)
BODY_BYTES = 512 * 1024  # a request, packed or unpacked; Segment's own bound is 500 KB
BODY_S = 30.0  # for all of a request to come
BURST_S = 10
KEYS_FRESH_S, MISS_FRESH_S = 2.0, 0.5  # how soon a revoked key is refused, and a new one taken
LOOKED_EVERY_S = 0.5
REST_AFTER_TROUBLE_S = 30.0


class Refused(Exception):
    """A request that gets no further. status: of HTTP. wait_s: when to come again."""

    def __init__(self, status: int, code: str, what: str, do: str, wait_s: float | None = None) -> None:
        self.status, self.code, self.what, self.do, self.wait_s = status, code, what, do, wait_s
        super().__init__(what)


def _no_key() -> Refused:
    return Refused(
        401,
        "no_write_key",
        "There is no write key with this request, or it opens nothing.",
        "Make one with “keys create” or on the Import page, and send it as the SDK's write key.",
    )


def _too_large() -> Refused:
    return Refused(
        413, "too_large", f"A request may hold {BODY_BYTES // 1024} KB, unpacked.", "Send smaller batches."
    )


def _not_packed() -> Refused:
    return Refused(400, "not_gzip", "The body is not what its Content-Encoding says.", "Send gzip, or none.")


# ---------------------------------------------------------------- whose key is it?


@dataclass
class _Opened:
    """A workspace that is held open, as long as it is the same one."""

    space: Workspace
    inode: int


@dataclass
class Spaces:
    """Every workspace of this home, held open while it is the one that was opened."""

    settings: Settings
    shut: bool = False  # some workspace could not be opened the last time
    _held: dict[str, _Opened] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def all(self) -> list[Workspace]:
        with self._lock:
            there = {name: self._inode(name) for name in list_workspaces(self.settings)}
            for name in [n for n, opened in self._held.items() if there.get(n) != opened.inode]:
                self._held.pop(name).space.store.close()
            self.shut = False
            for name, inode in there.items():
                if name not in self._held and inode:
                    self._open(name, inode)
            return [opened.space for opened in self._held.values()]

    def _open(self, name: str, inode: int) -> None:
        try:
            self._held[name] = _Opened(open_workspace(name, self.settings), inode)
        except JourneyError as error:  # its calls are asked to come again; the others' go on
            LOG.warning("“%s” cannot be opened: %s", name, error)
            self.shut = True

    def _inode(self, name: str) -> int:
        try:
            return (self.settings.home / name / STATE).stat().st_ino
        except FileNotFoundError:
            return 0


class Keys:
    """Which workspace a write key belongs to; looked up anew every two seconds."""

    def __init__(self, spaces: Spaces) -> None:
        self._spaces = spaces
        self._known: dict[str, tuple[Workspace, str]] = {}
        self._read_at = -math.inf
        self._lock = threading.Lock()

    def find(self, key: str) -> tuple[Workspace, str] | None:
        """The workspace and the key's own name; None when it opens nothing."""
        with self._lock:
            for fresh_s in (KEYS_FRESH_S, MISS_FRESH_S):
                if monotonic() - self._read_at > fresh_s:
                    self._read()
                found = matching(key, list(self._known))
                if found is not None:
                    return self._known[found]
            return None

    def _read(self) -> None:
        known: dict[str, tuple[Workspace, str]] = {}
        for space in self._spaces.all():
            known |= {sealed: (space, key) for sealed, key in seals_in_force(space.store).items()}
        self._known, self._read_at = known, monotonic()


class Pace:
    """How fast each key may send: so many calls a second for long, ten times as many at once."""

    def __init__(self, per_s: int) -> None:
        self._per_s = per_s
        self._left: dict[str, tuple[float, float]] = {}

    def wait(self, key: str, calls: int, now: float) -> float:
        """0 when these calls may come now, else the seconds to wait. now: any clock that only goes on."""
        most = float(self._per_s * BURST_S)
        left, at = self._left.get(key, (most, now))
        left = min(most, left + (now - at) * self._per_s)
        if calls > left and left < most:
            self._left[key] = left, now
            return max((min(calls, most) - left) / self._per_s, 0.0)
        self._left[key] = left - calls, now
        return 0.0


# ---------------------------------------------------------------- the request


def key_in_header(headers: Mapping[str, str]) -> str | None:
    """The user name of Basic authorisation; None where there is none."""
    scheme, _, told = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(told, validate=True).decode("ascii").partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


async def _body(request: Request) -> bytes:
    """What was sent, as long as it is not too much. Raises Refused."""
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_S):
            async for part in request.stream():
                size += len(part)
                if size > BODY_BYTES:
                    raise _too_large()
                parts.append(part)
    except TimeoutError:
        raise Refused(408, "too_slow", "The request came too slowly.", "Send it again.") from None
    return b"".join(parts)


def unpacked(body: bytes, encoding: str) -> bytes:
    """The body as it was before packing, never more than a request may hold. Raises Refused."""
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise Refused(415, "encoding", f"“{encoding[:40]}” is not read here.", "Send gzip, or none.")
    reader = zlib.decompressobj(wbits=31)
    try:
        found = reader.decompress(body, BODY_BYTES + 1)
    except zlib.error:
        raise _not_packed() from None
    if len(found) > BODY_BYTES:
        raise _too_large()
    if not reader.eof or reader.unused_data:
        raise _not_packed()
    return found


def _read(kind: str, body: bytes, encoding: str, now: datetime) -> tuple[Any, Calls | BadCall]:
    """The JSON and the calls in it, or why there are none. Raises Refused."""
    try:
        told = json.loads(unpacked(body, encoding))
    except (ValueError, RecursionError):
        raise Refused(
            400, "not_json", "The body is not JSON.", "Send one JSON object, as the SDKs do."
        ) from None
    try:
        return told, read_calls(kind, told, now)
    except BadCall as bad:
        return told, bad


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
        short = {
            "t": "track",
            "i": "identify",
            "p": "page",
            "s": "screen",
            "g": "group",
            "a": "alias",
            "b": "batch",
        }

        def endpoint(kind: str) -> Any:
            async def answer(request: Request) -> Response:
                return await self.answer(kind, request)

            return answer

        return [
            Route(f"/v1/{path}", endpoint(kind), methods=["POST", "OPTIONS"])
            for path, kind in (paths | short).items()
        ]

    async def answer(self, kind: str, request: Request) -> Response:
        """Keep what was sent and say so, or say why not."""
        try:
            allowed = self._welcome(request)
        except Refused as no:
            return _said(no, {})
        try:
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=allowed)
            return JSONResponse(await self._take(kind, request), headers=allowed)
        except Refused as no:
            return _said(no, allowed)
        except ClientDisconnect:
            return Response(status_code=400)
        except JourneyError as error:  # the disk is full or busy: the SDKs send again
            return _said(Refused(503, "not_kept", error.what, error.do, 5), allowed)

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
        body = await _body(request)
        encoding = request.headers.get("content-encoding", "").strip().lower()
        told, calls = await asyncio.to_thread(_read, kind, body, encoding, now)
        if found is None:
            in_body = told.get("writeKey") if isinstance(told, dict) else None
            found = await self._whose(in_body if isinstance(in_body, str) else "", request)
        space, key = found
        if isinstance(calls, BadCall):
            await asyncio.wrap_future(keep(space, (), (calls,), now))
            raise Refused(400, "bad_call", calls.what, calls.do)
        wait_s = self._pace.wait(f"{space.name}/{key}", len(calls.kept) + len(calls.bad), monotonic())
        if wait_s:
            raise Refused(
                429,
                "too_fast",
                f"This key sends more than {self.settings.live_calls_per_s:,} calls a second.",
                "Send them again after the time in Retry-After.",
                wait_s,
            )
        new = await asyncio.wrap_future(keep(space, calls.kept, calls.bad, now))
        if not calls.kept:
            raise Refused(400, "bad_call", calls.bad[0].what, calls.bad[0].do)
        refused = [{"field": bad.field, "what": bad.what, "do": bad.do} for bad in calls.bad]
        return {"success": True, "kept": len(calls.kept), "new": new, "refused": refused}

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

    # ------------------------------------------------------------ merging

    @contextmanager
    def merging(self) -> Iterator[None]:
        """Turn what waits into events for as long as this is open, in a thread of its own."""
        if self.settings.read_only:
            yield
            return
        over = threading.Event()
        thread = threading.Thread(target=self._merge_on, args=(over,), name="live-merging", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(timeout=5)  # what it is at can be cut short at any moment

    def _merge_on(self, over: threading.Event) -> None:
        due: dict[Path, float] = {}
        while not over.wait(LOOKED_EVERY_S):
            try:
                spaces = self.spaces.all()
            except Exception:
                LOG.exception("workspaces cannot be opened for merging")
                continue
            for space in spaces:
                if over.is_set() or monotonic() < due.get(space.folder, 0.0):
                    continue
                due[space.folder] = monotonic() + self._merge_one(space)

    def _merge_one(self, space: Workspace) -> float:
        """Merge what waits in one workspace; returns for how long to leave it alone."""
        started = monotonic()
        try:
            if not inbox_of(space).newest():
                return 0.0
            merged = merge_if_free(space, now=datetime.now(UTC))
            return rest_after(merged.seconds) if merged else LOOKED_EVERY_S
        except Exception as error:  # whatever it is, calls go on being kept, and people see that they wait
            LOG.exception("live calls of “%s” could not be merged", space.name)
            note_trouble(space, error, monotonic() - started, now=datetime.now(UTC))
            return REST_AFTER_TROUBLE_S


def _said(no: Refused, headers: Mapping[str, str]) -> JSONResponse:
    """An error as the SDKs read it: code and message; and what to do."""
    told = dict(headers)
    if no.wait_s is not None:
        told["retry-after"] = str(max(1, math.ceil(no.wait_s)))
    if no.status == 401:
        told["www-authenticate"] = 'Basic realm="write key"'
    body = {"success": False, "code": no.code, "message": no.what, "do": no.do}
    return JSONResponse(body, status_code=no.status, headers=told)
