"""A person's words leave a history that nobody can change, and nothing else does."""

import sqlite3

import pytest

from journey_app.errors import StaleEdit
from journey_app.store import database
from journey_app.store.documents import open_store
from tests.store.conftest import NOON, without

ANA = {"author": "ana", "now": NOON}
NAME = "Zaphod-4711"
CLEANED = without(NAME)


def test_an_erased_word_is_nowhere_in_the_folder_and_the_decisions_stay(store, file):
    for version, text in enumerate((f"Call Ms {NAME} back", f"Ms {NAME} was angry")):
        store.put("note", "n1", {"text": text * 50, "week": 1}, based_on=version, **ANA)
    store.put("note", "n2", {"text": "stays"}, based_on=0, author=NAME, now=NOON)
    store.put("note", "n3", {"text": "stays"}, based_on=0, **ANA)
    assert {(d.doc_id, d.version) for d in store.mentions(CLEANED)} == {("n1", 1), ("n1", 2), ("n2", 1)}
    assert store.erase_words(CLEANED, now=NOON) == [("note", "n1", 2), ("note", "n2", 1)]
    store.rewrite_file()
    held = store.history("note", "n1")
    assert [d.body["text"] for d in held] == [
        "Call Ms (gone) back" * 50,
        *(["Ms (gone) was angry" * 50] * 2),
    ]
    assert {d.author for d in held} == {"ana"} and {d.saved_at for d in held} == {NOON}
    assert store.get("note", "n2").author == "(gone)" and store.get("note", "n3").version == 1
    assert store.mentions(CLEANED) == []
    store.close()
    assert all(b"Zaphod" not in f.read_bytes() for f in file.parent.iterdir())


def test_an_erased_word_is_not_in_an_open_write_ahead_log_either(file, monkeypatch):
    monkeypatch.setattr(database, "journal_mode", lambda version: "wal")
    store = open_store(file)
    store.put("note", "n1", {"text": f"Ms {NAME} was angry"}, based_on=0, **ANA)
    log = file.with_name(file.name + "-wal")
    assert b"Zaphod" in log.read_bytes()
    store.erase_words(CLEANED, now=NOON)
    store.rewrite_file()
    assert b"Zaphod" not in log.read_bytes()
    store.close()
    assert b"Zaphod" not in file.read_bytes()


def test_whoever_still_holds_the_old_text_is_too_late(store):
    store.put("note", "n1", {"text": NAME}, based_on=0, **ANA)
    store.erase_words(CLEANED, now=NOON)
    with pytest.raises(StaleEdit, match="Somebody who forgot a customer saved this note") as late:
        store.put("note", "n1", {"text": f"{NAME}!"}, based_on=1, **ANA)
    assert late.value.theirs == {"text": "(gone)"}


def test_an_erased_word_does_not_come_back_by_a_replay(store):
    store.put("note", "n1", {"text": NAME}, based_on=0, edit_id="e1", **ANA)
    store.erase_words(CLEANED, now=NOON)
    with pytest.raises(StaleEdit, match="Somebody who forgot a customer"):
        store.put("note", "n1", {"text": NAME}, based_on=0, edit_id="e1", **ANA)
    assert store.get("note", "n1").body == {"text": "(gone)"}


def test_a_document_that_means_nothing_without_the_words_reads_as_deleted_under_another_name(store):
    store.put("cut", f"{NAME}|bob", {"left": NAME, "right": "bob"}, based_on=0, **ANA)
    store.put("cut", f"c of {NAME}7", {"left": f"{NAME}7", "right": "eve"}, based_on=0, **ANA)
    store.erase_words(CLEANED, gone={"cut": lambda body: NAME in body.values()}, now=NOON)
    (other,) = store.list("cut")
    assert other.body == {"left": f"{NAME}7", "right": "eve"}, "ids that only look alike are other people's"
    assert NAME not in other.doc_id
    assert store.history("cut", f"{NAME}|bob") == []


def test_the_guard_is_back_after_erasing(store, file):
    store.put("note", "n1", {"text": NAME}, based_on=0, **ANA)
    store.erase_words(CLEANED, now=NOON)
    outsider = sqlite3.connect(file)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        outsider.execute("UPDATE documents SET body = '{}'")
    outsider.close()


def test_erasing_counts_with_its_transaction_or_not_at_all(store):
    store.put("note", "n1", {"text": NAME}, based_on=0, **ANA)
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.erase_words(CLEANED, now=NOON)
        raise ZeroDivisionError
    assert store.get("note", "n1").body == {"text": NAME}
    with pytest.raises(RuntimeError, match="inside a transaction"), store.transaction():
        store.rewrite_file()
