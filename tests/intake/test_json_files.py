"""Which of the lists in a JSON file are read, and is that ever decided in silence?"""

import json
from pathlib import Path

import pytest

from journey_app.errors import BadFile
from journey_app.intake.limits import Limits
from journey_app.intake.prepare import prepare
from journey_app.vocabulary import Answers
from tests.intake.conftest import outcome

EVENTS = [
    {"user_id": f"u{n}", "event": "Signup", "timestamp": f"2026-03-0{n}T10:00:00Z"} for n in range(1, 5)
]
OLDER = [{"user_id": "u1", "event": "Visit", "timestamp": "2026-02-01T10:00:00Z"}]
PEOPLE = [{"user_id": f"u{n}", "plan": "pro"} for n in range(1, 9)]
USUAL = Limits()
SMALL = Limits(record_chars=200)
ORDER = {
    "user_id": "u1",
    "event": "Order",
    "timestamp": "2026-03-01T10:00:00Z",
    "items": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}],
}


def tables(folder: Path, value: object, limits: Limits = USUAL):
    path = folder / "upload"
    path.write_text(json.dumps(value))
    return prepare(path, "log.json", Answers(), limits=limits)


@pytest.mark.parametrize("limits", [USUAL, SMALL], ids=["held", "streamed"])
def test_each_list_of_events_is_a_table_as_a_sheet_is(tmp_path, limits):
    found = tables(tmp_path, {"older": OLDER, "note": "x", "tags": ["a"], "events": EVENTS}, limits)
    assert [(t.file, len(outcome(t).events)) for t in found] == [
        ("log.json › older", 1),
        ("log.json › events", 4),
    ]


@pytest.mark.parametrize("limits", [USUAL, SMALL], ids=["held", "streamed"])
def test_a_longer_list_that_is_no_log_is_left_out_aloud(tmp_path, limits):
    (found,) = tables(tmp_path, {"users": PEOPLE, "events": EVENTS}, limits)
    assert found.file == "log.json › events" and len(outcome(found).events) == 4
    assert any(note.startswith("Left out: No column of “log.json › users”") for note in found.notes)


def test_one_event_with_a_list_inside_is_an_event(read):
    found = read(json.dumps(ORDER), "log.json")
    assert found.names() == ["Order"]
    assert json.loads(found.events[0]["properties"])["items"] == '[{"sku":"a","n":1},{"sku":"b","n":2}]'
    assert "Read as one record; its list “items” stays a cell of it." in found.prepared.notes


def test_a_wrapper_that_names_a_person_and_a_time_is_none_where_its_records_do(read):
    found = read(json.dumps({"user": "me@x.com", "time": "2026-03-05", "events": EVENTS}), "log.json")
    assert len(found.events) == 4 and found.prepared.file == "log.json"


def test_a_list_that_is_too_wide_does_not_cost_the_others(tmp_path):
    wide = [{f"key {n}": 1 for n in range(30)}]
    (found,) = tables(tmp_path, {"wide": wide, "events": EVENTS}, Limits(columns=10))
    assert found.file == "log.json › events"
    assert "Left out: “log.json › wide” has more than 10 fields." in found.notes


def test_a_cut_off_wrapper_is_refused_even_behind_its_list(tmp_path):
    path = tmp_path / "upload"
    path.write_text(json.dumps({"events": EVENTS, "more": OLDER * 20})[:-40])
    with pytest.raises(BadFile, match="damaged or cut off"):
        prepare(path, "log.json", Answers(), limits=SMALL)
