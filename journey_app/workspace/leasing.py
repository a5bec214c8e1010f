"""Who works on this workspace alone, and does it still hold when the work is to count?"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from threading import Event, Thread
from time import monotonic

from journey_app.errors import BadChoice
from journey_app.store.documents import Store
from journey_app.store.trouble import StoreTrouble

LEASE_S = 60.0  # how long a killed import keeps the next one waiting
RENEWED_EVERY_S = 10.0  # reading and sorting can take minutes without a word of progress

# What happened, and what to do.
BUSY = ("Another import into this workspace is running.", "Wait until it has finished, then try again.")
LOST = (
    "Something else began in this workspace while this was held up, so nothing of this was kept.",
    "Wait until the other one has finished, then try again.",
)


class Lease:
    """The right to do one thing alone, as `alone` lends it.

    clock: the time now, UTC, zone-aware.
    """

    def __init__(self, store: Store, name: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._name = name
        self._clock = clock
        self.ends_with_its_store = False  # for whoever takes the whole workspace away
        self._holder = f"{os.getpid()}-{secrets.token_hex(4)}"

    def renew(self) -> bool:
        """Take or prolong it; False when another holds it."""
        return self._store.lease(self._name, holder=self._holder, now=self._clock(), seconds=LEASE_S)

    def insist(self) -> None:
        """Prolong it once more, in the transaction that makes the work count; raises when it is lost."""
        if not self.renew():
            raise BadChoice(*LOST)

    def give_back(self) -> None:
        """Let the next one begin at once; nothing happens when it is lost already."""
        if self.ends_with_its_store:
            return
        with suppress(StoreTrouble):  # it runs out by itself, and the work may have succeeded
            self._store.release(self._name, self._holder)


def running_clock(now: datetime) -> Callable[[], datetime]:
    """A clock that shows `now` at first and goes on from there."""
    started = monotonic()
    return lambda: now + timedelta(seconds=monotonic() - started)


@contextmanager
def alone(store: Store, name: str, *, now: datetime, busy: tuple[str, str] = BUSY) -> Iterator[Lease]:
    """Do `name` alone in this store, for as long as this process lives and the work inside goes on.

    now: the time at which the work begins, UTC. Raises BadChoice, with the
    words of `busy`, when another does it already. The lease
    is renewed in the background; whoever may have been held up for longer must `insist` before the work counts.
    """
    lease = Lease(store, name, running_clock(now))
    if not lease.renew():
        raise BadChoice(*busy)
    over = Event()
    beat = Thread(target=_keep, args=(lease, over), name=f"lease-{name}", daemon=True)
    beat.start()
    try:
        yield lease
    finally:
        over.set()
        beat.join()  # or it could take the lease once more after it was given back
        lease.give_back()


def _keep(lease: Lease, over: Event) -> None:
    """Renew until the work is over or the lease is lost, which `insist` will find out."""
    while not over.wait(RENEWED_EVERY_S):
        try:
            if not lease.renew():
                return
        except StoreTrouble:  # somebody writes for long: the next beat comes well before the lease ends
            continue
