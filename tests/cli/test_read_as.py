"""What is known from memory only, or merely proposed, is stored when a person has named it."""

from __future__ import annotations

from tests.intake.conftest import EXPORTS

CHARGEBEE = str(EXPORTS / "chargebee_subscriptions.csv")
STEPS = "order_no,customer_id,ordered_on,delivered_on\n" + "".join(
    f"o-{n},c-{n % 3},2026-05-{n:02d},2026-06-{n:02d}\n" for n in range(1, 10)
)


def test_from_memory_only_ends_with_the_option_that_confirms(cli):
    said = cli("import", CHARGEBEE, "--json")
    assert said.code == 1 and "memory" in said.err and "--as chargebee.subscriptions" in said.err
    assert cli("events").code == 1, "nothing is stored"
    shown = cli("import", CHARGEBEE, "--dry-run", "--json")
    assert shown.code == 0 and shown.json["files"][0]["events"] == 7
    assert cli("import", CHARGEBEE, "--as", "chargebee.subscriptions", "--json").json["events"] == 7


def test_importing_again_adds_nothing_however_it_was_confirmed(cli):
    key = ("--as", "chargebee.subscriptions")
    cli("import", CHARGEBEE, *key)
    again = cli("import", CHARGEBEE, *key, "--as", "stripe.payments", "--json")
    assert again.json["files"][0]["events"] == 0 and again.json["events"] == 7


def test_a_proposal_of_steps_is_confirmed_or_refused(cli, tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(STEPS)
    said = cli("import", str(file))
    assert said.code == 1 and "“ordered_on”, “delivered_on”" in said.err
    assert cli("import", str(file), "--as", "generic.milestones", "--json").json["events"] == 18
    names = {event["event"] for event in cli("events", "--json").json["events"]}
    assert names == {"Ordered", "Delivered"}


def test_a_kind_nobody_knows_is_said_with_the_nearest(cli):
    said = cli("import", CHARGEBEE, "--as", "chargebee.subscription")
    assert said.code == 1 and "chargebee.subscriptions" in said.err
