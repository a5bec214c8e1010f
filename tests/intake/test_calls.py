"""What a tracking call says becomes events and links; what it should not say is not kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from journey_app.engine import cleaning
from journey_app.intake import calls
from journey_app.intake.calls import MOST_LEVELS, BadCall, chunks_of, read_calls
from journey_app.vocabulary import CleanUp, LeaveOut

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def read(*items, **body):
    return read_calls("batch", {"batch": list(items), **body}, NOW)


def events_of(*items, **body):
    kept = read(*items, **body).kept
    return [row for chunk in _chunks(kept) for row in chunk.events.to_pylist()]


def links_of(*items):
    return [row["raw_ids"] for chunk in _chunks(read(*items).kept) for row in chunk.links.to_pylist()]


def _chunks(kept):
    return list(
        chunks_of([(number, json.loads(json.dumps(call.row))) for number, call in enumerate(kept, 1)])
    )


def track(**more):
    return {"type": "track", "event": "Paid", "userId": "ana", "messageId": "m1", **more}


def test_a_track_call_becomes_its_event():
    (event,) = events_of(
        track(
            anonymousId="a1",
            timestamp="2026-11-24T00:00:00Z",
            properties={"revenue": 12.5, "currency": "eur", "plan": "pro", "cart": {"size": 2}},
            context={"campaign": {"medium": "cpc", "name": "autumn"}, "sessionId": 17, "groupId": "acme"},
        )
    )
    assert event["event"] == "Paid" and event["event_id"] == "live.segment:m1"
    assert event["occurred_at"] == datetime(2026, 11, 24) and event["day_only"] is False
    assert event["raw_ids"] == ["user_id:ana", "anonymous_id:a1"]
    assert (event["amount"], event["currency"], event["channel"]) == (12.5, "EUR", "cpc")
    assert (event["session_id"], event["account_id"]) == ("17", "acme")
    told = json.loads(event["properties"])
    assert told == {"plan": "pro", "cart.size": "2", "campaign.medium": "cpc", "campaign.name": "autumn"}


def test_pages_and_screens_are_named_by_what_was_viewed():
    names = [
        each["event"]
        for each in events_of(
            track(type="page", name="Pricing"),
            track(type="screen", name="Home", messageId="m2"),
            track(type="page", messageId="m3"),
        )
    ]
    assert names == ["Viewed Pricing page", "Viewed Home screen", "Viewed a page"]


def test_identify_alias_and_group_say_who_is_who():
    assert links_of(
        {"type": "identify", "userId": "ana", "anonymousId": "a1", "traits": {"email": "Ana@Example.com"}},
        {"type": "alias", "userId": "ana", "previousId": "old"},
        {"type": "group", "userId": "ana", "anonymousId": "a2", "groupId": "acme"},
    ) == [
        ["user_id:ana", "anonymous_id:a1", "email:ana@example.com"],
        ["user_id:ana", "user_id:old", "anonymous_id:old"],
        ["user_id:ana", "anonymous_id:a2"],
    ]


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "bot"),
        (
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) Mobile Safari/537.36 (compatible; Googlebot/2.1)",
            "bot",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148", "mobile"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0", "desktop"),
        ("", None),
    ],
)
def test_a_program_says_so_and_is_marked_as_in_files(agent, device):
    assert [event["device"] for event in events_of(track(context={"userAgent": agent}))] == [device]
    named = track(context={"userAgent": agent, "device": {"type": "tv"}})
    assert [event["device"] for event in events_of(named)] == ["bot" if device == "bot" else "tv"]
    with duckdb.connect() as con:
        con.execute("create table gone (customer_id integer)")
        con.execute("create table rows as select 1 as customer_id, ? as device, '{}' as properties", [device])
        programs = cleaning.aside(CleanUp((LeaveOut("bot", "", "a program", False),)), "gone", {})
        left_out = con.table("rows").filter(programs).fetchall()
    assert bool(left_out) == (device == "bot")


def test_what_belongs_to_a_person_or_a_network_is_not_kept():
    item = track(
        traits={"firstName": "Canary-name", "phone": "+49 30 123456"},
        properties={"email": "canary@example.com", "message": "Canary-text", "ip": "203.0.113.9"},
        context={
            "ip": "203.0.113.9",
            "userAgent": "Canary (iPhone; Mobile)",
            "traits": {"address": "Canary-street"},
        },
    )
    (event,) = events_of(item)
    assert event["device"] == "mobile"
    stored = json.dumps(event, default=str)
    for secret in ("Canary", "canary@", "203.0.113.9"):
        assert secret not in stored, secret
    on_disk = json.dumps(read(item).kept[0].row)
    for secret in ("Canary-name", "Canary-street", "iPhone"):
        assert secret not in on_disk, secret


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event": ""}, "batch[0].event"),
        ({"event": 3}, "batch[0].event"),
        ({"event": "x" * 513}, "batch[0].event"),
        ({"userId": None}, "batch[0].userId"),
        ({"userId": "", "anonymousId": " "}, "batch[0].userId"),
        ({"userId": ["ana"]}, "batch[0].userId"),
        ({"userId": True}, "batch[0].userId"),
        ({"userId": "x" * 513}, "batch[0].userId"),
        ({"type": "delete"}, "batch[0].type"),
        ({"type": None}, "batch[0].type"),
        ({"messageId": 7}, "batch[0].messageId"),
        ({"messageId": "x" * 201}, "batch[0].messageId"),
        ({"timestamp": "yesterday"}, "batch[0].timestamp"),
        ({"timestamp": 1764000000}, "batch[0].timestamp"),
        ({"timestamp": "1969-01-01T00:00:00Z"}, "batch[0].timestamp"),
        ({"properties": [1]}, "batch[0].properties"),
        ({"context": "x"}, "batch[0].context"),
        ({"properties": {f"p{n}": n for n in range(301)}}, "batch[0].properties"),
        ({"properties": {"x": "y" * 33_000}}, "batch[0]"),
        ({"type": "alias"}, "batch[0].previousId"),
        ({"type": "group"}, "batch[0].groupId"),
    ],
)
def test_a_call_that_cannot_be_kept_names_its_field_and_what_to_do(change, field):
    found = read({**track(), **change})
    assert found.kept == ()
    assert [bad.field for bad in found.bad] == [field]
    assert found.bad[0].do


@pytest.mark.parametrize("body", [None, [], "x", {"batch": {}}, {"batch": []}, {}])
def test_what_is_no_request_at_all_is_told_so(body):
    with pytest.raises(BadCall):
        read_calls("batch", body, NOW)


def test_a_single_call_needs_no_type():
    assert read_calls("track", {"event": "Paid", "userId": 7}, NOW).kept[0].row["user_id"] == "7"


def test_a_wrong_clock_is_put_right_and_the_way_through_the_network_is_not():
    ahead = NOW + timedelta(hours=2)
    (event,) = events_of(
        track(timestamp=(ahead - timedelta(minutes=5)).isoformat()), sentAt=ahead.isoformat()
    )
    assert event["occurred_at"] == datetime(2026, 11, 24, 8, 55)
    (event,) = events_of(
        track(timestamp="2026-11-24T08:55:00.123456Z"), sentAt=(NOW - timedelta(seconds=2)).isoformat()
    )
    assert event["occurred_at"] == datetime(2026, 11, 24, 8, 55, 0, 123456)


def test_a_call_without_a_time_happened_when_it_came():
    assert events_of(track())[0]["occurred_at"] == NOW.replace(tzinfo=None)


def test_calls_of_the_same_moment_keep_the_order_they_came_in():
    at = "2026-11-24T08:00:00Z"
    found = events_of(*(track(event=f"e{n}", messageId=f"m{n}", timestamp=at) for n in range(5)))
    assert [e["event"] for e in sorted(found, key=lambda e: e["ordinal"])] == ["e0", "e1", "e2", "e3", "e4"]
    backwards = events_of(
        *(track(event=f"e{n}", messageId=f"m{n}", timestamp=f"2026-11-24T08:0{9 - n}:00Z") for n in range(5))
    )
    assert [e["event"] for e in sorted(backwards, key=lambda e: e["ordinal"])] == [
        "e0",
        "e1",
        "e2",
        "e3",
        "e4",
    ]


def test_a_thousand_different_properties_do_not_stop_a_merge(monkeypatch):
    monkeypatch.setattr(calls, "COLUMNS_AT_ONCE", 50)
    found = events_of(
        *(track(messageId=f"m{n}", properties={f"key{n}{k}": k for k in range(20)}) for n in range(50))
    )
    assert len(found) == 50
    assert all(len(json.loads(event["properties"])) == 20 for event in found)


@pytest.mark.parametrize("text", ["\ud800", "\x00", "\x1f", "\u202e", "💥" * 100, "a\nb"])
def test_odd_characters_are_kept_or_refused_and_never_break_a_merge(text):
    found = read(
        track(userId=f"u{text}", event=f"e{text}", messageId=f"m{text}", properties={f"k{text}": text})
    )
    assert len(found.kept) + len(found.bad) == 1
    chunks = _chunks(found.kept)
    assert sum(len(chunk.events) for chunk in chunks) == len(found.kept)


@pytest.mark.parametrize("levels", [MOST_LEVELS, 20_000])
def test_objects_within_objects_without_end_are_a_bad_call_and_not_a_fault(levels):
    deep: dict = {}
    for _ in range(levels):
        deep = {"x": [deep]} if levels == MOST_LEVELS else {"x": deep}
    told = read(track(properties=deep), track(messageId="m2"))
    assert [call.message for call in told.kept] == ["m2"] and "within one another" in told.bad[0].reason


def test_a_few_objects_within_one_another_are_fine():
    deep: dict = {"x": 1}
    for _ in range(MOST_LEVELS - 3):
        deep = {"x": deep}
    assert len(read(track(properties=deep)).kept) == 1


def test_calls_of_a_batch_take_from_its_context_only_what_they_keep():
    many = {f"key {n}": n for n in range(1_000)}
    shared = calls._shared({"sessionId": 7, "traits": {"email": "ana@example.com", **many}, **many})
    assert shared == {"sessionId": 7, "traits": {"email": "ana@example.com", "phone": None}}
    row = read(track(), context={"sessionId": 7, "traits": {"email": "ana@example.com"}, **many}).kept[0].row
    assert (row["session"], row["email"]) == ("7", "ana@example.com")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("2026-11-24T08:00:00Z", datetime(2026, 11, 24, 8)),
        ("2026-11-24T11:00:00Z", datetime(2026, 11, 24, 9)),  # local time sent as UTC: when it came
    ],
)
def test_nothing_happened_after_it_came(told, kept):
    assert [each["occurred_at"] for each in events_of(track(timestamp=told))] == [kept]


def test_a_clock_that_is_days_ahead_is_refused_unless_the_sender_says_when_it_sent():
    ahead = track(timestamp="2027-04-23T09:00:00Z")
    (bad,) = read(ahead).bad
    assert "more than a day in the future" in bad.what and "sentAt" in bad.do
    (event,) = events_of(ahead, sentAt="2027-04-23T09:05:00Z")
    assert event["occurred_at"] == datetime(2026, 11, 24, 8, 55)
