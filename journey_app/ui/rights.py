"""Who is here, and what may they do? Read from the connection on every run, never from the address bar."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import streamlit as st

from journey_app.settings import BROWSER_COOKIE, Settings
from journey_app.workspace.names import name_of

LOOPBACK = ("127.0.0.1", "::1", "localhost")
NAMELESS = "owner"


@dataclass(frozen=True)
class Rights:
    """read: may see the workspaces. write: may change them. who: the name their edits carry."""

    read: bool
    write: bool
    who: str


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """What the operator set when the server started."""
    return Settings.from_environment()


def rights() -> Rights:
    """Owner rights only from this machine, or through the operator's own sign-in; otherwise none.

    A share link is not a right here: it opens the frozen report at /shared and no page of the app.
    """
    operator = settings()
    here = st.context.ip_address is None or st.context.ip_address in LOOPBACK
    if not (here or operator.behind_sign_in):
        return Rights(read=False, write=False, who="")
    return Rights(read=True, write=not operator.read_only, who=_name(operator))


def _name(operator: Settings) -> str:
    """Whose edit it is: who the proxy says signed in, where the operator named its header; else what the user
    of this browser calls themselves; else the owner.
    """
    return signed_in(operator) or own_name() or NAMELESS


def signed_in(operator: Settings) -> str:
    """Who the proxy says is here; empty where no header of it was named."""
    if operator.behind_sign_in and operator.user_header:
        return str(st.context.headers.get(operator.user_header) or "somebody")[:100]
    return ""


def browser() -> str | None:
    """Which browser this is, as a hash of its cookie; None where it keeps none."""
    cookie = st.context.cookies.get(BROWSER_COOKIE)
    return hashlib.sha256(cookie.encode()).hexdigest()[:32] if isinstance(cookie, str) and cookie else None


def own_name() -> str:
    """What the user of this browser calls themselves; empty until they said it."""
    here = browser()
    return name_of(settings(), here) if here else ""
