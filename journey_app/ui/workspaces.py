"""Which workspaces are there, and how is one opened, made or taken away for good?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st

from journey_app.analysis.catalog import totals
from journey_app.charts.text import count, shorten
from journey_app.errors import BadChoice, JourneyError
from journey_app.ui import markup, sample
from journey_app.ui.asking import ask
from journey_app.ui.door import forget_opened, opened, settings, wall
from journey_app.ui.explaining import say, self_explaining
from journey_app.ui.markdown import md
from journey_app.ui.tags import Html, tag
from journey_app.workspace.home import create_workspace, delete_workspace, list_workspaces
from journey_app.workspace.sample import SAMPLE_NAME

CURRENCIES = (
    "EUR", "USD", "GBP", "CHF", "AUD", "BRL", "CAD", "CNY", "CZK", "DKK", "HUF", "INR", "JPY", "MXN", "NOK",
    "NZD", "PLN", "SEK", "SGD", "TRY", "ZAR",
)  # fmt: skip
OPEN_WIDTH = 220  # px, the same in every row, so that the columns before it stand in line


@dataclass(frozen=True)
class Listed:
    """One workspace in the list. trouble: why it cannot be opened."""

    name: str
    title: str
    timezone: str
    events: int
    customers: int
    imported_at: datetime | None
    trouble: JourneyError | None = None


def listed() -> list[Listed]:
    """Every workspace; one that cannot be opened says why and does not hide the others."""
    return [_listed(name) for name in list_workspaces(settings())]


def _listed(name: str) -> Listed:
    try:
        space = opened(name)
        held = ask(totals, space) if space.version else None
        batches = space.batches()
        return Listed(
            name,
            space.title,
            space.timezone,
            held.events if held else 0,
            held.customers if held else 0,
            max((document.saved_at for document in batches), default=None),
        )
    except JourneyError as error:
        return Listed(name, name, "UTC", 0, 0, None, error)


def head(found: list[Listed]) -> None:
    """How many there are, or what to do when there is none."""
    if not found:
        claim = "Start with the exports you have, or look around a made-up company."
        muted = "A workspace holds one client's data and decisions, fully apart from every other's."
        markup.show(markup.page_head("Workspaces · none yet", claim, muted))
        return
    events, one = sum(item.events for item in found), len(found) == 1
    claim = "One workspace is here." if one else f"{count(len(found))} workspaces are here, each fully apart."
    markup.show(
        markup.page_head(f"Workspaces · {count(events)} events", claim, f"They live in {settings().home}.")
    )


def rows(found: list[Listed], *, may_write: bool) -> None:
    """The list, each with its ways in and out."""
    for item in found:
        with st.container(horizontal=True, vertical_alignment="center", key=f"row-space-{item.name}"):
            with st.container(width="stretch"):
                markup.show(_row(item))
            if st.button(
                f"Open {shorten(item.title, 20)}",
                key=f"welcome.open.{item.name}",
                disabled=item.trouble is not None,
                width=OPEN_WIDTH,
            ):
                sample.enter(item.name, "findings" if item.events else "import")
            if may_write and st.button(
                "Delete", key=f"welcome.delete.{item.name}", icon=":material/delete:", type="tertiary"
            ):
                delete_dialog(item)
        if item.trouble is not None:
            say(item.trouble.what, item.trouble.do)


def _row(item: Listed) -> Html:
    if item.imported_at is None:
        last = "nothing imported yet"
    else:
        local = item.imported_at.replace(tzinfo=UTC).astimezone(ZoneInfo(item.timezone))
        last = f"last import {local.day} {local:%b %Y, %H:%M}"
    return tag(
        "div",
        tag("div", tag("b", item.title), tag("p", item.name, cls="j-caption j-file")),
        tag("div", tag("p", tag("b", count(item.events)), " events"), _customers(item)),
        tag("div", item.timezone, cls="j-caption"),
        tag("div", last, cls="j-caption"),
        cls="j-importrow",
    )


def _customers(item: Listed) -> Html:
    return tag("p", f"{count(item.customers)} customers", cls="j-caption")


def new_workspace(*, primary: bool) -> None:
    """Name, clock and currency; then on to Import."""
    zones = sorted(available_timezones())
    here = st.context.timezone if st.context.timezone in zones else "UTC"
    with st.form("welcome.new", border=False):
        name_column, zone_column, currency_column = st.columns([2, 1.4, 0.8])
        title = name_column.text_input("Name", placeholder="Acme", key="welcome.name", max_chars=60)
        zone = zone_column.selectbox(
            "Time zone",
            zones,
            index=zones.index(here),
            key="welcome.zone",
            help="Whose days and weeks are counted.",
        )
        currency = currency_column.selectbox("Currency", CURRENCIES, key="welcome.currency")
        made = st.form_submit_button(
            "Make this workspace", type="primary" if primary else "secondary", icon=":material/add:"
        )
    if made:
        try:
            name = create_workspace(title, str(zone), str(currency), settings(), now=wall())
        except JourneyError as error:
            say(error.what, error.do)
            return
        sample.enter(name, "import")


@st.dialog("Delete this workspace for good?")
@self_explaining
def delete_dialog(item: Listed) -> None:
    st.markdown(
        f"**{md(item.title)}**: {count(item.events)} events of {count(item.customers)} customers, the uploaded files,"
        " the goal, the sprints and every grade. There is no way back; make a backup first if in doubt."
    )
    typed = st.text_input(f"Type {item.name} to delete it", key="welcome.typed")
    named = typed.strip() == item.name
    if typed.strip() and not named:
        st.caption(f"That is not its name yet: it is written {md(item.name)}.")
    if st.button("Delete for good", type="primary", key="welcome.yes", disabled=not named):
        delete(item.name)
        st.toast(f"{md(item.title)} is deleted.")
        st.rerun()
    if st.button("Keep it", key="welcome.no"):
        st.rerun()


def delete(name: str) -> None:
    """Let go of a workspace and take it away."""
    if name not in list_workspaces(settings()):
        raise BadChoice(f"The workspace “{name}” is gone already.", "Open another one.")
    opened(name).store.close()
    forget_opened()
    delete_workspace(name, settings())
    if st.session_state.get("workspace") == name:
        del st.session_state["workspace"]


def sample_offered(found: list[Listed]) -> bool:
    """Whether the made-up company is still to be made."""
    return all(item.name != SAMPLE_NAME for item in found)
