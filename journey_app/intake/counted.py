"""Which user ids are plain numbers, as any list counts, so that another list may mean somebody else by them?"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from journey_app.intake.cells import customer_ids
from journey_app.intake.plan import USER_IDS, Plan

# As lists count: “7”, “7.0”, “#7”, “No. 7”, “1,001”, in the digits of any script. Longer ones are no mere counts.
PLAIN = r"(?i)^(#|n[or]\.? ?|n° ?)?(\pN{1,9}|\pN{1,3}([.,' \x{a0}\x{202f}]\pN{3}){1,2})([.,]0+)?$"
FEWEST = 0.1  # the share of ids from which on a column of numbers and words holds numbers
SHOWN = 3


def plain_numbers(plan: Plan, sample: Sequence[pa.Array]) -> tuple[str, ...]:
    """The first few user ids that are plain numbers; none where less than one in ten is one.

    Cells that name nobody, such as “guest”, do not count.
    """
    places = [place for planned in plan.ids if planned.type == USER_IDS for place in planned.columns]
    if not places:
        return ()
    ids = customer_ids(sample[places[0]]).drop_null()
    few = ids.filter(pc.match_substring_regex(ids, PLAIN))
    if not len(few) or len(few) < FEWEST * len(ids):
        return ()
    return tuple(value.removesuffix(".0") for value in few.unique()[:SHOWN].to_pylist())
