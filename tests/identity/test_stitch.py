"""Who is one customer: a story for every rule, then what must hold for any ids whatever."""

import random
from collections import defaultdict
from time import process_time

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_app.identity.stitch import JUNK, SEPARATOR, Refusal, stitch
from journey_app.vocabulary import MATCHINGS, Cut
from tests import by_hand


def id_sets(rows, systems=None):
    return pa.table(
        {
            "raw_ids": pa.array(rows, pa.list_(pa.string())),
            "system": pa.array(systems or ["product"] * len(rows), pa.string()),
            "seen": pa.array([1] * len(rows), pa.int64()),
        }
    )


def rows_of(text):
    """One set of ids a line; u1, e1, p1, a1, t1 stand for user, e-mail, phone, anonymous and tool ids."""
    kinds = {"u": "user_id", "e": "email", "p": "phone", "a": "anonymous_id", "t": "crm_contact"}
    return [[f"{kinds[word[0]]}:{word[1:]}" for word in line.split()] for line in text.strip().splitlines()]


def told(text):
    return stitch(id_sets(rows_of(text)))


def homes(stitched, rows):
    """The customer's key, row by row."""
    number = dict(zip(stitched.who["ids"].to_pylist(), stitched.who["customer_id"].to_pylist(), strict=True))
    keys = stitched.customers["key"].to_pylist()
    return [keys[number[SEPARATOR.join(row)]] for row in rows]


def homes_in(text):
    return homes(told(text), rows_of(text))


# ---------------------------------------------------------------- what joins


def test_ids_seen_together_are_one_customer_through_any_chain():
    assert (
        homes_in("""
        u1 e1
        e1 p1
        p1 t1
        t1
    """)
        == ["user_id:1"] * 4
    )


def test_customers_never_seen_together_stay_apart():
    assert homes_in("u1\nu2\ne1") == ["user_id:1", "user_id:2", "email:1"]


def test_a_browser_belongs_to_the_one_known_customer_it_was_seen_with():
    assert homes_in("""
        a1
        a1 u1
        a2
    """) == ["user_id:1", "user_id:1", "anonymous_id:2"]


def test_a_shared_device_joins_nobody_and_its_own_visits_are_nobody_s():
    text = """
        a1 u1
        a1 u2
        a1
    """
    assert homes_in(text) == ["user_id:1", "user_id:2", "anonymous_id:1"]
    assert told(text).refused == (Refusal("anonymous_id:1", "shared device", 2),)


def test_a_device_shared_by_two_names_of_one_customer_is_not_shared():
    assert (
        homes_in("""
        a1 u1
        a1 e1
        u1 e1
        a1
    """)
        == ["user_id:1"] * 4
    )


def test_an_owned_browser_speaks_before_one_nobody_owns():
    assert homes_in("""
        a2 u1
        a1 a2
    """) == ["user_id:1", "user_id:1"]


# ---------------------------------------------------------------- what joins nobody

ROLE_MAILBOX = "u1 e99\nu2 e99\nu3 e99\nu4 e99"


def test_a_role_mailbox_joins_nobody():
    stitched = told(ROLE_MAILBOX)
    assert homes(stitched, rows_of(ROLE_MAILBOX)) == [f"user_id:{n}" for n in (1, 2, 3, 4)]
    assert [r.raw_id for r in stitched.refused] == ["email:99"]
    assert (stitched.refused[0].reason, stitched.refused[0].customers) == ("shared id", 4)


def test_three_users_of_one_address_are_still_one_customer():
    assert homes_in("u1 e1\nu2 e1\nu3 e1") == ["user_id:1"] * 3


def test_neighbours_of_different_kinds_do_not_add_up():
    assert set(homes_in("u1 e1 p1\nu1 e2 p2\nu1 e3 p3")) == {"user_id:1"}


def test_a_row_goes_to_its_strongest_id_when_its_ids_disagree():
    """The mailbox cannot say whose row it is; a name that is followed can, however weak."""
    text = ROLE_MAILBOX + "\na7 e99\np5 e99\ne99"
    assert homes_in(text)[4:] == ["anonymous_id:7", "phone:5", "email:99"]


def test_a_row_with_only_refused_ids_is_its_strongest_id_s():
    text = ROLE_MAILBOX + "\na1 u1\na1 u2\na1 e99\na1\ne99"
    stitched = told(text)
    assert homes(stitched, rows_of(text))[6:] == ["email:99", "anonymous_id:1", "email:99"]
    keys = stitched.customers["key"].to_pylist()
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("nothing", ["null", "NULL", "undefined", "0", "", "(not set)", "Unknown"])
def test_a_value_that_says_nothing_joins_nobody(nothing):
    rows = [[f"user_id:{nothing}", "email:a@example.com"], [f"user_id:{nothing}", "email:b@example.com"]]
    stitched = stitch(id_sets(rows))
    assert homes(stitched, rows) == ["email:a@example.com", "email:b@example.com"]
    assert stitched.refused == (Refusal(f"user_id:{nothing}", "junk id", 2),)


def test_browsers_seen_with_nothing_but_junk_stay_apart():
    rows = [["user_id:null", "anonymous_id:1"], ["user_id:null", "anonymous_id:2"]]
    assert homes(stitch(id_sets(rows)), rows) == ["anonymous_id:1", "anonymous_id:2"]


def test_junk_is_written_the_way_it_is_compared():
    assert all(word == word.lower() for word in JUNK)


# ---------------------------------------------------------------- what is said about a customer


def test_a_customer_is_named_by_the_strongest_id_and_known_by_the_address():
    stitched = stitch(
        id_sets(
            [
                ["anonymous_id:x", "email:b@example.com"],
                ["email:b@example.com", "user_id:9"],
                ["user_id:9", "email:a@example.com"],
                ["crm_contact:5"],
            ],
            ["product", "crm", "billing", "crm"],
        )
    )
    assert stitched.customers.to_pylist() == [
        {
            "customer_id": 0,
            "key": "crm_contact:5",
            "label": "5",
            "raw_ids": ["crm_contact:5"],
            "systems": ["crm"],
        },
        {
            "customer_id": 1,
            "key": "user_id:9",
            "label": "a@example.com",
            "raw_ids": ["anonymous_id:x", "email:a@example.com", "email:b@example.com", "user_id:9"],
            "systems": ["billing", "crm", "product"],
        },
    ]


def test_a_value_may_hold_colons():
    assert stitch(id_sets([["user_id:urn:x:7"]])).customers["label"].to_pylist() == ["urn:x:7"]


def test_nobody_at_all_is_a_stitching_too():
    stitched = stitch(id_sets([]))
    assert (stitched.who.num_rows, stitched.customers.num_rows, stitched.refused) == (0, 0, ())


def test_a_set_without_ids_says_nothing():
    assert stitch(id_sets([[], ["user_id:1"]])).customers["key"].to_pylist() == ["user_id:1"]


# ---------------------------------------------------------------- for any ids

SMALL_IDS = st.tuples(
    st.sampled_from(["user_id", "email", "phone", "anonymous_id", "crm_contact"]),
    st.sampled_from([*"12345", "null"]),
).map(":".join)
ANY_SETS = st.lists(st.lists(SMALL_IDS, min_size=1, max_size=4, unique=True), min_size=1, max_size=30)


def partition(labels):
    """Which rows belong together, without the names."""
    groups = defaultdict(set)
    for row, label in enumerate(labels):
        groups[label].add(row)
    return set(map(frozenset, groups.values()))


@given(rows=ANY_SETS)
def test_customers_equal_joining_by_hand(rows):
    assert partition(homes(stitch(id_sets(rows)), rows)) == partition(by_hand.groups(rows))


@given(rows=ANY_SETS, chance=st.randoms(use_true_random=False))
def test_the_order_of_rows_and_of_ids_in_them_makes_no_difference(rows, chance):
    first = stitch(id_sets(rows))
    turned = [chance.sample(row, len(row)) for row in rows]
    order = chance.sample(range(len(rows)), len(rows))
    second = stitch(id_sets([turned[n] for n in order]))
    assert first.customers.equals(second.customers)
    assert first.refused == second.refused
    assert homes(second, turned) == homes(first, rows)


@given(rows=ANY_SETS)
def test_saying_it_twice_changes_nothing(rows):
    once, twice = stitch(id_sets(rows)), stitch(id_sets(rows * 2))
    assert (once.customers.equals(twice.customers), once.who.equals(twice.who)) == (True, True)
    assert once.refused == twice.refused


@given(rows=ANY_SETS)
def test_keys_are_unique_ids_of_their_customer_and_nobody_is_missing(rows):
    stitched = stitch(id_sets(rows))
    customers = stitched.customers.to_pylist()
    assert len({c["key"] for c in customers}) == len(customers)
    assert all(c["key"] in c["raw_ids"] for c in customers)
    assert [c["key"] for c in customers] == sorted(c["key"] for c in customers)
    assert set(stitched.who["customer_id"].to_pylist()) == set(range(len(customers)))
    assert set(stitched.who["ids"].to_pylist()) == {SEPARATOR.join(row) for row in rows}
    followed = {raw for c in customers for raw in c["raw_ids"]} | {r.raw_id for r in stitched.refused}
    assert followed == {raw for row in rows for raw in row}


def test_two_hundred_thousand_ids_take_a_moment():
    """Measured 0.2 s of processor time; a slip back to a loop over rows costs seven times that."""
    chance = random.Random(1)
    rows = []
    for n in range(1, 66_668):
        device = f"anonymous_id:{chance.getrandbits(64):x}"
        rows += [[f"user_id:{n}", f"email:p{n}@example.com", device], [device]]
    rows += [[f"user_id:{n}", "email:info@example.org"] for n in range(1, 5001)]
    sets = id_sets(rows)
    started = process_time()
    stitched = stitch(sets)
    assert process_time() - started < 3
    assert stitched.customers.num_rows == 66_667
    assert [r.customers for r in stitched.refused if r.raw_id == "email:info@example.org"] == [5000]


def test_a_guest_who_gets_a_new_record_with_every_order_is_one_customer_still():
    """Six orders, six customer records, one address; and a mailbox on eleven records is a role."""
    orders = [["email:ana@example.com", f"stripe_customer:{n}"] for n in range(1, 7)]
    assert stitch(id_sets(orders)).customers.num_rows == 1
    role = [["email:billing@example.com", f"stripe_customer:{n}"] for n in range(1, 12)]
    stitched = stitch(id_sets(role))
    assert [refusal.raw_id for refusal in stitched.refused] == ["email:billing@example.com"]
    assert stitched.customers.num_rows == 11


# ---------------------------------------------------------------- cuts, explicit links and matchings


def homes_cut(text, *cuts, reasons=None, matching="normal"):
    """As homes_in; cuts like “u1 e1”, reasons one word a line."""
    rows = rows_of(text)
    sets = id_sets(rows).append_column("reason", pa.array((reasons or "together " * len(rows)).split()))
    pairs = [Cut(*sorted(rows_of(cut)[0])) for cut in cuts]
    return homes(stitch(sets, pairs, matching), rows)


def test_a_cut_parts_two_ids_of_one_row_and_the_rest_goes_with_the_nearer():
    text = "u1 e1\ne1 p1\nu2 e1\nu2 p2\np1\np2"
    assert homes_cut(text, "u2 e1") == [
        "user_id:1",
        "user_id:1",
        "user_id:2",
        "user_id:2",
        "user_id:1",
        "user_id:2",
    ]


def test_what_is_equally_far_from_both_is_a_third_customer():
    text = "u1 e1\nu2 e1\ne1\ne1 p1"
    assert homes_cut(text, "u1 u2") == ["user_id:1", "user_id:2", "email:1", "email:1"]


def test_a_cut_through_a_chain_holds_and_new_rows_do_not_mend_it():
    text = "u1 e1\ne1 e2\ne2 u2\ne1\ne2"
    parted = ["user_id:1", "user_id:1", "user_id:2", "user_id:1", "user_id:2"]
    assert homes_cut(text, "u1 u2") == parted
    assert homes_cut(text + "\nu1 u2\nu1 u2 p9", "u1 u2")[:3] == ["user_id:1", "user_id:1", "user_id:2"]


def test_a_browser_cut_from_its_owner_keeps_its_own_visits():
    assert homes_cut("a1 u1\na1\na2 u1\na2", "a1 u1") == [
        "user_id:1",
        "anonymous_id:1",
        "user_id:1",
        "user_id:1",
    ]


def test_of_two_browsers_cut_from_each_other_neither_is_given_to_the_one_who_would_get_both():
    assert homes_cut("a1 u1\na1\na2 u1\na2", "a1 a2") == [
        "user_id:1",
        "anonymous_id:1",
        "user_id:1",
        "anonymous_id:2",
    ]


def test_an_id_no_row_speaks_for_any_more_is_nobodys_and_says_so():
    stitched = stitch(id_sets(rows_of("u1 e1")), [Cut("email:1", "user_id:1")])
    assert stitched.customers["raw_ids"].to_pylist() == [["user_id:1"]]
    assert [(r.raw_id, r.reason) for r in stitched.refused] == [("email:1", "cut off")]


def test_only_an_alias_or_a_merge_joins_two_browsers_and_they_are_given_as_one():
    text = "a1 a2\na1\na2"
    assert len(set(homes_cut(text)[1:])) == 2
    for word in ("alias", "merge"):
        assert set(homes_cut(text, reasons=f"{word} together together")) == {"anonymous_id:1"}
        told = homes_cut(text + "\na2 u1", reasons=f"{word} together together together")
        assert set(told) == {"user_id:1"}
    assert len(set(homes_cut(text, reasons="identify together together")[1:])) == 2


def test_a_browser_an_alias_names_is_still_shared_when_two_people_use_it():
    assert homes_cut("a1 u1\na1 u2\na1", reasons="alias together together") == [
        "user_id:1",
        "user_id:2",
        "anonymous_id:1",
    ]


def test_an_alias_file_may_join_many_and_a_hundred_and_one_are_too_many():
    for many, customers in ((100, 1), (101, 102)):
        rows = [["user_id:1", f"user_id:old{n}"] for n in range(many)] + [
            [f"user_id:old{n}"] for n in range(many)
        ]
        sets = id_sets([*rows, ["user_id:1"]])
        found = stitch(sets.append_column("reason", pa.array(["alias"] * len(sets)))).customers
        assert found.num_rows == customers


def test_a_desk_is_one_persons_until_a_second_name_stands_beside_it():
    one = [["email:info@shop.example", "user_id:1"]]
    assert stitch(id_sets(one)).customers.num_rows == 1
    stitched = stitch(id_sets([*one, ["email:info@shop.example", "user_id:2"]]))
    assert [(r.raw_id, r.reason) for r in stitched.refused] == [("email:info@shop.example", "role mailbox")]
    assert stitch(id_sets([["email:information@shop.example", f"user_id:{n}"] for n in (1, 2)])).refused == ()


def test_strict_follows_only_what_a_file_states():
    text = "u1 e1\nu1 p1\ne1\np1"
    told = homes_cut(text, reasons="identify together together together", matching="strict")
    assert told == ["user_id:1", "user_id:1", "user_id:1", "phone:1"]


def test_loose_lets_a_household_be_one_and_a_till_not():
    assert set(homes_cut("a1 u1\na1 u2\na1 u3\na1", matching="loose")) == {"user_id:1"}
    assert len(set(homes_cut("a1 u1\na1 u2\na1 u3\na1 u4\na1", matching="loose"))) == 5


def test_how_many_came_within_a_day_is_told():
    rows = [["anonymous_id:till", f"user_id:{n}"] for n in range(1, 7)]
    hours = [0, 5, 23, 60, 200, 210]
    at = pa.array([3_600_000_000 * hour for hour in hours], pa.timestamp("us"))
    stitched = stitch(id_sets(rows).append_column("first_at", at))
    assert stitched.refused == (Refusal("anonymous_id:till", "shared device", 6, in_a_day=3),)


REASONS = st.sampled_from(["seen together", "identify", "alias", "merge"])


@st.composite
def worlds(draw):
    """Any sets with any reasons, some cuts among their ids, and a matching."""
    rows = draw(ANY_SETS)
    raw = sorted({each for row in rows for each in row})
    pairs = st.tuples(st.sampled_from(raw), st.sampled_from(raw)).map(lambda pair: tuple(sorted(pair)))
    cuts = draw(st.lists(pairs.filter(lambda pair: pair[0] != pair[1]), max_size=4)) if len(raw) > 1 else []
    reasons = draw(st.lists(REASONS, min_size=len(rows), max_size=len(rows)))
    return rows, reasons, cuts, draw(st.sampled_from(MATCHINGS))


def stitched_world(rows, reasons, cuts, matching):
    sets = id_sets(rows).append_column("reason", pa.array(reasons, pa.string()))
    return stitch(sets, [Cut(*cut) for cut in cuts], matching)


@given(world=worlds())
def test_cuts_and_matchings_equal_the_same_rules_by_hand(world):
    rows, reasons, cuts, matching = world
    found = partition(homes(stitched_world(*world), rows))
    assert found == partition(by_hand.groups(rows, cuts=cuts, reasons=reasons, matching=matching))


@given(world=worlds())
def test_what_is_cut_is_never_one_customer(world):
    rows, _reasons, cuts, _matching = world
    stitched = stitched_world(*world)
    customers = [set(raw_ids) for raw_ids in stitched.customers["raw_ids"].to_pylist()]
    assert not [cut for cut in cuts for ids in customers if set(cut) <= ids]
    followed = {raw for ids in customers for raw in ids} | {r.raw_id for r in stitched.refused}
    assert followed == {raw for row in rows for raw in row}


@given(world=worlds(), chance=st.randoms(use_true_random=False))
def test_neither_order_nor_saying_it_twice_changes_what_cuts_do(world, chance):
    rows, reasons, cuts, matching = world
    order = [*chance.sample(range(len(rows)), len(rows)), 0]
    turned = [chance.sample(rows[n], len(rows[n])) for n in order], [reasons[n] for n in order]
    first, second = stitched_world(*world), stitched_world(*turned, cuts[::-1], matching)
    assert first.customers.equals(second.customers) and first.refused == second.refused
