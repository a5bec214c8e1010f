"""Which user ids are plain numbers, as any list counts, so that another list may mean somebody else by them?

Source: docs/decisions/028-whose-numbers-are-these.md
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from journey_app.intake.cells import by_value, customer_ids
from journey_app.intake.ids import PLAIN, number
from journey_app.intake.plan import USER_IDS, Columns, Plan
from journey_app.intake.raw import RawTable
from journey_app.vocabulary import Observation

FEWEST = 0.1  # the share of ids from which on a column of numbers and words holds numbers
SHOWN = 3


def plain_numbers(plan: Plan, sample: Sequence[pa.Array]) -> tuple[str, ...]:
    """The first few user ids that are plain numbers; none where less than one in ten is one.

    Cells that name nobody, such as “guest”, do not count.
    """
    places = _user_ids(plan)
    if not places:
        return ()
    ids = by_digits(customer_ids(sample[places[0]])).drop_null()
    few = ids.filter(pc.match_substring_regex(ids, PLAIN))
    if not len(few) or len(few) < FEWEST * len(ids):
        return ()
    return tuple(few.unique()[:SHOWN].to_pylist())


def by_digits(ids: pa.Array) -> pa.Array:
    """User ids, each plain number by its digits alone; null where those are nobody's: “#0”."""
    if not pc.any(pc.match_substring_regex(ids, "[^0-9]")).as_py():
        return ids
    if not pc.any(pc.match_substring_regex(ids, PLAIN)).as_py():
        return ids
    return customer_ids(by_value(ids, number))


def about_digits(plan: Plan, raw: RawTable, sample: Sequence[pa.Array]) -> Iterator[Observation]:
    """Which user ids are kept otherwise than they are written."""
    for place in (place for place in _user_ids(plan) if place not in plan.whole):
        written = customer_ids(sample[place]).drop_null()
        kept = by_digits(written)
        at = pc.index(pc.not_equal(written, kept), True).as_py()
        if at >= 0:
            says = (
                f"“{raw.header[place]}” holds numbers written like {written[at]}; they are read as numbers, "
                f"this one as {kept[at]}."
            )
            yield Observation("ids", says, "note", "ids by their digits")


def _user_ids(plan: Plan) -> Columns:
    return tuple(place for planned in plan.ids if planned.type == USER_IDS for place in planned.columns)
