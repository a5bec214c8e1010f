"""In a table with several dates in a row, which of them are steps, and whose?"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from journey_app.intake.cells import share_matching
from journey_app.intake.clues import (
    MONEY,
    NAMES,
    SAYS_STATE,
    Column,
    as_customer,
    as_time,
    by_name,
    column_of,
)
from journey_app.intake.guess import customer_type, optional, people_of
from journey_app.intake.names_of_people import (
    MOST_KINDS,
)

# Dates that are no step: what is planned or due, and when a row was last touched.
NO_STEP = re.compile(
    r"deadline|due|plan|birth|expir|expected|estimat|forecast|until|valid|renew|next|target|schedul|"
    r"updat|modif|touch|sync|upload|export|import|load|extract|current_period|established|_end_planned"
)
# Names of times that a row may have beside other dates: its own first step, not when “it” happened.
SAYS_STEP = re.compile(r"^(created|started|start|sent|received|registered|ordered|opened)|^date$")
ONE_EACH_FROM = 3  # rows, from which on ids that never repeat tell things apart
NO_JOURNEY = re.compile(
    r"campaign|product|item|page|org|resource|portal|owner|agent|group|brand|coupon|store|sku"
)


@dataclass(frozen=True)
class Steps:
    """A table whose rows hold several dates: ours → place, and the places of the dates that may be steps.

    status: the column whose word the last step ends in. record: the column of the thing that takes
    the steps, where somebody else is the customer. people: columns that hold people's names.
    """

    columns: Mapping[str, int]
    steps: tuple[int, ...]
    customer_type: str
    status: int | None = None
    record: int | None = None
    notes: tuple[str, ...] = ()
    people: tuple[int, ...] = ()


def guess_steps(
    header: Sequence[str], sample: Sequence[pa.Array], personal: Collection[int], mapped: Mapping[str, int]
) -> Steps | None:
    """The steps of a table with several dates per row; None where one column says when and another what.

    Dates that are planned, due, or say when a row was last touched are no steps.
    """
    columns = [
        column_of(place, name, cells) for place, (name, cells) in enumerate(zip(header, sample, strict=True))
    ]
    dates = [c for c in columns if c.filled and as_time(c) > 0]
    steps = [c for c in dates if not NO_STEP.search(c.key)]
    names_what = any(by_name(c.key, NAMES["event"]) and c.key not in SAYS_STATE for c in columns if c.filled)
    names_when = any(c.key in NAMES["time"] and not SAYS_STEP.search(c.key) for c in dates)
    if len(steps) < 2 or names_what or names_when:
        return None
    free = [c for c in columns if c.place not in {d.place for d in dates}]
    found = {ours: place for ours, place in mapped.items() if ours not in ("event", "time")}
    one_each = [c for c in free if c.filled >= ONE_EACH_FROM and c.share > 0.98 and _is_an_id(c)]
    ranked = [(as_customer(c), -c.place, c) for c in free if as_customer(c) > 0]
    if "customer" not in found and ranked:
        found["customer"] = max(ranked, key=lambda r: r[:2])[2].place
    elif "customer" not in found and one_each:
        found["customer"] = one_each[0].place
    found.update(optional(free, set(found.values()), found))
    record = next((c.place for c in one_each if c.place != found.get("customer")), None)
    status = next((c.place for c in free if c.place not in found.values() and _is_status(c)), None)
    skipped = [header[d.place] for d in dates if d not in steps]
    notes = (f"Not taken as steps: {', '.join(f'“{name}”' for name in skipped)}.",) if skipped else ()
    places = tuple(c.place for c in steps)
    people = tuple(people_of(columns, found) - {status, record})
    return Steps(found, places, customer_type(columns, found), status, record, notes, people)


def _is_an_id(column: Column) -> bool:
    """Whether its name says that it tells things apart, and they are things that may take steps."""
    named = column.key == "id" or column.key.endswith(("_id", "_no", "_number", "_key"))
    return named and not NO_JOURNEY.match(column.key)


def _is_status(column: Column) -> bool:
    """A column called a status or stage that holds a few words."""
    called = bool(re.search(r"status|stage|state$|outcome|result$", column.key))
    return called and 1 < column.distinct <= MOST_KINDS and share_matching(column.cells, MONEY) < 0.5
