from contextlib import closing
from datetime import date, timedelta

import pytest

from journey_app.analysis.audit import CHECKS, audit, disagrees
from journey_app.analysis.clock import clock
from journey_app.analysis.grades import AMBER, GRADES, GREEN, RED, explained, grade, worst
from journey_app.decide.repairs import repair
from journey_app.errors import BadChoice
from journey_app.vocabulary import CleanUp, LeaveOut, Telling
from tests.analysis.logs import log, row
from tests.conftest import moment, snapshot_of_context

STEPS = ("signup", "paid")
HOUR = timedelta(hours=1)


def company(days=45, strangers=0, gap=None, vague=0):
    """An hourly visit, 40 sign-ups with a visit before, 40 payers, 25 tickets of which some by strangers.

    gap: hours during which the product says nothing. vague: of the sign-ups, those without a time of day.
    """
    rows = []
    for n in range(24 * days):
        at = moment(1) + n * HOUR + timedelta(minutes=5)
        rows.append(row(f"anonymous_id:v{n % 90}", "visit", at, source="site.pages"))
    for n in range(40):
        at = moment(26 + n // 2, f"{n % 20:02}:30")
        both = [f"anonymous_id:a{n}", f"user_id:u{n}"]
        rows += [
            row(f"anonymous_id:a{n}", "visit", at - HOUR / 2, source="site.pages"),
            row("", "signup", at, source="site.pages", day_only=n < vague) | {"raw_ids": both},
            row(f"u{n}", "paid", at + HOUR, source="till", system="billing"),
            row(f"u{n}", "contact", at, source="crm.list", system="crm"),
        ]
    if gap is not None:
        rows = [r for r in rows if r["source"] != "site.pages" or not gap[0] <= r["occurred_at"] < gap[1]]
    for n in range(25):
        who = f"email:stranger{n}@example.org" if n < strangers else f"u{n}"
        rows.append(row(who, "ticket", moment(40, "10:00"), source="desk", system="support"))
    return rows


@pytest.fixture
def audited(tmp_path):
    made = []

    def ask(rows, steps=STEPS, today=None, people=None, **options):
        """people: system → the user ids that a file of people names."""
        events = log(tmp_path / f"log{len(made)}", rows, people=people)
        made.append(events)
        known = clock(events)
        return audit(events, steps, clock=known, today_wall=today or known.today, **{"untimed": {}} | options)

    yield ask
    for events in made:
        events.close()


@pytest.fixture
def tidied(tmp_path):
    """A function: the audit of a company as it is, and after a clean-up, on the same clock."""

    def ask(rows, clean_up):
        with (
            closing(log(tmp_path / "as_it_is", rows)) as plain,
            closing(log(tmp_path / "c", rows, clean_up)) as c,
        ):
            known = clock(plain)
            words = {"clock": known, "today_wall": known.today, "untimed": {}}
            return audit(plain, STEPS, **words), audit(c, STEPS, **words)

    return ask


@pytest.mark.parametrize(
    "clean_up",
    [
        CleanUp(hidden=("ticket",)),
        CleanUp(hidden=("ticket", "visit", "contact")),
        CleanUp((LeaveOut("event", "^ticket$", "Tickets", whole_customer=False),)),
    ],
)
def test_hiding_an_event_mends_no_tracking(tidied, clean_up):
    before, after = tidied(company(strangers=12, gap=(moment(30), moment(32))), clean_up)
    assert killer(before, "ids do not match").grade == RED == line(before, "support").grade
    assert (after.killers, after.rows) == (before.killers, before.rows)
    assert before.hidden == 0 < after.hidden


def test_who_is_no_customer_is_no_part_of_the_audit(tidied):
    strangers = LeaveOut("ids", "stranger", "People of another company")
    before, after = tidied(company(strangers=6), CleanUp((strangers,)))
    assert line(before, "support").grade == RED
    assert line(after, "support").checks["ids"].reason == "Too few to tell: 19 of the 20 customers needed."
    assert after.hidden == 0


ADS = {"source": "Google Ads", "medium": "cpc", "spend": 12.5, "clicks": 40.0, "currency": "EUR"}


def reporting(folder, rows, today=date(2026, 3, 4)):
    """The audit of a few customers beside a report without people."""
    text = "ana signup 1 09:00\nana paid 2 09:00\n"
    with closing(snapshot_of_context(folder, text, [rows])) as events:
        return audit(events, STEPS, clock=clock(events), today_wall=today, untimed={})


def of_days(*days, **fields):
    return [{"first_day": day, "last_day": day} | fields for day in days]


def test_a_report_of_ads_is_said_and_is_amber_for_it_holds_no_people(tmp_path):
    ads = line(reporting(tmp_path, of_days(date(2026, 3, 1), date(2026, 3, 2), **ADS)), "ads")
    assert (ads.grade, ads.about, ads.where) == (AMBER, "tracked", "Google Ads")
    said = ads.checks["tracked"].reason
    assert "spend (25.00 EUR) and clicks, 1 Mar 2026 to 2 Mar 2026" in said
    assert "which customers came by an ad they can never tell" in said
    assert "utm tags" in ads.do and ads.checks["ids"].grade is None
    mended = repair(ads)
    assert mended is not None and "utm_medium=cpc" in mended.steps[0]


def test_an_old_report_of_ads_is_red_for_its_age(tmp_path):
    ads = line(reporting(tmp_path, of_days(date(2026, 3, 1), **ADS), today=date(2026, 3, 20)), "ads")
    assert (ads.grade, ads.about) == (RED, "fresh") and "it ends on 1 Mar 2026" in ads.do


def test_currencies_and_platforms_are_not_added_up(tmp_path):
    rows = of_days(date(2026, 3, 1), **ADS) + of_days(
        date(2026, 3, 1), source="Meta Ads", medium="paid social", spend=3.0, currency="USD"
    )
    ads = line(reporting(tmp_path, rows), "ads")
    assert (
        "spend (12.50 EUR and 3.00 USD)" in ads.checks["tracked"].reason
        and ads.where == "Google Ads, Meta Ads"
    )


def test_a_report_of_search_is_no_report_of_ads(tmp_path):
    search = {"source": "Search Console", "medium": "organic", "channel": None, "clicks": 40.0}
    ads = line(reporting(tmp_path, of_days(date(2026, 3, 1), **search)), "ads")
    assert (ads.grade, ads.checks["tracked"].reason) == (RED, "Nothing is tracked here.")


def test_visits_that_a_counter_reports_are_amber_where_no_event_tells_of_the_site(tmp_path):
    text = "x@y.com paid 1 09:00 system=billing"
    counter = of_days(date(2026, 3, 1), source="Plausible", channel="google", users=9.0)
    with closing(snapshot_of_context(tmp_path, text, [counter])) as events:
        answer = audit(events, ("paid",), clock=clock(events), today_wall=date(2026, 3, 4), untimed={})
    assert line(answer, "site").grade == AMBER and line(answer, "ads").grade == RED
    assert "users, 1 Mar 2026" in line(answer, "site").checks["tracked"].reason


def test_ads_that_events_tell_of_are_graded_on_the_events(tmp_path):
    text = "ana signup 1 09:00 channel=cpc\nana paid 2 09:00\n"
    with closing(snapshot_of_context(tmp_path, text, [of_days(date(2026, 3, 1), **ADS)])) as events:
        answer = audit(events, STEPS, clock=clock(events), today_wall=date(2026, 3, 4), untimed={})
    assert line(answer, "ads").checks["tracked"].grade == GREEN


def killer(answer, name):
    return next(one for one in answer.killers if one.name == name)


def line(answer, touchpoint):
    return next(one for one in answer.rows if one.touchpoint == touchpoint)


@pytest.mark.parametrize(("strangers", "graded"), [(2, GREEN), (3, AMBER), (5, AMBER), (6, RED)])
def test_tickets_by_people_nobody_knows_turn_amber_above_a_tenth_and_red_above_a_fifth(
    audited, strangers, graded
):
    answer = audited(company(strangers=strangers))
    ids = killer(answer, "ids do not match")
    assert (ids.count, ids.of, ids.grade) == (strangers, 25, graded)
    assert ids.value == pytest.approx(strangers / 25)
    assert line(answer, "support").checks["ids"].grade == graded
    assert f"{strangers} of 25 ticket authors" in ids.sentence


def test_a_ticket_author_known_in_any_system_is_known(audited):
    leads = [f"email:lead{n}@example.org" for n in range(30)]  # in the CRM, not in the product
    rows = [row(lead, "contact", moment(35), source="crm.list", system="crm") for lead in leads]
    rows += [row(lead, "ticket", moment(40, "11:00"), source="desk", system="support") for lead in leads]
    answer = audited(company() + rows)
    assert killer(answer, "ids do not match").grade == GREEN
    assert line(answer, "support").checks["ids"].grade == GREEN


def test_a_few_ids_are_an_anecdote(audited):
    rows = [r for r in company(strangers=12) if r["event"] != "ticket" or "stranger1" in str(r["raw_ids"])]
    answer = audited(rows)
    assert line(answer, "support").checks["ids"].grade is None
    assert killer(answer, "ids do not match").where != "support"


def test_a_gap_in_the_source_of_the_first_step_is_a_killer_with_its_hours(audited):
    answer = audited(company(gap=(moment(40, "14:00"), moment(41, "20:00"))))
    gap = killer(answer, "gap in the funnel")
    assert gap.grade is RED
    assert gap.value == pytest.approx(31)
    assert gap is answer.killers[0]
    assert gap.sentence == "Nothing from site.pages for 31 h, 10 Apr 2026 13:05 to 11 Apr 2026 20:05."
    site = line(answer, "site")
    assert site.checks["gaps"].grade == RED
    assert (site.about, site.do) == ("gaps", "Find out why events stopped on 10 Apr 2026 13:05.")


def test_one_gap_is_counted_at_one_place_and_the_others_point_there(audited):
    answer = audited(company(gap=(moment(40, "14:00"), moment(41, "20:00"))))
    red = [each.touchpoint for each in answer.rows if each.checks["gaps"].grade == RED]
    assert red == ["site"]
    for place in ("app", "signup"):
        pointing = line(answer, place).checks["gaps"]
        assert (pointing.grade, pointing.at) == (None, "site")
        assert "Counted once, at “site”." in pointing.reason


def test_a_gap_in_a_source_that_feeds_no_standard_place_is_counted_at_its_goal_step(audited):
    rows = [row(f"h{n}", "call", moment(1) + n * HOUR, source="hub", system="other") for n in range(24 * 45)]
    rows = [each for each in rows if not moment(40) <= each["occurred_at"] < moment(42)]
    answer = audited(company() + rows, steps=("call", "paid"))
    assert line(answer, "call").checks["gaps"].grade == RED
    assert line(answer, "site").checks["gaps"].grade == GREEN


def test_half_a_day_is_amber_and_a_gap_elsewhere_is_not_the_funnels(audited):
    half = audited(company(gap=(moment(40, "04:00"), moment(40, "18:00"))))
    assert killer(half, "gap in the funnel").grade == AMBER
    other = [
        row(f"c{n}", "mail", moment(1) + n * HOUR, source="mailer", system="email") for n in range(24 * 45)
    ]
    other = [r for r in other if not moment(40) <= r["occurred_at"] < moment(42)]
    answer = audited(company() + other)
    assert killer(answer, "gap in the funnel").grade == GREEN
    assert line(answer, "email").checks["gaps"].grade == RED


def test_a_source_with_rare_events_is_too_quiet_to_tell(audited):
    answer = audited(company())
    assert line(answer, "paid").checks["gaps"].grade is None
    assert "Too quiet" in line(answer, "paid").checks["gaps"].reason


def test_every_grade_names_the_rule_it_was_held_against(audited):
    answer = audited(company(strangers=6, vague=20), untimed={"till": 5})
    assert line(answer, "support").checks["ids"].rule == "ids"
    assert line(answer, "billing").checks["times"].rule == "lost"
    assert line(answer, "signup").checks["times"].rule == "times"
    assert explained("ids").startswith("Red when over 20% of the customers are not matched, amber over 10%:")
    assert explained("gaps").startswith("Red when over 24 hours of silence where at least 7 events")
    graded = [check for each in answer.rows for check in each.checks.values() if check.grade in (RED, AMBER)]
    assert all(check.rule in GRADES for check in graded if "Nothing is tracked" not in check.reason)


# ---------------------------------------------------------------- coverage


@pytest.mark.parametrize(("unseen", "graded"), [(4, GREEN), (5, AMBER), (8, AMBER), (9, RED)])
def test_payers_whom_the_product_never_saw_are_missing_from_the_app(audited, unseen, graded):
    gone = {f"u{n}" for n in range(unseen)}
    rows = [
        each
        for each in company()
        if each["source"] != "site.pages"
        or not any(raw.removeprefix("user_id:") in gone for raw in each["raw_ids"])
    ]
    rows = [each for each in rows if each["event"] != "visit" or ":v" in each["raw_ids"][0]]
    app = line(audited(rows, steps=("paid",)), "app").checks["tracked"]
    assert app.grade == graded
    assert f"{40 - unseen} of 40 payers are seen here." in app.reason


def test_whoever_got_further_should_have_started(audited):
    late = [row(f"email:p{n}@example.org", "paid", moment(44, "10:00"), source="till") for n in range(11)]
    started = line(audited(company() + late), "signup").checks["tracked"]
    assert (started.grade, started.rule) == (RED, "coverage")
    assert "34 of 45 customers who got further are seen here." in started.reason


def test_nobody_has_to_open_a_ticket(audited):
    assert line(audited(company()), "support").checks["tracked"].reason.endswith("Nobody has to pass here.")


# ---------------------------------------------------------------- places that people add


def fair(guests=30, known=30):
    """A fair's guests as a list of its own; `known` of them are customers seen elsewhere too."""
    return [
        row(f"u{n}" if n < known else f"guest{n}", "badge", moment(44, f"{n % 24:02}:10"), source="fair.list",
            system="other", channel="fair")
        for n in range(guests)
    ]  # fmt: skip


def test_an_added_place_is_measured_like_the_others(audited):
    answer = audited(company() + fair(), places={"Trade fair": Telling(sources=("fair.list",))})
    place = line(answer, "Trade fair")
    assert (place.where, place.checks["tracked"].reason) == (
        "fair.list",
        "30 events. Nobody has to pass here.",
    )
    assert (place.checks["ids"].grade, place.checks["times"].grade) == (GREEN, GREEN)
    assert place.checks["ids"].reason == "0 of 30 customers here are seen nowhere else."


def test_guests_whom_nothing_else_knows_are_amber_at_most(audited):
    answer = audited(company() + fair(known=5), places={"Trade fair": Telling(events=("badge",))})
    ids = line(answer, "Trade fair").checks["ids"]
    assert (ids.grade, ids.reason) == (AMBER, "25 of 30 customers here are seen nowhere else.")


def test_a_place_that_customers_should_pass_says_who_does_not(audited):
    telling = Telling(channels=("fair",), of="paid")
    rows = [*company(), *fair(guests=25), row("u39", "badge", moment(1), source="fair.list", channel="fair")]
    tracked = line(audited(rows, places={"Fair": telling}), "Fair").checks["tracked"]
    assert (tracked.grade, tracked.rule) == (RED, "coverage")
    # two of the forty paid after the last badge: their fair may still come
    assert "25 of 38 customers who did “paid” are seen here." in tracked.reason


def test_all_lists_of_a_place_must_match(audited):
    both = Telling(events=("badge",), sources=("crm.list",))
    answer = audited(company() + fair(), places={"Fair": both})
    assert line(answer, "Fair").checks["tracked"].grade == RED
    assert line(answer, "Fair").do == "Import an export that tells of this place."


def test_a_standard_place_can_be_widened(audited):
    answer = audited(company() + fair(), places={"reviews": Telling(sources=("fair.list",))})
    assert line(answer, "reviews").where == "fair.list"


def test_days_without_times_are_red_on_the_way_to_the_goal_and_amber_elsewhere(audited):
    answer = audited(company(vague=20))
    lacking = killer(answer, "events lack a time")
    assert (lacking.count, lacking.of, lacking.grade, lacking.where) == (20, 80, RED, "signup")
    assert line(answer, "signup").checks["times"].grade == RED
    assert line(answer, "app").checks["times"].grade == AMBER  # 20 of 40 sign-ups and their visits


def test_rows_left_out_for_want_of_a_time_count_too(audited):
    answer = audited(company(), untimed={"till": 5})
    lacking = killer(answer, "events lack a time")
    assert (lacking.count, lacking.of, lacking.grade) == (5, 85, RED)  # over one in twenty lost
    assert line(answer, "billing").checks["times"].grade == RED
    assert line(answer, "site").checks["times"].grade == GREEN


def test_sign_ups_without_earlier_visits(audited):
    kept = {f"anonymous_id:a{n}" for n in range(30)}
    rows = [
        r for r in company() if r["event"] != "visit" or r["raw_ids"][0] in kept or ":v" in r["raw_ids"][0]
    ]
    unlinked = killer(audited(rows), "sign-ups without their visits")
    assert (unlinked.count, unlinked.of, unlinked.grade) == (10, 40, RED)
    nameless = [r | {"raw_ids": r["raw_ids"][-1:]} for r in company() if ":v" not in r["raw_ids"][0]]
    nameless = [r for r in nameless if r["event"] != "visit"]
    untold = killer(audited(nameless), "sign-ups without their visits")
    assert (untold.value, untold.grade) == (None, None)


def signing_up(visited):
    """60 customers with an anonymous visit, who sign up on the server and pay. visited: at the sign-up's browser."""
    rows = []
    for n in range(60):
        at = moment(1 + n // 2, f"{n % 20:02}:10")
        browser = f"anonymous_id:x{n}" if visited else f"anonymous_id:y{n}"
        rows += [
            row(f"anonymous_id:x{n}", "visit", at),
            row(f"u{n}", "created", at + HOUR),
            row(f"u{n}", "signup", at + 2 * HOUR),
            row("", "opened", at + 3 * HOUR) | {"raw_ids": [f"user_id:u{n}", browser]},
            row(f"u{n}", "paid", at + 4 * HOUR, source="till", system="billing"),
        ]
    return rows


@pytest.mark.parametrize(("visited", "unlinked", "graded"), [(True, 0, GREEN), (False, 60, RED)])
def test_an_earlier_signed_in_event_is_no_visit(audited, visited, unlinked, graded):
    visits = killer(audited(signing_up(visited)), "sign-ups without their visits")
    assert (visits.count, visits.of, visits.grade) == (unlinked, 60, graded)


def test_a_goal_from_a_visit_to_a_payment_says_that_it_names_no_sign_up(audited):
    answer = audited(signing_up(True), steps=("visit", "paid"))
    visits = killer(answer, "sign-ups without their visits")
    assert (visits.value, visits.grade) == (None, None)
    said = (
        "No step of the goal is a sign-up on the site: add it to the goal to see whether visits are linked."
    )
    assert visits.sentence == said
    assert line(answer, "visit").checks["ids"].reason == said
    named = killer(audited(signing_up(True), steps=("visit", "signup", "paid")), visits.name)
    assert (named.count, named.of, named.grade) == (0, 60, GREEN)


def test_people_in_a_list_who_never_paid_are_no_payers(audited):
    """An export of billing customers with all their payments at 0 brings people, and no payment."""
    people = [f"p{n}" for n in range(60)]
    answer = audited(company(), people={"billing": people})
    assert killer(answer, "ids do not match").grade == GREEN
    assert line(answer, "billing").checks["ids"].reason == "0 of 40 are not known in the CRM."
    assert "of 40 payers are seen here." in line(answer, "app").checks["tracked"].reason


def test_no_gap_is_claimed_only_of_what_can_be_told(audited):
    bills = [row(f"b{n}", "bill", moment(day), source="bills", system="billing") for n, day in
             enumerate((1, 2, 3, 4, 5, 42, 43, 44))]  # fmt: skip
    gap = killer(audited(company() + bills, steps=("visit", "bill")), "gap in the funnel")
    assert (gap.grade, gap.value) == (GREEN, 0.0)
    assert gap.sentence == (
        "No gap of 12 hours or more in site.pages. Too quiet to tell: bills, silent for up to 37 days at a time."
    )
    quiet = killer(audited(company() + bills, steps=("bill",)), "gap in the funnel")
    assert (quiet.grade, quiet.value) == (None, None)
    assert (
        quiet.sentence
        == "Too quiet to tell a gap from an ordinary pause: bills, silent for up to 37 days at a time."
    )


def test_a_rare_step_in_a_lively_source_is_too_quiet_by_itself(audited):
    demos = [row(f"d{n}", "demo", moment(day), source="site.pages") for n, day in enumerate((1, 20, 44))]
    gap = killer(audited(company() + demos, steps=("visit", "demo")), "gap in the funnel")
    assert gap.grade == GREEN
    assert gap.sentence == (
        "No gap of 12 hours or more in site.pages. Too quiet to tell: “demo”, silent for up to 24 days at a time."
    )


@pytest.mark.parametrize(("late", "graded"), [(6, GREEN), (7, AMBER), (13, AMBER), (14, RED)])
def test_freshness_counts_days_since_the_last_complete_one(audited, late, graded):
    rows = company()
    last = date(2026, 3, 1) + timedelta(days=45)
    answer = audited(rows, today=last + timedelta(days=1 + late))
    fresh = line(answer, "site").checks["fresh"]
    assert fresh.grade == graded
    assert fresh.reason == f"Complete to 15 Apr 2026, {late + 1} days ago."


def test_what_is_not_tracked_is_red_and_says_nothing_else(audited):
    answer = audited(company())
    reviews = line(answer, "reviews")
    assert reviews.grade == RED
    assert [reviews.checks[name].grade for name in CHECKS] == [RED, None, None, None, None]
    assert reviews.do == "Import an export that tells of this place."


def test_touchpoints_are_told_apart_by_system_name_and_channel(audited):
    rows = [*company(), row("u1", "visit", moment(30), source="web", channel="Paid_Search")]
    answer = audited(rows)
    assert line(answer, "ads").where == "web"
    assert line(answer, "sales").where == "crm.list"
    assert line(answer, "site").where == "site.pages"  # visitors without a name
    assert line(answer, "app").where == "site.pages, web"  # the sign-ups and their visits


def test_a_step_reached_by_people_who_never_started_shows_ids_that_do_not_match(audited):
    strangers = [
        row(f"email:p{n}@example.org", "paid", moment(44, "10:00"), source="till") for n in range(11)
    ]
    paid = line(audited(company() + strangers), "paid")
    assert paid.checks["ids"].grade == RED
    assert paid.checks["ids"].reason == "11 of 45 never did “signup”."
    assert paid.do == "Send the customer's id or e-mail along with these events."


def test_who_was_a_customer_before_the_data_begins_is_not_a_stranger(audited):
    known = [row(f"old{n}", "visit", moment(2), source="site.pages") for n in range(30)]
    known += [row(f"old{n}", "paid", moment(44, "10:00"), source="till") for n in range(30)]
    assert line(audited(company() + known), "paid").checks["ids"].grade == GREEN


def test_rows_come_worst_first_and_killers_too(audited):
    answer = audited(company(strangers=4))
    order = {RED: 0, AMBER: 1, GREEN: 2, None: 3}
    assert [order[r.grade] for r in answer.rows] == sorted(order[r.grade] for r in answer.rows)
    assert [order[k.grade] for k in answer.killers] == sorted(order[k.grade] for k in answer.killers)
    assert answer.killers[0].name == "ids do not match"


def test_no_steps_no_audit(audited):
    with pytest.raises(BadChoice):
        audited(company(), steps=())


def test_grades_disagree_only_when_both_speak():
    assert disagrees(RED, GREEN)
    assert not disagrees(RED, RED)
    assert not disagrees(None, GREEN)
    assert not disagrees(RED, None)


def test_a_limit_belongs_to_the_better_grade():
    assert [grade("ids", share) for share in (0.1, 0.11, 0.2, 0.21, None)] == [GREEN, AMBER, AMBER, RED, None]
    assert worst([GREEN, None, AMBER]) == AMBER
    assert worst([None]) is None
