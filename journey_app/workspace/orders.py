"""Are the rows of an order one event everywhere, and what came of those of one import?

Source: docs/decisions/029-lines-of-one-order.md
"""

from __future__ import annotations

from collections.abc import Iterator

from journey_app.engine.batches import Written
from journey_app.errors import BadChoice
from journey_app.intake.prepared import Prepared
from journey_app.vocabulary import Observation


def insist_on_one_reading(table: Prepared, events: int) -> None:
    """Raise BadChoice where rows would be events here and parts of events there: they would count twice.

    events: how many, as `overlaps.read_otherwise` counts them.
    """
    if not events:
        return
    would = "event would" if events == 1 else "events would"
    raise BadChoice(
        f"“{table.file}” is read with the rows of its orders otherwise than in an import before it: {events:,} {would} "
        "count twice.",
        "Read it as that one was read (one event per row, --one-per none, or per order, --one-per COLUMN), or take "
        "that import back first.",
    )


def about_orders(written: Written) -> Iterator[Observation]:
    """What an import says of orders after it was written."""
    if written.taken_for_others:
        many = written.taken_for_others != 1
        says = (
            f"{written.taken_for_others:,} {'orders were' if many else 'order was'} taken for "
            f"{'orders' if many else 'one'} of another day with the same number and customer, and brought nothing. "
            "Where numbers begin anew each day or month, take both imports back and read them with one event per "
            "number and time (--one-per COLUMN@time)."
        )
        brief = f"{written.taken_for_others:,} taken for {'orders' if many else 'one'} of another day"
        yield Observation("order numbers", says, "fault", brief, written.taken_for_others)
    if written.changed:
        orders = f"{written.changed:,} {'order is' if written.changed == 1 else 'orders are'}"
        says = (
            f"{orders} here already with another amount, as where the end of a file cuts an order; what was here "
            "first counts. If this file is the whole one, take the other import back."
        )
        yield Observation(
            "order amounts", says, "fault", f"{written.changed:,} with another amount", written.changed
        )
