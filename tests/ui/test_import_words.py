"""What the Import page claims, word by word."""

from __future__ import annotations

from datetime import datetime

import pytest

from journey_app.errors import BadFile
from journey_app.ui.import_cards import detail, first_events, trouble_card
from journey_app.ui.import_words import done_claim, match_line, tray_claim
from journey_app.vocabulary import Imported, ImportReport, MatchRate
from journey_app.workspace.previewing import SeenEvent

NAMES = {"billing": "billing", "crm": "CRM"}


def seen(**given) -> SeenEvent:
    plain = {"at": datetime.fromisoformat("2026-05-19T21:58"), "day_only": False, "customer": "cus_8f21"}
    plain |= {"event": "Signed up", "source": "x.y"}
    plain |= dict.fromkeys(("channel", "device", "amount", "currency", "text"))
    return SeenEvent(**{**plain, **given})


@pytest.mark.parametrize(
    ("states", "events", "customers", "new", "said"),
    [
        (["ready"] * 3 + ["asked"], 61_284, 5_912, True,
         "Three files are ready, one has a question. 61,284 events from 5,912 customers."),
        (["ready"], 1, 1, True, "One file is ready. 1 event from 1 customer."),
        (["ready", "failed", "failed"], 0, 0, False,
         "One file is ready, two cannot be used. All of it was imported before."),
        (["ready"], 0, 0, True, "One file is ready. They say who is who."),
        (["unmapped"], 0, 0, False, "One file needs its columns named."),
        (["ready"] * 12, 5, 2, True, "12 files are ready. 5 events from 2 customers."),
    ],
)  # fmt: skip
def test_the_claim_counts_what_is_ready_and_what_is_not(states, events, customers, new, said):
    assert tray_claim(states, events, customers, new) == said


def test_after_storing_new_and_held_are_told_apart():
    report = ImportReport("a.csv", "x", 5, 3, 0, 2, "b1")
    assert (
        done_claim(Imported((report,), 9, 30, "v"))
        == "Stored 3 new events: there are now 30, of 9 customers."
    )
    none_new = Imported((ImportReport("a.csv", "x", 5, 0, 0, 5, "b1"),), 9, 30, "v")
    assert done_claim(none_new).startswith("Stored, and no event was new")


def test_the_poorest_match_is_named_and_too_few_say_nothing():
    rates = [MatchRate("billing", "crm", 100, 73), MatchRate("billing", "product", 100, 95)]
    assert match_line(rates, NAMES, verb="will be") == (
        "The match rate billing ↔ CRM will be 73% (73 of 100), below the 80% it needs: see the audit."
    )
    assert "is 95%" in match_line(rates[1:], NAMES, verb="is")
    assert match_line([MatchRate("billing", "crm", 19, 0)], NAMES, verb="is") == ""


def test_events_read_in_the_workspace_s_time_and_a_guess_says_so():
    html = first_events([(seen(), "Segment", False), (seen(day_only=True), "HubSpot", True)], "Europe/Berlin")
    assert "When (Berlin, 2026)" in html and "19\u00a0May\u00a023:58" in html
    assert "19\u00a0May (a guess)" in html


def test_two_years_put_the_year_into_every_row():
    rows = [(seen(), "Segment", False), (seen(at=datetime.fromisoformat("2025-05-01")), "Segment", False)]
    html = first_events(rows, "UTC")
    assert "When (UTC)<" in html and "1\u00a0May\u00a02025" in html


def test_what_customers_wrote_is_only_ever_text():
    html = first_events([(seen(event="<img src=x onerror=alert(1)>", text="<b>hi</b>"), "<i>", False)], "UTC")
    assert "<img" not in html and "<b>" not in html and "<i>" not in html
    assert "<script" not in trouble_card("<script>", "t", BadFile("<script>", "<script>"))


def test_money_comes_before_words_and_words_before_the_channel():
    assert detail(seen(amount=348.0, currency="EUR", text="x")) == "EUR\u00a0348.00"
    assert detail(seen(text="red box", channel="web")) == "“red box”"
    assert detail(seen(channel="web", device="mobile")) == "web · mobile"
