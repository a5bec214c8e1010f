"""Who may do a thing that only one may do at a time, such as importing?"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from journey_app.store.rows import moment_text
from journey_app.store.schema import LEASES


def take(connection: Connection, name: str, *, holder: str, now: datetime, seconds: float) -> bool:
    """Take, or prolong, the lease `name` until `now` + `seconds`; False while another holds it.

    A lease that has run out may be taken, so its former holder must `prolong` it — in
    the transaction that makes its work count — before it relies on having been alone.
    """
    current = connection.execute(select(LEASES).where(LEASES.c.name == name)).mappings().one_or_none()
    if current is not None and current["holder"] != holder and current["until"] > moment_text(now):
        return False
    connection.execute(LEASES.delete().where(LEASES.c.name == name))
    until = moment_text(now + timedelta(seconds=seconds))
    connection.execute(LEASES.insert().values(name=name, holder=holder, until=until))
    return True


def prolong(connection: Connection, name: str, *, holder: str, now: datetime, seconds: float) -> bool:
    """Prolong a lease that `holder` took and nobody has taken since; False when it is gone, or another's.

    One that another took and gave back is gone: its former holder was not alone, though nobody is there now.
    """
    theirs = LEASES.update().where(LEASES.c.name == name, LEASES.c.holder == holder)
    changed = connection.execute(theirs.values(until=moment_text(now + timedelta(seconds=seconds))))
    return changed.rowcount == 1


def give_back(connection: Connection, name: str, holder: str) -> None:
    """End the lease, if `holder` still has it."""
    connection.execute(LEASES.delete().where(LEASES.c.name == name, LEASES.c.holder == holder))


def end_all(connection: Connection) -> None:
    """End every lease: of a copy, in which nobody does anything."""
    connection.execute(LEASES.delete())
