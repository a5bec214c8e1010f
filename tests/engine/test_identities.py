"""What a snapshot keeps of ids: whose each is, where it was seen, and the first row that links two."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journey_app.engine.batches import BatchFolder
from journey_app.engine.connection import Limits
from journey_app.engine.embedded import Snapshot
from journey_app.engine.identities import REFUSED
from journey_app.engine.snapshot import Recipe, build_snapshot
from journey_app.identity.stitch import stitch
from journey_app.intake.contract import LINKS, RANK_SHIFT, ROW_SHIFT
from journey_app.intake.normalise import LAST_ROW
from journey_app.vocabulary import CleanUp, LeaveOut
from tests.conftest import diary_rows, event_table, moment

LIMITS = Limits(memory_mb=512, threads=2)
TWO_IDS = "u1+email:ana@example.com visit 1 09:00\nu1+email:ana@example.com pay 2 09:00\nu2 visit 1 10:00"


@pytest.fixture
def folder(tmp_path: Path) -> BatchFolder:
    return BatchFolder(tmp_path / "batches", LIMITS)


def links_of(*rows: dict) -> pa.Table:
    filled = [
        {"source": "crm.contacts", "system": "crm", "row": 7, "reason": "identify"} | row for row in rows
    ]
    return pa.Table.from_pylist(filled, schema=LINKS)


def snapshot(folder: BatchFolder, *names: str) -> Snapshot:
    stitched = stitch(folder.id_sets(names))
    recipe = Recipe("-".join(["v", *names]), "UTC", names, stitched.who, stitched.customers)
    rows = [{name: getattr(each, name) for name in REFUSED.names} for each in stitched.refused]
    recipe = replace(recipe, refused=pa.Table.from_pylist(rows, schema=REFUSED))
    return Snapshot(build_snapshot(folder, recipe, folder.folder / "snapshots", LIMITS), LIMITS)


def rows_of(events: Snapshot, table: str, **where) -> list[dict]:
    found = events.run(getattr(events, table)).to_pylist()
    return [row for row in found if all(row[name] == value for name, value in where.items())]


def test_an_id_is_told_with_its_rows_times_and_sources(folder):
    linked = {"raw_ids": ["email:ana@example.com", "crm_contact:5"]}
    folder.write("one", [(event_table(diary_rows(TWO_IDS)), links_of(linked))], [])
    events = snapshot(folder, "one")
    ana = rows_of(events, "ids", raw_id="email:ana@example.com")[0]
    assert (ana["rows"], ana["sources"], ana["systems"]) == (3, ["crm.contacts", "diary"], ["crm", "product"])
    assert (ana["first_at"], ana["last_at"]) == (moment(1, "09:00"), moment(2, "09:00"))
    contact = rows_of(events, "ids", raw_id="crm_contact:5")[0]
    assert (contact["customer_id"], contact["first_at"]) == (ana["customer_id"], None)
    assert {row["raw_id"] for row in rows_of(events, "ids")} == {
        "crm_contact:5",
        "email:ana@example.com",
        "user_id:u1",
        "user_id:u2",
    }


def test_a_link_names_its_reason_and_the_first_row_of_the_first_batch(folder):
    linked = {"raw_ids": ["user_id:u1", "email:ana@example.com"], "reason": "merge"}
    folder.write("one", [(event_table(diary_rows(TWO_IDS)), links_of(linked))], [])
    later = event_table(diary_rows("u1+email:ana@example.com visit 3 09:00"))
    folder.write("two", [(later, LINKS.empty_table())], ["one"])
    events = snapshot(folder, "one", "two")
    told = [(x["reason"], x["source"], x["batch_id"], x["row"], x["rows"]) for x in rows_of(events, "links")]
    assert sorted(told) == [("merge", "crm.contacts", "one", 7, 1), ("seen together", "diary", "one", 1, 3)]
    assert {(x["left"], x["right"]) for x in rows_of(events, "links")} == {
        ("email:ana@example.com", "user_id:u1")
    }


def test_a_row_that_two_batches_hold_counts_once(folder):
    for name, before in (("one", []), ("two", ["one"])):
        folder.write(name, [(event_table(diary_rows(TWO_IDS)), LINKS.empty_table())], before)
    assert [link["rows"] for link in rows_of(snapshot(folder, "one", "two"), "links")] == [2]


def test_the_row_of_a_file_that_runs_backwards_is_its_own(folder):
    row = diary_rows("u1+email:ana@example.com visit 1 09:00")[0]
    backwards = (80 << RANK_SHIFT) | ((LAST_ROW - 42) << ROW_SHIFT) | 3
    folder.write("one", [(event_table([row | {"ordinal": backwards}]), LINKS.empty_table())], [])
    assert [link["row"] for link in rows_of(snapshot(folder, "one"), "links")] == [42]


def test_links_from_before_they_had_a_reason_are_read_as_identify(folder):
    linked = {"raw_ids": ["user_id:u1", "email:ana@example.com"]}
    folder.write("one", [(event_table(diary_rows("u1 visit 1 09:00")), links_of(linked))], [])
    pq.write_table(links_of(linked).drop_columns(["reason"]), folder.links_file("one"))
    folder.write("two", [(event_table([]), links_of(linked | {"reason": "alias"}))], ["one"])
    assert {
        row["reason"] for row in folder.id_sets(["one", "two"]).to_pylist() if len(row["raw_ids"]) > 1
    } == {
        "identify",
        "alias",
    }
    assert [link["reason"] for link in rows_of(snapshot(folder, "one"), "links")] == ["identify"]


def test_a_refused_id_carries_its_reason(folder):
    rows = "\n".join(f"u{n}+email:info@example.com visit 1 0{n}:00" for n in range(1, 6))
    folder.write("one", [(event_table(diary_rows(rows)), LINKS.empty_table())], [])
    info = rows_of(snapshot(folder, "one"), "ids", raw_id="email:info@example.com")[0]
    assert (info["refused"], info["would_join"], info["in_a_day"], info["customer_id"]) == (
        "role mailbox",
        5,
        5,
        None,
    )


def test_whoever_a_clean_up_leaves_out_stands_in_no_table_of_ids(folder):
    text = TWO_IDS + "\nbob+email:bob@acme.com visit 1 11:00"
    folder.write("one", [(event_table(diary_rows(text)), LINKS.empty_table())], [])
    stitched = stitch(folder.id_sets(["one"]))
    recipe = Recipe("v-clean", "UTC", ("one",), stitched.who, stitched.customers)
    recipe = replace(recipe, clean_up=CleanUp((LeaveOut("ids", "@acme", "Colleagues"),)))
    events = Snapshot(build_snapshot(folder, recipe, folder.folder / "snapshots", LIMITS), LIMITS)
    assert {row["raw_id"] for row in rows_of(events, "ids")} == {
        "user_id:u1",
        "user_id:u2",
        "email:ana@example.com",
    }
    assert [(row["left"], row["right"]) for row in rows_of(events, "links")] == [
        ("email:ana@example.com", "user_id:u1")
    ]
