"""The Share page: a link is shown once, can be taken back, and readers get only the explanation."""

from __future__ import annotations

import pytest

from journey_app.errors import NotAllowed
from journey_app.share.links import list_links, open_link
from tests.ui.page_home import open_page

pytestmark = pytest.mark.xdist_group("pages")


@pytest.fixture
def page(monkeypatch, tmp_path):
    return lambda **how: open_page(monkeypatch, tmp_path, "share", **how)


def address(opened) -> str:
    return next((each.value for each in opened.app.code if "/s/" in each.value), "")


def test_the_file_comes_first_and_a_link_is_said_to_work_here_only(page):
    opened = page()
    assert "works here only" in opened.words()
    assert next(each.label for each in opened.app.get("download_button")) == "Download the report"
    assert address(opened) == ""


def test_a_link_opens_the_report_until_it_is_taken_back(page):
    opened = page()
    opened.click("Create the link")
    token = address(opened).rsplit("/", 1)[1]
    (link,) = list_links(opened.space.store)
    body = open_link(opened.space.store, token, link.created_at)
    assert body["goal_name"] == "Trial to paid"
    assert body["ends"] == link.expires_at.date().isoformat()

    opened.click("Revoke")
    with pytest.raises(NotAllowed):
        open_link(opened.space.store, token, link.created_at)
    assert address(opened) == "", "an address that opens nothing is not shown"
    assert "revoked" in opened.words()
    assert "Revoke" not in [each.label for each in opened.app.button]


def test_the_address_is_gone_once_copied(page):
    opened = page()
    opened.click("Create the link")
    token = address(opened).rsplit("/", 1)[1]
    opened.click("I have copied it")
    assert token not in opened.words()


def test_a_link_without_a_title_is_refused_with_a_sentence(page):
    opened = page()
    opened.field("text_input", "Title").set_value("  ")
    opened.click("Create the link")
    assert "needs a title" in opened.words()
    assert list_links(opened.space.store) == []


def test_a_reader_sees_what_a_report_holds_and_no_button(page):
    opened = page(read_only=True)
    assert "Groups of fewer than 5" in opened.words()
    assert not opened.app.button
    assert not opened.app.get("download_button")
