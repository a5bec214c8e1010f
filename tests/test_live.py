"""Calls of a tracking library: answered when they are on the disk, never lost, never twice."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware

from benchmarks.live_traffic import run, stored_messages
from journey_app.guard import Guard
from journey_app.intake import calls as live_calls
from journey_app.intake.calls import MOST_CALLS
from journey_app.live.address import MOST_NAMED, Live
from journey_app.live.asking import BODY_BYTES, key_in_header, unpacked
from journey_app.live.merging import merge_one
from journey_app.live.pace import BURST_S, Pace
from journey_app.settings import Settings
from journey_app.workspace.home import create_workspace, delete_workspace, open_workspace
from journey_app.workspace.inbox import merge, waiting
from journey_app.workspace.keys import create_key, revoke_key

NEVER = b"a body that does not come"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def apart(coroutine):
    """Run it on a thread of its own: where browser tests came before, this one has a loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


class Door:
    """The address as a library meets it, without a network between."""

    def __init__(self, home, **settings):
        self.settings = Settings(home=home, **settings)
        self.space = open_workspace("acme", Settings(home=home), create=True, now=NOW)
        self.key, self.made = create_key(self.space.store, "tests", author="tests", now=NOW)
        self.live = Live(self.settings)
        self.app = Starlette(
            routes=self.live.routes(),
            middleware=[Middleware(Guard, any_host=False, read_only=False, headers={})],
        )

    def send(self, path, body, *, key=None, method="POST", headers=None):
        """Status, headers and JSON of one answer. body: an object, or the bytes as they are."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"host": "localhost", "content-type": "application/json", **(headers or {})}
        if key:
            sent["authorization"] = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        return apart(self._send(path, raw, method, sent))

    async def _send(self, path, raw, method, headers):
        got = {"body": b""}

        async def receive():
            if raw is NEVER:
                await asyncio.sleep(60)
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message):
            if message["type"] == "http.response.start":
                got.update(status=message["status"], headers=message["headers"])
            else:
                got["body"] += message.get("body", b"")

        scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": [(k.encode(), v.encode()) for k, v in headers.items()], "client": ("127.0.0.1", 1),
            "server": ("localhost", 80), "scheme": "http", "http_version": "1.1", "root_path": "",
        }  # fmt: skip
        await self.app(scope, receive, send)
        told = {k.decode(): v.decode() for k, v in got["headers"]}
        return got["status"], told, json.loads(got["body"] or b"{}")


@pytest.fixture
def door(tmp_path):
    return Door(tmp_path)


def call(number, **more):
    return {"type": "track", "event": "Paid", "userId": "ana", "messageId": f"m{number}", **more}


# ---------------------------------------------------------------- who may send


def test_a_key_is_taken_as_a_user_name_or_in_the_body(door):
    assert door.send("/v1/track", call(1), key=door.key)[0] == 200
    assert door.send("/v1/batch", {"writeKey": door.key, "batch": [call(2)]})[0] == 200
    assert waiting(door.space).calls == 2


@pytest.mark.parametrize("key", [None, "", "x" * 43, "ünicode"])
def test_a_wrong_or_missing_key_is_told_so_and_nothing_is_kept(door, key):
    status, headers, told = door.send("/v1/track", call(1), key=key)
    assert (status, told["code"]) == (401, "no_write_key")
    assert "www-authenticate" in headers and told["do"]
    assert waiting(door.space).calls == 0


def test_a_revoked_key_opens_nothing_soon_after(door, monkeypatch):
    monkeypatch.setattr("journey_app.live.owners.KEYS_FRESH_S", 0.0)
    assert door.send("/v1/track", call(1), key=door.key)[0] == 200
    revoke_key(door.space.store, door.made.key_id, author="tests", now=NOW)
    assert door.send("/v1/track", call(2), key=door.key)[0] == 401


def test_the_key_itself_is_nowhere_on_the_disk(door):
    door.send("/v1/track", call(1), key=door.key)
    kept = b"".join(f.read_bytes() for f in door.space.folder.rglob("*") if f.is_file())
    assert door.key.encode() not in kept


def test_trying_keys_is_slowed_down_and_the_right_one_still_opens(door, monkeypatch):
    monkeypatch.setattr("journey_app.live.owners.MISS_FRESH_S", 60.0)
    answers = [door.send("/v1/track", call(1), key=f"{n:043d}") for n in range(12)]
    assert [status for status, *_ in answers[-2:]] == [429, 429]
    assert answers[-1][1]["retry-after"] == "60"
    assert door.send("/v1/track", call(1), key=door.key)[0] == 200


def test_each_key_sends_into_its_own_workspace(tmp_path):
    door = Door(tmp_path)
    create_workspace("Other", "UTC", "EUR", door.settings, now=NOW)
    other = open_workspace("other", door.settings)
    key, _ = create_key(other.store, "other", author="tests", now=NOW)
    door.send("/v1/track", call(1), key=door.key)
    door.send("/v1/track", call(2), key=key)
    door.send("/v1/track", call(3), key=key)
    assert (waiting(door.space).calls, waiting(other).calls) == (1, 2)


def test_a_workspace_made_anew_under_an_old_name_takes_no_old_key_and_loses_no_call(door, monkeypatch):
    monkeypatch.setattr("journey_app.live.owners.KEYS_FRESH_S", 0.0)
    assert door.send("/v1/track", call(1), key=door.key)[0] == 200
    delete_workspace("acme", door.settings, now=NOW + timedelta(days=1))
    again = open_workspace("acme", door.settings, create=True, now=NOW)
    assert door.send("/v1/track", call(2), key=door.key)[0] == 401
    key, _ = create_key(again.store, "new", author="tests", now=NOW)
    answers = [door.send("/v1/track", call(n), key=key)[0] for n in (3, 4)]
    assert answers[-1] == 200  # the first may be told to come again: its file had gone
    assert waiting(again).calls == answers.count(200)


# ---------------------------------------------------------------- what may be sent


def test_packed_bodies_are_read_and_bombs_are_not(door):
    packed = {"content-encoding": "gzip"}
    good = gzip.compress(json.dumps({"batch": [call(1)]}).encode())
    assert door.send("/v1/batch", good, key=door.key, headers=packed)[0] == 200
    bomb = gzip.compress(b"[" * 100 * BODY_BYTES)
    assert len(bomb) < BODY_BYTES
    assert door.send("/v1/batch", bomb, key=door.key, headers=packed)[0] == 413
    assert door.send("/v1/batch", good[:-9], key=door.key, headers=packed)[2]["code"] == "not_gzip"
    assert door.send("/v1/batch", b"{}", key=door.key, headers={"content-encoding": "br"})[0] == 415


def test_the_same_bound_holds_for_what_is_sent_unpacked():
    assert unpacked(b"x" * 10, "") == b"x" * 10


def test_too_large_a_body_is_refused_before_it_is_read(door):
    assert door.send("/v1/batch", b" " * (BODY_BYTES + 1), key=door.key)[0] == 413


def test_a_request_that_does_not_come_is_not_waited_for(door, monkeypatch):
    monkeypatch.setattr("journey_app.live.asking.BODY_S", 0.05)
    assert door.send("/v1/batch", NEVER, key=door.key)[0] == 408


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"9" * 5_000])
def test_what_is_no_json_is_told_so(door, body):
    assert door.send("/v1/batch", body, key=door.key)[2]["code"] == "not_json"


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a":' * 90_000])
def test_objects_within_objects_without_end_are_told_so(door, body):
    status, _, told = door.send("/v1/batch", body, key=door.key)
    assert (status, told["code"]) == (400, "too_deep")


@pytest.mark.parametrize("levels", [50, 900])
def test_a_call_of_objects_within_objects_is_a_bad_call_and_never_a_fault(door, levels):
    deep = call(1, properties=json.loads('{"a":' * levels + "1" + "}" * levels))
    status, _, told = door.send("/v1/batch", {"batch": [deep, call(2)]}, key=door.key)
    assert (status, told["kept"]) == (200, 1)
    assert "within one another" in told["refused"][0]["what"]


def packed_zeros(key=""):
    return gzip.compress(json.dumps({"writeKey": key, "batch": [0] * 150_000}).encode())


def test_nothing_is_read_as_calls_before_the_key_is_known(door, monkeypatch):
    looked_at = []
    monkeypatch.setattr(live_calls, "_type", lambda item, place: looked_at.append(place))
    packed = {"content-encoding": "gzip"}
    assert door.send("/v1/batch", packed_zeros(), headers=packed)[0] == 401
    assert door.send("/v1/batch", packed_zeros("x" * 43), headers=packed)[0] == 401
    assert looked_at == []


@pytest.mark.parametrize("in_body", [True, False])
def test_a_request_of_too_many_calls_is_refused_before_any_is_read(door, monkeypatch, in_body):
    looked_at = []
    monkeypatch.setattr(live_calls, "_type", lambda item, place: looked_at.append(place))
    key = {} if in_body else {"key": door.key}
    body = packed_zeros(door.key if in_body else "")
    status, _, told = door.send("/v1/batch", body, headers={"content-encoding": "gzip"}, **key)
    assert (status, told["code"]) == (413, "too_many")
    assert f"{MOST_CALLS:,}" in told["message"] and looked_at == []
    assert waiting(door.space).refused == {}


def test_an_answer_names_some_bad_calls_and_counts_all(door):
    status, _, told = door.send("/v1/batch", {"batch": [call(1)] + [0] * 2_000}, key=door.key)
    assert (status, told["kept"], told["bad"]) == (200, 1, 2_000)
    assert len(told["refused"]) == MOST_NAMED and len(json.dumps(told)) < 20_000


def test_calls_are_written_down_beside_the_loop_that_answers_others(door, monkeypatch):
    from journey_app.workspace import inbox

    threads = []

    def dumps(*args, **how):
        threads.append(threading.current_thread().name)
        return json.dumps(*args, **how)

    monkeypatch.setattr(inbox, "json", SimpleNamespace(dumps=dumps, loads=json.loads))
    assert door.send("/v1/track", call(1), key=door.key)[0] == 200
    assert threads and all(name.startswith("asyncio_") for name in threads)


def test_one_bad_call_does_not_harm_the_others_and_is_counted(door):
    status, _, told = door.send(
        "/v1/batch", {"batch": [call(1), {"type": "track", "userId": "x"}]}, key=door.key
    )
    assert status == 200 and told["kept"] == 1
    assert [bad["field"] for bad in told["refused"]] == ["batch[1].event"]
    assert {reason: n for reason, (n, _) in waiting(door.space).refused.items()} == {"“event” is missing": 1}


def test_a_request_of_only_bad_calls_is_refused_naming_the_field(door):
    status, _, told = door.send("/v1/track", {"userId": "x"}, key=door.key)
    assert (status, told["message"]) == (400, "“body.event” is missing.")
    assert door.send("/v1/batch", {"batch": [3]}, key=door.key)[0] == 400
    assert waiting(door.space).calls == 0


def test_too_fast_is_told_when_to_come_again(tmp_path):
    door = Door(tmp_path, live_calls_per_s=1)
    many = {"batch": [{"type": "track"}] * (MOST_CALLS - 1) + [call(1)]}
    assert door.send("/v1/batch", many, key=door.key)[0] == 200
    status, headers, _ = door.send("/v1/batch", {"batch": [call(n) for n in range(20, 23)]}, key=door.key)
    assert status == 429 and 1 <= int(headers["retry-after"]) <= 3


def test_ten_seconds_worth_of_calls_come_at_once_and_not_one_more():
    pace = Pace(1_000)
    assert all(pace.wait("a", MOST_CALLS, now=0.0) == 0.0 for _ in range(4))
    assert pace.wait("a", 1, now=0.0) == pytest.approx(0.001)
    assert pace.wait("b", 1, now=0.0) == 0.0
    assert pace.wait("a", MOST_CALLS, now=2.5) == 0.0


def test_a_key_may_send_its_pace_for_ever():
    pace = Pace(10)
    assert all(pace.wait("c", 10, now=float(second)) == 0.0 for second in range(1000))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, MOST_CALLS), st.floats(0, 30)), max_size=60), st.integers(1, 3_000))
def test_no_order_of_requests_gets_more_through_than_the_pace_and_one_rest(requests, per_s):
    pace, now, through = Pace(per_s), 0.0, 0
    for calls, later in requests:
        now += later
        wait_s = pace.wait("a", calls, now)
        through += calls if wait_s == 0 else 0
        assert through <= max(per_s * BURST_S, MOST_CALLS) + now * per_s + 1e-6
        if wait_s:  # what it is told to wait is enough
            now += wait_s + 1e-6
            assert pace.wait("a", calls, now) == 0.0
            through += calls


def test_web_pages_may_send_only_where_they_are_named(tmp_path):
    page = {"origin": "https://shop.example"}
    closed = Door(tmp_path / "closed")
    assert closed.send("/v1/track", call(1), key=closed.key, headers=page)[0] == 403
    assert waiting(closed.space).calls == 0
    opened = Door(tmp_path / "opened", live_origins="https://shop.example, https://other.example")
    status, headers, _ = opened.send("/v1/track", b"", method="OPTIONS", headers=page)
    assert (status, headers["access-control-allow-origin"]) == (204, "https://shop.example")
    assert opened.send("/v1/t", call(1), key=opened.key, headers=page)[0] == 200
    assert opened.send("/v1/t", call(1), key=opened.key, headers={"origin": "https://evil.example"})[0] == 403


def test_a_foreign_name_reaches_nothing(door):
    assert asyncio_status(door, "/v1/track") == 421


def asyncio_status(door, path):
    try:
        return door.send(path, call(1), key=door.key, headers={"host": "rebound.example"})[0]
    except json.JSONDecodeError:  # the guard answers in plain text
        return 421


def test_an_app_for_reading_takes_no_calls(tmp_path):
    key = Door(tmp_path).key
    reading = Door.__new__(Door)
    reading.settings = Settings(home=tmp_path, read_only=True)
    reading.live = Live(reading.settings)
    reading.app = Starlette(routes=reading.live.routes())
    assert reading.send("/v1/track", call(1), key=key)[0] == 403


def test_a_full_disk_is_answered_and_nothing_is_said_to_be_kept(door, monkeypatch):
    import sqlite3

    def full(*_args):
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorname = "SQLITE_FULL"
        raise error

    monkeypatch.setattr("journey_app.store.inbox._insert", full)
    status, headers, told = door.send("/v1/track", call(1), key=door.key)
    assert status == 503 and headers["retry-after"] == "5" and "disk" in told["message"]
    monkeypatch.undo()
    assert door.send("/v1/track", call(1), key=door.key)[0] == 200


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("Basic YTpi", "a"),
        ("basic YTo=", "a"),
        ("Bearer YTo=", None),
        ("", None),
        ("Basic ???", ""),
        ("Basic", ""),
    ],
)
def test_only_the_user_name_of_basic_authorisation_is_a_key(header, key):
    assert key_in_header({"authorization": header}) == key


def test_the_same_call_again_is_kept_once_before_and_after_it_became_an_event(door):
    for _ in range(2):
        door.send("/v1/track", call(1), key=door.key)
    assert waiting(door.space).calls == 1
    merge(door.space, now=NOW)
    door.send("/v1/track", call(1), key=door.key)
    door.send("/v1/track", call(2), key=door.key)
    merge(door.space, now=NOW)
    assert stored_messages(door.space) == {"m1": 1, "m2": 1}


def test_a_workspace_that_cannot_be_opened_costs_nobody_a_call(tmp_path):
    door = Door(tmp_path)
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "state.sqlite").write_bytes(b"no database" * 1000)
    assert door.send("/v1/track", call(1), key=door.key)[0] == 200
    status, headers, _ = door.send("/v1/track", call(2), key="x" * 43)  # it may be the broken one's
    assert status == 503 and headers["retry-after"] == "30"


def test_a_workspace_that_is_damaged_while_it_is_open_shuts_nobody_else(tmp_path, monkeypatch):
    monkeypatch.setattr("journey_app.live.owners.KEYS_FRESH_S", 0.0)
    door = Door(tmp_path)
    create_workspace("Other", "UTC", "EUR", door.settings, now=NOW)
    other = open_workspace("other", door.settings)
    key, _ = create_key(other.store, "other", author="tests", now=NOW)
    other.store.close()
    assert door.send("/v1/track", call(1), key=key)[0] == 200
    file = tmp_path / "other" / "state.sqlite"
    whole = file.read_bytes()
    with file.open("r+b") as same_file:
        same_file.write(b"no database" * 1000)
    assert door.send("/v1/track", call(2), key=door.key)[0] == 200
    status, headers, _ = door.send("/v1/track", call(3), key=key)
    assert (status, headers["retry-after"]) == (503, "30")
    with file.open("r+b") as same_file:
        same_file.write(whole)
    assert door.send("/v1/track", call(3), key=key)[0] == 200
    assert door.send("/v1/track", call(4), key="x" * 43)[0] == 401


def test_somebody_who_goes_away_before_the_answer_stops_nobody_else(door):
    from journey_app.workspace.inbox import inbox_of

    future = inbox_of(door.space).submit([])
    assert not future.cancel()
    assert door.send("/v1/track", call(1), key=door.key)[0] == 200


def test_what_waits_is_merged_by_the_server_itself(door):
    door.send("/v1/track", call(1), key=door.key)
    with door.live.merging():
        until = time.monotonic() + 60
        while waiting(door.space).calls and time.monotonic() < until:
            time.sleep(0.1)
    assert stored_messages(door.space) == {"m1": 1}


def test_a_merge_that_fails_is_seen_and_calls_go_on_being_kept(door, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("a fault")

    door.send("/v1/track", call(1), key=door.key)
    monkeypatch.setattr("journey_app.live.merging.merge_if_free", broken)
    assert merge_one(door.space) > 1
    assert "RuntimeError" in waiting(door.space).merge[2]
    assert door.send("/v1/track", call(2), key=door.key)[0] == 200
    assert waiting(door.space).calls == 2


# ---------------------------------------------------------------- the whole way, with a client that is not ours


@pytest.mark.xdist_group("pages")
def test_everything_a_real_library_sends_arrives_though_the_server_is_killed(tmp_path):
    pytest.importorskip("segment.analytics", reason="Segment's own library is a development requirement")
    started = time.monotonic()
    found = run(tmp_path, calls=500, kills=1, seed=3, per_s=250)
    assert (found.acknowledged, found.stored) == (500, 500)
    assert (found.lost, found.doubled, found.failed) == (0, 0, 0)
    assert time.monotonic() - started < 120


@pytest.mark.parametrize("broken", ["calls", "calls_who"])
def test_a_broken_preset_stops_the_server_and_not_every_merge(tmp_path, monkeypatch, broken):
    def preset(name):
        if name == broken:
            raise ValueError(name)

    monkeypatch.setattr(live_calls, "_preset", preset)
    with pytest.raises(ValueError, match=f"^{broken}$"):
        Live(Settings(home=tmp_path))


def test_both_presets_of_live_calls_load(tmp_path):
    live_calls._preset.cache_clear()
    Live(Settings(home=tmp_path))
    assert live_calls._preset.cache_info().currsize == 2
