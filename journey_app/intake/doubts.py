"""Which columns of a log nobody described were taken by a name that may as well mean another thing?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from journey_app.intake.cells import EMAIL, share_matching
from journey_app.intake.clues import AMOUNT, NAMES, SAYS_STATE, key_of
from journey_app.intake.doctor import short
from journey_app.intake.names_of_people import look_like_names
from journey_app.vocabulary import Observation

NOT_ONLY_MONEY = frozenset({"value", "sales", "net", "gross"})  # what is called so may well be no number
MOSTLY = 0.5  # of the cells of a sample
WITHOUT_ADDRESS = 0.1  # of the rows: more are not a slip, but a kind of customers


def doubts(
    header: Sequence[str],
    sample: Sequence[pa.Array],
    found: Mapping[str, int],
    mapped: Mapping[str, int],
) -> Iterator[Observation]:
    """What was taken as what, and how to say it otherwise. found, mapped: ours → place, guessed and told."""
    if "event" in found and "event" not in mapped and key_of(header[found["event"]]) in SAYS_STATE:
        yield _of_event(header, found)
    amount = found.get("amount")
    if amount is not None and "amount" not in mapped and key_of(header[amount]) in NAMES["unit_price"]:
        quantities = (name for name in header if key_of(name) in NAMES["quantity"])
        yield from (_of_amount(header[amount], name) for name in list(quantities)[:1])
    if "amount" not in mapped:
        unread = _unread_amount(header, sample, amount)
        yield from (_of_unread(header[place], sample[place]) for place in unread[:1])
    if "customer" in found and "customer" not in mapped:
        yield from _of_names(header, sample, found["customer"])


def _unread_amount(header: Sequence[str], sample: Sequence[pa.Array], taken: int | None) -> list[int]:
    """The columns called like an amount whose cells are mostly none, where none that says more was `taken`."""
    names = NAMES["amount"]
    worst = len(names) if taken is None else names.index(key_of(header[taken]))
    called = [(key_of(name), place) for place, name in enumerate(header)]
    ranked = sorted(
        (names.index(key), place) for key, place in called if key in names and key not in NOT_ONLY_MONEY
    )
    return [
        place
        for rank, place in ranked
        if rank < worst and sample[place].drop_null() and share_matching(sample[place], AMOUNT) <= MOSTLY
    ]


def _of_unread(name: str, cells: pa.Array) -> Observation:
    other = next(c for c in cells.drop_null().to_pylist() if not share_matching(pa.array([c]), AMOUNT))
    says = (
        f"“{name}” is called an amount and is not used as one: most of its cells are none, such as “{short(other)}”. "
        "Write numbers such as 1234.50 into it, or name another column (“Amount of money” under “Change mapping”, "
        "or --map amount=COLUMN)."
    )
    return Observation("columns", says, "note", f"“{name}” not used as the amount")


def _of_names(header: Sequence[str], sample: Sequence[pa.Array], customer: int) -> Iterator[Observation]:
    """Where an address is the customer, and people without one have a name."""
    if share_matching(sample[customer], EMAIL) <= MOSTLY:
        return
    for place, name in enumerate(header):
        if place == customer or key_of(name) not in NAMES["customer"] or key_of(name) not in NAMES["person"]:
            continue
        nameless = pc.and_(pc.is_null(sample[customer]), pc.is_valid(sample[place]))
        if look_like_names(sample[place]) and pc.mean(nameless.cast(pa.int8())).as_py() > WITHOUT_ADDRESS:
            says = (
                f"“{header[customer]}” is the customer, and rows without one are not used although “{name}” names "
                f"somebody: of two people of one name it would make one customer. Where that is no trouble, "
                f"name it (“Customer” under “Change mapping”, or --map customer=COLUMN)."
            )
            yield Observation("columns", says, "note", f"customer by “{header[customer]}”")
            return


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
