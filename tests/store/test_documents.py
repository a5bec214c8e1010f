"""Nothing acknowledged is overwritten, and everything can be read again."""

import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from journey_app.errors import BadChoice, NotAllowed, NothingYet, StaleEdit
from journey_app.store.documents import open_store
from journey_app.store.trouble import StoreTrouble
from tests.store.conftest import NOON

ANA = {"author": "ana", "now": NOON}
BOB = {"author": "bob", "now": NOON + timedelta(minutes=1)}


def test_what_was_put_is_what_one_gets(store):
    body = {"name": "Größe \ud800 \x00 🙂", "steps": ["visit", "pay"], "none": None, "half": 0.5}
    saved = store.put("goal", "main", body, based_on=0, **ANA)
    assert store.get("goal", "main") == saved
    assert (saved.version, saved.body, saved.author, saved.saved_at) == (1, body, "ana", NOON)


def test_a_moment_in_another_zone_is_kept_as_utc(store):
    berlin = datetime(2026, 11, 20, 13, 0, tzinfo=timezone(timedelta(hours=1)))
    saved = store.put("goal", "main", {}, based_on=0, author="ana", now=berlin)
    assert saved.saved_at.tzinfo is UTC and saved.saved_at == NOON


def test_a_moment_without_a_zone_is_refused(store):
    with pytest.raises(ValueError, match="without a zone"):
        store.put("goal", "main", {}, based_on=0, author="ana", now=NOON.replace(tzinfo=None))


def test_the_second_of_two_editors_sees_both_texts_and_overwrites_nothing(store):
    store.put("sprint", "1", {"title": "first"}, based_on=0, **ANA)
    store.put("sprint", "1", {"title": "bob's"}, based_on=1, **BOB)
    with pytest.raises(
        StaleEdit, match="bob saved this sprint while you were editing, at 2026-11-20 12:01"
    ) as late:
        store.put("sprint", "1", {"title": "ana's"}, based_on=1, **ANA)
    assert late.value.theirs == {"title": "bob's"} and late.value.mine == {"title": "ana's"}
    assert (late.value.version, late.value.author) == (2, "bob")
    assert late.value.at == "2026-11-20T12:01:00+00:00"
    assert store.get("sprint", "1").body == {"title": "bob's"}


def test_two_people_cannot_both_start_the_same_document(store):
    store.put("goal", "main", {"by": "ana"}, based_on=0, **ANA)
    with pytest.raises(StaleEdit, match="ana saved this goal"):
        store.put("goal", "main", {"by": "bob"}, based_on=0, **BOB)


def test_a_version_from_the_future_is_stale_too(store):
    store.put("goal", "main", {}, based_on=0, **ANA)
    with pytest.raises(StaleEdit, match="ana saved this goal"):
        store.put("goal", "main", {}, based_on=7, **ANA)


def test_an_edit_of_what_was_never_there_is_refused(store):
    with pytest.raises(NothingYet, match="This goal is no longer there"):
        store.put("goal", "main", {}, based_on=3, **ANA)


def test_a_deleted_document_is_gone_and_its_versions_stay_readable(store):
    store.put("sprint", "1", {"title": "keep me"}, based_on=0, **ANA)
    store.delete("sprint", "1", based_on=1, **BOB)
    assert store.get("sprint", "1") is None and store.list("sprint") == []
    assert [(d.version, d.deleted) for d in store.history("sprint", "1")] == [(1, False), (2, True)]
    assert store.history("sprint", "1")[0].body == {"title": "keep me"}


def test_editing_what_somebody_deleted_says_who_deleted_it(store):
    store.put("sprint", "1", {}, based_on=0, **ANA)
    store.delete("sprint", "1", based_on=1, **BOB)
    with pytest.raises(StaleEdit, match="bob deleted this sprint") as late:
        store.put("sprint", "1", {"title": "mine"}, based_on=1, **ANA)
    assert late.value.theirs is None and late.value.mine == {"title": "mine"}


def test_a_name_can_be_used_again_after_a_deletion(store):
    store.put("sprint", "1", {}, based_on=0, **ANA)
    store.delete("sprint", "1", based_on=1, **ANA)
    assert store.put("sprint", "1", {"new": True}, based_on=0, **BOB).version == 3


def test_what_is_not_there_cannot_be_deleted_twice(store):
    with pytest.raises(NothingYet, match="This sprint is no longer there"):
        store.delete("sprint", "1", based_on=0, **ANA)
    store.put("sprint", "1", {}, based_on=0, **ANA)
    store.delete("sprint", "1", based_on=1, **ANA)
    with pytest.raises(NothingYet, match="This sprint is no longer there"):
        store.delete("sprint", "1", based_on=2, **ANA)


def test_a_list_holds_the_newest_of_each_in_order(store):
    for name in ("b", "a", "ä", "c"):
        store.put("change", name, {"n": 1}, based_on=0, **ANA)
    store.put("change", "a", {"n": 2}, based_on=1, **BOB)
    store.delete("change", "c", based_on=1, **BOB)
    store.put("goal", "main", {}, based_on=0, **ANA)
    assert [(d.doc_id, d.version, d.body) for d in store.list("change")] == [
        ("a", 2, {"n": 2}),
        ("b", 1, {"n": 1}),
        ("ä", 1, {"n": 1}),
    ]


def test_a_replayed_edit_is_the_version_it_already_became(store):
    first = store.put("goal", "main", {"x": 1}, based_on=0, edit_id="e1", **ANA)
    store.put("goal", "main", {"x": 2}, based_on=1, edit_id="e2", **BOB)
    replays = [store.put("goal", "main", {"x": 1}, based_on=0, edit_id="e1", **BOB) for _ in range(20)]
    assert replays == [first] * 20
    assert len(store.history("goal", "main")) == 2


def test_one_edit_id_for_two_edits_is_a_bug_not_a_silent_no(store):
    store.put("goal", "main", {"x": 1}, based_on=0, edit_id="e1", **ANA)
    for kind, body in (("goal", {"x": 2}), ("sprint", {"x": 1})):
        with pytest.raises(ValueError, match="two different edits"):
            store.put(kind, "main", body, based_on=0, edit_id="e1", **ANA)
    with pytest.raises(ValueError, match="two different edits"):
        store.delete("goal", "main", based_on=1, edit_id="e1", **ANA)


@pytest.mark.parametrize("name", ["", "  ", "a\x00b", "\ud800", "x" * 201, "line\nbreak"])
def test_a_name_no_database_can_hold_is_refused_before_anything_is_saved(store, name):
    with pytest.raises(BadChoice, match="This name cannot be stored"):
        store.put("goal", name, {}, based_on=0, **ANA)
    with pytest.raises(BadChoice, match="This author cannot be stored"):
        store.put("goal", "main", {}, based_on=0, author=name, now=NOON)
    assert store.list("goal") == []


@pytest.mark.parametrize("body", [{"x": float("nan")}, {"x": object()}])
def test_a_body_that_is_not_json_is_a_bug(store, body):
    with pytest.raises((TypeError, ValueError), match="not JSON"):
        store.put("goal", "main", body, based_on=0, **ANA)
    assert store.get("goal", "main") is None


# ---------------------------------------------------------------- all or nothing


def test_a_transaction_saves_everything_together(store):
    with store.transaction():
        store.put("batch", "b1", {}, based_on=0, **ANA)
        store.put("pointer", "snapshot", {"to": "b1"}, based_on=0, **ANA)
        assert store.get("batch", "b1").version == 1
    assert store.get("batch", "b1") and store.get("pointer", "snapshot")


def test_a_transaction_that_fails_saves_nothing(store):
    store.put("pointer", "snapshot", {"to": "old"}, based_on=0, **ANA)
    with pytest.raises(StaleEdit, match="ana saved this pointer while you were editing"), store.transaction():
        store.put("batch", "b1", {}, based_on=0, **ANA)
        store.put("pointer", "snapshot", {"to": "b1"}, based_on=0, **ANA)
    assert store.get("batch", "b1") is None
    assert store.get("pointer", "snapshot").body == {"to": "old"}
    store.put("pointer", "snapshot", {"to": "new"}, based_on=1, **ANA)


def test_an_inner_transaction_can_fail_alone(store):
    with store.transaction():
        store.put("batch", "outer", {}, based_on=0, **ANA)
        with pytest.raises(RuntimeError), store.transaction():
            store.put("batch", "inner", {}, based_on=0, **ANA)
            raise RuntimeError
        store.put("batch", "after", {}, based_on=0, **ANA)
    assert [d.doc_id for d in store.list("batch")] == ["after", "outer"]


def test_another_thread_does_not_see_a_transaction_before_it_counts(store):
    seen = []
    look = threading.Thread(target=lambda: seen.append(store.get("batch", "b1")))
    with store.transaction():
        store.put("batch", "b1", {}, based_on=0, **ANA)
        look.start()
        look.join()
    assert seen == [None]
    assert store.get("batch", "b1")


# ---------------------------------------------------------------- the guards in the database itself


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE documents SET body = '{}'",
        "DELETE FROM documents",
        "INSERT OR REPLACE INTO documents SELECT kind, doc_id, version, '{}', body_sha256, author,"
        " saved_at, deleted, edit_id FROM documents",
        "INSERT OR REPLACE INTO documents SELECT 'other', doc_id, 1, '{}', body_sha256, author,"
        " saved_at, deleted, edit_id FROM documents",
        "INSERT INTO documents SELECT kind, doc_id, 9, body, body_sha256, author, saved_at, deleted, 'e9'"
        " FROM documents",
    ],
)
def test_history_cannot_be_changed_even_past_this_program(store, file, tampering):
    store.put("goal", "main", {"x": 1}, based_on=0, edit_id="e1", **ANA)
    outsider = sqlite3.connect(file)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        outsider.execute(tampering)
    outsider.close()
    assert [d.body for d in store.history("goal", "main")] == [{"x": 1}]


def test_a_body_changed_from_outside_is_noticed(store, file):
    store.put("goal", "main", {"x": 1}, based_on=0, **ANA)
    outsider = sqlite3.connect(file)
    outsider.execute("DROP TRIGGER documents_no_update")
    outsider.execute("""UPDATE documents SET body = '{"x":2}'""")
    outsider.commit()
    outsider.close()
    for look in (lambda: store.get("goal", "main"), lambda: store.list("goal")):
        with pytest.raises(StoreTrouble, match="changed from outside"):
            look()


# ---------------------------------------------------------------- read only


def test_a_read_only_store_reads_and_refuses_every_deed(store, file):
    store.put("goal", "main", {"x": 1}, based_on=0, **ANA)
    reader = open_store(file, read_only=True)
    assert reader.get("goal", "main").body == {"x": 1}
    deeds = [
        lambda: reader.put("goal", "main", {}, based_on=1, **ANA),
        lambda: reader.delete("goal", "main", based_on=1, **ANA),
        lambda: reader.lease("import", holder="h", now=NOON, seconds=1),
        lambda: reader.release("import", "h"),
        lambda: reader.erase_words(str, now=NOON),
        lambda: reader.transaction().__enter__(),
    ]
    for deed in deeds:
        with pytest.raises(NotAllowed, match="This view is for reading; nothing was changed"):
            deed()
    reader.close()
    assert len(store.history("goal", "main")) == 1


def test_a_read_only_connection_could_not_write_if_it_tried(store, file):
    reader = open_store(file, read_only=True)
    reader.read_only = False  # as a bug would
    with pytest.raises(StoreTrouble, match="cannot be opened or changed here"):
        reader.put("goal", "main", {}, based_on=0, **ANA)
    reader.close()


def test_a_reader_creates_nothing(tmp_path):
    with pytest.raises(NothingYet, match="Nothing has been saved here yet"):
        open_store(tmp_path / "not-there.sqlite", read_only=True)
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- one at a time


def test_only_one_holds_a_lease_until_it_ends(store):
    def ask(who, minutes):
        return store.lease("import", holder=who, now=NOON + timedelta(minutes=minutes), seconds=300)

    assert ask("ana", 0) and not ask("bob", 4)
    assert ask("ana", 4)  # prolonged to minute 9
    assert not ask("bob", 8.9) and ask("bob", 9)
    assert not ask("ana", 9)


def test_a_lease_is_given_back_only_by_its_holder(store):
    assert store.lease("import", holder="ana", now=NOON, seconds=300)
    store.release("import", "bob")
    assert not store.lease("import", holder="bob", now=NOON, seconds=300)
    store.release("import", "ana")
    assert store.lease("import", holder="bob", now=NOON, seconds=300)


def test_leases_of_different_names_do_not_meet(store):
    assert store.lease("import", holder="ana", now=NOON, seconds=300)
    assert store.lease("alerts", holder="bob", now=NOON, seconds=300)
