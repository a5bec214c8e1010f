"""The made-up company has known answers: what the pages and commands claim to find, they find.

One truth, one test; the truths themselves stand in sample_data/README.md. The company is made at
full size once, for a fixed date.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from journey_app.analysis.audit import audit
from journey_app.analysis.clusters import clusters
from journey_app.analysis.customer import find_customers
from journey_app.analysis.findings import findings
from journey_app.analysis.friction import friction
from journey_app.analysis.funnel import behind, funnel
from journey_app.analysis.goal import measure_goal
from journey_app.analysis.matches import match_rates
from journey_app.analysis.series import goal_clock, measured
from journey_app.decide.judging import judged, measures_of
from journey_app.sample import STEPS, TO_PAID, load_sample
from journey_app.settings import Settings
from journey_app.vocabulary import Filter, Word
from journey_app.workspace import decisions
from journey_app.workspace.home import open_workspace
from journey_app.workspace.remembering import untimed
from sample_data.make_company import make_company

UNTIL = date(2026, 11, 2)
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
pytestmark = pytest.mark.xdist_group("company")


class Company:
    """The company as a workspace, with its goal and clock, and what is planted in it."""

    def __init__(self, home: Path) -> None:
        load_sample(Settings(home=home), until=UNTIL, now=NOW)
        self.truths = make_company(home.parent / "files", UNTIL).truths
        self.space = open_workspace("northwind", Settings(home=home))
        self.events = self.space.events()
        held = decisions.goal(self.space)
        assert held is not None
        self.goal = held.value
        self.clock = goal_clock(self.events, self.goal)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return Company(tmp_path_factory.mktemp("company") / "home")


def test_the_data_reach_the_day_before(company: Company):
    assert company.clock.last_day == UNTIL - timedelta(days=1)


def test_the_goal_stands_where_the_company_was_made_to_stand(company: Company):
    now = measure_goal(company.events, TO_PAID, clock=company.clock).now
    assert now is not None and now.low < company.truths.cohort.paid_share < now.high
    assert company.goal.target_share > now.high


def test_the_mobile_drop_after_the_release_is_the_widest_gap(company: Company):
    truths = company.truths.drop
    checked = audit(
        company.events, STEPS, clock=company.clock, today_wall=UNTIL, untimed=untimed(company.space)
    )
    gaps = [
        f
        for f in findings(company.events, company.goal, clock=company.clock, audit=checked)
        if f.kind == "widest_gap"
    ]
    assert gaps and gaps[0].place == truths.outcome
    assert gaps[0].measure is not None
    assert gaps[0].measure.where == (Filter("device", ("mobile",)),)
    before, after = (
        funnel(
            company.events,
            [truths.start, truths.outcome],
            truths.within,
            now=company.clock.now,
            by="device",
            since=first,
            until=last,
        ).by["mobile"][1]
        for first, last in (
            (company.truths.first_day, truths.release_day - timedelta(days=4)),
            (truths.release_day, None),
        )
    )
    assert before.kept is not None and after.kept is not None
    assert before.kept.share == pytest.approx(truths.share_before, abs=0.03)
    assert after.kept.share == pytest.approx(truths.share_after, abs=0.03)


def test_customers_who_use_many_features_pay_about_three_times_as_often(company: Company):
    """The kinds that do more different things convert far more often than those that do few."""
    found = clusters(company.events, STEPS, clock=company.clock, measure=TO_PAID)
    many = [k for k in found.clusters if "Different features" in k.more and "Checkout opened" not in k.more]
    few = [k for k in found.clusters if "Different features" in k.less]
    rates = [k.converted.share for k in many if k.converted], [k.converted.share for k in few if k.converted]
    assert rates[0] and rates[1]
    assert max(rates[0]) > 2.4 * min(rates[1])
    assert all(kind.customers > 0 for kind in found.clusters)


def test_two_people_at_one_office_computer_stay_two(company: Company):
    truths = company.truths.never_merge
    first, second = (find_customers(company.events, user)[0] for user in truths.user_ids)
    assert first.key != second.key
    assert {f"email:{mail}" for mail in truths.emails} == {
        raw for person in (first, second) for raw in person.raw_ids if raw.startswith("email:")
    }
    shared = find_customers(company.events, truths.anonymous_id)
    assert all(person.key not in (first.key, second.key) for person in shared)


def test_a_role_mailbox_joins_nobody(company: Company):
    truths = company.truths.never_merge
    customers = [
        p for p in find_customers(company.events, "cus_", 5000) if f"email:{truths.role_mailbox}" in p.raw_ids
    ]
    joined = {raw for person in customers for raw in person.raw_ids if raw.startswith("stripe_customer:")}
    assert len(joined) <= 1


def test_the_tracking_gap_is_found_to_the_hour(company: Company):
    truths = company.truths.gap
    series = measured(company.events, [TO_PAID])[0]
    found = [gap for gap in series.gaps if gap.source == "segment.tracks"]
    assert len(found) == 1
    assert abs(found[0].started_at - truths.starts_at) < timedelta(hours=1)
    assert found[0].ended_at is not None and abs(found[0].ended_at - truths.ends_at) < timedelta(hours=1)


def test_unmatched_ticket_authors_stop_everything(company: Company):
    truths = company.truths.matching
    killers = audit(
        company.events, STEPS, clock=company.clock, today_wall=UNTIL, untimed=untimed(company.space)
    ).killers
    ids = next(killer for killer in killers if killer.where == "support")
    assert ids.grade == "R" and ids.value == pytest.approx(truths.unknown_requester_share, abs=0.01)
    payers = next(m for m in match_rates(company.events) if (m.system, m.other) == ("billing", "crm"))
    assert payers.matched / payers.customers > 0.9


def test_week_one_improved_and_week_two_is_never_called_improved(company: Company):
    every = [held.value for held in decisions.sprints(company.space)]
    series = measured(company.events, measures_of(every[0]), goal=every[0].goal)
    answer = judged(every[0], series, company.space.timezone, every)
    first, second = (verdict for _change, verdict in answer.weeks[:2])
    assert first.word is Word.IMPROVED, first.reason
    assert first.effect is not None and first.effect.low < company.truths.week_one.lift < first.effect.high
    assert second.word in (Word.CANNOT_TELL, Word.NO_CHANGE), second.reason
    assert second.effect is not None and second.effect.low < 0 < second.effect.high


def test_import_failed_is_a_friction_with_tickets_after_it(company: Company):
    truths = company.truths.friction
    found = friction(company.events, company.goal, clock=company.clock)
    at_import = {each.kind: each for each in found if each.place == truths.event}
    assert set(at_import) >= {"error", "ticket"}
    assert at_import["ticket"].rate.share == pytest.approx(truths.ticket_share, abs=0.04)


def test_every_number_of_the_goals_funnel_opens_as_many_people(company: Company):
    answer = funnel(company.events, STEPS, TO_PAID.within, now=company.clock.now)
    for number, step in enumerate(answer.steps[:-1]):
        for fate, count in (("reached", step.customers), ("lost", step.lost), ("open", step.open)):
            people = behind(company.events, STEPS, number, fate, TO_PAID.within, now=company.clock.now)
            assert len(people) == count, (step.event, fate)


def test_importing_the_later_export_adds_only_what_is_new(tmp_path: Path):
    """Last week's exports, then this week's: the end is the same as importing this week's alone."""
    from journey_app.workspace.importing import import_files

    small = {"customers": 600}
    settings = Settings(home=tmp_path / "home")
    early = load_sample(settings, until=UNTIL, now=NOW, through=UNTIL - timedelta(days=8), **small)
    later = make_company(tmp_path / "later", UNTIL, **small)
    space = open_workspace("northwind", settings)
    files = [(file, file.name) for file in later.files]
    both = import_files(space, files, author="test", now=NOW)
    assert early.events < both.events
    alone = open_workspace("alone", settings, create=True, now=NOW)
    once = import_files(alone, files, author="test", now=NOW)
    assert (both.events, both.customers) == (once.events, once.customers)
