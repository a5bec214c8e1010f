"""What does not count here, what would a rule take away, and does a goal or a sprint stand in its way?

Source: docs/decisions/013-what-does-not-count.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from journey_app.engine import cleaning as engine
from journey_app.engine.cleaning import BOT as BOT
from journey_app.engine.cleaning import BUSY as BUSY
from journey_app.engine.cleaning import EVENT as EVENT
from journey_app.engine.cleaning import FAST as FAST
from journey_app.engine.cleaning import FIELDS as FIELDS
from journey_app.engine.cleaning import IDS as IDS
from journey_app.engine.cleaning import PROPERTY as PROPERTY
from journey_app.engine.trial import Held as Held
from journey_app.engine.trial import RawName as RawName
from journey_app.engine.trial import Trial as Trial
from journey_app.engine.trial import trial
from journey_app.errors import BadChoice, NothingYet, UnknownName
from journey_app.plain import from_plain, to_plain
from journey_app.vocabulary import Change, CleanUp, Goal, LeaveOut, Measure, Shaping, Sprint
from journey_app.workspace import decisions
from journey_app.workspace.rebuilding import Built
from journey_app.workspace.reshaping import reshape
from journey_app.workspace.shaping import CLEAN_UP
from journey_app.workspace.workspace import NO_EVENTS, Workspace

MANY_A_DAY, MANY_A_MINUTE = "1000", "60"  # nobody does that by hand
NO_ADDRESS = r"@(?:[^@]*\.)?(?:example\.(?:com|org|net)|mailinator\.com|yopmail\.com|guerrillamail\.com)$"
TEST_NAMES = r"^[^:]*:(?:test|tester|testuser|testing|qa|demo|dummy|asdf|foo)(?:[^a-z@:][^@]*)?(?:@.*)?$"
NOTHING = Held(0, 0)
MOST_LEFT_OUT = 5  # customers named to whoever searches for one of their ids
MOST_SUSPECT = 0.2  # what fits more of the customers than this is how they are, not a suspicion
# What is looked for without being asked; nothing of it leaves without a click.
SUSPICIONS = (
    LeaveOut(BOT, "", "Programs, by what their user agent says"),
    LeaveOut(FAST, MANY_A_MINUTE, f"More than {MANY_A_MINUTE} events in one minute"),
    LeaveOut(BUSY, MANY_A_DAY, f"More than {MANY_A_DAY} events in one day"),
    LeaveOut(IDS, TEST_NAMES, "Ids and addresses called test, qa, demo or dummy"),
    LeaveOut(IDS, NO_ADDRESS, "Addresses that nobody reads, such as @example.com"),
)


@dataclass(frozen=True)
class Effect:
    """What a clean-up does to the data. before: as they are now. after: as they would be."""

    before: Held
    after: Held

    @property
    def events(self) -> int:
        return self.before.events - self.after.events

    @property
    def customers(self) -> int:
        return self.before.customers - self.after.customers


@dataclass(frozen=True)
class Counted:
    """A rule and what it takes from everything, whatever other rules do."""

    rule: LeaveOut
    takes: Held


@dataclass(frozen=True)
class Use:
    """A decision that names an event. becomes: what it would be called; None when it would be gone."""

    place: str
    event: str
    becomes: str | None


# ---------------------------------------------------------------- looking


def clean_up_of(space: Workspace) -> tuple[CleanUp, int]:
    """The clean-up in force and the version the next edit is based on (0: none yet)."""
    document = space.store.get(CLEAN_UP, CLEAN_UP)
    return (from_plain(CleanUp, document.body), document.version) if document else (CleanUp(), 0)


def clean_up_history(space: Workspace) -> list[decisions.Decided[CleanUp]]:
    """Every clean-up there was, oldest first."""
    return [
        decisions.Decided(from_plain(CleanUp, d.body), d.version, d.author, d.saved_at)
        for d in decisions.told(space, CLEAN_UP, CLEAN_UP)
        if not d.deleted
    ]


@contextmanager
def as_if(space: Workspace, clean_up: CleanUp) -> Iterator[Trial]:
    """The events as this clean-up would have them; nothing is built. Raises BadChoice for a bad rule."""
    for rule in clean_up.leave_out:
        engine.check(rule)
    with trial(space.events(), clean_up) as made:
        yield made


def effect_of(space: Workspace, clean_up: CleanUp) -> Effect:
    """How many events and customers there would be, against how many there are."""
    with as_if(space, clean_up_of(space)[0]) as now, as_if(space, clean_up) as then:
        return Effect(now.held(), then.held())


def counted(space: Workspace, rules: Sequence[LeaveOut]) -> tuple[Counted, ...]:
    """What each rule takes, one by one; nothing where nothing is imported."""
    for rule in rules:
        engine.check(rule)
    if space.version is None:
        return tuple(Counted(rule, NOTHING) for rule in rules)
    with as_if(space, clean_up_of(space)[0]) as now:
        return tuple(map(Counted, rules, now.alone(rules)))


def suspicions(space: Workspace) -> tuple[Counted, ...]:
    """What looks like a program or a test and is not left out yet, with its counts.

    What fits more than a fifth of all customers is left away: then the data are like that.
    """
    if space.version is None:
        return ()
    held, _version = clean_up_of(space)
    there = {(rule.what, rule.matches) for rule in held.leave_out}
    found = counted(space, [rule for rule in SUSPICIONS if (rule.what, rule.matches) not in there])
    with as_if(space, held) as now:
        most = max(MOST_SUSPECT * now.everything().customers, 1)
    return tuple(
        each for each in found if (each.takes.events or each.takes.customers) and each.takes.customers <= most
    )


def raw_names(space: Workspace) -> tuple[RawName, ...]:
    """Every event by the name its exports give it, also those that no question sees.

    Where nothing is imported, those whose names were changed: that can be taken back.
    """
    held, _version = clean_up_of(space)
    if space.version is None:
        return tuple(
            RawName(raw, shown, shown in held.hidden, 0, 0, None, None) for raw, shown in held.names.items()
        )
    with as_if(space, held) as now:
        return now.raw_names(held.hidden)


@dataclass(frozen=True)
class LeftOut:
    """A customer in none of the questions. rules: those that take them, by their numbers from 1.

    hidden: whether events that are hidden belong to what they did.
    """

    label: str
    rules: tuple[tuple[int, LeaveOut], ...]
    hidden: bool


def who_is_left_out(space: Workspace, wanted: str, most: int = MOST_LEFT_OUT) -> tuple[LeftOut, ...]:
    """Customers with an id that contains `wanted` whom the clean-up in force leaves out, and why."""
    held, _version = clean_up_of(space)
    if held == CleanUp() or space.version is None or not wanted.strip():
        return ()
    with as_if(space, held) as now:
        return tuple(
            LeftOut(
                label,
                tuple(
                    (number, rule)
                    for number, rule in enumerate(held.leave_out, start=1)
                    if now.touched(CleanUp((rule,)), who)
                ),
                bool(held.hidden) and now.touched(CleanUp(hidden=held.hidden), who),
            )
            for who, label in now.left_out(wanted.strip(), most)
        )


def why_left_out(found: LeftOut) -> str:
    """“bob@acme.com is left out by rule 1, “Colleagues”.”"""
    by = [f"rule {number}, “{rule.reason}”" for number, rule in found.rules]
    by += ["hiding all that they did" if not by else "hiding some of what they did"] * found.hidden
    return f"{found.label} is left out by {' and by '.join(by)}."


def insist_not_left_out(space: Workspace, wanted: str) -> None:
    """Raise BadChoice for an id of a customer whom the clean-up leaves out, with the way back."""
    for found in who_is_left_out(space, wanted, 1):
        ways = [f"rule {number} back (cleanup remove {number})" for number, _rule in found.rules]
        ways += ["hidden events back (cleanup unhide)"] * found.hidden
        raise BadChoice(why_left_out(found), f"Take {' and '.join(ways)}, here or on the Clean-up page.")


# ---------------------------------------------------------------- editing


def renamed(clean_up: CleanUp, raws: Sequence[str], name: str) -> CleanUp:
    """These events called `name`; their own name takes a renaming back."""
    wanted = " ".join(name.split())
    if not wanted or len(wanted) > 200:
        raise BadChoice(
            "The event has no name, or one of over 200 letters.", "Call it what your team calls it."
        )
    names = dict(clean_up.names) | dict.fromkeys(raws, wanted)
    return replace(clean_up, names={raw: called for raw, called in names.items() if raw != called})


def hiding(clean_up: CleanUp, shown: Sequence[str]) -> CleanUp:
    """These events seen by no question."""
    return replace(clean_up, hidden=tuple(dict.fromkeys([*clean_up.hidden, *shown])))


def unhiding(clean_up: CleanUp, shown: Sequence[str]) -> CleanUp:
    """These events seen again. Raises UnknownName for one that is not hidden."""
    for name in shown:
        if name not in clean_up.hidden:
            raise UnknownName("hidden event", name, clean_up.hidden)
    return replace(clean_up, hidden=tuple(name for name in clean_up.hidden if name not in shown))


def adding(clean_up: CleanUp, rule: LeaveOut) -> CleanUp:
    """One rule more. Raises BadChoice for one that cannot be asked or is there."""
    engine.check(rule)
    if any(
        (r.what, r.matches, r.whole_customer) == (rule.what, rule.matches, rule.whole_customer)
        for r in clean_up.leave_out
    ):
        raise BadChoice("This rule is there already.", "Change what it looks for.")
    return replace(clean_up, leave_out=(*clean_up.leave_out, rule))


def removing(clean_up: CleanUp, number: int) -> CleanUp:
    """Without the rule of this number, from 1."""
    if not 1 <= number <= len(clean_up.leave_out):
        raise UnknownName("rule", str(number), map(str, range(1, len(clean_up.leave_out) + 1)))
    rules = list(clean_up.leave_out)
    del rules[number - 1]
    return replace(clean_up, leave_out=tuple(rules))


def raws_of(names: Sequence[RawName], called: str) -> list[str]:
    """The export names behind a name: what is shown so, else what exports call so. Raises UnknownName."""
    behind = [name.raw for name in names if name.shown == called] or [
        name.raw for name in names if name.raw == called
    ]
    if not behind:
        raise UnknownName("event", called, dict.fromkeys(n for name in names for n in (name.shown, name.raw)))
    return behind


DOMAIN = "domain"  # a way to say a rule, not a field: addresses at a domain


def rule_for(
    what: str,
    values: Sequence[str] = (),
    *,
    reason: str = "",
    pattern: bool = False,
    events_only: bool = False,
) -> LeaveOut:
    """The rule that a person means by a field and the values it shall have, exactly and in any case.

    what: as in `LeaveOut`, or “domain” for addresses at it. pattern: the one value is a pattern.
    Raises BadChoice for a rule that cannot be asked.
    """
    told = [" ".join(value.split()) for value in values if value.strip()]
    said = ", ".join(told[:3]) + (f" and {len(told) - 3} more" if len(told) > 3 else "")
    if what in (BUSY, FAST):
        rule = LeaveOut(what, told[0] if told else "", f"More than {said} events in one {SPANS[what]}")
    elif what == BOT:
        rule = LeaveOut(BOT, "", "Programs, by what their user agent says")
    elif not told:
        raise BadChoice("The rule says nothing to look for.", "Give an address, a name or a pattern.")
    elif pattern:
        rule = LeaveOut(what, told[0], f"{_label(what)} like {told[0]}")
    elif what == DOMAIN:
        names = "|".join(re.escape(each.lstrip("@")) for each in told)
        rule = LeaveOut(IDS, rf"@(?:[^@]*\.)?(?:{names})$", f"Addresses at {said}")
    else:
        before = "^(?:[^:]*:)?" if what == IDS else "^"
        rule = LeaveOut(what, f"{before}(?:{'|'.join(map(re.escape, told))})$", f"{_label(what)} {said}")
    engine.check(rule)
    return replace(rule, reason=reason.strip()[:200] or rule.reason, whole_customer=not events_only)


SPANS = {BUSY: "day", FAST: "minute"}


def _label(what: str) -> str:
    return {IDS: "Ids", EVENT: "Event"}.get(what, what.removeprefix(PROPERTY).replace("_", " ").capitalize())


# ---------------------------------------------------------------- what stands in the way


def uses(space: Workspace, clean_up: CleanUp) -> tuple[Use, ...]:
    """Events that the goal or a sprint names and that this clean-up would call otherwise, or take away."""
    held, _version = clean_up_of(space)
    named = _named(space)
    if not named:
        return ()
    if space.version is None:  # by their names alone: whatever comes will be called so
        raws = list(dict.fromkeys([*held.names, *clean_up.names]))
        left = {clean_up.names.get(raw, raw) for raw in raws} - {*clean_up.hidden}
    else:
        with as_if(space, clean_up) as then:
            left = {name.shown for name in then.raw_names(clean_up.hidden) if not name.hidden}
            left &= {row["event"] for row in then.run(then.table.select("event").distinct()).to_pylist()}
            raws = [name.raw for name in then.raw_names()]
    found = []
    for place, event in named:
        behind = [raw for raw in raws if held.names.get(raw, raw) == event]
        then_called = {clean_up.names.get(raw, raw) for raw in behind}
        becomes = then_called.pop() if len(then_called) == 1 else event if event in then_called else None
        if becomes is not None and becomes not in left:
            becomes = None
        if behind and becomes != event:
            found.append(Use(place, event, becomes))
    return tuple(found)


def _named(space: Workspace) -> list[tuple[str, str]]:
    """(where, event) for every event that a decision in force names."""
    goal = decisions.goal(space)
    found = [("the goal", event) for event in _events_of(goal.value)] if goal else []
    for sprint in decisions.sprints(space):
        where = f"the sprint of {sprint.value.starts.isoformat()}"
        found += [(where, event) for event in _events_of(sprint.value.goal)]
        found += [
            (where, e)
            for change in sprint.value.changes
            for e in (change.measure.start, change.measure.outcome)
        ]
    return list(dict.fromkeys(found))


def _events_of(goal: Goal) -> list[str]:
    return list(dict.fromkeys([*goal.steps, goal.measure.start, goal.measure.outcome]))


def refuse_what_breaks(space: Workspace, clean_up: CleanUp, effect: Effect) -> None:
    """Raise BadChoice when nothing would be left, or a step of the goal or a sprint would be gone."""
    if effect.before.events and not effect.after.events:
        raise BadChoice("Not one event would be left.", "Make the rule narrower; nothing was changed.")
    gone = [use for use in uses(space, clean_up) if use.becomes is None]
    if gone:
        raise BadChoice(
            f"“{gone[0].event}” is a step of {gone[0].place}, and it would be gone.",
            f"Change {gone[0].place} first, or leave this event as it is.",
        )
    _refuse_one_step_twice(space, carried(uses(space, clean_up)))


def _refuse_one_step_twice(space: Workspace, becomes: Mapping[str, str]) -> None:
    goal = decisions.goal(space)
    goals = [("the goal", goal.value)] if goal else []
    goals += [(f"the sprint of {s.value.starts.isoformat()}", s.value.goal) for s in decisions.sprints(space)]
    for place, value in goals:
        steps = [becomes.get(step, step) for step in value.steps]
        if len(set(steps)) < len(set(value.steps)):
            twice = next(step for step in steps if steps.count(step) > 1)
            raise BadChoice(
                f"Two steps of {place} would both be “{twice}”.",
                f"Change {place} first, or give the events different names.",
            )


# ---------------------------------------------------------------- deciding


def save_clean_up(
    space: Workspace, clean_up: CleanUp, *, based_on: int, carry: bool, author: str, now: datetime
) -> Built:
    """Make a clean-up count for every question, and keep what it was before.

    carry: write new names of events into the goal and the sprints that use them, in the same
    transaction; without it such a renaming is refused. Raises BadChoice with what stands in the
    way, StaleEdit when somebody saved a clean-up in between. Without any data there is only a way
    back: NothingYet for a rule or a name that would be new.
    """
    if space.version is None:
        _insist_on_a_way_back(clean_up_of(space)[0], clean_up)
        effect = Effect(NOTHING, NOTHING)
    else:
        effect = effect_of(space, clean_up)
    refuse_what_breaks(space, clean_up, effect)
    named = uses(space, clean_up)
    if named and not carry:
        raise BadChoice(
            f"“{named[0].event}” is used in {' and '.join(dict.fromkeys(use.place for use in named))}.",
            f"Carry the new name “{named[0].becomes}” into it as well (--carry), or leave the old one.",
        )
    becomes = carried(named)

    def write() -> None:
        space.save(CLEAN_UP, CLEAN_UP, to_plain(clean_up), based_on=based_on, author=author, now=now)
        _carry(space, becomes, author=author, now=now)

    def cleaned(shaping: Shaping) -> Shaping:
        return replace(shaping, clean_up=clean_up)

    return reshape(space, cleaned, write, author=author, now=now)


def _insist_on_a_way_back(held: CleanUp, wanted: CleanUp) -> None:
    """Raise NothingYet for whatever is not decided already: nobody could see what it does."""
    if (
        not {*wanted.leave_out} <= {*held.leave_out}
        or not wanted.names.items() <= held.names.items()
        or not {*wanted.hidden} <= {*held.hidden}
    ):
        raise NothingYet(*NO_EVENTS)


def carried(named: Sequence[Use]) -> dict[str, str]:
    """Old name → new name, of events in use."""
    return {use.event: use.becomes for use in named if use.becomes is not None}


def _carry(space: Workspace, becomes: Mapping[str, str], *, author: str, now: datetime) -> None:
    """The new names in the goal and in every sprint, each as a version of its own."""
    if not becomes:
        return
    held = decisions.goal(space)
    if held is not None and (value := goal_called(held.value, becomes)) != held.value:
        decisions.save_goal(space, value, based_on=held.version, author=author, now=now)
    for sprint in decisions.sprints(space):
        called = _sprint_called(sprint.value, becomes)
        if called != sprint.value:
            decisions.save_sprint(space, called, based_on=sprint.version, author=author, now=now)


def goal_called(goal: Goal, becomes: Mapping[str, str]) -> Goal:
    """The goal with new names for its events."""
    steps = tuple(becomes.get(step, step) for step in goal.steps)
    return replace(goal, measure=_measure_called(goal.measure, becomes), steps=steps)


def _measure_called(measure: Measure, becomes: Mapping[str, str]) -> Measure:
    start, outcome = (becomes.get(event, event) for event in (measure.start, measure.outcome))
    return replace(measure, start=start, outcome=outcome)


def _sprint_called(sprint: Sprint, becomes: Mapping[str, str]) -> Sprint:
    def changed(change: Change) -> Change:
        return replace(change, measure=_measure_called(change.measure, becomes))

    return replace(
        sprint, goal=goal_called(sprint.goal, becomes), changes=tuple(map(changed, sprint.changes))
    )
