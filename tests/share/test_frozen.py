"""Nothing personal and no small group leaves: in the stored document, and in the page made of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_app.analysis.funnel import Funnel, Step
from journey_app.decide.goal import pace
from journey_app.plain import from_plain, to_plain
from journey_app.share.frozen import Frozen, masked
from journey_app.share.report import report_html
from journey_app.share.rounding import claim_of, people, shown
from journey_app.stats.rates import rate
from journey_app.vocabulary import Verdict, Word
from tests.share.canary import CANARIES, CHANGE, DAY, FINDING, GOAL, frozen


@pytest.mark.parametrize("canary", CANARIES)
def test_what_is_planted_everywhere_is_in_neither_document_nor_page(canary):
    report = frozen()
    stored = json.dumps(to_plain(report), ensure_ascii=False)
    assert canary not in stored
    assert canary not in report_html(report)
    assert canary not in report_html(from_plain(Frozen, json.loads(stored)))


def test_a_report_of_before_there_were_warnings_still_opens():
    stored = to_plain(frozen())
    del stored["warnings"]
    assert from_plain(Frozen, stored).warnings == ()


def test_what_is_allowed_is_still_there():
    page = report_html(frozen())
    for said in (
        "13.2%",
        "Most stop after",
        "1,765",
        "3,310",
        "+1.1 to +2.4",
        "Running",
        "Trial (e-mail) (id)",
        "a41f",
    ):
        assert said in page.replace("\u00a0", " "), said


@pytest.mark.parametrize(
    "words",
    ["ga4_page_view", "checkout_v2", "purchase_step2", "11 Sep 2026 14:09", "1,764 of 3,312", "2026-05-18"],
)
def test_ordinary_words_and_counts_are_left_alone(words):
    assert masked(words) == words


def test_a_small_group_is_not_written_out_anywhere():
    steps = (Step("Trial", 200, 0, 200, 197, None), Step("Paid", 3, 0, 3, None, rate(3, 200)))
    few = replace(FINDING, claim="3 of 200 did it.", customers=3, rate=rate(3, 200))
    week = Verdict(Word.CANNOT_TELL, "3 converted of 200.", "Wait.", before=rate(90, 800), after=rate(3, 200))
    report = frozen(
        current=rate(3, 200), funnel=Funnel(steps, rate(3, 200)), findings=[few], weeks=[(CHANGE, week)]
    )

    assert report.steps[1].customers == "fewer than 5"
    assert report.steps[1].kept is None, "1.5 % of 200 is three people"
    assert report.steps[1].width == 0.01, "a bar as long as 3 of 200 says so too"
    assert report.now is None
    assert "1.5%" not in report.claim
    assert report.findings == ()
    assert report.weeks[0].line == "Too few customers to show."
    assert "1.5" not in report_html(report).split("<body>")[1]


def test_almost_everybody_leaves_a_small_group_too():
    assert frozen(current=rate(198, 200)).now is None
    assert frozen(current=rate(100, 200)).now is not None


def test_a_count_of_none_is_a_count():
    assert [people(0), people(1), people(4), people(5)] == ["0", "fewer than 5", "fewer than 5", "5"]
    assert [people(7), people(8), people(97), people(1_003)] == ["5", "10", "95", "1,005"]


def way(*numbers: int, waiting: int = 0) -> Funnel:
    """A funnel of these many customers; of those who do not go on, so many still have time."""
    steps = []
    for place, here in enumerate(numbers):
        last = place == len(numbers) - 1
        gone = 0 if last else here - numbers[place + 1]
        still = min(waiting, gone)
        kept = rate(here, numbers[place - 1]) if place else None
        steps.append(
            Step(f"step {'abcdef'[place]}", here, still, here - still, None if last else gone - still, kept)
        )
    return Funnel(tuple(steps), rate(numbers[-1], numbers[0]))


def counts_in(report: Frozen) -> list[int]:
    """Every whole number of people that a reader of the document sees."""
    written = [report.still_open, *(n.of for n in numbers_in(report))]
    written += [said for step in report.steps for said in (step.customers, step.lost or "0")]
    written += [
        said for f in report.findings for said in (f.customers or "0", *re.findall(r"\d[\d,]*", f.claim))
    ]
    return [int(said.replace(",", "")) for said in written if "fewer" not in said]


def numbers_in(report: Frozen):
    found = [report.now, *(s.kept for s in report.steps), *(f.number for f in report.findings)]
    return [number for number in found if number is not None]


@pytest.mark.parametrize("lost", [1, 2])
def test_nobody_can_tell_how_many_of_a_few_were_lost(lost):
    told = frozen(funnel=way(100, 100 - lost, 50), findings=[], current=rate(50, 100))
    assert [step.customers for step in told.steps] == ["100", "100", "50"]
    assert told.steps[1].lost == "fewer than 5"
    assert told.steps == frozen(funnel=way(100, 98, 50), findings=[], current=rate(50, 100)).steps


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.integers(0, 3_000), min_size=2, max_size=5),
    st.integers(0, 40),
    st.integers(0, 60),
    st.integers(1, 60),
)
def test_no_numbers_shown_give_a_small_group_by_adding_or_subtracting(numbers, waiting, count, more):
    told = rate(count, count + more)
    finding = replace(
        FINDING, claim=f"People stop: {count:,} of {count + more:,}.", customers=count, rate=told
    )
    numbers = sorted(numbers, reverse=True)
    report = frozen(funnel=way(*numbers, waiting=waiting), findings=[finding], current=told)
    seen = counts_in(report)
    assert all(number % 5 == 0 for number in seen)  # so is every sum and difference of them
    for number in numbers_in(report):
        of = int(number.of.replace(",", ""))
        if of < 500:
            assert round(number.share * of, 6) % 5 == 0
    widths = [
        step.width * max(int(report.steps[0].customers.replace(",", "") or 0), 1)
        for step in report.steps
        if "fewer" not in step.customers + report.steps[0].customers
    ]
    assert all(abs(width - 5 * round(width / 5)) <= 0.0005 * numbers[0] + 0.01 for width in widths)


def test_a_share_of_many_is_what_the_pages_say_and_of_some_is_of_rounded_counts():
    assert shown(rate(663, 5_003)) == rate(663, 5_003)
    assert shown(rate(47, 98)) == rate(45, 100)
    assert shown(rate(95, 98)) is None


def test_a_claims_own_counts_are_rounded_and_its_names_are_not():
    said = replace(
        FINDING, claim="After “Step 97” 40% on mobile go on: 38 of 97.", customers=59, rate=rate(38, 97)
    )
    assert claim_of(said) == "After “Step 97” 40% on mobile go on: 40 of 95."


def started(count: int, of: int, target: float = 0.5) -> Frozen:
    """A report two weeks after a goal was set whose start was measured on so many."""
    goal = replace(GOAL, start=rate(count, of), target_share=target)
    now = rate(660, 5000)
    return frozen(goal=goal, current=now, pace=pace(goal, now, DAY + timedelta(days=14)))


@pytest.mark.parametrize(("count", "of"), [(3, 80), (1, 4), (78, 80), (2, 3)])
def test_a_goals_start_measured_on_a_few_is_not_told_nor_what_gives_it_away(count, of):
    told = started(count, of, 0.99)
    assert (told.start_share, told.needed_today) == (None, None)
    page = report_html(told).split("<body>")[1]
    assert "start: too few customers to show" in page and "needed today" not in page
    assert f"{count / of:.1%}" not in page
    assert report_html(from_plain(Frozen, json.loads(json.dumps(to_plain(told)))))


@settings(deadline=None)
@given(st.integers(5, 200), st.integers(5, 200))
def test_a_goals_start_is_told_of_rounded_counts_alone(count, more):
    """Target, dates and what is needed today must not lead back to the exact share either."""
    told, plain = started(count, count + more, 0.99), shown(rate(count, count + more))
    assert plain is not None and told.start_share == plain.share
    gone = 14 / (GOAL.by - GOAL.set_on).days
    assert told.needed_today == pytest.approx(plain.share + gone * (0.99 - plain.share))


def test_a_goals_start_that_nobody_reached_is_a_start():
    assert started(0, 80).start_share == 0.0


def test_markup_in_a_name_stays_text():
    page = report_html(frozen(title="<script>alert(1)</script>"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_file_needs_nothing_from_outside():
    page = report_html(frozen())
    for outside in ("http:", "https:", "src=", "@import", "url("):
        assert outside not in page
