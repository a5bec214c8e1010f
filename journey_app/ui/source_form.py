"""Where do new data come from? The form of one saved source, based on the version it was opened with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import streamlit as st

from journey_app.analysis.since import standing_in
from journey_app.plain import to_plain
from journey_app.ui.door import me, wall
from journey_app.ui.explaining import say, self_explaining
from journey_app.ui.markdown import md
from journey_app.ui.saving import resolve, save
from journey_app.vocabulary import Answers
from journey_app.workspace import refreshing, sources
from journey_app.workspace.numbering import OWN, USER
from journey_app.workspace.source_names import one, tidy
from journey_app.workspace.workspace import Workspace

INTERVALS = {
    timedelta(hours=1): "hour",
    timedelta(hours=6): "6 hours",
    timedelta(hours=24): "day",
    timedelta(days=7): "week",
}
KIND_NAMES = {
    "https": "Web address or published spreadsheet",
    "folder": "Folder on this machine",
    "database": "Table of a database",
    "s3": "Bucket of S3-style storage",
}
WHERE = {
    "https": ("Address", "https://docs.google.com/spreadsheets/d/…"),
    "folder": ("Folder, or a pattern of files", "/home/ana/exports/*.csv"),
    "database": ("Variable that holds the database's address", "JOURNEY_SOURCE_SHOP"),
    "s3": ("Bucket and pattern of files", "s3://exports/shop/*.csv"),
}
# of a log that nobody described, whose customers are numbers
WHOSE_IDS = {
    "": "asked for when it matters",
    OWN: "its own: other people than elsewhere",
    USER: "our user ids",
}
ORDERS = {"": "as the file proves", "dmy": "day first", "mdy": "month first", "ymd": "year first"}


@st.dialog("Where do new data come from?")
@self_explaining
def source_dialog(space: Workspace, held: sources.Source | None, seen: int) -> None:
    """A form for a new source, or for one that is there. seen: the version it was opened with, 0 for a new one."""
    wanted = _fields(space, held)
    key = f"source.{held.name if held else ''}"
    if st.button("Save and fetch", type="primary", key="flow.save") and _saved(
        space, wanted, held, seen, key
    ):
        refreshing.refresh_in_background(space, [wanted.name], clock=wall, judge=standing_in)
        st.toast("Refreshing. It goes on while you work.")
        st.rerun()
    resolve(key)


def _fields(space: Workspace, held: sources.Source | None) -> sources.Source:
    """What the form says now; what it has no field for stays as it was saved."""
    allowed = list(sources.kinds_allowed(space.settings))
    kinds = [held.kind] if held else [kind for kind in KIND_NAMES if kind in allowed]
    kind = st.selectbox(
        "Kind", kinds, format_func=KIND_NAMES.__getitem__, key="flow.kind", disabled=held is not None
    )
    name = st.text_input(
        "Name", value=held.name if held else "", max_chars=60, key="flow.name", disabled=held is not None,
        placeholder="Shop orders",
    )  # fmt: skip
    label, example = WHERE[kind]
    where = st.text_input(
        label, value=held.where if held else "", key=f"flow.where.{kind}", placeholder=example
    )
    table = _table(held) if kind == "database" else ""
    every = _interval(held.every if held else sources.USUAL)
    answers = _answers(held.answers if held else Answers())
    return sources.Source(tidy(name), kind, where.strip(), table.strip(), every, answers)


def _table(held: sources.Source | None) -> str:
    table = st.text_input("Table or view", value=held.table if held else "", key="flow.table")
    st.caption(
        "The address of a database holds a password, so it stays in a variable where the app is started."
    )
    return str(table)


def _interval(held: timedelta) -> timedelta:
    """One of the usual lengths of time, or the one that was set elsewhere."""
    words = dict(INTERVALS)
    words.setdefault(held, f"{held // timedelta(minutes=1):,} minutes")
    chosen: timedelta = st.selectbox(
        "Fetch again after a" if held in INTERVALS else "Fetch again after",
        list(words),
        index=list(words).index(held),
        format_func=words.__getitem__,
        key="flow.every",
    )
    return chosen


def _answers(held: Answers) -> Answers:
    """The answers a file may need that has no person before it; all others stay as they are."""
    with st.expander("If its dates or customers must be explained"):
        dates = st.selectbox(
            "03/04/2026 is written", list(ORDERS), index=list(ORDERS).index(held.dates or ""),
            format_func=ORDERS.__getitem__, key="flow.dates",
        )  # fmt: skip
        zone = st.text_input(
            "Clock of times without a zone",
            value=held.timezone or "",
            key="flow.zone",
            placeholder="Europe/Berlin",
        )
        held_ids = held.ids or ""
        names = WHOSE_IDS if held_ids in WHOSE_IDS else {**WHOSE_IDS, held_ids: held_ids}
        ids = st.selectbox(
            "If its customers are plain numbers, they are", list(names), index=list(names).index(held_ids),
            format_func=names.__getitem__, key="flow.ids",
        )  # fmt: skip
    asked = ("dates", "timezone", "ids")
    others = [name for name, said in to_plain(held).items() if said and name not in asked]
    if others:
        st.caption(f"Kept as it was saved, too: {md(', '.join(others).replace('_', ' '))}.")
    return replace(held, timezone=zone.strip() or None, dates=dates or None, ids=ids or None)


def _saved(
    space: Workspace, wanted: sources.Source, held: sources.Source | None, seen: int, key: str
) -> bool:
    """Keep it on the version that was seen; a new one never takes the place of another."""
    there = {one(each.name): each.name for each in sources.sources(space)}
    if held is None and one(wanted.name) in there:
        say(
            f"There is a source called “{there[one(wanted.name)]}” already.",
            "Choose another name, or edit that one.",
        )
        return False

    def write(version: int) -> None:
        sources.save_source(space, wanted, based_on=version, author=me().who, now=wall())

    return save(key, seen, write, done="Saved.", mine=to_plain(wanted), base=to_plain(held) if held else None)
