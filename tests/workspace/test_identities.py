"""A cut holds through imports and undos, is refused where it would do nothing, and goes without a trace."""

from __future__ import annotations

import pytest

from journey_app.errors import BadChoice, StaleEdit, UnknownName
from journey_app.vocabulary import CleanUp, Cut, LeaveOut
from journey_app.workspace import identities as deeds
from journey_app.workspace import tidying
from journey_app.workspace.importing import undo
from journey_app.workspace.matching import events_under
from tests.workspace.conftest import NOW

HEAD = "user_id,email,event,timestamp\n"
SHARED = HEAD + "u1,ana@example.com,visit,2026-03-02 09:00\nu2,ana@example.com,visit,2026-03-03 09:00\n"
AGAIN = HEAD + "u2,ana@example.com,pay,2026-03-04 09:00\nu2,ana@example.com,pay,2026-03-05 09:00\n"
LATER = HEAD + "u3,cat@example.com,visit,2026-03-06 09:00\nu3,ana@example.com,visit,2026-03-06 10:00\n"
BY = {"author": "ana", "now": NOW}


@pytest.fixture
def imported(space, put):
    put(space, SHARED, answers=_email())
    return space


def _email():
    from journey_app.vocabulary import Answers

    return Answers(map={"email": "email"})


def people(space):
    """Each customer's ids, as sorted tuples."""
    events = space.events()
    return sorted(tuple(row["raw_ids"]) for row in events.run(events.customers.select("raw_ids")).to_pylist())


def test_a_preview_says_what_a_cut_does_and_stores_nothing(imported):
    before = imported.version
    cut = deeds.cut_of("user_id:u2", "email:ana@example.com")
    preview = deeds.preview_cut(imported, cut)
    assert deeds.customers_with(imported, cut) == 2
    assert [part.raw_ids for part in preview.after] == [
        ("email:ana@example.com", "user_id:u1"),
        ("user_id:u2",),
    ]
    assert (imported.version, deeds.cuts(imported)) == (before, [])


def test_a_cut_holds_after_later_imports_and_after_undoing_one(imported, put):
    cut = Cut("email:ana@example.com", "user_id:u2")
    deeds.cut_apart(imported, cut, **BY)
    parted = [("email:ana@example.com", "user_id:u1"), ("user_id:u2",)]
    assert people(imported) == parted
    batch = put(imported, AGAIN, name="again.csv", answers=_email()).files[0].batch
    assert people(imported) == parted
    undo(imported, batch, **BY)
    assert people(imported) == parted


def test_a_cut_whose_rows_are_undone_waits_for_them(imported, put):
    cut = Cut("email:ana@example.com", "user_id:u2")
    deeds.cut_apart(imported, cut, **BY)
    put(imported, LATER, name="later.csv", answers=_email())
    undo(imported, imported.batches()[0].doc_id, **BY)
    assert ("user_id:u2",) not in people(imported)
    put(imported, SHARED, answers=_email())
    assert ("user_id:u2",) in people(imported)


def test_taking_a_cut_back_gives_the_very_data_from_before(imported):
    before, version = people(imported), imported.version
    cut = Cut("user_id:u1", "user_id:u2")
    deeds.cut_apart(imported, cut, **BY)
    assert ("email:ana@example.com",) not in people(imported) and imported.version != version
    deeds.take_back(imported, cut, **BY)
    assert (people(imported), imported.version) == (before, version)
    deeds.cut_apart(imported, cut, **BY)  # and it can be made again
    assert [held.value for held in deeds.cuts(imported)] == [cut]


def test_a_cut_that_would_do_nothing_is_a_sentence(imported):
    with pytest.raises(UnknownName, match="No id is called “user_id:u9”"):
        deeds.cut_apart(imported, Cut("user_id:u1", "user_id:u9"), **BY)
    with pytest.raises(BadChoice, match="one and the same id"):
        deeds.cut_of("user_id:u1", "user_id:u1")
    with pytest.raises(UnknownName, match="No cut is called “user_id:u1 and user_id:u2”"):
        deeds.take_back(imported, Cut("user_id:u1", "user_id:u2"), **BY)
    deeds.cut_apart(imported, Cut("user_id:u1", "user_id:u2"), **BY)
    with pytest.raises(BadChoice, match="already"):
        deeds.cut_apart(imported, Cut("user_id:u1", "user_id:u2"), **BY)
    assert len(deeds.cuts(imported)) == 1


def test_another_matching_is_built_beside_the_workspace_and_leaves_nothing(imported):
    files = sorted(imported.snapshots.iterdir())
    with events_under(imported, "strict") as events:
        strict = events.run(events.customers.count().as_table()).to_pylist()[0]
        assert list(strict.values()) == [2] and events.version != imported.version
    assert sorted(imported.snapshots.iterdir()) == files


def test_another_matching_is_looked_at_with_a_clean_up_in_force(imported, put):
    put(imported, AGAIN, name="again.csv", answers=_email())
    rule = LeaveOut("event", "^visit$", "Visits", whole_customer=False)
    tidying.save_clean_up(imported, CleanUp((rule,)), based_on=0, carry=False, **BY)
    with events_under(imported, "strict") as events:
        found = events.run(events.customers.select("raw_ids")).to_pylist()
    assert [row["raw_ids"] for row in found] == [["user_id:u2"]]


def test_a_matching_is_adopted_on_the_version_one_saw(imported):
    before = imported.version
    deeds.adopt(imported, "strict", based_on=0, **BY)
    assert (len(people(imported)), deeds.matching(imported).value) == (2, "strict")
    with pytest.raises(StaleEdit, match="ana saved this matching while you were editing"):
        deeds.adopt(imported, "loose", based_on=0, **BY)
    assert imported.ground.shaping.matching == "strict"
    deeds.adopt(imported, "normal", based_on=1, **BY)
    assert imported.version == before
