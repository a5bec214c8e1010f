"""A log of our own, thirty rows, with every answer worked out by hand before it was asked.

The shop's funnel is Visited shop → Signed up → Paid within 7 days, times in UTC, asked at
2026-03-16 00:00 (the newest row is at 23:15, so 15 March is complete).

who     what happened (March)                                          how far   window
ana     2nd 09:00 visit as web-1, 09:05 sign-up, 09:20 paid            paid      over
ben     2nd 10:00 visit, 10:00 sign-up (a tie), 9th 10:00 paid         paid      over; paid in its last moment
cleo    2nd 11:00 visit twice (one row twice), 3rd sign-up,            signed up over; paid one second late
        10th 11:00:01 paid
dov     3rd visit                                                      visited   over
eli     3rd 08:00 visit as web-5, 08:30 basket, 08:31 sign-up          signed up over
info@   4th visit, an address nobody else has                          visited   over
fay     4th 12:00 paid, signed up, visited: one moment, this order     visited   over
gus     4th 23:30 visit three times (one row), 00:10 sign-up, 00:40    paid      over
hana    14th visit, sign-up                                            signed up open
ivo     15th visit, sign-up, paid                                      paid      not over, nothing to wait for
web-10  15th visit, known by nothing else                              visited   open

visited: 11 customers, 8 of them decided (not hana, ivo, web-10)
signed up: ana ben cleo eli gus hana ivo = 7, decided 5
paid: ana ben gus ivo = 4, decided 3
"""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from journey_app.analysis.catalog import catalog, totals
from journey_app.analysis.clock import clock
from journey_app.analysis.funnel import behind, funnel
from journey_app.analysis.measure import daily
from journey_app.analysis.paths import LEFT, paths
from journey_app.analysis.transitions import transitions
from journey_app.analysis.velocity import velocity
from journey_app.vocabulary import Measure
from tests.conftest import NO_LINKS, event_table, snapshot_of, utc

FILE = Path(__file__).parents[1] / "data" / "corner_shop.csv"
WAY = ["Visited shop", "Signed up", "Paid"]
WEEK = timedelta(days=7)
NOW = utc("2026-03-16 00:00")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    rows = []
    with FILE.open(newline="") as file:
        for line in csv.DictReader(file):
            ids = {"user_id": "customer", "email": "email", "anonymous_id": "anonymous_id"}
            rows.append(
                {
                    "raw_ids": [f"{kind}:{line[column]}" for kind, column in ids.items() if line[column]],
                    "event": line["event"],
                    "occurred_at": datetime.fromisoformat(line["time"]).replace(tzinfo=None),
                    "channel": line["channel"] or None,
                    "amount": float(line["amount"]) if line["amount"] else None,
                }
            )
    snapshot = snapshot_of(tmp_path_factory.mktemp("shop"), [(event_table(rows), NO_LINKS)])
    yield snapshot
    snapshot.close()


def test_every_row_is_an_event_and_eleven_customers_are_known(shop):
    assert (totals(shop).events, totals(shop).customers) == (30, 11)
    counts = {c.event: (c.count, c.customers) for c in catalog(shop)}
    assert counts == {"Visited shop": (14, 11), "Signed up": (8, 8), "Paid": (6, 6), "Opened basket": (2, 2)}


def test_the_data_speaks_until_the_end_of_the_fifteenth(shop):
    assert clock(shop, WAY).now == NOW


def test_the_funnel(shop):
    visited, signed_up, paid = funnel(shop, WAY, WEEK, now=NOW).steps
    assert (visited.customers, visited.decided, visited.open, visited.lost) == (11, 8, 1, 3)
    assert (signed_up.customers, signed_up.decided, signed_up.open, signed_up.lost) == (7, 5, 1, 2)
    assert (paid.customers, paid.decided) == (4, 3)
    assert (signed_up.kept.count, signed_up.kept.of, paid.kept.count, paid.kept.of) == (5, 8, 3, 5)


@pytest.mark.parametrize(
    ("step", "fate", "who"),
    [
        (0, "lost", {"user_id:dov", "user_id:fay", "email:info@example.net"}),
        (0, "open", {"anonymous_id:web-10"}),
        (1, "lost", {"user_id:cleo", "user_id:eli"}),
        (1, "open", {"user_id:hana"}),
        (1, "went on", {"user_id:ana", "user_id:ben", "user_id:gus", "user_id:ivo"}),
    ],
)
def test_who_is_behind_the_numbers(shop, step, fate, who):
    assert {p.key for p in behind(shop, WAY, step, fate, WEEK, now=NOW)} == who


def test_ties_rest_on_two_customers(shop):
    """ben's visit and sign-up share a moment, and so do all three of fay's."""
    numbers = {
        t: [s.customers for s in funnel(shop, WAY, WEEK, now=NOW, ties=t).steps] for t in ("best", "worst")
    }
    assert numbers == {"best": [11, 8, 5], "worst": [11, 6, 3]}


def test_strict_any_and_no_window(shop):
    def numbers(order, within):
        return [s.customers for s in funnel(shop, WAY, within, now=NOW, order=order).steps]

    # strict: gus and cleo visit again first, ana and eli look into the basket; ben, hana, ivo go straight on;
    # ana signs up straight after her visit, but opens the basket before she pays
    assert numbers("strict", WEEK) == [11, 4, 2]
    assert numbers("any", WEEK) == [11, 8, 5]  # fay did all three, cleo paid too late
    assert numbers("ordered", None) == [11, 7, 5]  # without a window cleo's payment counts


def test_the_breakdown_by_channel_at_entry(shop):
    by = funnel(shop, WAY, WEEK, now=NOW, by="channel").by
    assert {part: [s.customers for s in steps] for part, steps in by.items()} == {
        "ads": [5, 3, 1],  # ana dov eli hana web-10
        "mail": [4, 2, 2],  # ben info@ fay gus
        "unknown": [2, 2, 1],  # cleo ivo
    }


def test_how_long_it_takes(shop):
    """To sign up: ben 0, ivo 1, ana 5, hana 10, eli 31, gus 40 minutes, cleo a day.
    To pay: ivo 1, ana 15, gus 30 minutes, ben a week."""
    to_sign_up, to_pay = velocity(shop, WAY, WEEK)
    assert (to_sign_up.customers, to_sign_up.median) == (7, timedelta(minutes=10))
    assert (to_pay.customers, to_pay.median) == (4, timedelta(minutes=22, seconds=30))


def test_entry_days(shop):
    days = daily(shop, Measure("paid", "Visited shop", "Paid", WEEK), now=NOW)
    assert [(d.day.day, d.entered, d.converted, d.decided) for d in days] == [
        (2, 3, 2, 3),
        (3, 2, 0, 2),
        (4, 3, 1, 3),
        (14, 1, 0, 0),
        (15, 2, 0, 0),
    ]
    assert days[0].day == date(2026, 3, 2)


def test_what_follows_a_visit(shop):
    answer = paths(shop, "Visited shop", steps=1, collapse=True)
    assert {(link.target): link.customers for link in answer.links} == {
        "Signed up": 6,  # ana ben cleo gus hana ivo
        LEFT: 4,  # dov info@ fay web-10
        "Opened basket": 1,  # eli
    }


def test_transitions(shop):
    answer = transitions(shop)
    counts = {(t.source, t.target): t.count for t in answer.transitions}
    assert counts == {
        ("Visited shop", "Signed up"): 6,
        ("Visited shop", "Visited shop"): 3,  # cleo once, gus twice
        ("Signed up", "Paid"): 4,  # ben cleo gus ivo
        ("Signed up", "Opened basket"): 1,  # ana, in file order
        ("Opened basket", "Paid"): 1,
        ("Visited shop", "Opened basket"): 1,  # eli
        ("Opened basket", "Signed up"): 1,
        ("Paid", "Signed up"): 1,  # fay
        ("Signed up", "Visited shop"): 1,
    }
    assert answer.starts == {"Visited shop": 10, "Paid": 1}
    assert answer.ends == {"Paid": 5, "Visited shop": 4, "Signed up": 2}
    # ana, ben = ivo, cleo, dov = info@ = web-10, eli, fay, gus, hana
    assert answer.variants == 8
