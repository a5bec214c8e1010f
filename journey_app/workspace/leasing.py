"""Who works on this workspace alone, and does it still hold when the work is to count?"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from threading import Event, Thread
from time import monotonic, sleep

from journey_app.errors import BadChoice, JourneyError
from journey_app.store.documents import Store
from journey_app.store.trouble import StoreTrouble

LOG = logging.getLogger(__name__)
LIVE_SUFFIX = "-live"  # of the lease that says that the work is short and goes on all the time
PATIENCE_S = 60.0  # how long a person's import waits for such work
PAUSE_S = 0.1
LEASE_S = 60.0  # how long a killed import keeps the next one waiting
# or after a quarter of a shorter lease; reading and sorting can take minutes without a word of progress
RENEWED_EVERY_S = 10.0

# What happened, and what to do.
BUSY = (
    "Another import into this workspace is running.",
    "Wait until it has finished, then try again; one that was killed stands in the way for a minute at most.",
)
LOST = (
    "Something else began in this workspace while this was held up, so nothing of this was kept.",
    "Wait until the other one has finished, then try again.",
)


class Lease:
    """The right to do one thing alone, as `alone` lends it.

    clock: the time now, UTC, zone-aware.
    """

    def __init__(
        self, store: Store, name: str, clock: Callable[[], datetime], seconds: float = LEASE_S
    ) -> None:
        self._store = store
        self._name = name
        self._clock = clock
        self._seconds = seconds
        self.renewed_every_s = min(RENEWED_EVERY_S, seconds / 4)
        self.ends_with_its_store = False  # for whoever takes the whole workspace away
        self._holder = f"{os.getpid()}-{secrets.token_hex(4)}"

    def take(self) -> bool:
        """Begin to hold it; False when another holds it."""
        return self._store.lease(self._name, holder=self._holder, now=self._clock(), seconds=self._seconds)

    def renew(self) -> bool:
        """Hold it for longer; False once it was lost, for good: another may have come and gone meanwhile."""
        return self._store.prolong(self._name, holder=self._holder, now=self._clock(), seconds=self._seconds)

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
def alone(
    store: Store,
    name: str,
    *,
    now: datetime,
    busy: tuple[str, str] = BUSY,
    seconds: float = LEASE_S,
    patient: bool = True,
) -> Iterator[Lease]:
    """Do `name` alone in this store, for as long as this process lives and the work inside goes on.

    now: the time at which the work begins, UTC. Raises BadChoice, with the
    words of `busy`, when another does it already. The lease
    is renewed in the background; whoever may have been held up for longer must `insist` before the work counts.
    What breaks because another took over meanwhile, and cleared away what lay unfinished, is that very sentence.

    seconds: how long a killed holder keeps the next one waiting. patient: live calls are merged every
    few seconds, which is no reason to refuse anybody: their end is waited for.
    """
    clock = running_clock(now)
    lease = Lease(store, name, clock, seconds)
    if not lease.take() and not (patient and _after_live(lease, store, name, clock)):
        raise BadChoice(*busy)
    over = Event()
    beat = Thread(target=_keep, args=(lease, over), name=f"lease-{name}", daemon=True)
    beat.start()
    try:
        yield lease
    except Exception as error:
        if isinstance(error, JourneyError) or not _was_lost(lease):
            raise
        LOG.warning("lost the lease “%s” while it was needed", name, exc_info=error)
        raise BadChoice(*LOST) from error
    finally:
        over.set()
        beat.join()  # or it could take the lease once more after it was given back
        lease.give_back()


def _was_lost(lease: Lease) -> bool:
    """Whether another took over meanwhile; what cannot be asked is not blamed on that."""
    if lease.ends_with_its_store:
        return False
    try:
        return not lease.renew()
    except StoreTrouble:
        return False


def _keep(lease: Lease, over: Event) -> None:
    """Renew until the work is over or the lease is lost, which `insist` will find out."""
    while not over.wait(lease.renewed_every_s):
        try:
            if not lease.renew():
                return
        except StoreTrouble:  # somebody writes for long: the next beat comes well before the lease ends
            continue


def _after_live(lease: Lease, store: Store, name: str, clock: Callable[[], datetime]) -> bool:
    """Take the lease as soon as a merge of live calls gives it back; False when somebody else has it."""
    until = monotonic() + PATIENCE_S
    live = Lease(store, f"{name}{LIVE_SUFFIX}", clock, seconds=PAUSE_S)
    while monotonic() < until:
        if live.take():  # nobody merges, so it is no merge that stands in the way
            live.give_back()
            return lease.take()
        sleep(PAUSE_S)
        if lease.take():
            return True
    return False
