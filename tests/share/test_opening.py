"""A token opens its own report; wrong, ended and revoked ones all get the same sentence."""

from __future__ import annotations

import gc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journey_app.errors import NotAllowed
from journey_app.plain import to_plain
from journey_app.settings import Settings
from journey_app.share.links import create_link, revoke_link
from journey_app.share.opening import open_shared
from journey_app.workspace.home import open_workspace
from tests.share.canary import frozen

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.fixture
def settings(tmp_path):
    found = Settings(home=tmp_path)
    for name in ("acme", "other"):
        open_workspace(name, found, create=True, now=NOW)
    return found


def link(settings, name="acme", title="Acme"):
    store = open_workspace(name, settings).store
    body = to_plain(frozen(title=title, ends=(NOW + MONTH).date()))
    return store, *create_link(store, body, author="Ana", now=NOW, expires=MONTH, title=title)


def refusal(settings, token, now=NOW) -> str:
    with pytest.raises(NotAllowed) as refused:
        open_shared(settings, token, now)
    return str(refused.value)


def test_each_token_opens_the_report_of_its_own_workspace(settings):
    _store, first, _link = link(settings, "acme", "For Acme")
    _store, second, _link = link(settings, "other", "For the other")
    assert "For Acme" in open_shared(settings, first, NOW)
    page = open_shared(settings, second, NOW)
    assert "For the other" in page
    assert "For Acme" not in page
    assert "ends 1\u00a0Jul" in page


def test_every_dead_token_gets_the_same_sentence(settings):
    store, token, made = link(settings)
    wrong = refusal(settings, "x" * 43)
    assert refusal(settings, "") == wrong
    assert refusal(settings, "../../etc") == wrong
    assert refusal(settings, token, NOW + MONTH) == wrong
    assert "For" not in wrong and "Acme" not in wrong
    assert open_shared(settings, token, NOW + MONTH - timedelta(seconds=1))
    revoke_link(store, made.link_id, author="Ana", now=NOW)
    assert refusal(settings, token) == wrong


def test_a_workspace_that_cannot_be_opened_does_not_close_the_others(settings):
    _store, token, _link = link(settings, "other", "Still there")
    broken = settings.home / "aaa"
    broken.mkdir()
    (broken / "state.sqlite").write_bytes(b"not a database at all, only a file of that name" * 40)
    assert "Still there" in open_shared(settings, token, NOW)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted as Linux tells them")
def test_looking_for_a_link_leaves_no_file_open(settings):
    _store, token, _link = link(settings, "other")
    open_shared(settings, token, NOW)
    gc.collect()
    gc.disable()
    try:
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(10):
            open_shared(settings, token, NOW)
            refusal(settings, "x" * 43)
        assert len(list(Path("/proc/self/fd").iterdir())) <= before
    finally:
        gc.enable()


def test_what_is_no_token_opens_no_workspace(settings, monkeypatch):
    monkeypatch.setattr("journey_app.share.opening.list_workspaces", lambda _: pytest.fail("looked for"))
    for text in ("", "short", "x" * 44, "y" * 10_000):
        refusal(settings, text)
