"""Which columns of a log nobody described were taken by a name that may as well mean another thing?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from journey_app.intake.guess import NAMES, SAYS_STATE, key_of
from journey_app.vocabulary import Observation


def doubts(
    header: Sequence[str], found: Mapping[str, int], mapped: Mapping[str, int]
) -> Iterator[Observation]:
    """What was taken as what, and how to say it otherwise. found, mapped: ours → place, guessed and told."""
    if "event" in found and "event" not in mapped and key_of(header[found["event"]]) in SAYS_STATE:
        yield _of_event(header, found)
    amount = found.get("amount")
    if amount is not None and "amount" not in mapped and key_of(header[amount]) in NAMES["unit_price"]:
        quantities = (name for name in header if key_of(name) in NAMES["quantity"])
        yield from (_of_amount(header[amount], name) for name in list(quantities)[:1])


def _of_event(header: Sequence[str], found: Mapping[str, int]) -> Observation:
    event = header[found["event"]]
    taken = [
        f"“{header[found[ours]]}” as the {ours}" for ours in ("customer", "event", "time") if ours in found
    ]
    says = (
        f"Taken: {', '.join(taken)}. A column called “{event}” may say how things stand, and not what happened: "
        "if another one says that, name it (“Event” under “Change mapping”, or --map event=COLUMN)."
    )
    return Observation("columns", says, "note", f"event by “{event}”")


def _of_amount(price: str, quantity: str) -> Observation:
    says = (
        f"“{price}” is taken as the amount, and is not multiplied by “{quantity}”: if another column holds the amount "
        "of the row or the order, name it (“Amount of money” under “Change mapping”, or --map amount=COLUMN)."
    )
    return Observation("columns", says, "note", "amount may be of one piece")
