"""What does not count here, and what would a rule take away?

Source: docs/decisions/013-what-does-not-count.md
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from journey_app.engine import cleaning as engine
from journey_app.engine.cleaning import FIELDS as FIELDS
from journey_app.engine.patterns import BOT as BOT
from journey_app.engine.patterns import BUSY as BUSY
from journey_app.engine.patterns import EVENT as EVENT
from journey_app.engine.patterns import FAST as FAST
from journey_app.engine.patterns import IDS as IDS
from journey_app.engine.trial import EverythingImported, held_by, imported, trial
from journey_app.engine.trial import Held as Held
from journey_app.engine.trial import RawName as RawName
from journey_app.engine.trial import Trial as Trial
from journey_app.errors import BadChoice
from journey_app.plain import from_plain
from journey_app.vocabulary import CleanUp, LeaveOut
from journey_app.workspace import decisions
from journey_app.workspace.shaping import CLEAN_UP
from journey_app.workspace.workspace import Workspace

MANY_A_DAY, MANY_A_MINUTE = "1000", "60"  # nobody does that by hand
NO_ADDRESS = r"@(?:[^@]*\.)?(?:example\.(?:com|org|net)|mailinator\.com|yopmail\.com|guerrillamail\.com)$"
TEST_NAMES = r"^[^:]*:(?:test|tester|testuser|testing|qa|demo|dummy|asdf|foo)(?:[^a-z@:][^@]*)?(?:@.*)?$"
NOTHING = Held(0, 0)
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
    """A rule and what it takes from everything, whatever other rules do.

    takes: None where it cannot be counted; trouble says why.
    """

    rule: LeaveOut
    takes: Held | None
    trouble: str = ""


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


def in_the_way(space: Workspace) -> str:
    """Why the clean-up in force keeps the data from being built; empty when it does not."""
    if space.version is None:
        return ""
    try:
        space.events()
    except BadChoice as error:
        return error.what
    return ""


def built_version(space: Workspace) -> str | None:
    """The data version; None where nothing is imported, or the clean-up in force keeps it from being built."""
    return None if in_the_way(space) else space.version


@contextmanager
def as_if(space: Workspace, clean_up: CleanUp) -> Iterator[Trial]:
    """The events as this clean-up would have them; nothing is built. Raises BadChoice for a bad rule."""
    for rule in clean_up.leave_out:
        engine.check(rule)
    with trial(space.events(), clean_up) as made:
        yield made


@contextmanager
def everything(space: Workspace) -> Iterator[EverythingImported]:
    """All that was imported, with what is left out put back, by the names in force."""
    with imported(space.events(), clean_up_of(space)[0].names) as made:
        yield made


def effect_of(space: Workspace, clean_up: CleanUp) -> Effect:
    """How many events and customers there would be, against how many there are."""
    with as_if(space, clean_up) as then:
        return Effect(held_by(space.events()), then.held())


def counted(space: Workspace, rules: Sequence[LeaveOut]) -> tuple[Counted, ...]:
    """What each rule takes, one by one; nothing where nothing is imported.

    A rule that cannot be counted says why, so that those in force can be looked at and taken back.
    """
    if built_version(space) is None:
        return tuple(_counted(None, rule) for rule in rules)
    with everything(space) as now:
        return tuple(_counted(now, rule) for rule in rules)


def _counted(now: EverythingImported | None, rule: LeaveOut) -> Counted:
    try:
        engine.check(rule)
        return Counted(rule, now.alone(rule) if now else NOTHING)
    except BadChoice as error:
        return Counted(rule, None, error.what)


def suspicions(space: Workspace) -> tuple[Counted, ...]:
    """What looks like a program or a test and is not left out yet, with its counts.

    What fits more than a fifth of all customers is left away: then the data are like that.
    """
    if built_version(space) is None:
        return ()
    held, _version = clean_up_of(space)
    there = {(rule.what, rule.matches) for rule in held.leave_out}
    found = counted(space, [rule for rule in SUSPICIONS if (rule.what, rule.matches) not in there])
    with everything(space) as now:
        most = max(MOST_SUSPECT * now.everything().customers, 1)
    return tuple(each for each in found if each.takes not in (None, NOTHING) and each.takes.customers <= most)


def raw_names(space: Workspace) -> tuple[RawName, ...]:
    """Every event by the name its exports give it, also those that no question sees.

    Where nothing is imported or can be built, those whose names were changed: that can be taken back.
    """
    held, _version = clean_up_of(space)
    if built_version(space) is None:
        return tuple(
            RawName(raw, shown, shown in held.hidden, 0, 0, None, None) for raw, shown in held.names.items()
        )
    with everything(space) as now:
        return now.raw_names(held.hidden)
