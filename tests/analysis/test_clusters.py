from datetime import timedelta

import numpy as np
import pytest

from journey_app.analysis.clock import clock
from journey_app.analysis.clusters import clusters, members
from journey_app.analysis.weekone import week_one
from journey_app.errors import NothingYet, UnknownName
from journey_app.vocabulary import Measure
from tests.analysis.logs import log, row
from tests.conftest import moment

STEPS = ("signup", "project", "paid")
PAYING = Measure("sign-up to paid", "signup", "paid", timedelta(days=14))
HOUR = timedelta(hours=1)
KINDS = {"reader": 250, "builder": 200, "ghost": 150}


def kinds(numbers=KINDS, seed=3):
    """Readers read a lot, builders build and pay (half of them), ghosts only sign up."""
    rng = np.random.default_rng(seed)
    rows = []
    for kind, many in numbers.items():
        for n in range(many):
            who, at = f"{kind}{n:03}", moment(1) + timedelta(days=float(rng.uniform(0, 30)))
            rows.append(row(who, "signup", at))
            habits = {"reader": {"article read": 14}, "builder": {"task done": 12, "project": 2}}
            for event, most in habits.get(kind, {}).items():
                for k in range(int(rng.integers(most // 2, most))):
                    rows.append(row(who, event, at + (1 + k * 5) * HOUR))
            if rng.random() < {"builder": 0.5, "reader": 0.1}.get(kind, 0):
                rows.append(row(who, "paid", at + 100 * HOUR, system="billing"))
                rows.append(row(who, "invoice", at + 101 * HOUR, system="billing"))
    rows.append(row("end", "over", moment(60, "23:30")))
    return rows


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    made = log(tmp_path_factory.mktemp("kinds"), kinds())
    yield made
    made.close()


@pytest.fixture(scope="module")
def found(events):
    return clusters(events, STEPS, clock=clock(events), measure=PAYING)


def test_the_planted_kinds_come_out_largest_first_with_their_names(found):
    assert [one.customers for one in found.clusters] == sorted(KINDS.values(), reverse=True)
    assert [one.number for one in found.clusters] == [1, 2, 3]
    readers, builders, ghosts = found.clusters
    assert readers.name.startswith("Many: ")
    assert "article read" in readers.name
    assert "project" in builders.name
    assert "task done" in builders.more
    assert ghosts.name.startswith("Few: ")
    assert len({one.name for one in found.clusters}) == 3
    assert found.customers == sum(KINDS.values())
    assert found.stability > 0.95


def test_every_kind_is_the_people_it_should_be(events, found):
    for one, kind in zip(found.clusters, KINDS, strict=True):
        people = members(events, found, one.number, clock=clock(events))
        assert {person.key.rstrip("0123456789") for person in people} == {f"user_id:{kind}"}
        assert len(people) == one.customers


def test_conversion_of_a_kind_stands_beside_the_rest(found):
    readers, builders, ghosts = found.clusters
    assert builders.converted.of == 200
    assert builders.converted.share == pytest.approx(0.5, abs=0.1)
    assert builders.rest.of == 400
    assert builders.rest.count == readers.converted.count
    assert ghosts.converted.count == 0


def test_open_windows_are_not_counted_as_lost(tmp_path):
    rows = [r for r in kinds() if r["event"] != "over"]
    rows.append(row("end", "over", moment(38, "23:30")))
    events = log(tmp_path, rows)
    found = clusters(events, STEPS, clock=clock(events), measure=PAYING)
    assert sum(one.customers for one in found.clusters) == 600  # every first week is over on day 38
    assert sum(one.converted.of for one in found.clusters) < 550  # not everyone's fourteen days are
    events.close()


def test_the_goal_and_the_books_are_no_features(found):
    assert set(found.model.features) == {
        "article read",
        "project",
        "task done",
        "Steps done",
        "Active days",
        "Different features",
    }


def test_the_first_steps_are_the_most_common_ones(found):
    readers, builders, ghosts = found.clusters
    assert readers.first_steps == ("signup", "article read")
    assert set(builders.first_steps) == {"signup", "project", "task done"}
    assert ghosts.first_steps == ("signup",)


def test_the_same_seed_gives_the_same_kinds(events, found):
    assert clusters(events, STEPS, clock=clock(events), measure=PAYING) == found


def test_without_a_measure_the_last_step_is_left_out_and_no_rate_is_told(events, found):
    bare = clusters(events, STEPS, clock=clock(events))
    assert bare.model == found.model
    assert {one.converted for one in bare.clusters} == {None}


def test_too_few_customers_are_refused_with_what_is_needed(tmp_path):
    events = log(tmp_path, kinds({"reader": 150, "builder": 149}))
    with pytest.raises(NothingYet) as refused:
        clusters(events, STEPS, clock=clock(events))
    assert "299 customers" in refused.value.what
    assert "300" in refused.value.do
    events.close()


def test_customers_who_all_do_the_same_have_no_kinds(tmp_path):
    events = log(tmp_path, kinds({"ghost": 400}))
    with pytest.raises(NothingYet, match="nearly the same"):
        clusters(events, ("signup",), clock=clock(events))
    events.close()


def test_there_is_no_cluster_nine(events, found):
    with pytest.raises(UnknownName):
        members(events, found, 9, clock=clock(events))


def test_kinds_hold_still_when_newer_customers_arrive(events, found, tmp_path):
    newer = [row(f"new{n}", "signup", moment(40)) for n in range(50)]
    later = log(tmp_path, kinds() + newer)
    ghosts = members(later, found, 3, clock=clock(later))
    assert len(ghosts) == KINDS["ghost"] + 50
    later.close()


def test_a_shop_that_has_only_its_books_is_read_from_them(tmp_path):
    rows = [r | {"system": "billing"} for r in kinds()]
    events = log(tmp_path, rows)
    found = clusters(events, STEPS, clock=clock(events), measure=PAYING)
    assert "article read" in found.model.features
    one = found.clusters[0]
    assert len(members(events, found, 1, clock=clock(events))) == one.customers
    events.close()


def test_the_first_week_is_counted_by_hand(diary):
    events = diary("""
        ana before 1 09:00
        ana signup 2 09:00
        ana read   2 10:00
        ana read   5 10:00
        ana build  9 08:59
        ana late   9 09:00
        ana signup 5 11:00
        bob signup 2 09:00
        bob paid   3 09:00
        new signup 35 09:00
        end over   39 23:30
    """)
    week = week_one(events, ("signup", "build", "paid"), now=clock(events).now, without=("paid",))
    assert week.features == ("build", "read", "Steps done", "Active days", "Different features")
    assert week.raw.tolist() == [[1, 2, 1.0, 3, 2], [0, 0, 0.5, 1 + 1, 0]]
    assert week.firsts == (("signup", "read", "build"), ("signup", "paid"))
