"""How do data that keep coming look: saved sources, live calls, and that there is something new?"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import streamlit as st

from journey_app.analysis.since import standing_in
from journey_app.charts.text import count
from journey_app.errors import JourneyError
from journey_app.ui import markup
from journey_app.ui.door import may_write, me, wall
from journey_app.ui.explaining import say, self_explaining
from journey_app.ui.import_words import events_said
from journey_app.ui.markdown import md
from journey_app.ui.markup import PillKind, pill
from journey_app.ui.source_form import source_dialog
from journey_app.ui.tags import Html, tag
from journey_app.workspace import keys, refreshing, sources
from journey_app.workspace.freshness import Freshness, due, freshness
from journey_app.workspace.inbox import live_batches, merge_if_free, waiting
from journey_app.workspace.workspace import Workspace

LOOKS_EVERY_S = 5
EDITS = "flow.edits"  # the source whose form a click in a row has asked for
MADE = "flow.made"  # the write key that was made in this session, and its title
STATES: dict[str, tuple[PillKind, str]] = {
    "never": ("unknown", "not fetched yet"),
    "fresh": ("measured", "fresh"),
    "due": ("unsure", "due"),
    "failed": ("unsure", "failed"),
    "asks": ("unsure", "needs an answer"),
}


# ---------------------------------------------------------------- on every page


def keep_fresh(space: Workspace) -> None:
    """In the sidebar: fetch what is due, once a session, and say when there are new events."""
    saved = sources.sources(space)
    if not saved and not live_batches(space) and not keys.list_keys(space.store):
        return
    opened = f"flow.opened.{space.name}"
    if saved and may_write() and not st.session_state.get(opened):
        st.session_state[opened] = True
        if names := due(space, wall()):
            refreshing.refresh_in_background(space, names, clock=wall, judge=standing_in)
    with st.sidebar:
        _news(space, space.version)


@st.fragment(run_every=LOOKS_EVERY_S)
@self_explaining
def _news(space: Workspace, seen: str | None) -> None:
    """seen: the version this page was drawn with."""
    going = refreshing.refreshing(space)
    if going is not None and not going.over:
        st.caption(f"Refreshing: {md(going.sentence)} …")
    if space.version != seen and st.button(
        "New events: show them", key="flow.news", icon=":material/refresh:", type="primary", width="stretch"
    ):
        st.rerun()


# ---------------------------------------------------------------- sources, on the Import page


def sources_section(space: Workspace) -> None:
    """Every saved source with how fresh it is and what stood in the way; adding, refreshing, removing."""
    saved = sources.sources(space)
    allowed = sources.kinds_allowed(space.settings)
    if not saved and not (may_write() and allowed):
        return
    markup.show(markup.section("Sources", f"{count(len(saved))} saved" if saved else "fetched by themselves"))
    if saved:
        _source_rows(space)
    if not may_write():
        return
    if (name := st.session_state.pop(EDITS, None)) is not None:
        source_dialog(space, sources.source_named(space, name), sources.document_version(space, name))
    with st.container(horizontal=True):
        if allowed and st.button("Add a source", key="flow.add", icon=":material/add_link:"):
            source_dialog(space, None, 0)
        if saved and st.button("Refresh all now", key="flow.all", icon=":material/sync:"):
            _refresh(space, [source.name for source in saved])


@st.fragment(run_every=LOOKS_EVERY_S)
@self_explaining
def _source_rows(space: Workspace) -> None:
    """How each stands now: a fetch goes on beside the page, here, in another session, or by cron."""
    for source in sources.sources(space):
        _source_row(space, source)


def _source_row(space: Workspace, source: sources.Source) -> None:
    how = freshness(space, source, wall())
    with st.container(horizontal=True, vertical_alignment="center", key=f"row-source-{source.name}"):
        with st.container(width="stretch"):
            markup.show(source_line(source, how, space.timezone))
        if may_write():
            if st.button(
                "Refresh", key=f"flow.refresh.{source.name}", icon=":material/sync:", type="tertiary"
            ):
                _refresh(space, [source.name])
            if st.button("Edit", key=f"flow.edit.{source.name}", icon=":material/edit:", type="tertiary"):
                st.session_state[EDITS] = source.name
                st.rerun()  # of the page: a dialog that a row opened would close when the rows are drawn anew
            if st.button(
                "Remove", key=f"flow.remove.{source.name}", icon=":material/delete:", type="tertiary"
            ):
                _remove(space, source)
    if how.what:
        say(how.what, how.do)


def source_line(source: sources.Source, how: Freshness, zone: str) -> Html:
    """A source in one line: where from, how fresh, when next."""
    kind, words = STATES[how.state]
    last = (
        f"fetched {_when(how.ok_at, zone)}, {events_said(how.events)} new then"
        if how.ok_at
        else "nothing fetched yet"
    )
    tried = f" · tried {_when(how.tried_at, zone)}" if how.tried_at and how.tried_at != how.ok_at else ""
    seen = f" · {how.warnings:,} in its report to look at" if how.warnings else ""
    following = f"next {_when(how.next_at, zone)}" if how.next_at else "next when a page opens"
    return tag(
        "div",
        tag("div", tag("b", source.name), tag("p", source.shown, cls="j-caption j-file")),
        tag("div", last + seen + tried, cls="j-caption"),
        tag("div", following, cls="j-caption"),
        pill(kind, words),
        cls="j-importrow",
    )


def _when(at: datetime | None, zone: str) -> str:
    if at is None:
        return "never"
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b, %H:%M}"


def _refresh(space: Workspace, names: list[str]) -> None:
    refreshing.refresh_in_background(space, names, clock=wall, judge=standing_in)
    st.toast("Refreshing. It goes on while you work.")


def _remove(space: Workspace, source: sources.Source) -> None:
    try:
        sources.remove_source(space, source.name, author=me().who, now=wall())
    except JourneyError as error:
        say(error.what, error.do)
        return
    st.toast("Not fetched any more. What it brought stays, as imports below.")
    st.rerun()


# ---------------------------------------------------------------- live calls, on the Import page


def live_section(space: Workspace) -> None:
    """The address for tracking libraries, its keys, and how what was sent stands."""
    found = keys.list_keys(space.store)
    if not found and not may_write():
        return
    here = waiting(space)
    in_force = sum(key.revoked_at is None for key in found)
    with st.expander(
        _live_label(in_force, here.calls),
        icon=":material/bolt:",
        key="flow.live",
        expanded=MADE in st.session_state,
    ):
        st.markdown(
            "Point the tracking library of your site or app here instead of at Segment or RudderStack: each call "
            "is an event on these pages within seconds."
        )
        st.code(f'host = "{_origin()}"    # then the library adds /v1/batch itself', language=None)
        _made_key(space)
        for key in found:
            _key_row(space, key)
        if may_write():
            with st.container(horizontal=True, vertical_alignment="bottom"):
                title = st.text_input(
                    "What will send", key="flow.title", placeholder="shop website", max_chars=120
                )
                if st.button("Make a write key", key="flow.key", icon=":material/key:"):
                    _make_key(space, title)
        _standing(space)


def _live_label(in_force: int, waits: int) -> str:
    keys_said = "one write key in force" if in_force == 1 else f"{count(in_force)} write keys in force"
    return (
        "Live calls: "
        + (keys_said if in_force else "no write key yet")
        + (f", {count(waits)} calls wait" if waits else "")
    )


def _make_key(space: Workspace, title: str) -> None:
    try:
        key, made = keys.create_key(space.store, title, author=me().who, now=wall())
    except JourneyError as error:
        say(error.what, error.do)
        return
    st.session_state[MADE] = (space.name, key, made.title)
    st.rerun()


def _made_key(space: Workspace) -> None:
    name, key, title = st.session_state.get(MADE, ("", "", ""))
    if name != space.name:
        return
    st.markdown(f"**Shown only now:** the write key for {md(title)}.")
    st.code(key, language=None)
    if st.button("I have copied it", key="flow.copied"):
        st.session_state.pop(MADE, None)
        st.rerun()


def _key_row(space: Workspace, key: keys.WriteKey) -> None:
    revoked = key.revoked_at is not None
    with st.container(horizontal=True, vertical_alignment="center", key=f"row-key-{key.key_id}"):
        markup.show(
            tag(
                "div",
                tag("b", key.title),
                tag("span", f"made {_when(key.created_at, space.timezone)} by {key.author}"),
                pill("unknown" if revoked else "measured", "revoked" if revoked else "in force"),
                cls="j-linkrow",
            )
        )
        if (
            not revoked
            and may_write()
            and st.button("Revoke", key=f"flow.revoke.{key.key_id}", icon=":material/key_off:")
        ):
            keys.revoke_key(space.store, key.key_id, author=me().who, now=wall())
            st.rerun()


def _standing(space: Workspace) -> None:
    """What waits, what was refused, and whether merging works."""
    here = waiting(space)
    for reason, (number, at) in here.refused.items():
        st.caption(
            f"{count(number)} calls refused: {md(reason)}, last {_when(datetime.fromisoformat(at), space.timezone)}."
        )
    if here.merge is not None:
        at, seconds, trouble = here.merge
        st.caption(f"Last merged {_when(datetime.fromisoformat(at), space.timezone)}, in {seconds:.1f} s.")
        if trouble:
            say("Live calls could not be made into events; they are kept.", trouble)
    if (
        here.calls
        and may_write()
        and st.button(f"Show {count(here.calls)} waiting calls now", key="flow.merge")
    ):
        with st.spinner("Joining customers and sorting events …"):
            merge_if_free(space, now=datetime.now(UTC))
        st.rerun()


def _origin() -> str:
    parts = urlsplit(st.context.url or "http://localhost:8501")
    return f"{parts.scheme}://{parts.netloc}"
