"""What an event is made of: ids, identity, order, what is kept and what is not."""

import json
from hashlib import blake2b
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from journey_app.intake import normalise, raw
from journey_app.intake.contract import EVENTS, LINKS
from journey_app.intake.plan import Plan, PlannedEvent, PlannedId
from journey_app.intake.times import Reading
from tests.intake.conftest import outcome

LOG = """
    user_id,event,time,plan,amount
    ana,visit,2026-05-01 10:00:00.5,pro,12.50
    ben,visit,2026-05-01 11:00,,
"""


def test_tables_have_the_contracted_columns(prepared):
    chunk = next(prepared(LOG).chunks())
    assert chunk.events.schema.equals(EVENTS)
    assert chunk.links.schema.equals(LINKS)


def test_nobody_is_nobody(read):
    nobodies = ["", "null", "None", "undefined", "N/A", "0", "anonymous", "(not set)", "-", " "]
    rows = "".join(f"{who},visit,2026-05-01\n" for who in nobodies)
    found = read("user_id,event,time\nana,visit,2026-05-01\n" + rows)
    assert found.column("raw_ids") == [["user_id:ana"]]
    assert found.rejects == [(row, "user_id", "no customer id") for row in range(3, 13)]


def test_ids_keep_their_zeros_and_addresses_lose_their_case(read):
    found = read("user_id,email,event,time\n00123, Ana@Example.COM ,visit,2026-05-01\n")
    assert found.column("raw_ids") == [["user_id:00123", "email:ana@example.com"]]


def test_every_rejected_row_has_one_reason(read):
    found = read("""
        user_id,event,time
        ana,,2026-05-01
        ana,visit,
        ana,visit,soon
        ana,visit,1850-01-01
        ana,visit,2026-05-01
    """)
    assert found.rejects == [
        (2, "event", "no event name"),
        (3, "time", "no time"),
        (4, "time", "the time cannot be read"),
        (5, "time", "the time is outside 1990 to 2100"),
    ]
    assert (found.rows, len(found.events)) == (5, 1)


def test_an_unreadable_amount_keeps_the_event_and_is_counted(read):
    found = read(
        "user_id,event,time,amount\nana,buy,2026-05-01,12.5\nana,buy,2026-05-02,7.5\nana,buy,2026-05-03,tbd\n"
    )
    assert found.column("amount") == [12.5, 7.5, None]
    assert any("could not be read" in note and note.endswith(": 1.") for note in found.prepared.notes)


def test_the_hash_of_an_event_never_changes(read):
    assert read(LOG).column("content_hash") == GOLDEN
    nothing = [""] * 6  # channel, device, currency, text, session, account
    first = [
        "generic.events",
        "product",
        "user_id:ana",
        "visit",
        "1777629600500000",
        "time",
        "12.5",
        *nothing,
    ]
    written = "\x1f".join([*first, '{"plan":"pro"}']).encode()
    assert blake2b(written, digest_size=12).hexdigest() == GOLDEN[0]


def test_how_a_number_is_written_does_not_change_the_hash_as_it_always_was(read):
    found = read("user_id,event,time\n#7,visit,2026-05-01T10:00:00Z\n")
    fields = ["user_id:#7", "visit", "1777629600000000", "time", *[""] * 7, "{}"]
    written = "\x1f".join(["generic.events", "product", *fields]).encode()
    assert found.column("content_hash") == [blake2b(written, digest_size=12).hexdigest()]
    assert found.column("raw_ids") == [["user_id:7"]]


def test_what_a_sign_of_a_currency_means_does_not_change_the_hash(read):
    found = read("user_id,event,time,currency\nana,visit,2026-05-01T10:00:00Z,€\n")
    fields = ["user_id:ana", "visit", "1777629600000000", "time", "", "", "", "€", "", "", "", "{}"]
    written = "\x1f".join(["generic.events", "product", *fields]).encode()
    assert found.column("content_hash") == [blake2b(written, digest_size=12).hexdigest()]
    assert found.column("currency") == ["EUR"]


def test_the_same_content_has_the_same_hash_whatever_the_file_looks_like(read):
    turned = """
        amount;plan;time;event;user_id
        12,5;pro;2026-05-01T10:00:00.500Z;visit;ana
        ;;2026-05-01 11:00:00;visit;ben
    """
    assert read(turned).column("content_hash") == GOLDEN


def test_every_field_counts_for_the_hash(read):
    base = read(LOG).column("content_hash")[0]
    changes = [("ana", "anna"), ("visit", "visits"), (":00.5", ":00.6"), ("pro", "free"), ("12.50", "12.51")]
    hashes = {read(LOG.replace(old, new, 1)).column("content_hash")[0] for old, new in changes}
    assert len(hashes | {base}) == len(changes) + 1


def test_reading_twice_gives_the_same(prepared):
    table = prepared(LOG)
    first, second = outcome(table), outcome(table)
    assert first.events == second.events
    assert first.prepared.notes == second.prepared.notes


def test_the_size_of_chunks_does_not_matter(prepared, monkeypatch):
    table = prepared("user_id,event,time\n" + "".join(f"u{i},e{i % 3},2026-05-01 10:00\n" for i in range(97)))
    whole = outcome(table)
    monkeypatch.setattr(raw, "ROWS_AT_ONCE", 10)
    parts = outcome(table)
    assert parts.events == whole.events
    assert len(list(table.chunks())) == 10


def test_equal_times_keep_the_order_of_the_file(read):
    found = read("user_id,event,time\nana,first,2026-05-01\nana,second,2026-05-01\n")
    ordinals = found.column("ordinal")
    assert ordinals == sorted(ordinals)
    assert (ordinals[0] >> 8) & normalise.LAST_ROW == 2


def test_a_file_from_new_to_old_is_turned_round(read):
    rows = [f"ana,{name},2026-05-0{day} 10:00" for day in (5, 4, 3, 2) for name in ("then", "first")]
    found = read("user_id,event,time\n" + "\n".join(rows) + "\n")
    ordinals = found.column("ordinal")
    assert ordinals == sorted(ordinals, reverse=True)
    assert any("new to old" in note for note in found.prepared.notes)


def test_properties_hold_the_rest_but_nothing_personal(read):
    found = read(r'''
        user_id,event,time,plan,First Name,Phone,ip,contact,tags,empty
        ana,visit,2026-05-01,"pro ""x""",Ana,+1 202 555 0143,192.0.2.7,ana@example.com,"a\b",n/a
    ''')
    assert json.loads(found.events[0]["properties"]) == {"plan": 'pro "x"', "tags": "a\\b"}
    assert any(note.startswith("Not stored") and "First Name" in note for note in found.prepared.notes)


def test_a_column_of_yes_and_no_is_kept_whatever_it_is_called(read):
    found = read("user_id,event,time,PhoneService\nana,visit,2026-05-01,Yes\nben,visit,2026-05-01,No\n")
    assert [json.loads(event["properties"]) for event in found.events] == [
        {"PhoneService": "Yes"},
        {"PhoneService": "No"},
    ]


def test_an_excel_apostrophe_is_no_part_of_the_value(read):
    assert read("user_id,event,time\n'+123,visit,2026-05-01\n").column("raw_ids") == [["user_id:+123"]]


def test_the_fingerprint_is_that_of_the_names(prepared):
    one = prepared("user_id,event,time\nana,visit,2026-05-01\n").fingerprint
    assert one == prepared(" Time,EVENT,User_ID\n2026-05-02,buy,ben\n").fingerprint
    assert one != prepared("user_id,event,time,plan\nana,visit,2026-05-01,pro\n").fingerprint


def test_a_name_for_the_source_is_used(read):
    assert read(LOG, source="shop.log").column("source") == ["shop.log"] * 2


def test_milestones_of_a_record_have_an_identity_of_their_own(read):
    contacts = """
        Record ID,Email,Lifecycle Stage,Create Date,Became a Lead Date
        7,ana@example.com,Lead,2026-05-01 10:00,nonsense
        8,,Lead,,
    """
    found = read(contacts)
    assert found.column("event_id") == ["hubspot.contacts:7:Contact created:2026-05-01T10:00:00.000000Z"]
    assert found.rejects == [(3, "Create Date", "none of its dates is filled in")]
    assert any("Became a Lead Date" in note and "could not be read" in note for note in found.prepared.notes)


GOLDEN = ["5fe96c36bcddd3de6cc58f05", "d98d69cabe11ed968927c8ec"]


def reading_of_two(marks: dict[int, str]) -> tuple[list[dict[str, object]], dict[str, int]]:
    """Rows with two columns for their amount and two for their channel, read with these decimal marks."""
    utc = ZoneInfo("UTC")
    plan = Plan(
        "shop",
        "other",
        1,
        ids=(PlannedId("user_id", (0,)),),
        events=(PlannedEvent("Paid", 1, amount=(2, 3)),),
        fields={"channel": (4, 5)},
        readings={1: Reading(utc, utc)},
        marks=marks,
    )
    columns = (
        ["ana", "ben", "cid", "dee"],
        ["2026-05-01"] * 4,
        ["n/a", "-", "soon", "-"],
        ["12.5", "7", "9", ""],
        ["(not set)", "(none)", "", "n/a"],
        ["cpc", "email", "ads", "-"],
    )
    normaliser = normalise.Normaliser(plan, ("who", "at", "net", "gross", "medium", "source"))
    chunk = normaliser.chunk(raw.RawChunk(tuple(map(pa.array, columns)), np.arange(1, 5)))
    return chunk.events.select(["amount", "channel"]).to_pylist(), dict(normaliser.tally)


@pytest.mark.parametrize("marks", [{2: ".", 3: "."}, {2: ",", 3: "."}])
def test_a_word_for_nothing_does_not_hide_what_the_next_column_says(marks):
    read, tally = reading_of_two(marks)
    assert [row["amount"] for row in read] == [12.5, 7.0, None, None]
    assert [row["channel"] for row in read] == ["cpc", "email", "ads", None]
    assert list(tally.values()) == [1]  # “soon”
