"""A tray whose page is gone waits for its browser, and for no longer than said."""

from __future__ import annotations

import pytest

from journey_app.ui.shelf import KEPT_S, MOST_LEFT, Shelf

ANA, BOB = ("ana's browser", "acme"), ("bob's browser", "acme")


class Tray:
    closed = False

    def close(self) -> None:
        self.closed = True


class Room:
    """Pages that are open, and a clock."""

    def __init__(self) -> None:
        self.open, self.now, self.tray = {"first"}, 0.0, Tray()
        self.shelf: Shelf[Tray] = Shelf(self.open.__contains__, lambda: self.now)
        self.shelf.hold(self.tray, ANA, "first")


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_reloaded_page_finds_what_it_had_and_goes_on_with_it(room):
    room.open.clear()
    assert room.shelf.waiting(ANA) == [room.tray]
    room.open.add("second")
    assert room.shelf.take(room.tray, ANA, "second")
    assert room.shelf.waiting(ANA) == [] and room.shelf.is_elsewhere(room.tray, "first")
    assert not room.shelf.is_elsewhere(room.tray, "second")


def test_nothing_is_offered_to_another_browser_or_from_a_page_that_is_open(room):
    assert room.shelf.waiting(ANA) == [] and not room.shelf.take(room.tray, ANA, "second")
    room.open.clear()
    assert room.shelf.waiting(BOB) == [] and not room.shelf.take(room.tray, BOB, "second")
    assert room.shelf.waiting(("ana's browser", "globex")) == []


def test_what_lies_on_an_open_page_may_be_left_any_moment_and_what_waits_is_left_already(room):
    assert room.shelf.at_hand(ANA) and not room.shelf.at_hand(BOB)
    room.open.clear()
    assert not room.shelf.at_hand(ANA)


def test_the_files_go_half_an_hour_after_the_page_and_not_before(room):
    room.now = 10 * KEPT_S
    room.shelf.sweep()
    assert not room.tray.closed, "its page has been open all the time"
    room.open.clear()
    room.shelf.sweep()
    room.now += KEPT_S - 1
    room.shelf.sweep()
    assert room.shelf.waiting(ANA) and not room.tray.closed
    room.now += 1
    room.shelf.sweep()
    assert room.tray.closed and room.shelf.waiting(ANA) == []
    assert not room.shelf.take(room.tray, ANA, "second")


def test_of_many_trays_that_one_browser_leaves_the_last_few_wait(room):
    others = [Tray() for _ in range(MOST_LEFT + 1)]
    theirs = Tray()
    room.shelf.hold(theirs, BOB, "gone")
    for tray in others:
        room.now += 1
        room.shelf.hold(tray, ANA, "gone")
        room.shelf.sweep()
    assert [tray.closed for tray in others] == [True] + [False] * MOST_LEFT
    assert room.shelf.waiting(ANA) == others[1:]
    assert not room.tray.closed and not theirs.closed, "an open page's and another browser's"


def test_a_page_that_comes_back_starts_the_time_anew(room):
    room.open.clear()
    room.shelf.sweep()
    room.now, room.open = KEPT_S / 2, room.open
    room.open.add("first")
    room.shelf.sweep()
    room.open.clear()
    room.now = KEPT_S
    room.shelf.sweep()
    assert not room.tray.closed


def test_what_was_put_away_waits_for_nobody(room):
    room.open.clear()
    room.shelf.put_away(room.tray)
    assert room.shelf.waiting(ANA) == [] and not room.tray.closed
