"""Every known export is recognised as itself, and read as its people mean it."""

import csv

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journey_app.errors import BadChoice, BadFile
from journey_app.intake import preset as preset_module
from journey_app.intake.prepare import prepare
from journey_app.intake.preset import load, presets
from journey_app.vocabulary import SYSTEMS, Answers
from tests.intake import documented
from tests.intake.conftest import EXPORTS, outcome

KNOWN = {preset.key: preset for preset in presets()}
REFUSED = {key for key, preset in KNOWN.items() if preset.refuse and not preset.context}


def sample(key):
    return next(EXPORTS.glob(key.replace(".", "_") + ".*"))


def read_sample(key, **options):
    path = sample(key)
    return outcome(prepare(path, path.name, Answers(), **options)[0])


@pytest.mark.parametrize("key", sorted(set(KNOWN) - REFUSED))
def test_each_sample_is_recognised_as_sure_as_we_are(key):
    path = sample(key)
    table = prepare(path, path.name, Answers())[0]
    assert table.recognised_as == key
    assert table.system in SYSTEMS
    assert (table.unconfirmed is not None) == bool(KNOWN[key].asks)
    assert table.confidence >= 0.9 or (KNOWN[key].asks and table.confidence < 0.8)


@pytest.mark.parametrize("key", sorted(KNOWN))
def test_each_preset_has_a_small_sample(key):
    path = sample(key)
    assert 90 < path.stat().st_size < 12_000
    text = b"" if path.suffix == ".zip" else path.read_bytes().lower()
    assert b"@" not in text.replace(b"@example.", b""), "only made-up addresses"


def test_what_is_from_memory_alone_asks_and_names_its_option():
    asking = {key for key, preset in KNOWN.items() if preset.asks}
    alone = {key for key in set(KNOWN) - REFUSED if KNOWN[key].known_from == ("memory",)}
    assert alone <= asking
    path = sample("chargebee.customers")
    question = prepare(path, path.name, Answers())[0].unconfirmed
    assert question.option == "--as" and "--as chargebee.customers" in question.do
    assert prepare(path, path.name, Answers(read_as=("chargebee.customers",)))[0].unconfirmed is None


def test_a_preset_may_be_told(tmp_path):
    path = tmp_path / "renamed.csv"
    path.write_text(
        "id,Amount,Status,Created (UTC),Customer Email\nch_1,12,Paid,2026-05-01 10:00,ana@example.com\n"
    )
    assert prepare(path, "renamed.csv", Answers())[0].recognised_as == "generic.events"
    told = outcome(prepare(path, "renamed.csv", Answers(read_as=("stripe.payments",)))[0])
    assert told.names() == ["Payment succeeded"] and told.events[0]["amount"] == 12
    with pytest.raises(BadChoice, match=r"stripe\.payments"):
        prepare(path, "renamed.csv", Answers(read_as=("stripe.payment",)))
    as_log = sample("stripe.payments")
    assert (
        prepare(as_log, as_log.name, Answers(read_as=("generic.events",)))[0].recognised_as
        == "generic.events"
    )


def test_a_mistake_in_a_preset_stops_at_once(tmp_path):
    text = (preset_module.FOLDER / "segment_tracks.toml").read_text()
    for wrong in (
        text.replace('"product"', '"produce"'),
        text.replace("event_id", "event_di"),
        "key = 1",
        text.replace('"events"', '"report"', 1),
    ):
        file = tmp_path / "wrong.toml"
        file.write_text(wrong)
        with pytest.raises(ValueError, match=r"wrong\.toml"):
            load(file)


def test_segment_tracks():
    found = read_sample("segment.tracks", timezone="Asia/Tokyo")
    assert found.names()[:2] == ["Prices seen", "Trial started"]
    first, second = found.events[:2]
    assert first["raw_ids"] == ["anonymous_id:anon-a"]
    assert second["raw_ids"] == ["user_id:u-101", "anonymous_id:anon-a"]
    assert (first["channel"], first["device"]) == ("cpc", "desktop")
    assert second["account_id"] == "acme"
    assert first["occurred_at"].hour == 8  # Segment is UTC wherever the workspace is
    assert first["event_id"] == "segment.tracks:msg-0001"
    assert found.column("device")[3] == "mobile"
    assert found.rejects == [(12, "user_id", "no customer id")]


def test_segment_pages_and_identifies():
    pages = read_sample("segment.pages")
    assert pages.names()[:2] == ["Viewed Home", "Viewed Prices"]
    links = read_sample("segment.identifies")
    assert links.events == []
    assert links.links[0]["raw_ids"] == ["user_id:u-101", "anonymous_id:anon-a", "email:ana@example.com"]
    assert links.rejects == [(9, "", "only one id, so there is nothing to link")]


def test_hubspot_contacts_are_milestones_and_links():
    found = read_sample("hubspot.contacts", timezone="Europe/Berlin")
    ana = [e["event"] for e in found.events if "hubspot_contact:301" in e["raw_ids"]]
    assert ana == [
        "First seen",
        "Contact created",
        "First conversion",
        "Became a Lead",
        "Became a Marketing Qualified Lead",
        "Became a Sales Qualified Lead",
        "Became an Opportunity",
        "Became a Customer",
    ]
    assert found.links[0]["raw_ids"] == ["email:ana@example.com", "hubspot_contact:301", "user_id:u-101"]
    assert found.events[0]["occurred_at"].hour == 7  # 09:58 in Berlin
    assert all("Ferro" not in e["properties"] for e in found.events)


def test_a_deal_closes_only_when_its_stage_says_so():
    found = read_sample("hubspot.deals")
    closed = [(e["event"], e["amount"]) for e in found.events if e["event"] in ("Deal won", "Deal lost")]
    assert closed == [("Deal won", 1200.0), ("Deal lost", None), ("Deal won", 2400.0), ("Deal lost", None)]
    assert "Deal: Contract Sent" in found.names()
    assert not [name for name in found.names() if "Closed" in name]
    walk_in = [e for e in found.events if "hubspot_deal:9108" in e["raw_ids"]]
    assert walk_in[0]["raw_ids"] == ["hubspot_deal:9108"]
    assert found.events[0]["raw_ids"] == ["email:ana@example.com", "hubspot_deal:9101"]


def test_deleted_tickets_are_left_out_with_the_reason():
    found = read_sample("zendesk.tickets")
    assert found.rejects == [(7, "", "a deleted or spam ticket")]
    assert found.names()[:3] == ["Ticket opened", "Ticket assigned", "Ticket solved"]
    assert found.events[0]["text"] == "Import shows a red box"
    assert found.events[0]["raw_ids"] == ["email:ana@example.com", "user_id:u-101", "zendesk_user:7700"]


def test_payments_fail_succeed_and_come_back():
    found = read_sample("stripe.payments")
    story = [(e["event"], e["amount"]) for e in found.events if "stripe_customer:cus_t3" in e["raw_ids"]]
    assert story == [
        ("Payment succeeded", 100.0),
        ("Payment refunded", -100.0),
        ("Payment succeeded", 1250.5),
    ]
    assert found.names().count("Payment failed") == 2
    assert found.events[0]["currency"] == "EUR"
    assert "email:cleo@example.net" in found.events[3]["raw_ids"]
    ids = found.column("event_id")
    assert len(set(ids)) == len(ids)


def test_an_order_of_several_lines_counts_once():
    found = read_sample("shopify.orders")
    assert found.names().count("Order placed") == 6
    assert sum(e["amount"] or 0 for e in found.events) == pytest.approx(
        46.7 + 23.8 + 120.4 + 17.4 + 42.7 + 27.8
    )
    assert {reason for *_, reason in found.rejects} == {"another line of the same order"}
    assert found.names().count("Order cancelled") == 1


def test_mixpanel_tells_devices_from_users():
    found = read_sample("mixpanel.raw")
    assert found.events[0]["raw_ids"] == ["anonymous_id:dm-1"]
    assert found.events[1]["raw_ids"] == ["user_id:u-101", "anonymous_id:dm-1"]
    assert found.events[2]["properties"] == '{"$city":"Graz","size":"3"}'
    assert found.events[7]["properties"] == '{"$city":"Graz","tags":"[\\"a\\",\\"b\\"]"}'


def test_the_order_of_columns_does_not_matter(tmp_path):
    with sample("segment.tracks").open(newline="") as file:
        rows = list(csv.reader(file))
    path = tmp_path / "turned"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(reversed(row) for row in rows)
    turned = outcome(prepare(path, "turned.csv", Answers())[0])
    straight = {e["event_id"]: e["content_hash"] for e in read_sample("segment.tracks").events}
    assert len(turned.events) == len(straight)
    assert all(straight[e["event_id"]] == e["content_hash"] for e in turned.events)


def test_a_list_in_a_row_becomes_events_in_its_order():
    found = read_sample("matomo.visits", timezone="Asia/Tokyo")
    first = [e for e in found.events if e["session_id"] == "7001"]
    assert [e["event"] for e in first] == ["Viewed Home", "Play", "Goal: Newsletter", "Order placed"]
    assert first[3]["amount"] == 41.5 and first[0]["channel"] == "Search Engines"
    assert [e["ordinal"] for e in first] == sorted({e["ordinal"] for e in first})
    assert {e["row"] for e in first} == {1}
    assert found.rejects == [(3, "", "no kind of event that is kept")]
    assert any("actionDetails" in note for note in found.prepared.notes)


def test_visits_with_numbered_columns_read_the_same(tmp_path):
    path = tmp_path / "visits.csv"
    path.write_text(
        "idVisit,visitorId,actionDetails_0_type,actionDetails_0_pageTitle,actionDetails_0_timestamp,"
        "actionDetails_1_type,actionDetails_1_goalName,actionDetails_1_timestamp\n"
        "1,aa11,action,Home,1777622400,goal,Newsletter,1777622460\n"
        "2,bb22,action,Tea,1777708800,,,\n"
    )
    found = outcome(prepare(path, "visits.csv", Answers())[0])
    assert found.prepared.recognised_as == "matomo.visits"
    assert found.names() == ["Viewed Home", "Goal: Newsletter", "Viewed Tea"]
    assert found.column("row") == [2, 2, 3]


def test_parameters_of_an_event_become_columns():
    found = read_sample("ga4.bigquery")
    purchase = found.events[3]
    assert (purchase["amount"], purchase["currency"], purchase["session_id"]) == (41.5, "EUR", "1777622400")
    assert purchase["raw_ids"] == ["user_id:u-101", "anonymous_id:101.501"]
    assert '"event_params.page_location":"https://shop.example.com/tea"' in found.events[1]["properties"]
    assert found.rejects == [(6, "user_id", "no customer id")]


def test_parameters_in_parquet_read_the_same(tmp_path):
    pages = [{"key": "page_location", "value": {"string_value": "/a", "int_value": None}}]
    session = [{"key": "ga_session_id", "value": {"string_value": None, "int_value": 7}}]
    rows = [
        {
            "event_timestamp": 1777622400123456,
            "event_name": name,
            "user_pseudo_id": "1.1",
            "event_params": params,
            "device": {"category": "mobile"},
        }
        for name, params in (("page_view", pages), ("login", session))
    ]
    path = tmp_path / "events.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    found = outcome(prepare(path, "events.parquet", Answers())[0])
    assert found.prepared.recognised_as == "ga4.bigquery"
    assert found.names() == ["page_view", "login"] and found.column("session_id") == [None, "7"]
    assert found.column("device") == ["mobile", "mobile"]


def test_an_object_that_is_no_json_is_counted_and_its_event_kept():
    found = read_sample("mixpanel.flat")
    assert found.events[4]["event"] == "Paid"
    assert any("no JSON" in note and note.endswith(": 1.") for note in found.prepared.notes)


def test_an_edit_that_changes_nothing_is_no_step():
    found = read_sample("salesforce.opportunity_history")
    assert [reason for *_, reason in found.rejects] == ["an edit that left the stage as it was"]
    assert (
        found.column("raw_ids")[-1]
        == found.column("raw_ids")[-2]
        == ["salesforce_opportunity:0065g00000BBBBB"]
    )


def test_opportunities_of_one_name_stay_apart_where_they_have_an_id(tmp_path):
    text = sample("salesforce.opportunity_history").read_text().replace("Birch,", "Acme,")
    path = tmp_path / "report.csv"
    path.write_text(text)
    found = outcome(prepare(path, "report.csv", Answers())[0])
    assert {tuple(ids) for ids in found.column("raw_ids")} == {
        ("salesforce_opportunity:0065g00000AAAAA",),
        ("salesforce_opportunity:0065g00000BBBBB",),
    }


def test_a_known_export_without_a_header(tmp_path):
    names = KNOWN["snowplow.enriched"].headerless.names
    rows = [dict.fromkeys(names, ""), dict.fromkeys(names, "")]
    for at, row in enumerate(rows):
        row.update(
            event="page_view",
            event_name="page_view",
            event_id=f"c6ef3124-b53a-4b13-a233-0088f79dcb0{at}",
            collector_tstamp="2026-05-01 08:00:01",
            derived_tstamp=f"2026-05-01 08:0{at}:00",
            domain_userid="d-1",
            contexts='{"schema":"a,b","data":[{"x":"y"},{"z":"1,2,3"}]}',
        )
    path = tmp_path / "run=1.tsv"
    path.write_text("\n".join("\t".join(row.values()) for row in rows) + "\n")
    found = outcome(prepare(path, "run=1.tsv", Answers())[0])
    assert found.prepared.recognised_as == "snowplow.enriched"
    assert found.column("row") == [1, 2] and found.names() == ["page_view", "page_view"]
    path.write_text("\n".join("\t".join(list(row.values())[:-1]) for row in rows) + "\n")
    with pytest.raises(BadFile, match="column names"):  # 130 fields are not 131
        prepare(path, "run=1.tsv", Answers())


def test_cents_become_money_where_the_currency_has_cents():
    found = read_sample("stripe.charges")
    assert list(zip(found.column("amount"), found.column("currency"), strict=True)) == [
        (15.0, "USD"),
        (15.0, "USD"),
        (1500.0, "JPY"),
    ]
    assert read_sample("stripe.refunds").column("amount") == [-15.0, -500.0]


def test_dinars_have_a_thousand_parts_and_stripe_writes_two_without_cents_in_hundredths(read):
    head = "id,amount,amount_refunded,currency,customer_id,created,status,livemode,receipt_email\n"
    codes = ("kwd", "bhd", "tnd", "jpy", "isk", "ugx", "usd")
    rows = (
        f"ch_{at},12500,0,{code},cus_{at},2026-03-0{at} 10:00:00,succeeded,true,\n"
        for at, code in enumerate(codes, 1)
    )
    found = read(head + "".join(rows))
    assert found.prepared.recognised_as == "stripe.charges"
    assert found.column("amount") == [12.5, 12.5, 12.5, 12500.0, 125.0, 125.0, 125.0]


def test_the_folder_says_what_happened():
    path = sample("mailchimp.activity")
    clicks, opens = prepare(path, path.name, Answers())
    assert set(outcome(clicks).names()) == {"Email clicked"}
    assert set(outcome(opens).names()) == {"Email opened"}
    assert outcome(opens).events[0]["properties"] == '{"path.campaign":"spring"}'


def test_a_trial_that_runs_has_not_ended():
    found = read_sample("stripe.subscriptions")
    assert "Trial ended" not in found.names() and "Trial started" in found.names()
    assert found.events[0]["amount"] == 129.0


def test_the_documents_list_every_preset_as_it_is():
    page = documented.PAGE.read_text("utf-8")
    written = page.split(documented.START)[1].split(documented.END)[0].strip()
    assert written == documented.table(), "renew it with: python -m tests.intake.documented"
    assert written.count("| yes: ") >= 20 and len(documented.REAL) == 14


@pytest.mark.parametrize(
    ("key", "reason"),
    [("segment.aliases", "alias"), ("amplitude.merged_ids", "merge"), ("hubspot.merges", "merge")],
)
def test_files_that_say_who_became_whom_link_for_that_reason(key, reason):
    path = sample(key)
    (table,) = prepare(path, path.name, Answers(read_as=(key,)))
    reasons = [told for chunk in table.chunks() for told in chunk.links["reason"].to_pylist()]
    assert reasons and set(reasons) == {reason}
