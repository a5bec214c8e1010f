"""Every known export is recognised as itself, and read as its people mean it."""

import csv

import pytest

from journey_app.errors import BadFile
from journey_app.intake import preset as preset_module
from journey_app.intake.prepare import prepare
from journey_app.intake.preset import load, presets
from journey_app.vocabulary import SYSTEMS, Answers
from tests.intake.conftest import EXPORTS, outcome

KNOWN = {preset.key: preset for preset in presets()}


def sample(key):
    return next(EXPORTS.glob(key.replace(".", "_") + ".*"))


def read_sample(key, **options):
    path = sample(key)
    return outcome(prepare(path, path.name, Answers(), **options)[0])


@pytest.mark.parametrize("key", sorted(KNOWN))
def test_each_sample_is_recognised_as_its_preset_and_only_that(key):
    path = sample(key)
    if KNOWN[key].refuse and not KNOWN[key].context:
        with pytest.raises(BadFile) as refused:
            prepare(path, path.name, Answers())
        assert KNOWN[key].refuse.what in refused.value.what
        return
    table = prepare(path, path.name, Answers())[0]
    assert table.recognised_as == key
    fitting = [
        p.key for p in presets() if preset_module._marks(p.recognise, _names(table), table._raw.preamble)
    ]
    assert fitting == [key]
    assert table.confidence >= 0.9
    assert table.system in SYSTEMS


def _names(table):
    return [" ".join(name.casefold().split()) for name in table.header]


@pytest.mark.parametrize("key", sorted(KNOWN))
def test_each_preset_has_a_small_sample(key):
    lines = sample(key).read_text().count("\n")
    assert 8 <= lines <= 22


def test_a_mistake_in_a_preset_stops_at_once(tmp_path):
    text = (preset_module.FOLDER / "segment_tracks.toml").read_text()
    for wrong in (text.replace('"product"', '"produce"'), text.replace("event_id", "event_di"), "key = 1"):
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
