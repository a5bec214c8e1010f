"""Which pages are there, for whom, and what stands above every one of them?"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from urllib.parse import unquote, urlsplit

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from journey_app.errors import JourneyError
from journey_app.ui import door, flowing, markup
from journey_app.ui.brand import brand_mark
from journey_app.ui.explaining import explaining
from journey_app.ui.goal_strip import goal_strip
from journey_app.ui.killer_line import killer_line
from journey_app.ui.markdown import md
from journey_app.ui.your_name import your_name
from journey_app.workspace.home import list_workspaces

START = "_start"
# file, title, icon, help — in the order and sections of the five steps
SECTIONS: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "1 Goal": (
        ("findings", "Findings", "flag", "What stands between you and the goal, most first."),
        ("goal", "Goal and pace", "track_changes", "From X to Y by a date, with X measured."),
    ),
    "2 Data": (
        ("import", "Import", "upload_file", "Drop exports, see them as events, store them, take them back."),
        ("cleanup", "Clean-up", "cleaning_services", "What does not count, and what events are called."),
        ("audit", "Touchpoint audit", "checklist", "Which places are tracked well enough to trust."),
    ),
    "4 See · Understand": (
        ("funnel", "Funnel", "filter_alt", "How far customers get, and where they leave."),
        ("paths", "Paths", "conversion_path", "How customers walk, step by step."),
        ("friction", "Friction", "warning", "Where it hurts, ranked by what it costs the goal."),
        ("customers", "Customers", "group", "What kinds of customers there are, and each one's timeline."),
    ),
    "5 Fix · Share": (
        ("sprint", "Sprint", "event_repeat", "Four weeks, one change each, judged honestly."),
        ("share", "Share", "ios_share", "A frozen report for people who only read."),
    ),
}


def open_door(pages_folder: Path) -> None:
    """Build the navigation for who is here, draw what every page has, and run the page."""
    markup.stylesheet()
    pages = {
        name: st.Page(
            pages_folder / f"{name}.py",
            title=title,
            icon=f":material/{icon}:",
            url_path=name,
            help=help_text,
        )
        for section in SECTIONS.values()
        for name, title, icon, help_text in section
    }
    welcome = st.Page(
        pages_folder / "welcome.py",
        title="Workspaces",
        icon=":material/workspaces:",
        url_path="welcome",
        visibility="hidden",
    )
    # the default page has no address of its own: a hidden one keeps /findings a link one can send
    start = st.Page(_start, title="Start", url_path=START, default=True, visibility="hidden")
    st.session_state["pages"] = {**pages, "welcome": welcome}
    page = st.navigation(
        {section: [pages[name] for name, *_ in rows] for section, rows in SECTIONS.items()}
        | {"": [start, welcome, *_nowhere((*pages, "welcome", START))]},
        expanded=True,
    )
    if door.me().read:
        _sidebar(welcome)
        _strip(page)
        _keep_fresh()
    with explaining():
        page.run()


def _nowhere(known: Collection[str]) -> list[StreamlitPage]:
    """A page of its own for an address that is none: Streamlit would put a window in its own words before ours.

    Not for what cannot be a page's address, such as one with a slash in it.
    """
    asked = (page_in(st.context.url, st.get_option("server.baseUrlPath")) or "").strip()
    if not asked or "/" in asked or asked in known:
        return []
    return [st.Page(_no_such_page, title="No such page", url_path=asked, visibility="hidden")]


def _start() -> None:
    """The default page, which Streamlit also runs where it does not know the address.

    A run that began before a redirect can come here with the address of a page there is: then that one.
    """
    pages = st.session_state["pages"]
    asked = page_in(st.context.url, st.get_option("server.baseUrlPath"))
    if asked is None or asked in pages:
        st.switch_page(pages[asked or "findings"])
    _no_such_page()


def _no_such_page() -> None:
    asked = page_in(st.context.url, st.get_option("server.baseUrlPath")) or START
    st.warning(f"There is no page “{md(asked)}” here. Choose one in the menu, or begin with Findings.")
    findings = st.session_state["pages"]["findings"]
    st.page_link(findings, label="Go to Findings", icon=":material/arrow_forward:")


def page_in(url: str | None, base: str) -> str | None:
    """The page that an address names below the app's own; None for the app's own. base: its path there."""
    path = unquote(urlsplit(url or "").path).strip("/")
    below = path.removeprefix(base.strip("/")).strip("/")
    first, _, second = below.partition("/")
    # Streamlit puts a page's name behind an address in which it stands percent-encoded already
    return (first if first == second else below) or None


def _sidebar(welcome: StreamlitPage) -> None:
    """Which workspace this is, and the way to another."""
    known = list_workspaces(door.settings())
    if not known:
        return
    try:
        current = door.workspace_name()
    except JourneyError:  # the page says it
        current = None
    st.session_state["sidebar.workspace"] = current
    if current is not None:
        st.logo(brand_mark(_title(current)), size="large")
    with st.sidebar:
        st.selectbox(
            "Workspace", known, key="sidebar.workspace", format_func=_title, on_change=_change_workspace
        )
        st.page_link(welcome, label="All workspaces", icon=":material/workspaces:")
        your_name("sidebar")


def _keep_fresh() -> None:
    """Data that keep coming are fetched and noticed, whichever page is open."""
    try:
        name = door.workspace_name()
        if name is not None:
            flowing.keep_fresh(door.opened(name))
    except JourneyError:
        return  # the page below runs into the same thing and says it once


def _title(name: str) -> str:
    """What a workspace is called; its folder's name where it cannot be opened, as its page then says why."""
    try:
        return door.opened(name).title
    except JourneyError:
        return name


def _change_workspace() -> None:
    """Another client: nothing of the last one's choices comes along."""
    st.session_state["workspace"] = st.session_state["sidebar.workspace"]
    st.query_params.clear()


def _strip(page: StreamlitPage) -> None:
    """The goal and where it stands, on every page of a workspace."""
    if page.url_path == "welcome":
        return
    try:
        name = door.workspace_name()
        if name is not None:
            goal_strip(door.opened(name))
            killer_line(door.opened(name), page.url_path)
    except JourneyError:
        return  # the page below runs into the same thing and says it once
