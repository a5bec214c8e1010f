"""What the Import page claims, word by word."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from journey_app.errors import BadFile
from journey_app.ui.dropping import share_out
from journey_app.ui.import_cards import detail, first_events, stored_row, trouble_card
from journey_app.ui.import_words import (
    done_claim,
    match_line,
    not_stored,
    read_events,
    rows_used,
    still_missing,
    store_label,
    tray_claim,
    unused_claim,
)
from journey_app.vocabulary import Imported, ImportReport, MatchRate, Observation
from journey_app.workspace.previewing import SeenEvent

NAMES = {"billing": "billing", "crm": "CRM"}


def seen(**given) -> SeenEvent:
    plain = {"at": datetime.fromisoformat("2026-05-19T21:58"), "day_only": False, "customer": "cus_8f21"}
    plain |= {"event": "Signed up", "source": "x.y"}
    plain |= dict.fromkeys(("channel", "device", "amount", "currency", "text"))
    return SeenEvent(**{**plain, **given})


@pytest.mark.parametrize(
    ("states", "events", "new", "said"),
    [
        (["ready"] * 3 + ["asked"], 61_284, True,
         "Three files are ready, one has a question. 61,284 new events."),
        (["ready"], 1, True, "One file is ready. 1 new event."),
        (["ready", "failed", "failed"], 0, False,
         "One file is ready, two cannot be used. All of it was imported before."),
        (["ready"], 0, True, "One file is ready. They say who is who."),
        (["unmapped"], 0, False, "One file needs its columns named."),
        (["ready", "timeless"], 1, True, "One file is ready, one holds no times. 1 new event."),
        (["ready"] * 12, 5, True, "12 files are ready. 5 new events."),
    ],
)  # fmt: skip
def test_the_claim_counts_what_is_ready_and_what_is_not(states, events, new, said):
    assert tray_claim(states, events, new) == said


@pytest.mark.parametrize(
    ("states", "events", "new", "said"),
    [
        (["ready", "unmapped"], 2, True, "Store 2 events"),
        (["ready", "asked"], 2, True, "Answer the question first"),
        (["asked", "asked"], 0, False, "Answer the questions first"),
        (["ready"], 0, True, "Store who is who"),
        (["unmapped"], 0, False, "Name the columns first"),
        (["ready", "failed"], 0, False, "Nothing new to store"),
    ],
)
def test_the_button_says_what_it_does_or_what_must_be_done_first(states, events, new, said):
    assert store_label(states, events, new) == said


def test_reports_without_people_are_kept_and_not_stored_as_events():
    assert (
        tray_claim(["ready"], 0, True, 1) == "One file is ready. Kept as spend and traffic beside the funnel."
    )
    assert tray_claim(["ready", "ready"], 5, True, 1) == "Two files are ready. 5 new events."
    assert store_label(["ready"], 0, True, 1) == "Keep the summary"
    assert store_label(["ready"] * 2, 0, True, 2) == "Keep the two summaries"
    report = ImportReport("ads.csv", "google_ads.report", 2, 0, 0, 0, "b1", kept="Kept as spend: 2 days.")
    said = done_claim(Imported((report,), 9, 30, "v"))
    assert said == "The summary is kept beside 30 events of 9 customers."
    assert "Kept as spend: 2 days." in stored_row(report) and "new event" not in stored_row(report)


@pytest.mark.parametrize(
    ("rows", "whole", "said"),
    [
        (0, 0, "Every row will be used"),
        (5, 0, "5 rows will not be used"),
        (1, 1, "1 row and one whole file will not be used"),
        (0, 2, "Two whole files will not be used; of the rest, every row will"),
    ],
)
def test_a_file_that_cannot_be_read_is_no_row_that_is_used(rows, whole, said):
    assert unused_claim(rows, whole) == said


def test_what_was_not_stored_is_named_with_its_reason():
    assert not_stored([]) == ""
    assert not_stored([("a.csv", "unmapped")]).startswith(
        "Not stored: a.csv (needs its columns named). Its card"
    )
    both = not_stored([("a.csv", "unread"), ("b.png", "failed")])
    assert both.startswith("Not stored: a.csv (not read yet), b.png (cannot be used). Their cards")


def test_events_are_compared_with_events_and_never_with_rows():
    assert (
        read_events(4_443, 56_413)
        == "60,856 events in these rows: 4,443 new, 56,413 stored before or repeated"
    )
    assert read_events(7, 0) == ""
    row = stored_row(ImportReport("a.csv", "x", 23_588, 4_443, 0, 56_413, "b1"))
    assert "new events" in row and "60,856 events in these rows" in row and "already there" not in row


def test_what_is_missing_is_named_with_what_to_do():
    what, do = still_missing(["customer", "time"])
    assert "the customer (who did it) and the time (when it happened)" in what
    assert "“Customer” and “Time”" in do and "same event" not in do
    assert "every row is the same event" in still_missing(["event"])[1]


def test_every_list_shows_its_first_rows_and_the_first_fill_the_room():
    assert share_out([list("abcdefghij")], room=7, fewest=2) == list("abcdefg")
    assert share_out([list("abcdefg"), ["x"]], room=5, fewest=2) == ["a", "x", "b", "c", "d"]
    many = share_out([[f"{n}{at}" for at in range(5)] for n in range(9)], room=7, fewest=2)
    assert sorted(many) == sorted(f"{n}{at}" for n in range(9) for at in range(2))
    assert share_out([], room=7, fewest=2) == []


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


def test_dropped_totals_are_named_beside_the_rows_that_were_used():
    whole = ImportReport("a.csv", "generic.events", 12, 10, 0, 0, "b1")
    totals = Observation("footer", "Totals at the end: 2.", count=2)
    assert rows_used(whole) == "every row used"
    assert rows_used(replace(whole, checkup=(totals,))) == "every row used · 2 rows of totals left out"
    assert rows_used(replace(whole, rejected=3)) == "3 rows not used"
