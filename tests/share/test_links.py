"""A link opens one frozen answer until it ends, and the database never holds its key."""

from datetime import UTC, datetime, timedelta

import pytest

from journey_app.errors import BadChoice, NotAllowed, UnknownName
from journey_app.share import links
from journey_app.share.links import create_link, list_links, open_link, revoke_link
from journey_app.store.documents import open_store

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BODY = {"headline": "Most people are lost before paying", "steps": [{"event": "pay", "customers": 10}]}
REFUSAL = "This link does not open anything. Ask whoever sent it for a new one."


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "state.sqlite")
    yield opened
    opened.close()


def share(store, **changes):
    return create_link(store, BODY, **{"author": "ana", "now": NOON, "title": "Board, November"} | changes)


def refusal(store, token, now=NOON):
    with pytest.raises(NotAllowed) as refused:
        open_link(store, token, now)
    return str(refused.value)


def test_a_token_opens_what_was_frozen(store):
    token, link = share(store)
    assert open_link(store, token, NOON) == BODY
    assert (link.title, link.author, link.created_at) == ("Board, November", "ana", NOON)
    assert link.expires_at == NOON + timedelta(days=30) and not link.revoked


def test_a_token_has_256_bits_and_is_never_given_twice(store):
    tokens = {share(store)[0] for _ in range(50)}
    assert len(tokens) == 50 and {len(token) for token in tokens} == {43}


def test_a_token_opens_its_own_answer_only(store):
    one, _ = create_link(store, {"n": 1}, author="ana", now=NOON, title="one")
    two, _ = create_link(store, {"n": 2}, author="ana", now=NOON, title="two")
    assert (open_link(store, one, NOON), open_link(store, two, NOON)) == ({"n": 1}, {"n": 2})


def test_a_link_ends_at_its_hour_and_not_before(store):
    token, _ = share(store, expires=timedelta(hours=1))
    assert open_link(store, token, NOON + timedelta(minutes=59)) == BODY
    assert refusal(store, token, NOON + timedelta(hours=1)) == REFUSAL


def test_a_revoked_link_is_closed_at_once_and_for_good(store):
    token, link = share(store)
    other, _ = share(store)
    ended = revoke_link(store, link.link_id, author="bob", now=NOON + timedelta(minutes=5))
    assert ended.revoked and ended.revoked_at == NOON + timedelta(minutes=5)
    assert refusal(store, token) == REFUSAL
    again = revoke_link(store, link.link_id, author="ana", now=NOON + timedelta(days=1))
    assert again == ended
    assert open_link(store, other, NOON) == BODY


WRONG = ["", " ", "*", ":token", "../../etc/passwd", "%", "A" * 42, "A" * 43, "A" * 44, "A" * 10_240]
UNREADABLE = ["ü" * 43, "\x00" * 43, "\ud800" * 43, "A" * 43 + "\n"]


@pytest.mark.parametrize("token", [*WRONG, *UNREADABLE], ids=range(14))
def test_every_wrong_token_gets_the_same_sentence(store, token):
    share(store)
    assert refusal(store, token) == REFUSAL


def test_what_the_owner_sees_opens_nothing(store):
    token, link = share(store)
    seal = store.get(links.LINK, link.link_id).body["token_sha256"]
    for almost in (link.link_id, seal, seal[:43], token[:-1], token.swapcase()):
        assert refusal(store, almost) == REFUSAL


def test_a_token_of_another_workspace_opens_nothing_here(store, tmp_path):
    elsewhere = open_store(tmp_path / "other.sqlite")
    token, _ = share(elsewhere)
    elsewhere.close()
    assert refusal(store, token) == REFUSAL


def test_a_snapshot_whose_link_does_not_know_its_token_stays_closed(store):
    token, link = share(store)
    kept = store.get(links.LINK, link.link_id)
    forged = {**kept.body, "token_sha256": "0" * 64}
    store.put(links.LINK, link.link_id, forged, based_on=1, author="eve", now=NOON)
    assert refusal(store, token) == REFUSAL


def test_a_deleted_snapshot_stays_closed(store):
    token, link = share(store)
    seal = store.get(links.LINK, link.link_id).body["token_sha256"]
    store.delete(links.SNAPSHOT, seal, based_on=1, author="ana", now=NOON)
    assert refusal(store, token) == REFUSAL


def test_the_token_is_nowhere_in_the_files(store, tmp_path):
    token, link = share(store)
    open_link(store, token, NOON)
    revoke_link(store, link.link_id, author="ana", now=NOON)
    store.backup(tmp_path / "copy.sqlite")
    store.close()
    written = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert b"Most people are lost" in written["state.sqlite"]  # the search would find what is there
    assert all(token.encode() not in content for content in written.values())


def test_a_link_shows_its_token_to_nobody(store):
    token, link = share(store)
    assert token not in repr(link) and token not in repr(list_links(store))
    assert token not in refusal(store, token, NOON + timedelta(days=31))


def test_the_list_holds_every_link_newest_first(store):
    _, old = share(store, title="old")
    _, new = share(store, title="new", now=NOON + timedelta(days=1))
    ended = revoke_link(store, old.link_id, author="ana", now=NOON + timedelta(days=2))
    assert list_links(store) == [new, ended]


def test_a_holder_needs_nothing_but_a_reader(store, tmp_path):
    token, link = share(store)
    reader = open_store(tmp_path / "state.sqlite", read_only=True)
    assert open_link(reader, token, NOON) == BODY
    for deed in (
        lambda: create_link(reader, BODY, author="eve", now=NOON, title="mine"),
        lambda: revoke_link(reader, link.link_id, author="eve", now=NOON),
    ):
        with pytest.raises(NotAllowed):
            deed()
    reader.close()
    assert open_link(store, token, NOON) == BODY


def test_revoking_names_the_links_there_are(store):
    _, link = share(store)
    with pytest.raises(UnknownName, match=link.link_id):
        revoke_link(store, "nonsense", author="ana", now=NOON)


def test_a_link_that_cannot_be_kept_leaves_nothing(store, monkeypatch):
    with pytest.raises(TypeError):
        create_link(store, {"x": object()}, author="ana", now=NOON, title="broken")
    assert list_links(store) == []


@pytest.mark.parametrize(
    "expires", [timedelta(0), timedelta(days=-1), timedelta(minutes=4), timedelta(days=367)]
)
def test_a_time_that_makes_no_sense_is_refused(store, expires):
    with pytest.raises(BadChoice, match="5 minutes"):
        share(store, expires=expires)


@pytest.mark.parametrize("title", ["", "  ", "x" * 121])
def test_a_link_needs_a_title(store, title):
    with pytest.raises(BadChoice, match="title"):
        share(store, title=title)
    assert list_links(store) == []
