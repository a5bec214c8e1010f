"""Places that people say they do not have: they count nowhere, and data that tell of them are said."""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta

import pytest

from journey_app.analysis.audit import NOTHING_TO_DO, audit
from journey_app.analysis.clock import clock
from journey_app.analysis.grades import GREEN, RED
from journey_app.decide.repairs import repair
from journey_app.vocabulary import Telling
from tests.analysis.logs import row
from tests.analysis.test_audit import (  # noqa: F401 — a fixture is among them
    ADS,
    STEPS,
    audited,
    company,
    fair,
    killer,
    line,
    of_days,
)
from tests.conftest import moment, snapshot_of_context

HOUR = timedelta(hours=1)


def test_a_place_that_is_not_ours_has_no_colour_comes_last_and_asks_for_nothing(audited):  # noqa: F811
    answer = audited(company(), not_ours=("reviews", "email"))
    assert [each.touchpoint for each in answer.rows[-2:]] == ["email", "reviews"]
    for place in ("email", "reviews"):
        found = line(answer, place)
        assert (found.not_ours, found.grade, found.about, found.do) == (True, None, None, NOTHING_TO_DO)
        assert {check.grade for check in found.checks.values()} == {None} and repair(found) is None
    assert line(answer, "ads").grade == RED, "nobody said so of the ads"


def test_its_ids_are_no_killer_and_its_events_are_said(audited):  # noqa: F811
    rows = company(strangers=12)
    assert killer(audited(rows), "ids do not match").where == "support"
    answer = audited(rows, not_ours=("support",))
    ids = killer(answer, "ids do not match")
    assert (ids.where, ids.grade) != ("support", RED) and ids.where != "support"
    support = line(answer, "support")
    assert (support.against, support.where) == ("25 events tell", "desk")
    assert support.do == "You said there is none, but 25 events tell of it."


@pytest.mark.parametrize(("place", "red"), [("sales", None), ("billing", "product"), ("app", "billing")])
def test_nobody_has_to_be_known_in_a_place_that_is_not_there(audited, place, red):  # noqa: F811
    unknown = {f"user_id:u{n}" for n in range(10)}
    rows = [each for each in company() if each["event"] != "contact" or not unknown & set(each["raw_ids"])]
    assert killer(audited(rows), "ids do not match").grade == RED, "10 of 40 are not in the CRM"
    ids = killer(audited(rows, not_ours=(place,)), "ids do not match")
    assert (ids.where if ids.grade == RED else None) == red


def test_where_nobody_is_left_to_be_matched_that_is_the_reason(audited):  # noqa: F811
    rows = [each for each in company() if each["event"] in ("visit", "signup", "ticket")]
    assert killer(audited(rows), "ids do not match").value is not None
    ids = killer(audited(rows, not_ours=("support",)), "ids do not match")
    assert (ids.value, ids.sentence) == (
        None,
        "Of the places you have, none has customers that another must know.",
    )


def test_without_a_site_no_sign_up_misses_its_visits(audited):  # noqa: F811
    rows = [each for each in company() if each["event"] != "visit" or ":v" in each["raw_ids"][0]]
    before, after = audited(rows), audited(rows, not_ours=("site",))
    assert (
        killer(before, "sign-ups without their visits").grade
        == RED
        == line(before, "signup").checks["ids"].grade
    )
    unlinked = killer(after, "sign-ups without their visits")
    assert (unlinked.value, unlinked.grade) == (None, None) and "no site" in unlinked.sentence
    assert line(after, "signup").checks["ids"].grade is None


def test_a_gap_of_a_source_that_others_tell_of_too_is_counted_at_one_that_is_ours(audited):  # noqa: F811
    answer = audited(company(gap=(moment(40, "14:00"), moment(41, "20:00"))), not_ours=("site",))
    red = [each.touchpoint for each in answer.rows if each.checks["gaps"].grade == RED]
    assert red == ["app"]
    assert line(answer, "signup").checks["gaps"].at == "app"


def test_the_goals_own_gap_stays_a_killer_whatever_its_place_is_called(audited):  # noqa: F811
    rows = company(gap=(moment(40, "14:00"), moment(41, "20:00")))
    assert killer(audited(rows, not_ours=("site", "app")), "gap in the funnel").grade == RED
    alone = audited(rows, not_ours=("site", "app"))
    assert line(alone, "signup").checks["gaps"].grade == RED


def test_a_goal_step_is_ours_even_when_it_is_called_like_a_touchpoint(audited):  # noqa: F811
    rows = [*company(), *[row(f"u{n}", "sales", moment(41, "10:00"), source="crm.list") for n in range(30)]]
    assert not line(audited(rows, steps=("signup", "sales"), not_ours=("sales",)), "sales").not_ours


def test_a_report_speaks_against_it_too(tmp_path):
    text = "ana signup 1 09:00\nana paid 2 09:00\n"
    with closing(snapshot_of_context(tmp_path, text, [of_days(date(2026, 3, 1), **ADS)])) as events:
        answer = audit(
            events,
            STEPS,
            clock=clock(events),
            today_wall=date(2026, 3, 4),
            untimed={},
            not_ours=("ads", "email"),
        )
    assert line(answer, "ads").do == "You said there is none, but reports tell of it."
    assert (line(answer, "ads").where, line(answer, "email").against) == ("Google Ads", "")


def test_events_that_people_said_tell_of_it_speak_against_it(audited):  # noqa: F811
    places = {"reviews": Telling(sources=("fair.list",))}
    answer = audited(company() + fair(guests=1), places=places, not_ours=("reviews",))
    assert line(answer, "reviews").do == "You said there is none, but 1 event tells of it."


def test_everything_else_is_measured_as_before(audited):  # noqa: F811
    rows = company(vague=20)
    before, after = audited(rows), audited(rows, not_ours=("reviews",))
    assert after.killers == before.killers
    ours = [each for each in before.rows if each.touchpoint != "reviews"]
    assert list(after.rows[:-1]) == ours and line(after, "billing").grade == GREEN
