import pytest

from journey_app.analysis.clock import clock
from journey_app.analysis.friction import friction, people_behind
from journey_app.analysis.worth import way
from tests.analysis.logs import log
from tests.analysis.made_up_company import GOAL, HOUR, made_up


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    made = log(tmp_path_factory.mktemp("company"), made_up(customers=3000))
    yield made
    made.close()


@pytest.fixture(scope="module")
def found(events):
    return friction(events, GOAL, clock=clock(events))


def one(found, kind, place):
    (only,) = [each for each in found if (each.kind, each.place) == (kind, place)]
    return only


def test_every_planted_trouble_is_found_and_nothing_else(found):
    assert {(each.kind, each.place) for each in found} == {
        ("drop_off", "trial"),
        ("drop_off", "project"),
        ("drop_off", "invite"),
        ("error", "import failed"),
        ("ticket", "import failed"),
        ("loop", "retry"),
    }


def test_without_faults_only_drop_offs_are_left(tmp_path):
    for seed in range(3):
        calm = log(tmp_path / str(seed), made_up(customers=1500, seed=seed, faults=False))
        assert {each.kind for each in friction(calm, GOAL, clock=clock(calm))} == {"drop_off"}
        calm.close()


def test_each_number_is_its_list_of_people(events, found):
    for each in found:
        people = people_behind(events, GOAL, each, clock=clock(events))
        assert len(people) == each.customers == len({person.key for person in people})
        assert each.customers == each.rate.count
        assert all(person.entered_at <= person.last_step_at for person in people)


def test_drop_offs_agree_with_the_funnel(events, found):
    known = way(events, GOAL, clock=clock(events))
    for step, name in enumerate(GOAL.steps[:-1]):
        lost = one(found, "drop_off", name)
        assert lost.customers == known.reached[step] - known.reached[step + 1]
        assert lost.worth == known.loss_worth(step)


def test_the_error_costs_what_it_takes_from_those_who_came_as_far(events, found):
    failed = one(found, "error", "import failed")
    assert failed.step == 1  # a project, no invitation yet
    assert failed.rate.share == pytest.approx(0.08, abs=0.02)
    # a tenth of eight in ten invite half as often: 0.08 × about 0.22 × 0.3 pay
    assert failed.worth.middle == pytest.approx(0.08 * 0.22 * 0.3, rel=0.6)
    assert failed.worth.high > 0
    assert (failed.measure.start, failed.measure.outcome) == ("import failed", "invite")
    assert failed.measure.within.days <= 7


def test_tickets_are_counted_after_the_event_and_only_where_they_are_more(found):
    tickets = one(found, "ticket", "import failed")
    assert tickets.rate.share == pytest.approx(1 / 3, abs=0.12)
    assert tickets.rate.of == one(found, "error", "import failed").customers
    assert "after other events" in tickets.sentence


def test_a_slow_step_is_one_with_a_long_tail(tmp_path):
    rows = []
    for n, row in enumerate(made_up(customers=1500, faults=False)):
        if row["event"] == "invite":
            # every third takes four days more: a third beyond three medians, not an eighth
            row = row | {"occurred_at": row["occurred_at"] + (96 * HOUR if n % 3 == 0 else 0 * HOUR)}
        rows.append(row)
    slow_log = log(tmp_path, rows)
    known = clock(slow_log)
    (lag,) = [each for each in friction(slow_log, GOAL, clock=known) if each.kind == "lag"]
    assert lag.place == "project"
    assert lag.rate.share == pytest.approx(1 / 3, abs=0.06)
    assert len(people_behind(slow_log, GOAL, lag, clock=known)) == lag.customers
    slow_log.close()


def test_ranked_by_what_it_costs_the_goal(found):
    costs = [each.worth.middle if each.worth else 0.0 for each in found]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > 0


def test_others_narrows_what_is_looked_at(events):
    found = friction(events, GOAL, clock=clock(events), others=["retry"])
    assert {each.kind for each in found} == {"drop_off", "loop"}


def test_few_people_are_no_friction(tmp_path):
    small = log(tmp_path, made_up(customers=40))
    assert [each for each in friction(small, GOAL, clock=clock(small)) if each.customers < 20] == []
    small.close()


def test_nobody_on_the_way_no_friction(tmp_path):
    rows = [r for r in made_up(customers=60) if r["event"] != "trial"]
    last = max(rows, key=lambda r: r["occurred_at"])
    rows.append(last | {"event": "trial", "raw_ids": ["user_id:new"]})
    young = log(tmp_path, rows)
    assert friction(young, GOAL, clock=clock(young)) == ()
    young.close()


def test_a_ticket_before_the_event_is_not_about_it(diary):
    lines = []
    for n in range(60):
        lines += [f"c{n} trial 1 09:00", f"c{n} oops 2 09:00", f"c{n} calm 3 09:00", f"c{n} calmer 9 09:00"]
        if n < 30:
            lines.append(f"c{n} ticket 2 12:00 system=support source=desk")
    for n in range(40):  # decided, but three days after have not passed
        lines += [f"n{n} trial 16 09:00", f"n{n} oops 29 09:00"]
    lines += ["e project 1 09:00", "e invite 1 10:00", "e paid 1 11:00", "e calm 30 23:30"]
    lines += ["e ticket 30 23:40 system=support source=desk"]
    events = diary("\n".join(lines))
    found = [each for each in friction(events, GOAL, clock=clock(events)) if each.kind == "ticket"]
    counts = {each.place: (each.rate.count, each.rate.of) for each in found}
    assert counts["oops"] == (30, 60)
    assert "calm" not in counts
    assert "calmer" not in counts


def test_what_happens_after_the_goal_was_not_on_the_way(diary):
    lines = ["e calm 30 23:30"]
    for n in range(30):
        lines += [f"c{n} trial 1 09:00", f"c{n} early_error 1 09:30", f"c{n} project 1 10:00"]
        lines += [f"c{n} invite 1 11:00", f"c{n} paid 1 12:00", f"c{n} late_error 1 13:00"]
    events = diary("\n".join(lines))
    found = friction(events, GOAL, clock=clock(events))
    assert {each.place for each in found if each.kind == "error"} == {"early error"}
