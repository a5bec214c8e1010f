"""What is in a request? Its key, its body unpacked, its JSON: each bounded, nothing of it read as calls yet."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from journey_app.live.refusals import Refused

BODY_BYTES = 512 * 1024  # a request, packed or unpacked; Segment's own bound is 500 KB
BODY_S = 30.0  # for all of a request to come


def key_in_header(headers: Mapping[str, str]) -> str | None:
    """The user name of Basic authorisation; None where there is none."""
    scheme, _, told = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(told, validate=True).decode("ascii").partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def key_in_body(told: Any) -> str:
    """The writeKey of a request's JSON; empty where there is none."""
    key = told.get("writeKey") if isinstance(told, dict) else None
    return key if isinstance(key, str) else ""


async def body_of(request: Request) -> bytes:
    """What was sent, as long as it is not too much and does not take too long. Raises Refused."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and (len(told) > 9 or int(told) > BODY_BYTES):
        raise _too_large()
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


def told_in(body: bytes, encoding: str) -> Any:
    """The JSON of a body. Raises Refused."""
    try:
        return json.loads(unpacked(body, encoding))
    except RecursionError:
        raise Refused(
            400, "too_deep", "The body holds objects within objects without end.", "Send flat properties."
        ) from None
    except ValueError:
        raise Refused(
            400, "not_json", "The body is not JSON.", "Send one JSON object, as the SDKs do."
        ) from None


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


def _too_large() -> Refused:
    return Refused(
        413, "too_large", f"A request may hold {BODY_BYTES // 1024} KB, unpacked.", "Send smaller batches."
    )


def _not_packed() -> Refused:
    return Refused(400, "not_gzip", "The body is not what its Content-Encoding says.", "Send gzip, or none.")
