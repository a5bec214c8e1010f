"""What leaves the app for readers: the report as a file, and links to a frozen one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import streamlit as st

from journey_app.charts.text import count, short_day
from journey_app.errors import JourneyError
from journey_app.plain import to_plain
from journey_app.share.frozen import Frozen
from journey_app.share.links import Link, create_link, list_links, revoke_link
from journey_app.share.making import make_frozen
from journey_app.share.report import report_html
from journey_app.ui.cards import card_head
from journey_app.ui.door import me, wall
from journey_app.ui.explaining import say
from journey_app.ui.markup import PillKind, caption, frozen_stamp, pill, section, show
from journey_app.ui.rights import LOOPBACK
from journey_app.ui.sprint_cards import bullet_list
from journey_app.ui.tags import Html, tag
from journey_app.workspace.workspace import Workspace

MADE = "share.made"
OPEN_FOR = {"7 days": 7, "30 days": 30, "90 days": 90, "366 days": 366}
IN_IT = (
    "The goal with its range and pace, the funnel to it, the first findings, the weeks of the newest sprint.",
    "The day the data end and the version of the data, so that every number can be found again.",
)
NOT_IN_IT = (
    "No customer: no list, no name, no id, no address, no ticket text. Owners and logs of the sprint stay here too.",
    "Groups of fewer than 5 people are not written out; e-mail addresses and long numbers in any text are masked.",
    "A name typed into a change's title cannot be told from other words: read the report once before you send it.",
    "Nothing live: no page of the app opens from it, and a revoked or ended link opens nothing.",
)


def frozen_now(space: Workspace) -> Frozen:
    """The report as of this moment. Raises NothingYet without a goal."""
    return make_frozen(space, made_at=wall())


def report_file(space: Workspace) -> bytes:
    """The report as one HTML file that needs nothing else."""
    return report_html(frozen_now(space)).encode()


def file_name(space: Workspace) -> str:
    return f"{space.name}-{wall():%Y-%m-%d}.html"


def only_here() -> bool:
    """Whether the app is reached through this machine's own address, so that a link works nowhere else."""
    return urlsplit(st.context.url or "http://localhost").hostname in LOOPBACK


def offer_link(space: Workspace, title: str, days: int) -> None:
    """Freeze the report under a link and keep the address, shown once, for the next run of the page."""
    now = wall()
    try:
        ends = now + timedelta(days=days)
        frozen = make_frozen(space, made_at=now, title=title, ends=ends.date())
        token, link = create_link(
            space.store, to_plain(frozen), author=me().who, now=now, expires=timedelta(days=days), title=title
        )
    except JourneyError as error:
        say(error.what, error.do)
        return
    st.session_state[MADE] = (space.name, f"{_origin()}/s/{token}", link)
    st.rerun()


def made_link(space: Workspace) -> tuple[str, Link] | None:
    """The address made in this session and its link; it is kept nowhere else."""
    name, address, link = st.session_state.get(MADE, ("", "", None))
    return (address, link) if link is not None and name == space.name else None


def hide_link() -> None:
    """Forget the address: from now on only its holder knows it."""
    st.session_state.pop(MADE, None)


def links(space: Workspace) -> Sequence[Link]:
    """Every link ever handed out, newest first."""
    return list_links(space.store)


def link_state(link: Link, now: datetime) -> str:
    """“opens”, “revoked 3 May” or “ended 3 May”."""
    if link.revoked_at is not None:
        return f"revoked {_day(link.revoked_at)}"
    return "opens" if link.opens(now) else f"ended {_day(link.expires_at)}"


def take_back(space: Workspace, link: Link) -> None:
    """Revoke a link; its holder sees nothing from the next look on."""
    revoke_link(space.store, link.link_id, author=me().who, now=wall())
    held = made_link(space)
    if held and held[1].link_id == link.link_id:
        hide_link()


def _day(at: datetime) -> str:
    return f"{short_day(at.astimezone(UTC).date())} {at.year}"


def _origin() -> str:
    parts = urlsplit(st.context.url or "http://localhost:8501")
    return f"{parts.scheme}://{parts.netloc}"


# ---------------------------------------------------------------- what the page shows


def file_card(space: Workspace) -> None:
    """The report as a file, built when it is asked for."""
    show(
        card_head(
            "As a file",
            "works everywhere",
            "One HTML file",
            "Opens in any browser, on a phone too, without a network or an account. It is built when you click.",
        )
    )
    st.download_button(
        "Download the report",
        lambda: report_file(space),
        file_name(space),
        "text/html",
        key="share.file",
        type="primary",
        icon=":material/download:",
    )


def link_card(space: Workspace) -> None:
    """A link to the report as it is at this moment."""
    here = only_here()
    below = (
        "You are on this machine: a link works here only. For somebody else, send the file."
        if here
        else "Whoever has the link reads the report until it ends or is taken back."
    )
    show(card_head("As a link", "this machine only" if here else "until it ends", "One address", below))
    left, middle, right = st.columns([3, 2, 2], vertical_alignment="bottom")
    title = left.text_input("Title", value=space.title, max_chars=120, key="share.title")
    days = middle.selectbox("Opens for", list(OPEN_FOR), index=1, key="share.days")
    if right.button("Create the link", key="share.create", width="stretch"):
        offer_link(space, title, OPEN_FOR[str(days)])


def made_band(space: Workspace) -> None:
    """The address that was just made, shown once."""
    made = made_link(space)
    if made is None:
        return
    address, link = made
    with st.container(key="card-share-made"):
        show(
            card_head("Shown only now", f"opens until {_day(link.expires_at)}", f"The link to “{link.title}”")
        )
        st.code(address, language=None)
        if st.button("I have copied it", key="share.copied"):
            hide_link()
            st.rerun()


def links_table(space: Workspace) -> None:
    """Every link, newest first, each with the way to take it back."""
    found, now = links(space), wall()
    opening = sum(link.opens(now) for link in found)
    show(section("Links", f"{count(opening)} open of {count(len(found))}" if found else ""))
    if not found:
        show(caption("None yet."))
    for link in found:
        with st.container(horizontal=True, vertical_alignment="center", key=f"row-link-{link.link_id}"):
            show(_link_row(link, now))
            if link.opens(now) and st.button(
                "Revoke", key=f"share.revoke.{link.link_id}", icon=":material/link_off:"
            ):
                take_back(space, link)
                st.rerun()


def _link_row(link: Link, now: datetime) -> Html:
    state = link_state(link, now)
    kind: PillKind = "measured" if link.opens(now) else "unknown"
    return tag(
        "div",
        tag("b", link.title),
        tag("span", f"created {_day(link.created_at)} by {link.author}, ends {_day(link.expires_at)}"),
        pill(kind, "open" if state == "opens" else state),
        cls="j-linkrow",
    )


def left_out() -> None:
    """What no report and no link ever holds."""
    show(section("What is not in it"))
    show(bullet_list(NOT_IN_IT))


def explain_reading() -> None:
    """What somebody who may only look reads here."""
    show(section("What a report holds, and what not"))
    show(bullet_list((*IN_IT, *NOT_IN_IT)))
    st.caption("Only those who may change this workspace can make a report or a link.")


def preview(space: Workspace) -> None:
    """The report's own words, as its readers get them."""
    with st.expander("Read it here first", key="share.preview", on_change="rerun") as folded:
        if not folded.open:
            return
        try:
            frozen = frozen_now(space)
        except JourneyError as error:
            say(error.what, error.do)
            return
        show(frozen_stamp(frozen.made_at, frozen.ends))
        show(tag("div", tag("h3", frozen.claim), cls="j-sentence"))
        for title, lines in report_lines(frozen):
            show(section(title))
            show(bullet_list(lines))


def report_lines(frozen: Frozen) -> list[tuple[str, list[str]]]:
    """The report's sections, each with its lines."""
    steps = [
        f"{step.event}: {step.customers}" + (f", {step.lost} lost before it" if step.lost is not None else "")
        for step in frozen.steps
    ]
    found = [
        f"{each.claim} {f'Effect on the goal {each.effect}.' if each.effect else ''}"
        for each in frozen.findings
    ]
    tried = [f"Week {week.week}, {week.title}: {week.word}. {week.line}" for week in frozen.weeks]
    return [
        ("Where customers are lost", steps),
        ("What we found", found or ["Nothing stands out yet."]),
        ("What was tried", tried or ["No sprint has been planned yet."]),
    ]
