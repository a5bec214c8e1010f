from dataclasses import replace
from datetime import timedelta

import pytest

from journey_app.analysis.audit import Audit, Killer, audit
from journey_app.analysis.clock import clock
from journey_app.analysis.findings import findings
from journey_app.analysis.worth import way
from journey_app.vocabulary import Filter
from tests.analysis.logs import log, row
from tests.analysis.made_up_company import GOAL, STEPS, made_up
from tests.conftest import moment

CLEAN = Audit((), ())
TROUBLE = 0.95 * 0.95 * 0.85  # what failed imports, circling and reading help leave of the invitations


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    made = log(tmp_path_factory.mktemp("company"), made_up())
    yield made
    made.close()


@pytest.fixture(scope="module")
def found(events):
    return findings(events, GOAL, clock=clock(events), audit=CLEAN)


def kind(found, name):
    return [one for one in found if one.kind == name]


def test_the_worst_step_is_the_one_with_the_largest_loss_to_the_goal(events, found):
    (worst,) = kind(found, "worst_step")
    known = way(events, GOAL, clock=clock(events))
    assert worst.place == "paid"
    assert worst.customers == known.reached[2] - known.reached[3]
    assert worst.claim.endswith(f"{worst.customers:,} of {known.reached[2]:,}.")
    assert worst.effect == known.loss_worth(2)
    assert all(known.loss_worth(step).middle < worst.effect.middle for step in (0, 1))
    assert (worst.measure.start, worst.measure.outcome) == ("invite", "paid")


def test_the_planted_gap_between_devices_is_found_at_its_step_only(found):
    (gap,) = kind(found, "widest_gap")
    assert gap.place == "invite"
    assert gap.rate.share == pytest.approx(0.3 * TROUBLE, abs=0.05)
    assert gap.rate.of - gap.rate.count == gap.customers
    assert "on mobile" in gap.claim
    assert "on desktop" in gap.claim
    assert len(gap.claim) < 85
    # 0.4 reach it on mobile, the gap is 0.3, 0.3 of them go on to pay
    assert gap.effect.middle == pytest.approx(0.4 * 0.3 * TROUBLE * 0.3, rel=0.3)
    assert 0 < gap.effect.low < gap.effect.middle < gap.effect.high
    assert gap.measure.where == (Filter("device", ("mobile",)),)
    assert gap.measure.within <= timedelta(days=7)


def test_twelve_weeks_stand_beside_each_finding(found):
    for one in found:
        assert len(one.weeks) == 12
        known = [share for share in one.weeks if share is not None]
        assert len(known) >= 11
        assert sum(known) / len(known) == pytest.approx(one.rate.share, abs=0.06)


@pytest.mark.parametrize("seed", range(5))
def test_devices_that_do_not_differ_make_no_finding(tmp_path, seed):
    events = log(tmp_path, made_up(customers=1000, seed=seed, mobile_share=0.6, faults=False))
    assert kind(findings(events, GOAL, clock=clock(events), audit=CLEAN), "widest_gap") == []
    events.close()


def by_channel(converted):
    """Three hundred customers of each channel, of whom so many make a project; nothing else differs."""
    rows = [row("end", "end of day", moment(40, "23:30"))]
    for channel, did in converted.items():
        for n in range(300):
            who, at = f"{channel}{n}", moment(1 + n % 20, "09:00")
            rows.append(row(who, "trial", at, channel=channel))
            if n < did:
                rows.append(row(who, "project", at + timedelta(hours=1), channel=channel))
    rows += [row("c00", step, moment(3, "09:00"), channel="c0") for step in ("invite", "paid")]
    return rows


def test_one_of_many_channels_stands_out_by_chance_and_one_of_two_does_not(tmp_path):
    lucky = {"c0": 150, "c1": 182}
    two = log(tmp_path / "two", by_channel(lucky))
    (gap,) = kind(findings(two, GOAL, clock=clock(two), audit=CLEAN), "widest_gap")
    assert "on c0" in gap.claim and "on c1" in gap.claim
    eight = log(tmp_path / "eight", by_channel({**lucky, **{f"c{n}": 150 for n in range(2, 8)}}))
    assert kind(findings(eight, GOAL, clock=clock(eight), audit=CLEAN), "widest_gap") == []
    two.close()
    eight.close()


def test_a_value_with_fewer_than_a_hundred_customers_is_not_compared(tmp_path):
    events = log(tmp_path, made_up(customers=220, mobile_share=0.0))
    assert kind(findings(events, GOAL, clock=clock(events), audit=CLEAN), "widest_gap") == []
    events.close()


def test_red_data_comes_first_and_amber_data_does_not_come(events):
    red = Killer(
        "ids do not match",
        0.3,
        0.2,
        "share",
        "R",
        "30 of 100 payers are not known in the CRM.",
        30,
        100,
        "billing",
    )
    amber = replace(red, grade="A", sentence="Nothing to see.")
    found = findings(events, GOAL, clock=clock(events), audit=Audit((red, amber), ()))
    assert sorted(one.kind for one in found) == ["red_data", "widest_gap", "worst_step"]
    first = found[0]
    assert (first.claim, first.place, first.customers, first.effect) == (red.sentence, "billing", 30, None)
    assert (first.rate.count, first.rate.of) == (30, 100)


def test_findings_come_in_the_order_of_their_effect(events):
    whole = audit(events, STEPS, clock=clock(events), today_wall=clock(events).today, untimed={})
    found = findings(events, GOAL, clock=clock(events), audit=whole)
    middles = [one.effect.middle for one in found if one.effect]
    assert len(middles) == 2
    assert middles == sorted(middles, reverse=True)


def test_only_the_goals_own_population_is_looked_at(events):
    only = replace(GOAL, measure=replace(GOAL.measure, where=(Filter("device", ("mobile",)),)))
    found = findings(events, only, clock=clock(events), audit=CLEAN)
    assert kind(found, "widest_gap") == []
    (worst,) = kind(found, "worst_step")
    assert worst.measure.where == (Filter("device", ("mobile",)),)
    assert worst.place == "invite"  # everyone together loses more at paid
    assert worst.rate.share == pytest.approx(0.3 * TROUBLE, abs=0.05)
