"""What becomes of a tray whose page was reloaded or closed? It waits for its browser a while, then it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Generic, Protocol, TypeVar

KEPT_S = 30 * 60.0  # a coffee, a call, a crashed browser; exports of people do not lie about for longer
LOOKED_AT_EVERY_S = 20.0
MOST_LEFT = 5  # trays of one owner that wait; of more, those left last


class Closable(Protocol):
    def close(self) -> None: ...


Tray = TypeVar("Tray", bound=Closable)
Owner = tuple[str, str]


@dataclass(eq=False)
class _Held(Generic[Tray]):
    """A tray and who is at it. session: the page that has it. left_at: since when that page is gone."""

    tray: Tray
    owner: Owner
    session: str
    left_at: float | None = None


class Shelf(Generic[Tray]):
    """Trays by their owner: a browser and a workspace. A page holds a tray as long as it is open.

    is_open: whether a session's page is still there. clock: seconds that only go on.
    """

    def __init__(self, is_open: Callable[[str], bool], clock: Callable[[], float] = monotonic) -> None:
        self._is_open, self._clock = is_open, clock
        self._held: list[_Held[Tray]] = []
        self._lock = Lock()
        self._watched = False

    def hold(self, tray: Tray, owner: Owner, session: str) -> None:
        """This page has this tray; when the page goes, it will wait."""
        with self._lock:
            found = self._of(tray)
            if found is None:
                self._held.append(_Held(tray, owner, session))
            else:
                found.session, found.left_at = session, None
            if not self._watched:
                self._watched = True
                Thread(target=self._watch, daemon=True, name="waiting trays").start()

    def is_elsewhere(self, tray: Tray, session: str) -> bool:
        """Whether another page went on with it."""
        with self._lock:
            found = self._of(tray)
            return found is not None and found.session != session

    def waiting(self, owner: Owner) -> list[Tray]:
        """What this owner's closed pages left, the newest last."""
        with self._lock:
            return [
                held.tray for held in self._held if held.owner == owner and not self._is_open(held.session)
            ]

    def at_hand(self, owner: Owner) -> bool:
        """Whether pages of this owner that are open hold any: one of them may be closing just now."""
        with self._lock:
            return any(held.owner == owner and self._is_open(held.session) for held in self._held)

    def take(self, tray: Tray, owner: Owner, session: str) -> bool:
        """Go on with a tray that waits; False when it does not any more."""
        with self._lock:
            found = self._of(tray)
            if found is None or found.owner != owner or self._is_open(found.session):
                return False
            found.session, found.left_at = session, None
            return True

    def put_away(self, tray: Tray) -> None:
        """It waits for nobody any more. Its files are its owner's to close."""
        with self._lock:
            self._held = [held for held in self._held if held.tray is not tray]

    def sweep(self) -> None:
        """Note which pages are gone, and close what has waited long enough, or behind too many others."""
        now, over = self._clock(), []
        with self._lock:
            for held in self._held:
                if self._is_open(held.session):
                    held.left_at = None
                elif held.left_at is None:
                    held.left_at = now
                elif now - held.left_at >= KEPT_S:
                    over.append(held)
            over += self._too_many([held for held in self._held if held not in over])
            self._held = [held for held in self._held if held not in over]
        for held in over:
            held.tray.close()

    def _too_many(self, kept: list[_Held[Tray]]) -> list[_Held[Tray]]:
        """Whatever waits beyond the last few of its owner."""
        left: dict[Owner, list[_Held[Tray]]] = {}
        for held in kept:
            if held.left_at is not None:
                left.setdefault(held.owner, []).append(held)
        by_age = (sorted(trays, key=lambda held: held.left_at or 0.0) for trays in left.values())
        return [held for trays in by_age for held in trays[:-MOST_LEFT]]

    def _of(self, tray: Tray) -> _Held[Tray] | None:
        return next((held for held in self._held if held.tray is tray), None)

    def _watch(self) -> None:
        while True:
            sleep(LOOKED_AT_EVERY_S)
            self.sweep()
            with self._lock:
                if not self._held:
                    self._watched = False
                    return
