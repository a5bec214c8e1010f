"""Which customer has this id, and which of their ids do others use too? Those left out are found as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journey_app.engine.embedded import Snapshot
from journey_app.engine.running import within


@dataclass(frozen=True)
class Found:
    """A customer of one snapshot. counts: in the data, left-out events included."""

    customer_id: int
    key: str
    label: str
    raw_ids: tuple[str, ...]


def with_id(snapshot: Snapshot, wanted: str) -> list[Found]:
    """Customers one of whose ids is `wanted`: 'type:value', or the value alone; case matters in neither."""
    rows = _fetch(
        snapshot,
        """select customer_id, key, label, raw_ids from (from customers union all from left_out_customers)
           where len(list_filter(raw_ids, lambda id: lower(id) = lower($wanted)
                     or lower(substr(id, strpos(id, ':') + 1)) = lower($wanted))) > 0
           order by key limit 20""",
        {"wanted": wanted.strip()},
    )
    return [Found(number, key, label, tuple(ids)) for number, key, label, ids in rows]


def holding(snapshot: Snapshot, pieces: Sequence[str]) -> list[Found]:
    """Customers one of whose ids holds one of these pieces.

    pieces: in lower case; one that is all digits is looked for among the digits of an id.
    """
    rows = _fetch(
        snapshot,
        """select customer_id, key, label, raw_ids from (from customers union all from left_out_customers)
           where len(list_filter(raw_ids, lambda id:
               len(list_filter($words, lambda word: contains(lower(id), word))) > 0
               or len(list_filter($numbers, lambda digits:
                      contains(regexp_replace(id, '[^0-9]', '', 'g'), digits))) > 0)) > 0
           order by key""",
        {
            "words": [piece for piece in pieces if not piece.isdecimal()],
            "numbers": [piece for piece in pieces if piece.isdecimal()],
        },
    )
    return [Found(number, key, label, tuple(ids)) for number, key, label, ids in rows]


def shared_ids(snapshot: Snapshot, customers: Sequence[int], ids: Sequence[str]) -> frozenset[str]:
    """Those of these ids that stand in events of other customers than these: an office computer, a mailbox."""
    rows = _fetch(
        snapshot,
        """select distinct id from (
             select unnest(list_filter(raw_ids, lambda id: list_contains($ids, id))) as id from (
               select customer_id, raw_ids from events
               union all select customer_id, raw_ids from left_out_events)
             where not list_contains($numbers, customer_id) and list_has_any(raw_ids, $ids))""",
        {"ids": list(ids), "numbers": list(customers)},
    )
    return frozenset(str(row[0]) for row in rows)


def events_by_ids(snapshot: Snapshot, key: str) -> dict[tuple[str, ...], int]:
    """The ids of a customer's rows → how many events name just these; those that count."""
    rows = _fetch(
        snapshot,
        """select raw_ids, count(*) from events
           where customer_id in (select customer_id from customers where key = $key) group by raw_ids""",
        {"key": key},
    )
    return {tuple(ids): int(number) for ids, number in rows}


def _fetch(snapshot: Snapshot, query: str, params: dict[str, object]) -> Sequence[tuple]:
    cursor = snapshot.cursor()
    try:
        with within(snapshot.limits, cursor):
            return cursor.execute(query, params).fetchall()
    finally:
        cursor.close()
