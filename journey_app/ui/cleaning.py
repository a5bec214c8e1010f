"""What does not count, with its counts before anything is saved?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from journey_app.analysis.naming import Suggestion, suggestions
from journey_app.analysis.since import goal_in
from journey_app.charts.text import count
from journey_app.errors import JourneyError, NothingYet
from journey_app.plain import from_plain, to_plain
from journey_app.ui import markup
from journey_app.ui.door import may_write, me, wall
from journey_app.ui.explaining import say, self_explaining
from journey_app.ui.import_words import events_said
from journey_app.ui.markdown import md
from journey_app.ui.moved import moved_said
from journey_app.ui.saving import resolve, save
from journey_app.ui.tags import Html, tag
from journey_app.vocabulary import CleanUp, Goal, Rate
from journey_app.workspace import cleaning, decisions, edits, tidying
from journey_app.workspace.workspace import NO_EVENTS, Workspace

Edit = Callable[[CleanUp], CleanUp]
KEY = "cleanup"
# way to say it → (field, what is asked, an example, the usual choice of whom it takes)
WAYS: dict[str, tuple[str, str, str, bool]] = {
    "Addresses at a domain": (edits.DOMAIN, "Domains, one a line", "your-company.com", True),
    "Ids or addresses": (cleaning.IDS, "Ids, one a line", "tester@your-company.com", True),
    "An event": (cleaning.EVENT, "Event", "", False),
    "A field": ("", "Values, one a line", "internal", False),
    "Too many in a minute": (cleaning.FAST, "More events in one minute than", "60", True),
    "Too many in a day": (cleaning.BUSY, "More events in one day than", "1000", True),
    "A pattern": (cleaning.IDS, "Pattern", r"\+test@", True),
}


@dataclass(frozen=True)
class State:
    """Everything the page shows. before: without any clean-up. now: what counts.

    in_the_way: why the data cannot be built with this clean-up; empty when they can.
    """

    held: CleanUp
    version: int
    rules: tuple[cleaning.Counted, ...]
    suspected: tuple[cleaning.Counted, ...]
    names: tuple[cleaning.RawName, ...]
    suggested: tuple[Suggestion, ...]
    before: cleaning.Held
    now: cleaning.Held
    changes: int
    in_the_way: str = ""


def state(space: Workspace) -> State:
    """The clean-up in force with its counts.

    Without any data it can still be taken back; raises NothingYet where there is nothing of either.
    """
    held, version = cleaning.clean_up_of(space)
    if held == CleanUp() and space.version is None:
        raise NothingYet(*NO_EVENTS)
    data = cleaning.built_version(space) or ""
    rules, suspected, names, before, now = _measured(data, to_plain(held), space)
    return State(
        held=held,
        version=version,
        rules=rules,
        suspected=suspected,
        names=names,
        suggested=suggestions(shown_names(names)),
        before=before,
        now=now,
        changes=len(cleaning.clean_up_history(space)),
        in_the_way=cleaning.in_the_way(space),
    )


@st.cache_data(show_spinner="Counting events …", max_entries=50)
def _measured(version: str, held: dict[str, Any], _space: Workspace) -> tuple[Any, ...]:
    clean_up = from_plain(CleanUp, held)
    before = now = cleaning.NOTHING
    if version:
        with cleaning.as_if(_space, clean_up) as as_it_is:
            before, now = as_it_is.everything(), as_it_is.held()
    return (
        cleaning.counted(_space, clean_up.leave_out),
        cleaning.suspicions(_space),
        cleaning.raw_names(_space),
        before,
        now,
    )


@st.cache_data(show_spinner="Counting what would go …", max_entries=200)
def _effect(
    version: str, wanted: dict[str, Any], goal: dict[str, Any] | None, _space: Workspace
) -> tuple[cleaning.Effect, Rate | None, Rate | None]:
    """What a clean-up would do to the data and to the goal."""
    clean_up = from_plain(CleanUp, wanted)
    if not version:
        return cleaning.Effect(cleaning.NOTHING, cleaning.NOTHING), None, None
    effect = cleaning.effect_of(_space, clean_up)
    if goal is None:
        return effect, None, None
    aim = from_plain(Goal, goal)
    carried = tidying.carried(tidying.uses(_space, clean_up))
    with cleaning.as_if(_space, clean_up) as then:
        return effect, goal_in(_space.events(), aim), goal_in(then, tidying.goal_called(aim, carried))


def shown_names(names: Sequence[cleaning.RawName]) -> list[tuple[str, int]]:
    """Names as they are shown now with how often, hidden ones left out."""
    counts: dict[str, int] = {}
    for name in names:
        if not name.hidden:
            counts[name.shown] = counts.get(name.shown, 0) + name.events
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


# ---------------------------------------------------------------- the page


def head(at: State) -> tuple[str, str, str]:
    """Eyebrow, claim and the muted line."""
    renamed = len(at.held.names)
    eyebrow = f"Clean-up · {how_many(len(at.rules), 'rule')}, {how_many(renamed, 'name')} changed"
    events, people = at.before.events - at.now.events, at.before.customers - at.now.customers
    if at.in_the_way:
        return eyebrow, at.in_the_way, "Let what the rule below takes count again; then the data are built."
    if not at.before.events:
        return (
            eyebrow,
            "No events are here; what was decided about them waits for the next import.",
            "Each of it can be taken back.",
        )
    if events or people:
        claim = f"{events_said(events)} do not count{_and_people(people)}; {count(at.now.events)} do."
    else:
        claim = f"Everything counts: {events_said(at.now.events)} of {count(at.now.customers)} customers."
    if at.suspected and at.rules:
        muted = "More looks like programs or tests, below. Nothing leaves without a click."
    elif at.suspected:
        muted = "Some of it looks like programs or tests, below. Nothing leaves without a click."
    else:
        muted = "Imports stay as they are: every rule and every name can be taken back."
    return eyebrow, claim, muted


def how_many(number: int, noun: str) -> str:
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def _and_people(people: int) -> str:
    return f", with {how_many(people, 'customer')}" if people else ""


def rules(space: Workspace, at: State) -> None:
    """The rules in force, each with a way back, and the way to a new one."""
    markup.show(markup.section("Left out", "what each takes, if it were the only one"))
    for number, each in enumerate(at.rules, start=1):
        with st.container(horizontal=True, vertical_alignment="center", key=f"row-rule-{number}"):
            with st.container(width="stretch"):
                markup.show(_row(each, ""))
            if may_write() and st.button(
                "Count them again", key=f"cleanup.remove.{number}", icon=":material/undo:", type="tertiary"
            ):
                change(space, at, partial(edits.removing, number=number), "They count again.")
    if not at.rules:
        markup.show(
            markup.caption("No rule yet: bots, colleagues and test accounts count like everybody else.")
        )
    if not may_write():
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if at.before.events and st.button(
            "Leave something out", type="primary", key="cleanup.add", icon=":material/filter_alt_off:"
        ):
            add_dialog(space, at)
        if (
            at.changes
            and at.before.events
            and st.button(
                "Take back the last change", key="cleanup.back", icon=":material/undo:", type="tertiary"
            )
        ):
            back = cleaning.clean_up_history(space)
            change(
                space,
                at,
                lambda _held: back[-2].value if len(back) > 1 else CleanUp(),
                "As it was before.",
                carry=True,
            )


def suspected(space: Workspace, at: State) -> None:
    """What looks like a program or a test, measured; a click asks, and nothing goes by itself."""
    if not at.suspected:
        return
    markup.show(markup.section("Looks like a program or a test", "measured; still counted"))
    for number, each in enumerate(at.suspected):
        with st.container(horizontal=True, vertical_alignment="center", key=f"row-suspect-{number}"):
            with st.container(width="stretch"):
                markup.show(_row(each, goal_line(space, edits.adding(at.held, each.rule))))
            if may_write() and st.button("Leave out", key=f"cleanup.suspect.{number}", type="tertiary"):
                change(
                    space,
                    at,
                    partial(edits.adding, rule=each.rule),
                    f"Left out: {each.rule.reason}.",
                )


def _row(each: cleaning.Counted, goal: str) -> Html:
    rule, takes = each.rule, each.takes
    whom = "all of such a customer" if rule.whole_customer else "only these events"
    return tag(
        "div",
        tag("div", tag("b", rule.reason), tag("p", f"{whom}", cls="j-caption")),
        tag("div", tag("b", count(takes.events if takes else None)), " events"),
        tag(
            "div",
            f"{how_many(takes.customers, 'customer')} gone" if takes else "cannot be counted",
            cls="j-caption",
        ),
        tag("div", goal, cls="j-caption"),
        cls="j-importrow",
    )


def goal_line(space: Workspace, wanted: CleanUp) -> str:
    """“Goal 12.4% → 12.9% (n 3,102 → 3,340)”, empty without a goal."""
    return moved_said(*as_it_would_be(space, wanted)[1:])


def as_it_would_be(space: Workspace, wanted: CleanUp) -> tuple[cleaning.Effect, Rate | None, Rate | None]:
    """What a clean-up would do to the data, and the goal before and after."""
    goal = decisions.goal(space)
    return _effect(
        cleaning.built_version(space) or "", to_plain(wanted), to_plain(goal.value) if goal else None, space
    )


# ---------------------------------------------------------------- a new rule


@st.dialog("Leave something out", width="medium")
@self_explaining
def add_dialog(space: Workspace, at: State) -> None:
    """What, with live counts; then one click."""
    way = st.selectbox("What", list(WAYS), key="cleanup.way")
    what, asked, example, whole = WAYS[str(way)]
    if way == "A field":
        what = str(st.selectbox("Field", list(cleaning.FIELDS), key="cleanup.field"))
    if way == "An event":
        names = [name for name, _often in shown_names(at.names)]
        values = st.multiselect(asked, names, key="cleanup.events")
    else:
        typed = st.text_area(
            asked, key=f"cleanup.values.{way}", placeholder=example, height=80, max_chars=20_000
        )
        values = typed.splitlines()
    everything = True
    if what not in (cleaning.FAST, cleaning.BUSY):
        everything = st.toggle(
            "All events of such a customer, not only these", whole, key=f"cleanup.whole.{way}"
        )
    if not any(value.strip() for value in values):
        st.caption("Say what, and the counts appear here. Nothing is changed before you confirm.")
        return
    try:
        rule = edits.rule_for(what, values, pattern=way == "A pattern", events_only=not everything)
        wanted = edits.adding(at.held, rule)
        effect, before, after = as_it_would_be(space, wanted)
    except JourneyError as error:
        say(error.what, error.do)
        return
    _promise(effect, before, after)
    if effect.events == 0 and effect.customers == 0:
        st.caption("Nothing here is like that. The rule can still be kept for what comes later.")
    label = f"Leave out {events_said(effect.events)}" if effect.events else "Keep this rule"
    if st.button(label, type="primary", key="cleanup.save"):
        change(space, at, lambda held: edits.adding(held, rule), f"Left out: {rule.reason}.")
    resolve(KEY)


def _promise(effect: cleaning.Effect, before: Rate | None, after: Rate | None) -> None:
    said = (
        f"**{count(effect.events)} of {count(effect.before.events)} events** would not count any more, and "
    )
    said += f"**{count(effect.customers)} of {count(effect.before.customers)} customers** would be gone."
    st.markdown(said)
    goal = moved_said(before, after)
    if goal:
        st.markdown(f"{md(goal)}.")


# ---------------------------------------------------------------- names


def change(space: Workspace, at: State, edit: Edit, done: str, *, carry: bool = False) -> None:
    """Save an edit on the version the page was drawn with; after a conflict it is made on theirs."""

    def write(based_on: int) -> None:
        held, _version = cleaning.clean_up_of(space)
        with st.spinner("Joining customers and sorting events …"):
            tidying.save_clean_up(
                space, edit(held), based_on=based_on, carry=carry, author=me().who, now=wall()
            )

    try:
        mine = to_plain(edit(at.held))
    except JourneyError as error:
        say(error.what, error.do)
        return
    if save(KEY, at.version, write, done=done, mine=mine):
        st.rerun()
    if f"conflict.{KEY}" in st.session_state:
        st.rerun()
