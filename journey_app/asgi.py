"""The front door as a server: warm start, security headers, /s/<token>, /shared, /healthz, /v1/…"""

from __future__ import annotations

import asyncio
import base64
import gc
import hashlib
import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from journey_app.errors import JourneyError
from journey_app.guard import Guard, Guesses
from journey_app.intake.apart import warm as warm_readers
from journey_app.live.address import Live
from journey_app.settings import Settings
from journey_app.share.opening import open_shared

COOKIE = "journey_share"
SETTINGS = Settings.from_environment()
GUESSES = Guesses()
LOOKING = asyncio.Semaphore(2)  # tokens looked up at once: guessing takes no more threads than that
LIVE = Live(SETTINGS)


def _inline_scripts() -> str:
    """The hashes of the scripts that the installed Streamlit writes into its own page, for the policy."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    return " ".join(f"'sha256-{digest}'" for digest in digests)


APP_POLICY = (
    f"default-src 'self'; script-src 'self' {_inline_scripts()}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
)
REPORT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "font-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def _font_faces() -> str:
    """The app's two fonts as the installed Streamlit serves them; without them a report uses the reader's own."""
    folder = Path(st.__file__).parent / "static"
    wanted = {
        "Source Sans": "SourceSansVF-Upright*.woff2",
        "Source Serif": "SourceSerifVariable-Roman*.woff2",
    }
    found = {family: next(folder.rglob(pattern), None) for family, pattern in wanted.items()}
    return "".join(
        f'@font-face{{font-family:"{family}";font-weight:200 900;font-display:swap;'
        f'src:url("/{file.relative_to(folder).as_posix()}") format("woff2")}}'
        for family, file in found.items()
        if file is not None
    )


FONT_FACES = _font_faces()
HEADERS = {
    "content-security-policy": APP_POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
}


@asynccontextmanager
async def warm(_app: object) -> AsyncIterator[None]:
    """Import what every page needs once, then keep the garbage collector from walking it.

    Streamlit collects after every run; with the libraries loaded that costs 50–195 ms unless frozen.
    """
    import altair
    import ibis
    import pandas
    import sklearn.cluster

    assert altair and ibis and pandas and sklearn
    warm_readers()  # so that the first dropped file does not wait for them
    gc.collect()
    gc.freeze()
    with LIVE.merging():
        yield


async def healthz(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def take_token(request: Request) -> Response:
    """A share link: the token moves from the address into a cookie no script can read."""
    answer = RedirectResponse("/shared", status_code=303)
    answer.set_cookie(
        COOKIE,
        request.path_params["token"][:200],
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        max_age=30 * 86_400,
    )
    return answer


async def shared(request: Request) -> Response:
    """The frozen report, as one page without scripts; anything else is one sentence.

    Only wrong tokens are counted, and a right one always opens: whoever guesses behind the same address
    keeps no reader out.
    """
    token = request.cookies.get(COOKIE, "")
    try:
        async with LOOKING:
            page = await asyncio.to_thread(open_shared, SETTINGS, token, datetime.now(UTC), FONT_FACES)
    except JourneyError as error:
        return _not_shared(error, token, request.client.host if request.client else "")
    return _report(page, 200)


def _not_shared(error: JourneyError, token: str, address: str) -> Response:
    if not token:
        return _refused(error.what, error.do, 403)
    if GUESSES.must_wait(address, monotonic()):
        return _refused(
            "Too many links were tried from here.", "Wait a minute, then open the link again.", 429
        )
    GUESSES.wrong(address, monotonic())
    return _refused(error.what, error.do, 403)


def _refused(what: str, do: str, status: int) -> Response:
    return _report(REFUSED.format(what=html.escape(what), do=html.escape(do)), status)


REFUSED = (
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>Not shared</title><body style='font:16px/1.5 Georgia,serif;max-width:34rem;margin:15vh auto;"
    "padding:0 1rem'><h1 style='font-size:1.4rem'>{what}</h1><p>{do}</p></body></html>"
)


def _report(page: str, status: int) -> Response:
    return HTMLResponse(
        page,
        status_code=status,
        headers={"content-security-policy": REPORT_POLICY, "cache-control": "no-store"},
    )


app = st.App(
    str(Path(__file__).with_name("main.py")),
    lifespan=warm,
    routes=[
        Route("/healthz", healthz),
        Route("/s/{token}", take_token),
        Route("/shared", shared),
        *LIVE.routes(),
    ],
    middleware=[
        Middleware(
            Guard,
            any_host=SETTINGS.behind_sign_in,
            read_only=SETTINGS.read_only,
            headers=HEADERS,
        )
    ],
)
