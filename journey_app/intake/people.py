"""Is a table a list of people, whose rows say which ids are one person, and nothing of what happened?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pyarrow as pa

from journey_app.intake.cells import EMAIL, share_matching
from journey_app.intake.clues import key_of
from journey_app.intake.ids import phone
from journey_app.intake.plan import USER_IDS, Plan, PlannedId

KEY = "generic.people"
TITLE = "List of people"
CALLED_A_PHONE = frozenset(
    {
        "phone", "phone_number", "telephone", "tel", "mobile", "mobile_number", "mobile_phone", "telefon", "handy",
        "telefonnummer", "handynummer", "telephone_portable", "telefono", "telefoon", "celular",
    }
)  # fmt: skip
# A number of a list, as the first column of a contact list is called; a longer name says that it tells of people.
CALLED_AN_ID = re.compile(
    r"(id|nr|no|num|number|n|num[eé]ro)(_(client|customer|contact|kunde|member|cliente|user)s?)?"
)
MOSTLY = 0.5  # of the filled cells
FEWEST = 2  # ids in a row, or it says nothing about who is who


def ids_of_people(
    header: Sequence[str], sample: Sequence[pa.Array], columns: Mapping[str, int], customer_type: str
) -> tuple[PlannedId, ...]:
    """The columns of a table that name people: its customer, and addresses, phones and browsers beside it.

    columns: ours → place, as guessed or said. customer_type: what the ids of its customers are.
    """
    found = {customer_type: columns["customer"]} if "customer" in columns else {}
    for kind in ("email", "anonymous_id"):
        if kind in columns:
            found.setdefault(kind, columns[kind])
    for place, name in enumerate(header):
        if share_matching(sample[place], EMAIL) > MOSTLY:
            found.setdefault("email", place)
        elif key_of(name) in CALLED_A_PHONE and _are_phones(sample[place]):
            found.setdefault("phone", place)
        elif CALLED_AN_ID.fullmatch(key_of(name)) and _one_each(sample[place]):
            found.setdefault(USER_IDS, place)
    taken: set[int] = set()
    planned = []
    for kind, place in found.items():
        if place not in taken:
            planned.append(PlannedId(kind, (place,)))
            taken.add(place)
    return tuple(sorted(planned, key=lambda one: one.type != USER_IDS))  # a list is known by its numbers


def plan_of_people(ids: tuple[PlannedId, ...]) -> Plan:
    """Rows that only link ids: no event comes of them, and nothing else of them is kept."""
    return Plan(
        source=KEY,
        system="other",
        hashed_as=(KEY, "other"),
        rank=82,
        ids=ids,
        links=True,
        missing=() if len(ids) >= FEWEST else ("customer",),
    )


def _one_each(cells: pa.Array) -> bool:
    """Whether the cells tell rows apart."""
    filled = cells.drop_null()
    return len(filled) > 0 and len(filled.unique()) == len(filled)


def _are_phones(cells: pa.Array) -> bool:
    filled = [cell for cell in cells.to_pylist() if cell]
    return bool(filled) and sum(phone(cell) is not None for cell in filled) > MOSTLY * len(filled)
