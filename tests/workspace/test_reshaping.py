"""Decisions about ids and events that are saved at the same moment are all in the data, and in one snapshot."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest

from journey_app.engine.embedded import open_snapshot
from journey_app.errors import BadChoice
from journey_app.vocabulary import CleanUp, Cut, LeaveOut
from journey_app.workspace import identities as deeds
from journey_app.workspace import reshaping, tidying
from tests.workspace.conftest import NOW

BY = {"author": "ana", "now": NOW}
SHARED = (
    "user_id,email,event,timestamp\n"
    "u1,ana@example.com,visit,2026-03-02 09:00\n"
    "u2,ana@example.com,visit,2026-03-03 09:00\n"
    "u3,bob@acme.com,visit,2026-03-03 09:00\n"
    "u4,cat@north.com,visit,2026-03-03 09:00\n"
    "u5,cat@north.com,visit,2026-03-04 09:00\n"
)
ANA = Cut("email:ana@example.com", "user_id:u2")
CAT = Cut("email:cat@north.com", "user_id:u5")
ACME = CleanUp((LeaveOut("ids", r"@acme\.com$", "Colleagues"),))


@pytest.fixture
def imported(space, put):
    put(space, SHARED)
    return space


def clean(space):
    return tidying.save_clean_up(space, ACME, based_on=0, carry=False, **BY)


DECISIONS = {
    "a cut": lambda space: deeds.cut_apart(space, ANA, **BY),
    "another cut": lambda space: deeds.cut_apart(space, CAT, **BY),
    "a clean-up": clean,
    "a matching": lambda space: deeds.adopt(space, "loose", based_on=0, **BY),
}


def pointed_at(space):
    return space.store.get("pointer", "snapshot").body["version"]


def people(space, version):
    """The customers of the snapshot of a version, as it lies there: nothing is built for the question."""
    events = open_snapshot(space.snapshot_file(version), space.limits)
    return sorted(tuple(row["raw_ids"]) for row in events.run(events.customers.select("raw_ids")).to_pylist())


# Of two equal decisions the second one is refused.
@pytest.mark.parametrize(("late", "early"), list(permutations(DECISIONS, 2)))
def test_a_decision_that_had_to_wait_keeps_the_one_that_came_before(imported, monkeypatch, late, early):
    really, about_to, go = reshaping.alone, threading.Event(), threading.Event()

    def held_up(*args, **named):
        if threading.current_thread().name == "late":
            about_to.set()
            assert go.wait(20)
        return really(*args, **named)

    monkeypatch.setattr(reshaping, "alone", held_up)
    built = []
    thread = threading.Thread(target=lambda: built.append(DECISIONS[late](imported)), name="late")
    thread.start()
    assert about_to.wait(20)
    DECISIONS[early](imported)
    go.set()
    thread.join(20)
    assert [b.version for b in built] == [imported.version] == [pointed_at(imported)]
    assert built[0].customers == len(people(imported, imported.version))


def test_many_who_decide_at_once_end_with_one_snapshot_of_everything(imported):
    def insist(decide):
        for _ in range(200):
            try:
                return decide(imported)
            except BadChoice:  # another one decides just now
                time.sleep(0.02)
        raise AssertionError("never came to its turn")

    with ThreadPoolExecutor(len(DECISIONS)) as pool:
        list(pool.map(insist, DECISIONS.values()))
    assert pointed_at(imported) == imported.version
    parted = people(imported, imported.version)
    assert ("user_id:u2",) in parted and ("user_id:u5",) in parted
    assert not any("email:bob@acme.com" in ids for ids in parted)
    assert imported.ground.shaping.matching == "loose"
    for cut in (ANA, CAT):
        deeds.take_back(imported, cut, **BY)
        assert pointed_at(imported) == imported.version


def test_a_decision_that_is_not_what_was_built_is_not_kept(imported):
    version = imported.version
    with pytest.raises(ValueError, match="was built with"):
        reshaping.reshape(imported, lambda shaping: shaping, lambda: _save(imported), **BY)
    assert (imported.version, deeds.matching(imported)) == (version, None)


def _save(space):
    space.save("matching", "matching", {"matching": "loose"}, based_on=0, **BY)
