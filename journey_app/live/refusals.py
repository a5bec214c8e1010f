"""What is said to a request that gets no further? A status, a code, what happened and what to do."""

from __future__ import annotations

import math
from collections.abc import Mapping

from starlette.responses import JSONResponse


class Refused(Exception):
    """A request that gets no further. status: of HTTP. wait_s: when to come again."""

    def __init__(self, status: int, code: str, what: str, do: str, wait_s: float | None = None) -> None:
        self.status, self.code, self.what, self.do, self.wait_s = status, code, what, do, wait_s
        super().__init__(what)


def said(no: Refused, headers: Mapping[str, str]) -> JSONResponse:
    """An error as the SDKs read it: code and message; and what to do."""
    told = dict(headers)
    if no.wait_s is not None:
        told["retry-after"] = str(max(1, math.ceil(no.wait_s)))
    if no.status == 401:
        told["www-authenticate"] = 'Basic realm="write key"'
    body = {"success": False, "code": no.code, "message": no.what, "do": no.do}
    return JSONResponse(body, status_code=no.status, headers=told)
