"""Nothing personal and no small group leaves: in the stored document, and in the page made of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from journey_app.analysis.funnel import Funnel, Step
from journey_app.plain import from_plain, to_plain
from journey_app.share.frozen import Frozen, masked, people
from journey_app.share.report import report_html
from journey_app.stats.rates import rate
from journey_app.vocabulary import Verdict, Word
from tests.share.canary import CANARIES, CHANGE, FINDING, frozen


@pytest.mark.parametrize("canary", CANARIES)
def test_what_is_planted_everywhere_is_in_neither_document_nor_page(canary):
    report = frozen()
    stored = json.dumps(to_plain(report), ensure_ascii=False)
    assert canary not in stored
    assert canary not in report_html(report)
    assert canary not in report_html(from_plain(Frozen, json.loads(stored)))


def test_what_is_allowed_is_still_there():
    page = report_html(frozen())
    for said in (
        "13.2%",
        "Most stop after",
        "1,764",
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


def test_markup_in_a_name_stays_text():
    page = report_html(frozen(title="<script>alert(1)</script>"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_file_needs_nothing_from_outside():
    page = report_html(frozen())
    for outside in ("http:", "https:", "src=", "@import", "url("):
        assert outside not in page
