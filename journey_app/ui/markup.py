"""The only place where our own HTML reaches the page.

`show` is the one sink; the pieces here and in `cards` escape every string they are given
(`tags.tag`). Light and dark, sizes and print live in style.css, which `stylesheet` loads once a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import streamlit as st

from journey_app.charts import pace
from journey_app.charts.text import NBSP, UNKNOWN, count, n, percent, plus_minus, rate_percent, short_day
from journey_app.ui.tags import EMPTY, Html, box, tag
from journey_app.vocabulary import Rate, Reject, Word

STYLE = Path(__file__).with_name("style.css")
# Every Streamlit part that style.css leans on; a browser test looks for each of them.
TESTIDS = (
    "stApp",
    "stHeader",
    "stMain",
    "stMainBlockContainer",
    "stExpandSidebarButton",
    "stSidebar",
    "stSidebarNavLink",
    "stNavSectionHeader",
    "stElementContainer",
    "stElementToolbar",
    "stVegaLiteChart",
    "stButtonGroup",
    "stVerticalBlock",
    "stLayoutWrapper",
)

PillKind = Literal[
    "red", "amber", "green", "unknown", "sure", "unsure", "measured", "reported", "opinion",
    "ahead", "on pace", "behind", "improved", "likely", "no change", "cannot tell", "worse",
    "running", "blocked", "planned",
]  # fmt: skip
# Never colour alone: a shape (and for grades a letter) says the same.
PILLS: dict[PillKind, tuple[str, str]] = {
    "red": ("◆ R", "red"),
    "amber": ("▲ A", "amber"),
    "green": ("● G", "green"),
    "unknown": (UNKNOWN, "grey"),
    "sure": ("✓", "blue"),
    "unsure": ("▲", "amber"),
    "measured": ("", "blue"),
    "reported": ("", "outline"),
    "opinion": ("", "dashed"),
    "ahead": ("●", "green"),
    "on pace": ("●", "green"),
    "behind": ("▲", "amber"),
    "improved": ("▲", "green"),
    "likely": ("△", "blue"),
    "no change": ("=", "grey"),
    "cannot tell": ("?", "amber"),
    "worse": ("▼", "red"),
    "running": ("●", "blue"),
    "blocked": ("■", "red"),
    "planned": ("○", "grey"),
}
WORDS: dict[Word, PillKind] = {
    Word.PLANNED: "planned",
    Word.RUNNING: "running",
    Word.BLOCKED: "blocked",
    Word.IMPROVED: "improved",
    Word.LIKELY: "likely",
    Word.CANNOT_TELL: "cannot tell",
    Word.NO_CHANGE: "no change",
    Word.WORSE: "worse",
}


def show(html: Html) -> None:
    """Put our markup on the page; nothing to show leaves no gap."""
    if html:
        st.html(html)


def stylesheet() -> None:
    """Load style.css into the page, once a run, before anything else is shown.

    Dialogs and menus hang outside the app's own element, which alone knows the theme: they are told.
    """
    st.html(STYLE)
    scheme = "dark" if st.context.theme.type == "dark" else "light"
    st.html(f"<style>:root{{color-scheme:{scheme}}}</style>")


# ---------------------------------------------------------------- on every page


def page_head(eyebrow: str, claim: str, muted: str = "") -> Html:
    """Which question and people (small caps), the claim, and what is uncertain."""
    return tag(
        "header",
        tag("p", eyebrow, cls="j-eyebrow"),
        tag("h1", claim, cls="j-claim"),
        tag("p", muted, cls="j-muted") if muted else EMPTY,
        cls="j-head",
    )


def pill(kind: PillKind, text: str) -> Html:
    """A small label with a shape, words and a colour that say the same."""
    shape, tone = PILLS[kind]
    return tag("span", tag("b", shape) if shape else EMPTY, text, cls=f"j-pill j-{tone}")


def verdict_pill(word: Word) -> Html:
    """The pill of a sprint week's verdict."""
    return pill(WORDS[word], word.value.capitalize())


@dataclass(frozen=True)
class GoalStrip:
    """What the strip on every page says. start, target, needed: shares. now: None while unmeasured.

    needed: what the plan asks for today, None outside the plan's days. days_left: below 0 when over.
    """

    name: str
    start: float
    target: float
    by: date
    now: Rate | None
    needed: float | None
    pace: PillKind
    pace_says: str
    days_left: int


def goal_strip(goal: GoalStrip) -> Html:
    """Name, from, to, by; the track; now with its range and n; the pace; days left."""
    words = tag(
        "div",
        tag("b", goal.name),
        tag(
            "span",
            f" from {percent(goal.start)} to ",
            tag("b", percent(goal.target)),
            f" by {short_day(goal.by)}",
            cls="j-words",
        ),
        cls="j-goal-name",
    )
    stands = tag(
        "div",
        tag("b", rate_percent(goal.now)),
        tag("span", f" {plus_minus(goal.now)} · {n(goal.now.of)}") if goal.now else EMPTY,
        cls="j-goal-now",
    )
    left = "ended" if goal.days_left < 0 else f"{count(goal.days_left)}{NBSP}days left"
    says = pace.describe(goal.start, goal.target, goal.now, goal.needed)
    return tag(
        "div",
        words,
        _goal_track(goal, says),
        stands,
        pill(goal.pace, goal.pace_says),
        tag("span", left, cls="j-goal-left"),
        cls="j-goal",
    )


def _goal_track(goal: GoalStrip, says: str) -> Html:
    places = pace.pace_places(goal.start, goal.target, goal.now, goal.needed)
    parts = [box("whole", left=places.start, width=places.target - places.start)]
    if places.now is not None and places.low is not None and places.high is not None:
        done = sorted((places.start, places.now))
        parts += [
            box("range", left=places.low, width=places.high - places.low),
            box("done", left=done[0], width=done[1] - done[0]),
            box("at start", left=places.start),
            box("at now", left=places.now),
        ]
    parts.append(box("at target", left=places.target))
    if places.needed is not None:
        side = "j-before" if places.needed > 62 else "j-after"
        parts.append(box("at needed", left=places.needed))
        words = f"{percent(goal.needed).rstrip('%')} needed today"
        parts.append(tag("span", words, cls=f"j-needed {side}", style=f"left:{places.needed:.2f}%"))
    return tag("div", *parts, cls="j-goal-track", role="img", aria_label=says)


# ---------------------------------------------------------------- bands and tiles


def alert_banner(title: str, text: str) -> Html:
    """What fired, how much, since when, whose. Stands in a container with key "alert-…" beside its button."""
    return tag(
        "div",
        tag("span", tag("span", "!"), cls="j-diamond", aria_hidden="true"),
        tag("p", tag("b", title), " ", text),
        cls="j-alert",
        role="alert",
    )


def question_band(question: str, why: str) -> Html:
    """One question and why our guess is what it is. In a container with key "ask-…" beside its answers."""
    return tag(
        "div",
        tag("span", "?", cls="j-ask-mark", aria_hidden="true"),
        tag("div", tag("p", question, cls="j-ask-what"), tag("p", why, cls="j-ask-why")),
        cls="j-ask",
    )


def killer_line(said: Sequence[str]) -> Html:
    """What makes every number on the page doubtful, in one line that stays until it is fixed."""
    mark = tag("b", "◆ R", cls="j-killer-mark")
    return tag("p", mark, f" {' · '.join(said)}. Numbers rest on it.", cls="j-killer-line", role="alert")


@dataclass(frozen=True)
class Tile:
    """One killer: its grade, the number, what it is, and a line with the count and the limit."""

    grade: Literal["red", "amber", "green", "unknown"]
    number: str
    what: str
    line: str


def killer_tiles(tiles: Sequence[Tile]) -> Html:
    """What stops everything else, worst first."""
    order = {"red": 0, "amber": 1, "green": 2, "unknown": 3}
    worst_first = sorted(tiles, key=lambda tile: order[tile.grade])
    return tag("div", *(_tile(tile) for tile in worst_first), cls="j-tiles")


def _tile(tile: Tile) -> Html:
    letter = {"red": "R", "amber": "A", "green": "G", "unknown": UNKNOWN}[tile.grade]
    tone = "grey" if tile.grade == "unknown" else tile.grade
    return tag(
        "div",
        tag("span", tag("span", letter), cls=f"j-grade j-grade-{tone}", aria_label=tile.grade, role="img"),
        tag(
            "div",
            tag("p", tag("b", tile.number), " ", tile.what, cls="j-tile-what"),
            tag("p", tile.line, cls="j-tile-line"),
        ),
        cls=f"j-tile j-{tone}",
    )


# ---------------------------------------------------------------- lists and stamps


def section(title: str, aside: str = "") -> Html:
    """A serif heading in the page, with a small remark at its right end."""
    return tag("div", tag("h2", title), tag("span", aside) if aside else EMPTY, cls="j-section")


def caption(text: str) -> Html:
    """One small muted line."""
    return tag("p", text, cls="j-caption")


def rejects(source_rejects: Sequence[tuple[str, Reject]]) -> Html:
    """What was not used and why, most rows first. Each comes with the source it belongs to."""
    most_first = sorted(source_rejects, key=lambda pair: -pair[1].rows)
    return tag("ul", *(_reject(source, reject) for source, reject in most_first), cls="j-rejects")


def _reject(source: str, reject: Reject) -> Html:
    shown = ", ".join(count(row) for row in reject.first_rows)
    more = " …" if reject.rows > len(reject.first_rows) else ""
    rows = f"row{'s' if len(reject.first_rows) > 1 else ''} {shown}{more}" if reject.first_rows else ""
    return tag(
        "li",
        tag("b", count(reject.rows), cls="j-number"),
        tag("div", tag("p", tag("b", source), f" · {reject.reason}"), tag("small", rows)),
    )


def frozen_stamp(at: datetime, ends: date | None) -> Html:
    """What a reader of a shared report sees first: it does not move, and until when it can be read."""
    until = f" · ends {short_day(ends)}" if ends else ""
    words = f"{short_day(at.date())} {at:%Y, %H:%M} · read only{until}"
    return tag("div", tag("b", "Frozen report"), tag("span", words), cls="j-stamp")
